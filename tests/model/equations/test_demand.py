"""Customers divide spending by CES, keep contracts, and are served as far as capacity goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from sim.model.equations.demand import (
    Choice,
    budgets,
    choice_at,
    kept_contracts,
    log_price_index,
    renewed_contract,
    unmet_demand,
    up_for_choice,
)
from sim.model.equations.rationing import ration
from sim.quantities import ordered_sum

EXACT = 1e-12


def choice_in(some):
    return choice_at(some.access, some.quality, some.log_price, some.sigma)


@given(data=st.data())
def test_shares_sum_to_one_and_are_those_of_the_model_text(markets, data):
    some = data.draw(markets())
    shares = choice_in(some).shares
    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=EXACT)
    for v, m, s, d in np.ndindex(shares.shape):
        expected = some.plain(m, d).share(v, s, np.exp(some.log_price[:, m, d]).tolist())
        assert shares[v, m, s, d] == pytest.approx(expected, rel=1e-9)


@given(data=st.data())
def test_quality_counts_the_same_whether_it_moves_or_not(markets, data):
    some = data.draw(markets())
    moved = Choice.of(choice_in(some).attraction * np.exp(some.cost)[:, :, None])
    fixed = choice_at(some.access, some.quality + some.cost[:, :, None], some.log_price, some.sigma)
    np.testing.assert_allclose(moved.shares, fixed.shares, rtol=1e-10)


@given(data=st.data())
def test_a_vendor_that_cannot_be_chosen_has_no_share_and_shifts_nobody_else(markets, data):
    some = data.draw(markets(vendors=3))
    some.access[1] = 0.0
    with_it, without = (
        choice_in(some),
        choice_at(some.access[[0, 2]], some.quality[[0, 2]], some.log_price[[0, 2]], some.sigma),
    )
    assert not with_it.shares[1].any()
    np.testing.assert_allclose(with_it.shares[[0, 2]], without.shares, rtol=EXACT)


def test_a_vendor_that_does_not_sell_has_quality_of_minus_infinity_and_no_share():
    quality = np.array([0.0, -np.inf])[:, None, None, None]
    shares = choice_at(np.ones((2, 1, 1, 1)), quality, np.zeros((2, 1, 1)), np.array([[5.0]])).shares
    np.testing.assert_array_equal(shares[:, 0, 0, 0], [1, 0])


def test_a_segment_that_nobody_may_serve_chooses_nobody():
    some = choice_at(np.zeros((2, 1, 1, 1)), np.zeros((2, 1, 1, 1)), np.zeros((2, 1, 1)), np.array([[5.0]]))
    np.testing.assert_array_equal(some.shares, 0)


@given(data=st.data())
def test_the_price_index_is_the_least_cost_of_a_unit_of_what_ces_customers_want(markets, data):
    """The dual of the text: cost of one unit of U = (sum_v (w_v q_v) ** rho) ** (1 / rho), minimised by a solver."""
    some = data.draw(markets(vendors=2, segments=1))
    plain, prices = some.plain(0, 0), np.exp(some.log_price[:, 0, 0])
    sigma = some.sigma[0, 0]
    weight = np.array([plain.attraction(v, 0, 1.0) for v in (0, 1)])

    def cost_of_a_unit(log_ratio):
        ratio = np.exp(log_ratio[0])
        quantities = np.array([1.0, ratio])
        unit = (weight ** (1 / sigma) @ quantities ** (1 - 1 / sigma)) ** (sigma / (sigma - 1))
        return np.log(prices @ quantities / unit)

    least = minimize(cost_of_a_unit, [0.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14})
    index = log_price_index(choice_in(some).total, some.sigma)[0, 0, 0]
    assert index == pytest.approx(least.fun, abs=1e-8)


@given(data=st.data(), factor=st.floats(0.5, 2))
def test_the_price_index_follows_a_common_change_of_all_prices(markets, data, factor):
    some = data.draw(markets())
    before = log_price_index(choice_in(some).total, some.sigma)
    dearer = choice_at(some.access, some.quality, some.log_price + np.log(factor), some.sigma)
    np.testing.assert_allclose(log_price_index(dearer.total, some.sigma) - before, np.log(factor), atol=1e-10)


@given(path=st.floats(0.1, 100), gap=st.floats(-1, 1), eta=st.floats(1.05, 3))
def test_volume_answers_to_the_price_index_with_elasticity_eta(path, gap, eta):
    step = 1e-6
    spending = budgets(np.full(2, path), np.array([gap, gap + step]), np.full(2, eta))
    volume = np.log(spending) - np.array([gap, gap + step])
    assert (volume[1] - volume[0]) / step == pytest.approx(-eta, abs=1e-6)
    assert budgets(np.array([path]), np.zeros(1), np.array([eta]))[0] == path


# Contracts and capacity -----------------------------------------------------------------------------------------------


@st.composite
def contracts(draw, array_of):
    n, s, d = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    weights = draw(array_of(0.01, 1, n, s, d))
    revenue = draw(array_of(0, 10, n, s, d))
    return {
        "revenue": revenue,
        "total": ordered_sum(revenue),
        "shares": weights / weights.sum(axis=0),
        "budget": draw(array_of(0.1, 40, s, d)),
        "churn": draw(array_of(0, 1, d)),
    }


def renewed(held):
    """Spending up for choice, and what is wanted of each vendor after a month's renewals."""
    moves = up_for_choice(held["total"], held["budget"], held["churn"])
    return moves, renewed_contract(held["revenue"], moves.keeps, held["shares"], moves.free)


