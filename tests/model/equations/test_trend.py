"""Where the market goes by itself: paths through observations, decaying growth, catch-up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from sim.model.equations.trend import (
    catch_up_share,
    catch_up_step,
    continued_log_growth,
    growth_shocks,
    interpolated_path,
    jumps,
    wandering,
)

rate, half_life = st.floats(-0.5, 0.8), st.floats(0.2, 6)


@given(
    months=st.lists(st.integers(1, 60), min_size=1, max_size=5, unique=True).map(sorted),
    sizes=st.lists(st.floats(0.1, 300), min_size=6, max_size=6),
)
def test_a_path_goes_through_its_observations_with_constant_growth_between_them(months, sizes):
    known = [0, *months]
    observed = [(month, np.array([size, 2 * size])) for month, size in zip(known, sizes, strict=False)]
    path = interpolated_path(observed, np.arange(known[-1] + 6.0))
    for month, size in observed:
        np.testing.assert_allclose(path[month], size, rtol=1e-12)
    steps = np.diff(np.log(path), axis=0)
    for begin, end in itertools.pairwise(known):
        assert np.ptp(steps[begin:end], axis=0).max() < 1e-12
    np.testing.assert_array_equal(path[known[-1] :], path[[known[-1]]].repeat(6, axis=0))


def test_an_observation_before_the_base_date_counts():
    path = interpolated_path([(-6, np.array([1.0])), (6, np.array([4.0]))], np.array([0.0, 3.0, 6.0]))
    assert path[0, 0] == pytest.approx(2)
    assert path[1, 0] == pytest.approx(2 * 2**0.5)
    assert path[2, 0] == pytest.approx(4)


@given(first=rate, lasting=rate, half_life=half_life, years=st.floats(0, 10))
def test_continued_growth_is_the_integral_of_a_rate_that_halves_its_distance(first, lasting, half_life, years):
    grown = continued_log_growth(np.array([[years]]), *(np.array([x]) for x in (first, lasting, half_life))).item()
    expected, _ = quad(lambda t: lasting + (first - lasting) * 0.5 ** (t / half_life), 0, years)
    assert grown == pytest.approx(expected, abs=1e-9)


@given(
    news=st.lists(st.floats(-0.5, 0.5), min_size=6, max_size=6), persistence=st.floats(0, 1), years=st.floats(0, 4.99)
)
def test_growth_departs_by_what_is_new_and_what_is_left_of_last_years_departure(news, persistence, years):
    found = growth_shocks(np.array([years]), np.array(news)[:, None], np.array([persistence])).item()
    expected, departure = 0.0, 0.0
    for year, new in enumerate(news):
        departure = persistence * departure + new
        expected += departure * min(max(years - year, 0), 1)
    assert found == pytest.approx(expected, abs=1e-12)


@given(gap=st.floats(-2, 2), tau=st.floats(0.1, 5))
def test_monthly_steps_of_catch_up_follow_its_differential_equation(gap, tau):
    gained = np.zeros(1)
    for _ in range(24):
        gained = catch_up_step(gained, np.array([gap]), catch_up_share(np.array([tau])))
    solved = solve_ivp(lambda t, x: (gap - x) / tau, (0, 2), [0.0], rtol=1e-10, atol=1e-12)
    assert gained.item() == pytest.approx(solved.y[0, -1], abs=1e-7)


@given(gap=st.floats(-2, 2), tau=st.floats(0.1, 5))
def test_catch_up_goes_towards_its_gap_and_never_beyond(gap, tau):
    gained = [np.zeros(1)]
    for _ in range(200):
        gained.append(catch_up_step(gained[-1], np.array([gap]), catch_up_share(np.array([tau]))))
    path = np.array(gained) * np.sign(gap)
    assert (np.diff(path, axis=0) >= 0).all()
    assert (path <= abs(gap) * (1 + 1e-12)).all()


def test_without_reversion_quality_differs_by_the_sum_of_what_comes_anew_and_means_nothing_for_the_whole_market():
    news = np.random.default_rng(1).normal(size=(30, 3, 2, 5))
    news[0] = 0.0
    found = wandering(news.copy(), np.full((3, 2, 5), 1 / 3), np.zeros(5), np.ones((30, 2, 5)))
    total = news.cumsum(axis=0)
    np.testing.assert_allclose(found - found[:, :1], total - total[:, :1], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 3.0, rtol=1e-12)


@given(share=st.floats(0.02, 0.9), jump=st.floats(-2, 2), rate=st.floats(0.1, 3), growth=st.floats(0, 0.6))
def test_a_win_rate_goes_back_to_the_share_that_it_has_moved(share, jump, rate, growth):
    """One vendor gains once. Its share goes towards the win rate, the win rate to the share, and neither beyond."""
    months, shares = 360, np.array([share, 1 - share]).reshape(2, 1, 1)
    news = np.zeros((months, 2, 1, 1))
    news[1, 0] = jump
    keeps = np.full((months, 1, 1), np.exp(-growth / 12))
    gained = wandering(news, shares, np.array([1 - np.exp(-rate / 12)]), keeps)[:, :, 0, 0]
    pull = shares[:, 0, 0] * np.exp(gained)
    won, held = pull[:, 0] / pull.sum(axis=1), [share]
    for month in range(1, months):
        held.append(keeps[month, 0, 0] * held[-1] + (1 - keeps[month, 0, 0]) * won[month])
    distance = np.log(won / np.array(held)) * np.sign(jump)
    assert (distance[1:] >= -1e-9).all()
    assert (np.diff(distance[1:]) <= 1e-9).all()
    assert abs(distance[-1]) < 1e-3 + abs(jump) * np.exp(-0.9 * rate * months / 12)


def test_a_vendor_that_sells_nothing_has_no_share_to_go_back_to():
    news = np.zeros((12, 2, 1, 1))
    news[1, 1] = 1.0
    gained = wandering(news, np.array([1.0, 0.0]).reshape(2, 1, 1), np.array([0.1]), np.full((12, 1, 1), 0.95))
    np.testing.assert_array_equal(gained[1:, 1], 1.0)
    np.testing.assert_allclose(gained[:, 0], 0.0, atol=1e-12)


def test_jumps_come_with_their_chance_and_have_the_moments_of_laplace():
    found = jumps(np.random.default_rng(3).random((400, 500)), np.full(500, 0.02), np.full(500, 1.5))
    jumped = found[found != 0]
    assert len(jumped) / found.size == pytest.approx(0.02, rel=0.05)
    assert np.abs(jumped).mean() == pytest.approx(1.5, rel=0.05)
    assert jumped.mean() == pytest.approx(0, abs=0.1)
    assert jumped.std() == pytest.approx(1.5 * 2**0.5, rel=0.05)
    assert not jumps(np.array([[1e-9]]), np.zeros(1), np.ones(1)).any()
