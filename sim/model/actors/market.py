"""Customers: every month they see qualities and prices, choose, and are served as far as capacity goes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from sim.arithmetic.elementary import expm1, log
from sim.model.equations.demand import (
    appeal,
    at_price,
    kept_contracts,
)
from sim.model.equations.market_month import Books, Customers, Market, Moves, Now, Rates, play_month
from sim.model.equations.nests import Nests
from sim.model.equations.pricing import profits
from sim.model.equations.rationing import Turned
from sim.model.equations.terms import Split, fee_markup, split
from sim.model.minds.own_services import captive_costs
from sim.model.presence_rules import over_groups
from sim.model.world import BySeller, World
from sim.policies.levers import DECLARED, rules_with
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline

OFFERS = rules_with(offers=True)
"""Rules that change whom customers may choose, how well they are served, or what sellers keep."""


def market(timeline: Timeline, world: World) -> Process:
    """Play the customers' side of all markets, month after month."""
    seen, everywhere = world.base_rules(OFFERS), frozenset(range(len(world.axes.markets)))
    offers, through_partners = _Offers.of(world), world.channels.of_kind(Presence.PARTNER)
    while True:
        month = yield timeline.turn(Phase.MARKET)
        served_before = world.served
        changed = _markets_that_changed(world, seen)
        if changed:
            changed |= _divide_customers(world)
            _apply_rules(world, changed)
        priced = everywhere if month % MONTHS_PER_QUARTER == 0 else changed
        if priced:
            offers = offers.renewed(world, changed, priced)
        _drift_quality(world, through_partners, month)
        _play(world, offers, month, served_before, priced)
        _count_money(world, offers, month)


@dataclass(frozen=True)
class _Offers:
    """What sellers offer, and what they keep of their revenue, until prices or rules change.

    Attributes
    ----------
    sellers, nests
        [market] channels in use, and vendors that sell in several ways.
    appeal, attraction
        [market][seller, segment, draw] what attracts customers, quality gained since the base date apart: at a price of
        1 and at today's.
    log_price
        [market][seller, draw] log of today's price.
    split
        A dollar of revenue by who gets it, [channel, draw].
    fixed_cost
        [channel, draw] the vendor's part of fixed cost, bn a year.
    shared
        Channels with local co-owners in some draw.
    """

    sellers: list[IntArray]
    nests: list[Nests]
    appeal: BySeller
    attraction: BySeller
    log_price: BySeller
    split: Split
    fixed_cost: FloatArray
    shared: IntArray

    @classmethod
    def of(cls, world: World) -> _Offers:
        """Look at rules, presence and prices."""
        nests = [world.nests(m, here) for m, here in enumerate(world.sellers)]
        appeals = [_appeal(world, m, here) for m, here in enumerate(world.sellers)]
        return cls._priced(world, nests, appeals, (appeals.copy(), appeals.copy()), set(range(len(appeals))))

    def renewed(self, world: World, changed: Set[int], priced: Set[int]) -> _Offers:
        """Look again where something moved.

        Parameters
        ----------
        changed
            Markets in which rules or presence changed; nests are those of before where the same channels are in use.
        priced
            These, and those in which prices or costs may have moved.
        """
        held, here = enumerate(zip(self.sellers, self.nests, self.appeal, strict=True)), world.sellers
        nests, appeals = self.nests.copy(), self.appeal.copy()
        for m, (sellers, _, _) in held:
            if m in changed:
                appeals[m] = _appeal(world, m, here[m])
                if sellers is not here[m]:
                    nests[m] = world.nests(m, here[m])
        return self._priced(world, nests, appeals, (self.attraction.copy(), self.log_price.copy()), priced)

    @classmethod
    def _priced(
        cls, world: World, nests: list[Nests], appeals: BySeller, known: tuple[BySeller, BySeller], priced: Set[int]
    ) -> _Offers:
        """Look at prices and costs, and at what attracts customers at prices that may have moved; else it is known."""
        base, (attraction, log_price) = world.base, known
        for m in priced:
            log_price[m] = log(world.price[world.sellers[m]])
            attraction[m] = nests[m].attraction(at_price(appeals[m], log_price[m], base.sigma[: base.groups[m]]))
        return cls(
            list(world.sellers),
            nests,
            appeals,
            attraction,
            log_price,
            split(world.terms, world.cost, world.price),
            world.stake * (base.fixed_cost * world.active),
            np.flatnonzero((world.active & (world.stake != 1.0)).any(axis=1)),
        )


def _appeal(world: World, m: int, here: IntArray) -> FloatArray:
    """What attracts customers to the sellers of a market at a price of 1, [seller, segment, draw]."""
    quality = world.owned_quality[world.channels.vendor[here], m] - world.penalty[here][:, None]
    return appeal(world.access[m], over_groups(quality, world.base.groups[m]))


def _markets_that_changed(world: World, seen: dict[str, FloatArray]) -> Set[int]:
    """Markets in which access, penalties and terms need to be worked out again; updates `seen`."""
    changed, world.moved = world.moved, set()
    for name, before in seen.items():
        now, axis = getattr(world.levers, name), DECLARED[name]["dims"]
        if not np.array_equal(now, before):
            dim = "market" if "market" in axis else "zone"
            apart = np.moveaxis(now != before, axis.index(dim), 0)
            places = np.flatnonzero(apart.reshape(len(apart), -1).any(axis=1)).tolist()
            changed.update(places if dim == "market" else [world.axes.zone_markets[z] for z in places])
            np.copyto(before, now)
    return changed


