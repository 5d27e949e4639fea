"""Values of information against those that are known in closed form, and regrets against plain sums."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from sim.studies.worth.regret import regrets, share_best, worst_tail
from sim.studies.worth.value_of_knowing import of_everything, of_numbers

DRAWS = 20_000
MEAN = 0.3
KNOWN = norm.pdf(MEAN) + MEAN * norm.cdf(MEAN) - MEAN
"""E[max(0, X)] - 0.3 with X normal around 0.3."""


@pytest.fixture(scope="module")
def drawn():
    return np.random.default_rng(1).normal(MEAN, 1, DRAWS)


def test_to_know_all_is_worth_what_the_closed_form_says(drawn):
    found = of_everything(np.array([np.zeros(DRAWS), drawn]))
    assert pytest.approx(0.2668, abs=1e-4) == KNOWN
    assert abs(found.value - KNOWN) < 3 * found.error


def test_to_know_the_number_that_decides_is_worth_as_much_even_below_luck(drawn):
    luck = np.random.default_rng(2).normal(0, 3, DRAWS)
    both = np.array([luck, drawn + luck])
    found = of_numbers(both, [drawn])
    assert abs(found.value - KNOWN) < 3 * found.error + 0.005
    noisy = of_numbers(np.array([np.zeros(DRAWS), drawn + luck]), [drawn])
    assert abs(noisy.value - KNOWN) < 3 * noisy.error + 0.01


def test_to_know_what_has_no_part_is_worth_nothing(drawn):
    idle = np.random.default_rng(3).random((3, DRAWS))
    for numbers in ([idle[0]], list(idle), [np.ones(DRAWS)]):
        found = of_numbers(np.array([np.zeros(DRAWS), drawn]), numbers)
        assert found.value < 3 * found.error + 1e-12


def test_a_number_that_matters_in_two_places_is_worth_more_with_its_fellow():
    rng = np.random.default_rng(4)
    one, other = rng.normal(0, 1, (2, DRAWS))
    figures = np.array([np.zeros(DRAWS), one + other])
    alone, together = of_numbers(figures, [one]), of_numbers(figures, [one, other])
    assert abs(alone.value - norm.pdf(0)) < 3 * alone.error + 0.005
    assert abs(together.value - np.sqrt(2) * norm.pdf(0)) < 3 * together.error + 0.005


def test_regret_is_what_is_missing_to_the_best_of_the_draw():
    figures = np.array([[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 0.0]])
    np.testing.assert_array_equal(regrets(figures), [[2, 0, 0, 0], [0, 1, 0, 2]])
    np.testing.assert_array_equal(share_best(figures), [0.625, 0.375])
    np.testing.assert_array_equal(worst_tail(regrets(figures)), [2, 2])
    long = np.arange(100.0)[None]
    np.testing.assert_array_equal(worst_tail(long), [np.mean([95, 96, 97, 98, 99])])
