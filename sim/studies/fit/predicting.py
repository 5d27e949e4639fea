"""What a run says of published figures: the same shares, sizes and flows, in each draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.model.recorder import Paths
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray
from sim.runs.batch_task import Batch
from sim.studies.fit.published import EXPORTS, IMPORTS, SHARE, TOTAL, Observation, Period


def predicted(paths: Paths, observations: Sequence[Observation]) -> FloatArray:
    """Give what a run says of each figure, [observation, draw], in its unit.

    Parameters
    ----------
    paths
        What was recorded.
    observations
        Figures whose periods lie within the run.
    """
    return np.stack([_of(paths, one) for one in observations])


def predictions(batch: Batch, observations: Sequence[Observation]) -> FloatArray:
    """Run a batch and give what it says of each figure, [observation, draw]."""
    return predicted(batch.paths(), observations)


def is_covered(paths_start_month: int, quarters: int, period: Period) -> bool:
    """Whether a run that starts in a month (counted from year 0) and has so many quarters holds all of a period."""
    first, last = _quarters(paths_start_month, period)
    return first >= 0 and last <= quarters


def _of(paths: Paths, one: Observation) -> FloatArray:
    start = paths.scenario.start.year * MONTHS_PER_YEAR + paths.scenario.start.month - 1
    span = slice(*_quarters(start, one.period))
    if one.kind in {IMPORTS, EXPORTS}:
        country = paths.axes.countries.index(one.member)
        flows: FloatArray = paths.countries[f"{one.kind}_bn"][span, country]
        return flows.sum(axis=0)
    markets = [paths.axes.markets.index(one.market)] if one.market else list(range(len(paths.axes.markets)))
    whole: FloatArray = paths.markets["total_bn"][span][:, markets].sum(axis=(0, 1))
    if one.kind == TOTAL:
        return whole
    assert one.kind == SHARE, one.kind  # noqa: S101 (there are no other kinds)
    vendor = paths.axes.vendors.index(one.member)
    revenue: FloatArray = paths.vendors["revenue_bn"][span, vendor][:, markets].sum(axis=(0, 1))
    return revenue / whole


def _quarters(start_month: int, period: Period) -> tuple[int, int]:
    """First quarter of a period in a run, and the first one after it."""
    first = (period.start.year * MONTHS_PER_YEAR + period.start.month - 1 - start_month) // MONTHS_PER_QUARTER
    return first, first + period.months // MONTHS_PER_QUARTER
