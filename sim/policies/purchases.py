"""Promises to buy more from a country."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import CountryName, Share, UsdBnPerYearSchedule


class Purchases(Policy):
    """Promise purchases above trend from an exporting country, kept in part.

    purchases[exporter, importer, d] += extra_bn * compliance
    """

    power: ClassVar[str | None] = "importer"
    kind: Literal["purchases"]
    exporter: CountryName
    """Country whose goods are bought."""
    importer: CountryName
    """Country that buys them."""
    extra_bn: UsdBnPerYearSchedule
    """Promised purchases above trend by date, bn USD a year."""
    compliance: Share
    """Part of the promise that is kept, share of one."""

    def acts(self) -> Iterator[Act]:
        """Add the purchases that are kept."""
        yield Act("adds", "purchases", (self.exporter, self.importer), self.extra_bn, self.compliance)
