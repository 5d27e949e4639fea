"""Scores of forecasts beside their definitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from sim.studies.backtest.scoring import coverage, crps

AMOUNTS = st.floats(-100.0, 100.0)


def by_quadrature(ensemble, observed):
    """The integral of the squared distance between the forecast's distribution function and the observation's step."""
    edges = np.unique(np.append(ensemble, observed))

    def squared(value):
        return (np.mean(ensemble <= value) - (observed <= value)) ** 2

    return sum(integrate.fixed_quad(np.vectorize(squared), low, high, n=1)[0] for low, high in pairwise(edges))


@given(st.lists(AMOUNTS, min_size=1, max_size=12), AMOUNTS)
def test_the_score_is_the_integral_of_its_definition(values, observed):
    ensemble = np.array(values)
    assert crps(ensemble, observed) == pytest.approx(by_quadrature(ensemble, observed), abs=1e-8)


@pytest.mark.parametrize("observed", [-1.3, 0.0, 2.1])
def test_many_draws_of_a_normal_score_as_gneiting_and_raftery_say(observed):
    ensemble = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    exact = observed * (2 * stats.norm.cdf(observed) - 1) + 2 * stats.norm.pdf(observed) - 1 / np.sqrt(np.pi)
    assert crps(ensemble, observed) == pytest.approx(exact, abs=1e-3)


@given(AMOUNTS, AMOUNTS)
def test_one_draw_scores_its_absolute_error(value, observed):
    assert crps(np.array([value]), observed) == pytest.approx(abs(value - observed))


@given(st.lists(AMOUNTS, min_size=2, max_size=9), AMOUNTS, st.floats(0.1, 10.0))
def test_the_score_has_the_unit_of_the_figure_and_does_not_see_the_order_of_draws(values, observed, factor):
    ensemble = np.array(values)
    scaled = crps(ensemble[::-1] * factor, observed * factor)
    assert scaled == pytest.approx(factor * crps(ensemble, observed), rel=1e-9, abs=1e-9)


def test_coverage_counts_what_lies_between_the_bounds_or_on_them():
    observed, low, high = np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 2.0), np.full(4, 3.0)
    assert coverage(observed, low, high) == 0.5
