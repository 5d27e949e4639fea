"""The page of runs set against a reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.page_content import Answer, Content, Kept, Page, Section, Sentence, joined
from sim.report.page_rendering import rendered
from sim.studies.one_run.answers import answer_of_comparison
from sim.studies.one_run.page_sections import assumption_section, chart_section, manifest_section, origin_of
from sim.studies.one_run.page_tables import changed_table, difference_table, driver_table, overview_table, parting_table
from sim.studies.one_run.trust_section import trust_section

if TYPE_CHECKING:
    from sim.studies.compare.comparison import Comparison
    from sim.studies.one_run.drawn_charts import DrawnChart

REFERENCE, OTHERS = "reference.", "others.{}."
"""Where the manifest of a comparison speaks of its runs."""


def comparison_page(
    comparison: Comparison, drivers: pd.DataFrame, manifest: Mapping[str, Any], charts: Sequence[DrawnChart]
) -> Page:
    """Write the page of a comparison.

    Parameters
    ----------
    comparison
        Runs against a reference.
    drivers
        What decides the main differences, as `Comparison.drivers` has it.
    manifest
        What the folder says of its runs.
    charts
        Charts of the comparison.

    Returns
    -------
    Page
        The page, and the tables that it names and the folder has to keep.
    """
    reference = comparison.reference.scenario
    differences = Kept("differences", comparison.differences)
    decided = Kept("drivers", drivers.reset_index(drop=True))
    partings, changed = Kept("partings", comparison.partings), Kept("changed_values", comparison.changed)
    trust, figures = trust_section()
    assumed, assumptions = assumption_section(reference)
    decided_tables = [driver_table(decided, comparison.headline_kpis, reference, name) for name in comparison.labels]
    changed_tables = [changed_table(changed, name, reference.name) for name in comparison.labels]
    sections = [
        Section("differences", "Who gains, and how much", tables=list(_difference_tables(comparison, differences))),
        chart_section(charts),
        Section("partings", "When they part", tables=[parting_table(partings, reference.name)]),
        Section("changed", "What is changed", tables=changed_tables),
        Section("drivers", "What decides it", tables=decided_tables),
        trust,
        assumed,
        manifest_section(manifest, _runs(comparison)),
    ]
    answers = [
        Answer(run.scenario.title if len(comparison.labels) > 1 else "",
               answer_of_comparison(differences, decided, name, reference))
        for name, run in zip(comparison.labels, comparison.others, strict=True)
    ]  # fmt: skip
    content = Content(_title(comparison), _question(comparison), _origin(comparison, manifest), answers, sections,
                      comparison.notes)  # fmt: skip
    kept = [differences, decided, partings, changed, assumptions, *figures]
    return Page(rendered(content), {table.name: table.frame for table in kept})


def _difference_tables(comparison: Comparison, differences: Kept) -> Iterator[Any]:
    reference, kpis = comparison.reference.scenario, comparison.main_kpis
    if len(comparison.labels) > 1:
        yield overview_table(differences, kpis, comparison.labels, reference)
    for name in comparison.labels:
        yield difference_table(differences, kpis, name, reference)
    for name in comparison.labels:
        every = list(differences.frame["kpi"].unique())
        yield difference_table(differences, every, name, reference, f"All {len(every):,} figures: {name}")


def _title(comparison: Comparison) -> str:
    if len(comparison.others) == 1:
        return comparison.others[0].scenario.title
    return f"{len(comparison.others)} scenarios against {comparison.reference.scenario.title}"


def _question(comparison: Comparison) -> str:
    if len(comparison.others) == 1:
        return comparison.others[0].scenario.question
    return comparison.reference.scenario.question


def _runs(comparison: Comparison) -> dict[str, str]:
    others = {name: OTHERS.format(number) for number, name in enumerate(comparison.labels)}
    return {comparison.reference.name: REFERENCE} | others


def _origin(comparison: Comparison, manifest: Mapping[str, Any]) -> Sentence:
    runs = [origin_of(manifest, path) for path in _runs(comparison).values()]
    return ("Reference: ", *joined(runs))
