"""A pilot zone's life: it opens, has incidents, is reviewed, and is extended, closed or copied by the whole country."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import expm1
from sim.model.minds.rules_in_force import in_force
from sim.model.world import World
from sim.policies import PilotZone, Review
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray
from sim.timeline import Phase, Process, Timeline


def pilot(timeline: Timeline, world: World, name: str, policy: PilotZone) -> Process:
    """Run the zone that one policy opens."""
    z = world.axes.zones.index(policy.zone)
    rate = world.value(world.scenario.zones[policy.zone].incidents_per_year)
    monthly = -expm1(-rate / MONTHS_PER_YEAR)
    luck = world.draws.uniform(f"zone.incident.{policy.zone}", timeline.calendar.months)
    before = _pilots_before(world, name, policy.zone)
    while True:
        month = yield timeline.turn(Phase.ZONES)
        running = in_force(timeline, world, name, policy, month)
        opens = running & (world.zone_opened[z] == NEVER)
        world.zone_opened[z, opens] = month
        world.note(opens, month, policy.zone, "zone opens")
        incident = running & _is_inhabited(world, z) & (luck[month] < monthly)
        for other, held in before:  # where two policies keep a zone open, an incident happens once
            incident &= ~in_force(timeline, world, other, held, month)
        world.incidents[z] += incident
        world.note(incident, month, policy.zone, "incident")
        if policy.review is not None:
            _review(world, z, month, running, policy.zone, policy.review)


def _pilots_before(world: World, name: str, zone: str) -> list[tuple[str, PilotZone]]:
    """Policies that open the same zone and stand earlier in the scenario."""
    policies = list(world.scenario.policies.items())
    earlier = policies[: list(world.scenario.policies).index(name)]
    return [(other, held) for other, held in earlier if isinstance(held, PilotZone) and held.zone == zone]


def _is_inhabited(world: World, z: int) -> BoolArray:
    return np.asarray(world.active[world.channels.zone == z].any(axis=0))


def _review(world: World, z: int, month: int, running: BoolArray, zone: str, review: Review) -> None:
    """Review the pilot in the draws whose trial time is over this month."""
    age = month - world.zone_opened[z]
    due = running & (age > 0) & (age % review.after_months == 0) & (world.zone_nationwide[z] == NEVER)
    if not due.any():
        return
    ceiling = world.value(review.foreign_share_ceiling)
    m = world.axes.zone_markets[z]
    passed = (world.share_served(m, ~world.channels.at_home) < ceiling) & (world.incidents[z] == 0)
    world.incidents[z, due] = 0.0
    if review.if_passed == "nationwide":
        world.zone_nationwide[z, due & passed] = month + review.rollout_lag_months
    if review.if_failed == "closed":
        world.zone_closed[z, due & ~passed] = month
    world.note(due & passed, month, zone, "review passed", review.if_passed)
    world.note(due & ~passed, month, zone, "review failed", review.if_failed)
