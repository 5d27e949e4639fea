"""Trees find planted divisions, hold every draw once, and find next to nothing in noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.studies.discover.boxes import LEAST_SUPPORT, score
from sim.studies.discover.discover_study import LEVEL
from sim.studies.discover.shallow_tree import leaves

INPUTS, DRAWS = 12, 2000


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_two_planted_questions_are_found_within_a_twentieth(noise):
    luck = np.random.default_rng(3)
    inputs = luck.random((INPUTS, DRAWS))
    condition = ((inputs[4] > 0.6) & (inputs[7] < 0.5)) ^ (luck.random(DRAWS) < noise)
    found = max(leaves(inputs, condition), key=lambda leaf: condition[leaf.holds(inputs)].mean())
    assert np.flatnonzero(found.bounded).tolist() == [4, 7]
    assert found.low[4] == pytest.approx(0.6, abs=0.05)
    assert found.high[7] == pytest.approx(0.5, abs=0.05)


@given(seed=st.integers(0, 2**32 - 1), draws=st.integers(4, 300), share=st.floats(0.05, 0.95), ties=st.booleans())
def test_each_draw_is_in_one_leaf_and_no_leaf_is_small(seed, draws, share, ties):
    luck = np.random.default_rng(seed)
    inputs = luck.integers(0, 4, (3, draws)).astype(float) if ties else luck.random((3, draws))
    condition = luck.random(draws) < share
    held = np.array([leaf.holds(inputs) for leaf in leaves(inputs, condition)])
    assert (held.sum(axis=0) == 1).all()
    assert len(held) == 1 or held.sum(axis=1).min() >= LEAST_SUPPORT * draws


def test_a_condition_that_always_holds_leaves_nothing_to_ask():
    [whole] = leaves(np.random.default_rng(1).random((3, 50)), np.ones(50, dtype=bool))
    assert not whole.bounded.any()


def test_leaves_of_noise_are_told_from_chance_as_seldom_as_said():
    luck, told, of = np.random.default_rng(5), 0, 0
    for _ in range(100):
        inputs, condition = luck.random((INPUTS, 400)), luck.random(400) < 0.3
        learned = np.arange(400) % 2 == 0
        for leaf in leaves(inputs[:, learned], condition[learned]):
            told += score(leaf, inputs[:, ~learned], condition[~learned], both_sides=True).chance < LEVEL
            of += 1
    assert told <= 3 * LEVEL * of
