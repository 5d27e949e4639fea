"""From a scenario file to a validated `Scenario`: read, extend, override, cite facts, check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.as_of import Known, explained, known_on, told
from sim.scenario.checks import CHECKS, late_dates
from sim.scenario.citing import Citations, unit_problems, with_facts
from sim.scenario.coupling import COUPLING_CHECKS, loadings
from sim.scenario.layers import OPTION, SourceFile, combined, facts_of, read_ancestry, with_overrides
from sim.scenario.library import find
from sim.scenario.out_of_place import (
    Layers,
    dropped_dates,
    moved_start,
    own_files_in_place_of_the_library,
    rates_without_end,
)
from sim.scenario.own_world import with_own_world
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import SCENARIO
from sim.scenario.source_tree import (
    AS_OF,
    EXTENDS,
    NAME,
    Place,
    Problem,
    Tree,
    dotted,
    in_lines,
    refuse,
    steps_of,
    tree_of,
)
from sim.scenario.standing import policies_in_time, too_late_for_the_run
from sim.scenario.validating import PlainReading, validated
from sim.scenario.yaml_files import dump, plain_data
from sim.values import named

__all__ = ["Loaded", "changed", "dump", "load", "load_with_places", "of_plain_data"]


@dataclass(frozen=True)
class Loaded:
    """A scenario with the places where its values stand.

    Attributes
    ----------
    scenario
        The validated scenario.
    tree
        All values with file and line, facts replaced by their values.
    files
        The file itself first, its oldest ancestor last.
    estimated
        Dotted paths of the numbers that were estimated from data.
    """

    scenario: Scenario
    tree: Tree
    files: tuple[SourceFile, ...]
    estimated: tuple[str, ...] = ()


def load(path_or_name: str | Path, set: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario with all that it extends, and check it.

    Parameters
    ----------
    path_or_name
        Path of a file, or name of a scenario in the library, the current folder or `./scenarios`.
    set
        Values to change for this run, by dotted path, such as `{"demand.market_elasticity": 1.5}`.

    Returns
    -------
    Scenario
        Plain values; every number knows its dotted path.

    Raises
    ------
    ScenarioError
        With all problems found, one line each: file, line, path, what is wrong, what was expected.
    """
    return load_with_places(path_or_name, set).scenario


def given(scenario: Scenario | str | Path) -> Scenario:
    """Give a scenario itself, or load it by its name or file.

    Raises
    ------
    ScenarioError
        As `load`.
    """
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def load_with_places(
    path_or_name: str | Path, overrides: Mapping[str, Any] | None = None, priors: bool = False
) -> Loaded:
    """Do what `load` does and keep the file and line of every value.

    Parameters
    ----------
    path_or_name, overrides
        As for `load`.
    priors
        Whether estimated numbers have their priors, as if there were no data.

    Raises
    ------
    ScenarioError
        As `load`.
    """
    return _loaded(read_ancestry(find(path_or_name)), overrides or {}, priors)


def changed(scenario: Scenario, overrides: Mapping[str, Any]) -> Scenario:
    """Give a loaded scenario with some values changed, by dotted path.

    Raises
    ------
    ScenarioError
        If a path or value is not valid.
    """
    return of_plain_data(plain_data(scenario), scenario.name, overrides)


