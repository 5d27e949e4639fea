"""Promises to buy more from a country."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import CountryName, Share, UsdBnPerYearSchedule


class Purchases(Policy):
    """Promise purchases above trend from an exporting country, kept in part.

    purchases[exporter, importer, d] += extra_bn * compliance
    """

    writes: ClassVar[tuple[str, ...]] = ("purchases",)
    kind: Literal["purchases"]
    exporter: CountryName
    """Country whose goods are bought."""
    importer: CountryName
    """Country that buys them."""
    extra_bn: UsdBnPerYearSchedule
    """Promised purchases above trend by date, bn USD a year."""
    compliance: Share
    """Part of the promise that is kept, share of one."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Add the purchases that are kept."""
        extra = turn.scheduled(self.extra_bn)
        if extra is not None:
            kept = np.where(turn.active, extra * turn.number(self.compliance), 0.0)
            seller, buyer = (levers.axes.countries.index(name) for name in (self.exporter, self.importer))
            levers.purchases[seller, buyer] += kept
