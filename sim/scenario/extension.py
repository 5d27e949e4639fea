"""Changes written as a scenario file of its own, which extends the scenario that they change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.describing import differing_model_values
from sim.scenario.library import NAME_OF_SCENARIO, is_of_library, library
from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import slot_at
from sim.scenario.source_tree import EXTENDS, Place, Steps, shown, steps_of
from sim.scenario.yaml_files import plain_data, to_yaml
from sim.values import Number, Schedule


class NameTakenError(ScenarioError):
    """A file of that name is there already; the user may say that it is to be replaced."""


def check_new_name(name: str) -> None:
    """Refuse what cannot be the name of a new scenario.

    Raises
    ------
    ScenarioError
        If it is not allowed, or one of the library's.
    """
    if not NAME_OF_SCENARIO.fullmatch(name):
        said = name or "no name is given"
        raise ScenarioError(f"{said}: expected a name of lower-case letters, digits and underscores, such as my_pilot")
    if name in library():
        raise ScenarioError(f"{name}: a scenario of the library has this name; choose another one")


def check_new_place(path: Path, replace: bool = False) -> None:
    """Refuse a place where no scenario file can go, before there is anything to write.

    Raises
    ------
    ScenarioError
        If it lies in the library, or is taken (a `NameTakenError`).
    """
    if is_of_library(path):
        raise ScenarioError(f"{shown(path)}: the library is not written to; choose another folder")
    if path.is_symlink():
        raise ScenarioError(f"{shown(path)}: a link of that name is there already; choose another name")
    if path.exists() and not replace:
        raise _taken(path)


def extension_text(
    parent: Scenario, file: Path, folder: Path, words: tuple[str, str], source: str, changes: Mapping[str, Any]
) -> str:
    """Write the text of a file that holds only changes.

    Parameters
    ----------
    parent, file
        What it extends, and where that stands.
    folder
        Where the new file goes.
    words
        Its title and its question.
    source
        What changed numbers say of themselves.
    changes
        Changed values by dotted path; None removes an entry.
    """
    content: dict[str, Any] = {EXTENDS: link_to(file, folder), "title": words[0], "question": words[1]}
    plain = plain_data(parent)
    for path, value in changes.items():
        steps = steps_of(path, Place(path))
        _put(content, steps, {"value": value, "source": source} if _is_number(steps, plain, value) else value)
    return to_yaml(content)


def write_extension(path: Path, text: str, wanted: Scenario, replace: bool = False) -> None:
    """Write a scenario file, and check that it loads as wanted; else all is as it was.

    Raises
    ------
    ScenarioError
        If it cannot be written, a file is there already, or it would load otherwise.
    """
    before = path.read_bytes() if path.exists() else None
    try:
        with path.open("w" if replace else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise ScenarioError(f"{shown(path)}: cannot be written: {error.strerror or error}") from None
    try:
        _check_same(load(path), wanted, path)
    except ScenarioError:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
        raise


def _taken(path: Path) -> NameTakenError:
    return NameTakenError(f"{shown(path)}: the file is there already; choose another name")


def _check_same(saved: Scenario, wanted: Scenario, path: Path) -> None:
    differing = differing_model_values(wanted, saved)
    if differing:
        paths = ", ".join(value.path for value in differing)
        raise ScenarioError(f"{shown(path)}: not saved, since the file would load with another {paths}")


def link_to(parent: Path, folder: Path) -> str:
    """Name a scenario of the library, or give the way to a file from the folder."""
    if is_of_library(parent):
        return parent.stem
    way = Path(os.path.relpath(parent.resolve(), folder.resolve())).as_posix()
    return way if way.startswith("../") else f"./{way}"


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
