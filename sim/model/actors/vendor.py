"""A vendor: sets prices every quarter and orders capacity for what it expects to sell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.channels import NO_ZONE
from sim.model.equations.capacity import expected_sales, order_units
from sim.model.equations.pricing import (
    adjusted_price,
    best_response_price,
    short_run_elasticity,
)
from sim.model.minds.zone_room import zone_limit
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, IntArray, ordered_sum, power
from sim.timeline import Phase, Process, Timeline


def pricing(timeline: Timeline, world: World, v: int) -> Process:
    """Set the prices of vendor `v` in all its channels, every quarter."""
    settings = world.scenario.pricing
    adjustment, weight = world.value(settings.adjustment_share), world.value(settings.short_run_share)
    base, rows, weighs = world.base, world.channels.of_vendor[v], weight.any()
    while True:
        yield timeline.turn(Phase.PRICING, every=MONTHS_PER_QUARTER)
        own = rows[world.active[rows].any(axis=1)]
        if not len(own):
            continue
        revenue = _weights(world, own)
        elasticity = world.kernels.price_elasticity(world.shares(own), revenue, base.sigma, base.eta)
        if weighs:
            elasticity = short_run_elasticity(elasticity, _free_share(world, own), weight)
        price = world.price[own]
        target = best_response_price(world.cost[own], elasticity, world.terms[own].taken)
        world.price[own] = np.where(world.active[own], adjusted_price(price, target, adjustment), price)


def _weights(world: World, own: IntArray) -> FloatArray:
    """What weighs customers in a price: the channel's revenue with each group; segments alike where it has none."""
    revenue = world.of_channels(world.revenue, own)
    revenue[:, : len(world.axes.segments)] += (world.sales[own] <= 0.0)[:, None]
    return revenue


def _free_share(world: World, own: IntArray) -> FloatArray:
    """Share of a channel's sales that was chosen this month, [channel, draw]."""
    chosen = ordered_sum(world.shares(own) * world.free[world.channels.market[own]], axis=1)
    sales = world.sales[own]
    share = np.divide(chosen, sales, out=np.ones_like(sales), where=sales > 0.0)
    return np.minimum(share, 1.0)


def ordering(timeline: Timeline, world: World, v: int) -> Process:
    """Order capacity for vendor `v` twice a year, or as often as the scenario says."""
    settings = world.scenario.capacity
    every = settings.order_every_months
    orders = -(-timeline.calendar.months // every)
    lead = world.draws.path(settings.lead_months, f"lead.{world.axes.vendors[v]}", orders)
    lead_months = np.maximum(np.ceil(lead), 1).astype(np.int64)
    plan, rows = Plan.of(world), world.channels.of_vendor[v]
    while True:
        month = yield timeline.turn(Phase.ORDERS, every=every)
        own = rows[world.active[rows].any(axis=1)]
        units = _wanted(world, own, plan, month)
        _keep_to_zones(world, own, units, month)
        place_order(world, own, month + lead_months[month // every], units, month)


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


def _wanted(world: World, own: IntArray, plan: Plan, month: int) -> FloatArray:
    """Units to order for what is expected when they arrive, [channel, draw]."""
    m = world.channels.market[own]
    potential = ordered_sum(world.shares(own) * world.budget[m], axis=1)
    expected = expected_sales(world.sales[own], potential, world.base.churn_rate, world.growth[m], plan.years)
    price = world.price[own] * world.trend_price(month)
    return plan.order(expected, price, world.capacity[own], world.on_order[own])


def _keep_to_zones(world: World, own: IntArray, units: FloatArray, month: int) -> None:
    """Cut orders, [channel, draw], to the room that is left in zones."""
    for k, row in enumerate(own):
        if world.channels.zone[row] != NO_ZONE:
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
    pipeline = world.pipeline.reshape(-1)  # one index for each draw takes a sixth of the time that three take
    months, *others = world.pipeline.shape
    cells = np.ravel_multi_index((arrival % months, 0, np.arange(world.draws.count)), (months, *others))
    for k in np.flatnonzero(units.any(axis=1)):
        pipeline[cells + own[k] * world.draws.count] += units[k]
    world.on_order[own] += units
    world.flows["capex"][own] += units * capacity_price(world, month)[world.channels.market[own]]


def capacity_price(world: World, month: int) -> FloatArray:
    """Price of a compute unit of capacity (equation 4.14), [market, draw], bn: falls with cost, rises with tariffs."""
    settings = world.scenario.capacity
    tariff = 1.0 + world.value(settings.hardware_share_of_capex) * world.levers.hardware_tariff
    return world.value(settings.capex_per_unit) * world.trend_price(month) * tariff
