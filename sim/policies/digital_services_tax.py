"""A tax on the revenue of cloud vendors in a market."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import MarketName, TaxSchedule


class DigitalServicesTax(Policy):
    """Tax what customers in a market pay to cloud vendors; the market's country has the revenue.

    services_tax[market, d] += rate         on vendors from abroad
    home_services_tax[market, d] += rate    on those at home, where all are taxed
    """

    power: ClassVar[str | None] = "market"
    kind: Literal["digital_services_tax"]
    market: MarketName
    """Market whose revenue is taxed."""
    rate: TaxSchedule
    """Rate by date, share of revenue; several such taxes add up."""
    on: Literal["foreign", "all"] = "foreign"
    """Whom it falls on: vendors from abroad, or all."""

    def acts(self) -> Iterator[Act]:
        """Add the rate."""
        for rule in ("services_tax", "home_services_tax")[: 1 + (self.on == "all")]:
            yield Act("adds", rule, (self.market,), self.rate)
