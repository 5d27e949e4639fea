"""Vendors: each sets its prices every quarter and orders capacity for what it expects to sell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp, power
from sim.model.channels import NOBODY
from sim.model.equations.capacity import expected_sales, order_units
from sim.model.equations.nests import joint_prices, parts_of_whole, shares_without
from sim.model.equations.pricing import (
    adjusted_price,
    best_response_price,
    elasticity_at_share,
    price_elasticity_atkeson_burstein_2008,
    short_run_elasticity,
)
from sim.model.equations.terms import Terms
from sim.model.minds.zone_room import zone_limit
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, IntArray, ordered_sum, quotient
from sim.timeline import Phase, Process, Timeline


def pricing(timeline: Timeline, world: World) -> Process:
    """Set the prices of all vendors, every quarter: each knows what was sold, and not what others will ask."""
    settings = world.scenario.pricing
    adjustment, weight = world.value(settings.adjustment_share), world.value(settings.short_run_share)
    base, weighs = world.base, weight.any()
    while True:
        month = yield timeline.turn(Phase.PRICING, every=MONTHS_PER_QUARTER)
        own = np.flatnonzero(world.active.any(axis=1))
        revenue = _weights(world, world.of_channels(world.revenue, own), world.sales[own])
        elasticity = price_elasticity_atkeson_burstein_2008(world.shares(own), revenue, base.sigma, base.eta)
        if weighs:
            elasticity = short_run_elasticity(elasticity, _free_share(world, own), weight)
        price, terms = world.price[own], world.terms[own]
        target = best_response_price(world.asking_cost[own], elasticity, terms.taken)
        for places in _several(world, own):
            together = _joint_prices(world, own[places], terms[places], weight)
            target[places] = np.where(world.active[own[places]].sum(axis=0) > 1, together, target[places])
        for k in np.flatnonzero(world.channels.zone[own] != NOBODY):
            target[k] = np.maximum(target[k], _clearing_price(world, own, int(own[k]), month))
        world.price[own] = np.where(world.active[own], adjusted_price(price, target, adjustment), price)


def _several(world: World, own: IntArray) -> list[IntArray]:
    """Places of those channels of a vendor that are in one market with others of its own, for each such pair."""
    pairs = world.channels.pairs[own]
    found, counts = np.unique(pairs, return_counts=True)
    return [np.flatnonzero(pairs == pair) for pair in found[counts > 1]]


def _joint_prices(world: World, own: IntArray, terms: Terms, weight: FloatArray) -> FloatArray:
    """Prices at which a vendor's channels in one market together earn most (equation 4.20), [channel, draw]."""
    base, shares = world.base, world.shares(own)
    whole = ordered_sum(shares)
    spending = _weights(world, ordered_sum(world.of_channels(world.revenue, own)), ordered_sum(world.sales[own]))
    elasticity, mu = elasticity_at_share(whole, base.sigma, base.eta), base.mu
    if weight.any():
        m = world.channels.market[own[0]]
        sales = ordered_sum(world.sales[own])
        chosen = ordered_sum(whole * world.free[m])
        free = np.minimum(quotient(chosen, sales, sales > 0.0, np.ones_like(sales)), 1.0)
        elasticity, mu = (short_run_elasticity(held, free, weight) for held in (elasticity, mu))
    return joint_prices(parts_of_whole(shares), spending, elasticity, mu, world.asking_cost[own], terms)


