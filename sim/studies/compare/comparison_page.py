"""The page of runs set against a reference, and the files of its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.drawn_chart import ChartOf, DrawnChart, drawn_charts
from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Column, Kept, Table, difference, joined, level, number
from sim.report.kpi_names import format_share
from sim.report.page_layout import Answer, Content, Page, Section, page_of
from sim.report.statistics import summarise
from sim.runs.manifest import COMPARISON, FORMAT, MANIFEST, manifest_text
from sim.runs.run_names import labels
from sim.studies.compare.compared_paths import has_presence, plot_paths, plot_presence
from sim.studies.compare.comparison_answer import answer_of
from sim.studies.compare.comparison_tables import money_of
from sim.studies.compare.difference_charts import (
    numbers_of_differences,
    numbers_of_welfare_differences,
    plot_differences,
    plot_welfare_differences,
)
from sim.studies.compare.gain_tables import gain_table, tables_of_several
from sim.studies.compare.kept_comparison import identity, known_again
from sim.studies.compare.over_time import decisions_in_words, entry_table, move_table, payback_table, sums_table
from sim.studies.one_run.page_sections import closing_sections, driver_table, kpi_columns, origin_of
from sim.studies.one_run.study_folder import write_folder
from sim.studies.why.why_page import group_table
from sim.studies.worth.worth_page import HOW_KNOWN, INFORMATION_COLUMNS, is_told, regret_table

if TYPE_CHECKING:
    from sim.runs.run_many import Crew
    from sim.studies.compare.compared_runs import ComparedRuns

PATH_CHARTS: tuple[ChartOf[ComparedRuns], ...] = (
    ChartOf(plot_paths),
    ChartOf(plot_presence, has_something=has_presence),
)
"""Charts over time with their numbers."""
COMPARISON_CHARTS: tuple[ChartOf[ComparedRuns], ...] = (
    ChartOf(plot_differences, numbers_of_differences),
    ChartOf(plot_welfare_differences, numbers_of_welfare_differences),
)
"""Each chart of a comparison with its numbers."""

WORTH_TABLES = ("regret", "information")
"""What the choice between the runs is worth: tables of `ComparedRuns` that are kept where they say anything."""
REFERENCE, OTHERS = "reference.", "others.{}."
"""Where the manifest of a comparison speaks of its runs."""


def write_comparison(
    compared: ComparedRuns, folder: Path, charts: bool, made: str = "", crew: Crew | None = None
) -> None:
    """Write differences and summaries, and charts and page if wanted, into a folder on this machine.

    Parameters
    ----------
    compared
        Runs against a reference.
    folder
        Where to.
    charts
        Whether charts and page are wanted.
    made
        Hash of all that decides what the folder holds, by which it is to be known again; it is not if empty.
    crew
        Who draws the charts meanwhile; they are drawn here if absent.
    """
    drawings = [partial(drawn_charts, declared, compared) for declared in (PATH_CHARTS, COMPARISON_CHARTS) if charts]
    waits = [crew.beside(drawing) if crew else drawing for drawing in drawings]
    runs = [compared.reference, *compared.others]
    summaries = {f"summary_{name}": summarise(run.kpis) for run, name in zip(runs, labels(runs), strict=True)}
    tables = {"differences": compared.differences, "drivers": compared.decided, **summaries}
    tables |= {"gains": compared.gains, "moves": compared.moves}
    tables |= {"entries": compared.entries, "paybacks": compared.paybacks}
    tables |= {name: table for name in WORTH_TABLES if len(table := getattr(compared, name))}
    tables |= {"changed_values": compared.changed, "partings": compared.partings}
    tables |= {f"why_{name}": table for name in ("groups", "switching") if len(table := getattr(compared, name))}
    manifest = {
        "format": FORMAT,
        "kind": COMPARISON,
        "reference": identity(compared.reference),
        "others": [identity(run) for run in compared.others],
        "notes": list(compared.notes),
    }
    drawn = [chart for drawn_beside in waits for chart in drawn_beside()]
    page = comparison_page(compared, manifest, drawn) if charts else None
    files = FolderFiles(tables, charts=drawn, charts_in="charts/", page=page)
    write_folder(files, folder, compared.others[-1].scenario)
    marks = known_again(made, folder) if made else {}
    (folder / MANIFEST).write_bytes(manifest_text(manifest | marks).encode())


def comparison_page(compared: ComparedRuns, manifest: Mapping[str, Any], charts: Sequence[DrawnChart]) -> Page:
    """Write the page of a comparison.

    Parameters
    ----------
    compared
        Runs against a reference.
    manifest
        What the folder says of its runs.
    charts
        Charts of the comparison.
    """
    reference, others = compared.reference.scenario, compared.by_label
    only = next(iter(others.values())).scenario if len(others) == 1 else None
    differences = Kept("differences", compared.differences)
    decided_by = Kept("drivers", compared.decided.reset_index(drop=True))
    who, moved = Kept("gains", compared.gains), Kept("moves", compared.moves)
    entries, paybacks = Kept("entries", compared.entries), Kept("paybacks", compared.paybacks)
    partings, changed = Kept("partings", compared.partings), Kept("changed_values", compared.changed)
    groups = Kept("why_groups", compared.groups)
    regret, information = (Kept(name, getattr(compared, name)) for name in WORTH_TABLES)
    runs = {compared.reference.name: REFERENCE} | {name: OTHERS.format(place) for place, name in enumerate(others)}
    closing, kept = closing_sections(reference, manifest, runs)
    drivers_of_each = [driver_table(decided_by, compared.headline_kpis, reference, name) for name in others]
    sums = [sums_table(differences, money_of(compared), reference, name) for name in others]
    regrets = [regret_table(held, regret, regret.rows(kpi=figure)) for figure, held in compared.worths.items()]
    who_gains = [
        *(gain_table(compared, name) for name in others), *(() if only else regrets),
        *_difference_tables(compared, differences),
    ]  # fmt: skip
    why = [words for words in map(decisions_in_words, others.values()) if words]
    over_time = {chart.name for chart in PATH_CHARTS}
    in_time = [move_table(moved), entry_table(entries), *sums, payback_table(paybacks, reference)]
    sections = [
        Section("differences", "Who gains, and how much", tables=who_gains),
        Section("time", "Over time", charts=[chart for chart in charts if chart.name in over_time]),
        Section("when", "Who comes, and when it pays", words=why, tables=in_time),
        Section("charts", "Charts", charts=[chart for chart in charts if chart.name not in over_time]),
        Section("partings", "When they part", tables=[_parting_table(partings, reference.name)]),
        Section(
            "changed", "What is changed", tables=[_changed_table(changed, name, reference.name) for name in others]
        ),
        Section(
            "drivers",
            "What decides it",
            tables=[*_group_tables(compared, groups), *drivers_of_each, *_knowing_tables(compared, information)],
        ),
        *closing,
    ]
    several = tables_of_several(compared)
    asked = [groups, Kept("why_switching", compared.switching), regret, information]
    asked = [held for held in asked if len(held.frame)]
    answers = [
        *([Answer("", tables=several)] if several else []),
        *(
            Answer("" if only else run.scenario.title, paragraphs=answer_of(compared, name))
            for name, run in others.items()
        ),
    ]
    return page_of(Content(
        only.title if only else f"{len(others)} scenarios against {reference.title}",
        only.question if only else reference.question,
        ("Reference: ", *joined(origin_of(manifest, path) for path in runs.values())),
        answers, sections, compared.notes,
        [differences, who, moved, decided_by, entries, paybacks, partings, changed, *asked, *kept],
    ))  # fmt: skip


# Tables ---------------------------------------------------------------------------------------------------------------


def _group_tables(compared: ComparedRuns, groups: Kept) -> Iterator[Table]:
    """Lay out what `sim.why` found of each run of which it was asked, at most eight groups."""
    for name in compared.by_label if len(groups.frame) else ():
        if rows := groups.rows(scenario=name, whole=False)[:MOST_GROUPS]:
            yield group_table(groups, rows, f"Which groups of inputs decide it: {name}")


MOST_GROUPS = 8
"""Groups that the page shows."""


def _knowing_tables(compared: ComparedRuns, information: Kept) -> Iterator[Table]:
    """Lay out what it would be worth to each country to know something before choosing between the runs."""
    rows = [
        row
        for figure in compared.worths
        for row in (
            *information.rows(kpi=figure, of="everything"),
            *[row for row in information.rows(kpi=figure, of="group") if is_told(information, row)][:MOST_GROUPS],
        )
    ]
    if rows:
        figure, unit = kpi_columns(compared.reference.scenario)
        note = (
            f"{HOW_KNOWN} Groups whose value cannot be told from nothing at so many draws are left out. Numbers: "
            f"{information.file}."
        )
        yield information.table("What knowing first would be worth", [figure, *INFORMATION_COLUMNS, unit], rows, note)


def _difference_tables(compared: ComparedRuns, differences: Kept) -> Iterator[Table]:
    """Lay out each run with both intervals: the main figures, and folded all of them."""
    scenario = compared.reference.scenario
    figure, unit = kpi_columns(scenario)
    columns = [
        figure, difference("mean difference", "mean"), unit,
        difference("90 % interval: from", "mean_low"), difference("to", "mean_high"),
        difference("5 % of draws", "p5"), difference("95 % of draws", "p95"),
        number("probability of the other sign", "probability_other_sign", format_share),
        number("draws that differ", "share_differing", format_share),
        difference("mean of those", "mean_if_differing"), level(scenario.name, "reference_mean"),
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


def _changed_table(changed: Kept, other: str, reference: str) -> Table:
    """Lay out the scenario values in which a run differs from the reference, with effect and source."""
    titles = ("value", reference, other, "effect", "tried with", "source", "path")
    names = ("title", "reference", "other", "effect", "tried_as", "source", "path")
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
