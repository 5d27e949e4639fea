"""Charts of comparisons with their numbers: dots with both intervals and the verdict in words; welfare by part."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.report.captions import Heading
from sim.report.chart_style import (
    GREY,
    INK,
    SOURCE_SIZE,
    Chart,
    Margins,
    colours_of,
    darkened,
    grid_of,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    plain_ticks,
)
from sim.report.kpi_names import MINUS, UNITS, format_difference, parse
from sim.report.statistics import HIGH, LOW
from sim.scenario.describing import title_of
from sim.studies.compare.differences import difference_between
from sim.studies.one_run.chart_words import CLOUD_PARTS, GOODS_PARTS, source_line
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.welfare_charts import STAIR_WORDS, draw_stairs, spread_of, welfare_parts

if TYPE_CHECKING:
    from sim.studies.compare.compared_runs import ComparedRuns

_MOST_UNLIKE = 12.0
"""How many times larger the largest extent on one scale may be than the smallest."""
_ROW_INCHES = 0.42
_PANEL_GAP_INCHES = 0.65
_AROUND_INCHES = 2.1
_FOOT_INCHES = 0.95
_SMALL_ROW_INCHES, _SMALL_GAP_INCHES = 0.34, 0.95
_INCHES_PER_CHARACTER, _MOST_NAME_INCHES = 0.085, 3.0
_SMALL_ROOM, _WORDS_ROOM = 0.06, 0.36
"""Room around what a small panel draws and for the words at its right, as parts of its extent."""
_MOST_TICKS = 4
_SMALLEST_EXTENT = 1e-9
"""Below it differences are rounding, which an axis must not blow up."""
_FINDING_CHARACTERS = 44
_INTERVAL_WORDS = (
    "Dot: mean difference, hollow where it cannot be told from zero. Thick line: 90 % interval of that mean, which "
    "more draws narrow. Thin line: 5 to 95 % of the draws, which is how sure we are given the assumptions."
)


@dataclass(frozen=True)
class Panel:
    """KPIs that share a scale."""

    unit: str
    kpis: list[str]


@own_style
def plot_differences(comparison: ComparedRuns) -> Chart:
    """Draw the main differences as dots with both intervals, and say which cannot be told from zero.

    Parameters
    ----------
    comparison
        Runs against a reference.
    """
    if len(comparison.others) > 1:
        return _small_multiples(comparison)
    panels = _panels(comparison)
    heights = [_ROW_INCHES * len(panel.kpis) for panel in panels]
    size = (11.0, _AROUND_INCHES + sum(heights) + _PANEL_GAP_INCHES * (len(panels) - 1))
    margins = Margins(left=2.6, right=3.1, foot=_FOOT_INCHES, between_rows=_PANEL_GAP_INCHES)
    title = f"What changes: {', '.join(comparison.labels)} against {comparison.reference.name}"
    heading = Heading(title, _INTERVAL_WORDS, source_of(comparison))
    chart, axes = new_chart(heading, (len(panels), 1), size, margins, heights)
    for panel_axes, panel in zip(axes, panels, strict=True):
        _draw_panel(panel_axes, comparison, panel)
    return chart


def numbers_of_differences(comparison: ComparedRuns) -> pd.DataFrame:
    """Main differences as the chart has them: scenario, kpi, unit, mean, both intervals, verdict."""
    rows = comparison.differences[comparison.differences["kpi"].isin(comparison.main_kpis)]
    factors = rows["unit"].map({name: unit.factor for name, unit in UNITS.items()})
    columns = ("mean", "mean_low", "mean_high", "p5", "p95")
    scaled = {column: rows[column] * factors for column in columns}
    units = rows["unit"].map({name: unit.difference_axis for name, unit in UNITS.items()})
    table = rows.assign(**scaled, unit=units)
    return table[["scenario", "kpi", "unit", *columns, "distinguishable", "verdict"]]


def _small_multiples(comparison: ComparedRuns) -> Chart:
    """Draw a panel for each main KPI with a row for each other run, each panel on a scale of its own."""
    kpis, runs = comparison.main_kpis, comparison.labels
    rows, columns = grid_of(len(kpis))
    names = min(max(_INCHES_PER_CHARACTER * max(map(len, runs)), 1.0), _MOST_NAME_INCHES)
    size = (11.0 + names, _AROUND_INCHES + rows * _SMALL_ROW_INCHES * len(runs) + (rows - 1) * _SMALL_GAP_INCHES + 0.3)
    margins = Margins(names + 0.3, 0.3, _FOOT_INCHES + 0.1, 0.3, _SMALL_GAP_INCHES)
    title = f"What changes against {comparison.reference.name}"
    heading = Heading(title, f"{_INTERVAL_WORDS} The scales differ.", source_of(comparison))
    chart, panels = new_chart(heading, (rows, columns), size, margins, used=len(kpis))
    for place, (axes, kpi) in enumerate(zip(panels, kpis, strict=True)):
        _draw_small_panel(axes, comparison, kpi)
        _name_rows(axes, [name if place % columns == 0 else "" for name in runs])
    return chart


def _draw_small_panel(axes: Axes, comparison: ComparedRuns, kpi: str) -> None:
    """Draw one KPI: a row for each other run, with the mean in words at the right."""
    rows = _rows(comparison)
    for height, (name, colour) in enumerate(colours_of(comparison.labels).items()):
        row = rows[kpi, name]
        _draw_intervals(axes, row, height, colour)
        axes.text(
            0.99, height, _small_finding(row), transform=axes.get_yaxis_transform(), ha="right", va="center",
            fontsize=SOURCE_SIZE, color=darkened(colour),
        )  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.8)
    low, high = axes.dataLim.intervalx
    extent = high - low
    if np.isfinite(extent) and extent > _SMALLEST_EXTENT:
        axes.set_xlim(low - _SMALL_ROOM * extent, high + (_WORDS_ROOM + _SMALL_ROOM) * extent)
    else:
        axes.set_xlim(-1, 1)
    axes.xaxis.set_major_locator(MaxNLocator(_MOST_TICKS))
    axes.grid(visible=False, axis="y")
    what, _, basis = label(kpi, comparison.reference.scenario).rpartition(", ")
    name_panel(axes, what)
    name_axes(axes, f"difference, {UNITS[parse(kpi).unit].difference_axis}, {basis}", "")


def _small_finding(row: dict[str, Any]) -> str:
    """Write a mean difference, or why none is written, in few words."""
    if row["distinguishable"]:
        mean = format_difference(row["mean"], row["unit"]).removesuffix(UNITS[row["unit"]].difference_suffix)
        return mean.replace("-", MINUS)
    is_same = row["share_differing"] == 0
    return "no effect" if is_same else "no draws" if row["draws"] == 0 else "not told\nfrom zero"


def source_of(comparison: ComparedRuns) -> str:
    """Give the source line that all charts of a comparison share."""
    return source_line((comparison.reference, *comparison.others), CLOUD_PARTS + GOODS_PARTS)


def _panels(comparison: ComparedRuns) -> list[Panel]:
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


def _extent(comparison: ComparedRuns, kpi: str) -> float:
    """Largest value that a chart of one KPI has to show; 0 where no draw has one."""
    rows = comparison.differences[comparison.differences["kpi"] == kpi]
    values = rows[["p5", "p95", "mean"]].abs().to_numpy(dtype=np.float64)
    return float(np.max(values, initial=0.0, where=np.isfinite(values)))


def _draw_panel(axes: Axes, comparison: ComparedRuns, panel: Panel) -> None:
    rows = _rows(comparison)
    ((name, colour),) = colours_of(comparison.labels).items()
    for height, kpi in enumerate(panel.kpis):
        _draw_intervals(axes, rows[kpi, name], height, colour)
        _write_finding(axes, rows[kpi, name], height, colour)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_ylim(len(panel.kpis) - 0.5, -0.5)
    words = [label(kpi, comparison.reference.scenario).rpartition(", ") for kpi in panel.kpis]
    axes.set_yticks(range(len(panel.kpis)), [f"{what}\n{basis}" for what, _, basis in words], parse_math=False)
    axes.tick_params(axis="y", length=0)
    plain_ticks(axes, vertical=False)
    name_axes(axes, f"difference, {UNITS[panel.unit].difference_axis}", "")


def _rows(comparison: ComparedRuns) -> dict[tuple[str, str], dict[str, Any]]:
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
    lines = row["verdict"].replace(" at ", "\nat ").split("\n")
    words = "\n".join(textwrap.fill(line, _FINDING_CHARACTERS) for line in lines)
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


@own_style
def plot_welfare_differences(comparison: ComparedRuns) -> Chart:
    """Draw how each part of each country's welfare differs from the reference, a row of stairs for each other run.

    Parameters
    ----------
    comparison
        Runs against a reference.
    """
    title = f"Who gains: {', '.join(comparison.labels)} against {comparison.reference.name}"
    scenario = comparison.reference.scenario
    stairs = [
        (f"{title_of(scenario, 'countries', country)}, {name}", parts)
        for name, country, parts in _welfare_differences(comparison)
    ]
    grid = len(comparison.others), len(scenario.countries)
    return draw_stairs(
        Heading(title, STAIR_WORDS, source_of(comparison)), stairs, grid, "difference, bn USD over the run"
    )


def numbers_of_welfare_differences(comparison: ComparedRuns) -> pd.DataFrame:
    """Differences in welfare: scenario, country, part (the sum last), mean and quantiles over draws in bn USD."""
    tables = [
        spread_of(parts).assign(scenario=name, country=country)
        for name, country, parts in _welfare_differences(comparison)
    ]
    return pd.concat(tables, ignore_index=True)


def _welfare_differences(comparison: ComparedRuns) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give for each other run and country how the parts of welfare differ, one row per draw."""
    for name, run in comparison.by_label.items():
        for country in comparison.reference.scenario.countries:
            yield name, country, (welfare_parts(run, country) - welfare_parts(comparison.reference, country)).dropna()


