"""The answer of a comparison in words: what happens, who gains, when, how sure, what decides, what not to trust.

Nothing is claimed that the intervals do not support: what cannot be told from zero is neither a gain nor a loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sim.report.captions import MOST_WORTH_NAMING, roughly
from sim.report.kept_table import Cell, Kept, Paragraph, Sentence, joined
from sim.report.kpi_names import MINUS, amount_in_words, capitalised, percent_in_words, uncapitalised
from sim.report.statistics import share_in_words
from sim.studies.compare.differences import share_their_luck
from sim.studies.compare.gains import horizons
from sim.studies.compare.kept_why import most_by_group, parts_by_kind
from sim.studies.compare.over_time import ANYBODY, EVERYBODY, command_for_decisions
from sim.studies.one_run.answers import count
from sim.studies.one_run.page_sections import CHECKED, kept_checks, not_checked
from sim.studies.one_run.parties import CLOUD

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario
    from sim.studies.compare.compared_runs import ComparedRuns

HAPPENS, GAINS, WHEN, SURE, DECIDES, TRUST = QUESTIONS = (
    "What happens", "Who gains, how much", "When", "How sure", "What decides", "What not to trust",
)  # fmt: skip
MOST_RANKED = 3
"""Parties of which the answer names the gain or loss; tables have all."""
MOST_UNTOLD = 1
"""Parties that the answer names among those of which nothing can be said."""
MOST_YEARS = 2
"""Years to whose end the answer gives sums, beside that in which the run ends: the last that the scenario names."""
MOST_DRAWS = 0.5
"""Share of draws from which on something is said to happen in most of them."""
DEAL = "deal_signed_end_share"
"""Figure that says in what share of draws a deal is signed."""
_PATH_WORDS = "It is the value "
UNTOLD = "not told from zero"


@dataclass(frozen=True)
class AnswerTables:
    """The kept tables that the answer is made of, each as the property of `ComparedRuns` of that name has it.

    Attributes
    ----------
    gains, moves, entries, paybacks, differences, decided
        Tables with a row or several per other run.
    groups, switching
        The same of what `sim.why` found; empty where it has not been asked.
    """

    gains: Kept
    moves: Kept
    entries: Kept
    paybacks: Kept
    differences: Kept
    decided: Kept
    groups: Kept = field(default_factory=partial(Kept, "why_groups", pd.DataFrame()))
    switching: Kept = field(default_factory=partial(Kept, "why_switching", pd.DataFrame()))

    @classmethod
    def of(cls, compared: ComparedRuns) -> AnswerTables:
        """Take the tables of a comparison, each under the name that its folder gives it."""
        return cls(
            Kept("gains", compared.gains), Kept("moves", compared.moves), Kept("entries", compared.entries),
            Kept("paybacks", compared.paybacks), Kept("differences", compared.differences),
            Kept("drivers", compared.decided.reset_index(drop=True)), Kept("why_groups", compared.groups),
            Kept("why_switching", compared.switching),
        )  # fmt: skip


@dataclass(frozen=True)
class Advice:
    """What would say more.

    Attributes
    ----------
    decides
        What would tell what decides.
    decisions
        The command that says why vendors moved or waited; empty if there is none.
    """

    decides: str
    decisions: str = ""


@dataclass(frozen=True)
class _Parties:
    """Rows of the table of gains in which an answer names parties.

    Attributes
    ----------
    ranked
        Those of whom a gain or loss can be told from zero, the largest first.
    wholes
        Countries for which something differs.
    untold
        Those for whom something differs and nothing can be told.
    """

    gains: Kept
    ranked: list[int]
    wholes: list[int]
    untold: list[int]

    @classmethod
    def of(cls, gains: Kept, other: str) -> Self:
        """Find them for one of the other runs."""
        rows = gains.rows(scenario=other)
        ranked = sorted((row for row in rows if gains.value(row, "rank")), key=lambda row: gains.value(row, "rank"))
        differing = [row for row in rows if gains.value(row, "share_differing")]
        wholes = [row for row in differing if gains.value(row, "whole")]
        return cls(gains, ranked, wholes, [row for row in differing if not gains.value(row, "told")])

    @property
    def leading(self) -> int | None:
        """Whom the answer is about most."""
        return next(iter([*self.ranked, *self.untold]), None)

    @property
    def told(self) -> list[int]:
        """Those whom the answer names with an amount: the largest of all parties, then whole countries."""
        return [*self.ranked[:MOST_RANKED], *(row for row in self.wholes if self.gains.value(row, "told"))]


def gains_in_words(gains: Kept, other: str) -> list[Paragraph]:
    """Say of one other run who gains and how sure that is, as answers do.

    Parameters
    ----------
    gains, other
        The table of gains, and the name of the run in it.
    """
    who = _Parties.of(gains, other)
    return [Paragraph(GAINS, _gains(who)), Paragraph(SURE, _sure(who))]


def answer_of(compared: ComparedRuns, other: str) -> list[Paragraph]:
    """Answer for one of the other runs."""
    run = compared.by_label[other]
    advice = Advice(_advice(compared, run), command_for_decisions(run))
    return answer_of_comparison(AnswerTables.of(compared), other, compared.reference.scenario, advice)


def _advice(compared: ComparedRuns, run: RunData) -> str:
    """Say what would tell what decides."""
    reference = compared.reference
    if not share_their_luck(reference, run):
        return "run both with the same seed"
    is_changed = any(held.manifest.get("set") for held in (reference, run))
    names = "" if is_changed else f" {reference.scenario.name} {run.scenario.name}"
    return f"the command “cloudtrade why{names}” can"


def answer_of_comparison(tables: AnswerTables, other: str, reference: Scenario, advice: Advice) -> list[Paragraph]:
    """Answer for one other run, in six paragraphs.

    Parameters
    ----------
    tables
        What was found.
    other
        Name of the run, as the tables have it.
    reference
        The scenario that it is compared with.
    advice
        What would say more.
    """
    who = _Parties.of(tables.gains, other)
    leading, sure = who.leading, _sure(who)
    kinds = parts_by_kind(tables.groups, other, reference)
    by_groups = most_by_group(tables.groups, tables.switching, other, reference)
    decides = _decides(tables, other, leading, advice.decides)
    written = (
        (HAPPENS, _happens(tables, other), _why_they_moved(advice.decisions)),
        (GAINS, _gains(who), ()),
        (WHEN, _when(tables, other, leading, reference), ()),
        (SURE, (*sure, " ", *kinds) if kinds else sure, ()),
        (DECIDES, by_groups or decides[0], () if by_groups else decides[1]),
        (TRUST, _trust(tables.gains, leading, reference), ()),
    )
    return [Paragraph(heading, sentence, small) for heading, sentence, small in written if sentence]


def _sentences(parts: Sequence[Sentence]) -> Sentence:
    """Put sentences one after the other, each with its full stop."""
    return tuple(piece for place, part in enumerate(parts) for piece in ((" ",) if place else ()) + (*part, "."))


# What happens ---------------------------------------------------------------------------------------------------------


def answer_data(compared: ComparedRuns) -> dict[str, Any]:
    """Give answer and gains of all other runs as plain values, for programs.

    Returns
    -------
    dict
        reference (name), notes, and scenarios: for each other run its name, title, answer (paragraphs by question), and
        its rows of the tables gains (whose column names hold the units), differences and changed (values).
    """
    tables = {"gains": compared.gains, "differences": compared.differences, "changed_values": compared.changed}
    scenarios = [
        {
            "name": name,
            "title": run.scenario.title,
            "answer": {paragraph.heading: paragraph.text for paragraph in answer_of(compared, name)},
            **{
                kept: table[table["scenario"] == name].drop(columns="scenario").to_dict("records")
                for kept, table in tables.items()
            },
        }
        for name, run in compared.by_label.items()
    ]
    return {"reference": compared.reference.name, "notes": list(compared.notes), "scenarios": scenarios}


def _happens(tables: AnswerTables, other: str) -> Sentence:
    return _sentences(
        [*_moved(tables.moves, other), *_come(tables.entries, other), *_signed(tables.differences, other)]
    )


def _why_they_moved(command: str) -> Sentence:
    return (f"Why each moved or waited: “{command}”.",) if command else ()


def _moved(moves: Kept, other: str) -> Iterator[Sentence]:
    """Say in how many draws anybody moves, who most often, and when first."""
    if not moves.rows(scenario=other, vendor=EVERYBODY):
        yield ("Who moves otherwise cannot be told, since the runs do not share their luck",)
    for row in moves.rows(scenario=other, vendor=EVERYBODY):
        share, draws = moves.value(row, "share"), moves.cell(row, "draws", count)
        if not share:
            yield "Nobody moves: in none of ", draws, " does a vendor come or sell otherwise than in the reference"
            return
        vendors = [held for held in moves.rows(scenario=other) if moves.value(held, "vendor") != EVERYBODY]
        start = "In most draws nobody moves; in " if share < MOST_DRAWS else "In "
        who: Sentence = (moves.cell(vendors[0], "title"), " (", moves.cell(vendors[0], "share", share_in_words), ")")
        yield (
            start, moves.cell(row, "share", share_in_words), " of ", draws, " a vendor comes or sells otherwise, ",
            "mostly ", *who, "; first in ", *_years(moves, row),
        )  # fmt: skip


def _years(moves: Kept, row: int) -> Sentence:
    """Give the year of the first move in the median draw and, unless it is the same, in most draws."""
    first, low, high = ((moves.cell(row, column, "{:%Y}".format),) for column in ("first", "p5", "p95"))
    is_one = moves.value(row, "p5").year == moves.value(row, "p95").year
    return first if is_one else (*first, " (median; 90 %: ", *low, " to ", *high, ")")


def _come(entries: Kept, other: str) -> Iterator[Sentence]:
    for row in entries.rows(scenario=other, vendor=ANYBODY):
        yield from _instead("Own data centre: ", entries, row, "share", "share_reference")


def _signed(differences: Kept, other: str) -> Iterator[Sentence]:
    for row in differences.rows(scenario=other, kpi=DEAL):
        yield from _instead("Deal signed: ", differences, row, "other_mean", "reference_mean")


def _instead(what: str, kept: Kept, row: int, after: str, before: str) -> Iterator[Sentence]:
    """Write a share of draws beside that in the reference, unless it reads the same."""
    now, then = (kept.cell(row, column, share_in_words) for column in (after, before))
    if now.text != then.text:
        yield what, now, " (reference ", then, ")"


# Who gains, and when --------------------------------------------------------------------------------------------------


def _gains(who: _Parties) -> Sentence:
    gains, told = who.gains, who.told
    if not who.wholes and who.leading is None:
        return ("Nobody: what each party has is the same in every draw.",)
    parts: list[Sentence] = []
    words = ("Gain", 1), ("Lose", -1)
    for word, sign in words if not told or gains.value(told[0], "gain_bn") > 0.0 else words[::-1]:
        mine = [row for row in told if sign * gains.value(row, "gain_bn") > 0.0]
        named: list[Sentence] = [
            (gains.cell(row, "party"), " USD ", gains.cell(row, "yearly_bn", amount_in_words),
             *_beside(gains, row, in_full=row == told[0]))
            for row in mine
        ]  # fmt: skip
        parts += [(f"{word}: ", *joined(named, ", "))] if named else []
    return _sentences(parts) if parts else ("Of no party can gain or loss be told from zero.",)


def _beside(gains: Kept, row: int, in_full: bool) -> Sentence:
    """Say what a gain is in percent of what the party has, and in full also when, as a sum and as a present value."""
    known = not pd.isna(gains.value(row, "share_of_reference"))
    parts: list[Sentence] = [(gains.cell(row, "share_of_reference", percent_in_words),)] if known else []
    if not in_full:
        return (" (", *parts[0], ")") if parts else ()
    parts = [(*part, " of ", gains.cell(row, "what")) for part in parts]
    total = "USD ", gains.cell(row, "gain_bn", amount_in_words), " to ", gains.cell(row, "until")
    parts.append((*total, *_present(gains, row)))
    return " a year from ", gains.cell(row, "since"), " (", *joined(parts), ")"


def _present(gains: Kept, row: int) -> Sentence:
    value = gains.value(row, "present_value_bn")
    if pd.isna(value):
        return ()
    if not gains.value(row, "present_value_told"):
        return (", present value not told from zero",)
    if value * gains.value(row, "gain_bn") > 0.0:
        return ", present value USD ", gains.cell(row, "present_value_bn", amount_in_words)
    return ", present value: ", *_change(gains, row, "present_value_bn")


def _change(kept: Kept, row: int, column: str, sign: int = 1) -> tuple[str, Cell]:
    """Write an amount as `gain of USD 145 million`; the sign of a party turns what the figure says."""
    direction = "gain" if sign * kept.value(row, column) > 0.0 else "loss"
    return f"{direction} of USD ", kept.cell(row, column, amount_in_words)


def _when(tables: AnswerTables, other: str, leading: int | None, reference: Scenario) -> Sentence:
    said: dict[int, list[Sentence]] = {}
    for who, part in (*_ahead(tables.paybacks, tables.gains, other), *_by_then(tables, other, leading, reference)):
        said.setdefault(who, []).append(part)
    parts = [(tables.gains.cell(who, "party", capitalised), ": ", *joined(held)) for who, held in said.items()]
    return _sentences(parts)


def _ahead(paybacks: Kept, gains: Kept, other: str) -> Iterator[tuple[int, Sentence]]:
    """Say after their row when the visitor's vendors are ahead for good, if they are among those who gain or lose most.

    Their payback is the first of the run.
    """
    for row in paybacks.rows(scenario=other)[:1]:
        kpi = f"{paybacks.value(row, 'figure').removesuffix('_bn')}_cum_bn"
        for party in gains.rows(scenario=other, kpi=kpi):
            if not 1 <= gains.value(party, "rank") <= MOST_RANKED:
                continue
            start = "ahead for good by ", gains.cell(party, "until"), " in "
            if not paybacks.value(row, "share_paid_back"):
                yield party, (*start, "no draw")
                continue
            share = paybacks.cell(row, "share_paid_back", share_in_words)
            yield (
                party,
                (*start, share, " of draws (median: ", paybacks.cell(row, "p50", "{:.0f}".format), ")"),
            )


def _by_then(
    tables: AnswerTables, other: str, leading: int | None, reference: Scenario
) -> Iterator[tuple[int, Sentence]]:
    """Say after its row how much the largest gain or loss is to the end of the last years that the scenario names."""
    gains, differences = tables.gains, tables.differences
    if leading is None or not gains.value(leading, "rank"):
        return
    stem, sign = gains.value(leading, "kpi").removesuffix("_cum_bn"), gains.value(leading, "sign")
    parts: list[Sentence] = []
    said = ""
    for year in horizons(reference, gains.value(leading, "since"))[-MOST_YEARS:]:
        for row in differences.rows(scenario=other, kpi=f"{stem}_to{year}_bn"):
            by = differences.cell(row, "basis", lambda basis: str(basis).removeprefix("to"))
            if not differences.value(row, "distinguishable"):
                parts.append(("to " if said == UNTOLD else f"{UNTOLD} to ", by))
                said = UNTOLD
                continue
            direction, amount = _change(differences, row, "mean", sign)
            parts.append((direction if direction != said else "USD ", amount, " to ", by))
            said = direction
    if parts:
        yield leading, joined(parts, ", ")


# How sure -------------------------------------------------------------------------------------------------------------


def _sure(who: _Parties) -> Sentence:
    gains, untold = who.gains, who.untold
    chances: list[Sentence] = [
        (gains.cell(row, "party"), " ", gains.cell(row, "share_gaining", share_in_words), *_though(gains, row))
        for row in who.told
    ]
    parts: list[Sentence] = [("Draws with a gain: ", *joined(chances, ", "))] if chances else []
    if untold:
        names: list[Sentence] = [(gains.cell(row, "party"),) for row in untold[:MOST_UNTOLD]]
        more = " and others" if len(untold) > MOST_UNTOLD else ""
        draws = gains.cell(untold[0], "draws", count)
        parts.append((draws, " cannot tell from zero: ", *joined(names, ", "), more, *_needed(gains, untold)))
    return _sentences(parts) if parts else ("No party has more or less in any draw.",)


def _though(gains: Kept, row: int) -> Sentence:
    """Warn where the mean has one sign and most draws that differ have the other, or most do not differ."""
    gaining, losing = (gains.value(row, f"share_{what}") for what in ("gaining", "losing"))
    if gains.value(row, "share_differing") < MOST_DRAWS:
        return (" (most draws: no change)",)
    if (gaining - losing) * gains.value(row, "gain_bn") < 0.0:
        return (" (though a gain on average)",) if gaining < losing else (" (though a loss on average)",)
    return ()


def _needed(gains: Kept, untold: Sequence[int]) -> Sentence:
    row = max(untold, key=lambda held: gains.value(held, "draws_needed"))
    if not gains.value(row, "draws_needed") <= MOST_WORTH_NAMING:
        return ()
    return " (about ", gains.cell(row, "draws_needed", roughly), " would)"


# What decides, and what not to trust ----------------------------------------------------------------------------------


def _decides(tables: AnswerTables, other: str, leading: int | None, advice: str) -> tuple[Sentence, Sentence]:
    """Name the uncertain number with which the largest change goes most, and its path in small print."""
    gains, drivers = tables.gains, tables.decided
    if leading is None:
        return ("Nothing differs, so there is nothing to decide.",), ()
    who = gains.cell(leading, "party")
    known = drivers.rows(scenario=other, kpi=gains.value(leading, "kpi"))
    told = [row for row in known if drivers.value(row, "distinguishable")]
    if not told:
        draws = gains.cell(leading, "draws", count)
        return (draws, " cannot tell for ", who, f"; {advice}."), ()
    first = told[0]
    more = drivers.value(first, "correlation") * gains.value(leading, "sign") > 0.0
    sentence = (
        "Most of all: ",
        drivers.cell(first, "title"),
        f"; the higher, the {'better' if more else 'worse'} for ",
        who,
        ".",
    )
    correlation = drivers.cell(first, "correlation", "{:+.2f}".format)
    return sentence, (_PATH_WORDS, drivers.cell(first, "input"), ", rank correlation ", correlation, ".")


def _trust(gains: Kept, leading: int | None, reference: Scenario) -> Sentence:
    if lacking := not_checked(reference):
        return (
            f"All of it: the checks are of {CHECKED}, whose world this is not (no {lacking[0]}); docs/validation.md.",
        )
    checks = kept_checks()
    block = CLOUD if leading is None else gains.value(leading, "block") or CLOUD
    frame = checks.frame[checks.frame["with_range"] > 0]
    mine = frame[frame["block"] == block]
    worst = min(mine.index, key=lambda row: checks.value(row, "inside") / checks.value(row, "with_range"))
    name = checks.cell(worst, "check", uncapitalised)
    held = checks.cell(worst, "inside", lambda inside: str(inside) if inside else "none")
    known = checks.cell(worst, "with_range", lambda figures: f"{figures} published figures")
    seen, given = (_span(checks, worst, whose) for whose in ("data", "model"))
    where: Sentence = (*(" (", *seen, ")"),) if seen else ()
    reach: Sentence = ("; it says ", *given) if given else ()
    return (
        *("In the worst check, of ", known, " on ", name, *where, ", the model's range holds ", held, *reach),
        " (docs/validation.md).",
    )


def _span(checks: Kept, row: int, whose: str) -> Sentence:
    """What a check's figures reach from and to, the publications' or the model's; nothing where units differ."""
    unit = str(checks.value(row, "unit"))
    if not unit.startswith(("share of one", "bn USD")):
        return ()
    size, before = (percent_in_words, "") if unit.startswith("share of one") else (amount_in_words, "USD ")
    least, most = (
        checks.cell(row, f"{whose}_{end}", lambda value: f"{MINUS if value < 0.0 else ''}{size(value)}")
        for end in ("least", "most")
    )
    return before, least, f" to {before}", most, unit.removeprefix("share of one").removeprefix("bn USD")
