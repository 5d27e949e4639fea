"""Runs two scenarios and looks for the assumptions under which their difference meets a condition."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.quantities import BoolArray, FloatArray
from sim.report.captions import settings_in_words
from sim.runs.run_many import Job
from sim.runs.run_plan import check_draws
from sim.runs.study_runs import Making, study_runs
from sim.scenario.describing import numbers_of
from sim.scenario.loading import given
from sim.scenario.schema import Scenario
from sim.studies.discover import DRAWS
from sim.studies.discover.boxes import Box, Score, find_box, score
from sim.studies.discover.narrowing import Bounds, narrowed
from sim.studies.one_run.draw_figures import draw_figures, in_common
from sim.studies.one_run.drivers import origins
from sim.values import Number

WORD = "within_the_box"
"""Begins the words that lists of narrowed numbers share, unless the user says otherwise."""
LEVEL = 0.01
"""Chance above which a rule is none."""
_WHEN = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(<=|>=|<|>)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")
_OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
WANTED = 'expected --when "KPI < NUMBER", with <, <=, > or >=, such as "welfare_china_cum_bn < 0"'


@dataclass(frozen=True, repr=False)
class Discovery:
    """Under which assumptions a difference meets a condition.

    Attributes
    ----------
    reference, other
        The scenarios.
    when, kpi, seed
        The condition on the difference, its figure, and the seed.
    draws
        Numbers of the draws that could be computed in both.
    numbers
        Uncertain numbers.
    inputs
        [number, draw] what was drawn.
    condition
        [draw] whether the condition holds.
    box
        Where it holds often.
    score
        Of the box, in the half of the draws that had no part in finding it.
    """

    reference: Scenario
    other: Scenario
    when: str
    kpi: str
    seed: int
    draws: tuple[int, ...]
    numbers: tuple[Number, ...]
    inputs: FloatArray
    condition: BoolArray
    box: Box
    score: Score

    def __repr__(self) -> str:
        pair = f"{self.other.name} against {self.reference.name}"
        return f"Discovery({pair}: {self.when}, {settings_in_words(len(self.draws), self.seed)})"

    @property
    def is_rule(self) -> bool:
        """Whether the box can be told from chance, and is denser than the whole."""
        return bool(self.box.bounded.any() and self.score.chance < LEVEL and self.score.density > self.score.base_rate)

    def rules(self) -> pd.DataFrame:
        """Give the rule, a row for each number that it bounds.

        Returns
        -------
        DataFrame
            input (dotted path), title (that in words), low, high (bounds; not a number where there is none), p5, p95
            (of the draws), unit, source, density, base_rate, coverage, support, chance (`Score`), is_rule, draws.
        """
        known, numbers = origins(self.other, self.reference), self.numbers
        scored = (
            self.score.density, self.score.base_rate, self.score.coverage, self.score.support, self.score.chance,
            self.is_rule, self.score.draws,
        )  # fmt: skip
        bounds = np.where(np.isfinite([self.box.low, self.box.high]), [self.box.low, self.box.high], np.nan)
        rows = [
            (numbers[k].name, known[numbers[k].name].title, *bounds[:, k], *np.quantile(self.inputs[k], (0.05, 0.95)),
             numbers[k].unit, known[numbers[k].name].source, *scored)
            for k in np.flatnonzero(self.box.bounded)
        ]  # fmt: skip
        columns = [
            "input", "title", "low", "high", "p5", "p95", "unit", "source", "density", "base_rate", "coverage",
            "support", "chance", "is_rule", "draws",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def narrowing(self, word: str = WORD) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give what to change in the reference and in the other scenario so that all their draws lie in the box.

        Parameters
        ----------
        word
            Begins the words that lists of numbers share which go together; one that no scenario has yet.

        Returns
        -------
        Values by dotted path, as `sim.load(..., set=...)` and `sim.run(..., set=...)` take them.
        """
        bounded = np.flatnonzero(self.box.bounded)
        box = {self.numbers[k].name: Bounds(self.box.low[k], self.box.high[k]) for k in bounded}
        return narrowed(self.reference, box, word), narrowed(self.other, box, word)


def discover(
    reference: Scenario | str | Path,
    other: Scenario | str | Path,
    when: str,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    **making: Unpack[Making],
) -> Discovery:
    """Look for the assumptions under which the difference between two scenarios meets a condition.

    Parameters
    ----------
    reference, other
        Scenarios, or their names or files.
    when
        The condition, such as `welfare_china_cum_bn < 0`.
    draws
        Draws of each; half of them find the rule, the other half score it.
    seed
        As in `sim.run`.
    making
        Workers, and where progress is kept and shown (`Making`).

    Raises
    ------
    ScenarioError
        If a scenario or the condition is not valid, or it holds in no draw or in all.
    """
    check_draws(draws, seed, 4, "since half of them score what the others find")
    kpi, compared, limit = read_condition(when)
    pair = given(reference), given(other)
    jobs = [Job(held, range(draws), seed, partial(draw_figures, kpi=kpi)) for held in pair]
    before, after = in_common(study_runs(jobs, "scenarios", **making))
    common, difference = before.index.tolist(), (after[kpi] - before[kpi]).to_numpy()
    condition = np.asarray(_OPERATORS[compared](difference, limit))
    if condition.all() or not condition.any():
        held = "all" if condition.all() else "none"
        raise ScenarioError(
            f"--when {when}: holds in {held} of {len(common):,} draws, so nothing decides it; the difference lies "
            f"between {difference.min():.3g} and {difference.max():.3g}"
        )
    luck = Draws(seed, common)
    drawn = [(number, luck.number(number)) for number in numbers_of(*pair).values() if number.is_uncertain]
    varied = [(number, values) for number, values in drawn if np.ptp(values) > 0.0]
    inputs = np.stack([values for _, values in varied])
    learned = np.arange(len(common)) % 2 == 0
    box = find_box(inputs[:, learned], condition[learned])
    return Discovery(
        pair[0], pair[1], when.strip(), kpi, seed, tuple(common), tuple(number for number, _ in varied), inputs,
        condition, box, score(box, inputs[:, ~learned], condition[~learned]),
    )  # fmt: skip


def read_condition(when: str) -> tuple[str, str, float]:
    """Read a condition: its figure, how it is compared, and with what.

    Raises
    ------
    ScenarioError
        If it is written otherwise.
    """
    read = _WHEN.fullmatch(when)
    if read is None:
        raise ScenarioError(f"--when {when}: {WANTED}")
    try:
        return read[1], read[2], float(read[3])
    except ValueError as problem:
        raise ScenarioError(f"--when {when}: {read[3]} is no number; {WANTED}") from problem
