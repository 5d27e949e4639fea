"""Foreign ownership of data centres under national rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import MarketName, ShareSchedule


class Ownership(Policy):
    """Set the largest stake that a foreign vendor may hold in its own data centres, in the whole country.

    equity_cap[market, d] = equity_cap    0 allows none, 1 full ownership
    """

    power: ClassVar[str | None] = "market"
    kind: Literal["ownership"]
    market: MarketName
    """Market whose rule changes."""
    equity_cap: ShareSchedule
    """Largest foreign stake by date, share of one; the partner keeps the rest of the profit."""

    def acts(self) -> Iterator[Act]:
        """Set the cap."""
        yield Act("sets", "equity_cap", (self.market,), self.equity_cap)
