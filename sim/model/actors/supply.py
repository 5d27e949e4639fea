"""Supply: data centres retire and arrive, and unit costs follow technology and rules."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import power
from sim.model.equations.capacity import bring_on_line
from sim.model.minds.unit_costs import asking_cost, current_unit_cost
from sim.model.minds.zone_room import zone_limit
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def construction(timeline: Timeline, world: World) -> Process:
    """Retire and bring on line, every month from the first; what a vendor has no place for is given up."""
    keeps = power(1.0 - world.value(world.scenario.capacity.retirement), 1.0 / MONTHS_PER_YEAR)
    channels = world.channels
    chosen, in_zones = np.flatnonzero(channels.reviewed), np.flatnonzero(channels.of_kind(Presence.ZONE))
    while True:
        month = yield timeline.turn(Phase.SUPPLY)
        arriving = world.pipeline[month % len(world.pipeline)]
        bring_on_line(world.capacity, world.on_order, arriving, keeps if month else np.ones_like(keeps))
        world.capacity[chosen] *= world.active[chosen]
        for row in in_zones[world.active[in_zones].any(axis=1)].tolist():
            world.capacity[row] = np.minimum(world.capacity[row], zone_limit(world, row, month))


def technology(timeline: Timeline, world: World) -> Process:
    """Bring all unit costs up to date every quarter, when prices are set."""
    while True:
        yield timeline.turn(Phase.SUPPLY, every=MONTHS_PER_QUARTER)
        world.cost[:] = current_unit_cost(world)
        world.asking_cost[:] = asking_cost(world, world.cost)
