"""Governments: the policies in force, written into the levers afresh every month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.agents import Process
from sim.policies import PilotZone, Policy, Turn
from sim.quantities import NEVER, BoolArray, IntArray
from sim.timeline import Phase, Timeline
from sim.values import AfterDeal, Number, Schedule
from sim.world.state import World


def lapse(timeline: Timeline, world: World) -> Process:
    """Let last month's rules lapse, so that a policy that ends needs no undo."""
    while True:
        yield timeline.turn(Phase.TALKS)
        world.levers.reset(world.base.levers)


NEWSWORTHY = ("equity_cap", "zone_slots", "zone_reach", "residency", "firewall", "allowed_share", "ip_protection")
"""Levers whose change makes vendors review their presence at once."""


def gazette(timeline: Timeline, world: World) -> Process:
    """Tell in which draws rules on presence differ from last month's."""
    seen = {name: getattr(world.base.levers, name).copy() for name in NEWSWORTHY}
    while True:
        yield timeline.turn(Phase.NEWS)
        world.rules_changed[:] = False
        for name, before in seen.items():
            now = getattr(world.levers, name)
            if not np.array_equal(now, before):
                world.rules_changed |= (now != before).reshape(-1, world.draws.count).any(axis=0)
                np.copyto(before, now)


def government(timeline: Timeline, world: World, country: str | None) -> Process:
    """Write the policies of one government (None: those nobody in particular sets) and announce what changes."""
    own = {name: policy for name, policy in world.scenario.policies.items() if policy.by == country}
    announced = dict.fromkeys(own, world.nowhere)
    changes = {name: _months_of_change(timeline, policy) for name, policy in own.items()}
    while True:
        for phase in (Phase.POLICY, Phase.AMENDMENT):
            month = yield timeline.turn(phase)
            for name, policy in own.items():
                if policy.phase is phase:
                    active = in_force(timeline, world, name, policy, month)
                    policy.apply(world.levers, _turn(timeline, world, policy, month, active))
                    _announce(world, month, name, policy, active, announced[name], month in changes[name])
                    announced[name] = active


def in_force(timeline: Timeline, world: World, name: str, policy: Policy, month: int) -> BoolArray:
    """Draws in which a policy is in force in a month."""
    calendar = timeline.calendar
    if _has_ended(timeline, policy, month):
        return world.nowhere
    if isinstance(policy.starts, AfterDeal):
        active = (_brought_month(world, name, policy.starts.after_deal) <= month) & (month < world.broken_month)
    elif policy.starts is not None and calendar.month_of(policy.starts) > month:
        return world.nowhere
    else:
        active = world.everywhere
    if isinstance(policy, PilotZone):
        active = active & (month < world.zone_closed[world.axes.zones.index(policy.zone)])
    return active


def _has_ended(timeline: Timeline, policy: Policy, month: int) -> bool:
    return policy.ends is not None and timeline.calendar.month_of(policy.ends) <= month


def _brought_month(world: World, name: str, lag: int) -> IntArray:
    """Month from which a package, or the lack of one, brings a policy, [draw]; NEVER where neither does."""
    brings = np.zeros(world.draws.count, dtype=np.bool_)
    for index in _packages_with(world, name):
        brings |= world.package == index
    signed = np.where(brings, world.deal_month + lag, NEVER)
    if name in world.scenario.talks.if_no_deal:
        return np.minimum(signed, world.no_deal_month + lag)
    return signed


def _packages_with(world: World, policy: str) -> Iterator[int]:
    """Indices of the packages that bring a policy."""
    plan = world.scenario.talks
    for index, levels in enumerate(plan.packages.values()):
        if any(policy in plan.agenda[issue][level] for issue, level in levels.items()):
            yield index


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
