"""The tables of a fit: prior beside posterior, and figures beside what is fitted to them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.luck import from_scores
from sim.quantities import FloatArray
from sim.report.csv_files import csv_of
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimating import Fit, predicted_in_draws, with_estimates
from sim.studies.fit.fit_settings import settings
from sim.studies.fit.posterior import Gaussian, standard_prior
from sim.studies.fit.published import UNITS
from sim.values import Number

DRAWS = 1000
"""Draws of the run that says what prior and posterior predict of the figures used."""
NARROWED, MOVED = 0.9, 0.3
"""Data say something about a number whose score has a smaller standard deviation, or a mean further from zero."""
QUANTILES = {"p5": 0.05, "p50": 0.50, "p95": 0.95}
_PARAMETER_COLUMNS = [
    "path", "unit", "prior_mean", "prior_sd", "posterior_mean", "posterior_sd", "posterior_p5", "posterior_p95",
    "score_mean", "score_sd", "variance_left", "moved_or_narrowed",
]  # fmt: skip
_FIRST_DRAW = 2_000_000
"""Draws that neither the fit nor a forecast has seen."""
_GRID = 2001
"""Quantiles by which means and deviations of a transformed normal are worked out."""


@dataclass(frozen=True)
class FitReport:
    """A fit with its tables, each worked out when first asked for.

    Attributes
    ----------
    fit
        The fit.
    """

    fit: Fit

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """A row by number: path, unit, prior and posterior, and what share of the prior's variance is left."""
        return parameter_table(self.fit.priors, self.fit.posterior)

    @cached_property
    def observations(self) -> pd.DataFrame:
        """A row by figure used: what was published with which error, and what prior and posterior predict."""
        return observation_table(self.fit)

    @property
    def learned(self) -> pd.DataFrame:
        """Rows of `parameters` of numbers that the data moved or narrowed, those they say most about first."""
        rows = self.parameters[self.parameters["moved_or_narrowed"]]
        return rows.sort_values("variance_left", kind="stable").reset_index(drop=True)

    @property
    def silent(self) -> list[str]:
        """Paths of the numbers that the data say nothing about."""
        return [str(path) for path in self.parameters.loc[~self.parameters["moved_or_narrowed"], "path"]]


def check_used(fit: Fit) -> Fit:
    """Refuse a fit that no figure went into: it would be the prior, and look like more.

    Raises
    ------
    ScenarioError
        If the data hold no figure between the base date and the cut-off.
    """
    if {one.key for one in fit.observations} <= {one.key for one in settings().judged}:
        raise ScenarioError(
            f"--cutoff {last_month(fit.cutoff)}: no figure of a whole quarter or year from {fit.scenario.start:%Y-%m} "
            "on was known by then; expected a later month, or earlier figures with --data"
        )
    return fit


DECIMALS = 4
"""Of scores in the posterior that is kept: a fixed number, so that what is nearly zero is zero on every machine."""


def posterior_csv(fit: Fit) -> str:
    """Write a posterior as the package keeps it: a row by number, as exact as would matter for scores.

    Columns: number (dotted path), p5, p50, p95 (in its unit), score_mean, and for each number the loading of the score
    on its independent normal.
    """
    known = fit.estimates
    rows = [
        {"number": path, "p5": held.low, "p50": held.middle, "p95": held.high}
        | {"score_mean": round(held.mean, DECIMALS)}
        | {name: round(weight, DECIMALS) for name, weight in held.loadings if round(weight, DECIMALS)}
        for path, held in known.items()
    ]
    columns = ["number", "p5", "p50", "p95", "score_mean", *known]
    return csv_of(pd.DataFrame(rows, columns=columns), "%.5g").decode()


def parameter_table(priors: dict[str, Number], posterior: Gaussian) -> pd.DataFrame:
    """Set prior beside posterior: a row by number, in the order of `priors`.

    Columns: path, unit, prior_mean, prior_sd, posterior_mean, posterior_sd, posterior_p5, posterior_p95 in the number's
    unit; score_mean, score_sd in standard deviations of the prior; variance_left, the share of the prior's variance of
    scores that the posterior has; moved_or_narrowed.
    """
    rows = [
        _parameter(path, number, float(posterior.mean[column]), math.sqrt(posterior.covariance[column, column]))
        for column, (path, number) in enumerate(priors.items())
    ]
    return pd.DataFrame(rows, columns=_PARAMETER_COLUMNS)


def _parameter(path: str, number: Number, mean: float, sd: float) -> tuple[object, ...]:
    standard = NormalDist()
    ends = from_scores(number, mean + sd * np.array([standard.inv_cdf(QUANTILES[name]) for name in ("p5", "p95")]))
    return (
        path, number.unit, *_moments(number, 0.0, 1.0), *_moments(number, mean, sd), *ends,
        mean, sd, sd**2, sd < NARROWED or abs(mean) > MOVED,
    )  # fmt: skip


def _moments(number: Number, mean: float, sd: float) -> tuple[float, float]:
    """Mean and standard deviation of a number whose score is normal, from many quantiles of it."""
    standard = NormalDist()
    scores = np.array([standard.inv_cdf((index + 0.5) / _GRID) for index in range(_GRID)])
    values = from_scores(number, mean + sd * 0.5 * (scores - scores[::-1]))  # symmetric to the last bit
    return math.fsum(values) / _GRID, float(values.std())


def observation_table(fit: Fit) -> pd.DataFrame:
    """Set the figures that were used beside what prior and posterior predict of them, without errors of measurement.

    Columns: key, series, period, start (first day), months, unit, observed, error (log points), and quantiles over
    draws: prior_p50, p5, p50, p95.
    """
    columns = ["key", "series", "period", "start", "months", "unit", "observed", "error", "prior_p50", *QUANTILES]
    if not fit.observations:
        return pd.DataFrame(columns=columns)
    before = np.quantile(_simulated(replace(fit, posterior=standard_prior(len(fit.priors)))), 0.5, axis=1)
    after = np.quantile(_simulated(fit), list(QUANTILES.values()), axis=1)
    rows = [
        (one.key, one.series, str(one.period), one.period.start.isoformat(), one.period.months, UNITS[one.kind],
         one.value, one.log_sd, before[row], *after[:, row])
        for row, one in enumerate(fit.observations)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _simulated(fit: Fit) -> FloatArray:
    """Give what the model says of the figures used, [observation, draw]."""
    scenario = with_estimates(fit.scenario, fit.priors, fit.posterior)
    return predicted_in_draws(scenario, range(_FIRST_DRAW, _FIRST_DRAW + DRAWS), fit.observations)
