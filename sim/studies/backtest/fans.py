"""What a cut-off's forecast says of every quarter of every series, for charts: figures that nobody published."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from sim.studies.backtest.forecasts import QUANTILES, Forecast
from sim.studies.fit.published import EXPORTS, IMPORTS, SHARE, Observation, Period

_KEY = "every.period"
COLUMNS = ("series", "cutoff", "middle", "months", *QUANTILES, "no_change", "trend")


def every_period(observations: Sequence[Observation], cutoff: dt.date) -> list[Observation]:
    """Ask for each series at each time from a cut-off to the last figure: by quarter, goods trade by year.

    Parameters
    ----------
    observations
        Published figures; each series once among them is asked for.
    cutoff
        First day after what is known.
    """
    end = max(one.period.end for one in observations)
    series = {one.series: one for one in sorted(observations, key=lambda one: one.series)}
    return [
        Observation(f"{_KEY}.{period}", one.kind, one.market, one.member, period, math.nan)
        for one in series.values()
        for period in _periods(cutoff, end, _months(one))
    ]


def is_published(forecast: Forecast) -> bool:
    """Whether somebody published the figure, so that the forecast can be scored."""
    return not math.isnan(forecast.observation.value)


def fan_table(found: Sequence[Forecast]) -> pd.DataFrame:
    """Give the bands of the model and the naive forecasts, amounts at yearly rates.

    Columns: series, cutoff (first day after), middle (of the period), months, quantiles, no_change, trend.
    """
    rows = [
        (one.observation.series, one.cutoff.isoformat(), middle(one.observation.period).isoformat(),
         one.observation.period.months, *_at_yearly_rate(one))
        for one in found
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def yearly_rate(one: Observation) -> float:
    """Give what a figure is to be multiplied with to be one of a year; a share stays as it is."""
    return 1.0 if one.kind == SHARE else MONTHS_PER_YEAR / one.period.months


def middle(period: Period) -> dt.date:
    """Give the day in the middle of a period."""
    return period.start + (period.end - period.start) / 2


def _at_yearly_rate(forecast: Forecast) -> Iterator[float]:
    factor = yearly_rate(forecast.observation)
    yield from np.quantile(forecast.ensemble, list(QUANTILES.values())) * factor
    for name in ("no_change", "trend"):
        yield float(np.median(forecast.naive[name])) * factor if name in forecast.naive else math.nan


def _months(one: Observation) -> int:
    return MONTHS_PER_YEAR if one.kind in {IMPORTS, EXPORTS} else MONTHS_PER_QUARTER


def _periods(cutoff: dt.date, end: dt.date, months: int) -> Iterator[Period]:
    """Give whole calendar periods of some length from a cut-off to an end."""
    behind = (cutoff.month - 1) % months
    period = Period(cutoff if not behind else Period(cutoff, months - behind).end, months)
    while period.end <= end:
        yield period
        period = Period(period.end, months)
