"""All charts of one run and the numbers behind them, in one list; a new chart joins it and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
from matplotlib.figure import Figure

from sim.report.chart_style import DPI
from sim.studies.deals.deal_charts import has_talks, plot_talks
from sim.studies.one_run.chart_numbers import (
    numbers_of_goods,
    numbers_of_presence,
    numbers_of_price_index,
    numbers_of_ranking,
    numbers_of_shares,
    numbers_of_talks,
    numbers_of_welfare,
)
from sim.studies.one_run.goods_charts import plot_goods
from sim.studies.one_run.market_charts import plot_presence, plot_price_index, plot_ranking, plot_shares
from sim.studies.one_run.welfare_charts import plot_welfare

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

Subject = TypeVar("Subject")
"""What a chart is drawn of."""

NumbersOfRun = Callable[["RunData"], pd.DataFrame]
"""Gives the numbers behind a chart of one run."""

NUMBERS: dict[Callable[[RunData], Figure], NumbersOfRun] = {
    plot_shares: numbers_of_shares,
    plot_presence: numbers_of_presence,
    plot_price_index: numbers_of_price_index,
    plot_ranking: numbers_of_ranking,
    plot_goods: numbers_of_goods,
    plot_welfare: numbers_of_welfare,
    plot_talks: numbers_of_talks,
}
"""Each chart of one run and its numbers; the files are named after the chart, `shares.png` after `plot_shares`."""

CHARTS: tuple[Callable[[RunData], Figure], ...] = tuple(plot for plot in NUMBERS if plot is not plot_talks)
"""Charts that every run has."""


def charts_of(result: RunData) -> tuple[Callable[[RunData], Figure], ...]:
    """List the charts for which a run has something to show: that of the talks only where there are any."""
    return tuple(NUMBERS) if has_talks(result) else CHARTS


@dataclass(frozen=True)
class DrawnChart:
    """A chart that has been drawn, and its numbers.

    Attributes
    ----------
    name
        What its files are called, without the ending.
    figure
        The chart.
    numbers
        What it shows, as a tidy table.
    """

    name: str
    figure: Figure
    numbers: pd.DataFrame

    def save(self, directory: Path) -> Path:
        """Write the chart, and its numbers as a CSV file of the same name beside it; give the chart's file."""
        path = directory / f"{self.name}.png"
        self.figure.savefig(path, dpi=DPI)
        self.numbers.to_csv(path.with_suffix(".csv"), index=False)
        return path


def drawn(
    plot: Callable[[Subject], Figure], numbers: Callable[[Subject], pd.DataFrame], subject: Subject
) -> DrawnChart:
    """Draw a chart of something; its files are named after the function that draws it."""
    return DrawnChart(plot.__name__.removeprefix("plot_"), plot(subject), numbers(subject))


def drawn_charts(result: RunData) -> list[DrawnChart]:
    """Draw all charts for which a run has something to show."""
    return [drawn(plot, NUMBERS[plot], result) for plot in charts_of(result)]


def save_charts(charts: Iterable[DrawnChart], directory: Path) -> list[Path]:
    """Write charts into a folder with their numbers beside them, and give the files of the charts."""
    directory.mkdir(parents=True, exist_ok=True)
    return [chart.save(directory) for chart in charts]
