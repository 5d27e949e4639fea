"""What zones have room for."""

from __future__ import annotations

import numpy as np

from sim.model.channels import NOBODY
from sim.model.world import World
from sim.quantities import FloatArray


def zone_limit(world: World, row: int, month: int) -> FloatArray:
    """Most capacity that a channel may have, [draw], compute units: its part of a zone; infinite outside of zones."""
    z = world.channels.rows[row].zone
    return np.full(world.draws.count, np.inf) if z == NOBODY else part_of_zone(world, z, month)


def part_of_zone(world: World, z: int, month: int) -> FloatArray:
    """Capacity behind one slot of a zone (equation 5.7), [draw], compute units.

    Power and land are given; what they yield grows as hardware does, at the rate at which unit cost declines.
    """
    plan = list(world.scenario.zones.values())[z]
    slots = np.maximum(world.levers.zone_slots[z], 1.0)
    return world.value(plan.capacity_units) / slots / world.trend_price(month)
