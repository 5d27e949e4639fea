"""Folders that are either finished or not there: written beside the old one, then put in its place."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sim.errors import ScenarioError
from sim.runs.address import Address, Place, unwritable
from sim.runs.manifest import MANIFEST, RESULT, manifest_of

REPORT, CHARTS = "report.html", "charts"
"""File and folder that show people what it holds."""

_FILLING = ".filling"
_REPLACED = ".replaced"
_FOLDER_MODE = 0o755
"""Readable by all, where a temporary folder is for its owner only."""
_LEFTOVER_SECONDS = 24 * 60 * 60


def check_place(directory: Address, kind: str = RESULT) -> Place:
    """Refuse a place where a finished folder cannot be put, so that one can know before a long run.

    Returns
    -------
    Place
        The folder itself, links followed.

    Raises
    ------
    ScenarioError
        If the place holds something that this package has not written, or another kind of folder, or cannot be written.
    """
    place = _free(directory, kind)
    if place.is_local:
        _folder_beside(place).rmdir()
    return place


def replace_folder(directory: Address, kind: str, fill: Callable[[Path], None]) -> Address:
    """Fill a new folder and put it in the place of the old one when it is finished.

    Whatever ends the work before that leaves the old folder as it is.

    Parameters
    ----------
    directory
        Where the folder is to be.
    kind
        What the folder is, as its manifest says; only another one of the same kind is replaced.
    fill
        Writes all files, `manifest.json` among them, into the folder on this machine that it is given.

    Returns
    -------
    Path or str
        Where the folder is, as it was given; a path, unless it is an address.

    Raises
    ------
    ScenarioError
        If the place holds something that this package has not written, or another kind of folder, or cannot be written.
    """
    place = _free(directory, kind)
    if not place.is_local:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder))
            _send(Place.of(folder), place)
        return directory
    filling = _folder_beside(place)
    try:
        fill(filling)
        put_in_place(Place.of(filling), place)
    except OSError as problem:
        raise unwritable(place, problem) from problem
    finally:
        shutil.rmtree(filling, ignore_errors=True)
    return directory if "://" in str(directory) else Path(directory)


def put_in_place(finished: Place, place: Place) -> None:
    """Put a finished folder of the same file system in the place of an older one, which stays until then."""
    if not place.is_local:
        _send(finished, place)
        finished.remove()
        return
    finished.local.chmod(_FOLDER_MODE)
    replaced = place.local.with_name(f".{finished.name.strip('.')}{_REPLACED}")
    if place.exists():
        shutil.rmtree(replaced, ignore_errors=True)  # left by a run that was killed while it cleared it away
        place.local.rename(replaced)
    try:
        finished.local.rename(place.local)
    except BaseException:
        if replaced.exists():
            replaced.rename(place.local)
        raise
    clear_replaced(place)


def clear_replaced(place: Place) -> None:
    """Remove older folders that a kill has left after they were replaced; one whose successor is missing stays."""
    if place.is_local and place.exists():
        for old in _beside(place, _REPLACED):
            shutil.rmtree(old, ignore_errors=True)


def _send(finished: Place, place: Place) -> None:
    """Copy all files of a folder to where folders cannot be renamed, the manifest last.

    Meanwhile there is one that says whose folder it is and no more: it cannot be read, but replaced after a kill.
    """
    said = manifest_of(finished) or {}
    (place / MANIFEST).write(json.dumps({name: said[name] for name in ("format", "kind") if name in said}).encode())
    for name in place.names():
        if name != MANIFEST:
            (place / name).remove()
    for name in sorted(finished.files(), key=lambda name: name == MANIFEST):
        (place / name).write((finished / name).read())


def current(directory: Address) -> Place:
    """Give the folder itself, or the old one where a kill fell between the two steps of replacing it."""
    place = Place.of(directory)
    if not place.is_local or place.exists():
        return place
    old = max(_beside(place, _REPLACED), default=None)
    return Place.of(old) if old else place


def _free(directory: Address, kind: str) -> Place:
    """Give the place itself, links followed, if it is free or holds what may be replaced."""
    place = Place.of(directory)
    if place.is_local:
        place = Place.of(place.local.resolve())
    try:
        occupied = bool(place.names()) or place.size() is not None
    except OSError as problem:
        raise unwritable(place, problem) from problem
    if not occupied:
        return place
    if place.size() is not None:
        raise ScenarioError(f"{place}: is a file, expected a folder to write to; choose another one")
    manifest = manifest_of(place)
    if manifest is None:
        raise ScenarioError(
            f"{place}: holds files that are no {kind} of cloudtrade's, so it is not replaced; choose another folder"
        )
    if manifest["kind"] != kind:
        raise ScenarioError(f"{place}: holds a {manifest['kind']}, not a {kind}; choose another folder")
    return place


def _beside(place: Place, ending: str) -> list[Path]:
    """Folders that this module has made beside a place."""
    around = place.local.parent
    if not around.is_dir():
        return []
    start = f".{place.name}."
    return [path for path in around.iterdir() if path.name.startswith(start) and path.name.endswith(ending)]


def _folder_beside(place: Place) -> Path:
    """Make the folder to fill, on the same disk, and clear away what killed runs have left long ago."""
    try:
        place.local.parent.mkdir(parents=True, exist_ok=True)
        for leftover in _beside(place, _FILLING):
            if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)
        return Path(tempfile.mkdtemp(_FILLING, f".{place.name}.", place.local.parent))
    except OSError as problem:
        raise unwritable(place, problem) from problem


# One run at a time into one place -------------------------------------------------------------------------------------


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Let nobody else write to a place meanwhile; a process that dies lets go.

    Raises
    ------
    ScenarioError
        If another run is writing to it.
    """
    if place.is_local:
        with _alone_on_disk(place):
            yield
    else:
        with _alone_elsewhere(place):
            yield


@contextmanager
def _alone_on_disk(place: Place) -> Iterator[None]:
    path = place.local.parent / f".{place.name}.lock"
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise ScenarioError(_busy(place, _owner(path))) from None
    except OSError as problem:
        raise unwritable(place, problem) from problem
    try:
        path.write_text(_myself(), encoding="utf-8")
        yield
    finally:
        lock.release()


def _owner(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"


@contextmanager
def _alone_elsewhere(place: Place) -> Iterator[None]:
    """Where no lock can be had, a file says who is there; one of this machine whose process is gone does not count."""
    mark = place.parent / f".{place.name}.lock"
    owner = mark.read().decode() if mark.exists() else ""
    if owner and not _is_gone(owner):
        raise ScenarioError(
            f"{_busy(place, owner)}. If that run was killed, delete {mark} and run the same command again"
        )
    mark.write(_myself().encode())
    try:
        yield
    finally:
        mark.remove()


def _busy(place: Place, owner: str) -> str:
    return f"{place}: another run is writing to it ({owner}); wait for it, or choose another folder with --out"


def _myself() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _is_gone(owner: str) -> bool:
    words = owner.split()
    if words[-1] != socket.gethostname() or int(words[1]) == os.getpid():
        return False
    try:
        os.kill(int(words[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
