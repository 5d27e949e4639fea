"""When to go, against answers known in closed form, from papers and by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.studies.options.best_moment import NOT_AT_ALL, best_moment, first_of, paid_at, value_of


def brownian(seed, draws, steps, drift, volatility, start=1.0):
    """Paths of a geometric Brownian motion, [date, draw], steps in years; mirrored pairs share a half."""
    half = np.random.default_rng(seed).standard_normal((len(steps), draws // 4, 2))
    normals = np.stack([half, -half], axis=1).reshape(len(steps), draws)
    lengths = np.asarray(steps)[:, None]
    moves = (drift - volatility**2 / 2) * lengths + volatility * np.sqrt(lengths) * normals
    return start * np.exp(np.cumsum(moves, axis=0))


def discounted(rate, steps, draws):
    return np.broadcast_to(np.exp(-rate * np.cumsum(steps))[:, None], (len(steps), draws))


def powers(path):
    return np.stack([path, path**2, path**3], axis=1)


def test_without_volatility_it_goes_on_the_best_date():
    years, growth, rate = np.arange(30.0), 0.04, 0.1
    payoff = np.repeat((np.exp(growth * years) - 1.0)[:, None], 8, axis=1)  # best at ln(0.1 / 0.06) / 0.04 = 12.8
    discount = np.repeat(np.exp(-rate * years)[:, None], 8, axis=1)
    goes = best_moment(payoff, discount, payoff[:, None])
    assert set(goes) == {13}
    assert value_of(paid_at(payoff * discount, goes)) == pytest.approx((np.exp(-1.3) * (np.exp(0.52) - 1.0), 0.0))


@pytest.mark.depth
def test_a_perpetual_option_to_invest_has_its_closed_form():
    """McDonald and Siegel (1986), QJE 101(4): threshold b / (b - 1), value (threshold - 1) * threshold ** -b."""
    rate, shortfall, volatility, draws = 0.1, 0.06, 0.15, 40_000
    lean = 0.5 - (rate - shortfall) / volatility**2
    power = lean + np.sqrt(lean**2 + 2 * rate / volatility**2)
    threshold = power / (power - 1)
    exact = (threshold - 1) * threshold**-power
    steps = np.array([0.25] * 80 + [1.0] * 30)
    path = brownian(2, draws, steps, rate - shortfall, volatility)
    payoff, discount = path - 1.0, discounted(rate, steps, draws)
    log = np.log(path)
    goes = best_moment(payoff, discount, np.stack([path, log, log**2, log**3], axis=1))
    paid = paid_at(payoff * discount, goes)
    worth_one = path * np.exp((shortfall - rate) * np.cumsum(steps))[:, None]  # 1 on average, whenever one stops
    known = paid_at(worth_one, np.where(goes == NOT_AT_ALL, len(steps) - 1, goes))
    paid -= np.cov(paid, known)[0, 1] / known.var() * (known - 1.0)
    assert value_of(paid).value == pytest.approx(exact, rel=0.01)


def test_the_put_of_the_paper_has_its_value():
    """Longstaff and Schwartz (2001), table 1: S 36, sigma 0.2, T 1, 50 dates a year; finite differences 4.478."""
    steps, draws = np.full(50, 0.02), 50_000
    path = brownian(1, draws, steps, 0.06, 0.2, start=36.0)
    payoff, discount = 40.0 - path, discounted(0.06, steps, draws)
    value, error = value_of(paid_at(payoff * discount, best_moment(payoff, discount, powers(path))))
    assert abs(value - 4.478) < 3 * error
    assert error < 0.02


@given(st.integers(0, 10**6), st.floats(0.05, 0.5), st.floats(-0.05, 0.08), st.floats(0.6, 1.6))
def test_the_best_moment_is_no_worse_than_now_or_never(seed, volatility, drift, start):
    steps, draws = np.full(8, 1.0), 2_000
    path = brownian(seed, draws, steps, drift, volatility, start)
    payoff, discount = path - 1.0, discounted(0.08, steps, draws)
    best = paid_at(payoff * discount, best_moment(payoff, discount, powers(path)))
    now = np.where(payoff[0] > 0.0, payoff[0] * discount[0], 0.0)
    gain = value_of(best - now)
    assert gain.value >= -4 * gain.error


def test_noise_that_is_learned_brings_nothing():
    """What moves up and down by chance alone is worth the same whenever one takes it."""
    rng, found = np.random.default_rng(3), []
    for _ in range(150):
        payoff = 10.0 + np.cumsum(rng.standard_normal((8, 60)), axis=0)
        noise = rng.standard_normal((8, 4, 60))
        paid = paid_at(payoff, best_moment(payoff, np.ones_like(payoff), noise))
        found.append((paid - payoff[0]).mean())
    gain = value_of(np.array(found))
    assert abs(gain.value) < 3.5 * gain.error
    assert gain.error < 0.05


def test_more_volatility_does_not_lower_the_value():
    steps, draws, values = np.full(20, 1.0), 8_000, []
    for volatility in (0.02, 0.1, 0.2, 0.35):
        path = brownian(5, draws, steps, 0.03, volatility)
        payoff, discount = path - 1.0, discounted(0.09, steps, draws)
        values.append(value_of(paid_at(payoff * discount, best_moment(payoff, discount, powers(path)))))
    for low, high in pairwise(values):
        assert high.value - low.value > -3 * (low.error + high.error)
    assert values[-1].value > 2 * values[0].value


def test_what_never_pays_or_is_not_allowed_is_not_done():
    payoff = np.array([[-1.0, -np.inf, -np.inf, 2.0], [-1.0, 3.0, -np.inf, -np.inf]])
    goes = best_moment(payoff, np.ones((2, 4)), np.zeros((2, 1, 4)))
    assert goes.tolist() == [NOT_AT_ALL, 1, NOT_AT_ALL, 0]
    np.testing.assert_array_equal(paid_at(payoff, goes), [0.0, 3.0, 0.0, 2.0])
    assert first_of(payoff > 2.5).tolist() == [NOT_AT_ALL, 1, NOT_AT_ALL, NOT_AT_ALL]