def _clearing_price(world: World, own: IntArray, row: int, month: int) -> FloatArray:
    """Price at which customers ask for what a vendor's part of a zone has room for (equation 4.21), [draw].

    p * (asked / room) ** (1 / eps_j),    eps_j = sum_g w_jg (mu (1 - s_jg) + eps_g s_jg)

    Room in a zone does not grow with what is asked of it, so a vendor would otherwise turn customers away for ever.

    Parameters
    ----------
    own, row
        Channels in use, and the one in the zone.
    """
    base, pair, m = world.base, world.channels.pairs, world.channels.market[row]
    together = own[pair[own] == pair[row]]
    shares = world.shares(together)
    [share], whole = shares[together == row], ordered_sum(shares)
    inside = quotient(share, whole, whole > 0.0, np.zeros_like(share))
    elasticity = base.mu * (1.0 - inside) + elasticity_at_share(whole, base.sigma, base.eta) * inside
    sales = share * world.budget[m]
    asked = ordered_sum(sales)
    mean = quotient(ordered_sum(elasticity * sales), asked, asked > 0.0, np.ones_like(asked))
    price = world.price[row]
    room = zone_limit(world, row, month) * price * world.trend_price(month)
    return price * power(asked / room, 1.0 / mean)


def _weights(world: World, revenue: FloatArray, sales: FloatArray) -> FloatArray:
    """What weighs customers in a price, [..., group, draw]: revenue with each group; segments alike without any.

    Parameters
    ----------
    revenue, sales
        [..., group, draw] and [..., draw] revenue by group, and over all of them, bn a year; the first is written to.
    """
    revenue[..., : len(world.axes.segments), :] += (sales <= 0.0)[..., None, :]
    return revenue


def _free_share(world: World, own: IntArray) -> FloatArray:
    """Share of a channel's sales that was chosen this month, [channel, draw]."""
    chosen = ordered_sum(world.shares(own) * world.free[world.channels.market[own]], axis=1)
    sales = world.sales[own]
    share = np.divide(chosen, sales, out=np.ones_like(sales), where=sales > 0.0)
    return np.minimum(share, 1.0)


