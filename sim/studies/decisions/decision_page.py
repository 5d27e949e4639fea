"""The folder of the study: all options, all reviews, and a page that says why vendors moved or waited."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.report.kept_table import Column, Kept, Sentence, Table, number
from sim.report.page_layout import Section
from sim.report.statistics import whole_percent
from sim.runs.manifest import DECISIONS
from sim.scenario.describing import titles_of
from sim.studies.decisions.reviews import BELOW, MOVES, step_through
from sim.studies.one_run.study_folder import StudyFolder

if TYPE_CHECKING:
    from sim.studies.decisions.reviews import Decisions


def _gain(value: float) -> str:
    return f"{value:+.3g}"


def summary_table(found: Decisions, kept: Kept) -> Table:
    """Lay out how reviews ended, by vendor and date."""
    titles = titles_of(found.scenario)
    columns = [
        Column("vendor", "vendor", titles.__getitem__), Column("review of", "date"),
        number("applies", "applies_share", whole_percent), number("below hurdle", "below_hurdle_share", whole_percent),
        number("nothing open", "nothing_open_share", whole_percent),
        number("not willing", "not_willing_share", whole_percent), Column("best change of most", "change", wraps=True),
        number("worth 5 %", "gain_p5_bn", _gain), number("median", "gain_p50_bn", _gain),
        number("95 %", "gain_p95_bn", _gain),
    ]  # fmt: skip
    note = (
        "Shares of the draws that review. Worth: bn USD, present value above that of staying, less the cost of setting "
        f"up and the hurdle; above 0 the vendor applies. Numbers: {kept.file}."
    )
    return kept.table("How reviews ended", columns, None, note)


def draw_table(found: Decisions, draw: int) -> Table:
    """Lay out the reviews of one draw in the order of time."""
    titles = titles_of(found.scenario)
    rows = [
        (date, titles[vendor], outcome, change, "" if math.isnan(gain) else _gain(gain))
        for date, vendor, outcome, change, gain in step_through(found, draw)
    ]
    columns = [*map(Column, ("review of", "vendor", "outcome", "best change")), number("worth, bn USD")]
    return Table(f"Draw {draw}, step by step", columns, rows, "All options of each review: options.parquet.")


def answer_of(found: Decisions) -> list[Sentence]:
    """Say for each vendor why it moved or waited."""
    titles = titles_of(found.scenario)
    lines: list[Sentence] = []
    for vendor, held in found.reviews.groupby("vendor", sort=False):
        moved = held.loc[held["outcome"] == MOVES, "draw"].nunique() / found.draws
        reasons = held[held["outcome"] != MOVES]["outcome"].value_counts(normalize=True)
        waits = f"; where it waits, mostly because of this: {reasons.index[0]}" if len(reasons) else ""
        short = held[(held["outcome"] == BELOW)]["gain_bn"].median()
        missing = (
            f" (in the median {-short:.2g} bn USD are missing)" if len(reasons) and reasons.index[0] == BELOW else ""
        )
        lines.append(
            (f"{titles[str(vendor)]} applies for a change in {whole_percent(moved)} of the draws{waits}{missing}.",)
        )
    return lines


def folder_of(found: Decisions, draw: int = 0) -> StudyFolder:
    """Lay out what the study's folder holds; one draw is shown step by step."""
    summary, whole = Kept("decisions", found.summary()), found.scenario
    sections = [
        Section("summary", "How reviews ended", tables=[summary_table(found, summary)]),
        Section("draw", "One draw", tables=[draw_table(found, draw)]),
    ]
    return StudyFolder(
        DECISIONS, [whole], {"seed": found.seed, "draws": found.draws}, f"Why vendors moved or waited: {whole.title}",
        whole.question, answer_of(found), sections, [summary],
        parquet={"options": found.options, "reviews": found.reviews},
    )  # fmt: skip
