"""Rules at the base date, before any policy."""

from __future__ import annotations

from sim.model.luck import Draws
from sim.policies.levers import Axes, Levers
from sim.scenario.schema import Scenario


def base_rules(scenario: Scenario, axes: Axes, draws: Draws) -> Levers:
    """Levers as the markets' own rules set them."""
    levers = Levers.without_rules(axes)
    levers.allowed_share[:] = 1.0
    for m, market in enumerate(scenario.markets.values()):
        levers.equity_cap[m] = draws.number(market.rules.equity_cap)
        levers.firewall[m] = draws.number(market.firewall)
        levers.ip_protection[m] = draws.number(market.rules.ip_protection)
        for segment, share in market.rules.residency.items():
            levers.residency[m, axes.segments.index(segment)] = draws.number(share)
    return levers
