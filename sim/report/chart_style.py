"""How every chart looks: colours, type, grid, title at the head, source line at the foot, labels beside lines."""

from __future__ import annotations

import io
import itertools
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgb
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray
from sim.report.captions import Heading
from sim.report.kpi_names import MINUS
from sim.report.statistics import PERCENT, Band

# Okabe and Ito's colours, told apart by colour-blind readers too; their yellow is too pale for lines.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
GREY, PALE_GREY, INK = "#8C8C8C", "#E4E4E4", "#333333"

TITLE, SUBTITLE, SOURCE = "heading", "subheading", "source"
"""Marks of the words around a chart among its texts."""
Cell = tuple[float, float, float, float]
"""Place of a panel with its words in a chart: left, top, width, height, inches from the upper left corner."""
DPI = 150
"""Resolution of charts in files."""
_COMPRESSION = 2
"""Effort at making pictures small, 0 to 9; more takes twice as long and makes them a tenth smaller."""

TITLE_SIZE, SUBTITLE_SIZE, LABEL_SIZE, SOURCE_SIZE = 13.0, 9.5, 9.0, 7.5
"""Sizes of type in points."""

POINTS_PER_INCH = 72
_CHARACTER_WIDTH = 0.55
"""Width of a character of the default font as a part of its size, on average."""
_EDGE_INCHES = 0.15
_PANEL_TITLE_INCHES = 0.35
_LINE_SPACING = 1.35
"""Distance of lines as a multiple of their type's size."""
_BOLD = 1.15
"""How much wider bold type is."""
_MOST_LINES = 3
_DATE_INCHES = 0.42
"""Room that one date on an axis takes."""
_LABEL_GAP = 1.2
"""Distance between two labels as a multiple of their type's size."""
_LEADER = 0.025
"""Length of the line from a path's end to its label, as a part of the axes' width."""
_DARKENED = 0.75
_MOST_COLUMNS = 3
_KEY_INCHES = 0.5


OWN_SETTINGS: dict[Any, Any] = {
    name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if name != "backend"
} | {"text.hinting": "none"}
"""What matplotlib is set to by itself, but for letters: they keep their shape, as on pages, and are drawn sooner."""
own_style = mpl.rc_context({name: value for name, value in OWN_SETTINGS.items() if not name.startswith("svg.")})
"""Lets a function draw in these settings, whatever the user has set elsewhere; those of SVG files are the user's."""


class Chart(Figure):
    """A figure that belongs to no window and shows itself in a notebook, drawn alike whatever the user's settings.

    Attributes
    ----------
    heading
        The words around it, in full.
    room
        Room that these words take at the head and at the foot, inches.
    key
        What each colour stands for in all panels: names with their colours; a page writes it above them.
    cells
        Places of the panels, in their order, where each can stand alone: a page puts them beside or below each other,
        as it has room. Empty where the chart is one picture.
    numbers
        What it shows, as a tidy table, where it was laid out in panels of paths.
    """

    heading: Heading
    room: tuple[float, float]
    key: Mapping[str, str] = {}
    cells: Sequence[Cell] = ()
    numbers: pd.DataFrame

    @own_style
    def draw(self, renderer: RendererBase) -> None:
        """Draw it."""
        super().draw(renderer)

    @own_style
    def savefig(self, *args: Any, **settings: Any) -> None:
        """Write it into a file, as any figure."""
        super().savefig(*args, **settings)

    def png(self) -> bytes:
        """Give it as a picture."""
        held = io.BytesIO()
        self.savefig(held, format="png", dpi=DPI, pil_kwargs={"compress_level": _COMPRESSION})
        return held.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()


@dataclass(frozen=True)
class Margins:
    """Room around and between the panels, inches."""

    left: float = 0.8
    right: float = 1.35
    foot: float = 1.0
    between_columns: float = 0.9
    between_rows: float = 0.5


@dataclass(frozen=True)
class EndLabel:
    """A path's name beside its last point."""

    text: str
    value: float
    colour: str


def new_chart(
    heading: Heading,
    panels: tuple[int, int] = (1, 1),
    size: tuple[float, float] = (9.0, 5.2),
    margins: Margins | None = None,
    heights: Sequence[float] | None = None,
    used: int | None = None,
) -> tuple[Chart, list[Axes]]:
    """Make a chart with its words and empty panels.

    Parameters
    ----------
    heading
        Title, subtitle and source line.
    panels
        Number of rows and columns.
    size
        Width and height, inches.
    margins
        Room around and between the panels.
    heights
        Relative heights of the rows; equal if None.
    used
        How many panels there are to be, the last row not being full; all of the grid if None.

    Returns
    -------
    Chart, list of Axes
        Panels row by row.
    """
    chart = Chart(figsize=size)
    chart.heading = heading
    head = _write_heading(chart, heading)
    rows, columns = panels
    margins = margins or Margins()
    width, height = size
    panel_width = (width - margins.left - margins.right - (columns - 1) * margins.between_columns) / columns
    panel_height = (height - head - margins.foot - (rows - 1) * margins.between_rows) / rows
    grid = chart.add_gridspec(
        rows,
        columns,
        left=margins.left / width,
        right=1 - margins.right / width,
        top=1 - head / height,
        bottom=margins.foot / height,
        wspace=margins.between_columns / panel_width,
        hspace=margins.between_rows / panel_height,
        height_ratios=heights,
    )
    places = [(row, column) for row in range(rows) for column in range(columns)]
    axes = [chart.add_subplot(grid[place]) for place in places[:used]]
    for panel in axes:
        _style(panel)
    return chart, axes


