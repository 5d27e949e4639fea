"""Tariffs on goods: who loses what, checked against the area under the demand curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from sim.model.equations.goods_trade import (
    buyer_price,
    consumer_loss,
    log_buyer_price,
    long_run_log_response,
    moved_towards,
    short_run_elasticity,
    trade_at,
)

tariff = st.floats(0, 3)
elasticity = st.floats(0, 6) | st.floats(-1e-7, 1e-7).map(lambda gap: 1 + gap) | st.just(1.0)
pass_through = st.floats(0, 1)
trade = st.floats(0.01, 600)


def one(value):
    return np.array([value])


@given(free=trade, tau=tariff, psi=pass_through, e=elasticity)
def test_buyers_lose_the_area_left_of_their_demand_curve(free, tau, psi, e):
    price = 1 + psi * tau
    area, _ = quad(lambda p: free * p**-e, 1, price, epsabs=1e-12, epsrel=1e-12)
    assert consumer_loss(one(free), one(np.log(price)), one(e)).item() == pytest.approx(area, rel=1e-7, abs=1e-10)


@given(gap=st.floats(-1e-6, 1e-6), tau=tariff)
def test_the_loss_is_smooth_where_the_elasticity_passes_one(gap, tau):
    at_one = consumer_loss(one(1.0), one(np.log1p(tau)), one(1.0)).item()
    assert at_one == pytest.approx(np.log1p(tau), rel=1e-12)
    assert consumer_loss(one(1.0), one(np.log1p(tau)), one(1.0 + gap)).item() == pytest.approx(at_one, rel=1e-5)


def in_the_long_run(free, tau, psi, e):
    response = long_run_log_response(one(tau), one(psi), one(e))
    return trade_at(one(free), response, one(tau), one(psi), one(e)), response


@given(free=trade, tau=tariff, psi=pass_through, e=elasticity)
@example(free=100.0, tau=0.25, psi=1.0, e=1.0)
def test_parts_add_up_exactly_and_agree_with_the_areas_under_demand(free, tau, psi, e):
    parts, _ = in_the_long_run(free, tau, psi, e)
    assert (parts.consumer_loss + parts.exporter_loss - parts.revenue - parts.deadweight_loss).item() == 0
    price = 1 + psi * tau
    quantity = free * price**-e
    area, _ = quad(lambda p: free * p**-e, 1, price, epsabs=1e-12, epsrel=1e-12)
    rounding = 1e-9 * free * tau + 1e-14 * free
    assert parts.revenue.item() == pytest.approx(tau * quantity, rel=1e-12)
    assert parts.exporter_loss.item() == pytest.approx((1 - psi) * tau * quantity, rel=1e-9, abs=1e-12)
    # The triangle: what buyers lose beyond the part of the revenue that they pay.
    assert parts.deadweight_loss.item() == pytest.approx(area - psi * tau * quantity, abs=rounding)
    assert parts.deadweight_loss.item() >= -rounding


@given(free=trade, psi=pass_through, e=elasticity)
def test_without_a_tariff_nobody_gains_or_loses(free, psi, e):
    parts, response = in_the_long_run(free, 0.0, psi, e)
    assert response == 0
    assert parts.consumer_loss == parts.exporter_loss == parts.revenue == parts.deadweight_loss == 0


@given(tau=st.floats(0.01, 2), psi=st.floats(0.1, 1), e=elasticity)
def test_the_long_run_response_has_the_elasticity_of_demand(tau, psi, e):
    step = 1e-5
    price = 1 + psi * tau
    tariffs = np.array([(price * np.exp(sign * step) - 1) / psi for sign in (1, -1)])
    up, down = long_run_log_response(tariffs, np.full(2, psi), np.full(2, e))
    assert (up - down) / (2 * step) == pytest.approx(-e, abs=1e-5)


@given(start=st.floats(-2, 0), target=st.floats(-2, 0), speed=st.floats(0.1, 8), months=st.integers(1, 24))
def test_trade_moves_to_its_long_run_level_at_its_speed(start, target, speed, months):
    response = one(start)
    for _ in range(months):
        response = moved_towards(response, one(target), one(speed))
    years = (0, months / 12)
    solved = solve_ivp(lambda t, x: speed * (target - x), years, [start], rtol=1e-10, atol=1e-12)
    assert response.item() == pytest.approx(solved.y[0, -1], abs=1e-7)


@given(tau=st.floats(0.01, 2), psi=st.floats(0.1, 1), e=st.floats(0.1, 6), done=st.floats(0, 1))
def test_on_the_way_buyers_stand_on_a_steeper_curve_through_today(tau, psi, e, done):
    response = done * long_run_log_response(one(tau), one(psi), one(e))
    steeper = short_run_elasticity(response, log_buyer_price(one(tau), one(psi)), one(e))
    assert 0 <= steeper.item() <= e
    np.testing.assert_allclose(buyer_price(one(tau), one(psi)) ** -steeper, np.exp(response), rtol=1e-9)


@given(tau=tariff, psi=pass_through, e=st.floats(0, 6), response=st.floats(-3, 0))
def test_at_no_moment_is_the_deadweight_loss_of_a_risen_tariff_negative(tau, psi, e, response):
    """Trade lies between free trade and its long-run level: the tariff has risen, trade follows."""
    lowest = long_run_log_response(one(tau), one(psi), one(e))
    now = np.maximum(one(response), lowest)
    parts = trade_at(one(1.0), now, one(tau), one(psi), one(e))
    assert parts.deadweight_loss.item() >= -1e-12 * (1 + tau)


@given(before=st.floats(0, 2), after=st.floats(0, 2), done=st.floats(0, 1), psi=pass_through, e=st.floats(0.1, 6))
def test_at_no_moment_is_the_deadweight_loss_of_any_change_of_tariff_negative(before, after, done, psi, e):
    """Also where a tariff has fallen and trade has not caught up yet."""
    begin, end = (long_run_log_response(one(tau), one(psi), one(e)) for tau in (before, after))
    now = begin + done * (end - begin)
    parts = trade_at(one(1.0), now, one(after), one(psi), one(e))
    assert parts.deadweight_loss.item() >= -1e-12 * (1 + after)
