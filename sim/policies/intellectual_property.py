"""Protection of foreign vendors' know-how against leaks through partners."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import MarketName, ShareSchedule


class IntellectualProperty(Policy):
    """Set how well know-how is protected in a market.

    ip_protection[market, d] = protection    1 stops all leaks
    """

    writes: ClassVar[tuple[str, ...]] = ("ip_protection",)
    kind: Literal["intellectual_property"]
    market: MarketName
    """Market whose protection changes."""
    protection: ShareSchedule
    """Protection by date, share of one."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Write the protection."""
        protection = turn.scheduled(self.protection)
        if protection is not None:
            np.copyto(levers.ip_protection[levers.axes.markets.index(self.market)], protection, where=turn.active)
