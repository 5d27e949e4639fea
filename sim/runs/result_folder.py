"""Folders that are either finished or not there: written beside the old one, then put in its place."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sim.errors import ScenarioError
from sim.runs.address import Address, Place, unwritable

FORMAT = 2
"""Version of the layout of the folders that this package writes."""
MANIFEST = "manifest.json"
"""File that tells what a folder is."""
REPORT, CHARTS = "report.html", "charts"
"""File and folder that show people what it holds."""

RESULT, COMPARISON, DEAL_SPACE, FIT, BACKTEST = "result", "comparison", "deal space", "fit", "backtest"
"""Kinds of folder; a manifest that does not say is a result's."""

UNFINISHED_RUN = ".unfinished"
"""Ending of the names of folders in which runs wait to be gone on with."""

_FIELDS: dict[str, type] = {"scenario": str, "seed": int, "draws": int, "versions": dict, "parts": list}
"""What the manifest of a result says besides its format, and as what."""

_FILLING = ".filling"
_REPLACED = ".replaced"
_FOLDER_MODE = 0o755
"""Readable by all, where a temporary folder is for its owner only."""
_LEFTOVER_SECONDS = 24 * 60 * 60


def manifest_text(contents: Mapping[str, Any]) -> str:
    """Write what a folder is, as `manifest.json` has it."""
    return json.dumps(contents, indent=2) + "\n"


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


def read_manifest(place: Place) -> dict[str, Any]:
    """Read what a result folder says about itself, and refuse another layout.

    Raises
    ------
    ScenarioError
        If the folder is missing, not finished, damaged, of another kind, or of another version.
    """
    if not place.exists() or place.size() is not None:
        what = "this is a file" if place.exists() else "there is no such folder"
        raise ScenarioError(f"{place}: {what}, expected a result folder{_folders_near(place)}")
    if not (place / MANIFEST).exists():
        if place.name.endswith(UNFINISHED_RUN):
            raise ScenarioError(f"{place}: this run is not finished; run the same command again to go on with it")
        raise ScenarioError(f"{place}: no result folder, {MANIFEST} is missing{_folders_near(place)}")
    damaged = damaged_manifest(place, "not what cloudtrade wrote")
    manifest = manifest_of(place)
    if manifest is None:
        raise damaged
    if manifest["format"] != FORMAT:
        raise _of_another_version(place, manifest)
    if manifest.get("kind", RESULT) != RESULT:
        raise ScenarioError(f"{place}: is a {manifest['kind']}, expected a result folder{_folders_near(place)}")
    if not all(isinstance(manifest.get(field), kind) for field, kind in _FIELDS.items()):
        raise damaged
    return manifest


def damaged_manifest(place: Place, what: str) -> ScenarioError:
    """Say that a manifest is damaged, and what to do: a folder that does not say what it is is never replaced."""
    return ScenarioError(f"{place / MANIFEST}: damaged, {what}; delete the folder and run the scenario again")


def _of_another_version(place: Place, manifest: dict[str, Any]) -> ScenarioError:
    versions = manifest.get("versions")
    unknown = "of another version"
    version = versions.get("cloudtrade", unknown) if isinstance(versions, dict) else unknown
    return ScenarioError(
        f"{place / MANIFEST}: written by cloudtrade {version} in layout {manifest['format']}, and this version "
        f"reads layout {FORMAT}; run the scenario again"
    )


def manifest_of(place: Place) -> dict[str, Any] | None:
    """Read a folder's manifest; None if there is none that makes sense."""
    try:
        manifest = json.loads((place / MANIFEST).read())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and "format" in manifest else None


def _folders_near(place: Place) -> str:
    """Name the result folders inside or beside a folder, for an error message."""
    for around in (place, place.parent):
        held = {around / name: manifest_of(around / name) for name in around.names()}
        found = [str(folder) for folder, said in held.items() if said and said.get("kind", RESULT) == RESULT]
        if found:
            return f"; there are: {', '.join(sorted(found))}"
    return "; make one with `cloudtrade run`"


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
    if manifest.get("kind", RESULT) != kind:
        raise ScenarioError(f"{place}: holds a {manifest.get('kind', RESULT)}, not a {kind}; choose another folder")
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
