"""Chart of what decides a difference with its numbers: rank correlations, and what chance alone gives."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.report.captions import Heading
from sim.report.chart_style import (
    BLUE,
    INK,
    LABEL_SIZE,
    PALE_GREY,
    SOURCE_SIZE,
    VERMILION,
    Chart,
    Margins,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    plain_ticks,
)
from sim.report.kpi_names import MINUS
from sim.report.statistics import whole_percent
from sim.report.wrapping import wrapped
from sim.studies.compare.compared_runs import drivers_between
from sim.studies.one_run.chart_words import CLOUD_PARTS, GOODS_PARTS, source_line
from sim.studies.one_run.drivers import CONFIDENCE, NOTE
from sim.studies.one_run.main_kpis import label

if TYPE_CHECKING:
    from sim.studies.compare.compared_runs import ComparedRuns

MOST_INPUTS = 8
"""Inputs in one panel: the strongest."""

_WORDS = (
    "Bars: rank correlation of what was drawn with the difference, draw by draw; blue where a higher value gives more, "
    "red where it gives less, hollow inside the grey band that chance alone leaves in "
    f"{whole_percent(1 - CONFIDENCE)} of cases. "
    "What all inputs leave unexplained is luck over time (shocks, lead times) and interplay."
)
_ROW_INCHES, _EMPTY_INCHES = 0.42, 0.8
_AROUND_INCHES, _PANEL_GAP_INCHES = 2.6, 1.1
_LEFT_INCHES, _RIGHT_INCHES = 3.3, 3.4
_SOURCE_CHARACTERS, _SOURCE_LINES = 54, 2
_TITLE_CHARACTERS = 85
_NAME_CHARACTERS, _NAME_LINES = 42, 3
_ROOM = 1.4
"""Length of the axis as a multiple of the longest bar, which leaves room for its number."""


@own_style
def plot_drivers(comparison: ComparedRuns, kpi: str | None = None) -> Chart:
    """Draw which uncertain numbers decide the difference in one KPI, a panel for each other run.

    Parameters
    ----------
    comparison
        Runs against a reference.
    kpi
        Name of a KPI that all runs have; the profit of the visitor's vendors if None.

    Raises
    ------
    ScenarioError
        If there is no such KPI.
    """
    kpi = comparison.headline_kpis[0] if kpi is None else kpi
    panels = [(name, drivers_between(comparison, kpi, name)) for name in comparison.labels]
    heights = [_ROW_INCHES * min(len(drivers), MOST_INPUTS) or _EMPTY_INCHES for _, drivers in panels]
    size = (11.0, _AROUND_INCHES + sum(heights) + _PANEL_GAP_INCHES * (len(panels) - 1))
    runs = (comparison.reference, *comparison.others)
    title = f"What decides the difference to {comparison.reference.name}: {label(kpi, comparison.reference.scenario)}"
    heading = Heading(title, _WORDS, source_line(runs, CLOUD_PARTS + GOODS_PARTS))
    margins = Margins(left=_LEFT_INCHES, right=_RIGHT_INCHES, between_rows=_PANEL_GAP_INCHES)
    chart, axes = new_chart(heading, (len(panels), 1), size, margins, heights)
    limit = _limit([drivers for _, drivers in panels])
    for panel, (name, drivers) in zip(axes, panels, strict=True):
        name_panel(panel, textwrap.shorten(f"{name}: {drivers.attrs[NOTE]}", _TITLE_CHARACTERS, placeholder=" …"))
        name_axes(panel, "rank correlation with the difference", "")
        panel.set_xlim(-limit, limit)
        _draw_bars(panel, drivers.head(MOST_INPUTS))
    return chart


def numbers_of_drivers(comparison: ComparedRuns) -> pd.DataFrame:
    """Inputs and how they go with the difference in the KPI of the chart; columns as `Comparison.drivers` has them."""
    return drivers_between(comparison, comparison.headline_kpis[0])


def _limit(tables: list[pd.DataFrame]) -> float:
    """Give the end of the axis of correlations, for all panels alike."""
    shown = [float(np.max(table[["correlation", "chance_level"]].abs())) for table in tables if len(table)]
    return _ROOM * max(shown, default=1.0)


def _draw_bars(axes: Axes, drivers: pd.DataFrame) -> None:
    """Draw one bar for each input, the strongest at the top, over the band of chance."""
    axes.set_ylim(max(len(drivers), 1) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    plain_ticks(axes, vertical=False)
    axes.grid(visible=False, axis="y")
    axes.axvline(0, color=INK, linewidth=0.8)
    rows = range(len(drivers))
    axes.set_yticks(rows, _names(drivers), parse_math=False)
    if drivers.empty:
        return
    level = float(drivers["chance_level"].iloc[0])
    axes.axvspan(-level, level, color=PALE_GREY, zorder=0)
    colours = np.where(drivers["correlation"] > 0, BLUE, VERMILION).tolist()
    inside = np.where(drivers["distinguishable"], colours, "white").tolist()
    axes.barh(rows, drivers["correlation"], color=inside, edgecolor=colours, height=0.55)
    for row, (correlation, source) in enumerate(zip(drivers["correlation"], drivers["source"], strict=True)):
        _write_size(axes, row, correlation)
        _write_source(axes, row, source)


def _names(drivers: pd.DataFrame) -> list[str]:
    """Name inputs in words, with their units."""
    named = zip(drivers["title"], drivers["unit"], strict=True)
    return ["\n".join(wrapped(f"{title}, {unit}", _NAME_CHARACTERS)[:_NAME_LINES]) for title, unit in named]


def _write_size(axes: Axes, row: int, correlation: float) -> None:
    """Write a correlation at the end of its bar."""
    side = 1 if correlation > 0 else -1
    axes.annotate(
        f"{correlation:+.2f}".replace("-", MINUS),
        (correlation, row),
        (4 * side, 0),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        va="center",
        fontsize=LABEL_SIZE,
    )


def _write_source(axes: Axes, row: int, source: str) -> None:
    lines = textwrap.wrap(source, _SOURCE_CHARACTERS, max_lines=_SOURCE_LINES, placeholder=" …")
    axes.text(
        1.03, row, "\n".join(lines), transform=axes.get_yaxis_transform(), va="center", fontsize=SOURCE_SIZE,
        color=INK, parse_math=False,
    )  # fmt: skip
