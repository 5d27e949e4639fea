"""Qualities recovered from sales reproduce them, and are those that a general solver finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import root

from sim.errors import ModelError
from sim.model.equations.share_inversion import quality_from_sales


@st.composite
def base_markets(draw, array_of):
    """Budgets, tastes and access, and sales that some qualities bring about."""
    n, m, s, d = draw(st.integers(2, 5)), draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    budget, taste, access = draw(array_of(0.5, 20, m, s, d)), draw(array_of(-2, 2, n, m, s, d)), None
    access = draw(array_of(0.1, 1, n, m, s, d))
    strength = np.exp(draw(array_of(-1.5, 1.5, n, m, d)))
    attraction = access * np.exp(taste) * strength[:, :, None]
    sales = (budget * attraction / attraction.sum(axis=0)).sum(axis=2)
    return sales, budget, taste, access


@given(data=st.data())
def test_recovered_qualities_reproduce_the_sales_at_a_price_index_of_one(array_of, data):
    sales, budget, taste, access = data.draw(base_markets(array_of))
    attraction = access * np.exp(quality_from_sales(sales, budget, taste, access))
    np.testing.assert_allclose(attraction.sum(axis=0), 1, rtol=1e-10)
    np.testing.assert_allclose((budget * attraction).sum(axis=2), sales, rtol=1e-9)


@settings(max_examples=20)
@given(data=st.data())
def test_a_general_solver_finds_the_same_qualities(array_of, data):
    sales, budget, taste, access = data.draw(base_markets(array_of))
    quality = quality_from_sales(sales, budget, taste, access)
    for m, d in np.ndindex(budget.shape[0], budget.shape[-1]):

        def missed(strength, m=m, d=d):
            pull = access[:, m, :, d] * np.exp(taste[:, m, :, d] + np.append(0, strength)[:, None])
            predicted = (budget[m, :, d] * pull / pull.sum(axis=0)).sum(axis=1)
            return np.log(predicted / sales[:, m, d])[1:]

        found = root(missed, np.zeros(len(sales) - 1), tol=1e-13)
        relative = quality[:, m, 0, d] - taste[:, m, 0, d]
        np.testing.assert_allclose(relative[1:] - relative[0], found.x, atol=1e-7)


@given(data=st.data())
def test_a_draw_has_the_same_qualities_to_the_last_bit_alone_and_among_others(array_of, data):
    inputs = data.draw(base_markets(array_of))
    together = quality_from_sales(*inputs)
    for d in range(together.shape[-1]):
        alone = quality_from_sales(*(array[..., d : d + 1] for array in inputs))
        assert alone.tobytes() == together[..., d : d + 1].copy().tobytes()


def test_a_vendor_without_sales_leaves_the_others_bits_alone():
    sales, budget = np.array([3.0, 7.0])[:, None, None], np.array([[[4.0], [6.0]]])
    taste = np.array([[0.5, 0.0], [0.0, 0.3]])[:, None, :, None]
    without = quality_from_sales(sales, budget, taste, np.ones_like(taste))
    idle = np.zeros((1, 1, 2, 1))
    with_it = quality_from_sales(
        np.concatenate([sales, np.zeros((1, 1, 1))]), budget, np.concatenate([taste, idle]), np.ones((3, 1, 2, 1))
    )
    assert with_it[:2].tobytes() == without.tobytes()
    np.testing.assert_array_equal(with_it[2], 0)


def test_sales_beyond_what_access_allows_are_refused():
    sales, budget = np.array([9.0, 1.0])[:, None, None], np.array([[[5.0], [5.0]]])
    access = np.array([[1.0, 0.0], [1.0, 1.0]])[:, None, :, None]
    with pytest.raises(ModelError, match="access"):
        quality_from_sales(sales, budget, np.zeros_like(access), access)
