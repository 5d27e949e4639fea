"""Rules on where data may be kept and how it may cross the border."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import FactorSchedule, MarketName, SegmentName, ShareSchedule


class DataRules(Policy):
    """Change data residency and the firewall's drag on services from abroad.

    residency[market, segment, d] = residency
    firewall[market, d] *= firewall
    """

    writes: ClassVar[tuple[str, ...]] = ("residency", "firewall")
    kind: Literal["data_rules"]
    market: MarketName
    """Market whose rules change."""
    residency: dict[SegmentName, ShareSchedule] = {}
    """Share of each segment whose data must stay in the country, by date; segments not named keep their rule."""
    firewall: FactorSchedule | None = None
    """Factor on the quality lost by serving the market from abroad: 0 removes it, 1 leaves it."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Write residency and scale the firewall."""
        m = levers.axes.markets.index(self.market)
        for segment, schedule in self.residency.items():
            share = turn.scheduled(schedule)
            if share is not None:
                np.copyto(levers.residency[m, levers.axes.segments.index(segment)], share, where=turn.active)
        factor = None if self.firewall is None else turn.scheduled(self.firewall)
        if factor is not None:
            levers.firewall[m] *= np.where(turn.active, factor, 1.0)
