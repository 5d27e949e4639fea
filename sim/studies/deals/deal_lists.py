"""The deal space on the screen and in a notebook: packages worth signing, what a level adds, what is asked, ends."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.captions import count_of_draws, settings_in_words
from sim.report.kept_table import Column, Kept, Row, Table, as_html, number
from sim.report.kpi_names import format_difference, format_share, without_unit
from sim.report.statistics import PERCENT, whole_percent
from sim.scenario.describing import title_of, words_of
from sim.studies.deals.deal_tables import (
    compensation,
    dates,
    effects,
    most_signed,
    outcomes,
    packages,
    signed_first,
)
from sim.studies.one_run.drivers import NOTE, strongest_in_words
from sim.studies.one_run.main_figures import block, head, small

if TYPE_CHECKING:
    from sim.studies.deals.priced_packages import PricedPackages

MOST_PACKAGES = 12
"""Packages on the frontier that the table shows; packages.csv has all."""
NO_DEAL = "no deal"
_TENS = 10.0

Record = Mapping[Hashable, Any]


def package_table(space: PricedPackages) -> Table:
    """Lay out the packages on the frontier, the one signed most often, and no deal."""
    title = f"{space.scenario.title} ({space.scenario.name}, {settings_in_words(len(space.draws), space.seed)})"
    table, often = packages(space).sort_values(f"{space.countries[0]}_gain_mean_bn"), most_signed(space)
    worth_showing = table[table["on_frontier"] | (table["package"] == often)]
    shown = _fewer(worth_showing, often)
    hidden = len(worth_showing) - len(shown)
    note = "Mean gain over no deal (and 5 to 95 % of the draws), bn USD, present value; packages on the Pareto frontier"
    titles = (*(f"gain to {_country(space, country)}" for country in space.countries), "both gain", "signed")
    rows: list[Row] = [tuple(_package_cells(space, row, often)) for row in shown.to_dict("records")]
    no_deal = whole_percent(float((space.signed < 0).mean()))
    rows.append((NO_DEAL, *("0" for _ in space.countries), "", no_deal, ""))
    columns = [Column(""), *map(number, titles), Column("", wraps=False)]
    return Table(title, columns, rows, note + (f", {hidden} more in packages.csv" if hidden else ""))


def _fewer(rows: pd.DataFrame, often: str | None) -> pd.DataFrame:
    """Leave out packages that are good for both in few draws, if rows are many; never those that are named."""
    named = rows["is_nash"] | (rows["package"] == often)
    order = rows.assign(named=named).sort_values(["named", "both_gain_share"], ascending=False, kind="stable")
    return rows.loc[rows.index.isin(order.index[:MOST_PACKAGES])]


def _package_cells(space: PricedPackages, row: Record, often: str | None) -> Iterator[str]:
    yield str(row["in_words"])
    for country in space.countries:
        yield _range(*(row[f"{country}_gain_{name}_bn"] for name in ("mean", "p5", "p95")))
    yield whole_percent(row["both_gain_share"])
    yield whole_percent(row["signed_share"])
    marks = {"Nash package": row["is_nash"], "signed most often": row["package"] == often}
    yield ", ".join(words for words, holds in marks.items() if holds)


def effect_table(space: PricedPackages) -> Table:
    """Lay out what each level of the issue looked at adds for both countries."""
    issue, rows = space.issue, effects(space)
    rows = rows[rows["issue"] == issue]
    first = words_of(next(iter(space.scenario.talks.agenda[issue])))
    shown = [
        (words_of(row["level"]), _country(space, row["country"]), row["others"],
         _range(row["mean_bn"], row["p5_bn"], row["p95_bn"]), whole_percent(row["gains_share"]))
        for row in rows.to_dict("records")
    ]  # fmt: skip
    columns = [Column(""), Column("country", wraps=False), Column("other issues", wraps=False), number("adds"),
               number("gains")]  # fmt: skip
    note = "Mean (and 5 to 95 % of the draws), bn USD; in what share of draws the country gains by it"
    return Table(f"What {_issue(space, issue)} adds, against {first}", columns, shown, note)


def in_return(space: PricedPackages) -> list[str]:
    """Say in words which cut of the other side's tariffs makes up for each level of the issue, a line for each."""
    rows = compensation(space)
    return [_asked(space, row) for row in rows[rows["issue"] == space.issue].to_dict("records")] or [
        f"No level of {_issue(space, space.issue)} costs either side anything on average by itself."
    ]


