"""A tax on the revenue of cloud vendors in a market."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import MarketName, TaxSchedule


class DigitalServicesTax(Policy):
    """Tax what customers in a market pay to cloud vendors; the market's country has the revenue.

    services_tax[market, d] += rate         on vendors from abroad
    home_services_tax[market, d] += rate    on those at home, where all are taxed
    """

    writes: ClassVar[tuple[str, ...]] = ("services_tax", "home_services_tax")
    kind: Literal["digital_services_tax"]
    market: MarketName
    """Market whose revenue is taxed."""
    rate: TaxSchedule
    """Rate by date, share of revenue; several such taxes add up."""
    on: Literal["foreign", "all"] = "foreign"
    """Whom it falls on: vendors from abroad, or all."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Add the rate."""
        rate = turn.scheduled(self.rate)
        if rate is None:
            return
        taxed = (levers.services_tax, levers.home_services_tax)[: 1 + (self.on == "all")]
        for rates in taxed:
            rates[levers.axes.markets.index(self.market)] += np.where(turn.active, rate, 0.0)
