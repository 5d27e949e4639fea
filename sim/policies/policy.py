"""What all instruments share: when they are in force and in which order they write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from itertools import groupby
from typing import ClassVar

from sim.policies.levers import Act, Levers, Turn
from sim.timeline import Phase
from sim.values import AfterDeal, CountryName, Part, Schedule, Share


class Policy(Part):
    """One policy: an instrument with its dates and settings."""

    by: CountryName | None = None
    """Government that sets it; the world at large if absent."""
    starts: dt.date | AfterDeal | None = None
    """First day in force, or `{after_deal: months}` for a policy that a package brings; the beginning if absent."""
    ends: dt.date | None = None
    """First day no longer in force; never if absent."""
    until: dt.date | None = None
    """First day no longer in force unless it is renewed then; whether it is, chance decides."""
    renews_with_chance: Share | None = None
    """Chance that it is renewed on that day, share of one; what ends on the same day is renewed by the same luck."""
    announced: dt.date | None = None
    """Day on which it became known, for runs as of a day (`as_of`); the day it begins if absent."""

    phase: ClassVar[Phase] = Phase.POLICY
    """When the instrument writes: POLICY sets values, AMENDMENT changes what has been set."""
    power: ClassVar[str | None] = None
    """Field that says whose policy it is: the country named there, the importer of a list, the country of a market or
    of a zone's market. None where any government may set it."""
    power_of_others: ClassVar[bool] = False
    """Whether it is the policy of any country but that one."""

    @property
    def by_deal(self) -> bool:
        """Whether the policy waits for a signed package."""
        return isinstance(self.starts, AfterDeal)

    def acts(self) -> Iterator[Act]:
        """What it does to which rules."""
        raise NotImplementedError

    @property
    def writes(self) -> frozenset[str]:
        """Names of the levers that it writes."""
        return frozenset(act.rule for act in self.acts())

    @property
    def first_day(self) -> dt.date | None:
        """Day on which it begins: `starts`, or the first date of its values if that is later; None if always there."""
        dated = [act.value.steps[0][0] if isinstance(act.value, Schedule) else None for act in self.acts()]
        days = [day for day in dated if day is not None]
        starts = [self.starts] if isinstance(self.starts, dt.date) else []
        return max([*starts, *([min(days)] if days and len(days) == len(dated) else [])], default=None)

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Write this month's values into the levers, in the draws where the policy is in force."""
        for acts in self._acts_alike:
            levers.write(acts, turn)

    @cached_property
    def _acts_alike(self) -> tuple[tuple[Act, ...], ...]:
        """Its acts in their order, those that follow each other and do the same together."""
        acts = tuple(self.acts())
        return tuple(tuple(alike) for _, alike in groupby(acts, _what_is_done))


def _what_is_done(act: Act) -> tuple[str, str, int, int, int, int]:
    return act.verb, act.authority, id(act.value), id(act.times), id(act.exempt), id(act.late)
