"""Charts of the world around the goods trade with their numbers: who gains by tariffs, and who sells instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.model.start.world_economy import regions_of
from sim.quantities import MONTHS_PER_YEAR, FloatArray
from sim.report.chart_style import (
    BLACK,
    BLUE,
    GREY,
    INK,
    LABEL_SIZE,
    VERMILION,
    Chart,
    EndLabel,
    Margins,
    colours_of,
    edges_of_quarters,
    float_days,
    label_ends,
    name_axes,
    new_chart,
    own_style,
    plain_ticks,
    set_dates,
)
from sim.report.kpi_names import figure
from sim.report.statistics import HIGH, LOW, PERCENT, in_rows, rows_of
from sim.scenario.describing import region_titles, title_of
from sim.studies.one_run.chart_words import GOODS_PARTS, heading_of
from sim.studies.one_run.main_kpis import REAL_INCOME

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

WHOLE, TERMS = "real income", "terms of trade"
"""What regions gain, and the part of it that countries have an account of."""

_INCOME_WORDS = (
    "Real income that tariffs above those of before the trade war bring or cost each region, a year on average of the "
    "run. Bars: mean of the draws; lines: 5 to 95 % of them; thin grey bars: the part of it that is terms of trade."
)
_ORIGIN_WORDS = (
    "Shares of the value before duty, of means of the draws. Beside the lines: percent in the first quarter and in the "
    "last."
)
_DECLARED_WORDS = "Dashed: as declared at customs, with goods that went round by other countries."
TRUE, DECLARED = "imports_bn", "declared_bn"
"""Columns of imports by origin: as it is, and as it is declared."""
SHARE = "share_of_imports_percent"
_TALL, _THIN = 0.62, 0.3
"""Heights of bars of the whole and of a part."""
_TO_PART = 0.75
"""Distance of a part's row from that of its whole; others are 1 apart."""
_ROOM_FOR_MEANS = 0.13
"""Room at the right of the bars, as a share of their width."""
_SMALLEST_AXIS_BN = 1e-6
"""Below it what tariffs bring is rounding, which an axis must not blow up."""
_DIGITS = 2
_ROW_INCHES, _AROUND_INCHES = 0.36, 2.3


def has_regions(result: RunData) -> bool:
    """Whether a run has the world's trade in it."""
    return bool(regions_of(result.scenario.goods))


def has_origins(result: RunData) -> bool:
    """Whether a run tells from which regions the visitor country imports its goods."""
    return result.scenario.focus.visitor in regions_of(result.scenario.goods)


