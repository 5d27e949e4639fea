"""Rules on where data may be kept and how it may cross the border."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import FactorSchedule, MarketName, SegmentName, ShareSchedule


class DataRules(Policy):
    """Change data residency and the firewall's drag on services from abroad.

    residency[market, segment, d] = residency
    firewall[market, d] *= firewall
    """

    power: ClassVar[str | None] = "market"
    kind: Literal["data_rules"]
    market: MarketName
    """Market whose rules change."""
    residency: dict[SegmentName, ShareSchedule] = {}
    """Share of each segment whose data must stay in the country, by date; segments not named keep their rule."""
    firewall: FactorSchedule | None = None
    """Factor on the quality lost by serving the market from abroad: 0 removes it, 1 leaves it."""

    def acts(self) -> Iterator[Act]:
        """Set residency, scale the firewall."""
        for segment, share in self.residency.items():
            yield Act("sets", "residency", (self.market, segment), share)
        if self.firewall is not None:
            yield Act("scales", "firewall", (self.market,), self.firewall)
