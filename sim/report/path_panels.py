"""Paths over time in panels that can stand alone: lines with bands on one axis, the differences first."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.report.captions import Heading
from sim.report.chart_style import (
    INK,
    Chart,
    Margins,
    draw_band,
    draw_path,
    draw_steps,
    float_days,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    plain_ticks,
    quarter_ends,
    set_dates,
    write_key,
)
from sim.report.statistics import HIGH, LOW, MIDDLE, Band, band_columns

MOST_COLUMNS = 3
"""Panels beside each other."""
_LEFT, _RIGHT, _TITLE, _FOOT = 0.95, 0.2, 0.45, 0.62
"""Room of a panel for its words, inches."""
_WIDE, _HIGH = 2.95, 1.95
"""Panel without its words, inches."""
_KEY, _SOURCE, _HEAD = 0.35, 0.55, 1.1
_LABEL_CHARACTERS, _TITLE_CHARACTERS = 36, 37
_MOST_TICKS = 6
_HEADROOM = 1.05
_BEHIND = 3.6
"""Width of the first line where there are several."""
_SMALLEST = 1e-9
"""Extents that are smaller, relative to the values, are rounding."""


@dataclass(frozen=True)
class Path:
    """A line with a band in a panel.

    Attributes
    ----------
    name
        Whose it is: what the key says of its colour.
    band
        What is drawn, in the unit of the panel's numbers.
    draws
        Number of draws that it is made of.
    is_dashed, has_band
        Whether the line is thin and broken, and whether its range over draws is drawn.
    """

    name: str
    band: Band
    draws: int
    is_dashed: bool = False
    has_band: bool = True


@dataclass(frozen=True)
class PathPanel:
    """Paths on one axis.

    Attributes
    ----------
    title, unit
        What is shown, and the words of its vertical axis.
    paths
        Lines, the first one drawn first.
    factor
        What values are multiplied by when they are drawn.
    is_flow
        Whether values are sums of a quarter: steps with the mean, or else lines at its end with the median.
    is_difference
        Whether zero means that nothing differs: then lines are means.
    top
        Highest value of the axis in the unit that is written; as needed if None.
    """

    title: str
    unit: str
    paths: Sequence[Path]
    factor: float = 1.0
    is_flow: bool = False
    is_difference: bool = False
    top: float | None = None


@own_style
def draw_panels(heading: Heading, rows: Sequence[Sequence[PathPanel]], colours: Mapping[str, str]) -> Chart:
    """Draw panels in rows of which each begins anew.

    Parameters
    ----------
    heading
        Title, subtitle and source line.
    rows
        Panels that belong together, such as all differences; more than three take several rows.
    colours
        Colours by name of the paths; a key says them if they are several.
    """
    columns = min(max(map(len, rows)), MOST_COLUMNS)
    places: list[PathPanel | None] = []
    for row in rows:
        places += [*row, *[None] * (-len(row) % columns)]
    lines, foot = len(places) // columns, _FOOT + _SOURCE + (_KEY if len(colours) > 1 else 0.0)
    margins = Margins(_LEFT, _RIGHT, foot, _LEFT + _RIGHT, _TITLE + _FOOT)
    width = max(columns * (_LEFT + _WIDE + _RIGHT), 2 * _WIDE)
    height = _HEAD + lines * (_HIGH + _TITLE + _FOOT) + foot - _FOOT
    chart, axes = new_chart(heading, (lines, columns), (width, height), margins)
    for panel_axes, panel in zip(axes, places, strict=True):
        if panel is None:
            panel_axes.remove()
        else:
            _draw(panel_axes, panel, colours)
    if len(colours) > 1:
        chart.key = dict(colours)
        write_key(chart, [Line2D([], [], color=colour, linewidth=2.5, label=name) for name, colour in colours.items()])
    chart.numbers = numbers_of_panels(rows)
    chart.cells = [_cell(panel_axes, width, height) for panel_axes in chart.axes]
    return chart


def _draw(axes: Axes, panel: PathPanel, colours: Mapping[str, str]) -> None:
    if panel.is_difference:
        axes.axhline(0, color=INK, linewidth=0.8)
    for path in panel.paths:
        held, colour = path.band, colours[path.name]
        if not path.has_band:
            days = float_days(quarter_ends(held.dates))
            draw_path(axes, days, held.middle * panel.factor, colour, width=1.1 if path.is_dashed else 1.8)
            axes.lines[-1].set_linestyle("dashed" if path.is_dashed else "solid")
        elif panel.is_flow:
            draw_steps(axes, held, colour, panel.factor)
        else:
            draw_band(axes, replace(held, middle=held.mean) if panel.is_difference else held, colour, panel.factor)
    if len(panel.paths) > 1 and not panel.is_difference:
        axes.lines[0].set_linewidth(_BEHIND)  # it can be seen where another one covers it
    set_dates(axes, panel.paths[0].band.dates)
    plain_ticks(axes)
    axes.locator_params(axis="y", nbins=_MOST_TICKS)
    _set_limits(axes, panel)
    unit = textwrap.fill(panel.unit, _LABEL_CHARACTERS)
    name_axes(axes, "quarter" if panel.is_flow else "end of quarter", unit)
    name_panel(axes, textwrap.fill(panel.title, _TITLE_CHARACTERS))


def _set_limits(axes: Axes, panel: PathPanel) -> None:
    """Let levels begin at zero where that costs no more than half of the axis, and blow up no rounding."""
    low, high = axes.dataLim.intervaly
    if not (np.isfinite(low) and np.isfinite(high)) or high - low <= _SMALLEST * max(abs(low), abs(high)):
        middle = low if np.isfinite(low) else 0.0
        axes.set_ylim(middle - 1, middle + 1)
    if panel.top is not None:
        axes.set_ylim(0.0, _HEADROOM * panel.top)
    elif not panel.is_difference and 0.0 <= low < high / 2:
        axes.set_ylim(bottom=0.0)


def _cell(axes: Axes, width: float, height: float) -> tuple[float, float, float, float]:
    box = axes.get_position()
    left, top = box.x0 * width - _LEFT, (1 - box.y1) * height - _TITLE
    return left, top, box.width * width + _LEFT + _RIGHT, box.height * height + _TITLE + _FOOT


def band_of_paths(paths: pd.DataFrame) -> Band:
    """Give the band of paths: a row per quarter (its first day), a column per draw; what is missing does not count."""
    low, middle, high = (paths.quantile(share, axis=1).to_numpy(dtype=np.float64) for share in (LOW, MIDDLE, HIGH))
    return Band(pd.DatetimeIndex(paths.index), low, middle, high, paths.mean(axis=1).to_numpy(dtype=np.float64))


def path_of_shares(name: str, shares: pd.Series[float], draws: int, is_dashed: bool = False) -> Path:
    """Give a path that is known as it is, such as a share of draws by quarter."""
    values = np.asarray(shares, dtype=np.float64)
    held = Band(pd.DatetimeIndex(shares.index), values, values, values, values)
    return Path(name, held, draws, is_dashed, has_band=False)


def numbers_of_panels(rows: Sequence[Sequence[PathPanel]]) -> pd.DataFrame:
    """Lay out what panels show: panel, unit, path, is_dashed (if any is), draws, quarter, mean and quantiles."""
    tables = []
    for panel in (panel for row in rows for panel in row):
        for path in panel.paths:
            wide = band_columns(path.band, "drawn", "", panel.factor)
            wide.columns = [str(name).removeprefix("drawn_").removesuffix("_") for name in wide]
            wide = wide.assign(panel=panel.title, unit=panel.unit, path=path.name)
            tables.append(wide.assign(is_dashed=path.is_dashed, draws=path.draws))
    numbers = pd.concat(tables, ignore_index=True)
    marks = ["is_dashed"] if numbers["is_dashed"].any() else []
    return numbers[["panel", "unit", "path", *marks, "draws", "quarter", "mean", "p5", "p50", "p95"]]
