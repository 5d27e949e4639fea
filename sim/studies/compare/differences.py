"""The difference between two runs in one KPI: its spread over draws, and how sure its mean is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.quantities import FloatArray, IntArray
from sim.report.captions import count_of_draws, roughly
from sim.report.statistics import HIGH, student_quantile
from sim.studies.one_run.draw_figures import without_rounding

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

LEAST_DIFFERING = 15
"""Draws that must differ before the interval of a mean is trusted where most are equal: it is far from normal then."""
MOST_EQUAL = 0.5
"""Share of differing draws below which most are equal."""
_REPRESENTATIVES = 500


@dataclass(frozen=True)
class Difference:
    """Difference between two runs in one KPI.

    Attributes
    ----------
    values
        [draw] difference in each draw; where draws are not paired, differences between draws taken at random.
    mean
        Mean difference; NaN without any draw.
    standard_error
        Standard error of the mean; NaN where one draw cannot say.
    draws
        Number of draws that it rests on.
    unpaired_error
        Standard error that the mean would have if both runs had as many draws, of other luck each; NaN if unknown.
    """

    values: FloatArray
    mean: float
    standard_error: float
    draws: int
    unpaired_error: float = math.nan

    @property
    def interval_ratio(self) -> float:
        """Width of the interval of the mean, as a share of that of unpaired runs of the same size; NaN if unknown.

        One tenth says that shared draws do the work of a hundred times as many unrelated ones.
        """
        return self.standard_error / self.unpaired_error if self.unpaired_error > 0 else math.nan

    @cached_property
    def half_width(self) -> float:
        """Half the width of the 90 % interval of the mean; NaN where one draw cannot say."""
        return student_quantile(HIGH, self.draws - 1) * self.standard_error if self.draws > 1 else math.nan

    @property
    def is_zero(self) -> bool:
        """Whether there are draws and none of them differs at all."""
        return self.draws > 0 and not np.any(self.values)

    @property
    def share_differing(self) -> float:
        """Share of draws in which the runs differ at all; NaN without any draw."""
        return float(np.count_nonzero(self.values)) / len(self.values) if len(self.values) else math.nan

    @property
    def share_above(self) -> float:
        """Share of draws in which the difference is above zero; NaN without any draw."""
        return float(np.mean(self.values > 0.0)) if len(self.values) else math.nan

    @property
    def mean_if_differing(self) -> float:
        """Mean difference of the draws in which the runs differ; NaN without any. Times their share it is the mean."""
        return float(self.values[self.values != 0.0].mean()) if np.any(self.values) else math.nan

    @property
    def rests_on_few(self) -> bool:
        """Whether most draws are equal, and too few differ for an interval of their mean to be trusted."""
        few = 0 < self.share_differing * self.draws < LEAST_DIFFERING
        return few and self.share_differing < MOST_EQUAL

    @property
    def is_distinguishable(self) -> bool:
        """Whether the 90 % interval of the mean leaves zero out, and enough draws differ to trust it."""
        return abs(self.mean) > self.half_width and not self.rests_on_few

    @property
    def draws_needed(self) -> float:
        """About how many draws would tell the mean from zero, were it as it looks; NaN where that cannot be said."""
        if self.is_zero or not math.isfinite(self.standard_error):
            return math.nan
        if self.mean == 0:
            return math.inf
        if self.rests_on_few:
            return float(math.ceil(LEAST_DIFFERING / self.share_differing))
        wanted = self.draws * (student_quantile(HIGH, math.inf) * self.standard_error / self.mean) ** 2
        return float(max(math.ceil(wanted), 2 if self.is_distinguishable else self.draws + 1))

    @property
    def probability_other_sign(self) -> float:
        """Share of draws in which the difference has the sign that its mean has not."""
        return float(np.mean(self.values * self.mean < 0)) if self.draws else math.nan

    @property
    def verdict(self) -> str:
        """Say in words whether so many draws can tell the mean from zero."""
        draws = count_of_draws(self.draws)
        if self.draws == 0:
            return "no draw has a value in both"
        if self.is_zero:
            return f"no effect in {draws}"
        if self.draws == 1:
            return "1 draw cannot tell it from zero"
        if self.is_distinguishable:
            return f"distinguishable from zero at {draws}"
        if self.rests_on_few:
            differing = count_of_draws(round(self.share_differing * self.draws))
            return f"differs in {differing} of {self.draws:,}: too few to tell the mean from zero"
        return f"not distinguishable from zero at {draws}{self._would_do()}"

    def _would_do(self) -> str:
        return f" (about {roughly(self.draws_needed)} would do)" if math.isfinite(self.draws_needed) else ""


def share_their_luck(reference: RunData, other: RunData) -> bool:
    """Whether a draw's random numbers are the same in both runs, so that draws can be paired."""
    return reference.seed == other.seed


def difference_between(reference: RunData, other: RunData, kpi: str) -> Difference:
    """Compare two runs in one KPI, draw by draw if they share their luck; draws that only one has are left out then."""
    return next(differences_between(reference, other, [kpi]))


def differences_between(reference: RunData, other: RunData, kpis: Sequence[str]) -> Iterator[Difference]:
    """Compare two runs in several KPIs, as `difference_between` does in one."""
    ours, theirs = (pd.Index(run.kpis["draw"]) for run in (reference, other))
    paired = share_their_luck(reference, other)
    if paired:
        common = ours.intersection(theirs)
        before, after = (
            _values(reference, kpis, ours.get_indexer(common)),
            _values(other, kpis, theirs.get_indexer(common)),
        )
    else:
        before, after = _values(reference, kpis), _values(other, kpis)
    compared = paired_difference if paired else unpaired_difference
    return map(compared, before, after)


def _values(run: RunData, kpis: Sequence[str], rows: IntArray | slice = slice(None)) -> FloatArray:
    """Values of KPIs in some rows, [kpi, row]."""
    values = run.kpis[list(kpis)].to_numpy(dtype=np.float64)
    return np.ascontiguousarray(values[rows].T)


def paired_difference(reference: FloatArray, other: FloatArray) -> Difference:
    """Compare two runs draw by draw; draws where either has no value are left out.

    Parameters
    ----------
    reference, other
        [draw] values in the same draws.
    """
    both = np.isfinite(reference) & np.isfinite(other)
    reference, other = reference[both], other[both]
    values = without_rounding(reference, other)
    unpaired = math.hypot(_standard_error(reference), _standard_error(other))
    return Difference(values, _mean(values), _standard_error(values), len(values), unpaired)


def unpaired_difference(reference: FloatArray, other: FloatArray) -> Difference:
    """Compare two runs whose draws have nothing to do with each other.

    Parameters
    ----------
    reference, other
        [draw] values, of any two lengths.
    """
    reference, other = reference[np.isfinite(reference)], other[np.isfinite(other)]
    values = (_representatives(other)[:, np.newaxis] - _representatives(reference)).ravel()
    error = math.hypot(_standard_error(reference), _standard_error(other))
    return Difference(values, _mean(other) - _mean(reference), error, min(len(reference), len(other)), error)


def _representatives(values: FloatArray) -> FloatArray:
    """Give evenly spaced quantiles of many values, so that all their differences fit into memory."""
    if len(values) <= _REPRESENTATIVES:
        return values
    middles = (np.arange(_REPRESENTATIVES) + 0.5) / _REPRESENTATIVES
    return np.asarray(np.quantile(values, middles), dtype=np.float64)


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _standard_error(values: FloatArray) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
