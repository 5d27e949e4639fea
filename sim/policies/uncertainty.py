"""How unsettled trade policy is, as investors see it."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import ShareSchedule


class Uncertainty(Policy):
    """Set the uncertainty that raises the return investors ask for (Handley and Limao 2017, AER 107(9)).

    uncertainty[d] = level
    """

    writes: ClassVar[tuple[str, ...]] = ("uncertainty",)
    kind: Literal["uncertainty"]
    level: ShareSchedule
    """1 while talks or tariffs are unsettled, 0 when settled, by date."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Write the level."""
        level = turn.scheduled(self.level)
        if level is not None:
            np.copyto(levers.uncertainty, level, where=turn.active)
