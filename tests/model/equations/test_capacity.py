"""What a vendor expects to sell and orders for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from sim.model.equations.capacity import expected_sales, order_units

amount, rate, years = st.floats(0, 20), st.floats(0, 1), st.floats(0, 6)


def one(value):
    return np.array([value])


@given(contracts=amount, share=st.floats(0, 1), market=amount, churn=rate, growth=st.floats(-0.1, 0.6), years=years)
def test_expected_sales_run_contracts_off_and_win_a_share_of_all_that_comes_up(
    contracts, share, market, churn, growth, years
):
    """Spending up for choice at a moment is what grows plus what runs off of the whole market; a share of it is won.

    Each win runs off in turn, so sales at the horizon are an integral over the moments of winning.
    """
    expected = expected_sales(one(contracts), one(share * market), one(churn), one(growth), one(years)).item()

    def won_then_and_left(t):
        return share * (growth + churn) * market * np.exp(growth * t) * np.exp(-churn * (years - t))

    by_integral = contracts * np.exp(-churn * years) + max(quad(won_then_and_left, 0, years)[0], 0)
    assert expected == pytest.approx(by_integral, rel=1e-8, abs=1e-8)


@given(contracts=amount, potential=amount, churn=rate, growth=rate)
def test_expected_sales_now_are_the_contracts(contracts, potential, churn, growth):
    assert expected_sales(one(contracts), one(potential), one(churn), one(growth), one(0.0)).item() == contracts


@given(size=amount, churn=rate, growth=rate, years=years)
def test_a_vendor_whose_sales_are_its_share_of_the_market_grows_with_the_market(size, churn, growth, years):
    expected = expected_sales(one(size), one(size), one(churn), one(growth), one(years)).item()
    assert expected == pytest.approx(size * np.exp(growth * years), rel=1e-12)


@given(wanted=amount, headroom=rate, capacity=amount, on_order=amount, surviving=rate)
def test_an_order_brings_capacity_to_what_is_wanted_and_is_never_negative(
    wanted, headroom, capacity, on_order, surviving
):
    order = order_units(*(one(x) for x in (wanted, headroom, capacity, on_order, surviving))).item()
    will_be_there = capacity * surviving + on_order
    assert order >= 0
    assert will_be_there + order == pytest.approx(max(wanted * (1 + headroom), will_be_there), rel=1e-12, abs=1e-12)
