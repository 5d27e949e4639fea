"""Chart of the deal space: what each package is worth to both countries; its numbers are those of `packages`."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.quantities import FloatArray
from sim.report.captions import Heading, settings_in_words
from sim.report.chart_style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    INK,
    LABEL_SIZE,
    ORANGE,
    Chart,
    Margins,
    colours_of,
    float_days,
    name_axes,
    new_chart,
    own_style,
    plain_ticks,
    set_dates,
    write_key,
)
from sim.report.statistics import PERCENT, whole_percent
from sim.scenario.describing import title_of, words_of
from sim.studies.deals.deal_tables import chosen_issue, dates, levels_held, most_signed, nash_of_means, packages
from sim.studies.one_run.chart_words import CLOUD_PARTS, GOODS_PARTS, source_in_words

if TYPE_CHECKING:
    from sim.studies.deals.priced_packages import PricedPackages

Rows = Mapping[Hashable, Mapping[Hashable, Any]]
"""Packages by name, with what `packages` says of each."""

_SPACE_WORDS = (
    "Each point is a package and its worth against no deal, present value, mean of the draws. Lines through those that "
    "are named: 5 to 95 % of the draws."
)
_OVER_POINTS = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
_MANY, _FEW_SIZE, _MANY_SIZE = 60, 44.0, 20.0
"""Packages from which on points are drawn smaller; areas of points, square points."""
_LEAST_QUADRANT = 0.14
"""Part of the width and height that a quadrant must take to be named."""
_ROOM = 0.06
"""Room around the points, as a part of their extent."""
_KEY_CHARACTERS, _MOST_LEVELS = 38, 9


@own_style
def plot_deal_space(space: PricedPackages, issue: str | None = None) -> Chart:
    """Draw all packages by what they are worth to the two countries, with frontier, Nash package and what was signed.

    Parameters
    ----------
    space
        The deal space.
    issue
        Issue by whose levels the packages are coloured; the one that the space looks at if None.

    Raises
    ------
    ScenarioError
        If the issue is not on the agenda.
    """
    issue = chosen_issue(space.scenario, issue or space.issue)
    first, second = (title_of(space.scenario, "countries", country) for country in space.countries)
    settings = settings_in_words(len(space.draws), space.seed)
    source = source_in_words(
        metadata.version("cloudtrade"), space.scenario.name, settings, space.scenario, CLOUD_PARTS + GOODS_PARTS
    )
    title = f"The deal space: what {len(space.packages):,} packages are worth to both governments"
    heading = Heading(title, f"{space.scenario.title}. {_SPACE_WORDS}", source)
    chart, (axes,) = new_chart(heading, size=(11.0, 6.8), margins=Margins(right=3.5))
    table = packages(space).set_index("package")
    keys = _draw_packages(axes, space, table, issue)
    keys += _draw_frontier(axes, space, table)
    rows = table.to_dict("index")
    for package, (label, marker) in _landmarks(space, rows).items():
        point = _draw_landmark(axes, space, rows[package], marker)
        _name_point(axes, space, rows[package], label)
        point.set_label("\n".join([*textwrap.wrap(label, _KEY_CHARACTERS), *what_it_holds(space, package)]))
        keys.append(point)
    _set_limits(axes)
    _name_quadrants(axes, first, second)
    name_axes(axes, f"gain to {first} over no deal, bn USD", f"gain to {second} over no deal, bn USD")
    _write_key(axes, keys, title_of(space.scenario, "agenda", issue))
    return chart


_DATES_WORDS = "Share of the draws in which something has been signed by the date; bands: 90 % interval of the share."


@own_style
def plot_deal_dates(space: PricedPackages) -> Chart:
    """Draw the chance of a deal by date, with the issue looked at on the table and off it.

    Parameters
    ----------
    space
        The deal space.
    """
    settings = settings_in_words(len(space.draws), space.seed)
    source = source_in_words(metadata.version("cloudtrade"), space.scenario.name, settings, space.scenario, ("talks",))
    heading = Heading("When a deal comes", f"{space.scenario.title}. {_DATES_WORDS}", source)
    chart, (axes,) = new_chart(heading, size=(9.0, 5.2), margins=Margins(right=0.4, foot=1.3))
    table, issue = dates(space), title_of(space.scenario, "agenda", space.issue)
    days = float_days(pd.DatetimeIndex(pd.to_datetime(table["date"])))
    ways = {"": (BLUE, f"with {issue} on the table")} | (
        {} if space.without is None else {"without_": (ORANGE, f"{issue} off the table")}
    )
    keys: list[Artist] = []
    for way, (colour, label) in ways.items():
        share, low, high = (
            PERCENT * table[f"{way}{what}"].to_numpy(dtype=np.float64) for what in ("share", "low", "high")
        )
        axes.fill_between(days, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
        keys += axes.step(
            days,
            share,
            where="post",
            color=colour,
            linewidth=3.4 if way else 1.4,
            zorder=2 if way else 3,
            marker="o",
            markersize=4,
            label=label,
        )
    for span in space.scenario.talks.history:
        day = float_days(pd.DatetimeIndex([pd.Timestamp(span.until)]))[0]
        axes.axvline(day, color=GREY, linewidth=1.0, linestyle="--", zorder=1)
        words = f"{'a deal' if span.signed else 'no deal'} by {span.until} in fact "
        axes.text(day, 3.0, words, rotation=90, ha="right", va="bottom", fontsize=LABEL_SIZE, color=GREY)
    axes.set_ylim(0.0, PERCENT)
    set_dates(axes, pd.DatetimeIndex(pd.to_datetime(table["date"])))
    name_axes(axes, "round", "percent of draws")
    write_key(chart, keys)
    return chart


def _draw_packages(axes: Axes, space: PricedPackages, table: pd.DataFrame, issue: str) -> list[Any]:
    """Draw a point for each package, coloured by its level, and give the key to the colours."""
    x, y = _means(space, table)
    size = _MANY_SIZE if len(table) > _MANY else _FEW_SIZE
    colours = colours_of(levels_held(space, issue))
    rows = table[issue].map(colours)
    order = np.random.default_rng(0).permutation(len(table))  # no level hides the others by being drawn last
    axes.scatter(
        x[order], y[order], s=size, c=rows.to_numpy()[order].tolist(), alpha=0.8, edgecolors="white", linewidths=0.4
    )
    return [
        Line2D([], [], linestyle="none", marker="o", markersize=6, color=colour, label=words_of(level))
        for level, colour in colours.items()
    ]


def _draw_frontier(axes: Axes, space: PricedPackages, table: pd.DataFrame) -> list[Any]:
    """Draw the Pareto frontier and the disagreement point, and give their keys."""
    x, y = _means(space, table[table["on_frontier"]])
    order = np.lexsort((-y, x))
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    (frontier,) = axes.plot(
        x[order], y[order], color=INK, linewidth=1.1, zorder=2, label="Pareto frontier of the means"
    )
    (no_deal,) = axes.plot(
        [0], [0], linestyle="none", marker="X", markersize=9, color=BLACK, markeredgecolor="white",
        label="no deal (disagreement point)", zorder=6,
    )  # fmt: skip
    return [frontier, no_deal]


def _landmarks(space: PricedPackages, rows: Rows) -> dict[str, tuple[str, str]]:
    """Name the packages that are marked: what each is called, by package, with its marker."""
    nash, signed = nash_of_means(space), most_signed(space)
    marks = {} if nash is None else {nash: ("Nash package of the means", "D")}
    if signed is not None:
        words = f"signed most often ({whole_percent(rows[signed]['signed_share'])} of draws)"
        marks[signed] = (f"Nash package, {words}", "D") if signed == nash else (words, "s")
    return marks


def _draw_landmark(axes: Axes, space: PricedPackages, row: Mapping[Hashable, Any], marker: str) -> Line2D:
    """Draw one package with the range of its draws both ways."""
    (x, x_low, x_high), (y, y_low, y_high) = (
        [row[f"{country}_gain_{name}_bn"] for name in ("mean", "p5", "p95")] for country in space.countries
    )
    axes.hlines([y], x_low, x_high, color=BLACK, linewidth=1.3, zorder=4)
    axes.vlines([x], y_low, y_high, color=BLACK, linewidth=1.3, zorder=4)
    style: dict[str, Any] = {"marker": marker, "markersize": 9, "color": "white", "markeredgecolor": BLACK}
    (point,) = axes.plot([x], [y], linestyle="none", markeredgewidth=1.6, zorder=5, **style)
    return point


def _name_point(axes: Axes, space: PricedPackages, row: Mapping[Hashable, Any], label: str) -> None:
    """Write the first words of what a package is called beside its point, above the range of its draws."""
    x, y = (row[f"{country}_gain_mean_bn"] for country in space.countries)
    axes.annotate(
        label.partition(" (")[0], (x, y), (8, 8), textcoords="offset points", fontsize=LABEL_SIZE, color=INK,
        fontweight="bold", zorder=7, bbox=_OVER_POINTS,
    )  # fmt: skip


def _set_limits(axes: Axes) -> None:
    """Leave room around all that is drawn; where all packages are worth the same, an axis still has an extent."""
    for name, (low, high) in zip("xy", (axes.dataLim.intervalx, axes.dataLim.intervaly), strict=True):
        extent = high - low or 1.0
        axes.set(**{f"{name}lim": (low - _ROOM * extent, high + _ROOM * extent)})
    plain_ticks(axes)
    plain_ticks(axes, vertical=False)


def _name_quadrants(axes: Axes, first: str, second: str) -> None:
    """Say in the corners who gains, as far as there is room, and shade where both do."""
    x, y = (-low / (high - low) for low, high in (axes.get_xlim(), axes.get_ylim()))
    axes.axvspan(0, axes.get_xlim()[1], ymin=y, color=GREEN, alpha=0.06, linewidth=0, zorder=0)
    words = {
        (1, 1): "both gain",
        (0, 1): f"only {second} gains",
        (1, 0): f"only {first} gains",
        (0, 0): "both lose",
    }
    for (right, top), text in words.items():
        width, height = 1 - x if right else x, 1 - y if top else y
        if min(width, height) >= _LEAST_QUADRANT:
            axes.text(
                0.99 if right else 0.01, 0.985 if top else 0.015, text, transform=axes.transAxes, color=GREY,
                ha="right" if right else "left", va="top" if top else "bottom", fontsize=LABEL_SIZE, style="italic",
            )  # fmt: skip


def _write_key(axes: Axes, keys: list[Any], issue: str) -> None:
    legend = axes.legend(
        handles=keys, loc="upper left", bbox_to_anchor=(1.01, 1.02), frameon=False, fontsize=LABEL_SIZE,
        title=f"Colour: {issue}", title_fontproperties={"size": LABEL_SIZE, "weight": "bold"}, alignment="left",
        labelspacing=0.7, handletextpad=0.4,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)


def what_it_holds(space: PricedPackages, package: str) -> list[str]:
    """Write the levels of a package that are not the first of their issue, a line for each."""
    scenario, agenda = space.scenario, space.scenario.talks.agenda
    moved = {issue: level for issue, level in space.packages[package].items() if level != next(iter(agenda[issue]))}
    lines = [
        textwrap.shorten(f"{title_of(scenario, 'agenda', issue)}: {words_of(level)}", _KEY_CHARACTERS, placeholder=" …")
        for issue, level in moved.items()
    ] or ["nothing: all issues at their first level"]
    hidden = len(lines) - _MOST_LEVELS
    return [*lines[:_MOST_LEVELS], f"and {hidden} more"] if hidden > 0 else lines


def _means(space: PricedPackages, table: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    first, second = (table[f"{country}_gain_mean_bn"].to_numpy(dtype=np.float64) for country in space.countries)
    return first, second
