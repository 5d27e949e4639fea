"""Numbers of several draws side by side: compiled, they have the bits of arrays, and nothing beside them is touched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.arithmetic.compiling import COMPILES, compiled
from sim.arithmetic.elementary import exp, expm1, log, power
from sim.arithmetic.lanes import WIDTH, bits_of, load, number_of, store, where

FUNCTIONS = 8


def of_numbers(a, b):
    """What such numbers can do, each as a row."""
    larger = where(a > b, a, where(a == b, 0.5, b))
    rooms = np.maximum(a, b) + np.minimum(a, 0.25)
    return (
        -a / (2.0 - b) + a * b,
        larger,
        rooms,
        exp(a),
        log(b),
        expm1(0.01 * a),
        power(b, a),
        number_of(bits_of(a) + 1),
    )


vectors = compiled(of_numbers)


@compiled
def by_vectors(values, found):
    """Write what `of_numbers` gives for [2, draw] values into [function, draw]."""
    draws = values.shape[1]
    for d in range(0, draws, WIDTH):
        width = min(WIDTH, draws - d)
        rows = vectors(load(values, 0, d, width), load(values, 1, d, width))
        store(rows[0], found, 0, d, width)
        store(rows[1], found, 1, d, width)
        store(rows[2], found, 2, d, width)
        store(rows[3], found, 3, d, width)
        store(rows[4], found, 4, d, width)
        store(rows[5], found, 5, d, width)
        store(rows[6], found, 6, d, width)
        store(rows[7], found, 7, d, width)


numbers = st.floats(-700, 700) | st.sampled_from([0.0, -0.0, 1e-310, 1e-200, 710.0, -710.0])


@pytest.mark.skipif(not COMPILES, reason="there is no compiler")
@settings(max_examples=30)
@given(data=st.data(), draws=st.integers(1, 2 * WIDTH + 3))
def test_compiled_vectors_have_the_bits_of_arrays(data, draws):
    a = data.draw(st.lists(numbers, min_size=draws, max_size=draws))
    b = data.draw(st.lists(st.floats(1e-300, 1e300), min_size=draws, max_size=draws))
    values, found = np.array([a, b]), np.empty((FUNCTIONS, draws))
    by_vectors(values, found)
    with np.errstate(all="ignore"):
        expected = of_numbers(*values)
    for row in range(FUNCTIONS):
        np.testing.assert_array_equal(found[row].view(np.int64), np.asarray(expected[row]).view(np.int64), str(row))


@pytest.mark.parametrize("width", range(1, WIDTH + 1))
def test_what_stands_beside_a_number_is_not_touched(width):
    @compiled
    def doubled(values, count):
        store(2.0 * load(values, 1, 2, count), values, 1, 2, count)

    values = np.arange(36.0).reshape(3, 12)
    before = values.copy()
    doubled(values, width)
    before[1, 2 : 2 + width] *= 2
    np.testing.assert_array_equal(values, before)


def test_whether_a_condition_holds_somewhere_counts_only_draws_that_there_are():
    @compiled
    def some(values, count):
        return np.any(load(values, 0, count) > 0.0)

    values = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert not some(values, 2)
    assert some(values, 3)
