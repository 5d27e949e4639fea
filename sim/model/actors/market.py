"""Customers: every month they see qualities and prices, choose, and are served as far as capacity goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.equations.demand import (
    LEAST,
    appeal,
    at_price,
    budgets,
    inverse,
    kept_contracts,
    log_price_index,
    unmet_demand,
    up_for_choice,
)
from sim.model.equations.pricing import profits
from sim.model.equations.terms import Split, fee_markup, split
from sim.model.equations.welfare import eased_by_prices, surplus_stock
from sim.model.minds.reckoning import captive_cost
from sim.model.presence_rules import AccessRules, access_shares, presence_penalty
from sim.model.world import MONTHS_HELD, BySeller, World
from sim.policies.levers import rules_with
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline

OFFERS = rules_with(offers=True)
"""Rules that change whom customers may choose, how well they are served, or what sellers keep."""


def market(timeline: Timeline, world: World) -> Process:
    """Play the customers' side of all markets, month after month."""
    seen = world.base_rules(OFFERS)
    offers = _Offers.of(world)
    while True:
        month = yield timeline.turn(Phase.MARKET)
        served_before, before = world.served, offers
        if _rules_or_presence_changed(world, seen):
            _apply_rules(world)
            offers = _Offers.of(world)
        elif month % MONTHS_PER_QUARTER == 0:
            offers = offers.at_new_prices(world)
        _drift_quality(world, month)
        _choose(world, offers)
        _set_budgets(world, month)
        carried, eased = _spend(world, offers, before, month)
        _count_surplus(world, served_before, carried, eased)
        _count_money(world, offers, month)
        _remember(world, month)


@dataclass(frozen=True)
class _Offers:
    """What sellers offer, and what they keep of their revenue, until prices or rules change.

    Attributes
    ----------
    appeal, attraction
        [market][seller, segment, draw] what attracts customers, quality gained since the base date apart: at a price of
        1 and at today's.
    price, log_price
        [market][seller, draw] prices, and their logs.
    split
        A dollar of revenue by who gets it, [vendor, market, draw].
    fixed_cost
        [vendor, market, draw] the vendor's part of fixed cost, bn a year.
    shared
        Pairs of vendor and market with local co-owners in some draw.
    """

    appeal: BySeller
    attraction: BySeller
    price: BySeller
    log_price: BySeller
    split: Split
    fixed_cost: FloatArray
    shared: tuple[IntArray, ...]

    @classmethod
    def of(cls, world: World) -> _Offers:
        """Look at rules, presence and prices."""
        return cls._priced(world, [_appeal(world, m, here) for m, here in enumerate(world.base.sellers)])

    def at_new_prices(self, world: World) -> _Offers:
        """Look at prices and costs again."""
        return self._priced(world, self.appeal)

    @classmethod
    def _priced(cls, world: World, appeals: BySeller) -> _Offers:
        base, price = world.base, world.base.by_seller(world.price)
        log_price = [np.log(own) for own in price]
        return cls(
            appeals,
            [at_price(*pair, base.sigma) for pair in zip(appeals, log_price, strict=True)],
            price,
            log_price,
            split(world.terms, world.cost, world.price),
            world.stake * world.fixed_cost,
            np.nonzero((world.stake != 1.0).any(axis=2)),
        )


def _appeal(world: World, m: int, here: IntArray) -> FloatArray:
    """What attracts customers to the sellers of a market at a price of 1, [seller, segment, draw]."""
    return appeal(world.access[here, m], world.owned_quality[here, m] - world.penalty[here, m][:, None])


def _rules_or_presence_changed(world: World, seen: dict[str, FloatArray]) -> bool:
    """Whether access, penalties and terms need to be worked out again; updates `seen`."""
    changed, world.moved = world.moved, False
    for name, before in seen.items():
        now = getattr(world.levers, name)
        if not np.array_equal(now, before):
            np.copyto(before, now)
            changed = True
    return changed


def _apply_rules(world: World) -> None:
    """Work out access and penalties again; contracts with customers who may no longer be served end."""
    rules, base = AccessRules.everywhere(world.levers), world.base
    access = access_shares(world.presence, world.zone, base.domestic, base.home, rules) * base.sells[:, :, None]
    kept = base.by_seller(kept_contracts(world.access, access))
    world.served = np.zeros_like(world.served)
    for m, here in enumerate(base.sellers):
        world.revenue[m] = world.revenue[m] * kept[m]
        world.sales[here, m] = ordered_sum(world.revenue[m], axis=1)
        world.served[m] = ordered_sum(world.revenue[m])
    world.access[:] = access
    world.penalty[:] = presence_penalty(
        world.scenario,
        world.draws,
        world.presence,
        base.domestic,
        world.levers.firewall,
        base.levers.firewall,
        base.partner_gap,
    )


