"""Which policies are in force in which draws, and the rules that they make."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from sim.model.world import Brought, World
from sim.policies import Levers, PilotZone, Policy, Turn
from sim.quantities import NEVER, BoolArray, IntArray
from sim.timeline import Timeline
from sim.values import AfterDeal, Number, Schedule

Forces = Callable[[str, Policy], BoolArray]
"""Gives the draws in which a policy, by its name, is in force."""


def rules_in(
    timeline: Timeline, world: World, month: int, forces: Forces, only: Collection[str] | None = None
) -> Levers:
    """Work out the rules of some month, of which governments may write only some, as `government` would.

    Parameters
    ----------
    month
        Month whose steps of schedules count.
    forces
        Which policies are in force; `in_force` for those that are, or will be if nothing else happens.
    only
        Names of the rules that are asked for, all others as at the base date; all rules if None.
    """
    levers = world.base.levers.copy(only if only is None else [name for name in world.written_levers if name in only])
    for name, policy, writes in world.policies_in_order:
        if only is None or not writes.isdisjoint(only):
            active = forces(name, policy)
            if active is not world.nowhere or isinstance(policy, PilotZone):
                policy.apply(levers, turn_of(timeline, world, name, month, active))
    return levers


def in_force(timeline: Timeline, world: World, name: str, policy: Policy, month: int) -> BoolArray:
    """Draws in which a policy is in force in a month; nobody knows before the day whether it will be renewed."""
    calendar = timeline.calendar
    if _has_ended(timeline, policy, month):
        return world.nowhere
    if isinstance(policy.starts, AfterDeal):
        held = brought(world, name)
        if month < held.first:
            return world.nowhere
        active = (held.begins <= month) & ~(held.by_deal & (world.broken_month <= month))
    elif policy.starts is not None and calendar.month_of(policy.starts) > month:
        return world.nowhere
    else:
        active = world.everywhere
    if policy.until is not None and calendar.month_of(policy.until) <= min(month, timeline.month):
        active = active & _is_renewed(world, policy)
    if isinstance(policy, PilotZone):
        active = active & (month < world.zone_closed[world.axes.zones.index(policy.zone)])
    return active


def _has_ended(timeline: Timeline, policy: Policy, month: int) -> bool:
    return policy.ends is not None and timeline.calendar.month_of(policy.ends) <= month


def _is_renewed(world: World, policy: Policy) -> BoolArray:
    """Draws in which a policy goes on after the day on which it would run out (equation 6.25)."""
    if policy.renews_with_chance is None:
        return world.nowhere
    return world.luck_of(f"policies.renewal.{policy.until}") < world.value(policy.renews_with_chance)


def begun_in(world: World, name: str) -> IntArray | int:
    """Month in which a policy begins: its first day, or what brings it, a deal, the lack of one or a failed round."""
    waits = isinstance(world.scenario.policies[name].starts, AfterDeal)
    return brought(world, name).begins if waits else world.first_months[name]


def brought(world: World, name: str) -> Brought:
    """How far talks have brought a policy that waits for them."""
    if name not in world.brought:
        world.brought[name] = _brought(world, name)
    return world.brought[name]


def _brought(world: World, name: str) -> Brought:
    plan, starts = world.scenario.talks, world.scenario.policies[name].starts
    by_deal: BoolArray = plan.packages_with(name)[world.package]
    begins = np.where(by_deal, world.deal_month, NEVER)
    if name in plan.if_no_deal:
        begins = np.minimum(begins, world.no_deal_month)
    for rung, policies in enumerate(plan.rungs):
        if name in policies:
            begins = np.minimum(begins, world.rung_month[rung])
    begins = begins + (starts.after_deal if isinstance(starts, AfterDeal) else 0)
    return Brought(begins, int(begins.min()), by_deal)


def turn_of(timeline: Timeline, world: World, name: str, month: int, active: BoolArray) -> Turn:
    """Give what a policy knows when it writes the levers for a month."""
    policy = world.scenario.policies[name]
    nationwide, extended = world.nowhere, world.no_deal_month
    if isinstance(policy, PilotZone):
        extended = world.zone_nationwide[world.axes.zones.index(policy.zone)]
        nationwide = extended <= month
        if _has_ended(timeline, policy, month):
            nationwide = world.nowhere
        if policy.by_deal:
            nationwide = nationwide & brought(world, name).by_deal & (month < world.broken_month)

    def step(schedule: Schedule) -> Number | None:
        return schedule_step(timeline, schedule, month)

    def earlier(months: int) -> Turn:
        then = month - months
        return turn_of(timeline, world, name, then, in_force(timeline, world, name, policy, then))

    since = begun_in(world, name)
    return Turn(month, active, world.value, step, nationwide, extended, name, since, earlier)


def schedule_step(timeline: Timeline, schedule: Schedule, month: int) -> Number | None:
    """Step of a schedule in force in a month; None before the first."""
    current = None
    for date, number in schedule.steps:
        if date is None or timeline.calendar.month_of(date) <= month:
            current = number
    return current
