"""The equations of the fit beside closed forms, brute force and what a sample is for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.model.luck import from_scores
from sim.studies.fit.posterior import Gaussian, estimates, update
from sim.values import Number

NUMBERS = [
    Number("normal", (0.3, 0.08)),
    Number("lognormal", (2.0, 0.4)),
    Number("uniform", (-1.0, 3.0)),
    Number("triangular", (0.3, 1.0, 3.0)),
    Number("triangular", (0.0, 0.0, 2.0)),
    Number("triangular", (0.0, 2.0, 2.0)),
]
DISTRIBUTIONS = [
    stats.norm(0.3, 0.08),
    stats.lognorm(0.4, scale=2.0),
    stats.uniform(-1.0, 4.0),
    stats.triang(0.7 / 2.7, 0.3, 2.7),
    stats.triang(0.0, 0.0, 2.0),
    stats.triang(1.0, 0.0, 2.0),
]


def conditioned(slopes, level, noise, observed):
    """The posterior by conditioning the joint normal of parameters and figures, without any inverse of the prior."""
    crossed = slopes.T
    spread = slopes @ slopes.T + noise
    gain = crossed @ np.linalg.inv(spread)
    return gain @ (observed - level), np.eye(slopes.shape[1]) - gain @ slopes


def linear_model(parameters, figures, seed):
    generator = np.random.default_rng(seed)
    slopes, level = generator.normal(size=(figures, parameters)), generator.normal(size=figures)
    scores = generator.normal(size=(400, parameters))
    return slopes, level, scores, generator


@pytest.mark.parametrize(("parameters", "figures"), [(1, 1), (2, 5), (5, 2), (6, 30)])
def test_a_linear_model_without_luck_gives_the_conditional_normal(parameters, figures):
    slopes, level, scores, generator = linear_model(parameters, figures, seed=figures)
    observed, error = generator.normal(size=figures), generator.uniform(0.1, 1.0, size=figures)

    found = update(scores, level[:, None] + slopes @ scores.T, observed, error)

    mean, covariance = conditioned(slopes, level, np.diag(error**2), observed)
    np.testing.assert_allclose(found.mean, mean, atol=1e-9)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-9)


def test_luck_that_figures_share_counts_as_one_error_not_as_many():
    slopes, level, _, generator = linear_model(2, 4, seed=7)
    scores = generator.normal(size=(200_000, 2))
    shared = 0.5 * generator.normal(size=len(scores))
    simulated = level[:, None] + slopes @ scores.T + shared
    observed, error = generator.normal(size=4), np.full(4, 0.2)

    found = update(scores, simulated, observed, error)

    mean, covariance = conditioned(slopes, level, np.diag(error**2) + 0.25, observed)
    np.testing.assert_allclose(found.mean, mean, atol=0.03)
    np.testing.assert_allclose(found.covariance, covariance, atol=0.01)


def test_where_the_draws_are_made_does_not_move_the_posterior_of_a_linear_model():
    slopes, level, scores, generator = linear_model(3, 4, seed=3)
    observed, error = generator.normal(size=4), np.full(4, 0.3)
    elsewhere = 0.2 * scores + np.array([1.0, -2.0, 0.5])

    first = update(scores, level[:, None] + slopes @ scores.T, observed, error)
    second = update(elsewhere, level[:, None] + slopes @ elsewhere.T, observed, error)

    np.testing.assert_allclose(first.mean, second.mean, atol=1e-9)
    np.testing.assert_allclose(first.covariance, second.covariance, atol=1e-9)


def test_a_posterior_in_two_dimensions_is_what_brute_force_on_a_grid_gives():
    slopes, level, scores, _ = linear_model(2, 3, seed=11)
    observed, error = np.array([0.4, -1.0, 0.3]), np.array([0.5, 0.8, 0.6])
    axis = np.linspace(-6.0, 6.0, 601)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    misses = (observed - level - grid @ slopes.T) / error
    weights = np.exp(-0.5 * (misses**2).sum(axis=1) - 0.5 * (grid**2).sum(axis=1))
    mean = weights @ grid / weights.sum()
    covariance = (grid - mean).T @ ((grid - mean) * weights[:, None]) / weights.sum()

    found = update(scores, level[:, None] + slopes @ scores.T, observed, error)

    np.testing.assert_allclose(found.mean, mean, atol=1e-6)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-6)


def test_figures_that_no_parameter_moves_leave_the_prior_as_it_is():
    scores = np.random.default_rng(0).normal(size=(100, 3))

    found = update(scores, np.full((2, 100), 5.0), np.array([9.0, 1.0]), np.array([0.1, 0.1]))

    np.testing.assert_allclose(found.mean, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.covariance, np.eye(3), atol=1e-9)


@pytest.mark.parametrize(("number", "distribution"), list(zip(NUMBERS, DISTRIBUTIONS, strict=True)))
def test_a_score_is_the_standard_normal_quantile_of_the_value(number, distribution):
    scores = np.linspace(-3.5, 3.5, 29)
    expected = distribution.ppf(stats.norm.cdf(scores))
    np.testing.assert_allclose(from_scores(number, scores), expected, rtol=1e-7, atol=1e-9)


def test_values_beyond_the_bounds_of_a_number_are_cut_to_them():
    number = Number("normal", (0.5, 0.3), low=0.0, high=1.0)
    np.testing.assert_allclose(from_scores(number, np.array([-4.0, 0.0, 4.0])), [0.0, 0.5, 1.0])


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_estimates_have_mean_covariance_and_quantiles_of_the_posterior(parameters, seed):
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(parameters, parameters)) + 2 * np.eye(parameters)
    held = Gaussian(generator.normal(size=parameters), root @ root.T / parameters)
    priors = {f"number_{k}": NUMBERS[k] for k in range(parameters)}

    found = estimates(priors, held)

    loadings = np.array([[dict(one.loadings).get(name, 0.0) for name in priors] for one in found.values()])
    np.testing.assert_allclose(loadings @ loadings.T, held.covariance, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose([one.mean for one in found.values()], held.mean)
    for k, one in enumerate(found.values()):
        scores = held.mean[k] + np.sqrt(held.covariance[k, k]) * stats.norm.ppf([0.05, 0.5, 0.95])
        below, above = DISTRIBUTIONS[k].ppf(stats.norm.cdf(scores)), DISTRIBUTIONS[k].isf(stats.norm.sf(scores))
        expected = np.where(scores < 0, below, above)
        np.testing.assert_allclose([one.low, one.middle, one.high], expected, rtol=1e-6, atol=1e-9)
