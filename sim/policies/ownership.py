"""Foreign ownership of data centres under national rules."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import MarketName, ShareSchedule


class Ownership(Policy):
    """Set the largest stake that a foreign vendor may hold in its own data centres, in the whole country.

    equity_cap[market, d] = equity_cap    0 allows none, 1 full ownership
    """

    writes: ClassVar[tuple[str, ...]] = ("equity_cap",)
    kind: Literal["ownership"]
    market: MarketName
    """Market whose rule changes."""
    equity_cap: ShareSchedule
    """Largest foreign stake by date, share of one; the partner keeps the rest of the profit."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Write the cap."""
        cap = turn.scheduled(self.equity_cap)
        if cap is not None:
            row = levers.equity_cap[levers.axes.markets.index(self.market)]
            np.copyto(row, cap, where=turn.active)
