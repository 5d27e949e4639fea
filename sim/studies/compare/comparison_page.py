"""The page of runs set against a reference, and the files of its folder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.captions import MOST_WORTH_NAMING, roughly
from sim.report.drawn_chart import ChartOf, DrawnChart, drawn_charts
from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Column, Kept, Sentence, Table, difference, joined, level, number
from sim.report.kpi_names import format_share
from sim.report.page_layout import Answer, Content, Page, Section, page_of
from sim.report.statistics import summarise, whole_percent
from sim.runs.manifest import COMPARISON, FORMAT, MANIFEST, in_manifest, manifest_text
from sim.runs.parquet import to_parquet
from sim.runs.run_names import labels
from sim.studies.compare.comparison_tables import money_of
from sim.studies.compare.difference_charts import (
    numbers_of_differences,
    numbers_of_welfare_differences,
    plot_differences,
    plot_welfare_differences,
)
from sim.studies.compare.difference_drivers import main_drivers
from sim.studies.compare.driver_charts import numbers_of_drivers, plot_drivers
from sim.studies.compare.over_time import entry_table, payback_table, sums_table
from sim.studies.one_run.answers import begun, count, decided, kpi_words, rows_of
from sim.studies.one_run.page_sections import closing_sections, driver_table, kpi_columns, origin_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario
    from sim.studies.compare.compared_runs import ComparedRuns

COMPARISON_CHARTS: tuple[ChartOf[ComparedRuns], ...] = (
    ChartOf(plot_differences, numbers_of_differences),
    ChartOf(plot_welfare_differences, numbers_of_welfare_differences),
    ChartOf(plot_drivers, numbers_of_drivers),
)
"""Each chart of a comparison with its numbers."""

RISES, FALLS = "rises", "falls"
REFERENCE, OTHERS = "reference.", "others.{}."
"""Where the manifest of a comparison speaks of its runs."""


def write_comparison(compared: ComparedRuns, folder: Path, charts: bool) -> None:
    """Write differences and summaries, and charts and page if wanted, into a folder on this machine."""
    drivers, drawn = main_drivers(compared), drawn_charts(COMPARISON_CHARTS if charts else (), compared)
    runs = [compared.reference, *compared.others]
    summaries = {f"summary_{name}": summarise(run.kpis) for run, name in zip(runs, labels(runs), strict=True)}
    tables = {"differences": compared.differences, "drivers": drivers, **summaries}
    tables |= {"entries": compared.entries, "paybacks": compared.paybacks}
    tables |= {"changed_values": compared.changed, "partings": compared.partings}
    manifest = {
        "format": FORMAT,
        "kind": COMPARISON,
        "reference": _identity(compared.reference),
        "others": [_identity(run) for run in compared.others],
        "notes": list(compared.notes),
    }
    page = comparison_page(compared, drivers, manifest, drawn) if charts else None
    texts = {MANIFEST: manifest_text(manifest)}
    FolderFiles(tables, charts=drawn, charts_in="charts/", page=page, texts=texts).write(folder, to_parquet)


def _identity(run: RunData) -> dict[str, Any]:
    """What a run's manifest says, but for the parts in which its own folder keeps it."""
    return {name: value for name, value in run.manifest.items() if name not in in_manifest(())}


def comparison_page(
    compared: ComparedRuns, drivers: pd.DataFrame, manifest: Mapping[str, Any], charts: Sequence[DrawnChart]
) -> Page:
    """Write the page of a comparison.

    Parameters
    ----------
    compared
        Runs against a reference.
    drivers
        What decides the main differences, as `Comparison.drivers` has it.
    manifest
        What the folder says of its runs.
    charts
        Charts of the comparison.
    """
    reference, others = compared.reference.scenario, compared.by_label
    only = next(iter(others.values())).scenario if len(others) == 1 else None
    differences = Kept("differences", compared.differences)
    decided_by = Kept("drivers", drivers.reset_index(drop=True))
    entries, paybacks = Kept("entries", compared.entries), Kept("paybacks", compared.paybacks)
    partings, changed = Kept("partings", compared.partings), Kept("changed_values", compared.changed)
    runs = {compared.reference.name: REFERENCE} | {name: OTHERS.format(place) for place, name in enumerate(others)}
    closing, kept = closing_sections(reference, manifest, runs)
    drivers_of_each = [driver_table(decided_by, compared.headline_kpis, reference, name) for name in others]
    sums = [sums_table(differences, money_of(compared), reference, name) for name in others]
    in_time = [entry_table(entries), *sums, payback_table(paybacks, reference)]
    sections = [
        Section("differences", "Who gains, and how much", tables=list(_difference_tables(compared, differences))),
        Section("when", "Who comes, and when it pays", tables=in_time),
        Section("charts", "Charts", charts=charts),
        Section("partings", "When they part", tables=[_parting_table(partings, reference.name)]),
        Section(
            "changed", "What is changed", tables=[_changed_table(changed, name, reference.name) for name in others]
        ),
        Section("drivers", "What decides it", tables=drivers_of_each),
        *closing,
    ]
    answers = [
        Answer("" if only else run.scenario.title, answer_of_comparison(differences, decided_by, name, reference))
        for name, run in others.items()
    ]
    return page_of(Content(
        only.title if only else f"{len(others)} scenarios against {reference.title}",
        only.question if only else reference.question,
        ("Reference: ", *joined(origin_of(manifest, path) for path in runs.values())),
        answers, sections, compared.notes, [differences, decided_by, entries, paybacks, partings, changed, *kept],
    ))  # fmt: skip


# Tables ---------------------------------------------------------------------------------------------------------------


