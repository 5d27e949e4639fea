"""Charts of comparisons: dots with both intervals, and the verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.report.captions import CLOUD_PARTS, GOODS_PARTS, Heading, source_line
from sim.report.differences import difference_between
from sim.report.kpi_names import UNITS, format_difference, parse
from sim.report.main_kpis import label
from sim.report.statistics import HIGH, LOW
from sim.report.style import (
    GREY,
    INK,
    LABEL_SIZE,
    MINUS,
    SOURCE_SIZE,
    Margins,
    colours_of,
    darkened,
    name_axes,
    name_panel,
    new_chart,
    plain_ticks,
)

if TYPE_CHECKING:
    from sim.report.compare import Comparison

_MOST_UNLIKE = 12.0
"""How many times larger the largest extent on one scale may be than the smallest."""
_ROW_INCHES = 0.42
_PANEL_GAP_INCHES = 0.65
_AROUND_INCHES = 2.1
_FOOT_INCHES, _KEY_INCHES, _KEY_PLACE_INCHES = 0.95, 0.3, 0.5
_KEY_COLUMNS = 4
_INTERVAL_WORDS = (
    "Dot: mean difference, hollow where it cannot be told from zero. Thick line: 90 % interval of that mean, which "
    "more draws narrow. Thin line: 5 to 95 % of the draws, which is how sure we are given the assumptions."
)


@dataclass(frozen=True)
class Panel:
    """KPIs that share a scale."""

    unit: str
    kpis: list[str]


def plot_differences(comparison: Comparison) -> Figure:
    """Draw the main differences as dots with both intervals, and say which cannot be told from zero.

    Parameters
    ----------
    comparison
        Runs against a reference.
    """
    panels = _panels(comparison)
    runs = len(comparison.others)
    key = _KEY_INCHES * -(-runs // _KEY_COLUMNS) if runs > 1 else 0.0
    heights = [_ROW_INCHES * runs * len(panel.kpis) for panel in panels]
    size = (11.0, _AROUND_INCHES + key + sum(heights) + _PANEL_GAP_INCHES * (len(panels) - 1))
    margins = Margins(left=2.6, right=3.1, foot=_FOOT_INCHES + key, between_rows=_PANEL_GAP_INCHES)
    title = f"What changes: {', '.join(comparison.labels)} against {comparison.reference.name}"
    heading = Heading(title, _INTERVAL_WORDS, _source(comparison))
    chart, axes = new_chart(heading, (len(panels), 1), size, margins, heights)
    for panel_axes, panel in zip(axes, panels, strict=True):
        _draw_panel(panel_axes, comparison, panel)
    if runs > 1:
        _add_key(chart, comparison.labels)
    return chart


def _source(comparison: Comparison) -> str:
    return source_line((comparison.reference, *comparison.others), CLOUD_PARTS + GOODS_PARTS)


def _add_key(chart: Figure, names: list[str]) -> None:
    lines = [Line2D([], [], marker="o", color=colour, label=name) for name, colour in colours_of(names).items()]
    place = (0.5, _KEY_PLACE_INCHES / chart.get_figheight())
    chart.legend(
        handles=lines, loc="lower center", bbox_to_anchor=place, ncols=_KEY_COLUMNS, frameon=False, fontsize=LABEL_SIZE
    )


def _panels(comparison: Comparison) -> list[Panel]:
    """Group the main KPIs by unit and size, so that each can be read on the scale of its panel."""
    panels: list[Panel] = []
    for unit in UNITS:
        kpis = [kpi for kpi in comparison.main_kpis if parse(kpi).unit == unit]
        extents = {kpi: _extent(comparison, kpi) for kpi in kpis}
        left = sorted(kpis, key=lambda kpi: extents[kpi], reverse=True)
        while left:
            largest = extents[left[0]]
            together = {kpi for kpi in left if extents[kpi] == 0 or extents[kpi] * _MOST_UNLIKE >= largest}
            panels.append(Panel(unit, [kpi for kpi in kpis if kpi in together]))
            left = [kpi for kpi in left if kpi not in together]
    return panels


def _extent(comparison: Comparison, kpi: str) -> float:
    """Largest value that a chart of one KPI has to show; 0 where no draw has one."""
    rows = comparison.differences[comparison.differences["kpi"] == kpi]
    values = rows[["p5", "p95", "mean"]].abs().to_numpy(dtype=np.float64)
    return float(np.max(values, initial=0.0, where=np.isfinite(values)))


def _draw_panel(axes: Axes, comparison: Comparison, panel: Panel) -> None:
    rows, runs = _rows(comparison), len(comparison.others)
    for place, kpi in enumerate(panel.kpis):
        for run, (name, colour) in enumerate(colours_of(comparison.labels).items()):
            height = place + (run - (runs - 1) / 2) / (runs + 0.5)
            _draw_intervals(axes, rows[kpi, name], height, colour)
            _write_finding(axes, rows[kpi, name], height, colour)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_ylim(len(panel.kpis) - 0.5, -0.5)
    words = [label(kpi, comparison.reference.scenario).rpartition(", ") for kpi in panel.kpis]
    axes.set_yticks(range(len(panel.kpis)), [f"{what}\n{basis}" for what, _, basis in words], parse_math=False)
    axes.tick_params(axis="y", length=0)
    plain_ticks(axes, vertical=False)
    name_axes(axes, f"difference, {UNITS[panel.unit].difference_axis}", "")


def _rows(comparison: Comparison) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of the differences by KPI and name of the run."""
    records = comparison.differences.to_dict("records")
    return {(row["kpi"], row["scenario"]): {str(column): held for column, held in row.items()} for row in records}


