"""Rules at the base date, before any policy."""

from __future__ import annotations

import numpy as np

from sim.model.luck import Draws
from sim.policies.levers import Axes, Levers
from sim.policies.stacking import Stacking
from sim.policies.tariff import TariffCut
from sim.scenario.schema import Scenario


def base_rules(scenario: Scenario, axes: Axes, draws: Draws) -> Levers:
    """Levers as the markets' own rules set them."""
    levers = Levers.without_rules(axes)
    levers.stacking = _stacking(scenario, draws)
    levers.allowed_share[:] = 1.0
    levers.limit_of_buyers[:] = levers.limit_of_sellers[:] = np.inf
    for m, market in enumerate(scenario.markets.values()):
        levers.equity_cap[m] = draws.number(market.rules.equity_cap)
        levers.firewall[m] = draws.number(market.firewall)
        levers.ip_protection[m] = draws.number(market.rules.ip_protection)
        for segment, share in market.rules.residency.items():
            levers.residency[m, axes.segments.index(segment)] = draws.number(share)
    return levers


def _stacking(scenario: Scenario, draws: Draws) -> Stacking | None:
    """How layers of several authorities stack; none where all add up and no cut is about one of them."""
    goods = scenario.goods
    cuts = (policy for policy in scenario.policies.values() if isinstance(policy, TariffCut))
    if not goods.stacking and all(policy.authority is None for policy in cuts):
        return None
    base = np.stack([draws.number(held.base_rate) for held in goods.lists.values()])
    return Stacking(tuple(goods.stacking.values()), goods.listed, base)
