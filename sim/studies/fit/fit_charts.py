"""The charts of a fit: prior beside posterior, and published figures beside fitted ones."""

from __future__ import annotations

from importlib import metadata
from statistics import NormalDist

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from sim.quantities import MONTHS_PER_YEAR
from sim.report.captions import Heading
from sim.report.chart_style import (
    BLUE,
    GREY,
    LABEL_SIZE,
    VERMILION,
    Chart,
    Margins,
    name_axes,
    name_panel,
    new_chart,
    own_style,
)
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimated_names import unit_of
from sim.studies.fit.fit_tables import FitReport
from sim.studies.fit.published import SHARE, TOTAL

_HALF = NormalDist().inv_cdf(0.95)
"""Half the width of the interval that holds 90 % of a standard normal."""
_ROW_INCHES, _AROUND_INCHES = 0.26, 2.2
_PANELS = {SHARE: "Shares", TOTAL: "Sizes of markets"}


@own_style
def plot_prior_posterior(report: FitReport) -> Chart:
    """Draw each number that the data moved or narrowed: prior as a grey bar, posterior as a blue one."""
    rows = report.learned
    heading = Heading(
        f"What the data until {last_month(report.fit.cutoff)} say about trends and gaps",
        f"Grey: prior, blue: posterior; bars hold 90 %, dots are means, in standard deviations of the prior. "
        f"{len(rows)} numbers that the data moved or narrowed, of {len(report.parameters)}.",
        _source(report),
    )
    height = _AROUND_INCHES + _ROW_INCHES * max(len(rows), 2)
    chart, (axes,) = new_chart(heading, size=(9.0, height), margins=Margins(left=4.1, right=0.3))
    places = np.arange(len(rows))[::-1]
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        axes.plot([-_HALF, _HALF], [place, place], color=GREY, linewidth=7, alpha=0.3, solid_capstyle="butt")
        ends = [row["score_mean"] - _HALF * row["score_sd"], row["score_mean"] + _HALF * row["score_sd"]]
        axes.plot(ends, [place, place], color=BLUE, linewidth=2.5, solid_capstyle="butt")
        axes.plot([row["score_mean"]], [place], color=BLUE, marker="o", markersize=5)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_yticks(places, list(rows["path"]), fontsize=LABEL_SIZE, parse_math=False)
    name_axes(axes, "standard deviations of the prior, 0 is its middle", "")
    return chart


@own_style
def plot_fitted(report: FitReport) -> Chart:
    """Draw published figures against what the posterior makes of them, with both errors, on scales of ratios."""
    heading = Heading(
        f"Published and fitted figures until {last_month(report.fit.cutoff)}",
        "Dots: a figure and the median of the fitted model; crosses hold 90 % of the error of the figure and of the "
        "draws. In-sample: the fit has seen these figures.",
        _source(report),
    )
    chart, panels = new_chart(heading, (1, 2), (9.0, 5.6), Margins(right=0.3))
    for axes, (kind, title) in zip(panels, _PANELS.items(), strict=True):
        rows = report.observations[report.observations["series"].str.startswith(f"{kind}.")]
        name_panel(axes, title)
        _draw_pairs(axes, rows, f"{kind}.")
    return chart


def _draw_pairs(axes: Axes, rows: pd.DataFrame, series: str) -> None:
    unit, factor = unit_of(series)
    months = rows["months"].to_numpy(dtype=float)
    rate = factor * (1.0 if series.startswith(SHARE) else MONTHS_PER_YEAR / months)
    columns = ("observed", "p50", "p5", "p95")
    observed, middle, low, high = (rows[column].to_numpy(dtype=float) * rate for column in columns)
    spread = np.exp(_HALF * rows["error"].to_numpy(dtype=float))
    across = np.stack([observed - observed / spread, observed * spread - observed])
    along = np.stack([middle - low, high - middle])
    axes.errorbar(observed, middle, along, across, fmt="o", color=BLUE, markersize=3.5, elinewidth=0.5, alpha=0.7)
    axes.set_xscale("log")
    axes.set_yscale("log")
    if len(rows):
        ends = [0.8 * min(observed.min(), middle.min()), 1.25 * max(observed.max(), middle.max())]
        axes.plot(ends, ends, color=VERMILION, linewidth=0.9)
        axes.set_xlim(*ends)
        axes.set_ylim(*ends)
    _plain_log_ticks(axes)
    name_axes(axes, f"published, {unit}", f"fitted, {unit}")


def _plain_log_ticks(axes: Axes) -> None:
    """Label 1, 2, 5, 10, ... as they are."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def _source(report: FitReport) -> str:
    scenario = report.fit.scenario
    return (
        f"Source: cloudtrade {metadata.version('cloudtrade')}, policies as in {scenario.name}. Data: Canalys and IDC "
        "(files of sim/facts); priors are assumptions of the base scenario."
    )