def _draw_intervals(axes: Axes, row: dict[str, Any], height: float, colour: str) -> None:
    """Draw the spread, the interval of the mean, and the mean: a full dot where it can be told from zero."""
    factor = UNITS[row["unit"]].factor
    axes.hlines(height, row["p5"] * factor, row["p95"] * factor, color=colour, linewidth=1.2)
    axes.hlines(height, row["mean_low"] * factor, row["mean_high"] * factor, color=colour, linewidth=5, alpha=0.5)
    inside = colour if row["distinguishable"] else "white"
    axes.plot([row["mean"] * factor], [height], marker="o", color=colour, markerfacecolor=inside, markersize=5.5)


def _write_finding(axes: Axes, row: dict[str, Any], height: float, colour: str) -> None:
    words = row["verdict"].replace(" at ", "\nat ")
    if row["distinguishable"]:
        mean, low, high = (format_difference(row[column], row["unit"]) for column in ("mean", "p5", "p95"))
        low = low.removesuffix(UNITS[row["unit"]].difference_suffix)
        words = f"{mean}\n5 to 95 % of draws: {low} to {high}"
    axes.text(
        1.02,
        height,
        words.replace("-", MINUS) if row["distinguishable"] else words,
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize=SOURCE_SIZE,
        color=darkened(colour),
    )


def plot_kpi(comparison: Comparison, kpi: str) -> Figure:
    """Draw one KPI: its level in each run at the left, the differences to the reference at the right.

    Parameters
    ----------
    comparison
        Runs against a reference.
    kpi
        Name of a KPI that all runs have.
    """
    subtitle = f"At the left: mean and 5 to 95 % of each run's draws. At the right: ticks: draws. {_INTERVAL_WORDS}"
    heading = Heading(label(kpi, comparison.reference.scenario), subtitle, _source(comparison))
    size = (11.0, _AROUND_INCHES + 0.3 + 0.6 * (1 + len(comparison.others)))
    chart, (left, right) = new_chart(heading, (1, 2), size, Margins(left=1.6, right=0.3, between_columns=0.5))
    unit = UNITS[parse(kpi).unit]
    _draw_levels(left, comparison, kpi, unit.factor)
    name_axes(left, unit.axis, "")
    _draw_differences(right, comparison, kpi, unit.factor)
    name_axes(right, f"difference, {unit.difference_axis}", "")
    return chart


def _draw_levels(axes: Axes, comparison: Comparison, kpi: str, factor: float) -> None:
    runs = [comparison.reference, *comparison.others]
    colours = [GREY, *colours_of(comparison.labels).values()]
    for place, (run, colour) in enumerate(zip(runs, colours, strict=True)):
        values = run.kpis[kpi] * factor
        axes.hlines(place, values.quantile(LOW), values.quantile(HIGH), color=colour, linewidth=1.2)
        axes.plot([values.mean()], [place], marker="o", color=colour, markersize=5.5)
    _name_rows(axes, [comparison.reference.name, *comparison.labels])
    name_panel(axes, "Level")


def _draw_differences(axes: Axes, comparison: Comparison, kpi: str, factor: float) -> None:
    rows, colours = _rows(comparison), colours_of(comparison.labels)
    for place, (run, name) in enumerate(zip(comparison.others, comparison.labels, strict=True), start=1):
        row, colour = rows[kpi, name], colours[name]
        values = difference_between(comparison.reference, run, kpi).values * factor
        axes.plot(values, np.full(len(values), place + 0.22), "|", color=colour, alpha=0.3, markersize=7)
        _draw_intervals(axes, row, place, colour)
        axes.annotate(
            row["verdict"],
            (0.5, place - 0.18),
            xycoords=axes.get_yaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=SOURCE_SIZE,
            color=darkened(colour),
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.axvline(0, color=INK, linewidth=0.8)
    _name_rows(axes, [""] * (len(comparison.others) + 1))
    name_panel(axes, f"Difference to {comparison.reference.name}")


def _name_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    plain_ticks(axes, vertical=False)
