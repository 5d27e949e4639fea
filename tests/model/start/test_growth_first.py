"""Vendors that put growth first: the margins of the base date are reported ones, and prices rise as growth fades."""

from __future__ import annotations

import numpy as np
import pytest

import sim

TOTALS = {"2018-07-01": 10, "2019-07-01": 16, "2020-07-01": 22, "2021-07-01": 24, "2022-07-01": 25}
WORLD = {date: total + 40 for date, total in TOTALS.items()}
FADING = {
    "markets.china.total_bn": TOTALS,
    "world_total_bn": WORLD,
    "markets.china.growth.before": 0.5,
    "capacity.headroom": 1,
    "months": 48,
}
"""A market whose growth comes down from half to a twentieth a year."""


def first(margin, overhead):
    return {
        "pricing.growth_first": {
            "vendors": ["dragon"], "operating_margin": margin, "overhead_share": overhead, "source": "made up",
        }
    }  # fmt: skip


@pytest.fixture(scope="module")
def growing(play, compact):
    return play(compact(FADING | first(-0.1, 0.2)), range(1), watch=("price", "budget", "sales", "cost"))


@pytest.fixture(scope="module")
def best(play, compact):
    return play(compact(FADING), range(1), watch=("price", "budget", "sales", "cost"))


def test_margins_of_the_base_date_are_reported_ones(growing):
    row, base = growing.row("dragon.china.owned"), growing.world.base
    v, m = growing.vendor("dragon"), growing.market("china")
    assert 1 - base.cost[row, 0] - base.overhead[row, 0] / base.sales[v, m, 0] == pytest.approx(-0.1)
    assert base.overhead[row, 0] == pytest.approx(0.2 * base.sales[v, m, 0])


def test_prices_begin_at_one_and_rise_as_growth_fades_towards_the_best_for_the_year(growing, best):
    """By the part of its cost that growth was worth to it, of which what growth is left still asks for some.

    A little less, as its share falls and its markup with it.
    """
    row = growing.row("dragon.china.owned")
    price, base = growing.months["price"][:, row, 0], growing.world.base
    forgone = 1 - best.world.base.cost[row, 0] / base.cost[row, 0]
    assert base.growth_weight[row, 0] * 0.5 == pytest.approx(forgone)
    assert abs(price[0] - 1) < 1e-9
    assert (np.diff(price) >= -1e-9).all()
    left = base.growth_weight[row, 0] * np.log(25 / 24)
    assert 0.95 < price[-1] * (1 - forgone) / (1 - left) < 1
    np.testing.assert_allclose(best.months["price"][:, row, 0], 1, rtol=1e-9)


def test_observed_sizes_of_markets_are_reproduced_all_the_same(growing, best):
    """The index of the trend rises with those prices, so that spending stays on its path."""
    spending, path = (held.months["budget"][:, growing.market("china")].sum(axis=1) for held in (growing, best))
    np.testing.assert_allclose(spending, path, rtol=2e-3)


def test_a_boom_makes_nobody_give_up_more_than_at_the_base_date(play, compact):
    """The weight is found at the growth of the base date; where that was near nothing, a boom would cost all."""
    totals = {"2018-07-01": 10, "2019-07-01": 13, "2020-07-01": 18, "2021-07-01": 25, "2022-07-01": 34}
    world = {date: total + 40 for date, total in totals.items()}
    changes = FADING | {"markets.china.total_bn": totals, "world_total_bn": world, "markets.china.growth.before": 0.01}
    run = play(compact(changes | first(-0.1, 0.2)), range(1), watch=("price",))
    row = run.row("dragon.china.owned")
    np.testing.assert_allclose(run.months["price"][:, row, 0], 1, atol=0.02)


def test_profit_is_that_of_true_costs_less_overhead_on_trend(growing):
    row, m = growing.row("dragon.china.owned"), growing.market("china")
    now, base = growing.months, growing.world.base
    sales, size = now["sales"][:, row, 0], base.market_path[:, m, 0] / base.start_size[m, 0]
    earned = sales * (1 - now["cost"][:, row, 0] / now["price"][:, row, 0]) - base.overhead[row, 0] * size
    recorded = growing.paths.vendors["profit_bn"][:, growing.vendor("dragon"), m, 0]
    np.testing.assert_allclose(recorded, earned.reshape(-1, 3).sum(axis=1) / 12, rtol=1e-9)


def test_margins_above_the_best_leave_prices_where_they_are(compact, build):
    """Reported margins that are higher than what prices can bring mean no sacrifice."""
    held = build(compact(FADING | first(0.9, 0.0)), range(2))
    assert not held.base.growth_weight.any()
    np.testing.assert_array_equal(held.base.cost, build(compact(FADING), range(2)).base.cost)


def test_without_growth_there_is_nothing_to_give_prices_up_for(compact, build):
    still = {key: value for key, value in FADING.items() if key != "markets.china.growth.before"}
    held = build(compact(still | first(-0.1, 0.2)), range(2))
    assert held.scenario.growth_of("china").before.central == 0
    assert not held.base.growth_weight.any()


def test_only_vendors_that_there_are_can_put_growth_first(compact):
    with pytest.raises(sim.ScenarioError, match=r"pricing.growth_first.vendors.*dragn.*mean dragon\?"):
        compact(first(-0.1, 0.2) | {"pricing.growth_first.vendors": ["dragn"]})
