"""Two forecasts that know no economics: no change, and the straight line through the last two years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from sim.quantities import DAYS_PER_YEAR, MONTHS_PER_YEAR
from sim.studies.fit.published import SHARE, Observation, Period

_YEARS = 2


def no_change(known: Sequence[Observation], wanted: Observation) -> float | None:
    """Forecast the last known figure of the series, at yearly rates where it is an amount; None if there is none."""
    own = _of_series(known, wanted)
    if not own:
        return None
    last = max(own, key=lambda one: (one.period.end, -one.period.months))
    return _rate(last) * _amount(wanted)


def trend(known: Sequence[Observation], wanted: Observation, cutoff: dt.date) -> float | None:
    """Forecast by the least-squares line through the figures of the two years before the cut-off, at least zero.

    None where fewer than two dates are known then.
    """
    since = cutoff.replace(year=cutoff.year - _YEARS)
    own = [one for one in _of_series(known, wanted) if one.period.start >= since]
    dates = np.array([_middle(one.period) for one in own])
    if len(set(dates.tolist())) < 2:  # noqa: PLR2004
        return None
    slope, level = np.polyfit(dates, [_rate(one) for one in own], 1)
    return max(float(slope * _middle(wanted.period) + level), 0.0) * _amount(wanted)


def _of_series(known: Sequence[Observation], wanted: Observation) -> list[Observation]:
    return [one for one in known if one.series == wanted.series and one.definition_sd == 0]


def _middle(period: Period) -> float:
    return (period.start.toordinal() + period.end.toordinal()) / 2.0 / DAYS_PER_YEAR


def _rate(one: Observation) -> float:
    """Give a figure at a yearly rate; a share as it is."""
    return one.value / _amount(one)


def _amount(one: Observation) -> float:
    return 1.0 if one.kind == SHARE else one.period.months / MONTHS_PER_YEAR
