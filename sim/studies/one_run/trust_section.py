"""How far the model has agreed with published figures, as the package keeps it beside this module."""

from __future__ import annotations

from functools import cache
from importlib import resources

import pandas as pd

from sim.report.chart_style import MINUS
from sim.report.page_content import Column, Kept, PageTable, Section
from sim.report.statistics import whole_percent

FIGURES, FORECASTS = "validation.csv", "forecasts.csv"
"""Figures of the model beside published ones, and scores of its forecasts; `make validation` makes both."""
_WORDS = (
    "Before it says anything of the future, the model should know the past. The first table scores what it would have "
    "forecast from what was known at the end of 2018, 2019 and 2020: how many of the figures published later lie in "
    "its intervals of 90 and of 50 %, and its error (CRPS) as a part of that of two naive forecasts, the last figure "
    "and the straight line through the last two years; below one the model is better. The second counts how often a "
    "published figure lies in the range of the model's draws. In-sample figures were put in or fitted to: they show "
    "that the model does what it was told, not that it is right. Nobody has yet seen a country open its cloud market "
    "as the scenarios do, so what opening brings cannot be checked; docs/validation.md says what else could not."
)


@cache
def validation_figures() -> pd.DataFrame:
    """Give all figures: check, in_sample, what, unit, model, low, high, data, inside, why, source.

    `inside` says whether the published figure lies in the model's range; `certain` where the model has none.
    """
    with resources.files(__package__).joinpath(FIGURES).open(encoding="utf-8") as stream:
        return pd.read_csv(stream)


@cache
def forecast_scores() -> pd.DataFrame:
    """Give the scorecard of forecasts: group, cutoff, n, coverage_90, coverage_50, ratio_no_change, ratio_trend."""
    with resources.files(__package__).joinpath(FORECASTS).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype={"cutoff": str})


def checks_of(figures: pd.DataFrame) -> pd.DataFrame:
    """Count by check: check, in_sample, figures, with_range, inside."""
    counted = figures.assign(with_range=figures["inside"] != "certain", is_inside=figures["inside"] == "inside")
    grouped = counted.groupby(["check", "in_sample"], sort=False, as_index=False)
    return grouped.agg(figures=("what", "size"), with_range=("with_range", "sum"), inside=("is_inside", "sum"))


def trust_section() -> tuple[Section, list[Kept]]:
    """Lay out what is known of the model's trustworthiness, and the tables in which it stands."""
    figures = Kept("validation", validation_figures())
    checks = Kept("validation_checks", checks_of(figures.frame))
    forecasts = Kept("forecasts", forecast_scores())
    tables = [_forecasts(forecasts), _overview(checks), _details(figures)]
    return Section("trust", "How far to trust it", [(_WORDS,)], tables=tables), [figures, checks, forecasts]


def _forecasts(forecasts: Kept) -> PageTable:
    headings = ("figures forecast", "inside 90 %", "inside 50 %", "error against no change", "error against the trend")
    columns = [Column("series"), Column("known until"), *(Column(words, is_number=True) for words in headings)]
    shares = ("coverage_90", "coverage_50")
    rows = [
        [forecasts.cell(row, "group"), forecasts.cell(row, "cutoff"), forecasts.cell(row, "n"),
         *(forecasts.cell(row, column, whole_percent) for column in shares),
         *(forecasts.cell(row, f"ratio_{rule}", "{:.2f}".format) for rule in ("no_change", "trend"))]
        for row in forecasts.frame.index
    ]  # fmt: skip
    return PageTable("Forecasts of the past, scored", columns, rows, f"Numbers: {forecasts.file}.")


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
