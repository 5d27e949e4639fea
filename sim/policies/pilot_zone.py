"""A zone in which foreign vendors may own data centres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Literal

from sim.policies.levers import Act, Levers, Turn
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

    power: ClassVar[str | None] = "zone"
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

    def acts(self) -> Iterator[Act]:
        """Offer the slots and the reach."""
        if self.slots:
            yield Act("sets", "zone_slots", (self.zone,), float(self.slots))
            for segment, share in self.reach.items():
                yield Act("sets", "zone_reach", (self.zone, segment), share)

    @property
    def writes(self) -> frozenset[str]:
        """Names of the levers that it writes."""
        return super().writes | {"equity_cap"}

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Open the zone; lift the national cap where the pilot went nationwide."""
        super().apply(levers, turn)
        market = levers.axes.markets[levers.axes.zone_markets[levers.axes.zones.index(self.zone)]]
        nationwide = replace(turn, active=turn.nationwide, since=turn.since_nationwide)
        levers.write([Act("sets", "equity_cap", (market,), 1.0)], nationwide)
