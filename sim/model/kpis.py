"""Main figures of a run, one value per draw. Each name ends with its time basis and unit.

`cum` is the sum over the run and `to2030` that to the end of a year, neither discounted; `pv` and `ownpv` are present
values at the base date; `end` is the value at its end, `mean` the mean over it, `first` the months from the base date
until something first happens. A new figure is one more function in `FAMILIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from sim.arithmetic.elementary import exp
from sim.errors import ImpossibleDrawsError, ModelError
from sim.model.channels import reviewed_pairs
from sim.model.columns import Arrays, money_of
from sim.model.recorder import OWN_RATE, POLICY_RATE, Paths, named_vendors
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, NEVER, FloatArray, ordered_sum
from sim.scenario.schema import Presence

MAY_BE_MISSING = "_first_"
"""Mark of the figures that have no value where something never happens."""

CUM = "_cum_bn"
PROFIT = "profit"
"""Word in the names of figures that are also valued at the vendors' own rate."""

Figures = Iterator[tuple[str, FloatArray]]
"""Name and values: [draw], or of money [quarter, draw], of which sums and present values are given."""


def figure_tables(paths: Paths) -> dict[str, Arrays]:
    """Tables of main figures: `kpis` with a row per draw, `years` with a row per draw and year.

    Raises
    ------
    ImpossibleDrawsError
        Where a figure is not a number.
    """
    figures = [figure for family in FAMILIES for figure in family(paths)]
    return {"kpis": _by_draw(paths, figures), "years": _by_year(paths, dict(figures))}


def _by_draw(paths: Paths, figures: Sequence[tuple[str, FloatArray]]) -> Arrays:
    """Row per draw, a column per figure."""
    columns: Arrays = {"draw": paths.draws}
    for name, values in (figure for found in figures for figure in _in_time(paths, *found)):
        if name in columns:
            raise ModelError(f"two figures are called {name}")
        if MAY_BE_MISSING not in name and not np.isfinite(values).all():
            raise ImpossibleDrawsError(f"{name} is not a number", ~np.isfinite(values))
        columns[name] = values
    return columns | names_at_end(paths)


def _by_year(paths: Paths, figures: Mapping[str, FloatArray]) -> Arrays:
    """Row per draw and year: money of those who may gain from opening the focus market, bn USD in the year."""
    focus, axes = paths.scenario.focus.market, paths.axes
    wanted = {
        *(f"{who}_profit_in_{focus}{CUM}" for who in (*(f"{name}_vendors" for name in axes.countries), *axes.vendors)),
        *(f"welfare_{country}{CUM}" for country in axes.countries),
        f"customer_surplus_in_{focus}_market{CUM}",
        f"partners_income{CUM}",
    }
    years = np.array([date.year for date in paths.scenario.calendar.quarter_dates()])
    each = np.unique(years)
    columns: Arrays = {
        "draw": np.repeat(paths.draws, len(each)),
        "year": np.tile(each, len(paths.draws)),
    }
    for name, values in figures.items():
        if name in wanted:
            sums = np.stack([ordered_sum(values[years == year]) for year in each])
            columns[f"{name.removesuffix(CUM)}_bn"] = sums.T.reshape(-1)
    return columns


def _in_time(paths: Paths, name: str, values: FloatArray) -> Figures:
    """Give a figure as it is, and money by quarter as sums and present values (equation 11.1)."""
    if values.ndim == 1:
        yield name, values
        return
    yield name, ordered_sum(values)
    stem, scenario = name.removesuffix(CUM), paths.scenario
    years = np.array([date.year for date in scenario.calendar.quarter_dates()])
    for year in scenario.focus.sums_to:
        within = int((years <= year).sum())
        if 0 < within < len(years):
            yield f"{stem}_to{year}_bn", ordered_sum(values[:within])
    middles = ((np.arange(len(years)) + 0.5) * MONTHS_PER_QUARTER / MONTHS_PER_YEAR)[:, None]
    for basis, rate in (("pv", POLICY_RATE), ("ownpv", OWN_RATE)):
        if rate in paths.outcomes and (rate == POLICY_RATE or PROFIT in name):
            yield f"{stem}_{basis}_bn", ordered_sum(values * exp(-paths.outcomes[rate] * middles))


def vendors_abroad_and_at_home(paths: Paths) -> Figures:
    """Revenue and profit of each country's vendors in the focus market, at home and abroad."""
    focus, axes = paths.scenario.focus.market, paths.axes
    m = axes.markets.index(focus)
    for country in axes.countries:
        own = [v for v, vendor in enumerate(paths.scenario.vendors.values()) if vendor.home == country]
        home = [k for k, market in enumerate(paths.scenario.markets.values()) if market.country == country]
        away = [k for k in range(len(axes.markets)) if k not in home]
        for quantity in ("revenue", "profit"):
            flow = paths.vendors[f"{quantity}_bn"][:, own]
            yield f"{country}_vendors_{quantity}_in_{focus}{CUM}", ordered_sum(flow[:, :, m], axis=1)
            yield f"{country}_vendors_{quantity}_at_home{CUM}", _double_sum(flow[:, :, home])
            yield f"{country}_vendors_{quantity}_abroad{CUM}", _double_sum(flow[:, :, away])
        share = ordered_sum(paths.vendors["share"][-1][own][:, m])
        yield f"{country}_vendors_in_{focus}_end_share", share
        yield f"{country}_vendors_capex_in_{focus}{CUM}", ordered_sum(paths.vendors["capex_bn"][:, own, m], axis=1)


