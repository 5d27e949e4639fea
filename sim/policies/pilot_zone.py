"""A zone in which foreign vendors may own data centres."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.timeline import Phase
from sim.values import Count, Part, PositiveCount, SegmentName, Share, ZoneName


class Review(Part):
    """What happens to the pilot after a trial time."""

    after_months: PositiveCount
    """Months from opening to the review (and between reviews where the pilot is extended)."""
    foreign_share_ceiling: Share
    """The pilot passes only while foreign vendors hold less of the market than this, share of one."""
    if_passed: Literal["nationwide", "extended"]
    """What a passed review brings."""
    if_failed: Literal["extended", "closed"]
    """What a failed review brings (too large a foreign share, or an incident since the last review)."""
    rollout_lag_months: Count = 0
    """Months from a passed review to the national rule."""


class PilotZone(Policy):
    """Let a limited number of foreign vendors own data centres inside one zone.

    zone_slots[zone, d] = slots               while the zone is open
    zone_reach[zone, segment, d] = reach      while the zone is open
    equity_cap[market, d] = 1                 once the pilot has been extended to the whole country, until `ends`
    """

    writes: ClassVar[tuple[str, ...]] = ("zone_slots", "zone_reach", "equity_cap")
    phase: ClassVar[Phase] = Phase.AMENDMENT
    kind: Literal["pilot_zone"]
    zone: ZoneName
    """Zone that opens on the start date."""
    slots: Count
    """Foreign vendors that may hold a licence at the same time."""
    reach: dict[SegmentName, Share]
    """Share of each segment that data centres in the zone may serve; a segment not named is out of reach."""
    review: Review | None = None
    """Review of the pilot; without one it stays open."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Offer the slots and the reach; lift the national cap where the pilot went nationwide."""
        z = levers.axes.zones.index(self.zone)
        if self.slots:
            self._offer(levers, z, turn)
        m = levers.axes.zone_markets[z]
        np.copyto(levers.equity_cap[m], 1.0, where=turn.nationwide)

    def _offer(self, levers: Levers, z: int, turn: Turn) -> None:
        np.copyto(levers.zone_slots[z], float(self.slots), where=turn.active)
        for segment, share in self.reach.items():
            row = levers.zone_reach[z, levers.axes.segments.index(segment)]
            np.copyto(row, turn.number(share), where=turn.active)
