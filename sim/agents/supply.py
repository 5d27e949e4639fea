"""Data centres: old capacity retires and what was ordered arrives."""

from __future__ import annotations

import numpy as np

from sim.agents import Process
from sim.quantities import MONTHS_PER_YEAR
from sim.timeline import Phase, Timeline
from sim.world.state import World


def construction(timeline: Timeline, world: World) -> Process:
    """Retire and bring on line, every month from the first."""
    keeps = (1.0 - world.value(world.scenario.capacity.retirement)) ** (1.0 / MONTHS_PER_YEAR)
    while True:
        month = yield timeline.turn(Phase.SUPPLY)
        if month:
            world.capacity *= keeps
        world.capacity += world.pipeline[month]
        world.on_order -= world.pipeline[month]
        np.maximum(world.on_order, 0.0, out=world.on_order)