def each_vendor(paths: Paths) -> Figures:
    """Each vendor's share and profit in the focus market, and its place in the world."""
    focus, axes = paths.scenario.focus.market, paths.axes
    m = axes.markets.index(focus)
    ranks, named = paths.world_ranks[-1], named_vendors(paths.scenario)
    for v, vendor in enumerate(axes.vendors):
        yield f"{vendor}_in_{focus}_end_share", paths.vendors["share"][-1][v, m]
        yield f"{vendor}_profit_in_{focus}{CUM}", paths.vendors["profit_bn"][:, v, m]
        if named[v]:
            yield f"{vendor}_world_rank_end_rank", ranks[v]


def focus_market(paths: Paths) -> Figures:
    """The focus market as a whole."""
    focus, m = paths.scenario.focus.market, paths.axes.markets.index(paths.scenario.focus.market)
    markets = paths.markets
    yield f"spending_{focus}{CUM}", markets["total_bn"][:, m]
    yield f"customer_surplus_in_{focus}_market{CUM}", markets["customer_surplus_bn"][:, m]
    yield f"price_index_{focus}_end_index", markets["price_index"][-1][m]
    yield f"hhi_{focus}_end_index", markets["hhi"][-1][m]
    yield f"foreign_share_{focus}_end_share", markets["foreign_share"][-1][m]
    total = ordered_sum(markets["total_bn"])[m] + ordered_sum(markets["unmet_bn"])[m]
    yield f"unmet_demand_{focus}_mean_share", ordered_sum(markets["unmet_bn"])[m] / total
    if paths.partners["income_bn"].shape[1]:
        yield f"partners_income{CUM}", ordered_sum(paths.partners["income_bn"], axis=1)
        for p, partner in enumerate(paths.axes.partners):
            yield f"{partner}_income{CUM}", paths.partners["income_bn"][:, p]


def zones(paths: Paths) -> Figures:
    """Use of zones, and when a foreign vendor first owns data centres in the focus market."""
    for z, zone in enumerate(paths.axes.zones):
        yield f"{zone}_capacity_used_end_share", paths.zones["used_share"][-1][z]
    m = paths.axes.markets.index(paths.scenario.focus.market)
    market = paths.scenario.markets[paths.scenario.focus.market]
    foreign = [v for v, vendor in enumerate(paths.scenario.vendors.values()) if vendor.home != market.country]
    presence = paths.vendors["presence"][:, foreign, m]
    owns = (presence == Presence.ZONE) | (presence == Presence.OWNED)
    yield "foreign_data_centre_first_months", _first_quarter(owns.any(axis=1))
    reviewed = reviewed_pairs(paths.scenario)
    for place, v in enumerate(foreign):
        if (v, m) in reviewed:
            yield f"{paths.axes.vendors[v]}_data_centre_first_months", _first_quarter(owns[:, place])
    yield "foreign_owners_end_vendors", owns[-1].sum(axis=0).astype(np.float64)


def countries(paths: Paths) -> Figures:
    """Goods trade and welfare of each country, by part."""
    flows = money_of("countries")
    for c, country in enumerate(paths.axes.countries):
        for name in flows:
            yield f"{name.removesuffix('_bn')}_{country}{CUM}", paths.countries[name][:, c]
        yield f"average_tariff_{country}_end_share", paths.countries["average_tariff"][-1][c]


def regions(paths: Paths) -> Figures:
    """Real income that tariffs above the base rates bring or cost each region of the world's trade."""
    for n, region in enumerate(paths.axes.regions):
        yield f"real_income_{region}{CUM}", paths.regions["real_income_bn"][:, n]


def talks(paths: Paths) -> Figures:
    """Whether and when a deal was signed and broken."""
    signed, broken = paths.outcomes["deal_month"], paths.outcomes["broken_month"]
    yield "deal_signed_end_share", (signed < NEVER).astype(np.float64)
    yield "deal_signed_first_months", np.where(signed < NEVER, signed, np.nan)
    yield "deal_broken_end_share", (broken < NEVER).astype(np.float64)
    yield "deal_broken_first_months", np.where(broken < NEVER, broken, np.nan)


def ranking(paths: Paths) -> Figures:
    """When the place in the world ranking that the scenario watches first changes hands."""
    holder = _holder(paths, slice(None))
    changed = holder != holder[0]
    yield f"rank_{paths.scenario.focus.rank}_changes_first_months", _first_quarter(changed)


FAMILIES: tuple[Callable[[Paths], Figures], ...] = (
    vendors_abroad_and_at_home,
    each_vendor,
    focus_market,
    zones,
    countries,
    regions,
    talks,
    ranking,
)


def names_at_end(paths: Paths) -> Arrays:
    """Outcomes that are names: who holds the watched place, and which package was signed."""
    packages = list(paths.scenario.talks.choices)
    holder = pd.Categorical.from_codes(_holder(paths, slice(-1, None))[0], categories=pd.Index(paths.axes.vendors))
    package = pd.Categorical.from_codes(paths.outcomes["package"], categories=pd.Index(packages, dtype=object))
    return {f"rank_{paths.scenario.focus.rank}_vendor_end_name": holder, "package_end_name": package}


def _holder(paths: Paths, quarters: slice) -> np.ndarray:
    """Index of the vendor in the watched place, [quarter, draw]."""
    away = np.abs(paths.world_ranks[quarters] - paths.scenario.focus.rank)
    holder: np.ndarray = np.where(np.isnan(away), np.inf, away).argmin(axis=1)
    return holder


def _first_quarter(happened: np.ndarray) -> FloatArray:
    """Months to the start of the first quarter in which something holds; not a number if never."""
    first = happened.argmax(axis=0) * float(MONTHS_PER_QUARTER)
    return np.where(happened.any(axis=0), first, np.nan)


def _double_sum(values: FloatArray) -> FloatArray:
    """Sum over the two axes between quarter and draw."""
    return ordered_sum(ordered_sum(values, axis=1), axis=1)