def _difference_tables(compared: ComparedRuns, differences: Kept) -> Iterator[Table]:
    """Lay out all runs side by side, then each with both intervals: the main figures, and folded all of them."""
    scenario = compared.reference.scenario
    if len(compared.labels) > 1:
        yield _overview_table(compared, differences)
    columns = [
        *kpi_columns(scenario), level(scenario.name, "reference_mean"), difference("mean difference", "mean"),
        difference("90 % interval: from", "mean_low"), difference("to", "mean_high"),
        difference("5 % of draws", "p5"), difference("95 % of draws", "p95"),
        number("probability of the other sign", "probability_other_sign", format_share),
        number("draws that differ", "share_differing", format_share),
        difference("mean of those", "mean_if_differing"),
        Column("verdict", "verdict"),
    ]  # fmt: skip
    note = (
        "The interval says how well the draws pin the mean down; the range from 5 to 95 % of the draws says how much "
        f"it depends on what is uncertain. Numbers: {differences.file}."
    )
    for kpis, words in ((compared.main_kpis, "{} against " + scenario.name), (compared.kpis, "")):
        for name in compared.labels:
            rows = [row for kpi in kpis for row in differences.rows(scenario=name, kpi=kpi)]
            folded = "" if words else f"All {len(kpis):,} figures: {name}"
            yield differences.table(words.format(name) or folded, columns, rows, note, folded)


def _overview_table(compared: ComparedRuns, differences: Kept) -> Table:
    """Lay out the mean differences of several runs to the reference side by side."""
    scenario = compared.reference.scenario
    first = [*kpi_columns(scenario), level(scenario.name, "reference_mean")]
    titles = (number(f"{other}: difference") for other in compared.labels)
    rows = []
    for kpi in compared.main_kpis:
        held = [row for other in compared.labels for row in differences.rows(scenario=other, kpi=kpi)]
        means = [differences.difference(row, "mean", bare=True) for row in held]
        rows.append([*differences.cells(held[0], first), *means])
    note = f"Means over draws; the tables below say which of them can be told from zero. Numbers: {differences.file}."
    return Table(f"All against {scenario.name}", [*first, *titles], rows, note)


def _changed_table(changed: Kept, other: str, reference: str) -> Table:
    """Lay out the scenario values in which a run differs from the reference, with effect and source."""
    titles = ("value", reference, other, "effect", "tried with", "source")
    names = ("path", "reference", "other", "effect", "tried_as", "source")
    note = f"Effect: what trying the value, or the part around it, has shown. From: {changed.file}."
    columns = list(map(Column, titles, names))
    return changed.table(f"Values in which {other} differs", columns, changed.rows(scenario=other), note)


def _parting_table(partings: Kept, reference: str) -> Table:
    """Lay out where each run parts from the reference: first event and first figure that differ."""
    columns = [
        Column("run", "scenario"), Column("first event that differs", "event_date", "{:%B %Y}".format),
        Column("who", "actor"), Column("what", "event"), Column("detail", "detail"), Column("only in", "only_in"),
        number("in draws", "event_draws"), number("of draws compared", "draws"),
        Column("first figure that differs, quarter", "figure_date", "{:%B %Y}".format), Column("figure", "column"),
        Column("of", "member"), number("in draws, of those with full paths", "figure_draws"),
    ]  # fmt: skip
    notes = dict.fromkeys(note for note in partings.frame["note"] if note)
    note = f"{'; '.join(notes)}{'. ' if notes else ''}From: {partings.file}."
    return partings.table(f"Where each run parts from {reference}", columns, None, note)


# The answer -----------------------------------------------------------------------------------------------------------


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
    rows = rows_of(differences, scenario, scenario_name=other)
    certain = [row for row in rows if differences.value(row, "distinguishable")]
    same = [row for row in rows if differences.value(row, "share_differing") == 0]
    unclear = [row for row in rows if row not in {*certain, *same}]
    untold = [*_unclear(differences, unclear, scenario), *_same(differences, same, scenario)]
    first = certain[:1] or unclear[:1]
    spread = [*_spread(differences, first, scenario), *decided(drivers, differences, first, scenario, other)]
    groups = (_certain(differences, certain, scenario), untold, spread)
    return [(*begun(joined(parts)), ".") for parts in groups if parts]


def _certain(table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    parts: list[Sentence] = [
        (f"{kpi_words(table, row, scenario)} {RISES if table.value(row, 'mean') > 0 else FALLS} (",
         table.difference(row, "mean"), ", 90 % interval ", *_interval(table, row), ")")
        for row in rows
    ]  # fmt: skip
    return [(f"compared with “{scenario.title}”, on average ", *joined(parts))] if parts else []


def _unclear(table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    parts: list[Sentence] = [
        (f"{kpi_words(table, row, scenario)} (90 % interval ", *_interval(table, row), *_needed(table, row), ")")
        for row in rows
    ]  # fmt: skip
    if not parts:
        return []
    return [
        (table.cell(rows[0], "draws", count), " cannot tell whether these change on average: ", *joined(parts, ", "))
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
    words = ", ".join(kpi_words(table, row, scenario) for row in rows)
    return [("the same in all of ", table.cell(rows[0], "draws", count), f": {words}")]


def _spread(table: Kept, rows: Sequence[int], scenario: Scenario) -> list[Sentence]:
    """Say in how many draws the first difference is there at all, and where most of them lie."""
    return [
        (f"{kpi_words(table, row, scenario)} differs in ", table.cell(row, "share_differing", whole_percent),
         " of the draws, and in 90 % of all draws the difference lies between ",
         table.difference(row, "p5", bare=True), " and ", table.difference(row, "p95"))
        for row in rows
    ]  # fmt: skip
