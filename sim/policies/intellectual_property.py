"""Protection of foreign vendors' know-how against leaks through partners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import MarketName, ShareSchedule


class IntellectualProperty(Policy):
    """Set how well know-how is protected in a market.

    ip_protection[market, d] = protection    1 stops all leaks
    """

    power: ClassVar[str | None] = "market"
    kind: Literal["intellectual_property"]
    market: MarketName
    """Market whose protection changes."""
    protection: ShareSchedule
    """Protection by date, share of one."""

    def acts(self) -> Iterator[Act]:
        """Set the protection."""
        yield Act("sets", "ip_protection", (self.market,), self.protection)
