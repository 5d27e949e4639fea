"""Charts of the talks: what each package is worth to both countries, and how the talks go over time."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.errors import ScenarioError
from sim.quantities import MONTHS_PER_QUARTER, FloatArray
from sim.report.captions import (
    CLOUD_PARTS,
    GOODS_PARTS,
    Heading,
    heading_of,
    settings_in_words,
    source_in_words,
)
from sim.report.chart_style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    INK,
    LABEL_SIZE,
    ORANGE,
    PALE_GREY,
    VERMILION,
    Margins,
    colours_of,
    float_days,
    name_axes,
    name_panel,
    new_chart,
    plain_ticks,
    set_dates,
)
from sim.report.kpi_names import check_known
from sim.report.statistics import PERCENT, whole_percent
from sim.scenario.describing import title_of, words_of
from sim.studies.deals.deal_tables import chosen_issue, levels_held, most_signed, nash_of_means, packages

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.studies.deals.deal_space import DealSpace

Rows = Mapping[Hashable, Mapping[Hashable, Any]]
"""Packages by name, with what `packages` says of each."""

TALKS_COLOURS = {
    "deal signed and in force": BLUE,
    "deal broken": ORANGE,
    "talks open": PALE_GREY,
    "ended without a deal": VERMILION,
}
"""How the talks stand, from the foot of the chart up."""

_TALKS_WORDS = "Height of a colour: share of the draws in the month; marks at the top: rounds."
_SPACE_WORDS = (
    "Each point is a package and its worth against no deal, present value, mean of the draws. Lines through those that "
    "are named: 5 to 95 % of the draws."
)
_OVER_POINTS = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
_SIGNED, _BROKEN = "deal_signed_first_months", "deal_broken_first_months"
_MANY, _FEW_SIZE, _MANY_SIZE = 60, 44.0, 20.0
"""Packages from which on points are drawn smaller; areas of points, square points."""
_LEAST_QUADRANT = 0.14
"""Part of the width and height that a quadrant must take to be named."""
_ROOM = 0.06
"""Room around the points, as a part of their extent."""
_KEY_CHARACTERS, _MOST_LEVELS = 38, 9
_KEY_INCHES = 0.5
_MONTHS_AROUND = 3


def plot_deal_space(space: DealSpace, issue: str | None = None) -> Figure:
    """Draw all packages by what they are worth to the two countries, with frontier, Nash package and what was signed.

    Parameters
    ----------
    space
        The deal space.
    issue
        Issue by whose levels the packages are coloured; that of access to the focus market if None.

    Raises
    ------
    ScenarioError
        If the issue is not on the agenda.
    """
    issue = chosen_issue(space.scenario, issue)
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


def _draw_packages(axes: Axes, space: DealSpace, table: pd.DataFrame, issue: str) -> list[Any]:
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


def _draw_frontier(axes: Axes, space: DealSpace, table: pd.DataFrame) -> list[Any]:
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


def _landmarks(space: DealSpace, rows: Rows) -> dict[str, tuple[str, str]]:
    """Name the packages that are marked: what each is called, by package, with its marker."""
    nash, signed = nash_of_means(space), most_signed(space)
    marks = {} if nash is None else {nash: ("Nash package of the means", "D")}
    if signed is not None:
        words = f"signed most often ({whole_percent(rows[signed]['signed_share'])} of draws)"
        marks[signed] = (f"Nash package, {words}", "D") if signed == nash else (words, "s")
    return marks


def _draw_landmark(axes: Axes, space: DealSpace, row: Mapping[Hashable, Any], marker: str) -> Line2D:
    """Draw one package with the range of its draws both ways."""
    (x, x_low, x_high), (y, y_low, y_high) = (
        [row[f"{country}_gain_{name}_bn"] for name in ("mean", "p5", "p95")] for country in space.countries
    )
    axes.hlines([y], x_low, x_high, color=BLACK, linewidth=1.3, zorder=4)
    axes.vlines([x], y_low, y_high, color=BLACK, linewidth=1.3, zorder=4)
    style: dict[str, Any] = {"marker": marker, "markersize": 9, "color": "white", "markeredgecolor": BLACK}
    (point,) = axes.plot([x], [y], linestyle="none", markeredgewidth=1.6, zorder=5, **style)
    return point


def _name_point(axes: Axes, space: DealSpace, row: Mapping[Hashable, Any], label: str) -> None:
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


def what_it_holds(space: DealSpace, package: str) -> list[str]:
    """Write the levels of a package that are not the first of their issue, a line for each."""
    scenario, agenda = space.scenario, space.scenario.talks.agenda
    moved = {issue: level for issue, level in space.packages[package].items() if level != next(iter(agenda[issue]))}
    lines = [
        textwrap.shorten(f"{title_of(scenario, 'agenda', issue)}: {words_of(level)}", _KEY_CHARACTERS, placeholder=" …")
        for issue, level in moved.items()
    ] or ["nothing: all issues at their first level"]
    hidden = len(lines) - _MOST_LEVELS
    return [*lines[:_MOST_LEVELS], f"and {hidden} more"] if hidden > 0 else lines


def _means(space: DealSpace, table: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    first, second = (table[f"{country}_gain_mean_bn"].to_numpy(dtype=np.float64) for country in space.countries)
    return first, second


def has_talks(result: RunData) -> bool:
    """Whether rounds of talks are held in a run."""
    talks = result.scenario.talks
    return talks.mode != "none" and bool(talks.rounds)


def plot_talks(result: RunData) -> Figure:
    """Draw how the talks stand over time: in which share of draws they are open, signed, broken, or without a deal.

    Parameters
    ----------
    result
        A run with rounds of talks.

    Raises
    ------
    ScenarioError
        If the run has no such talks, or was made by a program that did not keep when deals break.
    """
    shares = shares_over_talks(result)
    heading = heading_of(result, "The talks over time", _TALKS_WORDS, ("talks",))
    margins = Margins(right=0.35, foot=1.35, between_columns=0.7)
    chart, panels = new_chart(heading, (1, 2), size=(10.5, 5.0), margins=margins)
    spans = {"During the talks": _months_of_talks(result), "Over the run": range(result.scenario.months)}
    for axes, (name, months) in zip(panels, spans.items(), strict=True):
        _draw_shares(axes, shares.iloc[months.start : months.stop])
        _mark_rounds(axes, result)
        name_panel(axes, name)
        name_axes(axes, "month", "percent of draws")
    _key_to_talks(chart)
    return chart


def _months_of_talks(result: RunData) -> range:
    """Months from a while before the first round to a while after the last."""
    calendar, rounds = result.scenario.calendar, result.scenario.talks.rounds
    first, last = calendar.month_of(rounds[0].date), calendar.month_of(rounds[-1].date)
    return range(max(first - _MONTHS_AROUND, 0), min(last + _MONTHS_AROUND + 1, result.scenario.months))


def _draw_shares(axes: Axes, shares: pd.DataFrame) -> None:
    """Stack the shares of draws, each from the beginning of a month to its end."""
    dates = pd.DatetimeIndex([*shares.index, shares.index[-1] + pd.DateOffset(months=1)])
    days, below = float_days(dates), np.zeros(len(dates))
    for state, colour in TALKS_COLOURS.items():
        share = shares[state].to_numpy() * PERCENT
        above = below + np.append(share, share[-1])
        axes.fill_between(days, below, above, color=colour, step="post", linewidth=0)
        below = above
    set_dates(axes, pd.DatetimeIndex([dates[0], dates[-1] - pd.DateOffset(months=MONTHS_PER_QUARTER)]))
    axes.set_ylim(0, PERCENT)


def shares_over_talks(result: RunData) -> pd.DataFrame:
    """Count in which share of draws the talks stand how: a row per month by its first day, a column per state.

    Parameters
    ----------
    result
        A run with rounds of talks; errors are those of `plot_talks`.
    """
    if not has_talks(result):
        raise ScenarioError(f"{result.name}: no rounds of talks are held, so there is nothing to draw")
    for kpi in (_SIGNED, _BROKEN):
        check_known(kpi, result.kpis.columns.tolist(), "KPI of this result")
    scenario, calendar = result.scenario, result.scenario.calendar
    months = np.arange(scenario.months)[:, None]
    signed, broken = (result.kpis[kpi].to_numpy(dtype=np.float64) <= months for kpi in (_SIGNED, _BROKEN))
    over = months >= calendar.month_of(scenario.talks.rounds[-1].date)
    states = (signed & ~broken, broken, ~signed & ~over, ~signed & over)
    dates = pd.DatetimeIndex([calendar.date_of(month) for month in range(scenario.months)], name="date")
    return pd.DataFrame({name: held.mean(axis=1) for name, held in zip(TALKS_COLOURS, states, strict=True)}, dates)


def _mark_rounds(axes: Axes, result: RunData) -> None:
    """Mark at the top of the panel the months in which rounds are held."""
    calendar = result.scenario.calendar
    months = {calendar.month_of(held.date) for held in result.scenario.talks.rounds}
    days = float_days(pd.DatetimeIndex([calendar.date_of(month) for month in sorted(months)]))
    axes.plot(
        days, np.full(len(days), PERCENT), linestyle="none", marker="v", markersize=6, color=INK, clip_on=False,
        zorder=5,
    )  # fmt: skip


def _key_to_talks(chart: Figure) -> None:
    keys: list[Any] = [Patch(color=colour, label=state) for state, colour in TALKS_COLOURS.items()]
    keys.append(Line2D([], [], linestyle="none", marker="v", markersize=6, color=INK, label="month with a round"))
    above_source = (0.5, _KEY_INCHES / chart.get_figheight())
    chart.legend(
        handles=keys, loc="lower center", bbox_to_anchor=above_source, ncols=len(keys), frameon=False,
        fontsize=LABEL_SIZE,
    )  # fmt: skip
