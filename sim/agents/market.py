"""Customers: every month they see qualities and prices, choose, and are served as far as capacity goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.agents import Process
from sim.agents.reckoning import captive_cost, fee_markup
from sim.economics.demand import budgets, kept_contracts, log_price_index
from sim.economics.trend import catch_up_share
from sim.economics.welfare import surplus_stock
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, ordered_sum
from sim.scenario.schema import Presence
from sim.timeline import Phase, Timeline
from sim.world.presence_rules import AccessRules, access_shares, presence_penalty
from sim.world.state import MONTHS_HELD, BySeller, World

CUSTOMER_RULES = ("residency", "zone_reach", "allowed_share", "firewall")
"""Levers that change whom customers may choose and how well they are served."""


def market(timeline: Timeline, world: World) -> Process:
    """Play the customers' side of all markets, month after month."""
    seen = {name: getattr(world.base.levers, name).copy() for name in CUSTOMER_RULES}
    closes = catch_up_share(world.base.tau)
    offers = _Offers.of(world)
    while True:
        month = yield timeline.turn(Phase.MARKET)
        served_before = world.served
        if _rules_or_presence_changed(world, seen):
            _apply_rules(world)
            offers.access = world.base.by_seller(world.access)
        _drift_quality(world, month, closes)
        offers.look_at_prices(world)
        _choose(world, offers)
        _set_budgets(world, month)
        carried = _spend(world, month)
        _count_surplus(world, served_before, carried)
        _count_money(world, month)
        _remember(world, month)


@dataclass
class _Offers:
    """What customers see of each market's sellers that changes in few months only.

    Attributes
    ----------
    access, quality
        [market][seller, segment, draw] access, and base quality, which is finite also where nobody has access.
    price
        [vendor, market, draw] prices as last looked at.
    log_price
        [market][seller, draw] their logs.
    """

    access: BySeller
    quality: BySeller
    price: FloatArray
    log_price: BySeller

    @classmethod
    def of(cls, world: World) -> _Offers:
        base = world.base
        quality = base.by_seller(np.where(base.sells[:, :, None], world.owned_quality, 0.0))
        return cls(base.by_seller(world.access), quality, world.price.copy(), base.by_seller(np.log(world.price)))

    def look_at_prices(self, world: World) -> None:
        """Take the logs of prices anew where some have changed."""
        if not np.array_equal(self.price, world.price):
            np.copyto(self.price, world.price)
            self.log_price = [np.log(price) for price in world.base.by_seller(world.price)]


def _rules_or_presence_changed(world: World, seen: dict[str, FloatArray]) -> bool:
    """Whether access or penalties need to be worked out again; updates `seen`."""
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
        world.scenario, world.draws, world.presence, base.domestic, world.levers.firewall
    )


def _drift_quality(world: World, month: int, closes: FloatArray) -> None:
    """Catch-up, leaks through partners, export controls and shocks (equations 3.8, 3.11, 5.6 and 5.12).

    Parameters
    ----------
    closes
        [vendor, market, draw] part of what is left of its gap that a vendor closes in a month.
    """
    base, levers = world.base, world.levers
    if month:
        rate = world.value(world.scenario.presence.leak) / MONTHS_PER_YEAR
        for m, country in enumerate(base.market_country):
            if country >= 0:
                partner_run = share_served(world, m, world.presence[:, m] == Presence.PARTNER)
                world.leaked[country] += rate * (1.0 - levers.ip_protection[m]) * partner_run
        world.controlled += levers.quality_drift / MONTHS_PER_YEAR
    learned = np.vstack([world.leaked + world.controlled, np.zeros(world.draws.count)])[base.home]
    closed = closes if month else np.zeros_like(closes)
    world.gained, world.drift = world.kernels.drift(world.gained, base.gap, closed, base.quality_walk[month], learned)


