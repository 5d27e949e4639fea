"""All charts of one run, in one list; a new chart joins it and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.report.deal_charts import has_talks, plot_talks
from sim.report.goods_charts import plot_goods
from sim.report.market_charts import plot_presence, plot_price_index, plot_ranking, plot_shares
from sim.report.style import DPI
from sim.report.welfare_charts import plot_welfare

if TYPE_CHECKING:
    from sim.report.result import RunResult

CHARTS: tuple[Callable[[RunResult], Figure], ...] = (
    plot_shares,
    plot_presence,
    plot_price_index,
    plot_ranking,
    plot_goods,
    plot_welfare,
)
"""Each draws one run; the file is named after the function, `shares.png` after `plot_shares`."""


def charts_of(result: RunResult) -> tuple[Callable[[RunResult], Figure], ...]:
    """List the charts for which a run has something to show: that of the talks only where there are any."""
    return (*CHARTS, plot_talks) if has_talks(result) else CHARTS


def file_name(plot: Callable[..., Figure]) -> str:
    """Name the file of a chart after the function that draws it."""
    return f"{plot.__name__.removeprefix('plot_')}.png"


def save_charts(result: RunResult, directory: Path) -> list[Path]:
    """Draw the charts of a run into a folder, and give the files."""
    directory.mkdir(parents=True, exist_ok=True)
    return [save_chart(plot(result), directory / file_name(plot)) for plot in charts_of(result)]


def save_chart(chart: Figure, path: Path) -> Path:
    """Write one chart to a file."""
    chart.savefig(path, dpi=DPI)
    return path
