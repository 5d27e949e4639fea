"""The folder of the study: table, chart and page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.report.drawn_chart import ChartOf
from sim.report.kept_table import Cell, Column, Kept, Sentence, Table, level, number
from sim.report.kpi_names import amount_in_words
from sim.report.page_layout import Section
from sim.report.statistics import share_in_words, whole_percent
from sim.runs.manifest import OPTION
from sim.scenario.describing import title_of
from sim.studies.one_run.study_folder import StudyFolder
from sim.studies.options.going_rules import BEST, HURDLE, ONE_HURDLE, PAYS
from sim.studies.options.options_charts import INTERVAL, numbers_of_entry_option, plot_entry_option
from sim.studies.options.options_study import OWN, SAME

if TYPE_CHECKING:
    from sim.studies.options.options_study import EntryOption

OPTION_CHART = ChartOf(plot_entry_option, numbers_of_entry_option)
_ONE_CHANGE = (
    "Each rule counts one change. In the model a vendor may change again, so that going early gives up less than this "
    "where something better opens later."
)
_SMALL = "next to nothing"
_LEAST_BN = 1e-6
"""Smaller amounts are not written."""


def answer_of(found: EntryOption, kept: Kept) -> list[Sentence]:
    """Say what going at the best moment brings, what other rules give away, and how it depends on what is counted."""
    vendor, market = _titles(found)

    def row(rule: str, counted: str = SAME) -> int:
        [one] = kept.rows(counted=counted, option=found.whole, rule=rule)
        return one

    best, pays = row(BEST), row(PAYS)
    if not any(kept.value(row(rule), "goes") for rule in (PAYS, BEST)):
        return [(f"No change of how {vendor} sells in {market} pays at any review in any draw: it is best to stay.",)]
    lines: list[Sentence] = [
        (
            f"If {vendor} changes how it sells in {market} as soon as that pays, ", *_gained(kept, pays), "; ",
            *_lost(kept, pays, "waiting for the best moment"), ".",
        ),
        ("The model's hurdle (", kept.cell(row(HURDLE), "hurdle", whole_percent), " of the cost of setting up) ",
         *_given_away(kept, row(HURDLE)), "; ", *_one_hurdle(kept, row(ONE_HURDLE)), "."),
        ("At the best moment it goes in ", *_when(kept, best), "; as soon as it pays in ", *_when(kept, pays), "."),
        ("Counted as the vendor itself reckons, over years that move on with the date, ",
         *_lost(kept, row(PAYS, OWN), "waiting"), "."),
    ]  # fmt: skip
    if len(found.options) > 1:
        lines.append((_ONE_CHANGE,))
    return lines


def _titles(found: EntryOption) -> tuple[str, str]:
    return title_of(found.scenario, "vendors", found.vendor), title_of(found.scenario, "markets", found.market)


def _is_told(kept: Kept, row: int, column: str = "lost") -> bool:
    """Whether what a rule brings, or gives away, can be told from nothing."""
    return bool(abs(kept.value(row, column)) > max(INTERVAL * kept.value(row, f"{column}_error"), _LEAST_BN))


def _amount(kept: Kept, row: int, column: str) -> Cell:
    return kept.cell(row, column, _in_words)


def _in_words(bn: float) -> str:
    return _SMALL if abs(bn) < _LEAST_BN else f"{'minus ' if bn < 0 else ''}USD {amount_in_words(bn)}"


def _with_error(kept: Kept, row: int, column: str = "lost") -> Sentence:
    return _amount(kept, row, column), " (standard error ", _amount(kept, row, f"{column}_error"), ")"


def _gained(kept: Kept, row: int) -> Sentence:
    if not _is_told(kept, row, "value"):
        return ("what it gains over staying as it is cannot be told from nothing",)
    return ("it gains ", *_with_error(kept, row, "value"), " on average over staying as it is")


def _lost(kept: Kept, row: int, waiting: str) -> Sentence:
    if not _is_told(kept, row):
        return (f"what {waiting} is worth cannot be told from nothing",)
    if kept.value(row, "lost") < 0.0:
        return ("no better moment was found by what is known at a review",)
    return (f"{waiting} is worth ", *_with_error(kept, row), " more")


def _given_away(kept: Kept, row: int) -> Sentence:
    if not _is_told(kept, row):
        return ("gives away nothing that can be told",)
    if kept.value(row, "lost") < 0.0:
        return ("does better than the best moment that was found",)
    return ("gives away ", *_with_error(kept, row), " of what the best moment brings")


def _one_hurdle(kept: Kept, row: int) -> Sentence:
    if math.isnan(kept.value(row, "hurdle")):
        return ("no other hurdle would change that, since nothing has to be set up",)
    return ("of hurdles that are the same in all draws, the best that was found is ",
            kept.cell(row, "hurdle", whole_percent), " and ", *_given_away(kept, row))  # fmt: skip


def _when(kept: Kept, row: int) -> Sentence:
    share = kept.cell(row, "goes", share_in_words), " of the draws"
    return (*share, " (median ", kept.cell(row, "date_p50", _month), ")") if kept.value(row, "date_p50") else share


def _month(date: str) -> str:
    return date[:7]


def rule_table(kept: Kept, counted: str, option: str) -> Table:
    """Lay out the rules for one option."""
    columns = [
        Column("goes", "rule"), level("brings", "value"), level("s.e.", "value_error"), level("gives away", "lost"),
        level("its s.e.", "lost_error"), number("goes in", "goes", share_in_words),
        number("5 %", "date_p5", _month), number("median", "date_p50", _month), number("95 %", "date_p95", _month),
        number("hurdle", "hurdle", whole_percent),
    ]  # fmt: skip
    note = (
        "In bn USD: present value at the start of the run, mean over draws, against staying; gives away: what the best "
        "moment brings more; of the rule at the first chance or never, that is the value of waiting. Rules are learned "
        "in one half of the draws and paid out in the other, both ways round. Dates: of the draws that go. Numbers: "
        f"{kept.file}."
    )
    return kept.table(f"{option}, {_COUNTED[counted]}", columns, kept.rows(counted=counted, option=option), note)


_COUNTED = {SAME: "counted over the same years", OWN: "counted as the vendor reckons"}


def folder_of(found: EntryOption) -> StudyFolder:
    """Lay out what the study's folder holds."""
    kept, chart = Kept("options", found.table()), OPTION_CHART.drawn(found)
    vendor, _ = _titles(found)
    said = {"vendor": found.vendor, "market": found.market, "seed": found.seed, "draws": len(found.draws)}
    singly = [rule_table(kept, counted, option) for option in found.options for counted in (SAME, OWN)]
    sections = [
        Section("rules", "What each rule brings", tables=[rule_table(kept, held, found.whole) for held in (SAME, OWN)]),
        Section("charts", "What it brings, and when", charts=[chart], charts_in=""),
    ]
    if len(found.options) > 1:
        sections.append(Section("options", "Each change alone", tables=singly))
    return StudyFolder(
        OPTION, [found.scenario], said, f"When {vendor} should go: {found.scenario.title}", found.scenario.question,
        answer_of(found, kept), sections, [kept], [chart], {"changes": found.changes},
    )  # fmt: skip
