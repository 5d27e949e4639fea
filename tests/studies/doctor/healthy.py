"""Changes that make of the compact world a small patient in good health: trends, luck, policies, a captive firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TARIFF = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": {"2018-10-01": "25%"}, "source": "made up"}
HARDWARE = {
    "kind": "hardware_tariff", "by": "china", "market": "china", "rate": {"2019-01-01": "20%"}, "origin_share": 0.5,
    "source": "made up",
}  # fmt: skip
STRICTER = {
    "kind": "data_rules", "by": "china", "market": "china", "residency": {"enterprise": {"2019-04-01": 0.8}},
    "source": "made up",
}  # fmt: skip
TAX = {
    "kind": "digital_services_tax", "by": "china", "market": "china", "rate": {"2019-09-01": "4%"}, "on": "all",
    "source": "made up",
}  # fmt: skip
QUOTA = {
    "kind": "quota", "by": "us", "lists": ["phones"], "limit": {"2019-04-01": "80%"}, "source": "made up",
}  # fmt: skip
ROUTES = {
    "speed": 2, "real_cost": 0.5, "passed_on": 0.5, "source": "made up",
    "routes": {"river": {"lists": ["machines"], "through": "river", "response": 0.5, "limit": 0.1}},
}  # fmt: skip
GROWTH = {"before": 0.2, "after": {"first": 0.2, "lasting": 0.05, "half_life_years": 2}}
ORCHARD = {
    "title": "Orchard", "home": "us", "captive": {"china": {"units": 0.2, "growth": 0.1}}, "reviews": ["china"],
}  # fmt: skip
WANDERING = {
    "after": "2020-07-01", "sd": 0.1, "jumps_per_year": 0.5, "jump_size": 1, "fading": 1, "source": "made up",
}  # fmt: skip
HEALTHY: Mapping[str, Any] = {
    "months": 60,
    "markets.china.growth": GROWTH,
    "markets.us.growth": GROWTH,
    "vendors.eagle.catch_up": {"gap": {"normal": [0.3, 0.1]}, "tau_years": 2},
    "vendors.orchard": ORCHARD,
    "partners.bridge.contracts.orchard": {"share": 1, "fee": 0.1},
    "vendors.tiger.catch_up": {"gap": -0.2, "tau_years": 1},
    "demand.market_elasticity": {"triangular": [1.3, 1.6, 2.0]},
    "demand.budget_shock_sd": 0.05,
    "demand.growth_shocks": {"sd": 0.05, "persistence": 0.5, "common": 0.3, "source": "made up"},
    "demand.quality_shock_sd": 0.05,
    "demand.reversion": {"triangular": [0.3, 0.5, 1.0]},
    "demand.turns": {"eagle": {"2019-07-01": {"value": {"normal": [0.2, 0.1]}, "source": "made up"}}},
    "demand.wandering": WANDERING,
    "costs.decline": 0.1,
    "costs.experience_exponent": 0.1,
    "capacity.retirement": 0.2,
    "capacity.lead_months": {"triangular": [12, 14, 18]},
    "presence.zone.build_months": 12,
    "presence.owned.build_months": 12,
    "presence.leak": 0.1,
    "goods.growth": 0.02,
    "goods.rerouting": ROUTES,
    "countries.river": {"gdp_bn": 500},
    "policies.tariff": TARIFF,
    "policies.quota": QUOTA,
    "policies.hardware": HARDWARE,
    "policies.stricter": STRICTER,
    "policies.tax": TAX,
    "policies.more_tax": TAX | {"on": "foreign", "rate": "3%"},
}
"""Changes of the compact world."""
