"""The answer to a scenario's question in plain sentences: no more is claimed than the intervals support."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.captions import count_of_draws
from sim.report.kpi_names import BASES, parse
from sim.report.page_content import Kept, Sentence, joined
from sim.report.statistics import whole_percent
from sim.studies.compare.differences import MOST_WORTH_NAMING, roughly
from sim.studies.one_run.main_kpis import answer_kpis, label

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

RISES, FALLS = "rises", "falls"


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
        (f"{_words(summary, row, scenario)} ", summary.level(row, "mean"), " (90 % of the draws ",
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


def answer_of_comparison(differences: Kept, drivers: Kept, other: str, scenario: Scenario) -> list[Sentence]:
    """Say who gains and loses for certain, what cannot be told, and how much it depends on the draw.

    Parameters
    ----------
    differences
        One row per other run and KPI, as `Comparison.differences` has them.
    drivers
        What decides them, as `Comparison.drivers` has it.
    other
        Name of the run compared, as the tables have it.
    scenario
        The reference.
    """
    rows = _rows_of(differences, scenario, scenario_name=other)
    certain = [row for row in rows if differences.value(row, "distinguishable")]
    same = [row for row in rows if differences.value(row, "share_differing") == 0]
    unclear = [row for row in rows if row not in {*certain, *same}]
    untold = [*_unclear(differences, unclear, scenario), *_same(differences, same, scenario)]
    first = certain[:1] or unclear[:1]
    spread = [*_spread(differences, first, scenario), *_decided(drivers, differences, first, scenario, other)]
    groups = (_certain(differences, certain, scenario), untold, spread)
    return [(*_begun(joined(parts)), ".") for parts in groups if parts]


def _rows_of(table: Kept, scenario: Scenario, scenario_name: str | None = None) -> list[int]:
    """Find the rows of the KPIs that make up the answer, in their order."""
    wanted = {} if scenario_name is None else {"scenario": scenario_name}
    found = [table.rows(kpi=kpi, **wanted) for kpi in answer_kpis(scenario)]
    return [row for rows in found for row in rows]


def _certain(table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    parts: list[Sentence] = [
        (f"{_words(table, row, scenario)} {RISES if table.value(row, 'mean') > 0 else FALLS} (",
         table.difference(row, "mean"), ", 90 % interval ", *_interval(table, row), ")")
        for row in rows
    ]  # fmt: skip
    return [(f"compared with “{scenario.title}”, on average ", *joined(parts))] if parts else []


def _unclear(table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    parts: list[Sentence] = [
        (f"{_words(table, row, scenario)} (90 % interval ", *_interval(table, row), *_needed(table, row), ")")
        for row in rows
    ]  # fmt: skip
    if not parts:
        return []
    return [
        (table.cell(rows[0], "draws", _count), " cannot tell whether these change on average: ", *joined(parts, ", "))
    ]


def _interval(table: Kept, row: int) -> Sentence:
    return table.difference(row, "mean_low", bare=True), " to ", table.difference(row, "mean_high")


def _needed(table: Kept, row: int) -> Sentence:
    needed = table.value(row, "draws_needed")
    if not math.isfinite(needed) or needed > MOST_WORTH_NAMING:
        return ()
    return "; about ", table.cell(row, "draws_needed", roughly), " draws would tell"


def _same(table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    if not rows:
        return []
    words = ", ".join(_words(table, row, scenario) for row in rows)
    return [("the same in all of ", table.cell(rows[0], "draws", _count), f": {words}")]


def _spread(table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    """Say in how many draws the first difference is there at all, and where most of them lie."""
    return [
        (f"{_words(table, row, scenario)} differs in ", table.cell(row, "share_differing", whole_percent),
         " of the draws, and in 90 % of all draws the difference lies between ",
         table.difference(row, "p5", bare=True), " and ", table.difference(row, "p95"))
        for row in rows
    ]  # fmt: skip


def _decided(
    drivers: Kept, table: Kept, rows: Sequence[int], scenario: Scenario, other: str | None = None
) -> list[Sentence]:
    """Name the uncertain number with which the first figure goes most, if one can be told from chance."""
    parts: list[Sentence] = []
    for row in rows:
        wanted = {} if other is None else {"scenario": other}
        known = drivers.rows(kpi=table.value(row, "kpi"), **wanted) if len(drivers.frame) else []
        told = [found for found in known if drivers.value(found, "distinguishable")]
        what = f"the difference in {_words(table, row, scenario)}" if other else _words(table, row, scenario)
        if told:
            parts.append(
                ("of all assumptions ", drivers.cell(told[0], "input"), f" goes most with {what} (rank correlation ",
                 drivers.cell(told[0], "correlation", "{:+.2f}".format), *_explained(drivers, told[0]), ")")
            )  # fmt: skip
        elif known:
            draws = drivers.cell(known[0], "draws", _count)
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
    return (f"{first[:1].upper()}{first[1:]}", *rest) if isinstance(first, str) else sentence


def _words(table: Kept, row: int, scenario: Scenario) -> str:
    """Describe a KPI for the middle of a sentence."""
    kpi = table.value(row, "kpi")
    words = label(kpi, scenario).removesuffix(f", {BASES[parse(kpi).basis]}")
    return f"{words[:1].lower()}{words[1:]}"


def _count(draws: float) -> str:
    return count_of_draws(int(draws))
