"""The recorder: copies what is reported at the end of every quarter, and turns it into long pandas tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.model.equations.welfare import herfindahl
from sim.model.minds.zone_room import part_of_zone
from sim.model.presence_rules import in_zone
from sim.model.start.parties import axes_of
from sim.model.world import FLOWS, RoundHeld, World
from sim.policies.levers import Axes
from sim.quantities import MONTHS_PER_QUARTER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence, Scenario, Vendor
from sim.timeline import Phase, Process, Timeline
from sim.values import Number

VENDOR_COLUMNS = ("presence", "share", "revenue_bn", "profit_bn", "capex_bn", "price", "capacity_units")
MARKET_COLUMNS = ("total_bn", "unmet_bn", "price_index", "foreign_share", "hhi", "customer_surplus_bn")
COUNTRY_COLUMNS = (
    "exports_bn",
    "imports_bn",
    "average_tariff",
    "tariff_revenue_bn",
    "consumer_loss_bn",
    "exporter_loss_bn",
    "deadweight_loss_bn",
    "vendor_profit_bn",
    "partner_income_bn",
    "customer_surplus_bn",
    "welfare_bn",
)
GOODS_COLUMNS = COUNTRY_COLUMNS[:7]
OUTCOMES = ("deal_month", "broken_month", "no_deal_month", "package")
"""What the talks come to, as the world holds it."""


@dataclass(frozen=True)
class Paths:
    """What was recorded for some draws.

    Attributes
    ----------
    scenario
        The scenario run.
    seed
        Seed of the run.
    draws
        [draw] draw numbers.
    vendors, markets, countries, partners, zones
        For each column an array [quarter, member, (market,) draw]; vendors have both vendor and market.
    outcomes
        For each outcome of the talks an array [draw].
    events
        Draw numbers, month, actor, event, detail, in the order of play.
    uncertain
        Uncertain numbers that some draw needed, by dotted path.
    rounds
        What happened at each round between governments that bargain.
    """

    scenario: Scenario
    seed: int
    draws: IntArray
    vendors: dict[str, FloatArray]
    markets: dict[str, FloatArray]
    countries: dict[str, FloatArray]
    partners: dict[str, FloatArray]
    zones: dict[str, FloatArray]
    outcomes: dict[str, IntArray]
    events: tuple[tuple[IntArray, int, str, str, str], ...]
    uncertain: dict[str, Number]
    rounds: tuple[RoundHeld, ...] = ()

    @property
    def axes(self) -> Axes:
        """Names along the axes."""
        return axes_of(self.scenario, len(self.draws))

    @cached_property
    def world_ranks(self) -> FloatArray:
        """Place of each vendor by world revenue in each quarter, [quarter, vendor, draw]; 1 is the largest.

        Vendors that stand for the rest of a market, and those without sales, are left out (not a number).
        """
        revenue = ordered_sum(self.vendors["revenue_bn"], axis=2)
        named = named_vendors(self.scenario)
        ranked = np.where(named[None, :, None], revenue, -np.inf)
        order = (-ranked).argsort(axis=1, kind="stable")
        ranks = np.empty_like(revenue)
        places = np.broadcast_to(np.arange(1.0, revenue.shape[1] + 1)[None, :, None], revenue.shape)
        np.put_along_axis(ranks, order, places, axis=1)
        return np.where(named[None, :, None], ranks, np.nan)


def named_vendors(scenario: Scenario) -> BoolArray:
    """Whether each vendor is one firm with sales of its own, [vendor]."""
    return np.array([_is_one_firm(vendor) for vendor in scenario.vendors.values()])


def _is_one_firm(vendor: Vendor) -> bool:
    sales = vendor.sales.values()
    return any(held.share is not None or held.split is not None for held in sales) and not any(
        held.residual for held in sales
    )


PATH_FAMILIES = ("vendors", "markets", "countries", "partners", "zones", "outcomes")


def first_draws(paths: Paths, below: int) -> Paths | None:
    """Cut paths to the draws below a number, events left out; None if there are none."""
    count = int(np.searchsorted(paths.draws, below))
    if count == 0:
        return None
    families: dict[str, Any] = {
        family: {name: values[..., :count] for name, values in getattr(paths, family).items()}
        for family in PATH_FAMILIES
    }
    return replace(paths, draws=paths.draws[:count], events=(), rounds=(), **families)


class Recorder:
    """Copies the world at the end of each quarter."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._held: dict[str, dict[str, FloatArray]] = {family: {} for family in PATH_FAMILIES[:-1]}

    def watch(self, timeline: Timeline) -> Process:
        """Look at the world in the last month of every quarter, then set its flows back to zero."""
        while True:
            month = yield timeline.turn(Phase.RECORD)
            if (month + 1) % MONTHS_PER_QUARTER == 0:
                looks = {
                    "vendors": _vendors(self.world, month),
                    "markets": _markets(self.world),
                    "countries": _countries(self.world),
                    "partners": {"income_bn": self.world.partner_flow},
                    "zones": {"used_share": _zone_use(self.world, month)},
                }
                for family, look in looks.items():
                    self._keep(timeline, family, look, month // MONTHS_PER_QUARTER)
                for name in FLOWS:
                    getattr(self.world, name)[:] = 0.0

    def _keep(self, timeline: Timeline, family: str, look: dict[str, FloatArray], quarter: int) -> None:
        """Write what was seen in one quarter into the arrays of all quarters."""
        held = self._held[family]
        for name, values in look.items():
            if name not in held:
                held[name] = np.empty((timeline.calendar.quarters, *values.shape), dtype=values.dtype)
            held[name][quarter] = values

    def paths(self) -> Paths:
        """Give all that was recorded."""
        world = self.world
        outcomes = {name: getattr(world, name).copy() for name in OUTCOMES}
        draws = np.arange(world.draws.draws[0], world.draws.draws[-1] + 1)
        return Paths(
            world.scenario,
            world.draws.seed,
            draws,
            outcomes=outcomes,
            events=tuple(world.events),
            uncertain=world.draws.uncertain,
            rounds=tuple(world.rounds),
            **self._held,
        )


def _vendors(world: World, month: int) -> dict[str, FloatArray]:
    sales, total = world.sales, ordered_sum(world.sales)
    return {
        "presence": world.presence.astype(np.int8),
        "share": np.divide(sales, total, out=np.zeros_like(sales), where=total > 0.0),
        "revenue_bn": world.revenue_flow,
        "profit_bn": world.profit_flow,
        "capex_bn": world.capex_flow,
        "price": world.price * world.trend_price(month),
        "capacity_units": world.capacity,
    }


def _markets(world: World) -> dict[str, FloatArray]:
    """End-of-quarter indices weigh segments by their spending."""
    sales, total = world.sales, ordered_sum(world.sales)
    shares = np.divide(sales, total, out=np.zeros_like(sales), where=total > 0.0)
    weights = world.budget / ordered_sum(world.budget, axis=1)[:, None]
    return {
        "total_bn": world.spending_flow,
        "unmet_bn": world.unmet_flow,
        "price_index": np.exp(ordered_sum(weights * world.log_index, axis=1)),
        "foreign_share": ordered_sum(shares * ~world.base.domestic[:, :, None]),
        "hhi": herfindahl(shares),
        "customer_surplus_bn": world.surplus_flow,
    }


def _countries(world: World) -> dict[str, FloatArray]:
    """Welfare is the sum of its parts (equation 8.1)."""
    flows = {
        name: getattr(world, f"{name.removesuffix('_bn')}_flow").copy() for name in GOODS_COLUMNS if name[-3:] == "_bn"
    }
    flows["average_tariff"] = world.average_tariff.copy()
    shape = world.axes.shape("country")
    profit, partners, surplus = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for v, country in enumerate(world.base.home):
        if country >= 0:
            profit[country] += ordered_sum(world.profit_flow[v])
    for m, country in enumerate(world.base.market_country):
        if country >= 0:
            surplus[country] += world.surplus_flow[m]
            partners[country] += world.co_owner_flow[m]
    for p, partner in enumerate(world.scenario.partners.values()):
        country = world.base.market_country[world.axes.markets.index(partner.market)]
        if country >= 0:
            partners[country] += world.partner_flow[p]
    cloud = profit + partners + surplus
    goods = flows["tariff_revenue_bn"] - flows["consumer_loss_bn"] - flows["exporter_loss_bn"]
    parts = {"vendor_profit_bn": profit, "partner_income_bn": partners, "customer_surplus_bn": surplus}
    return flows | parts | {"welfare_bn": cloud + goods}


def _zone_use(world: World, month: int) -> FloatArray:
    """Share of each zone's power and land in use, [zone, draw]."""
    used = np.zeros(world.axes.shape("zone"))
    for z, m in enumerate(world.axes.zone_markets):
        inside = in_zone(world.presence[:, m], world.zone[:, m], z)
        whole = part_of_zone(world, z, month) * np.maximum(world.levers.zone_slots[z], 1.0)
        used[z] = ordered_sum(np.where(inside, world.capacity[:, m], 0.0)) / whole
    return used


def vendors_table(paths: Paths) -> pd.DataFrame:
    """Row per draw, quarter, vendor and market."""
    axes = paths.axes
    table = _long(paths, paths.vendors, {"vendor": axes.vendors, "market": axes.markets}, VENDOR_COLUMNS)
    names = [presence.name.lower() for presence in Presence]
    table["presence"] = pd.Categorical.from_codes(table["presence"].to_numpy(), categories=pd.Index(names))
    return table


def markets_table(paths: Paths) -> pd.DataFrame:
    """Row per draw, quarter and market."""
    return _long(paths, paths.markets, {"market": paths.axes.markets}, MARKET_COLUMNS)


def countries_table(paths: Paths) -> pd.DataFrame:
    """Row per draw, quarter and country."""
    return _long(paths, paths.countries, {"country": paths.axes.countries}, COUNTRY_COLUMNS)


def _long(
    paths: Paths, arrays: dict[str, FloatArray], names: dict[str, tuple[str, ...]], columns: tuple[str, ...]
) -> pd.DataFrame:
    """Turn arrays [quarter, ..., draw] into a long table sorted by draw, date and names."""
    dates = np.array(paths.scenario.calendar.quarter_dates(), dtype="datetime64[ns]")
    draws, inner = len(paths.draws), math.prod(len(members) for members in names.values())
    table: dict[str, Any] = {
        "draw": np.repeat(paths.draws, len(dates) * inner),
        "date": np.tile(np.repeat(dates, inner), draws),
    }
    outer = draws * len(dates)
    for name, members in names.items():
        inner //= len(members)
        codes = np.tile(np.repeat(np.arange(len(members), dtype=np.int32), inner), outer)
        table[name] = pd.Categorical.from_codes(codes, categories=pd.Index(members))
        outer *= len(members)
    for column in columns:
        table[column] = np.moveaxis(arrays[column], -1, 0).reshape(-1)
    return pd.DataFrame(table, copy=False)


def events_table(paths: Paths) -> pd.DataFrame:
    """Row per event and draw, sorted by draw, date, actor, event and detail."""
    calendar = paths.scenario.calendar
    events = sorted(paths.events, key=lambda event: event[1:])
    draws = np.concatenate([np.empty(0, dtype=np.int64), *(event[0] for event in events)])
    order = np.argsort(draws, kind="stable")
    rows = np.repeat(np.arange(len(events)), [len(event[0]) for event in events])[order]
    dates = np.array([calendar.date_of(event[1]) for event in events], dtype="datetime64[ns]")
    table: dict[str, Any] = {"draw": draws[order], "date": dates[rows]}
    for k, column in enumerate(("actor", "event", "detail"), start=2):
        words, codes = np.unique(np.array([event[k] for event in events], dtype=object), return_inverse=True)
        table[column] = pd.Categorical.from_codes(codes[rows], categories=pd.Index(words.tolist()))
    return pd.DataFrame(table)
