"""A full disk and a second run into the same folder are told plainly, and nothing is lost."""

from __future__ import annotations

import errno
import os
import socket

import pytest

import sim
from sim.errors import ScenarioError
from sim.runs.address import Place
from sim.runs.result_folder import alone
from tests.runs.commands import wait_until
from tests.runs.conftest import PATHS

DRAWS = 96
HOW = ("--workers", "2", "--batch", "16", "--paths", str(PATHS))


def with_largest_file(kilobytes: int) -> tuple[str, ...]:
    """What to put before a command so that no file that it writes can be larger: the disk is full, for it alone."""
    return ("bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "bash")


@pytest.mark.depth
def test_a_full_disk_is_an_error_that_names_the_folder_and_the_run_can_be_gone_on_with(
    commands, undisturbed, assert_same
):
    """Paths are kept of the first draws only, so parts of later ones still find room."""
    some = commands.run_here(32, *HOW)
    assert some.returncode == 0, some.stderr
    full = commands.run(DRAWS, *HOW, before=with_largest_file(8))
    assert full.returncode == 2
    assert str(commands.draft) in full.stderr
    assert "there is no room left" in full.stderr
    assert f"{sum(commands.kept.values())} draws are kept" in full.stderr
    assert sum(commands.kept.values()) >= 32
    assert commands.result.draws == 32, "the old result is as it was"
    assert commands.run_here(DRAWS, *HOW).returncode == 0
    assert_same(commands.result, undisturbed(DRAWS))


@pytest.mark.parametrize("last", ["scenario.yaml", "bands.parquet", "summary.csv", "manifest.json"])
@pytest.mark.depth
def test_a_disk_that_is_full_at_the_very_end_loses_no_draw(
    last, restless, undisturbed, computed, assert_same, tmp_path, monkeypatch
):
    write = Place.write

    def full(place: Place, content: bytes) -> None:
        if place.name == last:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(place, content)

    how = {"paths": PATHS, "workers": 1, "out": tmp_path / "result", "charts": False}
    with monkeypatch.context() as patched:
        patched.setattr(Place, "write", full)
        with pytest.raises(ScenarioError, match=f"there is no room left.*{DRAWS} draws are kept in") as refused:
            sim.run(restless, DRAWS, **how)
    assert str(tmp_path / "result.") in str(refused.value)
    computed.clear()
    assert_same(sim.run(restless, DRAWS, **how), undisturbed(DRAWS))
    assert computed == []


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_computed(restless, computed, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ScenarioError, match=r"cannot be written .*choose another folder"):
        sim.run(restless, 8, out=tmp_path / "file" / "result", workers=1, charts=False)
    assert computed == []


@pytest.mark.depth
def test_a_second_run_into_the_same_folder_is_refused_and_told_who_is_there(commands, undisturbed):
    first = commands.start_without_end(DRAWS, *HOW)
    commands.wait_for_parts(first, 1)
    second = commands.run(DRAWS, *HOW)
    assert second.returncode == 2
    assert str(commands.folder) in second.stderr
    assert f"process {first.pid} on {socket.gethostname()}" in second.stderr
    third = commands.run_here(DRAWS, *HOW, "--seed", "2")
    assert third.returncode == 2, "whatever it is that the other one runs"
    assert first.poll() is None
    first.kill()
    first.wait()
    wait_until((commands.out / ".restless.lock").exists)
    assert commands.run_here(DRAWS, *HOW).returncode == 0
    assert commands.result.manifest["content_hash"] == undisturbed(DRAWS).manifest["content_hash"]


def test_two_runs_into_different_folders_do_not_hinder_each_other(restless, undisturbed, tmp_path):
    with alone(Place.of(str(tmp_path / "one"))):
        result = sim.run(restless, DRAWS, paths=PATHS, workers=1, out=tmp_path / "other", charts=False)
    assert result.manifest["content_hash"] == undisturbed(DRAWS).manifest["content_hash"]


ELSEWHERE = "memory://alone/result"
MARK = "memory://alone/.result.lock"


@pytest.fixture
def marked():
    """Say that a process writes to a place where no lock can be had."""
    yield lambda owner: Place.of(MARK).write(owner.encode())
    Place.of(MARK).remove()


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param(f"process {os.getppid()} on {socket.gethostname()}", id="a process that is there"),
        pytest.param("process 17 on another-machine", id="one of another machine"),
        pytest.param("a note that somebody has left", id="something else"),
    ],
)
def test_elsewhere_than_on_a_disk_a_mark_keeps_a_second_run_away(owner, marked, restless, computed):
    marked(owner)
    with pytest.raises(ScenarioError, match="another run is writing to it") as refused:
        sim.run(restless, 8, out=ELSEWHERE, workers=1, charts=False)
    assert owner in str(refused.value)
    assert f"delete {MARK}" in str(refused.value)
    assert computed == []


def test_the_mark_of_a_process_of_this_machine_that_is_gone_does_not_count(marked, restless, commands):
    gone = commands.spawn(["true"])
    gone.wait()
    marked(f"process {gone.pid} on {socket.gethostname()}")
    assert sim.run(restless, 8, out=ELSEWHERE, workers=1, charts=False).draws == 8
    assert not Place.of(MARK).exists()
