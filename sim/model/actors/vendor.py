"""Vendors: each sets its prices every quarter and orders capacity for what it expects to sell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp, power
from sim.model.channels import NOBODY
from sim.model.equations.capacity import expected_sales, order_units
from sim.model.equations.nests import joint_prices, parts_of_whole, shares_without
from sim.model.equations.price_quarter import Asking, Demand, best_prices, move_prices
from sim.model.equations.pricing import elasticity_at_share, free_part_of_sales, short_run_elasticity
from sim.model.minds.zone_room import zone_limit
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, IntArray, ordered_sum, quotient
from sim.timeline import Phase, Process, Timeline


def pricing(timeline: Timeline, world: World) -> Process:
    """Set the prices of all vendors, every quarter: each knows what was sold, and not what others will ask."""
    settings = world.scenario.pricing
    adjustment, weight = world.value(settings.adjustment_share), world.value(settings.short_run_share)
    while True:
        month = yield timeline.turn(Phase.PRICING, every=MONTHS_PER_QUARTER)
        for m, here in enumerate(world.sellers):
            move_prices(here, world.active, _Market.of(world, m, weight).targets(month), adjustment, world.price)


@dataclass(frozen=True)
class _Market:
    """What vendors know of a market when they set prices.

    Attributes
    ----------
    m, here
        The market, and channels that are in use in some draw, [seller].
    demand
        What customers ask for.
    """

    world: World
    m: int
    here: IntArray
    demand: Demand

    @classmethod
    def of(cls, world: World, m: int, weight: FloatArray) -> _Market:
        """Look at a market; `weight` [draw] is that of short-run profit (equation 4.4)."""
        base = world.base
        groups = base.groups[m]
        demand = Demand(
            len(world.axes.segments),
            world.attraction[m],
            world.revenue[m],
            world.per_attraction[m, :groups],
            world.free[m, :groups],
            base.sigma[:groups],
            base.eta,
            weight,
        )
        return cls(world, m, world.sellers[m], demand)

    def targets(self, month: int) -> FloatArray:
        """Give the prices that vendors want, [seller, draw]."""
        world, vendor, zone, terms = self.world, self.world.channels.vendor, self.world.channels.zone, self.world.terms
        target = np.empty((len(self.here), world.draws.count))
        best_prices(self.demand, Asking(self.here, world.sales, world.asking_cost, terms.fee, terms.tax), target)
        used = np.flatnonzero(world.active[self.here].any(axis=1))
        own_places: dict[int, list[int]] = {}
        for k, v in zip(used.tolist(), vendor[self.here[used]].tolist(), strict=True):
            own_places.setdefault(v, []).append(k)
        for own in map(np.array, own_places.values()):
            in_zones = own[zone[self.here[own]] != NOBODY]
            if len(own) == 1 and not len(in_zones):
                continue
            shares = self.demand.attraction[own] * self.demand.per_attraction
            whole = ordered_sum(shares)
            if len(own) > 1:
                together = world.active[self.here[own]].sum(axis=0) > 1
                target[own] = np.where(together, self._joint_prices(own, shares, whole), target[own])
            for k in in_zones:
                target[k] = np.maximum(target[k], self._clearing_price(int(k), whole, month))
        return target

    def _joint_prices(self, own: IntArray, shares: FloatArray, whole: FloatArray) -> FloatArray:
        """Prices at which a vendor's channels together earn most (equation 4.20), [channel, draw].

        Parameters
        ----------
        own, shares, whole
            [channel] places of its channels, their shares in the market, [channel, group, draw], and the sum of these.
        """
        world, (segments, _, revenue, _, free, sigma, eta, weight) = self.world, self.demand
        rows = self.here[own]
        sales, spending = ordered_sum(world.sales[rows]), ordered_sum(revenue[own])
        spending[:segments] += sales <= 0.0
        part = free_part_of_sales(ordered_sum(whole * free), sales)
        in_market = short_run_elasticity(elasticity_at_share(whole, sigma, eta), part, weight)
        mu = short_run_elasticity(world.base.mu, part, weight)
        return joint_prices(parts_of_whole(shares), spending, in_market, mu, world.asking_cost[rows], world.terms[rows])

    def _clearing_price(self, k: int, whole: FloatArray, month: int) -> FloatArray:
        """Price at which customers ask for what a vendor's part of a zone has room for (equation 4.21), [draw].

        p * (asked / room) ** (1 / eps_j),    eps_j = sum_g w_jg (mu (1 - s_jg) + eps_g s_jg)

        Room in a zone does not grow with what is asked of it, so a vendor would otherwise turn customers away for ever.

        Parameters
        ----------
        k, whole
            Place of the channel, and [group, draw] share of all of the vendor's channels in the market.
        """
        world, share = self.world, self.demand.attraction[k] * self.demand.per_attraction
        inside = quotient(share, whole, whole > 0.0, np.zeros_like(share))
        in_market = elasticity_at_share(whole, self.demand.sigma, self.demand.eta)
        elasticity = world.base.mu * (1.0 - inside) + in_market * inside
        sales = share * world.budget[self.m, : len(share)]
        asked = ordered_sum(sales)
        mean = quotient(ordered_sum(elasticity * sales), asked, asked > 0.0, np.ones_like(asked))
        row = int(self.here[k])
        price = world.price[row]
        room = zone_limit(world, row, month) * price * world.trend_price(month)
        return price * power(asked / room, 1.0 / mean)


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
        place_order(world, own, month + lead_months[vendor[own], month // every], units, month)


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
    potential = _potential(world)[own]
    for places in _several(world, own):
        potential[places] = _beside_full_zones(world, own[places], potential[places], plan, month)
    expected = expected_sales(world.sales[own], potential, world.base.churn_rate, world.growth[m], plan.years)
    price = world.price[own] * world.trend_price(month)
    return plan.order(expected, price, world.capacity[own], world.on_order[own])


def _potential(world: World) -> FloatArray:
    """Sales of each channel if all spending were up for choice now, [channel, draw], bn a year."""
    found = np.zeros_like(world.sales)
    for m, here in enumerate(world.sellers):
        found[here] = ordered_sum(world.shares_in(m) * world.budget[m, : world.base.groups[m]], axis=1)
    return found


def _several(world: World, own: IntArray) -> list[IntArray]:
    """Places of those channels of a vendor that are in one market with others of its own, for each such pair."""
    pairs = world.channels.pairs[own]
    found, counts = np.unique(pairs, return_counts=True)
    return [np.flatnonzero(pairs == pair) for pair in found[counts > 1]]


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
        [channel, draw] month of arrival.
    units
        [channel, draw] compute units.
    month
        Month of the order.
    """
    price, market = capacity_price(world, month), world.channels.market
    _put_on_order(own, units, arrival, price, market, (world.pipeline, world.on_order, world.flows["capex"]))


