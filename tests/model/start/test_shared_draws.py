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
    assert np.abs(departure[:36]).max() < 1e-12
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
    for name in ("market_path", "gap", "tau"):
        np.testing.assert_array_equal(getattr(calm.base, name), getattr(moved.base, name), err_msg=name)
    np.testing.assert_array_equal(calm.base.spending_path[:36], moved.base.spending_path[:36])


WANDERING = {
    "after": "2019-07-01", "sd": 0, "jumps_per_year": 6, "jump_size": 1, "fading": 1, "source": "made up",
}  # fmt: skip
CALM_SHARES = CALM | {"months": 36, "demand.quality_shock_sd": 0, "demand.reversion": None, "demand.wandering": None}


def test_a_trend_that_jumps_does_so_in_all_markets_of_a_vendor_and_only_after_what_is_known(build):
    calm, moved = (
        build(sim.load("status_quo", CALM_SHARES | {"demand.wandering": held}), range(40)) for held in (None, WANDERING)
    )
    new = moved.base.gained - calm.base.gained
    new -= new[:, [moved.axes.vendors.index("other_world")]]
    us, europe, china = (moved.axes.markets.index(name) for name in ("us", "europe", "china"))
    aws = moved.axes.vendors.index("aws")
    assert not new[:12].any()
    assert new[35, aws].std() > 0.1
    np.testing.assert_allclose(new[:, aws, us], new[:, aws, europe], rtol=1e-9, atol=1e-12)
    assert np.abs(new[35, aws, us] - (moved.base.gained - calm.base.gained)[35, aws, china]).max() > 0.1


def test_a_turn_is_a_gap_that_opens_on_its_day(build):
    turn = {"demand.turns.aws.2019-07-01": {"value": 1, "source": "made up"}}
    flat, turned = (build(sim.load("status_quo", CALM_SHARES | held), range(4)) for held in ({}, turn))
    aws, us = flat.axes.vendors.index("aws"), flat.axes.markets.index("us")
    new = turned.base.gained - flat.base.gained
    new = new[:, aws] - new[:, flat.axes.vendors.index("google")]
    since = np.maximum(np.arange(36) - 12, 0)[:, None] / 12
    np.testing.assert_allclose(new[:, us], 1 - np.exp(-since / flat.base.tau[aws, us]), rtol=1e-9, atol=1e-12)


def test_what_policies_do_never_moves_what_qualities_gain_by_themselves(play):
    """Only `gained` goes back to shares: what a zone brings stays."""
    zone, none = (play(sim.load(name, {"months": 96}), range(8)) for name in ("nationwide_opening", "status_quo"))
    assert (zone.world.active != none.world.active).any()
    np.testing.assert_array_equal(zone.world.base.gained, none.world.base.gained)


def test_a_market_without_any_growth_is_refused():
    with pytest.raises(sim.ScenarioError, match=r"markets\.us: has no growth.*world_growth"):
        sim.load("status_quo", {"world_growth": None})
