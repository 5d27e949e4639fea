"""The page of one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.page_content import Answer, Content, Kept, Page, Section
from sim.report.page_rendering import rendered
from sim.report.statistics import summarise
from sim.studies.compare.drivers import drivers_of_result, stacked
from sim.studies.one_run.answers import answer_of_run
from sim.studies.one_run.main_kpis import headline_kpis, main_kpis
from sim.studies.one_run.page_sections import assumption_section, chart_section, manifest_section, origin_of
from sim.studies.one_run.page_tables import driver_table, summary_table
from sim.studies.one_run.trust_section import trust_section

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.studies.one_run.drawn_charts import DrawnChart


def run_page(result: RunData, charts: Sequence[DrawnChart]) -> Page:
    """Write the page of a run.

    Parameters
    ----------
    result
        The run.
    charts
        Its charts.

    Returns
    -------
    Page
        The page, and the tables that it names and the folder has to keep.
    """
    scenario = result.scenario
    summary = Kept("summary", summarise(result.kpis))
    asked = [kpi for kpi in headline_kpis(scenario) if kpi in result.kpis]
    drivers = Kept("drivers", stacked([drivers_of_result(result, kpi) for kpi in asked]))
    trust, figures = trust_section()
    assumed, assumptions = assumption_section(scenario)
    every = f"All {len(summary.frame):,} figures"
    tables = [
        summary_table(summary, main_kpis(result), scenario),
        summary_table(summary, list(summary.frame["kpi"]), scenario, folded=every),
    ]
    sections = [
        Section("figures", "Main figures", tables=tables),
        chart_section(charts),
        Section("drivers", "What decides it", tables=[driver_table(drivers, asked, scenario)]),
        trust,
        assumed,
        manifest_section(result.manifest, {result.name: ""}),
    ]
    answer = Answer("", answer_of_run(summary, drivers, assumptions, scenario))
    notes = [
        f"Draws {held['first']} to {held['last']} could not be computed: {held['reason']}" for held in result.failed
    ]
    content = Content(scenario.title, scenario.question, origin_of(result.manifest), [answer], sections, notes)
    kept = [summary, drivers, assumptions, *figures]
    return Page(rendered(content), {table.name: table.frame for table in kept})
