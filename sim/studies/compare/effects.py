"""Which of the values in which scenarios differ have any effect: each is tried by itself in some draws, bit by bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.columns import AXES, DIMS
from sim.model.recorder import PATH_FAMILIES, Paths
from sim.runs.batch_task import Batch
from sim.runs.progress import Bars
from sim.runs.run_data import RunData
from sim.runs.run_many import Job, run_many
from sim.scenario.describing import differing_model_values
from sim.scenario.exchanging import in_words, smallest_part, with_companions, with_part
from sim.scenario.loading import of_plain_data
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import Steps
from sim.scenario.yaml_files import plain_data
from sim.studies.compare.changed_values import EFFECTIVE, EVENTS_ONLY, NOT_ALONE, OVERRIDDEN, TOGETHER, changed_nothing
from sim.studies.compare.comparison import Comparison
from sim.studies.compare.comparison import compare as compare_results
from sim.studies.compare.partings import has_paths

TRIED_DRAWS = 32
"""Draws in which each value is tried; a run of them takes about a quarter of a second."""
MOST_TRIED = 40
"""Differing values up to which the command tries them unasked."""
_KEYS = ["draw", "date", "market"]
"""What names the rows of markets."""


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
    for result in results:
        if not isinstance(result, RunData):
            raise ScenarioError(f"expected results to compare, as sim.run or sim.read gives them, found {result!r}")
    comparison = compare_results(results)
    return with_effects(comparison) if effects else comparison


def with_effects(comparison: Comparison, draws: int = TRIED_DRAWS) -> Comparison:
    """Copy a comparison with each differing value marked by what it does.

    The reference is run with only this value changed, and the other scenario with only this value as in the reference;
    what is recorded is compared bit by bit. A value that cannot stand alone is tried with the part around it. Nothing
    is run where one part is all that differs, and figures of these draws are known to differ.

    Parameters
    ----------
    comparison
        Runs against a reference.
    draws
        How many draws to try each value in.
    """
    reference = comparison.reference
    trial = Trial(reference.seed, range(draws))
    marks = [mark for run in comparison.others for mark in _marks(trial, reference, run)]
    effects = pd.DataFrame(marks, columns=["effect", "tried_as"], dtype="str")
    return replace(comparison, changed=comparison.changed.assign(**effects))


@dataclass(frozen=True)
class Trial:
    """Runs of scenarios in the same few draws.

    Attributes
    ----------
    seed, draws
        As in `sim.run`; numbers of the draws.
    bars
        Where progress is shown.
    """

    seed: int
    draws: range
    bars: Bars | None = None

    def effects(self, scenario: Scenario, changed: Sequence[Scenario | None]) -> list[str | None]:
        """Say what each change does: `EFFECTIVE`, `EVENTS_ONLY`, or nothing (empty); None where it cannot be run."""
        tried = [held for held in changed if held is not None]
        if not tried:
            return [None] * len(changed)
        jobs = [Job(held, self.draws, self.seed, _recorded) for held in (scenario, *tried)]
        [before], *found = run_many(jobs, bars=self.bars, title="what each part does")
        after = iter(found)
        return [None if held is None else _effect(before, next(after)[0]) for held in changed]

    def is_answered(self, reference: RunData, other: RunData) -> bool:
        """Whether two runs have kept figures of these draws, and differ in one of a market that both have."""
        if not all(run.manifest["key"]["seed"] == self.seed and has_paths(run) for run in (reference, other)):
            return False
        ours, theirs = (run.markets[run.markets["draw"].isin(self.draws)] for run in (reference, other))
        if any(list(ours[key]) != list(theirs[key]) for key in _KEYS):
            return False
        before, after = (side.drop(columns=_KEYS).to_numpy() for side in (ours, theirs))
        return not np.array_equal(before, after, equal_nan=True)


@dataclass(frozen=True)
class _Recorded:
    """Fingerprints of what is recorded: package signed by each draw, figures by family, name and member, and events.

    Those of figures that are zero throughout, or nowhere given, are empty.
    """

    signed: list[str]
    figures: dict[tuple[str, ...], bytes]
    events: bytes


def _recorded(batch: Batch) -> _Recorded | None:
    """Run a batch; None where the scenario cannot be run."""
    try:
        return _fingerprints(batch.paths())
    except ScenarioError:
        return None


def _fingerprints(paths: Paths) -> _Recorded:
    figures = {
        (family, name, *member): _bits(values)
        for family in PATH_FAMILIES
        for name in getattr(paths, family)
        if name != "package"
        for member, values in _by_member(paths, family, name).items()
    }
    return _Recorded(_signed(paths), figures, hashlib.sha256(repr(_events(paths)).encode()).digest())


def _bits(values: Any) -> bytes:
    """Fingerprint of a figure; a channel that is never in use has no price."""
    said = np.any(np.nan_to_num(values))
    return hashlib.sha256(repr(values.shape).encode() + values.tobytes()).digest() if said else b""


def _effect(before: _Recorded, after: _Recorded | None) -> str | None:
    if after is None:
        return None
    if not _alike(before, after):
        return EFFECTIVE
    return "" if before.events == after.events else EVENTS_ONLY


def _alike(one: _Recorded, other: _Recorded) -> bool:
    names = one.figures.keys() | other.figures.keys()
    return one.signed == other.signed and all(one.figures.get(n, b"") == other.figures.get(n, b"") for n in names)


def _marks(trial: Trial, reference_run: RunData, other_run: RunData) -> Iterator[tuple[str, str]]:
    """Give effect and tried part of each differing value, in the order of `differing_model_values`."""
    reference, other = reference_run.scenario, other_run.scenario
    ours, theirs = plain_data(reference), plain_data(other)
    values = differing_model_values(reference, other)
    places = [smallest_part(value.steps, ours, theirs) for value in values]
    ours_side, theirs_side = _Side(reference, ours), _Side(other, theirs)
    tried = {place: _exchanged(ours_side, theirs_side, place) for place in dict.fromkeys(places)}
    changed = [held for held, _ in tried.values()]
    is_answered = len(tried) == 1 and None not in changed and trial.is_answered(reference_run, other_run)
    found = [EFFECTIVE] if is_answered else trial.effects(reference, changed)
    alone: dict[Steps, str | None] = dict(zip(tried, found, strict=True))
    left_out, missed = tried, alone  # where one part is all that differs, the other without it is the reference
    if len(tried) > 1 or None in alone.values():
        left_out = {place: _exchanged(theirs_side, ours_side, place) for place in tried}
        without = [held for held, _ in left_out.values()]
        missed = dict(zip(left_out, trial.effects(other, without), strict=True))
    for place in places:
        if alone[place] == EFFECTIVE:
            yield OVERRIDDEN if missed[place] in {"", EVENTS_ONLY} else EFFECTIVE, tried[place][1]
        elif missed[place] == EFFECTIVE:
            yield TOGETHER, left_out[place][1]
        elif alone[place] is None and missed[place] is None:
            yield NOT_ALONE, ""
        else:
            mark = alone[place] or missed[place] or changed_nothing(len(trial.draws))
            yield mark, (tried if alone[place] is not None else left_out)[place][1]


@dataclass(frozen=True)
class _Side:
    """A scenario, and the same as plain data."""

    scenario: Scenario
    content: dict[str, Any]


# Parts of scenarios exchanged -----------------------------------------------------------------------------------------


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
            return scenario, in_words(part, companions)
    return None, ""


# What was recorded ----------------------------------------------------------------------------------------------------


def same_figures(one: Paths, other: Paths) -> bool:
    """Whether two runs recorded the same bits in all their figures.

    Members (vendors, zones, ...) are matched by name; one that only one run has counts if anything is recorded of
    it but zeros.
    """
    return _alike(_fingerprints(one), _fingerprints(other))


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


def _events(paths: Paths) -> list[tuple[Any, ...]]:
    return sorted((draws.tobytes(), month, *words) for draws, month, *words in paths.events)
