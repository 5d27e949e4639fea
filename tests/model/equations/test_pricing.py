"""Vendors' prices: the closed forms against finite differences, and equilibria against a search over prices."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ModelError
from sim.model.equations.demand import appeal, choice_at, log_price_index
from sim.model.equations.equilibrium import bertrand_nash_prices
from sim.model.equations.pricing import (
    adjusted_price,
    best_response_price,
    cost_behind_price,
    price_elasticity_atkeson_burstein_2008,
    short_run_elasticity,
)

STEP = 1e-5
GRID = np.exp(np.concatenate([np.linspace(-1.5, 1.5, 301), np.linspace(-0.01, 0.01, 201)]))
"""Factors on a price: wide, and dense around 1."""


def elasticity_and_prices(some):
    choice = choice_at(some.access, some.quality, some.log_price, some.sigma)
    spending = some.path_bn * np.exp((1 - some.eta) * log_price_index(choice.total, some.sigma))
    elasticity = price_elasticity_atkeson_burstein_2008(choice.shares, choice.shares * spending, some.sigma, some.eta)
    return elasticity, np.exp(some.log_price)


def solved(some):
    pull = appeal(some.access, some.quality)
    return bertrand_nash_prices(pull, some.path_bn, some.cost, some.fee, some.sigma, some.eta)


@given(data=st.data())
def test_the_elasticity_is_the_slope_of_log_quantity_in_log_price(markets, data):
    some = data.draw(markets())
    elasticity, prices = elasticity_and_prices(some)
    for v, m, d in np.ndindex(elasticity.shape):
        plain, now = some.plain(m, d), prices[:, m, d].tolist()

        def log_quantity(log_step, plain=plain, now=now, v=v):
            price = now[v] * math.exp(log_step)
            return math.log(plain.revenue(v, [*now[:v], price, *now[v + 1 :]]) / price)

        slope = (log_quantity(STEP) - log_quantity(-STEP)) / (2 * STEP)
        assert elasticity[v, m, d] == pytest.approx(-slope, rel=1e-6)


def test_without_revenue_the_elasticity_is_the_mean_over_segments():
    sigma, eta = np.array([[4.0], [6.0]]), np.array([1.5])
    nothing = np.zeros((2, 1))
    assert price_elasticity_atkeson_burstein_2008(nothing, nothing, sigma, eta).item() == 5


@given(data=st.data())
def test_the_elasticity_lies_between_that_of_the_market_and_that_between_vendors(markets, data):
    some = data.draw(markets())
    elasticity, _ = elasticity_and_prices(some)
    assert (elasticity >= some.eta * (1 - 1e-12)).all()
    assert (elasticity <= some.sigma.max(axis=0) * (1 + 1e-12)).all()


@given(cost=st.floats(0.1, 5), elasticity=st.floats(1.05, 10), fee=st.floats(0, 0.9))
def test_the_best_response_maximises_profit_at_constant_elasticity(cost, elasticity, fee):
    best = best_response_price(*(np.array([x]) for x in (cost, elasticity, fee))).item()
    prices = best * GRID
    profit = ((1 - fee) * prices - cost) * (prices / best) ** -elasticity
    assert abs(prices[profit.argmax()] / best - 1) < 1e-3


@given(price=st.floats(0.1, 5), elasticity=st.floats(1.05, 10), fee=st.floats(0, 0.9))
def test_the_cost_behind_a_price_makes_that_price_the_best_response(price, elasticity, fee):
    p, e, f = (np.array([x]) for x in (price, elasticity, fee))
    assert best_response_price(cost_behind_price(p, e, f), e, f).item() == pytest.approx(price, rel=1e-12)


@given(price=st.floats(0.1, 5), target=st.floats(0.1, 5), share=st.floats(0, 1))
def test_a_price_moves_part_of_the_way_in_logs(price, target, share):
    moved = adjusted_price(*(np.array([x]) for x in (price, target, share))).item()
    expected = (1 - share) * math.log(price) + share * math.log(target)
    assert math.log(moved) == pytest.approx(expected, abs=1e-12)


def test_a_price_at_its_target_stays_to_the_last_bit():
    price = np.exp(np.linspace(-1, 1, 101))
    np.testing.assert_array_equal(adjusted_price(price, price, np.full(101, 0.5)), price)


@given(long=st.floats(1.2, 8), free=st.floats(0, 1), weight=st.floats(0, 1))
def test_locked_in_customers_lower_the_elasticity_that_a_vendor_may_reckon_with(long, free, weight):
    mixed = short_run_elasticity(*(np.array([x]) for x in (long, free, weight))).item()
    assert 1.05 <= mixed <= long * (1 + 1e-12)
    expected = (1 - weight) * long + weight * (free * long + (1 - free) * 1)
    assert mixed == pytest.approx(max(expected, 1.05), rel=1e-12)


# Static equilibrium ---------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(data=st.data())
def test_at_the_static_equilibrium_nobody_gains_by_changing_its_own_price(markets, data):
    some = data.draw(markets())
    prices = solved(some)
    for v, m, d in np.ndindex(prices.shape):
        plain, now = some.plain(m, d), prices[:, m, d].tolist()
        profit = plain.profit(v, now)
        best = max(plain.profit_at(v, now[v] * factor, now) for factor in GRID.tolist())
        assert best <= profit + 1e-9 * abs(profit)


@given(data=st.data())
def test_the_static_equilibrium_is_the_one_that_half_steps_to_best_responses_lead_to(markets, data):
    some = data.draw(markets())
    prices = best_response_price(some.cost, np.broadcast_to(some.sigma[0], some.cost.shape), some.fee)
    for _ in range(200):
        elasticity, _ = elasticity_and_prices(replace(some, log_price=np.log(prices)))
        target = best_response_price(some.cost, elasticity, some.fee)
        prices = np.sqrt(prices * target)
    settled = (abs(target / prices - 1) < 1e-12).all(axis=0)
    np.testing.assert_allclose(solved(some)[:, settled], prices[:, settled], rtol=1e-10)


@given(data=st.data())
def test_a_lone_vendor_takes_the_monopoly_price(markets, data):
    some = data.draw(markets(vendors=1))
    monopoly = some.eta / (some.eta - 1) * some.cost[0] / (1 - some.fee[0])
    np.testing.assert_allclose(solved(some)[0], monopoly, rtol=1e-10)


@given(data=st.data())
def test_twins_take_the_same_price_and_the_order_of_vendors_does_not_matter(markets, data):
    some = data.draw(markets(vendors=3))
    for array in (some.access, some.quality, some.cost, some.fee):
        array[1] = array[0]
    prices = solved(some)
    np.testing.assert_allclose(prices[0], prices[1], rtol=1e-11)
    for array in (some.access, some.quality, some.cost, some.fee):
        array[:] = array[::-1].copy()
    np.testing.assert_allclose(solved(some)[::-1], prices, rtol=1e-10)


@given(data=st.data())
def test_an_equilibrium_has_the_same_bits_whatever_draws_stand_beside_it(markets, data):
    some = data.draw(markets())
    together = solved(some)
    for d in range(together.shape[-1]):
        one = slice(d, d + 1)
        parts = (getattr(some, name)[..., one] for name in ("path_bn", "cost", "fee", "sigma", "eta"))
        pull = appeal(some.access[..., one], some.quality[..., one])
        assert bertrand_nash_prices(pull, *parts).tobytes() == together[..., one].copy().tobytes()


@given(data=st.data(), factor=st.floats(1.01, 1.5))
def test_a_dearer_rival_never_lowers_a_price_nor_the_price_index(markets, data, factor):
    some = data.draw(markets(vendors=3, segments=1))
    before = solved(some)
    some.cost[0] *= factor
    after = solved(some)
    assert (after >= before * (1 - 1e-9)).all()
    assert (after[0] > before[0]).all()


def test_a_fee_shifts_prices_as_a_dearer_unit_would():
    rest = (np.ones((2, 1, 1, 1)), np.ones((1, 1, 1)))
    elasticities = (np.array([[5.0]]), np.array([1.6]))
    dear = bertrand_nash_prices(*rest, np.array([0.8, 1.0]).reshape(2, 1, 1), np.zeros((2, 1, 1)), *elasticities)
    paid = bertrand_nash_prices(
        *rest, np.array([0.8, 0.8]).reshape(2, 1, 1), np.array([0, 0.2]).reshape(2, 1, 1), *elasticities
    )
    np.testing.assert_allclose(paid, dear, rtol=1e-11)


def test_prices_that_are_no_equilibrium_yet_are_not_passed_off_as_one(monkeypatch):
    monkeypatch.setattr("sim.model.equations.equilibrium.MOST_STEPS", 1)
    cost = np.array([0.5, 0.8, 1.1])[:, None, None]
    with pytest.raises(ModelError):
        bertrand_nash_prices(
            np.ones((3, 1, 1, 1)), np.ones((1, 1, 1)), cost, 0 * cost, np.array([[5.0]]), np.array([1.6])
        )


@pytest.mark.parametrize("rounds_swing", ["close_substitutes", "nearly_alone_when_cheap"])
def test_prices_are_found_where_rounds_of_best_responses_swing_for_ever(rounds_swing, request):
    some = request.getfixturevalue(rounds_swing)
    prices = solved(some)[:, 0, 0].tolist()
    plain = some.plain(0, 0)
    for v in range(len(prices)):
        best = max(plain.profit_at(v, prices[v] * factor, prices) for factor in GRID.tolist())
        assert best <= plain.profit(v, prices) * (1 + 1e-9)
