"""Customers' side: quality drifts by catch-up, leaks and controls, and budgets answer to the price index."""

from __future__ import annotations

import numpy as np
import pytest

YEARS = np.arange(24) / 12


def drift_of(run, vendor, market):
    return run.months["drift"][:, run.vendor(vendor), run.market(market), 0]


def test_catch_up_follows_its_curve_and_lifts_only_the_vendor_it_is_written_for(play, compact):
    catch_up = {"gap": 0.6, "tau_years": 1.5}
    run = play(compact({"vendors.tiger.sales.china.catch_up": catch_up}), range(1), watch=("drift", "shares"))
    ahead = drift_of(run, "tiger", "china") - drift_of(run, "dragon", "china")
    np.testing.assert_allclose(ahead, 0.6 * (1 - np.exp(-YEARS / 1.5)), atol=1e-12)
    assert not drift_of(run, "tiger", "us").any()
    np.testing.assert_array_equal(drift_of(run, "dragon", "china"), drift_of(run, "rest_of_china", "china"))
    tiger, dragon = (run.of("shares", name, "china")[:, 0, 0] for name in ("tiger", "dragon"))
    assert (tiger > dragon)[1:].all()
    assert tiger[-1] > tiger[0] > dragon[-1]


def test_a_vendor_that_falls_behind_loses_share(play, compact):
    catch_up = {"gap": -0.6, "tau_years": 1.5}
    run = play(compact({"vendors.tiger.sales.china.catch_up": catch_up}), range(1), watch=("shares",))
    tiger, dragon = (run.of("shares", name, "china")[:, 0, 0] for name in ("tiger", "dragon"))
    assert (tiger < dragon)[1:].all()
    assert tiger[-1] < tiger[0]


def test_know_how_leaks_through_partners_to_the_vendors_of_their_country(play, compact):
    """A fifth of the market is partner-run at first, protection is one half: 0.1 * 0.5 * 0.2 log points in a year."""
    run = play(compact({"presence.leak": 0.1, "demand.contract_churn": 0}), range(1), watch=("drift",))
    for vendor in ("dragon", "tiger", "rest_of_china"):
        for market in ("china", "us"):
            np.testing.assert_allclose(drift_of(run, vendor, market), 0.1 * 0.5 * 0.2 * YEARS, rtol=0.02)
    for vendor in ("eagle", "falcon", "rest_of_us"):
        assert not drift_of(run, vendor, "china").any()


@pytest.mark.parametrize(("changes", "leaks"), [
    ({"markets.china.rules.ip_protection": 1}, False),
    ({"presence.leak": 0}, False),
    ({"markets.china.rules.ip_protection": 0}, True),
])  # fmt: skip
def test_full_protection_stops_all_leaks(play, compact, changes, leaks):
    run = play(compact({"presence.leak": 0.1} | changes), range(1), watch=("drift",))
    assert run.months["drift"].any() == leaks


def test_vendors_that_own_their_data_centres_leak_nothing(play, compact, pilot):
    """Once both twins are in the zone, nothing is partner-run any more."""
    run = play(compact(pilot() | {"presence.leak": 0.1}), range(1), watch=("drift",))
    steps = np.diff(drift_of(run, "dragon", "china"))
    assert (steps[:7] > 0).all()
    np.testing.assert_array_equal(steps[8:], 0)


def test_an_export_control_wears_quality_down_while_it_lasts(play, compact):
    control = {
        "kind": "export_control", "by": "us", "target": "china", "starts": "2019-01-01", "ends": "2019-07-01",
        "quality_loss_per_year": 0.24, "cost_increase": 0, "source": "made up",
    }  # fmt: skip
    run = play(compact({"policies.control": control}), range(1), watch=("drift",))
    lost = 0.02 * np.clip(np.arange(24) - 6, 0, 6)
    np.testing.assert_allclose(drift_of(run, "dragon", "china"), -lost, atol=1e-12)
    assert not drift_of(run, "eagle", "us").any()


