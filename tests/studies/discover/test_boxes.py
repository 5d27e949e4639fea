"""Boxes that were planted are found, and noise is not believed."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.discover.boxes import Box, find_box, score
from sim.studies.discover.discover_study import LEVEL

INPUTS, DRAWS = 12, 2000


def planted(seed, draws=DRAWS):
    """A condition that holds in nine of ten draws inside a box of two inputs, in one of ten outside."""
    rng = np.random.default_rng(seed)
    inputs = rng.random((INPUTS, draws))
    inside = (inputs[2] > 0.6) & (inputs[7] < 0.5)
    return inputs, rng.random(draws) < np.where(inside, 0.9, 0.1)


def test_a_planted_box_is_found_within_five_percent():
    for seed in range(5):
        inputs, condition = planted(seed)
        box = find_box(inputs, condition)
        assert abs(box.low[2] - 0.6) < 0.05
        assert abs(box.high[7] - 0.5) < 0.05
        assert set(np.flatnonzero(box.bounded)) == {2, 7}
        fresh = score(box, *planted(seed + 100))
        assert fresh.density > 0.8
        assert fresh.coverage > 0.5
        assert fresh.chance < 1e-6


def test_units_and_scales_do_not_matter():
    inputs, condition = planted(1)
    scales = np.exp(np.linspace(-8, 8, INPUTS))[:, None]
    plain, scaled = find_box(inputs, condition), find_box(inputs * scales, condition)
    np.testing.assert_allclose(scaled.low, plain.low * scales[:, 0])


@pytest.mark.depth
def test_noise_is_seldom_taken_for_a_rule():
    """As the study does it: a rule counts if held-out draws tell it from chance, and it is denser there."""
    false = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        inputs, condition = rng.random((INPUTS, 400)), rng.random(400) < 0.3
        half = np.arange(400) % 2 == 0
        box = find_box(inputs[:, half], condition[half])
        found = score(box, inputs[:, ~half], condition[~half])
        false += bool(box.bounded.any() and found.chance < LEVEL and found.density > found.base_rate)
    assert false <= 5


def test_a_box_without_bounds_holds_all_and_says_nothing():
    inputs, condition = planted(3)
    whole = Box(np.full(INPUTS, -np.inf), np.full(INPUTS, np.inf))
    found = score(whole, inputs, condition)
    assert (found.support, found.coverage, found.chance) == (1, 1, 1)
    assert found.density == found.base_rate
    assert not whole.bounded.any()


def test_what_always_holds_needs_no_bounds():
    inputs, _ = planted(4)
    assert not find_box(inputs, np.ones(DRAWS, dtype=bool)).bounded.any()
