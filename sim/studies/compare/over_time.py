"""Who moves and when, who comes, and in which year a gain has paid back what it cost: a comparison in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.model.channels import reviewed_pairs
from sim.report.kept_table import Column, Kept, Row, Sentence, Table, number
from sim.report.kpi_names import format_share
from sim.report.statistics import HIGH, LOW, MIDDLE
from sim.runs.run_data import SCENARIO
from sim.scenario.describing import title_of
from sim.studies.compare.differences import share_their_luck
from sim.studies.compare.gains import counted_from, horizons, last_year
from sim.studies.one_run.draw_figures import without_rounding
from sim.studies.one_run.main_kpis import label

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario

COMES = "data_centre_first_months"
"""Ending of the figures that say when a foreign vendor first has a data centre of its own."""
ANYBODY = "foreign"
"""What stands for all foreign vendors in such a figure."""
MOVED = ("goes live", "loses", "falls back")
"""Events after which a vendor sells in another way."""
EVERYBODY = ""
"""What stands for all vendors together among moves."""
_MOVES = ("scenario", "vendor", "title", "draws_moving", "share", "first", "p5", "p95", "draws")
_MONTHS = ("first", "p5", "p95")
_ENTRIES = ("scenario", "vendor", "title", "share_reference", "share", "first", "p5", "p95", "draws")
_PAYBACKS = ("scenario", "figure", "share_differing", "share_paid_back", "p5", "p50", "p95", "draws")


def moves(reference: RunData, others: Mapping[str, RunData]) -> pd.DataFrame:
    """Say in how many draws vendors come or change how they sell otherwise than in the reference, and when first.

    Draws are paired; a run that does not share the reference's luck has no rows.

    Returns
    -------
    DataFrame
        One row per other run for all vendors together (vendor is empty) and for each vendor that moves, the one that
        moves in most draws first: scenario, vendor, title, draws_moving (draws with a move that only one of the runs
        has in that month), share (of draws), first (month of the first such move, median of those draws), p5, p95 (of
        that month), draws.
    """
    rows = [row for label, run in others.items() for row in _moves(reference, run, label)]
    table = pd.DataFrame(rows, columns=list(_MOVES))
    return table.assign(**{month: pd.to_datetime(table[month]).astype("datetime64[ns]") for month in _MONTHS})


def _moves(reference: RunData, other: RunData, label: str) -> Iterator[tuple[Any, ...]]:
    if not share_their_luck(reference, other):
        return
    common = np.intersect1d(reference.kpis["draw"], other.kpis["draw"])
    sides = [_moved(run.events, common) for run in (reference, other)]
    lone = pd.concat(sides).drop_duplicates(keep=False)
    first = lone.groupby(["actor", "draw"])["date"].min()
    held = {EVERYBODY: first.groupby("draw").min()} | {who: first[who] for who in first.index.unique("actor")}
    for vendor, dates in sorted(held.items(), key=lambda pair: (pair[0] != EVERYBODY, -len(pair[1]), pair[0])):
        title = title_of(other.scenario, "vendors", vendor) if vendor else "any vendor"
        months = [dates.quantile(at, interpolation="lower") if len(dates) else None for at in (MIDDLE, LOW, HIGH)]
        yield label, vendor, title, len(dates), len(dates) / len(common), *months, len(common)


def _moved(events: pd.DataFrame, draws: Any) -> pd.DataFrame:
    """Moves in some draws: draw, actor, event, detail, date."""
    names = events[["draw", "actor", "event", "detail", "date"]].astype(
        dict.fromkeys(("actor", "event", "detail"), "str")
    )
    return names[names["event"].isin(MOVED) & names["draw"].isin(draws)].drop_duplicates()


def entries(reference: RunData, others: Mapping[str, RunData]) -> pd.DataFrame:
    """Say in what share of draws each foreign vendor comes, and when.

    Returns
    -------
    DataFrame
        One row per other run and vendor, anybody first: scenario, vendor, title, share_reference (of draws in which it
        opens a data centre of its own in the reference), share (the same in the other run), first (quarter in which it
        does, median of those draws), p5, p95 (of that quarter), draws.
    """
    rows = [row for label, run in others.items() for row in _entries(reference, run, label)]
    return pd.DataFrame(rows, columns=list(_ENTRIES))


def _entries(reference: RunData, other: RunData, label: str) -> Iterator[tuple[Any, ...]]:
    for kpi in map(str, other.kpis):
        if not kpi.endswith(f"_{COMES}"):
            continue
        vendor, months = kpi.removesuffix(f"_{COMES}"), other.kpis[kpi]
        before = reference.kpis[kpi].notna().mean() if kpi in reference.kpis else np.nan
        if not (months.notna().any() or before):
            continue
        title = "anybody" if vendor == ANYBODY else title_of(other.scenario, "vendors", vendor)
        dates = (_quarter(other.scenario, float(months.quantile(share))) for share in (MIDDLE, LOW, HIGH))
        yield label, vendor, title, before, months.notna().mean(), *dates, len(months)


def _quarter(scenario: Scenario, months: float) -> dt.date | None:
    """First day of the quarter in which a number of months from the start lies; none for none."""
    return None if np.isnan(months) else scenario.calendar.date_of(int(months) - int(months) % 3)


def paybacks(reference: RunData, others: Mapping[str, RunData]) -> pd.DataFrame:
    """Say in which year the sum of a difference turns positive for good, and in what share of draws it does.

    Draws are paired; a run that does not share the reference's luck has no rows.

    Returns
    -------
    DataFrame
        One row per other run and profit of the visitor's vendors in the table `years`, all together first: scenario,
        figure, share_differing (of draws), share_paid_back (of draws: the sum is above zero from a year on to the end
        of the run), p5, p50, p95 (of that year, among those draws), draws.
    """
    rows = [row for label, run in others.items() for row in _paybacks(reference, run, label)]
    return pd.DataFrame(rows, columns=list(_PAYBACKS))


def _paybacks(reference: RunData, other: RunData, label: str) -> Iterator[tuple[Any, ...]]:
    if not share_their_luck(reference, other):
        return
    before, after = (run.years.set_index(["draw", "year"]) for run in (reference, other))
    focus, vendors = other.scenario.focus, other.scenario.vendors
    own = (f"{focus.visitor}_vendors", *(name for name in vendors if vendors[name].home == focus.visitor))
    for figure in (f"{who}_profit_in_{focus.market}_bn" for who in own):
        if figure in before and figure in after:
            pair = pd.concat([before[figure], after[figure]], axis=1, keys=["before", "after"]).dropna()
            values = without_rounding(pair["before"].to_numpy(), pair["after"].to_numpy())
            differences = pd.Series(values, index=pair.index).unstack("year")
            year = payback_years(differences)
            differing = (differences != 0.0).any(axis=1)
            quantiles = year.quantile([LOW, MIDDLE, HIGH]) if year.notna().any() else [np.nan] * 3
            yield label, figure, differing.mean(), year.notna().mean(), *quantiles, len(differences)


def payback_years(differences: pd.DataFrame) -> pd.Series[float]:
    """Year from which on the sum of what differs is above zero until the end; missing where it is not.

    Parameters
    ----------
    differences
        A row per draw, a column per year.
    """
    above = differences.cumsum(axis=1).to_numpy() > 0.0
    for_good = np.logical_and.accumulate(above[:, ::-1], axis=1)[:, ::-1]
    years = np.asarray(differences.columns, dtype=np.float64)
    found = np.where(for_good.any(axis=1), years[for_good.argmax(axis=1)], np.nan)
    return pd.Series(found, index=differences.index)


# Tables ---------------------------------------------------------------------------------------------------------------


def move_table(found: Kept) -> Table:
    """Lay out in what share of draws each vendor moves otherwise than in the reference, and when first."""
    month = "{:%B %Y}".format
    columns = [
        Column("run", "scenario"), Column("comes or sells otherwise", "title"),
        number("share of draws", "share", format_share), number("first in (median)", "first", month),
        number("5 %", "p5", month), number("95 %", "p95", month),
    ]  # fmt: skip
    note = f"Months of the draws in which it moves otherwise. From: {found.file}."
    rows = [row for row in range(len(found.frame)) if found.value(row, "draws_moving")]
    return found.table("Who moves otherwise than in the reference", columns, rows, note)


def command_for_decisions(run: RunData) -> str:
    """Give the command that says why vendors moved or waited; nothing where none reviews how it sells.

    It plays the draws again, since a run does not keep what vendors reckon.
    """
    if not reviewed_pairs(run.scenario):
        return ""
    # a run with values set for it alone is known by no name, but its folder keeps its scenario
    return f"cloudtrade decisions {SCENARIO if run.manifest.get('set') else run.scenario.name}"


def decisions_in_words(run: RunData) -> Sentence:
    """Say which command shows why vendors moved or waited, and what it shows; nothing where none reviews."""
    command = command_for_decisions(run)
    if not command:
        return ()
    words = (
        f"Why a vendor moved or waited is shown by the command “{command}”: for each vendor and review in what share "
        "of draws it applies, its best change falls below the hurdle, nothing is open to it, or it is not willing; and "
        "what that change would have been worth. The command plays the draws again, so this is not part of the page."
    )
    return (words,)


def entry_table(found: Kept) -> Table:
    """Lay out in what share of draws each foreign vendor comes, and when."""
    quarter = "{:%B %Y}".format
    columns = [
        Column("run", "scenario"), Column("opens its own data centre", "title"),
        number("share of draws in the reference", "share_reference", format_share),
        number("share of draws", "share", format_share),
        Column("first in (median)", "first", quarter), Column("5 %", "p5", quarter), Column("95 %", "p95", quarter),
    ]  # fmt: skip
    return found.table("Who comes", columns, None, f"Quarters of the draws in which it comes. From: {found.file}.")


def payback_table(found: Kept, scenario: Scenario) -> Table:
    """Lay out in which year the sum of what profits differ by is above zero for good."""
    year = "{:.0f}".format

    def words(figure: str) -> str:
        return label(f"{figure.removesuffix('_bn')}_cum_bn", scenario).rpartition(", ")[0]

    columns = [
        Column("run", "scenario"), Column("profit", "figure", words),
        number("draws that differ", "share_differing", format_share),
        number("paid back by the end", "share_paid_back", format_share),
        number("in (median)", "p50", year), number("5 %", "p5", year), number("95 %", "p95", year),
    ]  # fmt: skip
    note = f"Shares of all draws; years of the draws that pay back. From: {found.file}."
    return found.table("When gains have paid for what they cost", columns, None, note)


def sums_table(differences: Kept, kpis: Sequence[str], scenario: Scenario, other: str) -> Table:
    """Lay out the differences of a run as sums to the end of each year that the scenario names, and as present value.

    Parameters
    ----------
    differences
        One row per other run and figure, as `Comparison.differences` has them.
    kpis
        Sums over the run.
    other
        Name of the run.
    """
    years = horizons(scenario, counted_from(scenario, differences.frame))
    titles = {f"to{year}": f"to the end of {year}" for year in years}
    titles |= {"cum": f"to the end of {last_year(scenario)}", "pv": "present value"}
    rows: list[Row] = []
    for kpi in kpis:
        stem = kpi.removesuffix("_cum_bn")
        found = (differences.rows(scenario=other, kpi=f"{stem}_{basis}_bn") for basis in titles)
        means = [differences.difference(row[0], "mean", bare=True) if row else "" for row in found]
        rows.append([label(kpi, scenario).rpartition(", ")[0], *means])
    note = f"bn USD, means over draws; present value at the policy rate of the scenario. From: {differences.file}."
    columns = [Column("mean difference"), *map(number, titles.values())]
    return Table(f"By when: {other} against {scenario.name}", columns, rows, note)