def share_served(world: World, m: int, who: BoolArray) -> FloatArray:
    """Share of a market's spending that some vendors serve, [draw].

    Parameters
    ----------
    who
        [vendor, draw] or [vendor, 1] whether the vendor counts.
    """
    by_vendor = world.sales[:, m]
    return ordered_sum(np.where(who, by_vendor, 0.0)) / ordered_sum(by_vendor)


def _choose(world: World, offers: _Offers) -> None:
    """Divide free spending between the vendors of each market."""
    for m, here in enumerate(world.base.sellers):
        moving = world.drift[here, m] - world.penalty[here, m]
        log_price = offers.log_price[m]
        choice = world.kernels.choose(offers.access[m], offers.quality[m], moving, log_price, world.base.sigma)
        world.attraction[m], world.shares[m] = choice.attraction, choice.shares
        world.attraction_total[m] = choice.total


def _set_budgets(world: World, month: int) -> None:
    """Let spending answer to the price index."""
    base = world.base
    decline = world.value(world.scenario.costs.decline) * (month / MONTHS_PER_YEAR)
    world.log_index = log_price_index(world.attraction_total, base.sigma) - decline
    gap = world.log_index - base.trend_log_index[month]
    world.budget = budgets(base.spending_path[month] * world.activity[:, None], gap, base.eta)


def _spend(world: World, month: int) -> FloatArray:
    """Renew contracts, and ration where capacity is short.

    Returns
    -------
    [market, segment, draw] spending that goes on under contract, bn a year.
    """
    churn = world.base.churn_month if month else np.zeros_like(world.base.churn_month)
    trend = world.trend_price(month)
    served, carried = np.empty_like(world.served), np.empty_like(world.served)
    for m, here in enumerate(world.base.sellers):
        limit = world.capacity[here, m] * world.price[here, m] * trend
        spent = world.kernels.spend(world.revenue[m], world.served[m], world.shares[m], world.budget[m], churn, limit)
        world.revenue[m], world.sales[here, m] = spent.revenue, spent.sales
        world.free[m], world.unmet[m], served[m], carried[m] = spent.free, spent.unmet, spent.total, spent.carried
    world.served = served
    return carried


def _count_surplus(world: World, before: FloatArray, carried: FloatArray) -> None:
    """Surplus follows contracts; what could not be served brings none.

    Parameters
    ----------
    before, carried
        [market, segment, draw] spending served last month, and the part of it that goes on under contract, bn a year.
    """
    served = world.budget - world.unmet
    went_on = np.minimum(carried, served)
    part = np.divide(went_on, before, out=np.zeros_like(before), where=before > 0.0)
    world.surplus = surplus_stock(world.surplus, part, served - went_on, world.log_index, world.base.eta)
    world.surplus_flow += ordered_sum(world.surplus, axis=1) / MONTHS_PER_YEAR


def _count_money(world: World, month: int) -> None:
    """Revenue, profit and spending of the month (equation 4.15)."""
    sales = world.sales
    profit, to_co_owners = world.kernels.profits(
        sales, world.price, world.cost, world.fee, world.fixed_cost, world.stake
    )
    for v, vendor in enumerate(world.scenario.vendors.values()):
        for name in vendor.captive:
            m = world.axes.markets.index(name)
            profit[v, m] -= captive_cost(world, v, m, month) * fee_markup(world.fee[v, m])
    world.kernels.add_month(world.revenue_flow, sales)
    world.kernels.add_month(world.profit_flow, profit)
    world.co_owner_flow += to_co_owners / MONTHS_PER_YEAR
    world.spending_flow += ordered_sum(world.served, axis=1) / MONTHS_PER_YEAR
    world.unmet_flow += ordered_sum(world.unmet, axis=1) / MONTHS_PER_YEAR
    world.made += ordered_sum(sales / world.price, axis=1) / (world.trend_price(month) * MONTHS_PER_YEAR)


def _remember(world: World, month: int) -> None:
    """Growth of each market over the last twelve months, as vendors see it."""
    total = ordered_sum(world.budget, axis=1)
    slot = month % MONTHS_HELD
    world.growth = np.log(total / world.spending_history[slot])
    world.spending_history[slot] = total
