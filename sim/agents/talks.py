"""The talks: rounds on their dates, signatures by script or chance, and deals that break."""

from __future__ import annotations

import numpy as np

from sim.agents import Process
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray
from sim.scenario.schema import Round
from sim.timeline import Phase, Timeline
from sim.world.state import World

ACTOR = "talks"


def talks(timeline: Timeline, world: World) -> Process:
    """Hold every round in its month; after the last one the draws without a signature have no deal.

    Another way to decide a round (bargaining) joins here: it has to say which draws sign, and what.
    """
    plan = world.scenario.talks
    if plan.mode == "none" or not plan.rounds:
        return
    packages = list(plan.packages)
    month = 0
    for number, this_round in enumerate(plan.rounds):
        month = yield timeline.at(timeline.calendar.month_of(this_round.date), Phase.TALKS)
        if this_round.signs is None:
            continue
        signs = (world.deal_month == NEVER) & _agrees(world, this_round, number)
        world.deal_month[signs] = month
        world.package[signs] = packages.index(this_round.signs)
        world.note(signs, month, ACTOR, "signed", f"{this_round.signs} in {this_round.place}")
    failed = world.deal_month == NEVER
    world.no_deal_month[failed] = month
    world.note(failed, month, ACTOR, "ended without a deal")


def _agrees(world: World, this_round: Round, number: int) -> BoolArray:
    """Draws in which a round ends in agreement."""
    if world.scenario.talks.mode == "scripted" or this_round.probability is None:
        return np.ones(world.draws.count, dtype=np.bool_)
    luck = world.draws.uniform(f"talks.round.{number}", 1)[0]
    return luck < world.value(this_round.probability)


def breakdown(timeline: Timeline, world: World) -> Process:
    """Break signed deals at random, at the scenario's rate (equation 7.1)."""
    rate = world.scenario.talks.breakdown_per_year
    if rate is None:
        return
    monthly = -np.expm1(-world.value(rate) / MONTHS_PER_YEAR)
    luck = world.draws.uniform("talks.breakdown", timeline.calendar.months)
    while True:
        month = yield timeline.turn(Phase.TALKS)
        breaks = (world.deal_month < month) & (world.broken_month == NEVER) & (luck[month] < monthly)
        world.broken_month[breaks] = month
        world.note(breaks, month, ACTOR, "deal broken")
