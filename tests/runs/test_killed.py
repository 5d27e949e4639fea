"""A run that is killed loses at most the batches under way; the same command goes on and ends with the same bits."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import sim
from sim.runs.address import Place
from tests.runs.commands import PATIENCE, Commands, children_of, kill_all, stopped, wait_until
from tests.runs.conftest import PATHS

DRAWS = 160
BATCH = 8
HOW = ("--workers", "2", "--batch", str(BATCH), "--paths", str(PATHS))
KILLS = 3


def leftovers(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()} - {"restless", ".restless.lock"}


@pytest.mark.long
@pytest.mark.depth
def test_a_run_killed_again_and_again_ends_with_the_bits_of_one_that_never_was(commands, undisturbed, assert_same):
    luck = random.Random(1)  # noqa: S311
    kept: dict[str, int] = {}
    for _ in range(KILLS):
        process = commands.start_without_end(DRAWS, *HOW)
        commands.wait_for_parts(process, len(kept) + luck.randrange(1, 3))
        # Somewhere within the next batch; which operation is hit differs from run to run, as it should.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(luck.uniform(0.0, 0.05))
        luck.choice((kill_all, subprocess.Popen.kill))(process)
        process.wait()
        assert kept.items() <= commands.kept.items(), "what was kept is kept"
        kept = commands.kept
    assert 0 < sum(kept.values()) < DRAWS
    done = commands.run(DRAWS, *HOW)
    assert done.returncode == 0, done.stderr
    assert_same(commands.result, undisturbed(DRAWS))
    assert leftovers(commands.out) == set()
    assert not list(commands.folder.rglob(".*")), "nothing half-written is left in the result"


@pytest.mark.depth
def test_half_written_files_of_a_killed_run_do_not_come_into_the_result(commands):
    process = commands.start_without_end(DRAWS, *HOW)
    commands.wait_for_parts(process, 1)
    kill_all(process)
    for place in (commands.draft, commands.draft / "kpis", commands.draft / "done"):
        (place / ".000000000-000000007.parquet.kq3x9").write_bytes(b"half")
    (commands.draft / "kpis" / "000000900-000000907.parquet").write_bytes(b"whole, but its record was never written")
    assert commands.run_here(40, *HOW).returncode == 0
    files = {str(path.relative_to(commands.folder)) for path in commands.folder.rglob("*") if path.is_file()}
    parts = {f"{table}/{record.name}.parquet" for record in commands.result.parts.records for table in record.files}
    whole = {"bands.parquet", "frequencies.parquet", "inputs.parquet", "summary.csv", "scenario.yaml"}
    whole |= {"datapackage.json", "manifest.json"}
    assert files == parts | whole


def test_a_run_killed_before_its_first_part_starts_anew(commands, undisturbed):
    for moment in (0.0, 0.3, 0.6):
        process = commands.start(40, *HOW)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            kill_all(process)
    assert commands.run_here(40, *HOW).returncode == 0
    assert commands.result.manifest["content_hash"] == undisturbed(40).manifest["content_hash"]
    assert leftovers(commands.out) == set()


@pytest.mark.long
@pytest.mark.depth
def test_a_kill_at_any_operation_on_the_disk_leaves_the_old_result_or_the_new_one(restless_file, restless, tmp_path):
    """And the next run computes nothing again that was kept."""
    stepwise = Path(__file__).with_name("stepwise.py")
    around = os.environ | {"PYTHONPATH": str(Path(sim.__file__).parents[1])}
    command = [sys.executable, str(stepwise), str(restless_file), str(tmp_path), "16"]
    said = subprocess.run(command, capture_output=True, text=True, env=around, check=True, timeout=4 * PATIENCE)
    steps = [json.loads(line) for line in said.stdout.splitlines()]
    old, new = (sim.run(restless, draws=16, seed=seed, paths=10, workers=1).manifest["content_hash"] for seed in (2, 1))
    assert len(steps) > 10
    for step in steps:
        assert step["killed"], step
        assert step["between"] in {old, new}, step
        assert step["again"] == 0, step
        assert step["after"] == new, step
        assert step["files"] == [".restless.lock", "restless"], step
        assert step["computed"] == (0 if step["kept"] else 1), step


class Killed(BaseException):
    """Stands for a kill where files are in memory, which a real kill would take with it."""


@pytest.mark.depth
def test_a_kill_at_every_third_operation_elsewhere_loses_no_kept_draw(restless, undisturbed, computed, monkeypatch):
    expected = undisturbed(16).manifest["content_hash"]
    kept = False
    for step in range(1, 200, 3):
        place = f"memory://killed_at_{step}/result"
        with monkeypatch.context() as patched:
            _die_before(step, patched)
            try:
                sim.run(restless, draws=16, paths=PATHS, workers=1, out=place, charts=False)
                break
            except Killed:
                computed.clear()
        (Place.of(place).parent / ".result.lock").remove()
        kept = kept or any("/done/" in name for name in Place.of(place).parent.files())
        result = sim.run(restless, draws=16, paths=PATHS, workers=1, out=place, charts=False)
        assert result.manifest["content_hash"] == expected
        assert sim.read(place).manifest["content_hash"] == expected
        assert len(computed) == (0 if kept else 1), step
    assert step > 20


def _die_before(step: int, patched: pytest.MonkeyPatch) -> None:
    count = 0
    for name in ("write", "remove", "copy_to"):
        operation = getattr(Place, name)

        def counting(*arguments, operation=operation):
            nonlocal count
            count += 1
            if count >= step:
                raise Killed
            return operation(*arguments)

        patched.setattr(Place, name, counting)


@pytest.mark.depth
def test_no_worker_outlives_a_command_that_is_killed(commands):
    process = commands.start_without_end(DRAWS, *HOW)
    commands.wait_for_parts(process, 2)
    workers = children_of(process)
    assert len(workers) >= 2
    process.kill()
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not alive


def interrupted(commands: Commands, parts: int) -> tuple[str, dict[str, int]]:
    """Stop a run by Ctrl-C after some parts, and give what it says and what it has kept."""
    process = commands.start_without_end(DRAWS, *HOW)
    commands.wait_for_parts(process, parts)
    workers = children_of(process)
    out, err = stopped(process)
    assert process.returncode == 130, err
    assert "Traceback" not in err + out
    psutil.wait_procs(workers, timeout=PATIENCE)
    assert not [worker for worker in workers if worker.is_running()]
    return err, commands.kept


@pytest.mark.depth
def test_ctrl_c_says_what_is_kept_and_the_same_command_computes_only_what_is_missing(
    commands, undisturbed, assert_same
):
    said, kept = interrupted(commands, 3)
    assert len(kept) >= 3
    assert f"{sum(kept.values()):,} of {DRAWS:,} draws of restless are kept in {commands.draft}" in said
    assert "Run the same command again" in said
    before = {name: (commands.draft / "kpis" / f"{name}.parquet").stat() for name in kept}
    done = commands.run(DRAWS, *HOW)
    assert done.returncode == 0, done.stderr
    for name, file in before.items():
        now = (commands.folder / "kpis" / f"{name}.parquet").stat()
        assert (now.st_ino, now.st_mtime_ns) == (file.st_ino, file.st_mtime_ns), name
    assert_same(commands.result, undisturbed(DRAWS))
    assert leftovers(commands.out) == set()


def test_a_stopped_run_at_an_address_is_gone_on_with(restless, undisturbed, computed, monkeypatch, assert_same):
    place, batches = "memory://stopped/result", []

    def stop_later(self: object) -> None:
        batches.append(1)
        if len(batches) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sim.runs.progress.Bars.look", stop_later)
        with pytest.raises(KeyboardInterrupt, match=r"draws of restless are kept in memory://stopped/result") as stop:
            sim.run(restless, draws=96, paths=PATHS, workers=1, batch=16, out=place, charts=False)
    kept = int(re.search(r"(\d+) of 96 draws", str(stop.value)).group(1))
    assert 0 < kept < 96
    computed.clear()
    result = sim.run(restless, draws=96, paths=PATHS, workers=1, batch=16, out=place, charts=False)
    assert sum(map(len, computed)) == 96 - kept
    assert_same(result, undisturbed(96))


@pytest.mark.depth
def test_the_end_of_a_killed_command_is_noticed_by_the_lock(commands):
    process = commands.start_without_end(DRAWS, *HOW)
    commands.wait_for_parts(process, 1)
    process.kill()
    process.wait()
    wait_until(lambda: commands.run_here(8, *HOW).returncode == 0)
    assert commands.result.draws == 8
