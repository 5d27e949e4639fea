"""Which of the values in which scenarios differ have any effect: each is tried by itself in some draws, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.batch import run_batch
from sim.model.columns import AXES, DIMS
from sim.model.recorder import PATH_FAMILIES, Paths
from sim.runs.run_data import RunData
from sim.scenario.describing import DifferingValue, differing_model_values
from sim.scenario.exchanging import with_companions, with_part
from sim.scenario.loading import of_plain_data
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import Steps, dotted
from sim.scenario.yaml_files import plain_data
from sim.studies.compare.changed_values import EFFECTIVE, EVENTS_ONLY, NOT_ALONE, TOGETHER, changed_nothing
from sim.studies.compare.comparison import Comparison
from sim.studies.compare.comparison import compare as compare_results

TRIED_DRAWS = 32
"""Draws in which each value is tried; a run of them takes about a quarter of a second."""
MOST_TRIED = 40
"""Differing values up to which the command tries them unasked."""


def compare(results: Sequence[RunData], effects: bool = False) -> Comparison:
    """Compare runs with the first of them.

    Draws are paired by number if the seeds are the same, since draw 17 then has the same luck in both runs.

    Parameters
    ----------
    results
        The reference and at least one other run.
    effects
        Whether to try which of the differing scenario values have an effect (`Comparison.changed`), which takes up to
        half a second for each part that can be changed alone.

    Raises
    ------
    ScenarioError
        If there is only one run, or two of them cover different months, share no KPI or have no draw in common.
    """
    comparison = compare_results(results)
    return with_effects(comparison) if effects else comparison


def with_effects(comparison: Comparison, draws: int = TRIED_DRAWS) -> Comparison:
    """Copy a comparison with each differing value marked by what it does.

    The reference is run with only this value changed, and the other scenario with only this value as in the reference;
    what is recorded is compared bit by bit. A value that cannot stand alone is tried with the part around it.

    Parameters
    ----------
    comparison
        Runs against a reference.
    draws
        How many draws to try each value in.
    """
    reference = comparison.reference
    trial = _Trial(reference.seed, range(draws))
    marks = [
        mark
        for run in comparison.others
        for mark in _marks(trial, reference.scenario, run.scenario)
    ]  # fmt: skip
    effects = pd.DataFrame(marks, columns=["effect", "tried_as"], dtype="str")
    return replace(comparison, changed=comparison.changed.assign(**effects))


@dataclass
class _Trial:
    """Runs of scenarios in the same few draws, each made once."""

    seed: int
    draws: range
    held: list[tuple[Scenario, Paths]] = field(default_factory=list)

    def paths(self, scenario: Scenario) -> Paths:
        """Run a scenario, or find its run."""
        for known, paths in self.held:
            if known is scenario:
                return paths
        paths = run_batch(scenario, self.draws, self.seed)
        self.held.append((scenario, paths))
        return paths

    def effect(self, scenario: Scenario, changed: Scenario | None) -> str | None:
        """Say what a change does: `EFFECTIVE`, `EVENTS_ONLY`, or nothing (empty); None where it cannot be run."""
        if changed is None:
            return None
        before = self.paths(scenario)
        try:
            after = run_batch(changed, self.draws, self.seed)
        except ScenarioError:
            return None
        if not same_figures(before, after):
            return EFFECTIVE
        return "" if _events(before) == _events(after) else EVENTS_ONLY


def _marks(trial: _Trial, reference: Scenario, other: Scenario) -> Iterator[tuple[str, str]]:
    """Give effect and tried part of each differing value, in the order of `differing_model_values`."""
    ours, theirs = plain_data(reference), plain_data(other)
    values = differing_model_values(reference, other)
    places = [_smallest_part(value, ours, theirs) for value in values]
    pair, is_all = (_Side(reference, ours), _Side(other, theirs)), len(set(places)) == 1
    marks = {place: _mark(trial, pair, place, is_all) for place in dict.fromkeys(places)}
    for place in places:
        yield marks[place]


@dataclass(frozen=True)
class _Side:
    """A scenario, and the same as plain data."""

    scenario: Scenario
    content: dict[str, Any]


def _mark(trial: _Trial, pair: tuple[_Side, _Side], place: Steps, is_all: bool) -> tuple[str, str]:
    """Try one part: in the reference alone, then the other scenario without it."""
    reference, other = pair
    changed, tried = _exchanged(reference, other, place)
    alone = trial.effect(reference.scenario, changed)
    if alone == EFFECTIVE:
        return EFFECTIVE, tried
    without, left_out = _exchanged(other, reference, place)
    missed = "" if is_all and alone is not None else trial.effect(other.scenario, without)
    if missed == EFFECTIVE:
        return TOGETHER, left_out
    if alone is None and missed is None:
        return NOT_ALONE, ""
    nothing = changed_nothing(len(trial.draws))
    return alone or missed or nothing, tried if alone is not None else left_out


# Parts of scenarios exchanged -----------------------------------------------------------------------------------------


def _smallest_part(value: DifferingValue, ours: Any, theirs: Any) -> Steps:
    """Find the smallest part around a value that both scenarios could have: never an item of a list, nor half a part.

    Of a policy that only one scenario has, this is the whole policy.
    """
    for depth, step in enumerate(value.steps):
        if not all(isinstance(side, dict) for side in (ours, theirs)):
            return value.steps[:depth]
        if step not in ours or step not in theirs:
            return value.steps[: depth + 1]
        ours, theirs = ours[step], theirs[step]
    return value.steps


def _exchanged(taker: _Side, giver: _Side, place: Steps) -> tuple[Scenario | None, str]:
    """Give a scenario with one part of another, and what was exchanged; no scenario where none is valid.

    That is the part, if need be with the few others that it hangs together with, or the smallest part around it.
    """
    for depth in range(len(place), 0, -1):
        part = place[:depth]
        alone: tuple[dict[Any, Any], tuple[Steps, ...]] = with_part(taker.content, giver.content, part), ()
        for content, companions in (alone, with_companions(taker.content, giver.content, part)):
            try:
                scenario = of_plain_data(content, taker.scenario.name)
            except ScenarioError:
                continue
            return scenario, _in_words(part, companions)
    return None, ""


def _in_words(part: Steps, companions: Sequence[Steps]) -> str:
    """Name a part and what went with it: `policies.pilot with talks.agenda.cloud_access.zone`."""
    return f"{dotted(part)} with {', '.join(map(dotted, companions))}" if companions else dotted(part)


# What was recorded ----------------------------------------------------------------------------------------------------


def same_figures(one: Paths, other: Paths) -> bool:
    """Whether two runs recorded the same bits in all their figures.

    Members (vendors, zones, ...) are matched by name; one that only one run has counts as long as it is not all zero.
    """
    families = [(family, name) for family in PATH_FAMILIES for name in getattr(one, family)]
    return _signed(one) == _signed(other) and all(
        _same_bits(_by_member(one, family, name), _by_member(other, family, name))
        for family, name in families
        if name != "package"
    )


def _signed(paths: Paths) -> list[str]:
    """Name of the package that each draw signs; packages stand in the order of their scenario."""
    names = [*paths.scenario.talks.choices, ""]
    return [names[index] for index in paths.outcomes["package"]]


def _by_member(paths: Paths, family: str, name: str) -> dict[tuple[str, ...], Any]:
    """Split an array [quarter, ..., draw] by the names along its inner axes."""
    held: dict[tuple[str, ...], Any] = {(): getattr(paths, family)[name]}
    for axis in DIMS.get(family, ()):
        members = getattr(paths.axes, AXES[axis])
        held = {(*key, member): part.take(n, 1) for key, part in held.items() for n, member in enumerate(members)}
    return held


def _same_bits(one: dict[tuple[str, ...], Any], other: dict[tuple[str, ...], Any]) -> bool:
    for member in one.keys() | other.keys():
        left, right = one.get(member), other.get(member)
        if left is None or right is None:
            if np.any(left if right is None else right):
                return False
        elif left.shape != right.shape or left.tobytes() != right.tobytes():
            return False
    return True


def _events(paths: Paths) -> list[tuple[Any, ...]]:
    return sorted((draws.tobytes(), month, *words) for draws, month, *words in paths.events)
