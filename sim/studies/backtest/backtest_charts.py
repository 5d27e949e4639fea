"""Fan charts with their numbers: what was forecast at each cut-off, and what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from importlib import metadata

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator

from sim.quantities import MONTHS_PER_YEAR, FloatArray
from sim.report.captions import Heading
from sim.report.chart_style import (
    BLUE,
    GREY,
    INK,
    LABEL_SIZE,
    SOURCE_SIZE,
    VERMILION,
    Chart,
    Margins,
    float_days,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    plain_ticks,
)
from sim.report.drawn_chart import DrawnChart
from sim.studies.backtest.backtest import Study
from sim.studies.backtest.fans import middle, yearly_rate
from sim.studies.backtest.forecasts import NAIVE, QUANTILES
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimated_names import title_of, unit_of
from sim.studies.fit.published import Observation

CHARTS = {
    "shares_china": ("Shares in China", ("share.china.",)),
    "shares_world": ("Shares in the world", ("share.world.",)),
    "markets": ("Sizes of markets", ("total.",)),
    "goods": ("Goods trade of the United States with China", ("imports.", "exports.")),
}
"""Name, title and series of each chart."""
_ROW_INCHES, _COLUMN_INCHES, _LEFT_INCHES = 1.75, 2.75, 1.1
_ROOM = 1.08
"""How far the vertical axis goes beyond what it shows."""
_LINES = (*QUANTILES, *NAIVE)
_HALF_MONTH_DAYS = 15
_WORDS = (
    "A column for each cut-off. Line: median forecast; bands hold 50 and 90 % of the draws. Filled dots: known at the "
    "cut-off, hollow: came later; large: whole years. Dashed: no change, dotted: trend of two years."
)


def fan_charts(study: Study) -> list[DrawnChart]:
    """Draw all fan charts with their numbers; a row of panels for each series and a column for each cut-off."""
    fans, charts = study.fan_table, []
    for name, (title, starts) in CHARTS.items():
        rows = fans[fans["series"].str.startswith(starts)]
        if len(rows):
            series = sorted(dict.fromkeys(rows["series"]), key=lambda one: -_size(study, one))
            charts.append(DrawnChart.of(name, _chart(study, title, series), rows))
    return charts


def _size(study: Study, series: str) -> float:
    """Largest published figure of a series: the largest come first."""
    return max(one.value * yearly_rate(one) for one in study.observations if one.series == series)


@own_style
def _chart(study: Study, title: str, series: Sequence[str]) -> Chart:
    columns = len(study.cutoffs)
    size = (max(_LEFT_INCHES + _COLUMN_INCHES * columns, 6.5), 1.9 + _ROW_INCHES * len(series))
    margins = Margins(left=0.8, right=0.3, foot=0.75, between_columns=0.45, between_rows=0.5)
    heading = Heading(f"{title}: forecast and what came", _WORDS, _source(study))
    chart, panels = new_chart(heading, (len(series), columns), size, margins)
    first = min(one.period.start for one in study.observations if one.series in series)
    for row, name in enumerate(series):
        row_panels = panels[row * columns : (row + 1) * columns]
        for axes, cutoff in zip(row_panels, study.cutoffs, strict=True):
            _draw(axes, study, name, cutoff)
        _share_limits(row_panels, study, name, first)
        name_panel(row_panels[0], title_of(name, study.fits[0].scenario))
        name_axes(row_panels[0], "", unit_of(name)[0])
    return chart


def _draw(axes: Axes, study: Study, series: str, cutoff: dt.date) -> None:
    _, factor = unit_of(series)
    table = study.fan_table
    fan = table[(table["series"] == series) & (table["cutoff"] == cutoff.isoformat())]
    _draw_fan(axes, fan, factor)
    line = float_days(pd.DatetimeIndex([cutoff]))[0]
    axes.axvline(line, color=GREY, linewidth=0.8)
    axes.annotate(
        f"{last_month(cutoff)} ", (line, 0.97), xycoords=("data", "axes fraction"), ha="right", va="top",
        fontsize=SOURCE_SIZE, color=INK,
    )  # fmt: skip
    for one in _of(study, series):
        _draw_figure(axes, one, factor, is_known=one.period.end <= cutoff)


def _draw_fan(axes: Axes, fan: pd.DataFrame, factor: float) -> None:
    """Draw bands and lines; a single period is drawn as wide as it is long."""
    middles, half = pd.DatetimeIndex(fan["middle"]), pd.to_timedelta(fan["months"].to_numpy() * _HALF_MONTH_DAYS, "D")
    days = float_days(middles)
    if len(fan) == 1:
        fan, days = pd.concat([fan, fan]), np.concatenate([float_days(middles - half), float_days(middles + half)])
    low, lower, median, upper, high, flat, straight = (fan[name].to_numpy() * factor for name in _LINES)
    axes.fill_between(days, low, high, color=BLUE, alpha=0.15, linewidth=0)
    axes.fill_between(days, lower, upper, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(days, median, color=BLUE, linewidth=1.6)
    axes.plot(days, flat, color=GREY, linewidth=0.9, linestyle="--")
    axes.plot(days, straight, color=VERMILION, linewidth=0.9, linestyle=":")


def _draw_figure(axes: Axes, one: Observation, factor: float, *, is_known: bool) -> None:
    day = float_days(pd.DatetimeIndex([middle(one.period)]))
    size = 5.0 if one.period.months == MONTHS_PER_YEAR else 3.2
    fill = INK if is_known else "white"
    axes.plot(
        day, [one.value * yearly_rate(one) * factor], marker="o", markersize=size, color=INK, markerfacecolor=fill,
        markeredgewidth=0.8,
    )  # fmt: skip


def _share_limits(panels: Sequence[Axes], study: Study, series: str, first: dt.date) -> None:
    """Let the panels of a series show the same years and amounts: those of the bands and of what was published."""
    _, factor = unit_of(series)
    figures = np.array([one.value * yearly_rate(one) for one in _of(study, series)])
    fan = study.fan_table[study.fan_table["series"] == series]
    top = factor * max(figures.max(), fan["p95"].max()) * _ROOM
    last = max(one.period.end for one in study.observations)
    for axes in panels:
        axes.set_ylim(0.0, top)
        axes.set_xlim(*_days(first, last))
        _name_years(axes, (last - first).days)
        plain_ticks(axes)


def _name_years(axes: Axes, days: int) -> None:
    """Write years at the beginning of each, or of every second one where there are many."""
    axes.xaxis.set_major_locator(YearLocator(1 if days < 6 * 366 else 2))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
    axes.tick_params(labelsize=LABEL_SIZE)


def _days(first: dt.date, last: dt.date) -> FloatArray:
    return float_days(pd.DatetimeIndex([first, last]))


def _of(study: Study, series: str) -> Iterator[Observation]:
    return (one for one in study.observations if one.series == series)


def _source(study: Study) -> str:
    scenario = study.fits[0].scenario
    return (
        f"Source: cloudtrade {metadata.version('cloudtrade')}, policies as in {scenario.name}, fitted to what was "
        "known at each cut-off. Amounts at yearly rates. Data: Canalys, IDC, US Census Bureau (files of sim/facts)."
    )
