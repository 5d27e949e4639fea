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


CALM = {"demand.budget_shock_sd": 0}
SHOCKS = {"sd": 0.1, "persistence": 0.5, "common": 0.3, "source": "made up"}


def test_growth_departs_from_trend_after_the_last_observation_by_as_much_as_the_scenario_says(build):
    world = build(sim.load("status_quo", {"months": 75, "demand.growth_shocks": SHOCKS} | CALM), range(2000))
    china, us = (world.axes.markets.index(name) for name in ("china", "us"))
    departure = np.log(world.base.spending_path.sum(axis=2) / world.base.market_path)
    assert np.abs(departure[:37]).max() < 1e-12
    first, second = departure[48] - departure[36], departure[60] - departure[48]
    assert first.std(axis=1) == pytest.approx(np.full(4, 0.1), rel=0.06)
    assert second.std(axis=1) == pytest.approx(np.full(4, 0.1 * 1.25**0.5), rel=0.06)
    assert np.corrcoef(first[china], second[china])[0, 1] == pytest.approx(0.5 / 1.25**0.5, abs=0.06)
    assert np.corrcoef(first[china], first[us])[0, 1] == pytest.approx(0.3, abs=0.06)
    assert np.exp(departure[60:73]).mean(axis=(1, 2)) == pytest.approx(np.ones(13), abs=0.02)


def test_shocks_to_growth_move_nobody_elses_luck(build):
    calm, moved = (
        build(sim.load("status_quo", {"months": 60, "demand.growth_shocks": held}), range(4)) for held in (None, SHOCKS)
    )
    assert (calm.base.spending_path[59] != moved.base.spending_path[59]).all()
    for name in ("market_path", "quality_walk", "gap", "trend_log_index"):
        np.testing.assert_array_equal(getattr(calm.base, name), getattr(moved.base, name), err_msg=name)
    np.testing.assert_array_equal(calm.base.spending_path[:37], moved.base.spending_path[:37])


def test_a_market_without_any_growth_is_refused():
    with pytest.raises(sim.ScenarioError, match=r"markets\.us: has no growth.*world_growth"):
        sim.load("status_quo", {"world_growth": None})
