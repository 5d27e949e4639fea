"""The part of `sim` that the peers play, by itself, so that like is measured against like."""

from __future__ import annotations

from sim.agents.government import government, lapse
from sim.agents.market import market
from sim.agents.supply import construction, technology
from sim.agents.vendor import ordering, pricing
from sim.recorder import Paths, Recorder
from sim.timeline import Timeline
from sim.world.state import World


def play_part(world: World) -> Paths:
    """Play supply, prices, customers and orders, with governments for the hardware tariffs, from a world just built."""
    timeline, recorder = Timeline(world.scenario.calendar), Recorder(world)
    start = timeline.start
    start(lapse(timeline, world))
    for country in world.scenario.countries:
        start(government(timeline, world, country))
    start(construction(timeline, world))
    start(technology(timeline, world))
    for v in range(len(world.axes.vendors)):
        start(pricing(timeline, world, v))
        start(ordering(timeline, world, v))
    start(market(timeline, world))
    start(recorder.watch(timeline))
    timeline.run()
    return recorder.paths()
