"""One batch of draws in one screen: build the world, start the agents, run, give what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.model.actors.customs import customs
from sim.model.actors.entry import entry
from sim.model.actors.government import gazette, government, lapse
from sim.model.actors.licence_desk import licence_desk
from sim.model.actors.market import market
from sim.model.actors.partner import partners
from sim.model.actors.supply import construction, technology
from sim.model.actors.talks import breakdown, talks
from sim.model.actors.vendor import ordering, pricing
from sim.model.actors.zone import pilot
from sim.model.channels import reviewed_pairs
from sim.model.luck import Draws, Luck
from sim.model.recorder import Paths, Recorder
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.policies import PilotZone
from sim.scenario.schema import Scenario
from sim.timeline import Process, Timeline

Guest = Callable[[Timeline, World], Process]
"""Makes an actor that looks at a run without changing anything."""


def run_batch(
    scenario: Scenario,
    draws: Sequence[int],
    seed: int | Luck,
    *,
    reverse: bool = False,
    guests: Sequence[Guest] = (),
) -> Paths:
    """Run one scenario for a batch of draws.

    Parameters
    ----------
    scenario
        What to run.
    draws
        Draw numbers, rising.
    seed
        Seed of the run, or all of its luck; with the draw number it fixes every random number.
    reverse
        Start vendors in reverse order, to show that the order does not matter.
    guests
        Actors that look on; in a phase their turn comes before that of all others who wait for it month by month.

    Raises
    ------
    ImpossibleDrawsError
        Where the base date has no solution, or governments that bargain find none.
    """
    timeline = Timeline(scenario.calendar)
    world = build_world(scenario, Draws(seed, draws))
    recorder = Recorder(world)
    start = timeline.start
    for guest in guests:
        start(guest(timeline, world))
    start(lapse(timeline, world))
    start(talks(timeline, world))
    start(breakdown(timeline, world))
    for name, policy in scenario.policies.items():
        if isinstance(policy, PilotZone):
            start(pilot(timeline, world, name, policy))
    for country in (*scenario.countries, None):
        start(government(timeline, world, country))
    step = -1 if reverse else 1
    start(entry(timeline, world, reviewed_pairs(scenario)[::step]))
    start(pricing(timeline, world))
    start(ordering(timeline, world))
    start(gazette(timeline, world))
    start(licence_desk(timeline, world))
    start(construction(timeline, world))
    start(technology(timeline, world))
    start(market(timeline, world))
    start(partners(timeline, world))
    start(customs(timeline, world))
    start(recorder.watch(timeline))
    timeline.run()
    return recorder.paths()
