"""Which policies are in force in which draws, and the rules that they make."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from sim.model.world import World
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
        active = (_begun(world, name) <= month) & ~_has_broken(world, name, month)
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


def _begun(world: World, name: str) -> IntArray | int:
    """Month in which a policy begins: its first day, or what brings it, a deal, the lack of one or a failed round."""
    plan, policy = world.scenario.talks, world.scenario.policies[name]
    if not isinstance(policy.starts, AfterDeal):
        return world.first_months[name]
    brought = np.where(_in_package(world, name), world.deal_month, NEVER)
    if name in plan.if_no_deal:
        brought = np.minimum(brought, world.no_deal_month)
    for rung, policies in enumerate(plan.rungs):
        if name in policies:
            brought = np.minimum(brought, world.rung_month[rung])
    begun: IntArray = brought + policy.starts.after_deal
    return begun


def _has_broken(world: World, name: str, month: int) -> BoolArray:
    """Draws in which a policy has ended with the deal that brought it."""
    return _in_package(world, name) & (world.broken_month <= month)


def _in_package(world: World, name: str) -> BoolArray:
    """Draws in which the package that was signed brings a policy."""
    brings: BoolArray = world.scenario.talks.packages_with(name)[world.package]
    return brings


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
            nationwide = nationwide & _in_package(world, name) & (month < world.broken_month)

    def step(schedule: Schedule) -> Number | None:
        return schedule_step(timeline, schedule, month)

    def earlier(months: int) -> Turn:
        then = month - months
        return turn_of(timeline, world, name, then, in_force(timeline, world, name, policy, then))

    since = _begun(world, name)
    return Turn(month, active, world.value, step, nationwide, extended, name, since, earlier)


def schedule_step(timeline: Timeline, schedule: Schedule, month: int) -> Number | None:
    """Step of a schedule in force in a month; None before the first."""
    current = None
    for date, number in schedule.steps:
        if date is None or timeline.calendar.month_of(date) <= month:
            current = number
    return current
