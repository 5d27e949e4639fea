"""How the draws lie at each date: counts by value, small enough to keep for any number of draws, and bands of them.

Counts of batches add up to those of all draws, in any order, without rounding. So bands come from all draws, although
the full paths of only the first ones are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.arithmetic.compiling import compiled
from sim.model.columns import AXES, BAND_AXES, COLUMNS, DIMS, Arrays
from sim.model.recorder import Paths, named_vendors
from sim.model.start.parties import axes_of
from sim.quantities import FloatArray, IntArray
from sim.scenario.schema import Presence, Scenario

StepArray = NDArray[np.int32]
"""Numbers of steps, as `steps` gives them."""
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
"""Columns of bands, and the share of draws that lies below each."""

KEPT_BITS = 8
"""Bits of the fraction of a number that counts tell apart: values are known to 2 ** -9, so within 0.2 %."""
_HALF = 32
"""Half of the bits of a floating-point number; the upper half holds the sign, the exponent and what is kept."""
_DROPPED_BITS = np.finfo(np.float64).nmant - _HALF - KEPT_BITS
_MAGNITUDE = np.iinfo(np.int32).max
_STEP_BITS = 21
"""Bits that hold a step, sign included, in a key; what is above them is the cell."""
_STEP_OFFSET = 1 << (_STEP_BITS - 1)


@dataclass(frozen=True)
class Series:
    """A quantity that is counted for all draws.

    Attributes
    ----------
    table, column
        Where its paths stand in the tables of a result; ranks stand in none.
    names
        Axis and members for each of the axes between quarter and draw.
    values
        Gives the array [quarter, ..., draw].
    discrete
        Whether its values are few, so that their frequencies say more than a band.
    """

    table: str
    column: str
    names: dict[str, tuple[str, ...]]
    values: Callable[[Paths], FloatArray]
    discrete: bool = False


def series_of(scenario: Scenario) -> Iterator[Series]:
    """Series that are counted: who is present where with which share, ranks, and all columns of markets and countries.

    Parameters
    ----------
    scenario
        The scenario run.
    """
    axes = axes_of(scenario, 0)
    for column in COLUMNS:
        if column.counted is not None:
            names = {axis: getattr(axes, AXES[axis]) for axis in DIMS[column.table]}
            values = _column(column.table, column.name)
            if all(names.values()):
                yield Series(column.table, column.name, names, values, column.counted == "frequency")
    named = {"vendor": tuple(np.array(axes.vendors)[named_vendors(scenario)])}
    yield Series(
        "vendors", "world_rank", named, lambda paths: paths.world_ranks[:, named_vendors(paths.scenario)], True
    )


def _column(table: str, column: str) -> Callable[[Paths], FloatArray]:
    return lambda paths: getattr(paths, table)[column].astype(np.float64, copy=False)


@dataclass(frozen=True)
class Counts:
    """How many draws lie in each step of value, for each cell: a series at one date for one member.

    Attributes
    ----------
    keys
        [step] cell and step of value in one number, rising.
    draws
        [step] how many draws lie there.
    low, high
        [cell] least and largest value, exact.
    """

    keys: IntArray
    draws: IntArray
    low: FloatArray
    high: FloatArray

    @property
    def digest(self) -> bytes:
        """Fingerprint that does not depend on how draws were divided into batches."""
        found = hashlib.sha256()
        for values in (self.keys, self.draws, self.low + 0.0, self.high + 0.0):
            found.update(np.ascontiguousarray(values).tobytes())
        return found.digest()

    def tables(self) -> dict[str, Arrays]:
        """Lay out as the tables `counts` and `extremes`."""
        return {
            "counts": {"key": self.keys, "draws": self.draws},
            "extremes": {"low": self.low, "high": self.high},
        }

    @classmethod
    def from_tables(cls, tables: Mapping[str, pd.DataFrame]) -> Counts:
        """Read what `tables` has laid out."""
        counts, extremes = tables["counts"], tables["extremes"]
        return cls(*(counts[name].to_numpy() for name in counts), *(extremes[name].to_numpy() for name in extremes))


def counts_of(paths: Paths) -> Counts:
    """Count the draws of some paths."""
    keys, draws, lows, highs = [], [], [], []
    cells = 0
    for series in series_of(paths.scenario):
        values = series.values(paths)
        flat = values.reshape(-1, values.shape[-1])
        ordered = np.sort(steps(flat), axis=1)
        series_keys, series_draws = _runs_in_rows(ordered, cells)
        keys.append(series_keys)
        draws.append(series_draws)
        lows.append(flat.min(axis=1))
        highs.append(flat.max(axis=1))
        cells += len(flat)
    return Counts(*map(np.concatenate, (keys, draws, lows, highs)))


def steps(values: FloatArray) -> StepArray:
    """Number of the step that each value is nearest to: its sign, exponent and the leading bits of its fraction."""
    found = np.empty(values.shape, dtype=np.int32)
    _write_steps(np.ascontiguousarray(values).reshape(-1), found.reshape(-1))
    return found


@compiled
def _write_steps(values: FloatArray, found: StepArray) -> None:
    for i in range(len(values)):
        upper = np.float64(values[i]).view(np.int64) >> _HALF
        magnitude = ((upper & _MAGNITUDE) + (1 << (_DROPPED_BITS - 1))) >> _DROPPED_BITS
        found[i] = -magnitude if upper < 0 else magnitude


def value_of_step(step: IntArray | StepArray) -> FloatArray:
    """Value in the middle of a step: the inverse of `steps`, to a relative 2 ** -9."""
    magnitude = (np.abs(step).astype(np.int64) << (_DROPPED_BITS + _HALF)).view(np.float64)
    return np.where(step < 0, -magnitude, magnitude)


def _runs_in_rows(ordered: StepArray, first_cell: int) -> tuple[IntArray, IntArray]:
    """Keys of rows of rising steps, [cell, draw], and how many draws each has."""
    count = len(ordered) + np.count_nonzero(ordered[:, 1:] != ordered[:, :-1])
    keys, draws = np.empty((2, count), dtype=np.int64)
    _write_runs(ordered, first_cell, keys, draws)
    return keys, draws


@compiled
def _write_runs(ordered: StepArray, first_cell: int, keys: IntArray, draws: IntArray) -> None:
    """Write keys and draws of each run; where the runs of a row begin is found first, without asking at each step."""
    cells, count = ordered.shape
    begins, k = np.empty(count + 1, np.int64), 0
    for cell in range(cells):
        row, runs = ordered[cell], 1
        begins[0] = 0
        for d in range(1, count):
            begins[runs] = d
            runs += row[d] != row[d - 1]
        begins[runs] = count
        for r in range(runs):
            keys[k + r] = (np.int64(first_cell + cell) << _STEP_BITS) + (row[begins[r]] + _STEP_OFFSET)
            draws[k + r] = begins[r + 1] - begins[r]
        k += runs


def total(parts: Iterable[Counts]) -> Counts:
    """Counts of all draws, from those of separate batches, in any order; each is set against about as many others."""
    waiting: list[Counts] = []
    for part in parts:
        waiting.append(part)
        while len(waiting) > 1 and len(waiting[-2].keys) < 2 * len(waiting[-1].keys):
            waiting.append(_sum(waiting.pop(), waiting.pop()))
    return reduce(_sum, reversed(waiting))


def _sum(one: Counts, other: Counts) -> Counts:
    keys, draws = np.empty((2, len(one.keys) + len(other.keys)), dtype=np.int64)
    count = _merge((one.keys, one.draws), (other.keys, other.draws), keys, draws)
    return Counts(keys[:count], draws[:count], np.minimum(one.low, other.low), np.maximum(one.high, other.high))


@compiled
def _merge(one: tuple[IntArray, IntArray], other: tuple[IntArray, IntArray], keys: IntArray, draws: IntArray) -> int:
    """Write rising keys of two series, each once, with the sum of its draws, and give how many there are.

    What stands in which series is asked without branches, which no processor could foresee.
    """
    ends = len(one[0]), len(other[0])
    i, j, k = 0, 0, 0
    while i < ends[0] and j < ends[1]:
        here, there = one[0][i], other[0][j]
        in_one, in_other = here <= there, there <= here
        keys[k] = min(here, there)
        draws[k] = one[1][i] * in_one + other[1][j] * in_other
        i, j, k = i + in_one, j + in_other, k + 1
    for left in range(i, ends[0]):
        keys[k], draws[k] = one[0][left], one[1][left]
        k += 1
    for left in range(j, ends[1]):
        keys[k], draws[k] = other[0][left], other[1][left]
        k += 1
    return k


@dataclass(frozen=True)
class Distributions:
    """What counts of all draws say.

    Attributes
    ----------
    scenario
        The scenario run.
    counts
        Counts of all draws.
    """

    scenario: Scenario
    counts: Counts

    def bands(self) -> pd.DataFrame:
        """Bands over time.

        Returns
        -------
        DataFrame
            Row per series that is not discrete, member and quarter: table, column, vendor, market, country (empty where
            a series has no such axis), date, p5, p25, p50, p75, p95, mean, low, high, draws. Low and high are exact.
            Quantiles and means are as if each draw were known to 0.2 % of its size.
        """
        labels = self._labels.copy()
        figures: dict[str, np.ndarray] = self._quantiles() | {
            "mean": self._mean(),
            "low": self.counts.low,
            "high": self.counts.high,
            "draws": self._draws,
        }
        table = pd.concat([labels, pd.DataFrame(figures)], axis="columns")
        return table[~table.pop("discrete")].reset_index(drop=True)

    def frequencies(self) -> pd.DataFrame:
        """How often each value of the discrete series occurs.

        Returns
        -------
        DataFrame
            Row per series, member, quarter and value: table, column, vendor, market, country, date, value (name of the
            presence, or the place in the world), share (of draws).
        """
        labels = self._labels.copy()
        chosen = np.flatnonzero(labels.pop("discrete").to_numpy()[self._cells])
        cells, values = self._cells[chosen], self._values[chosen].astype(np.int64)
        rows = labels.iloc[cells].reset_index(drop=True)
        names = np.array([presence.name.lower() for presence in sorted(Presence)])
        present = (rows["column"] == "presence").to_numpy()
        words = np.where(present, names[np.where(present, values, 0)], values.astype(np.str_))
        shares = self.counts.draws[chosen] / self._draws[cells]
        return rows.assign(value=pd.Categorical(words), share=shares)

    @cached_property
    def _cells(self) -> IntArray:
        return self.counts.keys >> _STEP_BITS

    @cached_property
    def _starts(self) -> IntArray:
        return np.flatnonzero(np.concatenate(([True], self._cells[1:] != self._cells[:-1])))

    @cached_property
    def _draws(self) -> IntArray:
        return np.add.reduceat(self.counts.draws, self._starts)

    @cached_property
    def _values(self) -> FloatArray:
        """Value of each step, never outside what occurred."""
        step = (self.counts.keys & ((1 << _STEP_BITS) - 1)) - _STEP_OFFSET
        return np.clip(value_of_step(step), self.counts.low[self._cells], self.counts.high[self._cells])

    def _mean(self) -> FloatArray:
        return np.add.reduceat(self._values * self.counts.draws, self._starts) / self._draws

    def _quantiles(self) -> dict[str, FloatArray]:
        """Quantiles of each cell, between neighbouring draws in proportion, as `numpy.quantile` does."""
        ends = np.cumsum(self.counts.draws)
        before, found = np.concatenate(([0], ends))[self._starts], {}
        for name, share in QUANTILES.items():
            place = share * (self._draws - 1)
            below, above = (
                self._values[np.searchsorted(ends, before + rounded(place).astype(np.int64), side="right")]
                for rounded in (np.floor, np.ceil)
            )
            found[name] = below + (above - below) * (place - np.floor(place))
        return found

    @cached_property
    def _labels(self) -> pd.DataFrame:
        """Row per cell, in the order of cells: those of one quarter, again in each quarter of their series."""
        dates = np.array(self.scenario.calendar.quarter_dates(), dtype="datetime64[ns]")
        every = [(series, list(product(*series.names.values()))) for series in series_of(self.scenario)]
        rows = [
            {"table": series.table, "column": series.column, **dict.fromkeys(BAND_AXES, "")}
            | dict(zip(series.names, members, strict=True))
            | {"discrete": series.discrete}
            for series, cells in every
            for members in cells
        ]
        counts = [len(cells) for _, cells in every]
        within = np.split(np.arange(len(rows)), np.cumsum(counts)[:-1])
        words = pd.DataFrame(rows).astype(dict.fromkeys(("table", "column", *BAND_AXES), "category"))
        labels = words.iloc[np.concatenate([np.tile(own, len(dates)) for own in within])].reset_index(drop=True)
        labels.insert(len(labels.columns) - 1, "date", np.concatenate([np.repeat(dates, n) for n in counts]))
        return labels
