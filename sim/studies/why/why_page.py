"""The folder of the study: tables, chart and a page that says what decides a difference in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from sim.report.drawn_chart import ChartOf
from sim.report.kept_table import Column, Kept, Sentence, Table, joined, number
from sim.report.kpi_names import format_difference, unit_in_words
from sim.report.page_layout import Section
from sim.report.statistics import PERCENT, whole_percent
from sim.runs.fingerprints import scenario_hash
from sim.runs.manifest import WHY
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.study_folder import StudyFolder
from sim.studies.why import KINDS
from sim.studies.why.why_charts import numbers_of_why, plot_why
from sim.studies.why.why_study import ANYBODY, LEADERS, MISTAKE
from sim.studies.why.why_tables import why_tables

if TYPE_CHECKING:
    from sim.studies.why.why_study import Why

WHY_CHART = ChartOf(plot_why, numbers_of_why)
MOST_NAMED = 3
"""Numbers that the answer names."""
MOST_WITHIN, TOLD = 12, 1.64
"""Inputs within groups that the page shows at most, and the standard errors that their effects must exceed."""


def answer_of(why: Why, kept: Mapping[str, Kept]) -> list[Sentence]:
    """Say in sentences whether somebody comes, how much it is if so, what decides it and where its sign turns."""
    return [*_two_parts(why, kept["entry"]), *_deciders(why, kept["groups"]), _turns(kept["switching"])]


def _two_parts(why: Why, entry: Kept) -> Iterator[Sentence]:
    [row] = entry.rows(who=ANYBODY)
    when: Sentence = ()
    if entry.value(row, "first") is not None:
        span = (entry.cell(row, "p5"), " to ", entry.cell(row, "p95"))
        when = (", first in ", entry.cell(row, "first"), " (median; 90 % of these draws ", *span, ")")
    comes = " of the draws a vendor opens a data centre of its own that it would not have opened, or opens it sooner"
    yield ("In ", entry.cell(row, "share", _percent), comes, *when, ".")
    yield (
        f"{label(why.kpi, why.other)}: ", entry.difference(row, "mean_if"), " on average if somebody comes, ",
        entry.cell(row, "mean_otherwise", _otherwise(entry.value(row, "unit"))), " otherwise, ",
        entry.difference(row, "mean"), " over all draws.",
    )  # fmt: skip


def _deciders(why: Why, groups: Kept) -> Iterator[Sentence]:
    whole: dict[str, int] = {}
    for row in [*groups.rows(whole=True), *groups.rows(whole=False)]:
        whole.setdefault(groups.value(row, "kind"), row)
    known: list[Sentence] = [
        (KINDS[kind], " ", groups.cell(whole[kind], "first", _percent), " (standard error ",
         groups.cell(whole[kind], "first_error", _percent), ")")
        for kind in KINDS if kind in whole
    ]  # fmt: skip
    yield ("Part of the variance that would go if they alone were known: ", *joined(known, ", "), ".")
    leaders: list[Sentence] = [
        (groups.cell(row, "title"), " (", groups.cell(row, "total", _percent), ")")
        for row in groups.rows(whole=False)[:LEADERS]
    ]  # fmt: skip
    stands = "stands" if why.settled else "does not stand"
    order = f"that order {stands} at {len(why.base):,} draws (chance of a mistake {whole_percent(MISTAKE)})."
    yield ("Most is decided by ", *joined(leaders, ", "), ", each with all that it does together with others; ", order)


def _turns(switching: Kept) -> Sentence:
    rows = [row for row in switching.frame.index if not pd.isna(switching.value(row, "turns_at"))]
    if not rows:
        return ("No number that the difference goes with turns its mean's sign between 5 and 95 % of its own draws.",)
    parts: list[Sentence] = [
        (
            switching.cell(row, "title"), " at ", *_range(switching, row, "turns_at"), " (90 % interval ",
            *_range(switching, row, "turns_low", "turns_high"), ", drawn ", *_range(switching, row, "p5", "p95"), " ",
            switching.cell(row, "unit"), ")",
        )
        for row in rows[:MOST_NAMED]
    ]  # fmt: skip
    return ("The mean's sign turns with ", *joined(parts, "; "), ".")


def _range(kept: Kept, row: int, *columns: str) -> Sentence:
    return joined([(kept.cell(row, column, _short),) for column in columns], " to ")


def _otherwise(unit: str) -> Callable[[float], str]:
    """Write the difference where nobody comes, which is 0 but for rounding or next to nothing in most scenarios."""
    return lambda value: format_difference(value if abs(value) >= _NEXT_TO_NOTHING else 0.0, unit)


_NEXT_TO_NOTHING = 1e-4
"""Differences below this, in the unit of their figure, are said to be 0; the file has them in full."""


def _percent(share: float) -> str:
    """Write a share as percent; what rounds to nothing has no sign."""
    return whole_percent(share if abs(share) >= _NOTHING else 0.0)


_NOTHING = 0.005
"""Shares below this round to 0 %."""


def _short(value: float) -> str:
    return f"{value:.3g}"


def group_table(groups: Kept, rows: Iterable[int] | None = None, caption: str = "What decides") -> Table:
    """Lay out the groups, or some of them."""
    columns = [
        Column("group of inputs", "title", wraps=True), Column("kind", "kind"), number("inputs", "inputs"),
        number("alone", "first", _percent), number("s.e.", "first_error", _percent),
        number("with others", "total", _percent), number("s.e.", "total_error", _percent),
    ]  # fmt: skip
    note = (
        "Percent of the variance over draws. Alone: what would go if only this group were known (first order); with "
        f"others: what would stay if all but this group were known (total). Numbers: {groups.file}."
    )
    return groups.table(caption, columns, rows, note)


def entry_table(why: Why, entry: Kept) -> Table:
    """Lay out who comes, and how much it is if so."""
    columns = [
        Column("who", "title"), number("share of draws", "share", _percent), Column("first in (median)", "first"),
        Column("5 %", "p5"), Column("95 %", "p95"), *(
            Column(title, name, format_difference, is_number=True, by_unit=True, wraps=False)
            for title, name in (("if so", "mean_if"), ("otherwise", "mean_otherwise"), ("mean", "mean"))
        ),
    ]  # fmt: skip
    note = (
        f"In {unit_in_words(why.kpi)}. The share times the mean if so, and the rest times the mean otherwise, make the "
        f"mean. Numbers: {entry.file}."
    )
    return entry.table("Does anybody come, and how much is it if so", columns, None, note)


def within_table(within: Kept) -> Table:
    """Lay out the inputs whose effects within their groups can be told from nothing, the largest first."""
    columns = [
        Column("input", "input", wraps=True), Column("group", "title", wraps=True),
        *(number(title, name, lambda share: f"{PERCENT * share:.1f} %") for title, name in (
            ("of the variance", "effect"), ("s.e.", "effect_error"), ("its group, linear", "linear"),
            ("s.e.", "linear_error"), ("its group, in all", "total"),
        )),
    ]  # fmt: skip
    rows = [
        row for row in within.frame.index if within.value(row, "effect") > TOLD * within.value(row, "effect_error")
        and within.value(row, "linear") > TOLD * within.value(row, "linear_error")
    ]  # fmt: skip
    largest = sorted(rows, key=lambda row: -within.value(row, "effect"))[:MOST_WITHIN]
    note = (
        "Percent of the variance over draws that becomes known with an input, averaged over all orders in which the "
        "inputs of its group could become known (Shapley effect), as far as the difference is linear in their scores: "
        "estimates go together, so that one tells of others. Beside it the linear part of the group and all that the "
        "group does (total). Only "
        f"those that can be told from nothing. Numbers: {within.file}."
    )
    return within.table("Which inputs within the groups", columns, largest, note)


def switching_table(why: Why, switching: Kept) -> Table:
    """Lay out the numbers that the difference goes with, and where its sign turns."""
    columns = [
        Column("number", "title"), Column("unit", "unit"),
        number("rank correlation", "correlation", "{:+.2f}".format), number("5 %", "p5", _short),
        number("95 %", "p95", _short), number("mean at 5 %", "mean_at_p5", "{:+.3g}".format),
        number("at 95 %", "mean_at_p95", "{:+.3g}".format), number("turns at", "turns_at", _short),
        number("from", "turns_low", _short), number("to", "turns_high", _short),
    ]  # fmt: skip
    note = (
        f"Mean of the difference, {unit_in_words(why.kpi)}, as the number goes through its range, a curve in its rank; "
        "it turns where that mean is 0, with a 90 % interval. Nothing where it keeps its sign. "
        f"Numbers: {switching.file}."
    )
    return switching.table("Where the sign turns", columns, None, note)


def folder_of(why: Why) -> StudyFolder:
    """Lay out what the study's folder holds."""
    kept = {name: Kept(name, table) for name, table in why_tables(why).items()}
    said = {"reference": why.reference.name, "kpi": why.kpi, "seed": why.seed, "draws": len(why.base)}
    hashes = {"reference": scenario_hash(why.reference), "other": scenario_hash(why.other)}
    return StudyFolder(
        WHY, (why.reference, why.other), said | {"settled": why.settled, "scenario_hashes": hashes},
        f"What decides: {why.other.title}", why.other.question, answer_of(why, kept),
        [
            Section("groups", "What decides", tables=[group_table(kept["groups"])]),
            Section("charts", "Chart", charts=[chart := WHY_CHART.drawn(why)], charts_in=""),
            Section("within", "Within the groups", tables=[within_table(kept["within"])]),
            Section("entry", "Does anybody come", tables=[entry_table(why, kept["entry"])]),
            Section("switching", "Where the sign turns", tables=[switching_table(why, kept["switching"])]),
        ],
        list(kept.values()), [chart],
    )  # fmt: skip
