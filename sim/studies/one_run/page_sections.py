"""What pages of runs, comparisons and deals share: columns of figures and drivers, and the sections at their end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.captions import SHOWN_OF_HASH
from sim.report.kept_table import MISSING, Cell, Column, Kept, Row, Sentence, Table, number
from sim.report.kpi_names import BASES, UNITS, basis_in_words
from sim.report.page_layout import Section
from sim.report.statistics import whole_percent
from sim.runs.manifest import MANIFEST
from sim.scenario.describing import nearest_source, text_of, values_of
from sim.scenario.layers import combined, read_ancestry
from sim.scenario.library import find
from sim.scenario.source_tree import dotted
from sim.studies.one_run.main_kpis import labelling
from sim.values import Number

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

MOST_DRIVERS = 5
"""Uncertain numbers that a table names for each figure."""
DRIVER_COLUMNS = (
    Column("uncertain number", "title"), number("rank correlation", "correlation", "{:+.2f}".format),
    Column("verdict", "verdict"), number("all together explain", "explained_by_all", whole_percent),
    Column("source", "source"), Column("value of the scenario", "input"),
)  # fmt: skip

CHECKED = "base_2018"
"""Scenario whose world was set beside published figures."""
FIGURES, FORECASTS = "validation.csv", "forecasts.csv"
"""Figures of the model beside published ones, and scores of its forecasts; `make validation` makes both."""
_TRUST_WORDS = (
    "Before it says anything of the future, the model should know the past. The first table scores what it would have "
    "forecast from what was known at the end of 2018, 2019 and 2020: how many of the figures published later lie in "
    "its intervals of 90 and of 50 %, and its error (CRPS) as a part of that of two naive forecasts, the last figure "
    "and the straight line through the last two years; below one the model is better. The second counts how often a "
    "published figure lies in the range of the model's draws. In-sample figures were put in or fitted to: they show "
    "that the model does what it was told, not that it is right. Nobody has yet seen a country open its cloud market "
    "as the scenarios do, so what opening brings cannot be checked; docs/validation.md says what else could not."
)
_SETTINGS = {
    "scenario": "scenario",
    "draws": "draws",
    "seed": "seed",
    "content_hash": "content hash of the results",
    "scenario_hash": "hash of the scenario",
    "started": "started",
    "seconds": "seconds of computing",
    "git_commit": "git commit",
    "versions.cloudtrade": "cloudtrade",
    "versions.numpy": "NumPy",
    "versions.python": "Python",
}
"""What a page repeats of the manifest of a run, by dotted path."""


# Figures and drivers --------------------------------------------------------------------------------------------------


def kpi_column(scenario: Scenario) -> Column:
    """Give a column of KPIs in words; sums over the run, which most are, do not say so."""
    label = labelling(scenario)

    def words(kpi: str) -> str:
        basis = basis_in_words(kpi)
        return label(kpi).removesuffix(f", {basis}" if basis == BASES["cum"] else "")

    return Column("figure", "kpi", words)


def kpi_columns(scenario: Scenario) -> list[Column]:
    """Give the columns that name a KPI and its unit."""
    return [kpi_column(scenario), Column("unit", "unit", lambda unit: UNITS[unit].axis)]


def driver_table(drivers: Kept, kpis: Iterable[str], scenario: Scenario, other: str | None = None) -> Table:
    """Lay out which uncertain numbers go most with the figures asked about first, or with the differences of a run."""
    wanted = {} if other is None else {"scenario": other}
    rows = [row for kpi in kpis for row in drivers.rows(kpi=kpi, **wanted)[:MOST_DRIVERS]]
    what = "the difference" if other else "the figure"
    note = f"Correlation of ranks between {what} and what was drawn, over draws. Numbers: {drivers.file}."
    columns = [kpi_column(scenario), *DRIVER_COLUMNS]
    return drivers.table(f"What decides{f' {other}' if other else ''}", columns, rows, note)


# Sections at the end of each page -------------------------------------------------------------------------------------


def closing_sections(
    scenario: Scenario, manifest: Mapping[str, Any], runs: Mapping[str, str]
) -> tuple[list[Section], list[Kept]]:
    """Say how far to trust the model, what was assumed and what made the results, with the tables in which that stands.

    Parameters
    ----------
    scenario
        Whose numbers are listed.
    manifest
        What the folder says of its runs.
    runs
        Heading of each run, and the path that leads to it in the manifest.
    """
    trust, figures = trust_section(scenario)
    assumptions = Kept("assumptions", assumptions_of(scenario))
    return [trust, _assumption_section(scenario, assumptions), _manifest_section(manifest, runs)], [
        assumptions,
        *figures,
    ]


def trust_section(scenario: Scenario) -> tuple[Section, list[Kept]]:
    """Lay out what is known of the model's trustworthiness, and the tables in which it stands.

    The checks are of the library's world: of another one they say nothing, and are left out.
    """
    title = "How far to trust it"
    if lacking := not_checked(scenario):
        words = (
            f"The checks against published figures, and the forecasts of the past, are of {CHECKED} and say nothing "
            f"about this scenario, whose world has no {', '.join(lacking)}. docs/validation.md has them."
        )
        return Section("trust", title, [(words,)]), []
    return _checks_section(title)


@cache
def _checks_section(title: str) -> tuple[Section, list[Kept]]:
    """Lay out the checks of the library's world, which are the same on each page."""
    figures = Kept("validation", validation_figures())
    checks, forecasts = kept_checks(), Kept("forecasts", forecast_scores())
    forecast_columns = [
        Column("series", "group"), Column("known until", "cutoff"), number("figures forecast", "n"),
        number("inside 90 %", "coverage_90", whole_percent), number("inside 50 %", "coverage_50", whole_percent),
        number("error against no change", "ratio_no_change", "{:.2f}".format),
        number("error against the trend", "ratio_trend", "{:.2f}".format),
    ]  # fmt: skip
    check_columns = [
        Column("check", "check"), Column("in-sample", "in_sample"), number("published figures", "figures"),
        number("where the model has a range", "with_range"), number("of these inside it", "inside"),
    ]  # fmt: skip
    figure_columns = [
        Column("what", "what"), Column("unit", "unit"),
        *(number(title, name, "{:,.4g}".format)
          for title, name in (("model, mean", "model"), ("5 %", "low"), ("95 %", "high"), ("published", "data"))),
        Column("published figure", "inside"), Column("source", "source"),
    ]  # fmt: skip
    every = f"All {len(figures.frame)} figures"
    tables = [
        forecasts.table("Forecasts of the past, scored", forecast_columns, note=f"Numbers: {forecasts.file}."),
        checks.table("The model beside published figures", check_columns, note=f"Numbers: {checks.file}."),
        figures.table(every, figure_columns, note=f"Numbers: {figures.file}.", folded=every),
    ]
    return Section("trust", title, [(_TRUST_WORDS,)], tables=tables), [figures, checks, forecasts]


