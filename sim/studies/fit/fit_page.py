"""A fit on the screen, as a page and as a folder: prior beside posterior, and what the data could not tell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.report.drawn_chart import ChartOf, drawn_charts
from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Column, Kept, Table, as_markdown, number
from sim.report.kpi_names import figure
from sim.report.statistics import PERCENT, whole_percent
from sim.runs.address import Address
from sim.runs.manifest import FIT, FORMAT, MANIFEST, manifest_text
from sim.runs.result_folder import replace_folder
from sim.studies.fit import estimating
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.figure_files import Data
from sim.studies.fit.fit_charts import plot_fitted, plot_prior_posterior
from sim.studies.fit.fit_tables import MOVED, NARROWED, FitReport, posterior_csv
from sim.studies.one_run.study_folder import write_folder

FIT_CHARTS = (
    ChartOf(plot_prior_posterior, lambda report: report.learned),
    ChartOf(plot_fitted, lambda report: report.observations),
)
"""The charts of a fit with their numbers."""
PRIOR_POSTERIOR, FITTED = (chart.name for chart in FIT_CHARTS)
SAMPLE, PAGE = "posterior.csv", "fit.md"
FLOATS = "%.6g"
"""How tables write numbers."""

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
        posterior_section(report, f"{PRIOR_POSTERIOR}.svg"),
        "## Figures that were used",
        _data_section(report),
        f"![Published figures against fitted ones, each with its error]({FITTED}.svg)",
        "## Where to be careful",
        CAUTIONS,
        "Files: `posterior.csv` is the sample; `parameters.csv` and `observations.csv` hold all rows.",
    ]
    return "\n\n".join(parts) + "\n"


def posterior_section(report: FitReport, chart: str) -> str:
    """Write the table of prior against posterior, the chart, and the numbers that the data say nothing about."""
    columns = [
        Column("Number", "path", "`{}`".format), Column("Unit", "unit"), number("Prior mean", "prior_mean", figure),
        number("sd", "prior_sd", figure), number("Posterior mean", "posterior_mean", figure),
        number("sd", "posterior_sd", figure), number("5 %", "posterior_p5", figure),
        number("95 %", "posterior_p95", figure),
        number("Prior variance left, %", "variance_left", lambda left: f"{PERCENT * left:.0f}"),
    ]  # fmt: skip
    said = f"Of {len(report.parameters)} estimated numbers the data moved or narrowed {len(report.learned)}"
    rule = f"(mean of the score beyond {MOVED} or its standard deviation below {NARROWED}, in units of the prior's):"
    table = as_markdown(Kept("", report.learned).table("", columns))
    picture = f"![Prior and posterior of each number that the data moved or narrowed]({chart})"
    return "\n\n".join([f"{said} {rule}", table, picture, silence(report, "`")])


def silence(report: FitReport, quote: str = "") -> str:
    """Say which numbers stay as the prior has them."""
    names = ", ".join(f"{quote}{path}{quote}" for path in report.silent)
    return f"The data say nothing about: {names or 'nothing that was estimated'}."


def _data_section(report: FitReport) -> str:
    """Count figures by series, with their errors and how many lie where the fitted model has them."""
    rows = report.observations
    missed = np.abs(rows["p50"].astype(float) / rows["observed"].astype(float) - 1.0)
    groups = rows.assign(missed=missed, error=rows["error"].astype(float)).groupby("series", sort=True)
    series = groups.agg(figures=("series", "size"), error=("error", "mean"), missed=("missed", "mean")).reset_index()
    columns = [
        Column("Series", "series", "`{}`".format), number("Figures", "figures"),
        number("Error, % (mean)", "error", _percent), number("Median misses by, % (mean)", "missed", _percent),
    ]  # fmt: skip
    return as_markdown(Kept("", series).table("", columns))


def _percent(share: float) -> str:
    return f"{PERCENT * share:.1f}"


# On the screen --------------------------------------------------------------------------------------------------------


def parameter_table(report: FitReport) -> Table:
    """Lay out prior against posterior of the numbers that the data moved or narrowed."""
    fit = report.fit
    columns = [
        Column("number", "path"), number("prior", "prior_mean", figure), number("sd", "prior_sd", figure),
        number("posterior", "posterior_mean", figure), number("sd", "posterior_sd", figure),
        number("variance left", "variance_left", whole_percent),
    ]  # fmt: skip
    title = f"Prior and posterior: {len(fit.observations)} figures until {last_month(fit.cutoff)}"
    return Kept("", report.learned).table(title, columns)


def data_lines(data: Data) -> list[str]:
    """Say what was read from a user's folder and what of it was left out; nothing if there is no folder."""
    lines = [f"{data.added} figures read from the folder."] if data.added else []
    for what, counted in (
        ("vendors that no scenario knows", data.unknown_vendors),
        ("other definitions than the model's", data.other_definitions),
    ):
        if counted:
            names = ", ".join(f"{name} ({count})" for name, count in counted)
            total = sum(count for _, count in counted)
            lines.append(f"Left out: {total} {'row' if total == 1 else 'rows'} of {what}: {names}.")
    return lines


# The folder -----------------------------------------------------------------------------------------------------------


def save(report: FitReport, directory: Address, made_by: Mapping[str, Any] | None = None) -> Address:
    """Write the folder; an older fit there is replaced when the new one is finished.

    Parameters
    ----------
    report
        The fit.
    directory
        Where to.
    made_by
        What the manifest says of the program.

    Raises
    ------
    ScenarioError
        If the place cannot be written or holds something else.
    """
    return replace_folder(directory, FIT, partial(_write, report, made_by or {}))


def _write(report: FitReport, made_by: Mapping[str, Any], folder: Path) -> None:
    manifest = {
        "format": FORMAT,
        "kind": FIT,
        "scenario": report.fit.scenario.name,
        "cutoff": last_month(report.fit.cutoff),
        "seed": estimating.SEED,
        "draws": estimating.DRAWS,
        "rounds": estimating.ROUNDS,
        "figures": len(report.fit.observations),
        **made_by,
    }
    texts = {SAMPLE: posterior_csv(report.fit), PAGE: rendered(report), MANIFEST: manifest_text(manifest)}
    files = FolderFiles(tables_of(report), charts=drawn_charts(FIT_CHARTS, report), texts=texts, float_format=FLOATS)
    write_folder(files, folder, report.fit.scenario)


def tables_of(report: FitReport) -> dict[str, pd.DataFrame]:
    """Give the tables of the folder."""
    return {"parameters": report.parameters, "observations": report.observations}