def _divide_customers(world: World) -> Set[int]:
    """Divide the customers of a market into groups in the month in which its first zone opens; give these markets."""
    divides = {m: opens for m in range(len(world.axes.markets)) if (opens := world.divides(m)).any()}
    for m, opens in divides.items():
        world.divided[m] |= opens
        for stock in (world.served, world.surplus):
            stock[m] = world.shared_out(m, stock[m], opens)
        world.revenue[m] = world.shared_out(m, world.revenue[m], opens)
    return divides.keys()


def _apply_rules(world: World, changed: Set[int]) -> None:
    """Work out access and penalties again; contracts with customers who may no longer be served end."""
    base, channels = world.base, world.channels
    world.served = world.served.copy()
    for m in changed:
        here = world.sellers[m]
        who = world.active[here] & base.sells[channels.vendor[here], m]
        access = world.access_to(m, here) * who[:, None]
        world.revenue[m] = world.revenue[m] * kept_contracts(world.access[m], access)
        world.sales[here] = ordered_sum(world.revenue[m], axis=1)
        world.served[m, : base.groups[m]] = ordered_sum(world.revenue[m])
        world.access[m] = access
        rows = range(len(channels.rows))[channels.in_market[m]]
        world.penalty[rows] = world.penalty_of(rows)


def _drift_quality(world: World, through_partners: BoolArray, month: int) -> None:
    """Trend and luck, leaks through partners, export controls (equations 3.11, 5.6 and 5.12).

    Parameters
    ----------
    through_partners
        [channel] whether local partners run it.
    """
    base, levers = world.base, world.levers
    if month:
        rate = world.value(world.scenario.presence.leak) / MONTHS_PER_YEAR
        for m, country in enumerate(base.market_country):
            if country >= 0:
                partner_run = world.share_served(m, through_partners)
                world.leaked[country] += rate * (1.0 - levers.ip_protection[m]) * partner_run
    learned = np.zeros((len(world.leaked) + 1, world.draws.count))  # nobody, index -1, learns nothing
    np.add(world.leaked, world.controlled, out=learned[:-1])
    learned = learned[base.home]
    world.drift = base.gained[month] + learned[:, None]
    world.controlled += levers.quality_drift / MONTHS_PER_YEAR


def _play(world: World, offers: _Offers, month: int, served_before: FloatArray, priced: Set[int]) -> None:
    """Let customers choose, pay and be served.

    Parameters
    ----------
    served_before
        [market, group, draw] spending served last month, before rules changed.
    priced
        Markets in which prices may have moved.
    """
    output, weight = np.zeros_like(world.made), world.weight
    now = _now(world, offers, month, served_before, output)
    held = (world.sellers, offers.nests, offers.attraction, offers.log_price, world.attraction, world.revenue)
    for m, (here, nests, offered, log_price, attraction, revenue) in enumerate(zip(*held, strict=True)):
        vendor, several = world.channels.vendor[here], len(nests.several)
        market = Market(
            here, vendor, nests.nest, several, nests.kappa, weight[m], offered, log_price, attraction, revenue
        )
        play_month(market, now, m, month, m in priced)
    world.made += output / (world.trend_price(month) * MONTHS_PER_YEAR)
    if priced:
        np.copyto(world.price_before, world.price)


def _now(world: World, offers: _Offers, month: int, served_before: FloatArray, output: FloatArray) -> Now:
    """What all markets have in common this month."""
    base, flows = world.base, world.flows
    churn = base.churn_month if month else -expm1(-0.5 * base.churn_rate / MONTHS_PER_YEAR)
    customers = Customers(
        base.spending_path,
        base.trend_log_index,
        world.activity,
        world.attraction_total,
        world.per_attraction,
        world.log_index,
        world.budget,
        world.free,
        world.served,
        world.unmet,
        world.surplus,
    )
    decline, trend = world.value(world.scenario.costs.decline), world.trend_price(month)
    rates = Rates(base.sigma, base.eta, churn, world.channel_churn_month, decline, trend)
    books = Books(
        world.price,
        world.price_before,
        world.capacity,
        offers.split.vendor,
        offers.fixed_cost,
        world.drift,
        world.sales,
        output,
        flows["revenue"],
        flows["profit"],
        flows["spending"],
        flows["unmet"],
        flows["surplus"],
        world.growth,
        world.spending_history,
    )
    sizes = max(map(len, world.sellers)), max(base.groups)
    return Now(customers, rates, books, served_before, Moves.blank(*sizes), Turned.blank(*sizes))


def _count_money(world: World, offers: _Offers, month: int) -> None:
    """Revenue, profit and spending of the month (equation 4.15)."""
    sales, profit = world.sales, world.flows["profit"]
    for v, m in world.runs_for_own_customers:
        rows, cost = captive_costs(world, v, m, month)
        world.captive_cost[rows] = cost
        profit[rows] -= cost * fee_markup(world.base.fee[rows]) / MONTHS_PER_YEAR
    profit[world.with_overhead] -= world.overhead(month) / MONTHS_PER_YEAR
    for row in offers.shared:
        left = 1.0 - world.stake[row]
        margins, fixed = left * offers.split.owners[row], left * (world.base.fixed_cost[row] * world.active[row])
        world.flows["co_owner"][world.channels.market[row]] += profits(sales[row], margins, fixed) / MONTHS_PER_YEAR
    if world.raises_services_tax:
        for flow, part in offers.split.taxes.items():
            world.flows[flow] += ordered_sum(world.channels.by_pair(part * sales)) / MONTHS_PER_YEAR
