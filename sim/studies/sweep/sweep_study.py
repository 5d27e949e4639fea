"""Runs of a scenario with other values, each with the same draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.quantities import FloatArray
from sim.report.captions import settings_in_words
from sim.report.kpi_names import parse
from sim.report.statistics import student_quantile
from sim.runs.run_many import Job
from sim.runs.run_plan import check_draws
from sim.runs.study_runs import Making, study_runs
from sim.scenario.describing import values_of
from sim.scenario.loading import changed, given
from sim.scenario.path_words import words_of_path
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import dotted
from sim.studies.one_run.draw_figures import draw_figures, in_common, without_rounding
from sim.studies.one_run.main_kpis import headline_kpis
from sim.studies.sweep import DRAWS
from sim.studies.sweep.grids import Grid, grid_of

MOST_GRIDS = 2


@dataclass(frozen=True, repr=False)
class Sweep:
    """How a figure moves with values of a scenario.

    Attributes
    ----------
    scenario, reference
        What was run, and the scenario that differences are taken to; None for levels.
    kpi, seed
        The figure, and the seed.
    grids
        What it goes over, one or two.
    draws
        Numbers of the draws that could be computed at every point.
    figures
        [point, draw] level, or difference to the reference at the same point; the last grid moves fastest.
    """

    scenario: Scenario
    reference: Scenario | None
    kpi: str
    seed: int
    grids: tuple[Grid, ...]
    draws: Sequence[int]
    figures: FloatArray

    def __repr__(self) -> str:
        paths = ", ".join(grid.path for grid in self.grids)
        settings = settings_in_words(len(self.draws), self.seed)
        return f"Sweep({self.scenario.name} over {paths}: {self.kpi}, {settings})"

    @property
    def points(self) -> list[tuple[float | str, ...]]:
        """Values of each point, one for each grid."""
        return list(product(*(grid.values for grid in self.grids)))

    def words(self, grid: Grid) -> str:
        """Say in words what a grid goes over."""
        return words_of_path(grid.path, self.scenario, *([self.reference] if self.reference else []))

    def table(self) -> pd.DataFrame:
        """Say at each point what the figure is.

        Returns
        -------
        DataFrame
            One row per point: a column for each path that is swept, kpi, unit, mean, mean_low, mean_high (90 % interval
            of the mean), p5, p50, p95 (of the draws), above_zero (share of draws), draws.
        """
        count = self.figures.shape[1]
        half = student_quantile(0.95, count - 1) * self.figures.std(axis=1, ddof=1) / np.sqrt(count)
        mean = self.figures.mean(axis=1)
        held: dict[str, Any] = {
            grid.path: [point[place] for point in self.points] for place, grid in enumerate(self.grids)
        }
        low, middle, high = np.quantile(self.figures, (0.05, 0.5, 0.95), axis=1)
        return pd.DataFrame(held | {
            "kpi": self.kpi, "unit": parse(self.kpi).unit,
            "mean": mean, "mean_low": mean - half, "mean_high": mean + half, "p5": low, "p50": middle, "p95": high,
            "above_zero": (self.figures > 0.0).mean(axis=1), "draws": count,
        })  # fmt: skip


def sweep(
    scenario: Scenario | str | Path,
    over: Sequence[str] | str,
    kpi: str | None = None,
    *,
    reference: Scenario | str | Path | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    **making: Unpack[Making],
) -> Sweep:
    """Run a scenario with one or two values going through a grid, each point with the same draws.

    Parameters
    ----------
    scenario
        A scenario, or its name or file.
    over
        What to go through, as `presence.hurdle=0..50%:6` or `zones.guiyang.capacity_units=1,5,25`; one or two of them.
    kpi
        The figure; profit of the visitor's vendors in the focus market if None.
    reference
        Scenario to which differences are taken, with the same values where it has them; levels if None.
    draws, seed
        As in `sim.run`.
    making
        Workers, and where progress is kept and shown (`Making`).

    Raises
    ------
    ScenarioError
        If a scenario, path or value is not valid, there is no such figure, or it is the same at every point.
    """
    check_draws(draws, seed, 2, "for an interval")
    whole = given(scenario)
    base = None if reference is None else given(reference)
    grids = tuple(map(grid_of, [over] if isinstance(over, str) else over))
    if not 1 <= len(grids) <= MOST_GRIDS or len({grid.path for grid in grids}) < len(grids):
        raise ScenarioError(f"expected --over once or twice, with different paths, found {len(grids)}")
    kpi = kpi or headline_kpis(whole)[0]
    runs = [
        run
        for point in product(*(grid.values for grid in grids))
        for run in _runs(base, whole, {grid.path: value for grid, value in zip(grids, point, strict=True)})
    ]
    distinct = {_key(*run): run for run in runs}  # a reference without the paths is the same at every point
    figures_of = partial(draw_figures, kpi=kpi)
    jobs = [Job(changed(held, wanted), range(draws), seed, figures_of) for held, wanted in distinct.values()]
    tables = dict(zip(distinct, in_common(study_runs(jobs, "sweep", **making)), strict=True))
    made = [tables[_key(*run)] for run in runs]
    common, figures = made[0].index.tolist(), np.stack([table[kpi].to_numpy() for table in made])
    figures = figures if base is None else without_rounding(figures[::2], figures[1::2])
    if (figures == figures[0]).all():
        where = " and ".join(grid.path for grid in grids)
        raise ScenarioError(
            f"{where}: changes nothing in {kpi} in any of {len(common):,} draws; try another --kpi or path"
        )
    return Sweep(whole, base, kpi, seed, grids, common, figures)


def _key(held: Scenario, wanted: dict[str, Any]) -> tuple[int, str]:
    """By what the same run is known again."""
    return id(held), repr(wanted)


def _runs(base: Scenario | None, whole: Scenario, wanted: dict[str, Any]) -> Iterator[tuple[Scenario, dict[str, Any]]]:
    """Give what is run at a point with the values to change; a reference stays as it is where it has no such path."""
    if base is not None:
        known = [dotted(steps) for steps, _, _ in values_of(base)]
        there = {path for path in wanted if any(name == path or name.startswith(f"{path}.") for name in known)}
        yield base, {path: value for path, value in wanted.items() if path in there}
    yield whole, wanted
