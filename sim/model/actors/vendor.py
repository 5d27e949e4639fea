"""A vendor: sets prices every quarter and orders capacity for what it expects to sell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.equations.capacity import expected_sales, order_units
from sim.model.equations.pricing import (
    adjusted_price,
    best_response_price,
    short_run_elasticity,
)
from sim.model.minds.zone_room import zone_limit
from sim.model.start.parties import reviewed_pairs
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, IntArray, ordered_sum, power
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def pricing(timeline: Timeline, world: World, v: int) -> Process:
    """Set the prices of vendor `v` in all its markets, every quarter."""
    settings = world.scenario.pricing
    adjustment, weight = world.value(settings.adjustment_share), world.value(settings.short_run_share)
    base, own, weighs = world.base, _markets_of(world, v), weight.any()
    while True:
        yield timeline.turn(Phase.PRICING, every=MONTHS_PER_QUARTER)
        revenue = world.of_vendor(world.revenue, v, own)
        elasticity = world.kernels.price_elasticity(world.shares(v, own), revenue, base.sigma, base.eta)
        if weighs:
            elasticity = short_run_elasticity(elasticity, _free_share(world, v, own), weight)
        price = world.price[v, own]
        target = best_response_price(world.cost[v, own], elasticity, world.terms[v, own].taken)
        sells = world.presence[v, own] != Presence.ABSENT
        world.price[v, own] = np.where(sells, adjusted_price(price, target, adjustment), price)


def _markets_of(world: World, v: int) -> IntArray:
    """Markets in which a vendor is present, or may come to be: [market]."""
    own = world.base.sells[v].any(axis=1) | (world.base.presence[v] != Presence.ABSENT).any(axis=1)
    own[[m for reviewer, m in reviewed_pairs(world.scenario) if reviewer == v]] = True
    return np.flatnonzero(own)


def _free_share(world: World, v: int, own: IntArray) -> FloatArray:
    """Share of the vendor's sales that was chosen this month, [market, draw]."""
    chosen = ordered_sum(world.shares(v, own) * world.free[own], axis=1)
    sales = world.sales[v, own]
    share = np.divide(chosen, sales, out=np.ones_like(sales), where=sales > 0.0)
    return np.minimum(share, 1.0)


def ordering(timeline: Timeline, world: World, v: int) -> Process:
    """Order capacity for vendor `v` twice a year, or as often as the scenario says."""
    settings = world.scenario.capacity
    every = settings.order_every_months
    orders = -(-timeline.calendar.months // every)
    lead = world.draws.path(settings.lead_months, f"lead.{world.axes.vendors[v]}", orders)
    lead_months = np.maximum(np.ceil(lead), 1).astype(np.int64)
    plan = Plan.of(world)
    while True:
        month = yield timeline.turn(Phase.ORDERS, every=every)
        units = _wanted(world, v, plan, month)
        _keep_to_zones(world, v, units, month)
        place_order(world, v, month + lead_months[month // every], units, month)


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
        cheaper = np.exp(-world.value(world.scenario.costs.decline) * years)
        surviving = power(1.0 - world.value(settings.retirement), years)
        return cls(years, cheaper, surviving, world.value(settings.headroom))

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


def _wanted(world: World, v: int, plan: Plan, month: int) -> FloatArray:
    """Units to order for what is expected when they arrive, [market, draw]."""
    markets = range(len(world.axes.markets))
    potential = ordered_sum(world.shares(v, markets) * world.budget, axis=1)
    expected = expected_sales(world.sales[v], potential, world.base.churn_rate, world.growth, plan.years)
    return plan.order(expected, world.price[v] * world.trend_price(month), world.capacity[v], world.on_order[v])


def _keep_to_zones(world: World, v: int, units: FloatArray, month: int) -> None:
    """Cut orders, [market, draw], to the room that is left in zones."""
    for m in set(world.axes.zone_markets):
        limit = zone_limit(world, m, world.presence[v, m], world.zone[v, m], month)
        np.minimum(units[m], np.maximum(limit - world.capacity[v, m] - world.on_order[v, m], 0.0), out=units[m])


def place_order(world: World, v: int, arrival: IntArray, units: FloatArray, month: int) -> None:
    """Put an order into the pipeline and count its price as capital expenditure.

    Parameters
    ----------
    arrival
        [draw] month of arrival.
    units
        [market, draw] compute units.
    month
        Month of the order.
    """
    pipeline = world.pipeline.reshape(-1)  # one index for each draw takes a sixth of the time that four take
    months, *others = world.pipeline.shape
    cells = np.ravel_multi_index((arrival % months, v, 0, np.arange(world.draws.count)), (months, *others))
    for m in np.flatnonzero(units.any(axis=1)):
        pipeline[cells + m * world.draws.count] += units[m]
    world.on_order[v] += units
    world.flows["capex"][v] += units * capacity_price(world, month)


def capacity_price(world: World, month: int) -> FloatArray:
    """Price of a compute unit of capacity (equation 4.14), [market, draw], bn: falls with cost, rises with tariffs."""
    settings = world.scenario.capacity
    tariff = 1.0 + world.value(settings.hardware_share_of_capex) * world.levers.hardware_tariff
    return world.value(settings.capex_per_unit) * world.trend_price(month) * tariff
