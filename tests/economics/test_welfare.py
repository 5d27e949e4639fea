"""Customers' surplus follows their contracts and agrees with the area under demand; concentration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from sim.economics.demand import renew_contracts
from sim.economics.welfare import exact_surplus, herfindahl, surplus_stock


def one(value):
    return np.array([value])


@given(budget=st.floats(0.1, 50), log_index=st.floats(-1, 1), eta=st.floats(1.05, 3))
def test_the_exact_surplus_is_the_area_left_of_the_demand_curve(budget, log_index, eta):
    area, _ = quad(lambda price: budget * price**-eta, np.exp(log_index), 1)
    assert exact_surplus(one(budget), one(log_index), one(eta)).item() == pytest.approx(area, rel=1e-8, abs=1e-12)


def settled(budget, log_index, churn, months=400):
    """Surplus after many months of an unchanged market, one vendor, one segment."""
    revenue, stock = np.full((1, 1, 1, 1), budget), np.zeros((1, 1, 1))
    for _ in range(months):
        renewal = renew_contracts(revenue, np.ones_like(revenue), np.full((1, 1, 1), budget), one(churn))
        stock = surplus_stock(stock, renewal, one(churn), renewal.free, np.full((1, 1, 1), log_index))
        revenue = renewal.revenue
    return stock.item()


@given(budget=st.floats(0.1, 50), log_index=st.floats(-1e-3, 1e-3), churn=st.floats(0.05, 1), eta=st.floats(1.05, 2))
def test_in_a_static_market_the_stock_settles_at_the_exact_area_for_small_changes(budget, log_index, churn, eta):
    spending = budget * np.exp((1 - eta) * log_index)
    exact = exact_surplus(one(budget), one(log_index), one(eta)).item()
    assert settled(spending, log_index, churn) == pytest.approx(exact, rel=2e-3, abs=1e-9)


@given(log_index=st.floats(0.05, 0.5), eta=st.floats(1.1, 2))
def test_for_large_changes_the_stock_differs_from_the_exact_area_only_in_second_order(log_index, eta):
    """E1 * -ln Pi against the integral: the difference is at most (eta - 1) / 2 * (ln Pi) ** 2 of spending."""
    for sign in (-1, 1):
        change = sign * log_index
        exact = exact_surplus(one(1.0), one(change), one(eta)).item()
        stock = -change * np.exp((1 - eta) * change)
        assert abs(stock - exact) <= (eta - 1) * change**2 / 2 * np.exp((eta - 1) * abs(change)) * 1.0001


@given(
    stock=st.floats(-5, 5),
    churn=st.floats(0, 1),
    budget=st.floats(0.1, 20),
    contracts=st.floats(0.1, 20),
    log_index=st.floats(-1, 1),
)
def test_the_stock_loses_what_contracts_lose_and_gains_on_what_is_newly_chosen(
    stock, churn, budget, contracts, log_index
):
    revenue = np.full((1, 1, 1, 1), contracts)
    renewal = renew_contracts(revenue, np.ones_like(revenue), np.full((1, 1, 1), budget), one(churn))
    after = surplus_stock(np.full((1, 1, 1), stock), renewal, one(churn), renewal.free, np.full((1, 1, 1), log_index))
    left = (1 - churn) * contracts
    kept = min(1, budget / left) if left > 0 else 1
    expected = (1 - churn) * kept * stock - max(budget - left, 0) * log_index
    assert after.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(data=st.data())
def test_concentration_lies_between_that_of_equals_and_that_of_a_monopoly(array_of, data):
    weights = data.draw(array_of(0.01, 1, 5, 2, 3))
    shares = weights / weights.sum(axis=0)
    np.testing.assert_allclose(herfindahl(shares), (shares**2).sum(axis=0), rtol=1e-12)
    assert (herfindahl(shares) >= 0.2 - 1e-12).all() and (herfindahl(shares) <= 1).all()