def of_plain_data(content: Mapping[str, Any], name: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Make a scenario of the dicts, lists, numbers and words that `plain_data` gives.

    Parameters
    ----------
    content
        The whole scenario; it extends nothing.
    name
        What messages call it.
    overrides
        Values to change, by dotted path.

    Raises
    ------
    ScenarioError
        If it is not valid.
    """
    file = f"{name}.yaml"
    return _loaded([SourceFile(Path(file), tree_of(content, Place(file)))], overrides or {}).scenario


def _loaded(files: Sequence[SourceFile], overrides: Mapping[str, Any], priors: bool = False) -> Loaded:
    """Lay the layers over each other, cite facts, validate each value and name, then what several parts say."""
    citations = Citations(priors, facts_of(files))
    whole = with_overrides(combined(files), overrides)
    known = _known(whole, files, overrides, citations)
    tree = with_facts(with_own_world(known.tree, files), citations)
    reading = PlainReading({file.own.place.file: file.own for file in files})
    plain = reading.plain(tree, SCENARIO)
    valid, invalid = validated(plain)
    misused = [*citations.problems, *unit_problems(citations, plain)]
    unusable = {problem.path for problem in misused}
    invalid = [problem for problem in invalid if problem.path not in unusable]
    found = [*misused, *invalid, *reading.missing_names(plain)]
    refuse([explained(problem, known) for problem in found], tree)
    if valid is None:
        raise ScenarioError(f"{tree.place}: the scenario is not valid")
    scenario: Scenario = named(valid)
    layers = Layers(scenario, tree, files)
    problems = [problem for check in (*CHECKS, *COUPLING_CHECKS) for problem in check(scenario)]
    problems += [problem for problem in late_dates(scenario) if not _horizon_came_later(problem, layers)]
    refuse(problems, tree)
    if scenario.correlated:
        scenario = named(valid, loadings=loadings(scenario))
    return Loaded(
        scenario.with_warnings((*in_lines(told(known), tree), *_warnings(layers))),
        tree,
        tuple(files),
        tuple(map(dotted, citations.estimated)),
    )


def _known(whole: Tree, files: Sequence[SourceFile], overrides: Mapping[str, Any], citations: Citations) -> Known:
    """Leave out what was not known; of what this program wrote out that has been done, once for all.

    Raises
    ------
    ScenarioError
        If something that was not known cannot be left out or is set for this run, or if a day is set for a scenario
        that has lost what was known before.
    """
    if _is_written_out(files[0]):
        if AS_OF in overrides and overrides[AS_OF] != files[0].own.entries.get(AS_OF):
            raise ScenarioError(
                f"{_place_of(overrides, AS_OF)}: {files[0].name} is a scenario as it was loaded, which no longer says "
                "what was known when; give the name or the file that it was loaded from"
            )
        return Known(whole, {}, ())
    known = known_on(whole, citations.own)
    refuse(known.problems, whole)
    for path, value in overrides.items():
        place = _place_of(overrides, path)
        steps = steps_of(str(path), place)
        lost = next((day for gone, day in known.gone.items() if steps[: len(gone)] == gone), None)
        if lost is not None and value is not None:
            day = whole.entries[AS_OF].content
            raise ScenarioError(
                f"{place}: was not known on {day}, only from {lost} on; say when it was `announced`, or choose a later "
                "day"
            )
    return known


def _place_of(overrides: Mapping[str, Any], path: str) -> Place:
    value = overrides[path]
    return value.place if isinstance(value, Tree) else Place(f"{OPTION} {path}")


def _is_written_out(file: SourceFile) -> bool:
    """Whether a file was written by this program: it names itself and extends nothing, and has lost its layers."""
    return NAME in file.own.entries and EXTENDS not in file.own.entries


def _warnings(layers: Layers) -> tuple[str, ...]:
    scenario, tree = layers.scenario, layers.tree
    found = [problem for problem in too_late_for_the_run(scenario) if not _horizon_came_later(problem, layers)]
    found += policies_in_time(scenario, tree)
    found += [problem for warning in (moved_start, dropped_dates, rates_without_end) for problem in warning(layers)]
    return (*own_files_in_place_of_the_library(layers), *in_lines(found, tree))


def _horizon_came_later(problem: Problem, layers: Layers) -> bool:
    """Whether the run was shortened in a file (or argument) that is laid over the one with the problem.

    What was written out by this program was checked before.
    """
    if _is_written_out(layers.files[0]):
        return True
    return min(layers.layer(("months",)), layers.layer(("start",))) < layers.layer(problem.path)
