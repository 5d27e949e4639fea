"""The answer to a scenario's question in plain sentences: no more is claimed than the intervals support."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.captions import count_of_draws
from sim.report.kept_table import Kept, Sentence, joined
from sim.report.kpi_names import basis_in_words, capitalised
from sim.report.statistics import whole_percent
from sim.studies.one_run.main_kpis import answer_kpis, label

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def answer_of_run(summary: Kept, drivers: Kept, assumptions: Kept, scenario: Scenario) -> list[Sentence]:
    """Say what the figures asked about first come to, how far the draws lie apart, and what decides the first of them.

    Parameters
    ----------
    summary
        One row per KPI, as `RunResult.summary` has them.
    drivers
        What decides them, as `RunResult.drivers` has it.
    assumptions
        Values of the scenario, among them its start and length.
    scenario
        What was run.
    """
    rows = _rows_of(summary, scenario)
    levels: list[Sentence] = [
        (f"{_kpi_words(summary, row, scenario)} ", summary.level(row, "mean"), " (90 % of the draws ",
         summary.level(row, "p5", bare=True), " to ", summary.level(row, "p95", bare=True), ")")
        for row in rows
    ]  # fmt: skip
    groups = (
        [(*_period(assumptions), *joined(levels))] if levels else [],
        _decided(drivers, summary, rows[:1], scenario),
    )
    return [(*_begun(part), ".") for parts in groups for part in parts]


def _period(assumptions: Kept) -> Sentence:
    (start,), (months,) = assumptions.rows(path="start"), assumptions.rows(path="months")
    month = assumptions.cell(start, "value", lambda date: f"{dt.date.fromisoformat(date):%B %Y}")
    return "over ", assumptions.cell(months, "value"), " months from ", month, " on, the mean over draws is: "


def _rows_of(table: Kept, scenario: Scenario) -> list[int]:
    """Find the rows of the KPIs that make up the answer, in their order."""
    return [row for kpi in answer_kpis(scenario) for row in table.rows(kpi=kpi)]


def _decided(drivers: Kept, table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    """Name the uncertain number with which the first figure goes most, if one can be told from chance."""
    parts: list[Sentence] = []
    for row in rows:
        known = drivers.rows(kpi=table.value(row, "kpi"))
        told = [found for found in known if drivers.value(found, "distinguishable")]
        what = _kpi_words(table, row, scenario)
        if told:
            parts.append(
                ("of all assumptions ", drivers.cell(told[0], "title"), f" goes most with {what} (rank correlation ",
                 drivers.cell(told[0], "correlation", "{:+.2f}".format), *_explained(drivers, told[0]), ")")
            )  # fmt: skip
        elif known:
            draws = drivers.cell(known[0], "draws", count)
            parts.append((f"what decides {what} cannot be told from chance at ", draws))
    return parts


def _explained(drivers: Kept, row: int) -> Sentence:
    if math.isnan(drivers.value(row, "explained_by_all")):
        return ()
    share = drivers.cell(row, "explained_by_all", whole_percent)
    return "; all uncertain numbers together explain ", share, " of how draws differ"


def _begun(sentence: Sentence) -> Sentence:
    """Start a sentence with a capital."""
    first, *rest = sentence
    return (capitalised(first), *rest) if isinstance(first, str) else sentence


def _kpi_words(table: Kept, row: int, scenario: Scenario) -> str:
    """Describe a KPI for the middle of a sentence."""
    kpi = table.value(row, "kpi")
    words = label(kpi, scenario).removesuffix(f", {basis_in_words(kpi)}")
    return f"{words[:1].lower()}{words[1:]}"


def count(draws: float) -> str:
    """Write a number of draws that a table has as a float."""
    return count_of_draws(int(draws))