@given(data=st.data())
def test_all_spending_is_either_under_contract_or_chosen_anew(array_of, data):
    held = data.draw(contracts(array_of))
    moves, wanted = renewed(held)
    np.testing.assert_allclose(wanted.sum(axis=0), held["budget"], rtol=1e-12)
    np.testing.assert_allclose(moves.free + moves.carried, held["budget"], rtol=1e-12)
    assert (wanted >= 0).all()
    assert (moves.free >= 0).all()
    assert (moves.carried >= 0).all()
    assert (moves.carried <= (1 - held["churn"]) * held["total"]).all()


@given(data=st.data())
def test_contracts_not_up_for_choice_stay_where_they_are_while_the_budget_can_pay_them(array_of, data):
    held = data.draw(contracts(array_of))
    stays = (1 - held["churn"]) * held["revenue"]
    can_pay = stays.sum(axis=0) <= held["budget"]
    _, wanted = renewed(held)
    expected = stays + held["shares"] * (held["budget"] - stays.sum(axis=0))
    np.testing.assert_allclose(np.where(can_pay, wanted, expected), expected, rtol=1e-9, atol=1e-12)


@given(data=st.data())
def test_with_all_contracts_up_for_choice_the_market_is_the_static_one(array_of, data):
    held = data.draw(contracts(array_of)) | {"churn": None}
    held["churn"] = np.ones(held["revenue"].shape[-1])
    np.testing.assert_allclose(renewed(held)[1], held["shares"] * held["budget"], rtol=1e-12)


def test_a_budget_below_the_contracts_cuts_all_of_them_alike():
    revenue = np.array([6.0, 2.0])[:, None, None]
    shares = np.array([0.5, 0.5])[:, None, None]
    total, budget, churn = revenue.sum(axis=0), np.array([[4.0]]), np.array([0.0])
    moves, wanted = renewed({"revenue": revenue, "total": total, "shares": shares, "budget": budget, "churn": churn})
    np.testing.assert_array_equal(wanted.ravel(), [3, 1])
    assert moves.carried == 4
    assert moves.free == 0


@given(before=st.integers(0, 100), now=st.integers(0, 100))
def test_contracts_end_with_customers_who_may_no_longer_be_served(before, now):
    kept = kept_contracts(np.array([before / 100]), np.array([now / 100])).item()
    assert kept == (1 if now >= before else pytest.approx(now / before))