@compiled
def _put_on_order(
    own: IntArray,
    units: FloatArray,
    arrival: IntArray,
    price: FloatArray,
    market: IntArray,
    books: tuple[FloatArray, FloatArray, FloatArray],
) -> None:
    """Add units, [order, draw], to what arrives in a month and to what is on order, and their price to what was spent.

    Parameters
    ----------
    own, units, arrival
        As in `place_order`.
    price, market
        [market, draw] price of a unit, and [channel] market of each.
    books
        [month, channel, draw] what arrives, months going round, and [channel, draw] on order and capital expenditure.
    """
    pipeline, on_order, capex = books
    orders, draws = units.shape
    for k in range(orders):
        row = own[k]
        for d in range(draws):
            on_order[row, d] += units[k, d]
            capex[row, d] += units[k, d] * price[market[row], d]
        for d in range(draws):
            if units[k, d] > 0.0:
                pipeline[arrival[k, d] % len(pipeline), row, d] += units[k, d]


def capacity_price(world: World, month: int) -> FloatArray:
    """Price of a compute unit of capacity (equation 4.14), [market, draw], bn: falls with cost, rises with tariffs."""
    settings = world.scenario.capacity
    tariff = 1.0 + world.value(settings.hardware_share_of_capex) * world.levers.hardware_tariff
    return world.value(settings.capex_per_unit) * world.trend_price(month) * tariff