@own_style
def plot_kpi(comparison: ComparedRuns, kpi: str) -> Chart:
    """Draw one KPI: its level in each run at the left, the differences to the reference at the right.

    Parameters
    ----------
    comparison
        Runs against a reference.
    kpi
        Name of a KPI that all runs have.
    """
    subtitle = f"At the left: mean and 5 to 95 % of each run's draws. At the right: ticks: draws. {_INTERVAL_WORDS}"
    heading = Heading(label(kpi, comparison.reference.scenario), subtitle, source_of(comparison))
    size = (11.0, _AROUND_INCHES + 0.3 + 0.6 * (1 + len(comparison.others)))
    chart, (left, right) = new_chart(heading, (1, 2), size, Margins(left=1.6, right=0.3, between_columns=0.5))
    unit = UNITS[parse(kpi).unit]
    _draw_levels(left, comparison, kpi, unit.factor)
    name_axes(left, unit.axis, "")
    _draw_differences(right, comparison, kpi, unit.factor)
    name_axes(right, f"difference, {unit.difference_axis}", "")
    return chart


def _draw_levels(axes: Axes, comparison: ComparedRuns, kpi: str, factor: float) -> None:
    runs = [comparison.reference, *comparison.others]
    colours = [GREY, *colours_of(comparison.labels).values()]
    for place, (run, colour) in enumerate(zip(runs, colours, strict=True)):
        values = run.kpis[kpi] * factor
        axes.hlines(place, values.quantile(LOW), values.quantile(HIGH), color=colour, linewidth=1.2)
        axes.plot([values.mean()], [place], marker="o", color=colour, markersize=5.5)
    _name_rows(axes, [comparison.reference.name, *comparison.labels])
    name_panel(axes, "Level")


def _draw_differences(axes: Axes, comparison: ComparedRuns, kpi: str, factor: float) -> None:
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
