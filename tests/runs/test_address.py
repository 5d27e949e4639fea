"""Files and folders are found at addresses as people write them, and appear whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sim.cli.output import under
from sim.errors import ScenarioError
from sim.runs.address import Place, unwritable
from tests.commanding import ended
from tests.conftest import COMPACT
from tests.depth import quick


@pytest.fixture(params=["memory", "disk"])
def place(request, tmp_path) -> Place:
    if request.param == "disk":
        return Place.of(tmp_path / "place")
    held = Place.of(f"memory://places/{request.node.name}/place")
    held.remove()
    return held


@pytest.mark.parametrize("address", ["memory://results", "memory://results/pilot", "/results/pilot"])
def test_what_stands_beside_a_place_is_called_as_the_place_is(address):
    beside = Place.of(address).parent / "other"
    assert beside.address == address.rpartition("/")[0] + "/other"
    assert beside == Place.of(beside.address)


@pytest.mark.parametrize("address", ["results", "results/", "./results", "a/results"])
def test_a_relative_path_leads_to_the_folder_it_says(address, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    place = Place.of(address)
    assert place.local == Path(address).absolute()
    assert (place.name, place.parent.local) == ("results", Path(address).absolute().parent)
    assert (place / "kpis").local == Path(address).absolute() / "kpis"


def test_what_is_written_is_there_with_its_size(place):
    (place / "kpis" / "part").write(b"content")
    assert (place / "kpis" / "part").read() == b"content"
    assert (place / "kpis" / "part").size() == len(b"content")
    assert (place.names(), place.files()) == (["kpis"], ["kpis/part"])
    assert (place.size(), (place / "kpis").size()) == (None, None)


@pytest.mark.parametrize("content", [b"content", b""])
def test_a_file_that_is_not_copied_has_the_same_content(place, content):
    (place / "part").write(content)
    assert bytes((place / "part").mapped()) == (place / "part").read() == content


@pytest.mark.parametrize("name", ["part*", "part?", "part[1]"])
def test_only_what_is_named_is_removed_whatever_characters_it_is_named_with(place, name):
    for held in ("part", "part1", "partial", name):
        (place / held / "file").write(b"content")
    (place / name).remove()
    assert place.names() == ["part", "part1", "partial"]


def test_what_is_not_there_has_no_size_and_no_names(place):
    assert not place.exists()
    assert (place.size(), place.names(), place.files()) == (None, [], [])
    place.remove()


def test_a_copy_stays_when_what_it_was_copied_from_is_removed_or_written_anew(place):
    first, second = place / "one" / "part", place / "two" / "part"
    first.write(b"old")
    first.copy_to(second)
    first.write(b"new")
    assert (first.read(), second.read()) == (b"new", b"old")
    first.remove()
    assert second.read() == b"old"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    place = Place.of(tmp_path / "file")
    place.write(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        place.write(b"new")
    assert (place.read(), [path.name for path in tmp_path.iterdir()]) == (b"old", ["file"])


@pytest.mark.parametrize("address", ["nothing://a/b", "s4://bucket"])
def test_an_unknown_kind_of_address_is_refused(address):
    with pytest.raises(ScenarioError, match=f"{address}: no such kind of address"):
        Place.of(address)


def test_a_full_disk_is_told_from_a_folder_that_may_not_be_written():
    place = Place.of("results")
    full, forbidden = (unwritable(place, OSError(code, os.strerror(code))) for code in (errno.ENOSPC, errno.EACCES))
    assert "no room left" in str(full)
    assert "make room" in str(full)
    assert "choose another folder" in str(forbidden)


ODD = [
    "", " ", "::", "a::b", "simplecache::memory://x", "zip://a::b", "reference://x", "data:,x", "data:text/plain,x",
    "dir://x", "generic://x", "root://x", "cached://x", "blockcache://x", "filecache://x", "tar://x", "zip://x", "git://x",
    "libarchive://x", "http://[", "s3://", "nothing://a/b", "a\0b", "asyncwrapper://x", "memory://x",
]  # fmt: skip
"""Addresses at which nothing can be kept, as far as that can be known without a network."""


@pytest.mark.parametrize("address", quick(ODD, "", "a::b", "reference://x", "data:,x", "dir://x", "memory://x"))
@pytest.mark.parametrize("command", ["run", "deals", "compare", "verify"])
def test_an_odd_address_is_refused_in_words_and_nothing_is_written(address, command, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = {
        "run": ("run", COMPACT, "--draws", 2, "--no-charts", "-q", "--workers", 1, "--out", address),
        "deals": ("deals", "bargain_spring_2019", "--draws", 2, "-q", "--out", address),
        "compare": ("compare", "none", "none", "--out", address),
        "verify": ("verify", address),
    }[command]
    done = ended(*words)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "fault of the program" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("out", "name", "folder"),
    [("results", "a", "results/a"), ("results//", "a", "results/a"), ("/", "a", "/a"), ("s3://", "a", "s3://a"),
     ("s3://bucket/", "a", "s3://bucket/a"), ("file:///", "a", "file:///a")],
)  # fmt: skip
def test_a_folder_is_put_under_the_one_that_was_given(out, name, folder):
    assert under(out, name) == folder


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_neither_a_pipe_is_waited_for_nor_a_link_or_a_device_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=r"file|link|directory"):
            Place.of(path).read()
