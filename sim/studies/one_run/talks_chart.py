"""Chart of how the talks stand over time with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.errors import ScenarioError
from sim.quantities import MONTHS_PER_QUARTER
from sim.report.chart_style import (
    BLUE,
    INK,
    ORANGE,
    PALE_GREY,
    VERMILION,
    Chart,
    Margins,
    draw_stack,
    float_days,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    set_dates,
    write_key,
)
from sim.report.kpi_names import check_known
from sim.report.statistics import PERCENT, in_rows
from sim.studies.one_run.chart_words import heading_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

TALKS_COLOURS = {
    "deal signed and in force": BLUE,
    "deal broken": ORANGE,
    "talks open": PALE_GREY,
    "ended without a deal": VERMILION,
}
"""How the talks stand, from the foot of the chart up."""

_TALKS_WORDS = "Height of a colour: share of the draws in the month; marks at the top: rounds."
_SIGNED, _BROKEN = "deal_signed_first_months", "deal_broken_first_months"
_MONTHS_AROUND = 3


def has_talks(result: RunData) -> bool:
    """Whether rounds of talks are held in a run."""
    talks = result.scenario.talks
    return talks.mode != "none" and bool(talks.rounds)


@own_style
def plot_talks(result: RunData) -> Chart:
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
        shown = shares.iloc[months.start : months.stop]
        dates = pd.DatetimeIndex([*shown.index, shown.index[-1] + pd.DateOffset(months=1)])
        draw_stack(axes, float_days(dates), shown, TALKS_COLOURS)
        set_dates(axes, pd.DatetimeIndex([dates[0], dates[-1] - pd.DateOffset(months=MONTHS_PER_QUARTER)]))
        _mark_rounds(axes, result)
        name_panel(axes, name)
        name_axes(axes, "month", "percent of draws")
    keys: list[Artist] = [Patch(color=colour, label=state) for state, colour in TALKS_COLOURS.items()]
    keys.append(Line2D([], [], linestyle="none", marker="v", markersize=6, color=INK, label="month with a round"))
    write_key(chart, keys)
    return chart


def _months_of_talks(result: RunData) -> range:
    """Months from a while before the first round to a while after the last."""
    calendar, rounds = result.scenario.calendar, result.scenario.talks.rounds
    first, last = calendar.month_of(rounds[0].date), calendar.month_of(rounds[-1].date)
    return range(max(first - _MONTHS_AROUND, 0), min(last + _MONTHS_AROUND + 1, result.scenario.months))


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


def numbers_of_talks(result: RunData) -> pd.DataFrame:
    """How the talks stand: month, state, percent of draws."""
    return in_rows(shares_over_talks(result) * PERCENT, "month", "state", "draws_percent")


def _mark_rounds(axes: Axes, result: RunData) -> None:
    """Mark at the top of the panel the months in which rounds are held."""
    calendar = result.scenario.calendar
    months = {calendar.month_of(held.date) for held in result.scenario.talks.rounds}
    days = float_days(pd.DatetimeIndex([calendar.date_of(month) for month in sorted(months)]))
    axes.plot(
        days, np.full(len(days), PERCENT), linestyle="none", marker="v", markersize=6, color=INK, clip_on=False,
        zorder=5,
    )  # fmt: skip
