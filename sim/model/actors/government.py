"""Governments: the policies in force, written into the levers afresh every month."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection

import numpy as np

from sim.model.minds.foresight import look_ahead, mark_changes
from sim.model.minds.rules_in_force import begun_in, in_force, rules_in, turn_of
from sim.model.world import World
from sim.policies import Levers, PilotZone, Policy
from sim.policies.levers import rules_with
from sim.policies.tariff import Tariff
from sim.quantities import BoolArray
from sim.timeline import Phase, Process, Timeline
from sim.values import OPEN, Part, schedules_in


def lapse(timeline: Timeline, world: World) -> Process:
    """Let last month's rules lapse where some may differ, so that a policy that ends needs no undo."""
    changes = Changes(timeline, world)
    while True:
        month = yield timeline.turn(Phase.LAPSE)
        world.rules_stand = not changes.at(month)
        if not world.rules_stand:
            world.levers.reset(world.base.levers, world.written_levers)


class Changes:
    """Months in which rules may differ from those of the month before, as far as is known.

    Parameters
    ----------
    timeline, world
        The run.
    """

    def __init__(self, timeline: Timeline, world: World) -> None:
        self.world, self._dated, self._waiting = world, _dated_news(timeline, world), _arrivals_after_deals(world)
        self._begun, self._known = self._begin(), world.brought

    def at(self, month: int) -> bool:
        """Whether some rule may be another one than in the month before."""
        if self._known is not self.world.brought:
            self._begun, self._known = self._begin(), self.world.brought
        return month in self._dated or _has_news(self.world, month, self._begun)

    def _begin(self) -> frozenset[int]:
        """Months in which in some draw a policy begins that talks have brought, or goods arrive that left before."""
        begun = ((np.unique(begun_in(self.world, name)), longest) for name, longest in self._waiting.items())
        return frozenset(
            month + ago for months, longest in begun for month in months.tolist() for ago in range(longest + 1)
        )


def _dated_news(timeline: Timeline, world: World) -> frozenset[int]:
    """Months of which it is known beforehand that rules may differ from the month before: the first, and dated ones."""
    policies, month_of = world.scenario.policies.values(), timeline.calendar.month_of
    days = {day for policy in policies for day in _days(policy)}
    days.update(held.date for held in world.scenario.talks.rounds)
    dated: list[Part] = [*policies, *world.scenario.goods.stacking.values()]
    changes = (_months_of_change(timeline, part) for part in dated)
    arrivals = (_months_of_arrival(timeline, policy) for policy in policies if isinstance(policy, Tariff))
    return frozenset({0}).union(map(month_of, days), *changes, *arrivals)


def _arrivals_after_deals(world: World) -> dict[str, int]:
    """Policies that a deal or its lack brings, with the months for which goods that left before arrive afterwards."""
    waiting = {name: policy for name, policy in world.scenario.policies.items() if policy.by_deal}
    return {name: _longest_arrival(policy) if isinstance(policy, Tariff) else 0 for name, policy in waiting.items()}


def _has_news(world: World, month: int, begun: Collection[int]) -> bool:
    """Whether in some draw a policy begins or ends that month without its date having been known, or goods arrive."""
    turns = (world.broken_month, world.zone_closed, world.zone_nationwide)
    return month in begun or any((held == month).any() for held in turns)


NEWSWORTHY = rules_with(presence=True)
"""Rules whose change makes vendors review their presence at once."""


def gazette(timeline: Timeline, world: World) -> Process:
    """Tell in which draws rules on presence, or those announced, differ from last month's."""
    seen, foreseen = world.base_rules(NEWSWORTHY), world.base_rules(NEWSWORTHY)
    changes = Changes(timeline, world)

    def rules_of(month: int, names: Collection[str]) -> Levers:
        def forces(name: str, policy: Policy) -> BoolArray:
            return in_force(timeline, world, name, policy, month)

        return rules_in(timeline, world, month, forces, names)

    while True:
        month = yield timeline.turn(Phase.NEWS)
        world.rules_changed[:] = False
        mark_changes(seen, world.levers, world.rules_changed)
        if world.scenario.presence.foresight_months:
            look_ahead(world, month, (rules_of, changes.at), foreseen)


def government(timeline: Timeline, world: World, country: str | None) -> Process:
    """Write the policies of one government (None: those nobody in particular sets) and announce what changes."""
    own = {name: policy for name, policy in world.scenario.policies.items() if policy.by == country}
    announced = dict.fromkeys(own, world.nowhere)
    changes = {name: _months_of_change(timeline, policy) for name, policy in own.items()}
    asked = {name: _months_of_asking(timeline, world, policy) for name, policy in own.items()}
    active = dict(announced)
    while True:
        for phase in (Phase.POLICY, Phase.AMENDMENT):
            month = yield timeline.turn(phase)
            for name, policy in own.items():
                if policy.phase is phase and not world.rules_stand:
                    active[name] = in_force(timeline, world, name, policy, month)
                    if month in asked[name] or active[name].any():
                        policy.apply(world.levers, turn_of(timeline, world, name, month, active[name]))
        month = yield timeline.turn(Phase.NEWS)
        for name, policy in own.items():
            if not world.rules_stand:
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
    """Months in which goods arrive that left before a tariff came or changed, those of its dates."""
    begun = {*map(timeline.calendar.month_of, _days(tariff)), *_months_of_change(timeline, tariff)}
    return frozenset(month + ago for month in begun for ago in range(1, _longest_arrival(tariff) + 1))


def _longest_arrival(tariff: Tariff) -> int:
    """Months for which goods that left before are exempt, at most."""
    if tariff.collected_after is None:
        return 0
    months = tariff.collected_after
    return math.ceil(months.high if months.kind in OPEN else months.support[1])


def _announce(
    world: World, month: int, name: str, policy: Policy, active: BoolArray, before: BoolArray, steps: bool
) -> BoolArray:
    """Note that a policy comes into force, changes or ends; of one that another one overrides there is nothing to say.

    Gives the draws in which it has been announced: those in which it was in force from the beginning, or has held once.
    """
    if not month:
        return active
    if not steps and np.array_equal(active, before):
        return before
    actor, new = policy.by or "world", active & ~before
    holds = world.levers.holds(name) if steps or new.any() else None
    holds = world.nowhere if holds is None else holds
    world.note(new & holds, month, actor, "policy in force", name)
    world.note(before & ~active, month, actor, "policy ends", name)
    if steps:
        world.note(active & before & holds, month, actor, "policy changes", name)
    return active & (before | holds)
