"""Fast runs are the same runs: compiled arithmetic changes no bit of what is recorded."""

from __future__ import annotations

import pytest

import sim
from sim.model.batch import run_batch

SCENARIOS = {
    "status_quo": {"months": 36},
    "guiyang_pilot": {"months": 48, "presence.hurdle": 0, "policies.guiyang_pilot.starts": "2018-10-01"},
    "nationwide_opening": {"months": 36, "pricing.short_run_share": 0.3},
    "deal_spring_2019": {"months": 36},
    "us_restricts_chinese_cloud": {"months": 48},
}
TIGHT = {"months": 36, "capacity.headroom": 0, "demand.budget_shock_sd": 0.3}
"""Much more is wanted than was foreseen, so that vendors are short of capacity in many draws and months."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_fast_run_has_the_bits_of_a_plain_one(name, different):
    scenario = sim.load(name, SCENARIOS[name])
    assert different(*(run_batch(scenario, range(30), 1, fast=fast) for fast in (False, True))) == []


@pytest.mark.parametrize("draws", [range(40), range(7, 8)])
def test_it_has_them_where_capacity_is_short(draws, different):
    scenario = sim.load("status_quo", TIGHT)
    plain, fast = (run_batch(scenario, draws, 1, fast=fast) for fast in (False, True))
    assert (plain.markets["unmet_bn"] > 0).mean() > 0.2, "too little is rationed for this to prove anything"
    assert different(plain, fast) == []