@own_style
def plot_real_income(result: RunData) -> Chart:
    """Draw the real income that tariffs bring or cost each region, on average a year, the largest gain at the top.

    Parameters
    ----------
    result
        A run in the general form of the goods trade.
    """
    heading = heading_of(result, "Who gains and who loses by the tariffs", _INCOME_WORDS, GOODS_PARTS)
    rows = numbers_of_real_income(result)
    size = (9.0, _AROUND_INCHES + _ROW_INCHES * len(rows))
    chart, (axes,) = new_chart(heading, size=size, margins=Margins(left=1.75, right=0.35))
    mean, low, high = (rows[f"{what}_bn_usd_a_year"].to_numpy() for what in ("mean", "p5", "p95"))
    whole = (rows["part"] == WHOLE).to_numpy()
    heights = np.cumsum(np.where(whole, 1.0, _TO_PART))
    gains = np.where(mean >= 0, BLUE, VERMILION)
    axes.barh(heights, mean, color=np.where(whole, gains, GREY).tolist(), height=np.where(whole, _TALL, _THIN))
    axes.hlines(heights, low, high, color=BLACK, linewidth=1.1)
    axes.axvline(0, color=INK, linewidth=0.8)
    titles = region_titles(result.scenario)
    names = [
        titles[region] if is_whole else f"its {TERMS}" for region, is_whole in zip(rows["region"], whole, strict=True)
    ]
    axes.set_yticks(heights, names, parse_math=False)
    axes.set_ylim(heights[-1] + 0.6, heights[0] - 0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    plain_ticks(axes, vertical=False)
    _write_means(axes, heights, mean, high)
    name_axes(axes, "bn USD a year", "")
    return chart


def _write_means(axes: Axes, heights: FloatArray, means: FloatArray, high: FloatArray) -> None:
    """Write the means at the right of bars and lines, and leave room for them."""
    first, last = axes.dataLim.intervalx
    if last - first < _SMALLEST_AXIS_BN:
        axes.set_xlim(-1, 1)
    else:
        axes.set_xlim(right=max(last, 0.0) + _ROOM_FOR_MEANS * (last - first))
    for height, mean, place in zip(heights, means, np.maximum(high, 0.0), strict=True):
        axes.annotate(
            figure(mean, _DIGITS), (place, height), (4, 0), textcoords="offset points", va="center", fontsize=LABEL_SIZE
        )


def numbers_of_real_income(result: RunData) -> pd.DataFrame:
    """Real income by region, for countries with the part that terms of trade are: mean and quantiles, bn USD a year."""
    years = result.scenario.months / MONTHS_PER_YEAR
    kpis = result.kpis
    gains = {region: kpis[f"{REAL_INCOME}{region}_cum_bn"] / years for region in regions_of(result.scenario.goods)}
    rows = []
    for region in sorted(gains, key=lambda region: -gains[region].mean()):
        rows.append(_spread(gains[region], region, WHOLE))
        if region in result.scenario.countries:
            rows.append(_spread(kpis[f"terms_of_trade_{region}_cum_bn"] / years, region, TERMS))
    return pd.DataFrame(rows)


def _spread(values: pd.Series[float], region: str, part: str) -> dict[str, str | float]:
    mean, low, high = float(values.mean()), *values.quantile([LOW, HIGH]).tolist()
    found = {"mean_bn_usd_a_year": mean, "p5_bn_usd_a_year": low, "p95_bn_usd_a_year": high}
    return {"region": region, "part": part, **found}


@own_style
def plot_origins(result: RunData) -> Chart:
    """Draw from which regions the visitor country imports its goods: shares over time.

    Parameters
    ----------
    result
        A run in the general form of the goods trade, the visitor being one of its regions.
    """
    scenario, shares = result.scenario, _shares_of_origins(result, TRUE) * PERCENT
    declared = _shares_of_origins(result, DECLARED) * PERCENT if _tells_declared(result) else None
    words = _ORIGIN_WORDS if declared is None else f"{_ORIGIN_WORDS} {_DECLARED_WORDS}"
    country = title_of(scenario, "countries", scenario.focus.visitor)
    heading = heading_of(result, f"Goods imports of {country} by region of origin", words, GOODS_PARTS)
    chart, (axes,) = new_chart(heading, size=(9.0, 5.6), margins=Margins(left=0.7, right=2.45))
    dates, titles, origins = pd.DatetimeIndex(shares.index), region_titles(scenario), shares.columns.tolist()
    colours = colours_of([*scenario.countries, *(region for region in origins if region not in scenario.countries)])
    days, labels = float_days(edges_of_quarters(dates)), []
    for region in origins:
        path, colour = shares[region].to_numpy(), colours[region]
        axes.step(days, np.append(path, path[-1]), color=colour, linewidth=1.8, where="post")
        if declared is not None:
            said = declared[region].to_numpy()
            axes.step(days, np.append(said, said[-1]), color=colour, linewidth=1.1, where="post", linestyle="--")
        labels.append(EndLabel(f"{titles[region]}: {path[0]:.1f} → {path[-1]:.1f}", float(path[-1]), colour))
    axes.set_ylim(bottom=0)
    set_dates(axes, dates)
    label_ends(axes, labels)
    name_axes(axes, "quarter", "share of goods imports, percent")
    return chart


def _tells_declared(result: RunData) -> bool:
    """Whether some goods are declared as of another origin than theirs."""
    return result.scenario.goods.rerouting is not None


def _shares_of_origins(result: RunData, column: str) -> pd.DataFrame:
    """Shares of the visitor country's imports, a row per quarter and a column per region but itself."""
    goods, visitor = result.scenario.goods, result.scenario.focus.visitor
    held = rows_of(result.bands, "trade", column, country=visitor).pivot(index="date", columns="region", values="mean")
    imports = held[[region for region in regions_of(goods) if region != visitor]]
    return imports.div(imports.sum(axis="columns"), axis="index")


def numbers_of_origins(result: RunData) -> pd.DataFrame:
    """Where the visitor country's goods come from: importer, quarter, region of origin, percent of its imports.

    Where some go round by other countries also percent of what is declared as of each region.
    """
    shares = in_rows(_shares_of_origins(result, TRUE) * PERCENT, "quarter", "region", SHARE)
    if _tells_declared(result):
        said = in_rows(_shares_of_origins(result, DECLARED) * PERCENT, "quarter", "region", f"declared_{SHARE}")
        shares = shares.merge(said, on=["quarter", "region"])
    return shares.assign(importer=result.scenario.focus.visitor)
