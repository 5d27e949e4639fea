"""How unsettled trade policy is, as investors see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import ShareSchedule


class Uncertainty(Policy):
    """Set the uncertainty that raises the return investors ask for (Handley and Limao 2017, AER 107(9)).

    uncertainty[d] = level
    """

    kind: Literal["uncertainty"]
    level: ShareSchedule
    """1 while talks or tariffs are unsettled, 0 when settled, by date."""

    def acts(self) -> Iterator[Act]:
        """Set the level."""
        yield Act("sets", "uncertainty", (), self.level)
