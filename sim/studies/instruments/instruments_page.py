"""The folder of a ledger of instruments: table, chart and page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.report.drawn_chart import ChartOf
from sim.report.kept_table import Column, Kept, Sentence, Table, difference
from sim.report.kpi_names import unit_in_words
from sim.report.page_layout import Section
from sim.runs.manifest import LEDGER
from sim.studies.instruments.effect_channels import WHOLE
from sim.studies.instruments.instruments_charts import numbers_of_ledger, plot_ledger
from sim.studies.instruments.instruments_study import ALL_TOGETHER
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.study_folder import StudyFolder

if TYPE_CHECKING:
    from sim.studies.instruments.instruments_study import InstrumentLedger

STEPS_CHART = ChartOf(plot_ledger, numbers_of_ledger)
MOST_CHANNELS = 8
"""Rows of channels that a page shows of each figure: those that the package moves most."""


def answer_of(ledger: InstrumentLedger, kept: Kept) -> list[Sentence]:
    """Say what the package brings and which instrument most of it, figure by figure; then what brings nothing."""
    said = [_sentence(ledger, kept, kpi) for kpi in ledger.kpis]
    if ledger.idle:
        names = ", ".join(one.title for one in ledger.idle)
        said.append((f"In none of these figures does this change anything in any draw: {names}.",))
    return said


def _sentence(ledger: InstrumentLedger, kept: Kept, kpi: str) -> Sentence:
    [whole] = kept.rows(kpi=kpi, instrument=ALL_TOGETHER, channel=WHOLE)
    head: Sentence = (f"{label(kpi, ledger.package)}: ", *_with_interval(kept, whole), " in all")
    if len(ledger.instruments) == 1:
        [only] = ledger.instruments
        return (*head, f"; it is all that of the only instrument, {only.title}.")
    if kept.value(whole, "mean_low") <= 0.0 <= kept.value(whole, "mean_high"):
        head = (*head, ", which cannot be told from nothing")
    largest, is_told = ledger.of(kpi)[0].leader
    [first] = kept.rows(kpi=kpi, channel=WHOLE, instrument=ledger.instruments[largest].name)
    if kept.value(first, "mean_low") <= 0.0 <= kept.value(first, "mean_high"):
        return (*head, "; even the largest part on average cannot be told from nothing.")
    doubt = "" if is_told else ", though it cannot be told which is largest"
    part = kept.cell(first, "title"), ", ", *_with_interval(kept, first)
    return (*head, "; the largest part on average is that of ", *part, f"{doubt}.")


def _with_interval(kept: Kept, row: int) -> Sentence:
    interval = kept.difference(row, "mean_low", bare=True), " to ", kept.difference(row, "mean_high", bare=True)
    return (kept.difference(row, "mean"), " (90 % interval ", *interval, ")")


def instrument_table(ledger: InstrumentLedger, kept: Kept, kpi: str) -> Table:
    """Lay out the instruments under one figure."""
    columns = [Column("instrument", "title", wraps=True), *_figures(), difference("alone", "alone"),
               difference("last", "last")]  # fmt: skip
    orders = "all orders in which they could come"
    if not ledger.is_exact:
        orders = "some of the orders in which they could come, for which the interval allows"
    note = (
        f"In {unit_in_words(kpi)}. Part: mean over draws of what the instrument adds, averaged over {orders}; from and "
        "to: 90 % interval of the mean; then levels of draws. Alone: what it brings to the reference by itself; last: "
        f"what it adds to all others. Numbers: {kept.file}."
    )
    return kept.table(label(kpi, ledger.package), columns, kept.rows(kpi=kpi, channel=WHOLE), note)


def channel_tables(ledger: InstrumentLedger, kept: Kept) -> Iterator[Table]:
    """Lay out the largest channels of each figure that has some."""
    for kpi in ledger.kpis:
        rows = [row for row in kept.rows(kpi=kpi) if kept.value(row, "channel") != WHOLE]
        rows = [row for row in rows if kept.value(row, "instrument") != ALL_TOGETHER and kept.value(row, "mean")]
        largest = sorted(rows, key=lambda row: -abs(kept.value(row, "mean")))[:MOST_CHANNELS]
        if largest:
            columns = [Column("instrument", "title", wraps=True), Column("through", "channel", wraps=True), *_figures()]
            note = f"In {unit_in_words(kpi)}; the largest, signed as they count. All: {kept.file}."
            yield kept.table(f"{label(kpi, ledger.package)}: through whom", columns, largest, note)


def _figures() -> list[Column]:
    titles = {"mean": "part", "mean_low": "from", "mean_high": "to", "p5": "5 %", "p95": "95 %"}
    return [difference(title, name) for name, title in titles.items()]


def folder_of(ledger: InstrumentLedger) -> StudyFolder:
    """Lay out what the study's folder holds."""
    kept, chart = Kept("ledger", ledger.table()), STEPS_CHART.drawn(ledger)
    said = {
        "reference": ledger.reference.name, "kpis": ledger.kpis, "seed": ledger.seed, "draws": len(ledger.draws),
        "instruments": [one.in_full for one in ledger.instruments], "runs": ledger.runs, "exact": ledger.is_exact,
    }  # fmt: skip
    tables = [instrument_table(ledger, kept, kpi) for kpi in ledger.kpis]
    sections = [
        Section("instruments", "What each instrument brings", tables=tables),
        Section("charts", "From the reference to the package", charts=[chart], charts_in=""),
        Section("channels", "Through whom", tables=list(channel_tables(ledger, kept))),
    ]
    return StudyFolder(
        LEDGER, (ledger.reference, ledger.package), said, f"What each instrument brings: {ledger.package.title}",
        ledger.package.question, answer_of(ledger, kept), sections, [kept], [chart],
    )  # fmt: skip
