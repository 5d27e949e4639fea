"""Governments: the policies in force, written into the levers afresh every month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from sim.agents import Process
from sim.agents.foresight import look_ahead, mark_changes
from sim.policies import Levers, PilotZone, Policy, Turn
from sim.quantities import BoolArray
from sim.timeline import Phase, Timeline
from sim.values import AfterDeal, Number, Schedule
from sim.world.state import World


def lapse(timeline: Timeline, world: World) -> Process:
    """Let last month's rules lapse, so that a policy that ends needs no undo."""
    stands = _months_without_news(timeline, world)
    while True:
        month = yield timeline.turn(Phase.TALKS)
        if month not in stands:
            world.levers.reset(world.base.levers, world.written_levers)


def _months_without_news(timeline: Timeline, world: World) -> frozenset[int]:
    """Months in which all rules are certain to be those of the month before: no date falls into them.

    Where zones or deals decide, there are none.
    """
    policies, months = world.scenario.policies.values(), range(timeline.calendar.months)
    if any(policy.by_deal or isinstance(policy, PilotZone) for policy in policies):
        return frozenset()
    dates = [date for policy in policies for date in (policy.starts, policy.ends) if isinstance(date, dt.date)]
    news = frozenset(map(timeline.calendar.month_of, dates)).union(
        *(_months_of_change(timeline, policy) for policy in policies)
    )
    return frozenset(months[1:]) - news


NEWSWORTHY = ("equity_cap", "zone_slots", "zone_reach", "residency", "firewall", "allowed_share", "ip_protection")
"""Levers whose change makes vendors review their presence at once."""


def gazette(timeline: Timeline, world: World) -> Process:
    """Tell in which draws rules on presence, or those announced, differ from last month's."""
    seen, foreseen = world.base_rules(NEWSWORTHY), world.base_rules(NEWSWORTHY)

    def rules_of(month: int) -> Levers:
        return rules_in(timeline, world, month, lambda name, policy: in_force(timeline, world, name, policy, month))

    while True:
        month = yield timeline.turn(Phase.NEWS)
        world.rules_changed[:] = False
        mark_changes(seen, world.levers, world.rules_changed)
        if world.scenario.presence.foresight_months:
            look_ahead(world, month, rules_of, foreseen)


def government(timeline: Timeline, world: World, country: str | None) -> Process:
    """Write the policies of one government (None: those nobody in particular sets) and announce what changes."""
    own = {name: policy for name, policy in world.scenario.policies.items() if policy.by == country}
    announced = dict.fromkeys(own, world.nowhere)
    changes = {name: _months_of_change(timeline, policy) for name, policy in own.items()}
    stands = _months_without_news(timeline, world)
    while True:
        for phase in (Phase.POLICY, Phase.AMENDMENT):
            month = yield timeline.turn(phase)
            for name, policy in own.items():
                if policy.phase is phase and month not in stands:
                    active = in_force(timeline, world, name, policy, month)
                    policy.apply(world.levers, _turn(timeline, world, policy, month, active))
                    _announce(world, month, name, policy, active, announced[name], month in changes[name])
                    announced[name] = active


Forces = Callable[[str, Policy], BoolArray]
"""Gives the draws in which a policy, by its name, is in force."""


def rules_in(timeline: Timeline, world: World, month: int, forces: Forces) -> Levers:
    """Work out the rules of some month, of which governments may write only some, as `government` would.

    Parameters
    ----------
    month
        Month whose steps of schedules count.
    forces
        Which policies are in force; `in_force` for those that are, or will be if nothing else happens.
    """
    levers = world.base.levers.copy()
    for phase in (Phase.POLICY, Phase.AMENDMENT):
        for country in (*world.scenario.countries, None):
            for name, policy in world.scenario.policies.items():
                if policy.by == country and policy.phase is phase:
                    policy.apply(levers, _turn(timeline, world, policy, month, forces(name, policy)))
    return levers


def in_force(timeline: Timeline, world: World, name: str, policy: Policy, month: int) -> BoolArray:
    """Draws in which a policy is in force in a month."""
    calendar = timeline.calendar
    if _has_ended(timeline, policy, month):
        return world.nowhere
    if isinstance(policy.starts, AfterDeal):
        active = _is_brought(world, name, month - policy.starts.after_deal) & ~_has_broken(world, name, month)
    elif policy.starts is not None and calendar.month_of(policy.starts) > month:
        return world.nowhere
    else:
        active = world.everywhere
    if isinstance(policy, PilotZone):
        active = active & (month < world.zone_closed[world.axes.zones.index(policy.zone)])
    return active


def _has_ended(timeline: Timeline, policy: Policy, month: int) -> bool:
    return policy.ends is not None and timeline.calendar.month_of(policy.ends) <= month


def _is_brought(world: World, name: str, since: int) -> BoolArray:
    """Draws in which a deal, the lack of one, or a failed round has brought a policy by some month."""
    plan = world.scenario.talks
    brought = _in_package(world, name) & (world.deal_month <= since)
    if name in plan.if_no_deal:
        brought |= world.no_deal_month <= since
    for rung, policies in enumerate(plan.rungs):
        if name in policies:
            brought |= world.rung_month[rung] <= since
    return brought


def _has_broken(world: World, name: str, month: int) -> BoolArray:
    """Draws in which a policy has ended with the deal that brought it."""
    return _in_package(world, name) & (world.broken_month <= month)


def _in_package(world: World, name: str) -> BoolArray:
    """Draws in which the package that was signed brings a policy."""
    return np.append(world.scenario.talks.packages_with(name), False)[world.package]


def _turn(timeline: Timeline, world: World, policy: Policy, month: int, active: BoolArray) -> Turn:
    nationwide = world.nowhere
    if isinstance(policy, PilotZone):
        nationwide = world.zone_nationwide[world.axes.zones.index(policy.zone)] <= month
        if _has_ended(timeline, policy, month):
            nationwide = world.nowhere
        if policy.by_deal:
            nationwide = nationwide & (month < world.broken_month)

    def step(schedule: Schedule) -> Number | None:
        return schedule_step(timeline, schedule, month)

    return Turn(month, active, world.value, step, nationwide)


def schedule_step(timeline: Timeline, schedule: Schedule, month: int) -> Number | None:
    """Step of a schedule in force in a month; None before the first."""
    current = None
    for date, number in schedule.steps:
        if date is None or timeline.calendar.month_of(date) <= month:
            current = number
    return current


def _months_of_change(timeline: Timeline, policy: Policy) -> frozenset[int]:
    """Months in which a schedule of the policy steps."""
    schedules: list[Schedule] = []
    for field in type(policy).model_fields:
        value = getattr(policy, field)
        held = value.values() if isinstance(value, dict) else [value]
        schedules += [item for item in held if isinstance(item, Schedule)]
    return frozenset(timeline.calendar.month_of(date) for schedule in schedules for date, _ in schedule.steps if date)


def _announce(
    world: World, month: int, name: str, policy: Policy, active: BoolArray, before: BoolArray, steps: bool
) -> None:
    """Note that a policy comes into force, changes or ends."""
    actor = policy.by or "world"
    if month and active is not before:
        world.note(active & ~before, month, actor, "policy in force", name)
        world.note(before & ~active, month, actor, "policy ends", name)
    if steps:
        world.note(active & before, month, actor, "policy changes", name)
