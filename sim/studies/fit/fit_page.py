"""The page of a fit: prior beside posterior, and what the data could not tell."""

from __future__ import annotations

from collections import Counter

import numpy as np

from sim.report.statistics import PERCENT
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.fit_tables import MOVED, NARROWED, FitReport
from sim.studies.fit.markdown import figure, table_of

PRIOR_POSTERIOR, FITTED = "prior_posterior", "fitted"
"""Names of the charts."""

METHOD = """\
Each estimated number has a prior in the base scenario, turned into a score that is standard normal under it. The
model runs with scores drawn at random; a linear regression of the logs of what it gives on the scores says how the
figures answer, and its residuals how far the model's own luck moves them. To that luck comes the error of measurement
of each figure: a floor, rounding, how far figures of one year in one series disagree, and for other definitions how
far they lie apart. Prior, regression and published figures give a normal posterior in closed form. The model is
linear only nearby, so the draws are made again where the posterior lies, in several rounds."""

CAUTIONS = """\
- Errors of figures are taken to be independent, although tables of one analyst share their method and a whole year
  holds its quarters: the posterior is rather too sure than not.
- Sizes of markets until the cut-off are put into the model, so that they teach nothing about their growth after it.
- Luck of vendors and speed of catch-up can hardly be told apart in a few years: how fast a gap closes stays as wide
  as its prior where only its product with the gap shows."""


def rendered(report: FitReport) -> str:
    """Give the page as text."""
    month = last_month(report.fit.cutoff)
    parts = [
        f"# Fit to the data until {month}",
        f"Made by `cloudtrade fit --cutoff {month}`; policies as in `{report.fit.scenario.name}`.",
        METHOD,
        "## Prior and posterior",
        posterior_section(report, f"{PRIOR_POSTERIOR}.png"),
        "## Figures that were used",
        _data_section(report),
        f"![Published figures against fitted ones, each with its error]({FITTED}.png)",
        "## Where to be careful",
        CAUTIONS,
        "Files: `posterior.csv` is the sample; `parameters.csv` and `observations.csv` hold all rows.",
    ]
    return "\n\n".join(parts) + "\n"


def posterior_section(report: FitReport, chart: str) -> str:
    """Write the table of prior against posterior, the chart, and the numbers that the data say nothing about."""
    header = ("Number", "Unit", "Prior mean", "sd", "Posterior mean", "sd", "5 %", "95 %", "Prior variance left, %")
    rows = [
        (f"`{row['path']}`", row["unit"], *(figure(row[column]) for column in _COLUMNS),
         f"{PERCENT * row['variance_left']:.0f}")
        for row in report.learned.to_dict("records")
    ]  # fmt: skip
    said = f"Of {len(report.parameters)} estimated numbers the data moved or narrowed {len(rows)}"
    rule = f"(mean of the score beyond {MOVED} or its standard deviation below {NARROWED}, in units of the prior's):"
    picture = f"![Prior and posterior of each number that the data moved or narrowed]({chart})"
    return "\n\n".join([f"{said} {rule}", table_of(header, rows, words=2), picture, silence(report, "`")])


_COLUMNS = ("prior_mean", "prior_sd", "posterior_mean", "posterior_sd", "posterior_p5", "posterior_p95")


def silence(report: FitReport, quote: str = "") -> str:
    """Say which numbers stay as the prior has them."""
    names = ", ".join(f"{quote}{path}{quote}" for path in report.silent)
    return f"The data say nothing about: {names or 'nothing that was estimated'}."


def _data_section(report: FitReport) -> str:
    """Count figures by series, with their errors and how many lie where the fitted model has them."""
    rows = report.observations
    header = ("Series", "Figures", "Error, % (mean)", "Median misses by, % (mean)")
    lines = []
    for series in sorted(Counter(rows["series"])):
        chosen = rows[rows["series"] == series]
        missed = np.abs(chosen["p50"].to_numpy(dtype=float) / chosen["observed"].to_numpy(dtype=float) - 1.0)
        numbers = (PERCENT * chosen["error"].mean(), PERCENT * missed.mean())
        lines.append((f"`{series}`", str(len(chosen)), *(f"{number:.1f}" for number in numbers)))
    return table_of(header, lines)
