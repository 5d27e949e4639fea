"""Runs two scenarios and looks for the assumptions under which their difference meets a condition."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
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
from sim.studies.discover.shallow_tree import leaves
from sim.studies.one_run.draw_figures import draw_figures, in_common, without_rounding
from sim.studies.one_run.drivers import origins
from sim.values import Number

BOUNDS = ("input", "title", "low", "high", "p5", "p95", "unit", "source")
"""Columns of what bounds a region."""
SCORES = tuple(field.name for field in fields(Score))
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
    leaves
        Of a shallow tree, each with its score in that half.
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
    leaves: tuple[tuple[Box, Score], ...]

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
            (of the draws), unit, source, density, base_rate, coverage, support, chance, draws (`Score`), is_rule.
        """
        scored = (*vars(self.score).values(),)
        rows = [(*bounds, *scored, self.is_rule) for bounds in self._bounds(self.box)]
        return pd.DataFrame(rows, columns=[*BOUNDS, *SCORES, "is_rule"])

    def tree(self) -> pd.DataFrame:
        """Give the leaves of the tree, a row for each number that bounds one; they hold all draws, each in one.

        Returns
        -------
        DataFrame
            leaf (its number, from where the condition is most frequent on), then the columns of `rules`; `chance` is
            that of a share so far from the base rate, on either side.
        """
        ranked = sorted(self.leaves, key=lambda leaf: -leaf[1].density)
        rows = [
            (place, *bounds, *vars(scored).values())
            for place, (box, scored) in enumerate(ranked, start=1)
            for bounds in self._bounds(box)
        ]
        return pd.DataFrame(rows, columns=["leaf", *BOUNDS, *SCORES])

    def _bounds(self, box: Box) -> Iterator[tuple[Any, ...]]:
        """What a box says of each number that it bounds, as columns `BOUNDS`."""
        known, numbers = origins(self.other, self.reference), self.numbers
        ends = np.where(np.isfinite([box.low, box.high]), [box.low, box.high], np.nan)
        for k in np.flatnonzero(box.bounded):
            name = numbers[k].name
            usual = np.quantile(self.inputs[k], (0.05, 0.95))
            yield name, known[name].title, *ends[:, k], *usual, numbers[k].unit, known[name].source

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
    common, difference = before.index.tolist(), without_rounding(before[kpi].to_numpy(), after[kpi].to_numpy())
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
    apart = inputs[:, ~learned], condition[~learned]
    tree = leaves(inputs[:, learned], condition[learned])
    return Discovery(
        pair[0], pair[1], when.strip(), kpi, seed, tuple(common), tuple(number for number, _ in varied), inputs,
        condition, box, score(box, *apart), tuple((leaf, score(leaf, *apart, both_sides=True)) for leaf in tree),
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
