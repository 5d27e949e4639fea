"""Restrictions on one country's vendors in a market."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import CountryName, MarketName, SegmentName, ShareSchedule


class Restriction(Policy):
    """Limit the share of each segment that the vendors of one country may serve in a market.

    allowed_share[home, market, segment, d] = allowed_share
    """

    writes: ClassVar[tuple[str, ...]] = ("allowed_share",)
    kind: Literal["restriction"]
    home: CountryName
    """Country whose vendors are restricted."""
    market: MarketName
    """Market in which they are restricted."""
    allowed_share: dict[SegmentName, ShareSchedule]
    """Share of each segment still open to them, by date; segments not named stay as they are."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Write the shares still allowed."""
        c, m = levers.axes.countries.index(self.home), levers.axes.markets.index(self.market)
        for segment, schedule in self.allowed_share.items():
            share = turn.scheduled(schedule)
            if share is not None:
                np.copyto(levers.allowed_share[c, m, levers.axes.segments.index(segment)], share, where=turn.active)
