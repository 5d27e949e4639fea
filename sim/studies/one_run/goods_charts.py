"""Chart of goods trade and tariffs with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from sim.report.captions import FLOW_WORDS
from sim.report.chart_style import (
    Chart,
    EndLabel,
    Margins,
    colours_of,
    draw_steps,
    label_ends,
    name_axes,
    new_chart,
    own_style,
    set_dates,
)
from sim.report.statistics import PERCENT, band, band_columns
from sim.scenario.describing import title_of
from sim.studies.one_run.chart_words import GOODS_PARTS, heading_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData


@own_style
def plot_goods(result: RunData) -> Chart:
    """Draw goods exports of both countries, and the average tariffs that they charge each other.

    Parameters
    ----------
    result
        A run.
    """
    heading = heading_of(result, "Goods trade and average tariffs", f"{FLOW_WORDS}.", GOODS_PARTS)
    margins = Margins(right=1.65, between_rows=0.75)
    chart, (above, below) = new_chart(heading, (2, 1), size=(9.0, 7.0), margins=margins)
    _draw_flows(above, result, "exports_bn", "from {}", 1.0)
    name_axes(above, "quarter", "goods exports, bn USD a quarter")
    _draw_flows(below, result, "average_tariff", "charged by {}", PERCENT)
    name_axes(below, "quarter", "average tariff, percent")
    return chart


def _draw_flows(axes: Axes, result: RunData, column: str, words: str, factor: float) -> None:
    labels = []
    for country, colour in colours_of(result.scenario.countries).items():
        path = band(result.bands, "countries", column, country=country)
        title = title_of(result.scenario, "countries", country)
        labels.append(EndLabel(words.format(title), draw_steps(axes, path, colour, factor), colour))
    axes.set_ylim(bottom=0)
    set_dates(axes, pd.DatetimeIndex(result.bands["date"].unique()))
    label_ends(axes, labels)


def numbers_of_goods(result: RunData) -> pd.DataFrame:
    """Goods exports and average tariffs: country, quarter, mean and quantiles over draws."""
    tables = []
    for country in result.scenario.countries:
        exports = band(result.bands, "countries", "exports_bn", country=country)
        tariff = band(result.bands, "countries", "average_tariff", country=country)
        columns = band_columns(exports, "exports", "bn_usd_a_quarter").merge(
            band_columns(tariff, "average_tariff", "percent", PERCENT), on="quarter"
        )
        tables.append(columns.assign(country=country))
    return pd.concat(tables, ignore_index=True)