def _drift_quality(world: World, month: int) -> None:
    """Trend and luck, leaks through partners, export controls (equations 3.11, 5.6 and 5.12)."""
    base, levers = world.base, world.levers
    if month:
        rate = world.value(world.scenario.presence.leak) / MONTHS_PER_YEAR
        for m, country in enumerate(base.market_country):
            if country >= 0:
                partner_run = world.share_served(m, world.presence[:, m] == Presence.PARTNER)
                world.leaked[country] += rate * (1.0 - levers.ip_protection[m]) * partner_run
        world.controlled += levers.quality_drift / MONTHS_PER_YEAR
    learned = np.vstack([world.leaked + world.controlled, np.zeros(world.draws.count)])[base.home]
    world.drift = base.gained[month] + learned[:, None]


def _choose(world: World, offers: _Offers) -> None:
    """Let what attracts customers follow quality, in each market."""
    for m, here in enumerate(world.base.sellers):
        choice = world.kernels.choose(offers.attraction[m], world.drift[here, m])
        world.attraction[m], world.attraction_total[m] = choice.attraction, choice.total
    world.per_attraction = inverse(world.attraction_total)


def _set_budgets(world: World, month: int) -> None:
    """Let spending answer to the price index."""
    base = world.base
    decline = world.value(world.scenario.costs.decline) * (month / MONTHS_PER_YEAR)
    world.log_index = log_price_index(world.attraction_total, base.sigma) - decline
    gap = world.log_index - base.trend_log_index[month]
    world.budget = budgets(base.spending_path[month] * world.activity[:, None], gap, base.eta)


def _spend(world: World, offers: _Offers, before: _Offers, month: int) -> tuple[FloatArray, FloatArray]:
    """Renew contracts, and ration where capacity is short.

    Parameters
    ----------
    before
        Last month's offers.

    Returns
    -------
    [market, segment, draw] spending that goes on under contract, and what its customers gain as prices fall, bn a year.
    """
    churn = world.base.churn_month if month else np.zeros_like(world.base.churn_month)
    trend, served = world.trend_price(month), np.empty_like(world.served)
    moves = up_for_choice(world.served, world.budget, churn)
    won, eased = moves.free * world.per_attraction, np.zeros_like(world.served)
    if offers is not before:
        for m, revenue in enumerate(world.revenue):
            eased[m] = moves.keeps[m] * eased_by_prices(revenue, before.log_price[m], offers.log_price[m])
    for m, here in enumerate(world.base.sellers):
        limit = world.capacity[here, m]
        limit *= offers.price[m]
        limit *= trend
        spent = world.kernels.spend(world.revenue[m], moves.keeps[m], world.attraction[m], won[m], limit)
        world.sales[here, m], served[m] = spent.sales, spent.total
    world.free, world.served = moves.free, served
    world.unmet = unmet_demand(world.budget, served)
    return moves.carried, eased


def _count_surplus(world: World, before: FloatArray, carried: FloatArray, eased: FloatArray) -> None:
    """Surplus follows contracts and their prices; what could not be served brings none.

    Parameters
    ----------
    before, carried
        [market, segment, draw] spending served last month, and the part of it that goes on under contract, bn a year.
    eased
        [market, segment, draw] what falling prices bring to that part, bn a year.
    """
    served = world.budget - world.unmet
    went_on = np.minimum(carried, served)
    part = went_on / np.maximum(before, LEAST)
    world.surplus = surplus_stock(world.surplus, part, served - went_on, world.log_index, world.base.eta)
    world.surplus += eased * (went_on / np.maximum(carried, LEAST))
    world.flows["surplus"] += ordered_sum(world.surplus, axis=1) / MONTHS_PER_YEAR


def _count_money(world: World, offers: _Offers, month: int) -> None:
    """Revenue, profit and spending of the month (equation 4.15)."""
    sales = world.sales
    revenue, profit = world.flows["revenue"], world.flows["profit"]
    world.kernels.book_month(revenue, profit, sales, offers.split.vendor, offers.fixed_cost)
    for v, vendor in enumerate(world.scenario.vendors.values()):
        for name in vendor.captive:
            m = world.axes.markets.index(name)
            captive = captive_cost(world, v, m, month) * fee_markup(world.fee[v, m])
            world.flows["profit"][v, m] -= captive / MONTHS_PER_YEAR
    for v, m in zip(*offers.shared, strict=True):
        left = 1.0 - world.stake[v, m]
        margins = left * offers.split.owners[v, m]
        world.flows["co_owner"][m] += profits(sales[v, m], margins, left * world.fixed_cost[v, m]) / MONTHS_PER_YEAR
    if world.raises_services_tax:
        for flow, part in offers.split.taxes.items():
            world.flows[flow] += ordered_sum(part * sales) / MONTHS_PER_YEAR
    world.flows["spending"] += ordered_sum(world.served, axis=1) / MONTHS_PER_YEAR
    world.flows["unmet"] += ordered_sum(world.unmet, axis=1) / MONTHS_PER_YEAR
    world.made += ordered_sum(sales / world.price, axis=1) / (world.trend_price(month) * MONTHS_PER_YEAR)


def _remember(world: World, month: int) -> None:
    """Growth of each market over the last twelve months, as vendors see it."""
    total = ordered_sum(world.budget, axis=1)
    slot = month % MONTHS_HELD
    world.growth = np.log(total / world.spending_history[slot])
    world.spending_history[slot] = total