def test_quality_shocks_are_a_random_walk_of_the_yearly_size_that_the_scenario_says(play, compact):
    scenario = compact({"demand.quality_shock_sd": 0.1, "months": 48})
    run = play(scenario, range(400), watch=("drift",))
    of = run.months["drift"][:, :, run.market("china")]
    drift = (of[:, run.vendor("tiger")] - of[:, run.vendor("dragon")]) / 2**0.5
    assert not drift[0].any()
    for years in (1, 3):
        assert drift[12 * years].std() == pytest.approx(0.1 * years**0.5, rel=0.12)
        assert abs(drift[12 * years].mean()) < 4 * 0.1 * years**0.5 / 20
    steps = np.diff(drift, axis=0)
    assert abs(np.corrcoef(steps[:-1].ravel(), steps[1:].ravel())[0, 1]) < 0.03


def test_budget_shocks_fade_as_the_scenario_says_and_leave_the_mean_alone(build, compact):
    changes = {"demand.budget_shock_sd": 0.2, "demand.budget_shock_persistence": 0.5, "months": 48}
    world = build(compact(changes), range(2000))
    path = world.base.spending_path / world.base.start_spending
    assert not np.log(path[0]).any()
    log = np.log(path[36:, 0, 0])
    assert log.std(axis=1) == pytest.approx(np.full(12, 0.2), rel=0.06)
    assert path[36:].mean(axis=(1, 2, 3)) == pytest.approx(np.ones(12), abs=0.02)
    assert np.corrcoef(np.log(path[24, 0, 0]), np.log(path[36, 0, 0]))[0, 1] == pytest.approx(0.5, abs=0.06)


def test_markets_follow_their_observed_sizes_when_no_policy_and_no_shock_moves_them(play, compact):
    """History is reproduced: spending on trend is the observed path (prices sit at their trend)."""
    totals = {"2018-07-01": 10, "2019-07-01": 14, "2020-07-01": 21}
    world = {"2018-07-01": 50, "2019-07-01": 60, "2020-07-01": 80}
    changes = {"markets.china.total_bn": totals, "world_total_bn": world, "costs.decline": 0.1, "months": 24}
    run = play(compact(changes | {"capacity.headroom": 1}), range(1), watch=("budget",))
    spending = run.months["budget"].sum(axis=2)[..., 0]
    years = (np.arange(24) + 0.5) / 12
    china = np.where(years <= 1, 10 * 1.4**years, 14 * 1.5 ** (years - 1))
    rest = np.where(years <= 1, 40 * (46 / 40) ** years, 46 * (59 / 46) ** (years - 1))
    np.testing.assert_allclose(spending, np.stack([china, rest], axis=1), rtol=2e-3)


def test_an_index_below_trend_raises_spending_by_eta_less_one(play, compact, pilot):
    run = play(compact(pilot() | {"months": 36}), range(1), watch=("budget", "log_index"))
    base, eta, segments = run.world.base, run.world.base.eta, len(run.world.axes.segments)
    gap = run.months["log_index"][:, :, :segments] - base.trend_log_index
    assert gap[-1, run.market("china")].max() < -0.01
    path = base.spending_path * run.world.activity[:, None]
    np.testing.assert_allclose(run.months["budget"][:, :, :segments], path * np.exp((1 - eta) * gap), rtol=1e-9)
    assert not run.months["budget"][:, :, segments:].any(), "the zone reaches everybody"


def test_contracts_keep_customers_for_a_while_after_a_rival_improves(play, compact, pilot):
    """At a churn of 30 % a year, sales move into a zone slower than free spending does."""
    run = play(compact(pilot()), range(1), watch=("revenue", "shares"))
    wants = run.of("shares", "eagle", "china")[:, 0, 0]
    spent = run.by_pair("revenue")[:, :, run.market("china"), 0, 0].sum(axis=1)
    has = run.of("revenue", "eagle", "china")[:, 0, 0] / spent
    live = 8
    assert wants[live] - wants[live - 1] > 5 * (has[live] - has[live - 1]) > 0
