"""The tables of a page, each of one table that the folder keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.kpi_names import BASES, UNITS, format_value, parse
from sim.report.page_content import Cell, Column, Kept, PageTable, Piece
from sim.report.statistics import whole_percent
from sim.scenario.describing import nearest_source, text_of, values_of
from sim.scenario.source_tree import dotted
from sim.studies.one_run.main_kpis import label
from sim.values import Number

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

MOST_DRIVERS = 5
"""Uncertain numbers that a table names for each figure."""
LEVEL_COLUMNS = {"mean": "mean", "p5": "5 %", "p50": "median", "p95": "95 %"}
"""Columns of a summary, and how a page heads them."""

DIFFERENCE_COLUMNS = (
    "mean difference", "90 % interval: from", "to", "5 % of draws", "95 % of draws", "probability of the other sign",
    "draws that differ", "width of the interval, part of that of unpaired runs",
)  # fmt: skip
"""How a page heads what it says of a difference."""
DRIVER_COLUMNS = (
    Column("uncertain number"), Column("rank correlation", is_number=True), Column("verdict"),
    Column("all together explain", is_number=True), Column("source"),
)  # fmt: skip


def summary_table(summary: Kept, kpis: Sequence[str], scenario: Scenario, folded: str = "") -> PageTable:
    """Lay out figures of one run: mean, and the range that holds 90 % of the draws."""
    columns = [*_kpi_columns(), *(Column(words, is_number=True) for words in LEVEL_COLUMNS.values())]
    rows = [
        [*_kpi_cells(summary, row, scenario), *(summary.level(row, column, bare=True) for column in LEVEL_COLUMNS)]
        for kpi in kpis
        for row in summary.rows(kpi=kpi)
    ]
    note = f"90 % of the draws lie between 5 % and 95 %. Numbers: {summary.file}."
    return PageTable(folded or "Main figures", columns, rows, note, folded)


def difference_table(
    differences: Kept, kpis: Sequence[str], other: str, scenario: Scenario, folded: str = ""
) -> PageTable:
    """Lay out differences of one run to the reference, with both intervals and what can be said of them."""
    headings = (scenario.name, *DIFFERENCE_COLUMNS)
    columns = [*_kpi_columns(), *(Column(words, is_number=True) for words in headings), Column("verdict")]
    rows = [
        [*_kpi_cells(differences, row, scenario), *_difference_cells(differences, row)]
        for kpi in kpis
        for row in differences.rows(scenario=other, kpi=kpi)
    ]
    note = (
        "The interval says how well the draws pin the mean down; the range from 5 to 95 % of the draws says how much "
        f"it depends on what is uncertain. Numbers: {differences.file}."
    )
    return PageTable(folded or f"{other} against {scenario.name}", columns, rows, note, folded)


def _difference_cells(differences: Kept, row: int) -> list[Piece]:
    measured = [differences.difference(row, column, bare=True)
                for column in ("mean", "mean_low", "mean_high", "p5", "p95")]  # fmt: skip
    shares = [differences.cell(row, column, _percent)
              for column in ("probability_other_sign", "share_differing", "interval_ratio")]  # fmt: skip
    return [differences.level(row, "reference_mean", bare=True), *measured, *shares, differences.cell(row, "verdict")]


def overview_table(differences: Kept, kpis: Sequence[str], others: Sequence[str], scenario: Scenario) -> PageTable:
    """Lay out the mean differences of several runs to the reference side by side."""
    columns = [*_kpi_columns(), Column(scenario.name, is_number=True),
               *(Column(f"{other}: difference", is_number=True) for other in others)]  # fmt: skip
    rows = []
    for kpi in kpis:
        held = [row for other in others for row in differences.rows(scenario=other, kpi=kpi)]
        means = [differences.difference(row, "mean", bare=True) for row in held]
        level = differences.level(held[0], "reference_mean", bare=True)
        rows.append([*_kpi_cells(differences, held[0], scenario), level, *means])
    note = f"Means over draws; the tables below say which of them can be told from zero. Numbers: {differences.file}."
    return PageTable(f"All against {scenario.name}", columns, rows, note)


def changed_table(changed: Kept, other: str, reference: str) -> PageTable:
    """Lay out the scenario values in which a run differs from the reference, with effect and source."""
    columns = list(map(Column, ("value", reference, other, "effect", "tried with", "source")))
    names = ("path", "reference", "other", "effect", "tried_as", "source")
    rows = [[changed.cell(row, name) for name in names] for row in changed.rows(scenario=other)]
    title = f"Values in which {other} differs"
    note = f"Effect: what trying the value, or the part around it, has shown. From: {changed.file}."
    return PageTable(title, columns, rows, note)


def parting_table(partings: Kept, reference: str) -> PageTable:
    """Lay out where each run parts from the reference: first event and first figure that differ."""
    titles = ("first event that differs", "who", "what", "detail", "only in")
    more = ("first figure that differs, quarter", "figure", "of")
    counted = ("in draws", "of draws compared", "in draws, of those with full paths")
    columns = [Column("run"), *map(Column, titles), *(Column(words, is_number=True) for words in counted[:2]),
               *map(Column, more), Column(counted[2], is_number=True)]  # fmt: skip
    rows = [
        [partings.cell(row, "scenario"), partings.cell(row, "event_date", _month),
         *(partings.cell(row, name) for name in ("actor", "event", "detail", "only_in", "event_draws", "draws")),
         partings.cell(row, "figure_date", _month),
         *(partings.cell(row, name) for name in ("column", "member", "figure_draws"))]
        for row in partings.frame.index
    ]  # fmt: skip
    notes = dict.fromkeys(note for note in partings.frame["note"] if note)
    note = f"{'; '.join(notes)}{'. ' if notes else ''}From: {partings.file}."
    return PageTable(f"Where each run parts from {reference}", columns, rows, note)


def driver_table(drivers: Kept, kpis: Iterable[str], scenario: Scenario, other: str | None = None) -> PageTable:
    """Lay out which uncertain numbers go most with the figures asked about first."""
    columns = [Column("figure"), *DRIVER_COLUMNS]
    rows = [
        [_kpi_words(drivers, row, scenario), *driver_cells(drivers, row)]
        for kpi in kpis
        for row in _strongest(drivers, kpi, other)
    ]
    what = "the difference" if other else "the figure"
    note = f"Correlation of ranks between {what} and what was drawn, over draws. Numbers: {drivers.file}."
    return PageTable(f"What decides{f' {other}' if other else ''}", columns, rows, note)


def driver_cells(drivers: Kept, row: int) -> list[Piece]:
    """Lay out what is known of one uncertain number; the headings are `DRIVER_COLUMNS`."""
    return [drivers.cell(row, "input"), drivers.cell(row, "correlation", "{:+.2f}".format),
            drivers.cell(row, "verdict"), drivers.cell(row, "explained_by_all", whole_percent),
            drivers.cell(row, "source")]  # fmt: skip


def _strongest(drivers: Kept, kpi: str, other: str | None) -> list[int]:
    wanted = {"kpi": kpi} if other is None else {"kpi": kpi, "scenario": other}
    return drivers.rows(**wanted)[:MOST_DRIVERS] if len(drivers.frame) else []


def assumption_table(assumptions: Kept) -> PageTable:
    """Lay out every value of a scenario with unit and source."""
    columns = list(map(Column, ("value of the scenario", "is", "in all draws the same", "source")))
    names = ("path", "value", "certain", "source")
    rows = [[assumptions.cell(row, name) for name in names] for row in assumptions.frame.index]
    title = f"All {len(rows):,} values"
    return PageTable(title, columns, rows, f"From: {assumptions.file}.", folded=title)


def assumptions_of(scenario: Scenario) -> pd.DataFrame:
    """List every number and date of a scenario: path, value (with its unit), certain, source."""
    rows = [
        (dotted(path), text_of(value), _certain(value), nearest_source(scenario, path))
        for path, value, _ in values_of(scenario)
        if isinstance(value, Number | int | float | dt.date) and not isinstance(value, bool)
    ]
    return pd.DataFrame(rows, columns=["path", "value", "certain", "source"], dtype="str")


def _certain(value: Any) -> str:
    return "no, drawn" if isinstance(value, Number) and value.is_uncertain else "yes"


def _kpi_columns() -> list[Column]:
    return [Column("figure"), Column("unit")]


def _kpi_cells(table: Kept, row: int, scenario: Scenario) -> list[Piece]:
    return [_kpi_words(table, row, scenario), UNITS[table.value(row, "unit")].axis]


def _kpi_words(table: Kept, row: int, scenario: Scenario) -> Cell:
    """Describe a KPI in words; its name stands in the table."""
    kpi = table.value(row, "kpi")
    words = label(kpi, scenario)
    basis = BASES[parse(kpi).basis]
    return table.cell(row, "kpi", lambda _: words.removesuffix(f", {basis}") if basis == BASES["cum"] else words)


def _percent(share: float) -> str:
    return format_value(share, "share")


def _month(date: Any) -> str:
    return f"{date:%B %Y}"
