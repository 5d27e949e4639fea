"""Changes kept as a scenario file of its own, which extends the one that was explored."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.explorer.places import check_inside, is_of_library
from sim.scenario.describing import differing_model_values
from sim.scenario.library import library
from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import slot_at
from sim.scenario.source_tree import Place, Steps, shown, steps_of
from sim.scenario.yaml_files import plain_data, to_yaml
from sim.values import Number, Schedule

SOURCE = "assumption: set in the explorer"
"""What a saved number says of itself."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class NameTakenError(ScenarioError):
    """A file of that name is there already; the user may say that it is to be replaced."""


@dataclass(frozen=True)
class Parent:
    """The scenario that was explored, and its file."""

    scenario: Scenario
    path: Path


def save_changes(parent: Parent, name: str, changes: Mapping[str, Any], folder: Path, replace: bool = False) -> Path:
    """Write a scenario file that holds only the changes; what it loads as is checked against them.

    Parameters
    ----------
    parent
        What it extends.
    name
        Name of the new scenario, and of its file.
    changes
        Changed values by dotted path; None removes an entry.
    folder
        Where the file goes, inside the working folder.
    replace
        Whether a file of that name may be replaced.

    Raises
    ------
    ScenarioError
        If the name is not allowed or taken (a `NameTakenError`), the folder is outside, the changes are not valid, or
        nothing is changed.
    """
    path = _place_of(name, folder, replace)
    wanted = load(parent.path, changes)
    before = path.read_bytes() if path.exists() else None
    _write(path, _text(parent, changes, folder), replace)
    try:
        _check_same(load(path), wanted, path)
    except ScenarioError:
        _put_back(path, before)
        raise
    return path


def _place_of(name: str, folder: Path, replace: bool) -> Path:
    if not _NAME.fullmatch(name):
        said = name or "no name is given"
        raise ScenarioError(f"{said}: expected a name of lower-case letters, digits and underscores, such as my_pilot")
    if name in library():
        raise ScenarioError(f"{name}: a scenario of the library has this name; choose another one")
    path = folder / f"{name}.yaml"
    check_inside(path, Path())
    if is_of_library(path):
        raise ScenarioError(f"{shown(path)}: the library is not written to; choose another folder")
    if path.is_symlink():
        raise ScenarioError(f"{shown(path)}: a link of that name is there already; choose another name")
    if path.exists() and not replace:
        raise _taken(path)
    return path


def _taken(path: Path) -> NameTakenError:
    return NameTakenError(f"{shown(path)}: the file is there already; choose another name")


def _write(path: Path, text: str, replace: bool) -> None:
    try:
        with path.open("w" if replace else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise ScenarioError(f"{shown(path)}: cannot be written: {error.strerror or error}") from None


def _put_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)


def _check_same(saved: Scenario, wanted: Scenario, path: Path) -> None:
    differing = differing_model_values(wanted, saved)
    if differing:
        paths = ", ".join(value.path for value in differing)
        raise ScenarioError(f"{shown(path)}: not saved, since the file would load with another {paths}")


def _text(parent: Parent, changes: Mapping[str, Any], folder: Path) -> str:
    """Write the file: what it extends, its words, and the changes as nested mappings."""
    if not changes:
        raise ScenarioError("nothing is changed, so there is nothing to save; move a control first")
    content: dict[str, Any] = {
        "extends": _link(parent.path, folder),
        "title": f"{parent.scenario.title}, changed in the explorer",
        "question": f"What differs from {parent.scenario.name} when {_in_words(changes)}?",
    }
    plain = plain_data(parent.scenario)
    for path, value in changes.items():
        steps = steps_of(path, Place(path))
        _put(content, steps, {"value": value, "source": SOURCE} if _is_number(steps, plain, value) else value)
    return to_yaml(content)


def _link(parent: Path, folder: Path) -> str:
    """Name a scenario of the library, or give the way to a file from the folder."""
    if is_of_library(parent):
        return parent.stem
    way = Path(os.path.relpath(parent.resolve(), folder.resolve())).as_posix()
    return way if way.startswith("../") else f"./{way}"


def _in_words(changes: Mapping[str, Any]) -> str:
    return " and ".join(f"{path} is {'removed' if value is None else value}" for path, value in changes.items())


def _is_number(steps: Steps, plain: Mapping[str, Any], value: Any) -> bool:
    """Whether a number of the model, which can say its source, stands at a path or is dated by its last step."""
    slots = [slot_at(steps, plain), slot_at(steps[:-1], plain)]
    held = [kind for slot in slots if slot is not None for kind in slot.holds]
    return value is not None and (Number in held or Schedule in held)


def _put(content: dict[Any, Any], steps: Steps, value: Any) -> None:
    *way, last = steps
    for step in way:
        content = content.setdefault(step, {})
    content[last] = value
