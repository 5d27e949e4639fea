"""What zones have room for."""

from __future__ import annotations

import numpy as np

from sim.model.presence_rules import in_zone
from sim.model.world import World
from sim.quantities import FloatArray, IntArray


def zone_limit(world: World, m: int, presence: IntArray, zone: IntArray, month: int) -> FloatArray:
    """Most capacity that vendors may have in a market, compute units: their part of a zone where in one.

    Parameters
    ----------
    presence, zone
        [..., draw] how and where the vendors are present.
    """
    limit = np.full(presence.shape, np.inf)
    for z, market in enumerate(world.axes.zone_markets):
        inside = in_zone(presence, zone, z)
        if market == m and inside.any():
            limit = np.where(inside, part_of_zone(world, z, month), limit)
    return limit


def part_of_zone(world: World, z: int, month: int) -> FloatArray:
    """Capacity behind one slot of a zone (equation 5.7), [draw], compute units.

    Power and land are given; what they yield grows as hardware does, at the rate at which unit cost declines.
    """
    plan = list(world.scenario.zones.values())[z]
    slots = np.maximum(world.levers.zone_slots[z], 1.0)
    return world.value(plan.capacity_units) / slots / world.trend_price(month)
