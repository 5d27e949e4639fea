"""Chart of a sweep: a line with bands over one value, a map of means over two."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from sim.report.captions import Heading, settings_in_words
from sim.report.chart_style import (
    BLUE,
    INK,
    LABEL_SIZE,
    VERMILION,
    Chart,
    Margins,
    name_axes,
    new_chart,
    own_style,
    plain_ticks,
)
from sim.report.kpi_names import UNITS, figure, parse
from sim.scenario.describing import numbers_of
from sim.studies.one_run.main_kpis import label

if TYPE_CHECKING:
    from sim.studies.sweep.grids import Grid
    from sim.studies.sweep.sweep_study import Sweep

_LINE_WORDS = "Line: mean over draws; dark band: 90 % interval of the mean; pale band: 5 to 95 % of the draws"
_MAP_WORDS = "Mean over draws at each point, {axis}: blue above zero, red below"
_NAME_CHARACTERS = 40
"""Characters of a line beside a vertical axis."""
_MOST_WRITTEN = 12
"""Most points along one side of a map on which the mean is written."""


@own_style
def plot_sweep(sweep: Sweep) -> Chart:
    """Draw how a figure moves with the values that were swept.

    Parameters
    ----------
    sweep
        As `sim.sweep` gives it.
    """
    against = "" if sweep.reference is None else f", difference to {sweep.reference.name}"
    title = f"{sweep.scenario.name}: {label(sweep.kpi, sweep.scenario)}{against}"
    paths = " and ".join(grid.path for grid in sweep.grids)
    source = f"cloudtrade sweep over {paths}, {settings_in_words(len(sweep.draws), sweep.seed)} at each point"
    unit = UNITS[parse(sweep.kpi).unit]
    axis = unit.axis if sweep.reference is None else unit.difference_axis
    words = _LINE_WORDS if len(sweep.grids) == 1 else _MAP_WORDS.format(axis=axis)
    chart, [axes] = new_chart(Heading(title, words, source), margins=Margins(left=1.6, right=0.6))
    if len(sweep.grids) == 1:
        _draw_line(axes, sweep, unit.factor)
        name_axes(axes, _named(sweep, sweep.grids[0]), axis)
    else:
        _draw_map(axes, sweep, unit.factor)
        name_axes(axes, _named(sweep, sweep.grids[1]), textwrap.fill(_named(sweep, sweep.grids[0]), _NAME_CHARACTERS))
    return chart


def _named(sweep: Sweep, grid: Grid) -> str:
    """What is swept in words, and its unit."""
    number = numbers_of(sweep.scenario).get(grid.path)
    return sweep.words(grid) if number is None else f"{sweep.words(grid)}, {number.unit}"


def _draw_line(axes: Axes, sweep: Sweep, factor: float) -> None:
    table, [grid] = sweep.table(), sweep.grids
    for low, high, opacity in (("p5", "p95", 0.15), ("mean_low", "mean_high", 0.4)):
        axes.fill_between(
            grid.places, table[low] * factor, table[high] * factor, color=BLUE, alpha=opacity, linewidth=0
        )
    axes.plot(grid.places, table["mean"] * factor, color=BLUE, linewidth=1.8, marker="o", markersize=4.0)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    plain_ticks(axes)
    _mark_values(axes, grid, vertical=False)


def _draw_map(axes: Axes, sweep: Sweep, factor: float) -> None:
    rows, columns = sweep.grids
    means = (sweep.figures.mean(axis=1) * factor).reshape(len(rows.values), len(columns.values))
    most = float(np.abs(means).max()) or 1.0
    for row, of_row in enumerate(means):
        for column, mean in enumerate(of_row):
            colour = BLUE if mean > 0.0 else VERMILION
            axes.barh(row, 1.0, 1.0, column - 0.5, color=colour, alpha=0.08 + 0.62 * abs(mean) / most, linewidth=0)
            if max(means.shape) <= _MOST_WRITTEN:
                axes.text(column, row, figure(float(mean)), ha="center", va="center", fontsize=LABEL_SIZE, color=INK)
    axes.set_xlim(-0.5, len(columns.values) - 0.5)
    axes.set_ylim(-0.5, len(rows.values) - 0.5)
    axes.grid(visible=False)
    axes.set_xticks(range(len(columns.values)), [_written(value) for value in columns.values])
    axes.set_yticks(range(len(rows.values)), [_written(value) for value in rows.values])


def _mark_values(axes: Axes, grid: Grid, *, vertical: bool) -> None:
    """Write dates as they are; numbers as any axis."""
    if isinstance(grid.values[0], str):
        axes.set_xticks(grid.places, [_written(value)[:7] for value in grid.values], rotation=30)
    else:
        plain_ticks(axes, vertical=vertical)


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
