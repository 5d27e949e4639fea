"""Chart of welfare by part and country with its numbers, and the stairs of which it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.ledger import welfare_accounts
from sim.quantities import FloatArray
from sim.report.captions import Heading
from sim.report.chart_style import (
    BLACK,
    BLUE,
    GREY,
    INK,
    LABEL_SIZE,
    VERMILION,
    Chart,
    Margins,
    grid_of,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    plain_ticks,
)
from sim.report.kpi_names import MINUS, format_value
from sim.report.statistics import HIGH, LOW
from sim.scenario.describing import title_of
from sim.studies.one_run.chart_words import CLOUD_PARTS, GOODS_PARTS, heading_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData


STAIR_WORDS = (
    "Bars: mean of the draws, each from where the last one ends; lines: 5 to 95 % of the draws. Sum over the run, not "
    "discounted."
)

_OVER_LINES = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
"""Ground of numbers that may stand on the line at zero."""
_ROOM_FOR_MEANS = 0.16
"""Room at the right of the bars, as a share of their width."""
_SMALLEST_AXIS_BN = 1e-6
"""Below it differences are rounding, which an axis must not blow up."""
_ROW_INCHES, _AROUND_INCHES = 2.6, 2.0


@own_style
def plot_welfare(result: RunData) -> Chart:
    """Draw each country's welfare over the run as a stair: each part starts where the last one ended.

    Parameters
    ----------
    result
        A run.
    """
    heading = heading_of(result, "Welfare by part and country", STAIR_WORDS, CLOUD_PARTS + GOODS_PARTS)
    scenario = result.scenario
    stairs = [(title_of(scenario, "countries", name), welfare_parts(result, name)) for name in scenario.countries]
    return draw_stairs(heading, stairs, grid_of(len(stairs)), "bn USD over the run")


def numbers_of_welfare(result: RunData) -> pd.DataFrame:
    """Welfare over the run: country, part (the sum last), mean and quantiles over draws in bn USD."""
    tables = [
        spread_of(welfare_parts(result, country)).assign(country=country) for country in result.scenario.countries
    ]
    return pd.concat(tables, ignore_index=True)


def spread_of(parts: pd.DataFrame) -> pd.DataFrame:
    """Describe parts of welfare, a column each, over draws: part, mean and quantiles in bn USD."""
    columns = {"mean_bn_usd": parts.mean(), "p5_bn_usd": parts.quantile(LOW), "p95_bn_usd": parts.quantile(HIGH)}
    return pd.DataFrame(columns).rename_axis("part").reset_index()


def welfare_parts(result: RunData, country: str) -> pd.DataFrame:
    """Sum the parts of a country's welfare over the run, signed as they count, one row per draw, with the sum last."""
    kpis = result.kpis.set_index("draw")
    signed = {held.title: held.sign * kpis[_sum_over_run(held.column, country)] for held in welfare_accounts()}
    return pd.DataFrame({**signed, "welfare": kpis[_sum_over_run("welfare_bn", country)]})


def _sum_over_run(column: str, country: str) -> str:
    """Name of the KPI that sums a column of countries over the run."""
    return f"{column.removesuffix('_bn')}_{country}_cum_bn"


def draw_stairs(heading: Heading, stairs: list[tuple[str, pd.DataFrame]], grid: tuple[int, int], unit: str) -> Chart:
    """Draw parts of welfare by panel: each part starts where the last one ended.

    Parts that are nothing in all draws of all panels are left out.

    Parameters
    ----------
    heading
        Words around the chart.
    stairs
        Name and parts of each panel, a column each and the sum last, one row per draw.
    grid
        Rows and columns of panels.
    unit
        Unit of the horizontal axes.
    """
    rows, columns = grid
    *named, whole = stairs[0][1].columns
    some = [part for part in named if any((parts[part] != 0.0).any() for _, parts in stairs)]
    margins = Margins(left=2.0, right=0.3, between_columns=0.4, between_rows=0.9)
    size = (10.0, _AROUND_INCHES + _ROW_INCHES * rows)
    chart, panels = new_chart(heading, grid, size, margins, used=len(stairs))
    for place, (axes, (name, parts)) in enumerate(zip(panels, stairs, strict=True)):
        drawn = parts[[*some, whole]]
        _draw_stair(axes, drawn)
        axes.set_yticks(
            range(len(drawn.columns)), list(drawn.columns) if place % columns == 0 else [""] * len(drawn.columns)
        )
        name_panel(axes, name)
        name_axes(axes, unit, "")
    return chart


def _draw_stair(axes: Axes, parts: pd.DataFrame) -> None:
    means = parts.mean().to_numpy()
    rows = np.arange(len(means))
    starts = np.append(np.cumsum(np.append(0.0, means[:-1]))[:-1], 0.0)
    low, high = starts + parts.quantile(LOW).to_numpy(), starts + parts.quantile(HIGH).to_numpy()
    colours = [*(BLUE if mean >= 0 else VERMILION for mean in means[:-1]), GREY]
    axes.barh(rows, means, left=starts, color=colours, height=0.62)
    axes.hlines(rows, low, high, color=BLACK, linewidth=1.1)
    axes.plot([means[-1]], [rows[-1]], marker="o", color=BLACK, markersize=6)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.axhline(rows[-1] - 0.5, color=GREY, linewidth=0.8)
    axes.set_ylim(len(means) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    plain_ticks(axes, vertical=False)
    _write_means(axes, np.max([starts, starts + means, high], axis=0), means)


def _write_means(axes: Axes, places: FloatArray, means: FloatArray) -> None:
    """Write the means at the right of their bars, and leave room for them."""
    low, high = axes.dataLim.intervalx
    if high - low < _SMALLEST_AXIS_BN:
        axes.set_xlim(-1, 1)
    else:
        axes.margins(x=_ROOM_FOR_MEANS)
        axes.set_xlim(right=high + _ROOM_FOR_MEANS * (high - low))
    for row, (place, mean) in enumerate(zip(places, means, strict=True)):
        text = format_value(mean, "bn").removesuffix(" bn USD").replace("-", MINUS)
        axes.annotate(
            text, (place, row), (4, 0), textcoords="offset points", va="center", fontsize=LABEL_SIZE, bbox=_OVER_LINES
        )
