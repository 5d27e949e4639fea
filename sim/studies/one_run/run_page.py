"""The charts of one run, its page, and the files that a result folder holds for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.drawn_chart import ChartOf, DrawnChart, drawn_charts
from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Kept, level
from sim.report.page_layout import Answer, Content, Page, Section, page_of
from sim.studies.one_run.answers import answer_of_run
from sim.studies.one_run.drivers import drivers_of_result, stacked
from sim.studies.one_run.goods_charts import numbers_of_goods, plot_goods
from sim.studies.one_run.main_kpis import headline_kpis, main_kpis
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
from sim.studies.one_run.page_sections import closing_sections, driver_table, kpi_columns, origin_of
from sim.studies.one_run.talks_chart import has_talks, numbers_of_talks, plot_talks
from sim.studies.one_run.welfare_charts import numbers_of_welfare, plot_welfare
from sim.studies.one_run.world_charts import (
    has_origins,
    has_regions,
    numbers_of_origins,
    numbers_of_real_income,
    plot_origins,
    plot_real_income,
)

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.run_data import RunData

RUN_CHARTS: tuple[ChartOf[RunData], ...] = (
    ChartOf(plot_shares, numbers_of_shares),
    ChartOf(plot_presence, numbers_of_presence),
    ChartOf(plot_price_index, numbers_of_price_index),
    ChartOf(plot_ranking, numbers_of_ranking),
    ChartOf(plot_goods, numbers_of_goods),
    ChartOf(plot_real_income, numbers_of_real_income, has_regions),
    ChartOf(plot_origins, numbers_of_origins, has_origins),
    ChartOf(plot_welfare, numbers_of_welfare),
    ChartOf(plot_talks, numbers_of_talks, has_talks),
)
"""Each chart of one run with its numbers; those of regions and of the talks are drawn only where there are any."""
LEVELS = {"mean": "mean", "5 %": "p5", "median": "p50", "95 %": "p95"}
"""How a page heads the columns of a summary."""


def run_files(result: RunData, summary: pd.DataFrame) -> FolderFiles:
    """Draw the charts of a run and write its page, parameters as there: what a result folder holds besides data."""
    charts = drawn_charts(RUN_CHARTS, result)
    return FolderFiles(charts=charts, charts_in="charts/", page=run_page(result, summary, charts))


def run_page(result: RunData, summary_of_kpis: pd.DataFrame, charts: Sequence[DrawnChart]) -> Page:
    """Write the page of a run.

    Parameters
    ----------
    result
        The run.
    summary_of_kpis
        What `summarise` gives of its KPIs.
    charts
        Its charts.
    """
    scenario = result.scenario
    summary = Kept("summary", summary_of_kpis)
    asked = [kpi for kpi in headline_kpis(scenario) if kpi in result.kpis]
    drivers = Kept("drivers", stacked(drivers_of_result(result, *asked)))
    closing, kept = closing_sections(scenario, result.manifest, {result.name: ""})
    columns = [*kpi_columns(scenario), *(level(title, name) for title, name in LEVELS.items())]
    note = f"90 % of the draws lie between 5 % and 95 %. Numbers: {summary.file}."
    main = [row for kpi in main_kpis(result) for row in summary.rows(kpi=kpi)]
    every = f"All {len(summary.frame):,} figures"
    tables = [summary.table("Main figures", columns, main, note), summary.table(every, columns, None, note, every)]
    sections = [
        Section("figures", "Main figures", tables=tables),
        Section("charts", "Charts", charts=charts),
        Section("drivers", "What decides it", tables=[driver_table(drivers, asked, scenario)]),
        *closing,
    ]
    answer = Answer("", answer_of_run(summary, drivers, kept[0], scenario))
    notes = [
        f"Draws {held['first']} to {held['last']} could not be computed: {held['reason']}" for held in result.failed
    ]
    return page_of(Content(
        scenario.title, scenario.question, origin_of(result.manifest), [answer], sections, notes,
        [summary, drivers, *kept],
    ))  # fmt: skip