def ordering(timeline: Timeline, world: World) -> Process:
    """Order capacity for all vendors twice a year, or as often as the scenario says."""
    settings = world.scenario.capacity
    every = settings.order_every_months
    orders = -(-timeline.calendar.months // every)
    leads = [world.draws.path(settings.lead_months, f"lead.{name}", orders) for name in world.axes.vendors]
    lead_months = np.maximum(np.ceil(leads), 1).astype(np.int64)
    plan, vendor = Plan.of(world), world.channels.vendor
    while True:
        month = yield timeline.turn(Phase.ORDERS, every=every)
        own = np.flatnonzero(world.active.any(axis=1))
        units = _wanted(world, own, plan, month)
        _keep_to_zones(world, own, units, month)
        for v, arrival in enumerate(month + lead_months[:, month // every]):
            its = vendor[own] == v
            place_order(world, own[its], arrival, units[its], month)


@dataclass(frozen=True)
class Plan:
    """What every order reckons with, each [draw]: sales one usual lead time and one interval between orders ahead.

    Attributes
    ----------
    years
        Time ahead.
    cheaper, surviving
        Price and present capacity that are left by then, shares of one.
    headroom
        Capacity wanted above sales, share of one.
    """

    years: FloatArray
    cheaper: FloatArray
    surviving: FloatArray
    headroom: FloatArray

    @classmethod
    def of(cls, world: World) -> Plan:
        """Look at the settings of a scenario."""
        settings = world.scenario.capacity
        ahead = (settings.lead_months.central + settings.order_every_months) / MONTHS_PER_YEAR
        years = np.full(world.draws.count, ahead)
        cheaper = exp(-world.value(world.scenario.costs.decline) * years)
        surviving = power(1.0 - world.value(settings.retirement), years)
        return cls(years, cheaper, surviving, world.value(settings.headroom))

    def of_draws(self, draw: IntArray) -> Plan:
        """The same in some draws."""
        return Plan(self.years[draw], self.cheaper[draw], self.surviving[draw], self.headroom[draw])

    def order(self, expected: FloatArray, price: FloatArray, capacity: FloatArray, on_order: FloatArray) -> FloatArray:
        """Compute units to order for sales expected then (equation 4.10).

        Parameters
        ----------
        expected
            [..., draw] `expected_sales` after `years`, bn a year.
        price
            [..., draw] price that customers pay now.
        capacity, on_order
            [..., draw] what there is, and what is coming.
        """
        return order_units(expected / (price * self.cheaper), self.headroom, capacity, on_order, self.surviving)


def _wanted(world: World, own: IntArray, plan: Plan, month: int) -> FloatArray:
    """Units to order for what is expected when they arrive, [channel, draw]."""
    m = world.channels.market[own]
    potential = ordered_sum(world.shares(own) * world.budget[m], axis=1)
    for places in _several(world, own):
        potential[places] = _beside_full_zones(world, own[places], potential[places], plan, month)
    expected = expected_sales(world.sales[own], potential, world.base.churn_rate, world.growth[m], plan.years)
    price = world.price[own] * world.trend_price(month)
    return plan.order(expected, price, world.capacity[own], world.on_order[own])


def _beside_full_zones(world: World, own: IntArray, potential: FloatArray, plan: Plan, month: int) -> FloatArray:
    """Sales of a vendor's channels in one market if all spending were up for choice and zones were full by then.

    Of customers for whom zones will have no room, the other channels win what they would without zones.

    Parameters
    ----------
    potential
        [channel, draw] sales with room for all, bn a year.
    """
    in_zones = world.channels.zone[own] != NOBODY
    if not in_zones.any() or in_zones.all():
        return potential
    m = int(world.channels.market[own[0]])
    sales, growth = world.sales[own[in_zones]], world.growth[m]
    asked = expected_sales(sales, potential[in_zones], world.base.churn_rate, growth, plan.years)
    most = np.stack([zone_limit(world, row, month) for row in own[in_zones]])
    most = most * world.price[own[in_zones]] * world.trend_price(month)
    whole = ordered_sum(asked)
    served = quotient(ordered_sum(np.minimum(asked, most)), whole, whole > 0.0, np.ones_like(whole))
    stays = np.broadcast_to(~in_zones[:, None], potential.shape)
    kappa = world.nests(m, own).kappa
    without = ordered_sum(
        shares_without(world.shares(own)[:, : len(kappa)], stays, kappa) * world.budget[m, : len(kappa)], axis=1
    )
    return np.where(in_zones[:, None], potential, without + served * (potential - without))


def _keep_to_zones(world: World, own: IntArray, units: FloatArray, month: int) -> None:
    """Cut orders, [channel, draw], to the room that is left in zones."""
    for k, row in enumerate(own):
        if world.channels.zone[row] != NOBODY:
            room = zone_limit(world, row, month) - world.capacity[row] - world.on_order[row]
            np.minimum(units[k], np.maximum(room, 0.0), out=units[k])


def place_order(world: World, own: IntArray, arrival: IntArray, units: FloatArray, month: int) -> None:
    """Put an order into the pipeline and count its price as capital expenditure.

    Parameters
    ----------
    own
        [channel] where the capacity is for.
    arrival
        [draw] month of arrival.
    units
        [channel, draw] compute units.
    month
        Month of the order.
    """
    _put_on_order(world.pipeline, arrival, own, units)
    world.on_order[own] += units
    world.flows["capex"][own] += units * capacity_price(world, month)[world.channels.market[own]]


@compiled
def _put_on_order(pipeline: FloatArray, arrival: IntArray, own: IntArray, units: FloatArray) -> None:
    """Add units, [order, draw], to what arrives in a month, [month, channel, draw]; months go round."""
    orders, draws = units.shape
    for k in range(orders):
        for d in range(draws):
            pipeline[arrival[d] % len(pipeline), own[k], d] += units[k, d]


def capacity_price(world: World, month: int) -> FloatArray:
    """Price of a compute unit of capacity (equation 4.14), [market, draw], bn: falls with cost, rises with tariffs."""
    settings = world.scenario.capacity
    tariff = 1.0 + world.value(settings.hardware_share_of_capex) * world.levers.hardware_tariff
    return world.value(settings.capex_per_unit) * world.trend_price(month) * tariff
