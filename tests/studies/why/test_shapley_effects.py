"""Shapley effects of dependent inputs against closed forms and plain sums over subsets."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from sim.studies.why.shapley_effects import effects_of_exchange, shapley_effects

ERRORS = 3.5


def root_of(covariance):
    return np.linalg.cholesky(np.asarray(covariance, dtype=float))


def by_subsets(slopes, covariance):
    """Average over all subsets how much less is unknown with an input than without: conditional variances."""
    slopes, covariance = np.asarray(slopes, dtype=float), np.asarray(covariance, dtype=float)
    count = len(slopes)

    def known(subset):
        held = list(subset)
        if not held:
            return 0.0
        shared = covariance[:, held] @ np.linalg.solve(covariance[np.ix_(held, held)], covariance[held])
        return slopes @ shared @ slopes

    effects = np.zeros(count)
    for k in range(count):
        others = [j for j in range(count) if j != k]
        for size in range(count):
            for subset in combinations(others, size):
                effects[k] += (known((*subset, k)) - known(subset)) / (count * comb(count - 1, size))
    return effects


def effects(slopes, covariance):
    found, error = shapley_effects(np.asarray(slopes, dtype=float)[:, None], root_of(covariance))
    return found[:, 0], error[:, 0]


def test_a_sum_of_three_of_which_two_go_together():
    """Y = X1 + X2 + X3 of variance 1 each, X2 and X3 with correlation r: 1 and 1 + r of 3 + 2 r."""
    tied = [[1, 0, 0], [0, 1, 0.6], [0, 0.6, 1]]
    found, _ = effects([1, 1, 1], tied)
    np.testing.assert_allclose(found / found.sum(), [1 / 4.2, 1.6 / 4.2, 1.6 / 4.2])
    np.testing.assert_allclose(found / found.sum(), [0.238, 0.381, 0.381], atol=5e-4)


def test_an_input_without_a_slope_has_a_part_if_it_tells_of_one_that_has():
    """Two inputs with correlation r, of which only the first counts: half of r^2 is told by the other."""
    found, _ = effects([1, 0], [[1, 0.6], [0.6, 1]])
    np.testing.assert_allclose(found, [1 - 0.18, 0.18])


@pytest.mark.parametrize("seed", range(5))
def test_few_inputs_have_the_effects_of_all_subsets(seed):
    rng = np.random.default_rng(seed)
    slopes, mixed = rng.normal(size=4), rng.normal(size=(4, 4))
    found, error = effects(slopes, mixed @ mixed.T)
    np.testing.assert_allclose(found, by_subsets(slopes, mixed @ mixed.T))
    np.testing.assert_allclose(found.sum(), slopes @ mixed @ mixed.T @ slopes)
    assert not error.any()


def test_many_inputs_have_them_within_the_errors_of_their_orders():
    rng = np.random.default_rng(3)
    slopes, mixed = rng.normal(size=9), rng.normal(size=(9, 9)) + 2 * np.eye(9)
    found, error = effects(slopes, mixed @ mixed.T)
    assert (error > 0).all()
    assert (np.abs(found - by_subsets(slopes, mixed @ mixed.T)) < ERRORS * error).all()
    np.testing.assert_allclose(found.sum(), slopes @ mixed @ mixed.T @ slopes)


def test_independent_inputs_have_their_own_variance_and_tied_ones_are_no_trouble():
    found, error = effects([1, 2, 0], np.diag([1.0, 4.0, 9.0]))
    np.testing.assert_allclose(found, [1, 16, 0])
    assert not error.any()
    twins = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    found, _ = shapley_effects(np.array([[1.0], [1.0], [1.0]]), twins)
    np.testing.assert_allclose(found[:, 0], [2, 2, 1])


def exchanged(draws, seed, slopes, covariance, noise):
    rng = np.random.default_rng(seed)
    moved = root_of(covariance) @ (rng.normal(size=(len(slopes), draws)) - rng.normal(size=(len(slopes), draws)))
    return slopes @ moved + noise * rng.normal(size=draws), moved


def test_effects_from_draws_are_those_of_the_slopes_and_noise_adds_nothing_on_average():
    """Forty inputs in noise that is much larger than what they make: without the jackknife each would have too much."""
    covariance = 0.4 * np.ones((40, 40)) + 0.6 * np.eye(40)
    slopes = np.r_[0.5, 0.5, np.zeros(38)]
    known = by_groups(slopes, covariance)
    runs = [
        effects_of_exchange(*exchanged(400, seed, slopes, covariance, 3), root_of(covariance)) for seed in range(30)
    ]
    found, error = (np.array([getattr(run, name) for run in runs]) for name in ("effects", "error"))
    spread = found.std(axis=0, ddof=1) / np.sqrt(len(runs))
    assert (np.abs(found.mean(axis=0) - known) < ERRORS * spread + 0.02 * known.sum()).all()
    assert 0.6 < error[:, 0].mean() / found[:, 0].std() < 1.6
    linear = np.array([run.linear for run in runs])
    assert abs(linear.mean() - slopes @ covariance @ slopes) < ERRORS * linear.std() / np.sqrt(len(runs)) + 0.02


def by_groups(slopes, covariance):
    """Effects of exchangeable inputs from many orders of this test's own: by conditional variances, one by one."""
    rng, total = np.random.default_rng(9), np.zeros(len(slopes))
    for _ in range(300):
        order, known = rng.permutation(len(slopes)), 0.0
        for size in range(1, len(slopes) + 1):
            held = order[:size]
            told = covariance[held] @ slopes
            now = told @ np.linalg.solve(covariance[np.ix_(held, held)], told)
            total[order[size - 1]] += (now - known) / 300
            known = now
    return total


def test_too_few_draws_for_so_many_inputs_give_nothing():
    change, moved = exchanged(100, 1, np.ones(50), np.eye(50), 1)
    assert effects_of_exchange(change, moved, np.eye(50)) is None


def test_the_same_draws_give_the_same_effects():
    given = exchanged(200, 1, np.ones(8), 0.5 * np.eye(8) + 0.5, 1)
    one, other = (effects_of_exchange(*given, root_of(0.5 * np.eye(8) + 0.5)) for _ in range(2))
    np.testing.assert_array_equal(one.effects, other.effects)
    np.testing.assert_array_equal(one.error, other.error)
