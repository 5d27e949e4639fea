"""Sums over vendors or segments, and powers, have the same bits whatever stands beside them in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.arithmetic.elementary import power
from sim.quantities import ordered_sum


def plain_sum(values, axis):
    """Add plane after plane in Python's own order."""
    planes = list(np.moveaxis(values, axis, 0))
    total = planes[0]
    for plane in planes[1:]:
        total = total + plane
    return total


@given(
    shape=st.lists(st.integers(1, 20), min_size=1, max_size=3),
    draws=st.integers(1, 300),
    axis=st.integers(0, 2),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_sum_adds_planes_in_order_and_a_draw_alone_has_the_same_bits(shape, draws, axis, seed):
    values = np.random.default_rng(seed).lognormal(0, 8, (*shape, draws))
    axis %= len(shape)
    total = ordered_sum(values, axis)
    assert total.tobytes() == plain_sum(values, axis).tobytes()
    d = draws // 2
    assert ordered_sum(values[..., d : d + 1].copy(), axis).tobytes() == total[..., d : d + 1].copy().tobytes()


VIEWS = {
    "a slice of draws": lambda values: values[..., 3:10],
    "a strided slice": lambda values: values[:, ::2],
    "one vendor's row": lambda values: values[4],
    "chosen vendors": lambda values: values[[1, 7, 3]],
    "chosen markets": lambda values: values[:, [0, 2]],
    "a broadcast axis": lambda values: np.broadcast_to(values[:1], values.shape),
    "broadcast draws": lambda values: np.broadcast_to(values[..., :1], values.shape),
    "swapped axes": lambda values: values.swapaxes(0, 1),
    "two draws": lambda values: values[..., :2],
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("axis", [0, 1])
def test_a_sum_over_a_view_has_the_bits_of_the_sum_over_a_copy(view, axis):
    values = VIEWS[view](np.random.default_rng(5).lognormal(0, 8, (13, 4, 3, 64)))
    assert ordered_sum(values, axis).tobytes() == plain_sum(values, axis).tobytes()


@pytest.mark.parametrize("exponent", [0.5, 2.0, -1.0, 1.7])
@pytest.mark.parametrize("shape", [(1,), (3,), (2, 3)])
def test_a_lone_draw_is_raised_to_a_power_as_among_others(exponent, shape):
    base = np.random.default_rng(1).uniform(0.1, 3.0, (*shape, 500))
    exponents = np.full(500, exponent)
    among_others = power(base, exponents)
    alone = [power(base[..., d : d + 1], exponents[d : d + 1]) for d in range(500)]
    assert np.concatenate(alone, axis=-1).tobytes() == among_others.tobytes()
