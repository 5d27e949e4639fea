"""The region that was found, as scenario files that extend the two that were run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import ScenarioError
from sim.report.statistics import whole_percent
from sim.scenario.extension import check_new_name, check_new_place, extension_text, write_extension
from sim.scenario.library import SUFFIXES, find
from sim.scenario.loading import load
from sim.studies.discover.discover_page import in_words

if TYPE_CHECKING:
    from sim.studies.discover.discover_study import Discovery

REFERENCE = "_reference"
"""What is added to the name of the file for the reference."""


def files_for(path: Path) -> tuple[Path, Path]:
    """Give the places of the files of the reference and of the other scenario, which must both be free.

    Raises
    ------
    ScenarioError
        If the path is not that of a new scenario file, or one is there.
    """
    if path.suffix not in SUFFIXES:
        raise ScenarioError(f"--write {path}: expected the name of a scenario file, such as region.yaml")
    check_new_name(path.stem)
    found = path.with_stem(f"{path.stem}{REFERENCE}"), path
    for file in found:
        check_new_place(file)
    return found


def write_region(found: Discovery, parents: tuple[str, str], path: Path) -> list[Path]:
    """Write the scenarios that were run, narrowed to the box; the reference only if it has one of the numbers.

    Parameters
    ----------
    found
        A rule.
    parents
        Names or files of the reference and of the other scenario, as they were loaded without changes.
    path
        The file of the other scenario; that of the reference stands beside it.

    Raises
    ------
    ScenarioError
        If there is no rule, or a file cannot be written as a scenario that draws from the box.
    """
    if not found.is_rule:
        raise ScenarioError(f"{path}: not written, since there is no rule to narrow a scenario to")
    region, score = in_words(found.rules()), found.score
    question = (
        f"{found.when} held in {whole_percent(score.density)} of the draws of {found.other.name} against "
        f"{found.reference.name} in which {region}, "
        f"and in {whole_percent(score.base_rate)} of all; what else is so there?"
    )
    source = f"assumption: draws in which {region} (cloudtrade discover, {found.when})"
    written: list[Path] = []
    scenarios = (found.reference, found.other)
    for parent, scenario, changes, file in zip(
        parents, scenarios, found.narrowing(path.stem), files_for(path), strict=True
    ):
        if changes:
            place = find(parent)
            words = f"{scenario.title}, narrowed to {path.stem}", question
            text = extension_text(scenario, place, file.parent, words, source, changes)
            try:
                write_extension(file, text, load(place, changes))
            except ScenarioError:
                for earlier in written:
                    earlier.unlink()
                raise
            written.append(file)
    return written
