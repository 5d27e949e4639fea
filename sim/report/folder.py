"""Folders that are either finished or not there: written beside the old one, then put in its place."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError

FORMAT = 1
"""Version of the layout of the folders that this package writes."""
MANIFEST = "manifest.json"
"""File that tells what a folder is."""

RESULT, COMPARISON = "result", "comparison"
"""Kinds of folder; a manifest that does not say is a result's."""

_FIELDS: dict[str, type] = {"scenario": str, "seed": int, "draws": int, "versions": dict}
"""What the manifest of a result says besides its format, and as what."""

_UNFINISHED = ".unfinished"
_REPLACED = ".replaced"
_FOLDER_MODE = 0o755
"""Readable by all, where a temporary folder is for its owner only."""
_LEFTOVER_SECONDS = 24 * 60 * 60


def check_place(directory: str | Path, kind: str = RESULT) -> None:
    """Refuse a place where a finished folder cannot be put, so that one can know before a long run.

    Raises
    ------
    ScenarioError
        If the place holds something that this package has not written, or another kind of folder, or cannot be written.
    """
    _unfinished_beside(_free(directory, kind)).rmdir()


def replace_folder(directory: str | Path, kind: str, fill: Callable[[Path], None]) -> Path:
    """Fill a new folder and put it in the place of the old one when it is finished.

    Whatever ends the work before that leaves the old folder as it is.

    Parameters
    ----------
    directory
        Where the folder is to be.
    kind
        What the folder is, as its manifest says; only another one of the same kind is replaced.
    fill
        Writes all files, `manifest.json` among them, into the folder that it is given.

    Raises
    ------
    ScenarioError
        If the place holds something that this package has not written, or another kind of folder, or cannot be written.
    """
    place = _free(directory, kind)
    unfinished = _unfinished_beside(place)
    try:
        fill(unfinished)
        unfinished.chmod(_FOLDER_MODE)
        _swap(unfinished, place)
    except OSError as problem:
        raise _unwritable(place, problem) from problem
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Path(directory)


def current(directory: str | Path) -> Path:
    """Give the folder itself, or the old one where a kill fell between the two steps of replacing it."""
    directory = Path(directory)
    if directory.exists():
        return directory
    return max(_beside(directory, _REPLACED), default=directory)


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read what a result folder says about itself, and refuse another layout.

    Raises
    ------
    ScenarioError
        If the folder is missing, damaged, of another kind, or of another version.
    """
    if not directory.is_dir():
        what = "this is a file" if directory.exists() else "there is no such folder"
        raise ScenarioError(f"{directory}: {what}, expected a result folder{_folders_near(directory)}")
    if not (directory / MANIFEST).is_file():
        raise ScenarioError(f"{directory}: no result folder, {MANIFEST} is missing{_folders_near(directory)}")
    damaged = ScenarioError(f"{directory / MANIFEST}: damaged, not what cloudtrade wrote; run the scenario again")
    manifest = _manifest(directory)
    if manifest is None:
        raise damaged
    if manifest["format"] != FORMAT:
        versions = manifest.get("versions")
        version = (
            versions.get("cloudtrade", "of another version") if isinstance(versions, dict) else "of another version"
        )
        raise ScenarioError(
            f"{directory / MANIFEST}: written by cloudtrade {version} in layout {manifest['format']}, and this version "
            f"reads layout {FORMAT}; run the scenario again"
        )
    if manifest.get("kind", RESULT) != RESULT:
        raise ScenarioError(f"{directory}: is a {manifest['kind']}, expected a result folder{_folders_near(directory)}")
    if not all(isinstance(manifest.get(field), kind) for field, kind in _FIELDS.items()):
        raise damaged
    return manifest


def _manifest(directory: Path) -> dict[str, Any] | None:
    """Read a folder's manifest; None if there is none that makes sense."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and "format" in manifest else None


def _folders_near(directory: Path) -> str:
    """Name the result folders inside or beside a folder, for an error message."""
    for place in (directory, directory.parent):
        manifests = {path.parent: _manifest(path.parent) for path in place.glob(f"*/{MANIFEST}")}
        found = sorted(folder for folder, said in manifests.items() if said and said.get("kind", RESULT) == RESULT)
        if found:
            return f"; there are: {', '.join(map(str, found))}"
    return "; make one with `cloudtrade run`"


def _free(directory: str | Path, kind: str) -> Path:
    """Give the place itself, links followed, if it is free or holds what may be replaced."""
    place = Path(directory).resolve()
    try:
        occupied = place.exists() and (not place.is_dir() or any(place.iterdir()))
    except OSError as problem:
        raise _unwritable(place, problem) from problem
    if not occupied:
        return place
    if not place.is_dir():
        raise ScenarioError(f"{place}: is a file, expected a folder to write to; choose another one")
    manifest = _manifest(place)
    if manifest is None:
        raise ScenarioError(
            f"{place}: holds files that are no {kind} of cloudtrade's, so it is not replaced; choose another folder"
        )
    if manifest.get("kind", RESULT) != kind:
        raise ScenarioError(f"{place}: holds a {manifest.get('kind', RESULT)}, not a {kind}; choose another folder")
    return place


def _beside(place: Path, ending: str) -> list[Path]:
    """Folders that this module has made beside a place."""
    if not place.parent.is_dir():
        return []
    start = f".{place.name}."
    return [path for path in place.parent.iterdir() if path.name.startswith(start) and path.name.endswith(ending)]


def _unfinished_beside(place: Path) -> Path:
    """Make the folder to fill, on the same disk, and clear away what killed runs have left long ago."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        for leftover in _beside(place, _UNFINISHED):
            if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)
        return Path(tempfile.mkdtemp(_UNFINISHED, f".{place.name}.", place.parent))
    except OSError as problem:
        raise _unwritable(place, problem) from problem


def _swap(finished: Path, place: Path) -> None:
    replaced = finished.with_suffix(_REPLACED)
    if place.exists():
        place.rename(replaced)
    try:
        finished.rename(place)
    except BaseException:
        if replaced.exists():
            replaced.rename(place)
        raise
    for old in _beside(place, _REPLACED):
        shutil.rmtree(old, ignore_errors=True)


def _unwritable(place: Path, problem: OSError) -> ScenarioError:
    return ScenarioError(f"{place}: cannot be written ({problem.strerror or problem}); choose another folder")
