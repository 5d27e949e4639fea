"""A backtest at several cut-offs: at each one a fit, the forecasts of what came later, and those of every quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sim.errors import ScenarioError
from sim.studies.backtest.fans import every_period, fan_table, is_published
from sim.studies.backtest.forecasts import Forecast, forecasts, scores_of
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimating import Fit, fit
from sim.studies.fit.fit_settings import Settings
from sim.studies.fit.published import Observation


@dataclass(frozen=True)
class Study:
    """Forecasts from several cut-offs beside what came.

    Attributes
    ----------
    cutoffs
        First days after what was known, in order.
    fits
        What was learned at each.
    forecasts
        Of all published figures that came later.
    fans
        Of every quarter from each cut-off on.
    observations
        All published figures of series that the scenario names, earlier and later ones.
    """

    cutoffs: tuple[dt.date, ...]
    fits: tuple[Fit, ...]
    forecasts: tuple[Forecast, ...]
    fans: tuple[Forecast, ...]
    observations: tuple[Observation, ...]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """A row by figure and cut-off, with the columns of `forecasts.COLUMNS`."""
        return scores_of(self.forecasts)

    @cached_property
    def fan_table(self) -> pd.DataFrame:
        """A row by series, cut-off and quarter: bands of the model and naive forecasts, amounts at yearly rates."""
        return fan_table(self.fans)


def study(observations: Sequence[Observation], cutoffs: Sequence[dt.date], settings: Settings) -> Study:
    """Fit at each cut-off and forecast what came later.

    Parameters
    ----------
    observations
        Published figures.
    cutoffs
        First days after what was known.
    settings
        Priors, errors, and what is compared.

    Raises
    ------
    ScenarioError
        If no figure came after one of the cut-offs.
    """
    ordered = tuple(sorted(set(cutoffs)))
    for cutoff in ordered:
        if not _later(observations, cutoff):
            raise ScenarioError(
                f"--cutoff {last_month(cutoff)}: no figure came after it; give later ones with --data, "
                "or an earlier month"
            )
    fits = tuple(fit(observations, cutoff, settings) for cutoff in ordered)
    found = [one for fitted in fits for one in _forecasts(fitted, observations, settings)]
    named = tuple(one for one in observations if one.member in _names(fits[0]))
    said, fans = [one for one in found if is_published(one)], [one for one in found if not is_published(one)]
    return Study(ordered, fits, tuple(said), tuple(fans), named)


def _later(observations: Sequence[Observation], cutoff: dt.date) -> list[Observation]:
    return [one for one in observations if one.period.start >= cutoff]


def _forecasts(fitted: Fit, observations: Sequence[Observation], settings: Settings) -> list[Forecast]:
    named = [one for one in observations if one.member in _names(fitted)]
    wanted = [*_later(observations, fitted.cutoff), *every_period(named, fitted.cutoff)]
    return forecasts(fitted, observations, wanted, settings)


def _names(fitted: Fit) -> set[str]:
    return {"", *fitted.scenario.vendors, *fitted.scenario.countries}
