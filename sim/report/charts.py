"""All charts of one run and the numbers behind them, in one list; a new chart joins it and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

from sim.report.chart_numbers import (
    numbers_of_goods,
    numbers_of_presence,
    numbers_of_price_index,
    numbers_of_ranking,
    numbers_of_shares,
    numbers_of_talks,
    numbers_of_welfare,
)
from sim.report.deal_charts import has_talks, plot_talks
from sim.report.goods_charts import plot_goods
from sim.report.market_charts import plot_presence, plot_price_index, plot_ranking, plot_shares
from sim.report.style import DPI
from sim.report.welfare_charts import plot_welfare

if TYPE_CHECKING:
    from sim.report.result import RunResult

NumbersOfRun = Callable[["RunResult"], pd.DataFrame]
"""Gives the numbers behind a chart of one run."""

NUMBERS: dict[Callable[[RunResult], Figure], NumbersOfRun] = {
    plot_shares: numbers_of_shares,
    plot_presence: numbers_of_presence,
    plot_price_index: numbers_of_price_index,
    plot_ranking: numbers_of_ranking,
    plot_goods: numbers_of_goods,
    plot_welfare: numbers_of_welfare,
    plot_talks: numbers_of_talks,
}
"""Each chart of one run and its numbers; the files are named after the chart, `shares.png` after `plot_shares`."""

CHARTS: tuple[Callable[[RunResult], Figure], ...] = tuple(plot for plot in NUMBERS if plot is not plot_talks)
"""Charts that every run has."""


def charts_of(result: RunResult) -> tuple[Callable[[RunResult], Figure], ...]:
    """List the charts for which a run has something to show: that of the talks only where there are any."""
    return tuple(NUMBERS) if has_talks(result) else CHARTS


def file_name(plot: Callable[..., Figure]) -> str:
    """Name the file of a chart after the function that draws it."""
    return f"{plot.__name__.removeprefix('plot_')}.png"


def save_charts(result: RunResult, directory: Path) -> list[Path]:
    """Draw the charts of a run into a folder with their numbers beside them, and give the files of the charts."""
    directory.mkdir(parents=True, exist_ok=True)
    return [save_chart(plot(result), directory / file_name(plot), NUMBERS[plot](result)) for plot in charts_of(result)]


def save_chart(chart: Figure, path: Path, numbers: pd.DataFrame) -> Path:
    """Write one chart to a file, and its numbers to a CSV file of the same name beside it."""
    chart.savefig(path, dpi=DPI)
    numbers.to_csv(path.with_suffix(".csv"), index=False)
    return path
