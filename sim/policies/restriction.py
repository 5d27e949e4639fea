"""Restrictions on one country's vendors in a market."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import CountryName, MarketName, SegmentName, ShareSchedule


class Restriction(Policy):
    """Limit the share of each segment that the vendors of one country may serve in a market.

    allowed_share[home, market, segment, d] = allowed_share
    """

    power: ClassVar[str | None] = "market"
    kind: Literal["restriction"]
    home: CountryName
    """Country whose vendors are restricted."""
    market: MarketName
    """Market in which they are restricted."""
    allowed_share: dict[SegmentName, ShareSchedule]
    """Share of each segment still open to them, by date; segments not named stay as they are."""

    def acts(self) -> Iterator[Act]:
        """Set the shares still allowed."""
        for segment, share in self.allowed_share.items():
            yield Act("sets", "allowed_share", (self.home, self.market, segment), share)
