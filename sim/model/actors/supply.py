"""Supply: data centres retire and arrive, and unit costs follow technology and rules."""

from __future__ import annotations

import numpy as np

from sim.model.minds.unit_costs import current_unit_cost
from sim.model.minds.zone_room import zone_limit
from sim.model.start.parties import reviewed_pairs
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


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
