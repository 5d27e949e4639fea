"""How far the model has agreed with published figures, as the package keeps it beside this module."""

from __future__ import annotations

from functools import cache
from importlib import resources

import pandas as pd

from sim.report.page.content import Column, Kept, PageTable, Section
from sim.report.style import MINUS

FIGURES = "validation.csv"
"""Figures of the model beside published ones; `cloudtrade validate --figures` makes the file."""
_WORDS = (
    "Before it says anything of the future, the model should know the past. Below is how often a published figure lies "
    "in the range that holds 90 % of the model's draws. In-sample figures were put in or fitted to: they show that "
    "the model does what it was told, not that it is right. Nobody has yet seen a country open its cloud market as "
    "the scenarios do, so what opening brings cannot be checked; docs/validation.md says what else could not."
)


@cache
def validation_figures() -> pd.DataFrame:
    """Give all figures: check, in_sample, what, unit, model, low, high, data, inside, why, source.

    `inside` says whether the published figure lies in the model's range; `certain` where the model has none.
    """
    with resources.files(__package__).joinpath(FIGURES).open(encoding="utf-8") as stream:
        return pd.read_csv(stream)


def checks_of(figures: pd.DataFrame) -> pd.DataFrame:
    """Count by check: check, in_sample, figures, with_range, inside."""
    counted = figures.assign(with_range=figures["inside"] != "certain", is_inside=figures["inside"] == "inside")
    grouped = counted.groupby(["check", "in_sample"], sort=False, as_index=False)
    return grouped.agg(figures=("what", "size"), with_range=("with_range", "sum"), inside=("is_inside", "sum"))


def trust_section() -> tuple[Section, list[Kept]]:
    """Lay out what is known of the model's trustworthiness, and the tables in which it stands."""
    figures = Kept("validation", validation_figures())
    checks = Kept("validation_checks", checks_of(figures.frame))
    section = Section("trust", "How far to trust it", [(_WORDS,)], tables=[_overview(checks), _details(figures)])
    return section, [figures, checks]


def _overview(checks: Kept) -> PageTable:
    headings = ("published figures", "where the model has a range", "of these inside it")
    columns = [Column("check"), Column("in-sample"), *(Column(words, is_number=True) for words in headings)]
    rows = [
        [checks.cell(row, "check"), checks.cell(row, "in_sample"),
         *(checks.cell(row, column) for column in ("figures", "with_range", "inside"))]
        for row in checks.frame.index
    ]  # fmt: skip
    return PageTable("The model beside published figures", columns, rows, f"Numbers: {checks.file}.")


def _details(figures: Kept) -> PageTable:
    numbers = ("model", "low", "high", "data")
    titles = ("model, mean", "5 %", "95 %", "published")
    columns = [Column("what"), Column("unit"), *(Column(title, is_number=True) for title in titles),
               Column("published figure"), Column("source")]  # fmt: skip
    rows = [
        [figures.cell(row, "what"), figures.cell(row, "unit"),
         *(figures.cell(row, column, _short) for column in numbers), figures.cell(row, "inside"),
         figures.cell(row, "source")]
        for row in figures.frame.index
    ]  # fmt: skip
    title = f"All {len(rows)} figures"
    return PageTable(title, columns, rows, f"Numbers: {figures.file}.", folded=title)


def _short(value: float) -> str:
    return f"{value:,.4g}".replace("-", MINUS)
