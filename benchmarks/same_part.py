"""The part of `sim` that the peers play, by itself, so that like is measured against like."""

from __future__ import annotations

from sim.model.actors.government import government, lapse
from sim.model.actors.market import market
from sim.model.actors.supply import construction, technology
from sim.model.actors.vendor import ordering, pricing
from sim.model.recorder import Paths, Recorder
from sim.model.world import World
from sim.timeline import Timeline


def play_part(world: World) -> Paths:
    """Play supply, prices, customers and orders, with governments for the hardware tariffs, from a world just built."""
    timeline, recorder = Timeline(world.scenario.calendar), Recorder(world)
    start = timeline.start
    start(lapse(timeline, world))
    for country in world.scenario.countries:
        start(government(timeline, world, country))
    start(construction(timeline, world))
    start(technology(timeline, world))
    start(pricing(timeline, world))
    start(ordering(timeline, world))
    start(market(timeline, world))
    start(recorder.watch(timeline))
    timeline.run()
    return recorder.paths()
