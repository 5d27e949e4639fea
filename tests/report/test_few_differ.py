"""What is said where only few draws differ."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.compare.differences import paired_difference


def moved(differing: int, draws: int) -> np.ndarray:
    values = np.zeros(draws)
    values[:differing] = np.linspace(1.0, 1.2, differing)
    return values


@pytest.mark.parametrize("differing", [1, 3, 14])
def test_a_mean_that_rests_on_few_draws_is_not_told_from_zero(differing):
    difference = paired_difference(np.zeros(500), moved(differing, 500))
    assert not difference.is_distinguishable
    assert f"differs in {differing} draw" in difference.verdict
    assert "of 500" in difference.verdict


def test_as_many_draws_are_asked_for_as_would_hold_enough_that_differ():
    difference = paired_difference(np.zeros(500), moved(5, 500))
    assert difference.draws_needed == pytest.approx(1500)


def test_where_enough_draws_differ_the_interval_decides():
    difference = paired_difference(np.zeros(500), moved(60, 500))
    assert difference.is_distinguishable
    assert difference.share_differing == pytest.approx(60 / 500)