def name_axes(axes: Axes, horizontal: str, vertical: str) -> None:
    """Write on both axes what they show and in which unit."""
    axes.set_xlabel(horizontal, fontsize=LABEL_SIZE, color=INK)
    axes.set_ylabel(vertical, fontsize=LABEL_SIZE, color=INK)


def name_panel(axes: Axes, title: str) -> None:
    """Write above a panel what it shows; no numbers stand there, so it need not look for a place at each drawing."""
    words: dict[str, Any] = {"fontsize": SUBTITLE_SIZE, "color": INK, "fontweight": "bold", "parse_math": False}
    axes.set_title(title, loc="left", y=1.0, **words)


def set_dates(axes: Axes, dates: pd.DatetimeIndex) -> None:
    """Let the horizontal axis run over the quarters that begin on these dates, and say so."""
    axes.set_xlim(float_days(dates)[0], float_days(quarter_ends(dates))[-1])
    width = axes.get_window_extent().width / axes.figure.dpi
    most = max(int(width / _DATE_INCHES), 2)
    locator = AutoDateLocator(minticks=2, maxticks=most)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    short = len(dates) * MONTHS_PER_QUARTER < MONTHS_PER_YEAR  # no tick may fall on a new year, so say which it is
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=short))  # type: ignore[no-untyped-call]


def float_days(dates: pd.DatetimeIndex) -> FloatArray:
    """Give dates as matplotlib counts them."""
    days: FloatArray = date2num(dates.to_numpy())  # type: ignore[no-untyped-call]
    return days


