"""Supply: data centres retire and arrive, and unit costs follow technology and rules."""

from __future__ import annotations

import numpy as np

from sim.agents import Process
from sim.agents.vendor import zone_limit
from sim.economics.costs import experience_cost_factor, hardware_cost_factor, residency_cost_factor, unit_cost
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.scenario.schema import Presence
from sim.timeline import Phase, Timeline
from sim.world.build import reviewed_pairs
from sim.world.state import World


def construction(timeline: Timeline, world: World) -> Process:
    """Retire and bring on line, every month from the first; what a vendor has no place for is given up."""
    keeps = (1.0 - world.value(world.scenario.capacity.retirement)) ** (1.0 / MONTHS_PER_YEAR)
    pairs = reviewed_pairs(world.scenario)
    while True:
        month = yield timeline.turn(Phase.SUPPLY)
        if month:
            world.capacity *= keeps
        arriving = world.pipeline[month % len(world.pipeline)]
        world.capacity += arriving
        world.on_order -= arriving
        arriving[:] = 0.0
        np.maximum(world.on_order, 0.0, out=world.on_order)
        for v, m in pairs:
            presence = world.presence[v, m]
            if ((presence == Presence.ABSENT) | (presence == Presence.ZONE)).any():
                world.capacity[v, m] = np.minimum(world.capacity[v, m], _most_capacity(world, v, m, month))


def _most_capacity(world: World, v: int, m: int, month: int) -> FloatArray:
    """Most that a vendor can keep where it is: its part of a zone in one, nothing where it has left, [draw]."""
    limit = zone_limit(world, m, world.presence[v, m], world.zone[v, m], month)
    return np.where(world.presence[v, m] == Presence.ABSENT, 0.0, limit)


def technology(timeline: Timeline, world: World) -> Process:
    """Bring all unit costs up to date every quarter, when prices are set."""
    while True:
        yield timeline.turn(Phase.SUPPLY, every=MONTHS_PER_QUARTER)
        world.cost[:] = current_unit_cost(world)


def current_unit_cost(world: World) -> FloatArray:
    """Unit cost of every vendor under today's rules, relative to the common decline, [vendor, market, draw]."""
    base, levers, costs = world.base, world.levers, world.scenario.costs
    hardware = hardware_cost_factor(
        world.value(costs.hardware_share), levers.hardware_tariff, base.levers.hardware_tariff
    )
    residency = residency_cost_factor(
        world.value(costs.residency_cost),
        _mean_residency(world, levers.residency),
        _mean_residency(world, base.levers.residency),
    )
    output_share = world.made / ordered_sum(world.made)
    experience = experience_cost_factor(output_share, world.made_share_base, world.value(costs.experience_exponent))
    control = np.ones_like(world.made)
    for v, country in enumerate(base.home):
        if country >= 0:
            control[v] += levers.cost_increase[country]
    foreign_residency = np.where(base.domestic[:, :, None], 1.0, residency)
    return unit_cost(base.cost, hardware, foreign_residency, experience[:, None], control[:, None])


def _mean_residency(world: World, residency: FloatArray) -> FloatArray:
    """Residency over segments, weighted by their spending at the base date, [market, draw]."""
    spending = world.base.spending_path[0]
    return ordered_sum(residency * spending, axis=1) / ordered_sum(spending, axis=1)
