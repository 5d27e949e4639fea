"""The scorecard and the posterior for the page: forecasts of the past, and what the fit has learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.report.drawn_chart import DrawnChart, drawn_charts
from sim.studies.backtest.backtest import Study, study
from sim.studies.backtest.backtest_charts import fan_charts
from sim.studies.backtest.backtest_page import CANNOT, CHANGE, scorecard_section
from sim.studies.backtest.backtest_page import METHOD as HOW_FORECASTS_ARE_MADE
from sim.studies.fit.cutoff import first_day_after
from sim.studies.fit.estimating import fit
from sim.studies.fit.figure_files import read_data
from sim.studies.fit.fit_page import CAUTIONS, FIT_CHARTS, PRIOR_POSTERIOR, posterior_section
from sim.studies.fit.fit_page import METHOD as HOW_THE_FIT_IS_MADE
from sim.studies.fit.fit_settings import settings
from sim.studies.fit.fit_tables import FitReport

CUTOFFS = ("2018-12", "2019-12", "2020-12", "2021-12", "2022-12", "2023-12")
"""Last months that forecasts on the page know."""
LAST = "2021-12"
"""Last month of the data behind the posterior that scenarios use."""

SCORECARD_TITLE = "## Forecasts beside what came"
CANNOT_TITLE = "## What the model cannot predict"
POSTERIOR_TITLE = "## What the data say about trends and gaps"
CHECKS_TITLE = "## Checks of the fitted model"


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of the past and the fit that scenarios use.

    Attributes
    ----------
    study
        Forecasts from all cut-offs.
    fit
        The fit to all data of the package.
    """

    study: Study
    fit: FitReport


def gather_forecasts(cutoffs: Sequence[str] = CUTOFFS) -> Forecasts:
    """Fit and forecast with the data of the package; it takes some seconds for each cut-off.

    Parameters
    ----------
    cutoffs
        Last months that forecasts know.
    """
    figures = read_data(settings()).observations
    months = [first_day_after(month, settings()) for month in cutoffs]
    whole = fit(figures, first_day_after(LAST, settings()), settings())
    return Forecasts(study(figures, months, settings()), FitReport(whole))


def sections(found: Forecasts, prefix: str) -> str:
    """Write the sections of the page that come before its checks; names of charts begin with a prefix."""
    parts = [
        SCORECARD_TITLE,
        HOW_FORECASTS_ARE_MADE,
        scorecard_section(found.study, prefix, "###"),
        CANNOT_TITLE,
        CANNOT,
        CHANGE,
        POSTERIOR_TITLE,
        HOW_THE_FIT_IS_MADE,
        posterior_section(found.fit, f"{prefix}{PRIOR_POSTERIOR}.svg"),
        CAUTIONS,
        CHECKS_TITLE,
    ]
    return "\n\n".join(parts) + "\n"


def charts(found: Forecasts) -> list[DrawnChart]:
    """Draw the charts of the sections."""
    return [*fan_charts(found.study), *drawn_charts(FIT_CHARTS[:1], found.fit)]
