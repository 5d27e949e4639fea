"""Forecasts of published figures from a cut-off, by the model and by two naive rules, with the same treatment."""

from __future__ import annotations

import datetime as dt
import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray
from sim.studies.backtest.naive import no_change, trend
from sim.studies.backtest.scoring import crps
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimating import SEED, Fit, predicted_in_draws, with_estimates
from sim.studies.fit.fit_settings import Settings
from sim.studies.fit.hindcast import hindcast
from sim.studies.fit.predicting import is_covered
from sim.studies.fit.published import UNITS, Observation, known_at, with_errors

DRAWS = 1000
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
NAIVE = ("no_change", "trend")
COLUMNS = ("series", "unit", "cutoff", "date", "observed", *QUANTILES, "crps", "crps_no_change", "crps_trend")
_YEAR, _QUARTER = "year", "quarter"
_FIRST_DRAW = 1_000_000
"""Draws of forecasts, none of which the fit has seen."""


@dataclass(frozen=True)
class Forecast:
    """What was said of one figure before it came.

    Attributes
    ----------
    observation
        The figure, with its error.
    cutoff
        First day after what was known.
    ensemble
        [draw] what the model says that will be published.
    naive
        By rule, [draw] the same; missing where the rule has nothing to go by.
    """

    observation: Observation
    cutoff: dt.date
    ensemble: FloatArray
    naive: dict[str, FloatArray]

    @property
    def series(self) -> str:
        """Name of the series with the length of its periods: `share.china.alibaba.quarter`."""
        length = _YEAR if self.observation.period.months == MONTHS_PER_YEAR else _QUARTER
        return f"{self.observation.series}.{length}"


def forecasts(
    fitted: Fit, observations: Sequence[Observation], wanted: Sequence[Observation], settings: Settings
) -> list[Forecast]:
    """Forecast figures from a fit.

    Parameters
    ----------
    fitted
        What was learned from the data up to the cut-off.
    observations
        Published figures; the naive rules look at those known at the cut-off.
    wanted
        Figures to forecast; those that the scenario cannot name or that begin before it are left out.
    settings
        Errors of measurement.
    """
    known = known_at(observations, fitted.cutoff)
    errors = {one.series: one.log_sd for one in with_errors(known, settings) if one.definition_sd == 0}
    scatters = {one.series: scatter(known, one.series) for one in wanted if one.kind in settings.without_luck}
    end = max(one.period.end for one in wanted)
    start = fitted.scenario.start
    months = (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month
    first = start.year * MONTHS_PER_YEAR + start.month - 1
    held = [
        replace(one, log_sd=math.hypot(errors.get(one.series, settings.measurement[one.kind]), one.definition_sd,
                                       scatters.get(one.series, 0.0) * math.sqrt(_years_ahead(one, fitted.cutoff))))
        for one in wanted
        if is_covered(first, months // MONTHS_PER_QUARTER, one.period) and _is_named(one, fitted)
    ]  # fmt: skip
    scenario = with_estimates(hindcast(settings, fitted.cutoff, months).scenario, fitted.priors, fitted.posterior)
    simulated = predicted_in_draws(scenario, range(_FIRST_DRAW, _FIRST_DRAW + DRAWS), held)
    return [_forecast(one, fitted.cutoff, simulated[row], known) for row, one in enumerate(held)]


def scatter(known: Sequence[Observation], series: str) -> float:
    """Standard deviation of the yearly log changes of a series around their mean, from the whole years known."""
    years = {one.period.start.year: math.log(one.value) for one in known
             if one.series == series and one.period.months == MONTHS_PER_YEAR}  # fmt: skip
    changes = [years[year] - years[year - 1] for year in years if year - 1 in years]
    return float(np.std(changes, ddof=1)) if len(changes) > 1 else 0.0


def _years_ahead(one: Observation, cutoff: dt.date) -> float:
    """Years from the last one known to that of a figure."""
    return one.period.end.year - cutoff.year + one.period.end.month / MONTHS_PER_YEAR - cutoff.month / MONTHS_PER_YEAR


def scores_of(found: Sequence[Forecast]) -> pd.DataFrame:
    """Score forecasts: series, unit, cutoff, date (last day), observed, quantiles, CRPS of model and naive rules."""
    return pd.DataFrame(list(map(_score, found)), columns=list(COLUMNS))


def _is_named(one: Observation, fitted: Fit) -> bool:
    return one.member in {"", *fitted.scenario.vendors, *fitted.scenario.countries}


def _forecast(one: Observation, cutoff: dt.date, simulated: FloatArray, known: Sequence[Observation]) -> Forecast:
    """Add the error of measurement, of the same luck for all forecasts of a figure."""
    generator = np.random.default_rng([SEED, zlib.crc32(f"{one.key} {one.kind}".encode())])
    errors = np.exp(one.log_sd * generator.standard_normal(len(simulated)))
    rules = {NAIVE[0]: no_change(known, one), NAIVE[1]: trend(known, one, cutoff)}
    naive = {name: value * errors for name, value in rules.items() if value is not None}
    return Forecast(one, cutoff, simulated * errors, naive)


def _score(forecast: Forecast) -> tuple[object, ...]:
    one = forecast.observation
    quantiles = np.quantile(forecast.ensemble, list(QUANTILES.values()))
    last = one.period.end - dt.timedelta(days=1)
    return (
        forecast.series, UNITS[one.kind], last_month(forecast.cutoff), last.isoformat(), one.value, *quantiles,
        crps(forecast.ensemble, one.value), *_naive_scores(forecast),
    )  # fmt: skip


def _naive_scores(forecast: Forecast) -> Iterator[float]:
    for name in NAIVE:
        ensemble = forecast.naive.get(name)
        yield float("nan") if ensemble is None else crps(ensemble, forecast.observation.value)
