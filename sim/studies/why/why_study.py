"""What decides a difference between two scenarios: runs in which one group of inputs has other luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.quantities import FloatArray, IntArray
from sim.report.captions import settings_in_words
from sim.runs.batch_task import Seed
from sim.runs.run_many import Job
from sim.runs.run_plan import check_draws
from sim.runs.study_runs import Making, study_runs
from sim.scenario.describing import numbers_of
from sim.scenario.loading import given
from sim.scenario.schema import Scenario
from sim.studies.one_run.draw_figures import draw_figures, in_common, without_rounding
from sim.studies.one_run.main_kpis import headline_kpis
from sim.studies.why import DRAWS
from sim.studies.why.input_groups import InputGroup, exchanged, groups_of, read_rules
from sim.studies.why.shapley_effects import ShapleyEffects, effects_of_exchange
from sim.studies.why.variance_parts import VarianceParts, chance_at, leaders_stand, variance_parts
from sim.values import Number

FIRST_LOOK = 512
"""Draws at which the order of the groups is looked at first; each look has twice as many as the one before."""
LEADERS = 3
"""Places in the order of groups that have to stand."""
MISTAKE = 0.05
"""Chance that an order is said to stand that does not."""
COMES = "data_centre_first_months"
"""End of the names of figures that say when a vendor opens a data centre of its own."""
ANYBODY = "foreign"
_GROUPS = ("group", "title", "kind", "whole", "inputs", "first", "first_error", "total", "total_error", "draws")
OTHER_SEED = 1_000_003
"""What is added to the seed for the other luck."""


@dataclass(frozen=True, repr=False)
class Why:
    """What decides a difference.

    Attributes
    ----------
    reference, other
        The scenarios that are compared.
    kpi, seed
        The figure of which the difference is taken, and the seed.
    draws
        Numbers of the draws that could be computed in all runs.
    groups
        Groups of inputs.
    base, again
        [draw] the difference with the luck of the seed, and with other luck in everything.
    exchanged
        [group, draw] the difference with other luck in one group.
    comes
        By vendor, and `foreign` for anybody, months until it opens a data centre of its own in the other scenario and
        not, or later, in the reference, [draw]; not a number where it does not.
    settled
        Whether the order of the first groups stands; else the budget was spent.
    """

    reference: Scenario
    other: Scenario
    kpi: str
    seed: int
    draws: IntArray
    groups: tuple[InputGroup, ...]
    base: FloatArray
    again: FloatArray
    exchanged: FloatArray
    comes: dict[str, FloatArray]
    settled: bool

    def __repr__(self) -> str:
        pair = f"{self.other.name} against {self.reference.name}"
        return f"Why({pair}: {self.kpi}, {settings_in_words(len(self.base), self.seed)})"

    @property
    def parts(self) -> VarianceParts:
        """Part of the variance of each group."""
        return variance_parts(self.base, self.again, self.exchanged)

    @property
    def table(self) -> pd.DataFrame:
        """Say what part of the variance of the difference each group makes, the largest total effect first.

        Returns
        -------
        DataFrame
            One row per group: group, title, kind (estimate, assumption, luck), whole (whether it holds all groups of
            its kind), inputs (how many), first, total (share of one), first_error, total_error (standard errors),
            draws.
        """
        parts = self.parts
        rows = [
            (group.name, group.title, group.kind, group.whole, len(group.streams), parts.first[k],
             parts.first_error[k], parts.total[k], parts.total_error[k], len(self.base))
            for k, group in enumerate(self.groups)
        ]  # fmt: skip
        table = pd.DataFrame(rows, columns=list(_GROUPS))
        return table.sort_values(["whole", "total"], ascending=[True, False], kind="stable", ignore_index=True)

    @property
    def both(self) -> FloatArray:
        """The difference under the luck of the seed and under the other, one after the other, [2 draws]."""
        return np.concatenate([self.base, self.again])

    def within(self) -> Iterator[tuple[InputGroup, ShapleyEffects]]:
        """Give groups of estimates and assumptions with what each input makes of the variance, as far as it is linear.

        Inputs are the streams of a group, dependent numbers among them; effects are in the square of the figure's unit.
        Left out are groups that change nothing, those with too many inputs for the draws, and groups of one's own that
        divide what is estimated together.
        """
        numbers = numbers_of(self.reference, self.other)
        mixed = {path: dict(_loadings(number)) for path, number in numbers.items() if _loadings(number)}
        lucks = [Draws(seed, self.draws.tolist()) for seed in (self.seed, self.seed + OTHER_SEED)]
        for group, exchanged_figures in zip(self.groups, self.exchanged, strict=True):
            change = self.base - exchanged_figures
            rows = [mixed.get(stream, {stream: 1.0}) for stream in group.streams]
            apart = {stream for path, row in mixed.items() for stream in row if path not in group.streams}
            if group.whole or group.kind == "luck" or not change.any():
                continue
            if not apart.isdisjoint(group.streams) or not set().union(*rows) <= set(group.streams):
                continue
            loadings = np.array([[row.get(name, 0.0) for name in group.streams] for row in rows])
            here, there = (np.stack([luck.standard_normal(name, 1)[0] for name in group.streams]) for luck in lucks)
            effects = effects_of_exchange(change, loadings @ (here - there), loadings)
            if effects is not None:
                yield group, effects

    def inputs(self) -> Iterator[tuple[InputGroup, Number, FloatArray]]:
        """Give uncertain numbers with their groups and with what was drawn for `both`, [2 draws]."""
        numbers = numbers_of(self.reference, self.other)
        lucks = [Draws(seed, self.draws.tolist()) for seed in (self.seed, self.seed + OTHER_SEED)]
        for group in self.groups:
            for path in () if group.whole else group.streams:
                if path in numbers and numbers[path].is_uncertain:
                    yield group, numbers[path], np.concatenate([luck.number(numbers[path]) for luck in lucks])


def _loadings(number: Number) -> tuple[tuple[str, float], ...]:
    """Of which independent normals the score of an estimated or correlated number is made."""
    return number.loadings if number.estimate is None else number.estimate.loadings


def why(
    reference: Scenario | str | Path,
    other: Scenario | str | Path,
    kpi: str | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    groups: str | Path | None = None,
    **making: Unpack[Making],
) -> Why:
    """Find which group of inputs decides the difference between two scenarios.

    Parameters
    ----------
    reference, other
        Scenarios, or their names or files.
    kpi
        The figure; profit of the visitor's vendors in the focus market if None.
    draws
        Most draws of each run. It stops before where the order of the first three groups stands, at a chance of a
        mistake of 5 % over all looks together.
    seed
        Seed, as in `sim.run`.
    groups
        File of groups, written as `groups.yaml` of the package; that one if None.
    making
        Workers, and where progress is kept and shown (`Making`).

    Raises
    ------
    ScenarioError
        If a scenario or a file is not valid, there is no such figure, or the difference is the same in every draw.
    """
    check_draws(draws, seed, 2, "since what varies is asked for")
    before, after = given(reference), given(other)
    kpi = kpi or headline_kpis(after)[0]
    parts = groups_of((before, after), seed, read_rules(groups))
    looks = _Looks((before, after), kpi, seed, parts, partial(study_runs, **making))
    for look, upto in enumerate(_stops(draws), start=1):
        found = looks.until(upto)
        settled = leaders_stand(found.parts.of([not group.whole for group in parts]), LEADERS, chance_at(look, MISTAKE))
        if settled or upto == draws:
            return _checked(found, settled)
    raise AssertionError("the last stop is that of the budget")


def _checked(found: Why, settled: bool) -> Why:
    if np.ptp(np.concatenate([found.base, found.again])) == 0.0:
        where = f"{found.other.name} against {found.reference.name}"
        raise ScenarioError(
            f"{where}: {found.kpi} differs by {found.base[0]:g} in every draw, so nothing decides it; try another --kpi"
        )
    return Why(**(vars(found) | {"settled": settled}))


def _stops(draws: int) -> Iterator[int]:
    """Numbers of draws at which to look."""
    upto = FIRST_LOOK
    while upto < draws:
        yield upto
        upto *= 2
    yield draws


class _Looks:
    """Runs of two scenarios under each luck, more and more draws."""

    def __init__(
        self, pair: tuple[Scenario, Scenario], kpi: str, seed: int, groups: tuple[InputGroup, ...],
        run: Callable[..., Iterator[Any]],
    ) -> None:  # fmt: skip
        self.pair, self.kpi, self.seed, self.groups, self.run = pair, kpi, seed, groups, run
        other = seed + OTHER_SEED
        self.lucks: list[Seed] = [seed, other, *(exchanged(groups, one, seed, other) for one in groups)]
        self.done = 0
        self.found: list[list[pd.DataFrame]] = [[] for _ in range(2 * len(self.lucks))]

    def until(self, draws: int) -> Why:
        """Run up to so many draws, and say what is known then."""
        more, wanted = range(self.done, draws), partial(draw_figures, kpi=self.kpi, ending=f"_{COMES}")
        jobs = [Job(scenario, more, luck, wanted) for luck in self.lucks for scenario in self.pair]
        for held, batches in zip(self.found, self.run(jobs, title=f"{draws:,} draws of each"), strict=True):
            held.extend(batches)
        self.done = draws
        tables = in_common(self.found)
        change = [
            without_rounding(before[self.kpi].to_numpy(), after[self.kpi].to_numpy())
            for before, after in zip(tables[::2], tables[1::2], strict=True)
        ]
        return Why(
            *self.pair, self.kpi, self.seed, tables[0].index.to_numpy(np.int64), self.groups, change[0], change[1],
            np.stack(change[2:]), _comes(tables[0], tables[1]), settled=False,
        )  # fmt: skip


def _comes(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, FloatArray]:
    """When each vendor comes that does not, or later, in the reference, by its name, [draw]."""
    found = {}
    for name in map(str, after.columns):
        if name.endswith(f"_{COMES}"):
            months, earlier = after[name].to_numpy(), before[name].to_numpy()
            sooner = ~(earlier <= months)
            found[name.removesuffix(f"_{COMES}")] = np.where(sooner, months, np.nan)
    return found
