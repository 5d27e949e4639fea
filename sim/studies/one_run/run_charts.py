"""All charts of one run and the numbers behind them, in one list; a new chart joins it and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.drawn_chart import ChartOf
from sim.studies.one_run.goods_charts import numbers_of_goods, plot_goods
from sim.studies.one_run.market_charts import (
    numbers_of_presence,
    numbers_of_price_index,
    numbers_of_ranking,
    numbers_of_shares,
    plot_presence,
    plot_price_index,
    plot_ranking,
    plot_shares,
)
from sim.studies.one_run.talks_chart import has_talks, numbers_of_talks, plot_talks
from sim.studies.one_run.welfare_charts import numbers_of_welfare, plot_welfare

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

RUN_CHARTS: tuple[ChartOf[RunData], ...] = (
    ChartOf(plot_shares, numbers_of_shares),
    ChartOf(plot_presence, numbers_of_presence),
    ChartOf(plot_price_index, numbers_of_price_index),
    ChartOf(plot_ranking, numbers_of_ranking),
    ChartOf(plot_goods, numbers_of_goods),
    ChartOf(plot_welfare, numbers_of_welfare),
    ChartOf(plot_talks, numbers_of_talks, has_talks),
)
"""Each chart of one run with its numbers; that of the talks is drawn only where there are any."""
