"""Rules at the base date, before any policy."""

from __future__ import annotations

import numpy as np

from sim.model.luck import Draws
from sim.policies.levers import Axes, Levers
from sim.scenario.schema import Scenario


def base_rules(scenario: Scenario, axes: Axes, draws: Draws) -> Levers:
    """Levers as the markets' own rules set them."""
    markets = list(scenario.markets.values())
    residency = np.zeros(axes.shape("market", "segment"))
    for m, market in enumerate(markets):
        for segment, share in market.rules.residency.items():
            residency[m, axes.segments.index(segment)] = draws.number(share)
    return Levers(
        axes=axes,
        tariff_layer=np.zeros(axes.shape("list")),
        hardware_tariff=np.zeros(axes.shape("market")),
        equity_cap=np.stack([draws.number(market.rules.equity_cap) for market in markets]),
        residency=residency,
        firewall=np.stack([draws.number(market.firewall) for market in markets]),
        ip_protection=np.stack([draws.number(market.rules.ip_protection) for market in markets]),
        allowed_share=np.ones(axes.shape("home", "market", "segment")),
        zone_slots=np.zeros(axes.shape("zone")),
        zone_reach=np.zeros(axes.shape("zone", "segment")),
        quality_drift=np.zeros(axes.shape("home")),
        cost_increase=np.zeros(axes.shape("home")),
        purchases=np.zeros(axes.shape("country", "country")),
        uncertainty=np.zeros(axes.draws),
    )
