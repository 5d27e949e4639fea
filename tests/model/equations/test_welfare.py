"""Customers' surplus follows their contracts and agrees with the area under demand; concentration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from sim.model.equations.welfare import eased_by_price, exact_surplus, herfindahl, surplus_of_spending, surplus_stock


def one(value):
    return np.array([value])


@given(budget=st.floats(0.1, 50), log_index=st.floats(-1, 1), eta=st.floats(1.05, 3))
def test_the_exact_surplus_is_the_area_left_of_the_demand_curve(budget, log_index, eta):
    area, _ = quad(lambda price: budget * price**-eta, np.exp(log_index), 1)
    assert exact_surplus(one(budget), one(log_index), one(eta)).item() == pytest.approx(area, rel=1e-8, abs=1e-12)


@given(log_index=st.floats(-1, 1), eta=st.floats(1.05, 3))
def test_the_surplus_of_spending_is_the_exact_area_per_unit_now_spent(log_index, eta):
    spending = np.exp((1 - eta) * log_index)
    area, _ = quad(lambda price: price**-eta, np.exp(log_index), 1)
    assert spending * surplus_of_spending(one(log_index), one(eta)).item() == pytest.approx(area, rel=1e-8, abs=1e-12)


@given(log_index=st.floats(-1e-3, 1e-3), eta=st.floats(1.05, 3))
def test_for_small_changes_the_surplus_of_spending_is_the_fall_of_the_log_index(log_index, eta):
    assert surplus_of_spending(one(log_index), one(eta)).item() == pytest.approx(-log_index, rel=2e-3, abs=1e-12)


@given(budget=st.floats(0.1, 50), log_index=st.floats(-1, 1), churn=st.floats(0.05, 1), eta=st.floats(1.05, 3))
def test_a_market_in_which_everybody_has_chosen_has_the_exact_surplus(budget, log_index, churn, eta):
    """Contracts run off month by month at an unchanged index; the stock settles at the area under demand."""
    spending, stock = budget * np.exp((1 - eta) * log_index), np.zeros((1, 1, 1))
    for _ in range(600):
        new = np.full((1, 1, 1), churn * spending)
        stock = surplus_stock(stock, np.full((1, 1, 1), 1 - churn), new, np.full((1, 1, 1), log_index), one(eta))
    exact = exact_surplus(one(budget), one(log_index), one(eta)).item()
    assert stock.item() == pytest.approx(exact, rel=1e-9, abs=1e-12)


@given(stock=st.floats(-5, 5), carried=st.floats(0, 1), new=st.floats(0, 20), log_index=st.floats(-1, 1))
def test_what_is_carried_over_keeps_the_surplus_of_the_day_it_was_chosen(stock, carried, new, log_index):
    after = surplus_stock(*(one(x) for x in (stock, carried, new, log_index)), one(2.0)).item()
    assert after == pytest.approx(carried * stock + new * (1 - np.exp(log_index)), rel=1e-9, abs=1e-12)


@given(spent=st.floats(0.1, 20), price=st.floats(0.5, 2))
def test_who_is_under_contract_gains_what_a_constant_budget_gains_as_its_price_falls(spent, price):
    """The area left of the demand curve of customers who spend the same whatever the price."""
    area, _ = quad(lambda paid: spent / paid, price, 1)
    eased = eased_by_price(np.array([spent, spent]), -np.log(np.array([price, 1.0])))
    assert eased.sum() == pytest.approx(area, rel=1e-8, abs=1e-12)


@given(data=st.data())
def test_concentration_lies_between_that_of_equals_and_that_of_a_monopoly(array_of, data):
    weights = data.draw(array_of(0.01, 1, 5, 2, 3))
    shares = weights / weights.sum(axis=0)
    np.testing.assert_allclose(herfindahl(shares), (shares**2).sum(axis=0), rtol=1e-12)
    assert (herfindahl(shares) >= 0.2 - 1e-12).all()
    assert (herfindahl(shares) <= 1).all()
