"""Who gains and loses as tables: each party of one run, several runs beside each other, and what each party prefers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.report.kept_table import MISSING, Column, Kept, Piece, Row, Sentence, Table, in_plain_words, joined, number
from sim.report.kpi_names import amount_in_words, percent_in_words
from sim.report.statistics import share_in_words
from sim.studies.compare.gains import last_year

if TYPE_CHECKING:
    from sim.studies.compare.compared_runs import ComparedRuns

NOT_TOLD = "~"
"""What stands before an amount that cannot be told from zero."""
SAME = "0"
"""What stands where no draw differs."""
HOW_TO_READ = (
    "Gain or loss in USD million a year, on average of the years in which any run can differ, in brackets the share of "
    f"draws with a gain; {NOT_TOLD} cannot be told from zero."
)
"""What the cells of the matrix mean."""
_MILLION, _ROUNDS_TO_ONE = 1e3, 0.5
MOST_IN_MATRIX = 2
"""Parties of each run that the matrix names, those first that gain or lose most, beside the countries."""


def tables_of_several(compared: ComparedRuns) -> list[Table]:
    """Lay out runs beside each other, and what each party prefers; nothing of a single run."""
    if len(compared.labels) == 1:
        return []
    return [matrix(compared.gains, compared.labels, compared.reference.name), preferences(compared)]


def gain_table(compared: ComparedRuns, other: str) -> Table:
    """Lay out the gain or loss of each party of one run: the largest first, what cannot be told, then countries."""
    gains = Kept("gains", compared.gains)
    rows = [row for row in gains.rows(scenario=other) if gains.value(row, "share_differing")]
    shown = sorted(rows, key=lambda row: (gains.value(row, "whole"), not gains.value(row, "told"), _size(gains, row)))
    columns = [
        Column("who"), number("USD a year"), number("of what they have"),
        number(f"USD to {last_year(compared.reference.scenario)}"), number("present value, USD"),
        number("draws with a gain"),
    ]  # fmt: skip
    average = f" A year is the average of {years_in_words(gains.frame)}." if rows else ""
    note = (
        f"{NOT_TOLD}: cannot be told from zero at so many draws.{average} Who is not named has the same in every draw. "
        f"Numbers: {gains.file}."
    )
    lines = [list(_cells(gains, row)) for row in shown]
    return Table(f"Who gains: {other} against {compared.reference.name}", columns, lines, note)


def years_in_words(gains: pd.DataFrame) -> str:
    """Say of which years a year is the average: those in which some run can differ from the reference."""
    return f"{gains['since'].min()} to {gains['until'].max()}"


def _size(gains: Kept, row: int) -> float:
    return -abs(float(gains.value(row, "gain_bn")))


def _cells(gains: Kept, row: int) -> Iterator[Piece]:
    told = gains.value(row, "told"), gains.value(row, "present_value_told")
    yield gains.cell(row, "party")
    yield gains.cell(row, "yearly_bn", _signed(amount_in_words, told[0]))
    yield gains.cell(row, "share_of_reference", _signed(percent_in_words, told[0]))
    yield gains.cell(row, "gain_bn", _signed(amount_in_words, told[0]))
    yield gains.cell(row, "present_value_bn", _signed(amount_in_words, told[1]))
    yield gains.cell(row, "share_gaining", share_in_words)


def _signed(write: Callable[[float], str], told: bool) -> Callable[[float], str]:
    def written(value: float) -> str:
        if not value:
            return SAME
        sign = ("+" if value > 0.0 else "-") if write(value)[0].isdigit() else ""
        return f"{'' if told else f'{NOT_TOLD} '}{sign}{write(value)}"

    return written


# Several runs ---------------------------------------------------------------------------------------------------------


def matrix(gained: pd.DataFrame, names: Iterable[str], reference: str) -> Table:
    """Lay out runs down and parties across: gain or loss a year, and the share of draws with a gain.

    Parameters
    ----------
    gained
        Row per run and party, as `sim.studies.compare.gains.gains` gives them.
    names
        The runs, as `gained` calls them, in the order in which they are shown.
    reference
        What all are set against.
    """
    gains = Kept("gains", gained)
    columns = [Column("scenario"), *(number(party, wraps=True) for party in _parties(gained))]

    def cell(name: str, party: str) -> Piece:
        found = gains.rows(scenario=name, party=party)
        if not found:
            return MISSING
        (row,) = found
        if not gains.value(row, "share_differing"):
            return gains.cell(row, "yearly_bn", lambda _: SAME)
        share = in_plain_words(gains.cell(row, "share_gaining", share_in_words))
        amount = _signed(_in_millions, gains.value(row, "told"))
        return gains.cell(row, "yearly_bn", lambda value: f"{amount(value)} ({share})")

    rows = [[name, *(cell(name, column.title) for column in columns[1:])] for name in names]
    return Table(f"All against {reference}, USD million a year", columns, rows, f"{HOW_TO_READ} Numbers: {gains.file}.")


def _in_millions(bn: float) -> str:
    millions = abs(bn) * _MILLION
    return f"{millions:,.0f}" if millions >= _ROUNDS_TO_ONE else "under 1"


def _parties(gains: pd.DataFrame) -> list[str]:
    """Name the parties that are among the first in any run, and the countries, as far as anything differs."""
    named = gains[(gains["rank"].between(1, MOST_IN_MATRIX) | gains["whole"]) & (gains["share_differing"] > 0.0)]
    return [str(party) for party in gains["party"].unique() if party in set(named["party"])]


def preferences(compared: ComparedRuns) -> Table:
    """Order the runs for each party: those with a gain, the same or not told from it, those with a loss."""
    gains = Kept("gains", compared.gains)
    columns = [
        Column("party"),
        Column("gains by (most first)"),
        Column("same, or not told"),
        Column("loses by (most last)"),
    ]
    rows: list[Row] = []
    for party in _parties(compared.gains):
        held = sorted(gains.rows(party=party), key=lambda row: -gains.value(row, "gain_bn"))
        told = [row for row in held if gains.value(row, "told")]
        parts = (
            [row for row in told if gains.value(row, "gain_bn") > 0.0],
            [row for row in held if row not in told],
            [row for row in told if gains.value(row, "gain_bn") < 0.0],
        )
        rows.append([party, *(_names(gains, part) for part in parts)])
    note = f"Runs by the mean over draws, against {compared.reference.name}. Numbers: {gains.file}."
    return Table("What each party would choose", columns, rows, note)


def _names(gains: Kept, rows: Sequence[int]) -> str:
    names: list[Sentence] = [(gains.cell(row, "scenario"),) for row in rows]
    return "".join(map(in_plain_words, joined(names, ", "))) or MISSING