@st.composite
def queues_for_capacity(draw, array_of):
    held = draw(contracts(array_of))
    _, wanted = renewed(held)
    limit = draw(array_of(0, 20, wanted.shape[0], wanted.shape[-1]))
    return wanted, held["shares"], held["budget"], limit


def rationed(wanted, shares, limit):
    """What is served, and its sums; what is wanted stays as it is."""
    revenue = wanted.copy()
    return revenue, ration(revenue, shares, limit)


@given(data=st.data(), scale=st.sampled_from([1e-6, 1.0, 1e6]))
def test_spending_is_served_or_unmet_and_nobody_sells_above_capacity(array_of, data, scale):
    wanted, shares, budget, limit = data.draw(queues_for_capacity(array_of))
    revenue, served = rationed(wanted, scale * shares, limit)  # attractions of any size give the same shares
    np.testing.assert_allclose(revenue.sum(axis=0) + unmet_demand(budget, served.total), budget, rtol=1e-12)
    np.testing.assert_allclose(served.total, revenue.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(served.sales, revenue.sum(axis=1), rtol=1e-12)
    assert (revenue.sum(axis=1) <= limit * (1 + 1e-12)).all()
    assert (revenue >= 0).all()
    assert (unmet_demand(budget, served.total) >= 0).all()


@given(data=st.data())
def test_a_vendor_with_room_loses_nothing_to_rationing(array_of, data):
    wanted, shares, _, limit = data.draw(queues_for_capacity(array_of))
    revenue, _ = rationed(wanted, shares, limit)
    fits = (wanted.sum(axis=1) <= limit)[:, None]
    assert (np.where(fits, revenue - wanted, 0) >= 0).all()
    assert (np.where(fits, 0, revenue - wanted) <= 0).all()


@given(data=st.data())
def test_enough_capacity_serves_everything_as_wanted(array_of, data):
    wanted, shares, _, _ = data.draw(queues_for_capacity(array_of))
    revenue, _ = rationed(wanted, shares, np.full_like(wanted[:, 0], np.inf))
    np.testing.assert_array_equal(revenue, wanted)


@given(data=st.data())
@pytest.mark.depth
def test_rationing_in_one_draw_leaves_the_bits_of_the_others(array_of, data):
    wanted, shares, _, limit = data.draw(queues_for_capacity(array_of))
    together, sums = rationed(wanted, shares, limit)
    for d in range(wanted.shape[-1]):
        one = slice(d, d + 1)
        some = (np.ascontiguousarray(held[..., one]) for held in (wanted, shares, limit))
        alone, own_sums = rationed(*some)
        np.testing.assert_array_equal(alone, together[..., one])
        np.testing.assert_array_equal(own_sums.total, sums.total[..., one])


def test_what_a_full_vendor_cannot_serve_goes_to_those_with_room_by_their_shares():
    wanted = np.array([6.0, 3.0, 1.0])[:, None, None]
    shares = np.array([0.6, 0.3, 0.1])[:, None, None]
    limit = np.array([2.0, 5.0, 9.0])[:, None]
    revenue, served = rationed(wanted, shares, limit)
    # 4 are left over: 3/4 of them (3) meet room of 2, 1/4 (1) fits; 1 remains unmet.
    np.testing.assert_allclose(revenue.ravel(), [2, 5, 2])
    assert unmet_demand(np.array([[10.0]]), served.total).item() == pytest.approx(1)


def test_spending_that_nobody_has_room_for_stays_unmet():
    wanted = np.array([6.0, 0.0])[:, None, None]
    revenue, served = rationed(wanted, np.array([1.0, 0.0])[:, None, None], np.array([[2.0], [0.0]]))
    np.testing.assert_array_equal(revenue.ravel(), [2, 0])
    assert served.total.item() == 2
