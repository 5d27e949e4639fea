"""Changes kept as a scenario file of its own, which extends the one that was explored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.explorer.places import check_inside
from sim.scenario.extension import check_new_name, check_new_place, extension_text, write_extension
from sim.scenario.loading import load
from sim.scenario.schema import Scenario

SOURCE = "assumption: set in the explorer"
"""What a saved number says of itself."""


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
    check_new_name(name)
    path = folder / f"{name}.yaml"
    check_inside(path, Path())
    check_new_place(path, replace)
    if not changes:
        raise ScenarioError("nothing is changed, so there is nothing to save; move a control first")
    wanted = load(parent.path, changes)
    title = f"{parent.scenario.title}, changed in the explorer"
    question = f"What differs from {parent.scenario.name} when {_in_words(changes)}?"
    text = extension_text(parent.scenario, parent.path, folder, (title, question), SOURCE, changes)
    write_extension(path, text, wanted, replace)
    return path


def _in_words(changes: Mapping[str, Any]) -> str:
    return " and ".join(f"{path} is {'removed' if value is None else value}" for path, value in changes.items())
