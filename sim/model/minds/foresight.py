"""What vendors know of the rules to come: all that has been announced or signed, some months ahead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy

import numpy as np

from sim.model.world import World
from sim.policies import Levers
from sim.policies.levers import CLOUD_RULES
from sim.quantities import BoolArray, FloatArray


def mark_changes(seen: Mapping[str, FloatArray], levers: Levers, changed: BoolArray) -> None:
    """Mark the draws in which rules differ from those seen last, and remember the new ones.

    Parameters
    ----------
    seen
        Copies of the levers to compare, by name; brought up to date.
    changed
        [draw] set to true where one differs.
    """
    for name, before in seen.items():
        now = getattr(levers, name)
        if not np.array_equal(now, before):
            changed |= (now != before).reshape(-1, changed.size).any(axis=0)
            np.copyto(before, now)


def look_ahead(
    world: World,
    month: int,
    to_come: tuple[Callable[[int, Collection[str]], Levers], Callable[[int], bool]],
    foreseen: Mapping[str, FloatArray],
) -> None:
    """Tell what is new among the rules announced, and for reviews keep the rules of the months until they hold.

    Parameters
    ----------
    to_come
        Gives some rules of a month to come, by name, as they will be if nothing else happens, and whether they may then
        differ from those of the month before.
    foreseen
        Copies of the levers that make vendors review, as announced last month; brought up to date.
    """
    settings, (rules_of, change) = world.scenario.presence, to_come
    announced = rules_of(month + settings.foresight_months, foreseen)
    mark_changes(foreseen, announced, world.rules_changed)
    world.ahead = []
    reviews = month % settings.review_every_months == 0 or world.rules_changed.any()
    if reviews and not _agree(foreseen, announced, world.levers):
        world.ahead = [rules_of(month + settings.foresight_months, CLOUD_RULES)]
        for later in range(month + settings.foresight_months - 1, month, -1):
            after = world.ahead[0]
            rules = rules_of(later, CLOUD_RULES) if change(later + 1) else after
            world.ahead.insert(0, after if _agree(foreseen, rules, after) else rules)


def _agree(names: Iterable[str], one: Levers, other: Levers) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def under(world: World, rules: Levers) -> World:
    """Give the same world, arrays shared, under other rules."""
    seen = copy(world)
    seen.levers = rules
    return seen


def as_expected(world: World, ahead: Sequence[Levers]) -> World:
    """Give the same world under the rules that a vendor reckons with: those announced for the last month it knows.

    What they close counts as it is now, since who is inside may stay until then. Uncertainty is that of today.

    Parameters
    ----------
    ahead
        Rules of the next months; where there are none, today's rules.
    """
    if not ahead:
        return world
    now, rules = world.levers, ahead[-1].copy()
    closes = rules.zone_slots <= 0.0
    np.copyto(rules.zone_slots, now.zone_slots, where=closes)
    np.copyto(rules.zone_reach, now.zone_reach, where=closes[:, None])
    np.copyto(rules.equity_cap, now.equity_cap, where=rules.equity_cap <= 0.0)
    np.copyto(rules.uncertainty, now.uncertainty)
    return under(world, rules)
