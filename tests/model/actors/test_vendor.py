"""A vendor reprices part of the way each quarter and follows its costs."""

from __future__ import annotations

import numpy as np
import pytest

CONTROL = {
    "kind": "export_control", "target": "china", "starts": "2018-10-01", "quality_loss_per_year": 0,
    "cost_increase": "20%", "source": "made up",
}  # fmt: skip


@pytest.mark.parametrize("theta", [0.25, 0.5, 1])
def test_a_quarters_repricing_goes_its_part_of_the_way_in_logs(play, compact, theta):
    """In the month of the shock shares are still those of the base date, so the target is 20 % up."""
    run = play(compact({"policies.control": CONTROL, "pricing.adjustment_share": theta}), range(1), watch=("price",))
    price = run.in_use("price", "tiger", "china")[:, 0]
    np.testing.assert_allclose(price[:3], 1, rtol=1e-12)
    assert price[3] == pytest.approx(1.2**theta, rel=1e-9)


def test_prices_move_only_when_a_quarter_begins(play, compact):
    run = play(compact({"policies.control": CONTROL}), range(1), watch=("price",))
    steps = np.diff(run.months["price"], axis=0).any(axis=(1, 2))
    assert all((month + 1) % 3 == 0 for month in np.flatnonzero(steps))
    assert steps.any()


def test_costs_follow_export_controls_and_hardware_tariffs_of_their_market(play, compact):
    tariff = {"kind": "hardware_tariff", "market": "us", "rate": "30%", "origin_share": 0.5, "source": "made up"}
    run = play(compact({"policies.control": CONTROL, "policies.hardware": tariff}), range(1), watch=("cost",))
    ratio = run.months["cost"][-1] / run.world.base.cost
    hardware = 1 + 0.5 * 0.15
    expected = {"dragon": (1.2, 1.2 * hardware), "eagle": (1, hardware), "rest_of_us": (1, hardware)}
    for vendor, (china, us) in expected.items():
        for market, factor in (("china", china), ("us", us)):
            np.testing.assert_allclose(ratio[run.rows(vendor, market), 0], factor, rtol=1e-12)


def test_stricter_residency_raises_the_cost_of_foreign_vendors_alone(play, compact):
    rules = {
        "kind": "data_rules",
        "market": "china",
        "residency": {"enterprise": 1, "government": 1},
        "source": "made up",
    }
    run = play(compact({"policies.strict": rules}), range(1), watch=("cost",))
    ratio = run.months["cost"][-1] / run.world.base.cost
    mean = 0.7 * 0.4 + 0.3 * 0.9
    np.testing.assert_allclose(ratio[run.rows("eagle", "china")], 1.1 / (1 + 0.1 * mean), rtol=1e-12)
    assert ratio[run.row("dragon.china.owned"), 0] == 1
    np.testing.assert_array_equal(ratio[run.world.channels.in_market[run.market("us")]], 1)


def test_the_common_decline_of_cost_lowers_all_prices_alike(play, compact):
    """Recorded prices fall at the rate of the decline, relative ones stay."""
    run = play(compact({"costs.decline": 0.12, "capacity.headroom": 1}), range(1), watch=("price",))
    months = np.arange(2, 24, 3)
    recorded = run.paths.vendors["price"][:, run.vendor("dragon"), run.market("china"), 0]
    np.testing.assert_allclose(recorded, np.exp(-0.12 * (months + 0.5) / 12), rtol=1e-6)


def test_a_vendor_that_gains_experience_gets_cheaper_than_its_twin(play, compact):
    changes = {
        "costs.experience_exponent": 0.3,
        "vendors.tiger.sales.china.catch_up": {"gap": 1, "tau_years": 0.5},
        "months": 48,
    }
    run = play(compact(changes), range(1))
    cost = run.world.cost[:, 0]
    assert cost[run.row("tiger.china.owned")] < cost[run.row("dragon.china.owned")]


def test_counting_locked_in_customers_raises_prices(play, compact):
    """With weight on the short-run elasticity vendors harvest customers under contract."""
    shortsighted = play(compact({"pricing.short_run_share": 0.3}), range(1)).world.price
    assert (shortsighted > 1.05).all(where=shortsighted != 1)
    assert (shortsighted > 1.05).any()


def test_the_weight_on_the_short_run_in_one_draw_leaves_the_bits_of_others(play, compact, arrays_of):
    """Near-monopolists with an elasticity close to one, some draws with weight and some without."""
    changes = {"pricing.short_run_share": {"choice": [0, 0.5]}, "demand.market_elasticity": 1.02}
    changes |= {f"vendors.{name}.sales.china.share": 0.001 for name in ("eagle", "falcon", "dragon", "tiger")}
    tariff = {"kind": "hardware_tariff", "market": "china", "rate": "20%", "origin_share": 1, "source": "made up"}
    scenario = compact(changes | {"policies.hardware": tariff})
    together = dict(arrays_of(play(scenario, range(8)).paths))
    for draw in range(8):
        for name, values in arrays_of(play(scenario, range(draw, draw + 1)).paths):
            assert values.tobytes() == together[name][..., [draw]].tobytes(), name