def not_checked(scenario: Scenario) -> list[str]:
    """Countries, markets and vendors of the checked world that a scenario has not."""
    checked = combined(read_ancestry(find(CHECKED)))
    parts: dict[str, Collection[str]] = {
        "countries": scenario.countries, "markets": scenario.markets, "vendors": scenario.vendors
    }  # fmt: skip
    names = ((str(name), theirs) for part, theirs in parts.items() for name in checked.entries[part].entries)
    return list(dict.fromkeys(name for name, theirs in names if name not in theirs))


@cache
def kept_checks() -> Kept:
    """Give the counts of checks as pages keep them."""
    return Kept("validation_checks", checks_of(validation_figures()))


@cache
def validation_figures() -> pd.DataFrame:
    """Give all figures: check, block, in_sample, what, unit, model, low, high, data, inside, why, source.

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
    """Count by check, and say how far figures reach: check, block, in_sample, figures, with_range, inside, unit, ...

    `unit` is that of all figures which the model gives a range for, or empty; `model_least` to `model_most` and
    `data_least` to `data_most` are then what it and the publications have.
    """
    ranged = figures["inside"] != "certain"
    model, data = (figures[name].where(ranged) for name in ("model", "data"))
    counted = figures.assign(
        with_range=ranged,
        is_inside=figures["inside"] == "inside",
        unit=figures["unit"].where(ranged),
        model=model,
        data=data,
    )
    found = counted.groupby(["check", "block", "in_sample"], sort=False, as_index=False).agg(
        figures=("what", "size"), with_range=("with_range", "sum"), inside=("is_inside", "sum"),
        units=("unit", "nunique"), unit=("unit", "first"), model_least=("model", "min"), model_most=("model", "max"),
        data_least=("data", "min"), data_most=("data", "max"),
    )  # fmt: skip
    alike = found.pop("units") == 1
    found["unit"] = found["unit"].where(alike, "")
    for name in ("model_least", "model_most", "data_least", "data_most"):
        found[name] = found[name].where(alike)
    return found


def assumptions_of(scenario: Scenario) -> pd.DataFrame:
    """List every number and date of a scenario: path, value (with its unit), certain, source."""
    rows = [
        (dotted(path), text_of(value), "no, drawn" if isinstance(value, Number) and value.is_uncertain else "yes",
         nearest_source(scenario, path))
        for path, value, _ in values_of(scenario)
        if isinstance(value, Number | int | float | dt.date) and not isinstance(value, bool)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["path", "value", "certain", "source"], dtype="str")


def _assumption_section(scenario: Scenario, assumptions: Kept) -> Section:
    words = (
        f"Every number of {scenario.name}, its unit, and where it comes from. What nobody has published is an "
        "assumption and says so; numbers with a distribution are drawn anew in each draw, and the ranges above hold "
        "what follows from that. `cloudtrade show` gives file and line of each."
    )
    titles = {"value of the scenario": "path", "is": "value", "in all draws the same": "certain", "source": "source"}
    columns = [Column(title, name) for title, name in titles.items()]
    every = f"All {len(assumptions.frame):,} values"
    table = assumptions.table(every, columns, note=f"From: {assumptions.file}.", folded=every)
    return Section("assumptions", "Assumptions", [(words,)], tables=[table])


def _manifest_section(manifest: Mapping[str, Any], runs: Mapping[str, str]) -> Section:
    """Lay out what a manifest says of its runs, a column each."""
    rows: list[Row] = [
        [words, *(from_manifest(manifest, f"{path}{setting}") for path in runs.values())]
        for setting, words in _SETTINGS.items()
    ]
    words: Sentence = ("The same scenario, seed and draw number give the same bits on this kind of machine.",)
    table = Table("Settings", [Column("setting"), *map(Column, runs)], rows, f"From: {MANIFEST}.")
    return Section("manifest", "What made it", [words], tables=[table])


def origin_of(manifest: Mapping[str, Any], path: str = "") -> Sentence:
    """Say what made a run: scenario, draws, seed, day and content hash if any; `path` leads to it in the manifest."""
    day = from_manifest(manifest, f"{path}as_of")
    known = from_manifest(manifest, f"{path}content_hash", lambda held: str(held)[:SHOWN_OF_HASH])
    return (
        from_manifest(manifest, f"{path}scenario"), *((" as of what was known on ", day) if day.value else ()), ", ",
        from_manifest(manifest, f"{path}draws", lambda draws: f"{draws:,}"), " draws, seed ",
        from_manifest(manifest, f"{path}seed"), *((", content hash ", known) if known.value else ()),
    )  # fmt: skip


def from_manifest(manifest: Mapping[str, Any], path: str, write: Callable[[Any], str] = str) -> Cell:
    """Show what a manifest says at a dotted path; a dash where it says nothing."""
    value: Any = manifest
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value.get(step)
        if value is None:
            return Cell(MISSING, MANIFEST, None, path, "")
    return Cell(write(value), MANIFEST, None, path, str(value))