def quarter_ends(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Give the ends of the quarters that begin on these dates: where stocks are drawn."""
    return pd.DatetimeIndex(dates + pd.DateOffset(months=MONTHS_PER_QUARTER))


def edges_of_quarters(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Give the starts of the quarters and the end of the last one."""
    return pd.DatetimeIndex([*dates, quarter_ends(dates)[-1]])


def draw_band(axes: Axes, band: Band, colour: str, factor: float = 1.0) -> float:
    """Draw a stock's median as a line and its 5 to 95 % range as a band, and give the last median."""
    days = float_days(quarter_ends(band.dates))
    axes.fill_between(days, band.low * factor, band.high * factor, color=colour, alpha=0.15, linewidth=0)
    draw_path(axes, days, band.middle * factor, colour)
    return float(band.middle[-1] * factor)


def draw_path(axes: Axes, days: FloatArray, path: FloatArray, colour: str, width: float = 1.8) -> None:
    """Draw a line, or a dot where a run of one quarter leaves no more than a point."""
    dot: dict[str, Any] = {"marker": "o", "markersize": 4.0, "clip_on": False} if len(days) == 1 else {}
    axes.plot(days, path, color=colour, linewidth=width, **dot)


def draw_steps(axes: Axes, band: Band, colour: str, factor: float = 1.0) -> float:
    """Draw a flow as steps that last a quarter each, mean and 5 to 95 % range, and give the last mean.

    The mean, since where talks split the draws in two the median jumps from one half to the other.
    """
    days = float_days(edges_of_quarters(band.dates))
    low, mean, high = (np.append(path, path[-1]) * factor for path in (band.low, band.mean, band.high))
    axes.fill_between(days, low, high, color=colour, alpha=0.15, linewidth=0, step="post")
    axes.step(days, mean, color=colour, linewidth=1.8, where="post")
    return float(mean[-1])


def draw_stack(axes: Axes, days: FloatArray, shares: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """Stack shares of draws from the foot of the panel up, as percent, each until the next day.

    Parameters
    ----------
    axes
        The panel.
    days
        Where each row of shares begins, and where the last one ends.
    shares
        A column of shares of one for each name.
    colours
        Colours by name, in the order of the stack.
    """
    below = np.zeros(len(days))
    for name, colour in colours.items():
        share = shares[name].to_numpy() * PERCENT
        above = below + np.append(share, share[-1])
        axes.fill_between(days, below, above, color=colour, step="post", linewidth=0)
        below = above
    axes.set_ylim(0, PERCENT)


def write_key(chart: Chart, keys: Sequence[Artist]) -> None:
    """Write a key in one line above the source line; the margin at the foot must have room for it."""
    above_source = (0.5, max(_KEY_INCHES, chart.room[1]) / chart.get_figheight())
    chart.legend(
        handles=keys, loc="lower center", bbox_to_anchor=above_source, ncols=len(keys), frameon=False,
        fontsize=LABEL_SIZE,
    )  # fmt: skip


def label_ends(axes: Axes, labels: Sequence[EndLabel]) -> None:
    """Write names at the right end of the paths, moved apart where they would overlap; the limits must be set."""
    if not labels:
        return
    box = axes.get_window_extent()
    wanted = [axes.transData.transform((axes.get_xlim()[1], label.value))[1] - box.y0 for label in labels]
    gap = LABEL_SIZE * _LABEL_GAP * axes.figure.dpi / POINTS_PER_INCH
    placed = spread_out(np.array(wanted), gap, low=0.0, high=box.height)
    for label, start, end in zip(labels, np.array(wanted) / box.height, placed / box.height, strict=True):
        axes.plot(
            [1, 1 + _LEADER], [start, end], transform=axes.transAxes, clip_on=False, color=label.colour, linewidth=0.8
        )
        axes.text(
            1 + 1.4 * _LEADER, end, label.text, transform=axes.transAxes, va="center", fontsize=LABEL_SIZE,
            color=darkened(label.colour),
            parse_math=False,
        )  # fmt: skip


def spread_out(wanted: FloatArray, gap: float, low: float, high: float) -> FloatArray:
    """Move positions as little as will keep them `gap` apart, in their order and between two bounds where they fit.

    Isotonic regression: with `gap` times its rank taken off each position, what is left must not fall.
    """
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    blocks: list[tuple[float, int]] = []
    for position in wanted[order] - steps:
        total, count = float(position), 1
        while blocks and blocks[-1][0] * count >= total * blocks[-1][1]:
            earlier, earlier_count = blocks.pop()
            total, count = total + earlier, count + earlier_count
        blocks.append((total, count))
    level = np.repeat([total / count for total, count in blocks], [count for _, count in blocks])
    placed = np.empty_like(level)
    placed[order] = np.maximum(np.minimum(level, high - steps[-1]), low) + steps
    return placed


def darkened(colour: str) -> tuple[float, float, float]:
    """Give a colour dark enough for type on white."""
    red, green, blue = to_rgb(colour)
    return red * _DARKENED, green * _DARKENED, blue * _DARKENED


def grid_of(panels: int) -> tuple[int, int]:
    """Arrange a number of panels in rows of about equal length: rows and columns, at least one each."""
    rows = max(-(-panels // _MOST_COLUMNS), 1)
    return rows, max(-(-panels // rows), 1)


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """Give each name a colour; they repeat after seven."""
    return dict(zip(names, itertools.cycle(COLOURS), strict=False))


def plain_ticks(axes: Axes, vertical: bool = True) -> None:
    """Write numbers on an axis with thousands separated and no exponent."""
    axis = axes.yaxis if vertical else axes.xaxis
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS)))


def _style(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
        axes.spines[side].set_linewidth(0.8)
    axes.grid(visible=True, color=PALE_GREY, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=LABEL_SIZE, colors=INK, width=0.6, color=GREY)


def _write_heading(chart: Chart, heading: Heading) -> float:
    """Write title, subtitle and source line, and give the room from the top edge to the panels, inches."""
    width, height = chart.get_size_inches()
    lines = [
        (TITLE, _wrapped(heading.title, TITLE_SIZE * _BOLD, width), TITLE_SIZE, "bold"),
        (SUBTITLE, _wrapped(heading.subtitle, SUBTITLE_SIZE, width), SUBTITLE_SIZE, "normal"),
    ]
    below = _EDGE_INCHES
    for mark, words, size, weight in lines:
        place = _EDGE_INCHES / width, 1 - below / height
        chart.text(*place, words, va="top", fontsize=size, fontweight=weight, color=INK, gid=mark, parse_math=False)
        below += (words.count("\n") + 1) * size * _LINE_SPACING / POINTS_PER_INCH
    source, place = _wrapped(heading.source, SOURCE_SIZE, width), (_EDGE_INCHES / width, _EDGE_INCHES / height)
    chart.text(*place, source, va="bottom", fontsize=SOURCE_SIZE, color=INK, gid=SOURCE, parse_math=False)
    foot = (source.count("\n") + 1) * SOURCE_SIZE * _LINE_SPACING / POINTS_PER_INCH
    chart.room = below, _EDGE_INCHES + foot
    return below + _PANEL_TITLE_INCHES


def _wrapped(text: str, size: float, width: float) -> str:
    """Break words into lines that fit the chart, three at most."""
    characters = int((width - 2 * _EDGE_INCHES) / (size * _CHARACTER_WIDTH / POINTS_PER_INCH))
    return "\n".join(textwrap.wrap(text, characters, max_lines=_MOST_LINES, placeholder=" …"))
