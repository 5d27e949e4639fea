"""What is one thing in the world is one draw in every market."""

from __future__ import annotations

import numpy as np
import pytest

import sim

TREND = {"gap": {"normal": [0.5, 0.2]}, "tau_years": 1, "source": "made up"}


def test_a_vendors_own_trend_is_the_same_draw_in_all_its_markets(build):
    world = build(sim.load("status_quo", {"months": 12}), range(8))
    v = world.axes.vendors.index("microsoft")
    us, europe = (world.axes.markets.index(name) for name in ("us", "europe"))
    assert np.ptp(world.base.gap[v, us]) > 0
    np.testing.assert_array_equal(world.base.gap[v, us], world.base.gap[v, europe])


def test_a_market_may_have_a_trend_of_its_own(build):
    changes = {"months": 12, "vendors.microsoft.sales.europe.catch_up": TREND}
    world = build(sim.load("status_quo", changes), range(8))
    v = world.axes.vendors.index("microsoft")
    us, europe = (world.axes.markets.index(name) for name in ("us", "europe"))
    assert (world.base.gap[v, us] != world.base.gap[v, europe]).all()


def test_markets_without_growth_of_their_own_grow_alike_after_the_last_observation(build):
    world = build(sim.load("status_quo", {"months": 60}), range(8))
    path = world.base.market_path
    us, europe, china = (world.axes.markets.index(name) for name in ("us", "europe", "china"))
    growth = path[59] / path[40]
    np.testing.assert_allclose(growth[us], growth[europe], rtol=1e-12)
    assert (np.abs(growth[us] / growth[china] - 1) > 1e-6).all()


def test_a_market_without_any_growth_is_refused():
    with pytest.raises(sim.ScenarioError, match=r"markets\.us: has no growth.*world_growth"):
        sim.load("status_quo", {"world_growth": None})
