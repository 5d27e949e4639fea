"""Which files the explorer may read and write: those of the library and of the working folder, no others."""

from __future__ import annotations

from pathlib import Path

from sim.errors import ScenarioError
from sim.scenario.layers import read_ancestry
from sim.scenario.library import find, is_of_library


def scenario_file(path_or_name: str | Path, working: Path) -> Path:
    """Find the file of a scenario, which must lie in the library or the working folder, as all that it extends.

    Raises
    ------
    ScenarioError
        If there is no such file, or one of them lies elsewhere.
    """
    path = find(path_or_name)
    check_inside(path, working)
    for file in read_ancestry(path):
        check_inside(file.path, working)
    return path


def check_inside(path: Path, working: Path) -> None:
    """Refuse a path outside the working folder and the library; links count as what they lead to.

    Raises
    ------
    ScenarioError
        If it lies elsewhere.
    """
    if not (_is_inside(path, working) or is_of_library(path)):
        raise ScenarioError(
            f"{path}: outside the working folder {working.resolve()}; the explorer reads and writes only there: "
            "copy the file into it, or start the explorer in another folder"
        )


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