def _asked(space: PricedPackages, row: Record) -> str:
    country = _country(space, row["country"])
    other = next(_country(space, name) for name in space.countries if name != row["country"])
    asked = f"In return for {_issue(space, row['issue'])}: {words_of(row['level'])},"
    share = whole_percent(row["acceptable_share"])
    if math.isnan(row["cut_share"]):
        return f"{asked} no cut of {other} tariffs is enough for {country}: at best it accepts in {share} of draws."
    if row["cut_share"]:
        return f"{asked} {country} needs a {whole_percent(row['cut_share'])} cut of {other} tariffs ({share} of draws)."
    costly = f"it costs {country} something in {whole_percent(row['costly_share'])} of draws only; there"
    cut = row["where_costly_cut_share"]
    needs = "no cut is enough" if math.isnan(cut) else f"a {whole_percent(cut)} cut of {other} tariffs makes up for it"
    return f"{asked} {costly} {needs} (in {whole_percent(row['made_up_share'])} of them)."


def _country(space: PricedPackages, name: str) -> str:
    return title_of(space.scenario, "countries", name)


def _issue(space: PricedPackages, name: str) -> str:
    return title_of(space.scenario, "agenda", name)


def date_table(space: PricedPackages) -> Table:
    """Lay out the chance of a deal by the date of each round, with the issue looked at and without it."""
    ways = {"": "share of draws"}
    if space.without is not None:
        ways["without_"] = f"without {_issue(space, space.issue)}"
    rows: list[Row] = []
    before: tuple[str, ...] = ()
    for row in dates(space).to_dict("records"):
        cells = tuple(_interval(row, way) for way in ways)
        if cells != before:  # rounds at which nothing changes are left out
            rows.append((f"{row['date']} ({row['place']})", *cells))
        before = cells
    note = "Share of the draws and its 90 % interval, also of deals that broke later"
    return Table("Something is signed by", [Column(""), *map(number, ways.values())], rows, note)


def outcome_table(space: PricedPackages) -> Table:
    """Lay out how the talks end: in all draws and, where history is known, in those that went as it did."""
    went = space.went_as_history
    ways = {"": "share of draws"} | ({} if went is None or not went.any() else {"history_": "as history went"})
    rows: list[Row] = [
        (row["outcome"], *(_interval(row, way) for way in ways))
        for row in outcomes(space).to_dict("records")
        if row["share"] > 0.0 or row["outcome"] == NO_DEAL_AT_ALL
    ]
    note = "Share and its 90 % interval"
    if went is not None:
        note += f"; {went.sum():,} of {count_of_draws(len(went))} went as it is known to have happened"
    return Table("How the talks end", [Column(""), *map(number, ways.values())], rows, note)


NO_DEAL_AT_ALL = "ended without a deal"


def decider_lines(space: PricedPackages, deciders: pd.DataFrame) -> list[str]:
    """Say which inputs matter most for each thing that is decided, a line for each."""
    if deciders.empty:
        return [f"What decides: {deciders.attrs[NOTE]}"]
    return [
        f"What decides {_decided(space, str(name))}: {_strongest(table)}"
        for name, table in deciders.groupby("kpi", sort=False)
    ]


def _decided(space: PricedPackages, name: str) -> str:
    gains = {f"{country}_gain_bn": f"the gain of {_country(space, country)}" for country in space.countries}
    return gains.get(name) or words_of(name)


def _strongest(table: pd.DataFrame) -> str:
    explained = float(table["explained_by_all"].iloc[0])
    has_more = table["distinguishable"].any() and not math.isnan(explained)
    words = f"; all {len(table)} inputs explain {whole_percent(explained)}" if has_more else ""
    return strongest_in_words(table) + words


def _interval(row: Record, name: str) -> str:
    share, low, high = (row[f"{name}{what}"] for what in ("share", "low", "high"))
    return "-" if math.isnan(share) else f"{whole_percent(share)} ({PERCENT * low:.0f} to {PERCENT * high:.0f})"


def _range(mean: float, low: float, high: float) -> str:
    return f"{_short(mean)} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    """Write bn USD with two digits or so: tens without decimals, small amounts to 10 m."""
    decimals = 0 if abs(value) >= _TENS else 1 if abs(value) >= 1 else 2
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"  # adding zero takes the sign from a zero


def deal_space_html(space: PricedPackages) -> str:
    """Show a deal space in a notebook: its question, its origin, and what the packages signed most often are worth.

    Parameters
    ----------
    space
        Packages and what they are worth.
    """
    table = Kept("", packages(space))
    shown = signed_first(table.frame)[:MOST_PACKAGES]
    columns = [
        Column("package", "in_words"),
        *(number(f"gain of {_country(space, country)}, bn USD", f"{country}_gain_mean_bn",
                 lambda gain: without_unit(format_difference, gain, "bn")) for country in space.countries),
        number("both gain", "both_gain_share", format_share), number("signed", "signed_share", format_share),
    ]  # fmt: skip
    title = f"{len(shown)} of {len(space.packages)} packages, the one signed most often first; mean gains over no deal"
    settings = settings_in_words(len(space.draws), space.seed)
    origin = f"{space.scenario.name}, {settings}, worth as of {space.date:%B %Y}"
    return block([head(space.scenario), small(origin), as_html(table.table(title, columns, shown))])
