"""What all instruments share: when they are in force and in which order they write."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from sim.policies.levers import Levers, Turn
from sim.timeline import Phase
from sim.values import AfterDeal, CountryName, Part


class Policy(Part):
    """One policy: an instrument with its dates and settings."""

    by: CountryName | None = None
    """Government that sets it; the world at large if absent."""
    starts: dt.date | AfterDeal | None = None
    """First day in force, or `{after_deal: months}` for a policy that a package brings; the beginning if absent."""
    ends: dt.date | None = None
    """First day no longer in force; never if absent."""

    phase: ClassVar[Phase] = Phase.POLICY
    """When the instrument writes: POLICY sets values, AMENDMENT changes what has been set."""
    writes: ClassVar[tuple[str, ...]] = ()
    """Names of the levers that it writes."""

    @property
    def by_deal(self) -> bool:
        """Whether the policy waits for a signed package."""
        return isinstance(self.starts, AfterDeal)

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Write this month's values into the levers, in the draws where the policy is in force."""
        raise NotImplementedError
