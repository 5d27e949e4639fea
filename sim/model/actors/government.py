"""Governments: the policies in force, written into the levers afresh every month."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Sequence

from sim.model.minds.foresight import look_ahead, mark_changes
from sim.model.minds.rules_in_force import in_force, rules_in, turn_of
from sim.model.world import World
from sim.policies import Levers, PilotZone, Policy
from sim.policies.levers import CLOUD_RULES, rules_with
from sim.policies.tariff import Tariff
from sim.quantities import BoolArray
from sim.timeline import Phase, Process, Timeline
from sim.values import OPEN, Part, schedules_in


def lapse(timeline: Timeline, world: World) -> Process:
    """Let last month's rules lapse, so that a policy that ends needs no undo."""
    stands = _months_without_news(timeline, world)
    while True:
        month = yield timeline.turn(Phase.TALKS)
        if month not in stands:
            world.levers.reset(world.base.levers, world.written_levers)


def _months_without_news(timeline: Timeline, world: World) -> frozenset[int]:
    """Months in which all rules are certain to be those of the month before: no date and no review falls into them.

    Where deals decide, there are none.
    """
    policies, months = world.scenario.policies.values(), range(timeline.calendar.months)
    if any(policy.by_deal for policy in policies):
        return frozenset()
    dates = [date for policy in policies for date in _days(policy)]
    dated: list[Part] = [*policies, *world.scenario.goods.stacking.values()]
    news = [frozenset(map(timeline.calendar.month_of, dates)), *(_months_of_change(timeline, part) for part in dated)]
    news += [_months_of_arrival(timeline, policy) for policy in policies if isinstance(policy, Tariff)]
    news += [_months_of_review(timeline, [policy for policy in policies if isinstance(policy, PilotZone)])]
    return frozenset(months[1:]).difference(*news)


NEWSWORTHY = rules_with(presence=True)
"""Rules whose change makes vendors review their presence at once."""


def gazette(timeline: Timeline, world: World) -> Process:
    """Tell in which draws rules on presence, or those announced, differ from last month's."""
    seen, foreseen = world.base_rules(NEWSWORTHY), world.base_rules(NEWSWORTHY)

    def rules_of(month: int) -> Levers:
        def forces(name: str, policy: Policy) -> BoolArray:
            return in_force(timeline, world, name, policy, month)

        return rules_in(timeline, world, month, forces, CLOUD_RULES)

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
    asked = {name: _months_of_asking(timeline, world, policy) for name, policy in own.items()}
    stands = _months_without_news(timeline, world)
    active = dict(announced)
    while True:
        for phase in (Phase.POLICY, Phase.AMENDMENT):
            month = yield timeline.turn(phase)
            for name, policy in own.items():
                if policy.phase is phase and month not in stands:
                    active[name] = in_force(timeline, world, name, policy, month)
                    if month in asked[name] or active[name].any():
                        policy.apply(world.levers, turn_of(timeline, world, name, month, active[name]))
        month = yield timeline.turn(Phase.NEWS)
        for name, policy in own.items():
            if month not in stands:
                announced[name] = _announce(
                    world, month, name, policy, active[name], announced[name], month in changes[name]
                )


def _months_of_change(timeline: Timeline, part: Part) -> frozenset[int]:
    """Months in which a schedule of a policy, or of a rule how tariffs stack, steps."""
    steps = (step for schedule in schedules_in(part) for step in schedule.steps)
    return frozenset(timeline.calendar.month_of(date) for date, _ in steps if date)


def _months_of_asking(timeline: Timeline, world: World, policy: Policy) -> Collection[int]:
    """Months in which a policy is written though it be in force nowhere.

    In those it asks for numbers that it has not asked for before, which are the same in all batches so; where a zone
    has gone nationwide its policy may write without being in force.
    """
    if isinstance(policy, PilotZone):
        return range(timeline.calendar.months)
    dated: list[Part] = [policy, *world.scenario.goods.stacking.values()]
    return frozenset({0}).union(*(_months_of_change(timeline, part) for part in dated))


def _days(policy: Policy) -> list[dt.date]:
    """Days on which a policy may begin or end."""
    return [day for day in (policy.starts, policy.until, policy.ends) if isinstance(day, dt.date)]


def _months_of_arrival(timeline: Timeline, tariff: Tariff) -> frozenset[int]:
    """Months in which goods arrive that left before a tariff came or changed."""
    if tariff.collected_after is None:
        return frozenset()
    months = tariff.collected_after
    longest = math.ceil(months.high if months.kind in OPEN else months.support[1])
    begun = {*map(timeline.calendar.month_of, _days(tariff)), *_months_of_change(timeline, tariff)}
    return frozenset(month + ago for month in begun for ago in range(1, longest + 1))


def _months_of_review(timeline: Timeline, pilots: Sequence[PilotZone]) -> frozenset[int]:
    """Months in which a zone opens or may be reviewed, and in which what a review decides may begin."""
    days = (pilot.starts for pilot in pilots)
    opened = {max(timeline.calendar.month_of(day), 0) if isinstance(day, dt.date) else 0 for day in days}
    reviews = [pilot.review for pilot in pilots if pilot.review is not None]
    reviewed = [
        (month, month + review.rollout_lag_months)
        for review in reviews
        for first in opened
        for month in range(first, timeline.calendar.months, review.after_months)
    ]
    return frozenset(opened.union(*reviewed))


def _announce(
    world: World, month: int, name: str, policy: Policy, active: BoolArray, before: BoolArray, steps: bool
) -> BoolArray:
    """Note that a policy comes into force, changes or ends; of one that another one overrides there is nothing to say.

    Gives the draws in which it has been announced: those in which it was in force from the beginning, or has held once.
    """
    if not month:
        return active
    actor, new = policy.by or "world", active & ~before
    holds = world.levers.holds(name) if steps or new.any() else None
    holds = world.nowhere if holds is None else holds
    world.note(new & holds, month, actor, "policy in force", name)
    world.note(before & ~active, month, actor, "policy ends", name)
    if steps:
        world.note(active & before & holds, month, actor, "policy changes", name)
    return active & (before | holds)
