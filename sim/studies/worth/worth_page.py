"""The folder of the study: tables and page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.report.kept_table import Column, Kept, Sentence, Table, difference, level, number
from sim.report.kpi_names import unit_in_words
from sim.report.page_layout import Section
from sim.report.statistics import whole_percent
from sim.runs.manifest import WORTH
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.study_folder import StudyFolder

if TYPE_CHECKING:
    from sim.studies.worth.worth_study import Worth

TO_KNOW = "What it would be worth to know"
INFORMATION_COLUMNS = (
    Column("what would be known", "title"), Column("it is", "of"), Column("kind", "kind"),
    difference("worth", "value"), level("s.e.", "error"),
)  # fmt: skip
HOW_KNOWN = (
    "Gain on average from choosing after it is known. Of numbers it is learned in one half of the draws and paid out "
    "in the other, so that noise brings nothing and may bring less."
)
"""What the values in a table of what is worth knowing mean."""
MOST_NUMBERS = 8
"""Numbers that are shown at once: those that would be worth most to know."""
TOLD = 1.64
"""Standard errors that a value must exceed to be told from zero."""


def _answer(worth: Worth, kept: Mapping[str, Kept]) -> list[Sentence]:
    regret, information = kept["regret"], kept["information"]
    lines: list[Sentence] = [
        (
            f"{label(worth.kpi, worth.scenarios[0])} is largest on average with ", regret.cell(0, "scenario"),
            ", the best in ", regret.cell(0, "share_best", whole_percent), " of the draws; it regrets ",
            regret.level(0, "regret_mean"), " on average, ", regret.level(0, "regret_worst"),
            " in the worst twentieth.",
        ),
        ("To know all before choosing, luck included, would be worth ", information.level(0, "value"), "."),
    ]  # fmt: skip
    rows = [row for row in information.rows(of="group") if is_told(information, row)]
    if rows:
        lines.append((
            "Of what could be found out, most valuable is ", information.cell(rows[0], "title"), ": ",
            information.level(rows[0], "value"), ".",
        ))  # fmt: skip
    else:
        lines.append(
            ("To know any group of numbers alone would not change the choice enough to be told from nothing.",)
        )
    return lines


def is_told(information: Kept, row: int) -> bool:
    """Whether a value can be told from nothing."""
    return bool(information.value(row, "value") > TOLD * information.value(row, "error") > 0.0)


def regret_table(worth: Worth, regret: Kept, rows: Sequence[int] | None = None) -> Table:
    """Lay out how often each choice is the best, and what it costs where another one is.

    Parameters
    ----------
    worth
        What was found.
    regret
        `Worth.regret` as the folder keeps it.
    rows
        Those of this party; all if None.
    """
    columns = [
        Column("scenario", "scenario"), level("mean", "mean"), difference("against the first", "difference"),
        difference("from", "difference_low"), difference("to", "difference_high"),
        number("best in", "share_best", whole_percent), level("regret, mean", "regret_mean"),
        level("90 %", "regret_p90"), level("worst twentieth", "regret_worst"),
    ]  # fmt: skip
    note = (
        f"Against the first: difference to {worth.names[0]}, with a 90 % interval. Regret: how much less than "
        f"the best scenario of the same draw. All in {unit_in_words(worth.kpi)}. Numbers: {regret.file}."
    )
    return regret.table(label(worth.kpi, worth.scenarios[0]), columns, rows, note)


def _information_table(worth: Worth, information: Kept) -> Table:
    rows = [0, *information.rows(of="group"), *information.rows(of="number")[:MOST_NUMBERS]]
    note = f"{HOW_KNOWN} All in {unit_in_words(worth.kpi)}. Numbers: {information.file}."
    return information.table(TO_KNOW, INFORMATION_COLUMNS, rows, note)


def folder_of(worth: Worth) -> StudyFolder:
    """Lay out what the study's folder holds."""
    kept = {"regret": Kept("regret", worth.regret()), "information": Kept("information", worth.information())}
    names = list(worth.names)
    said = {"scenarios": names, "kpi": worth.kpi, "seed": worth.seed, "draws": len(worth.draws)}
    sections = [
        Section("regret", "Which is best", tables=[regret_table(worth, kept["regret"])]),
        Section("information", TO_KNOW, tables=[_information_table(worth, kept["information"])]),
    ]
    title, question = f"Which is best: {label(worth.kpi, worth.scenarios[0])}", f"Chosen from {', '.join(names)}."
    return StudyFolder(
        WORTH, worth.scenarios, said, title, question, _answer(worth, kept), sections, list(kept.values())
    )
