"""What a compute unit costs: each factor is 1 when nothing has changed, and moves the way its name says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.equations.costs import experience_cost_factor, hardware_cost_factor, residency_cost_factor, unit_cost

share, tariff = st.floats(0, 1), st.floats(0, 2)


def one(value):
    return np.array([value])


@given(h=share, before=tariff, after=tariff)
def test_a_hardware_tariff_raises_only_the_hardware_in_unit_cost(h, before, after):
    """A unit of cost 1 holds hardware worth h at the old duty; only that part is dearer at the new one."""
    factor = hardware_cost_factor(one(h), one(after), one(before)).item()
    assert factor == pytest.approx(1 + h * ((1 + after) / (1 + before) - 1), rel=1e-12)


@given(h=share, same=tariff)
def test_an_unchanged_hardware_tariff_changes_no_cost(h, same):
    assert hardware_cost_factor(one(h), one(same), one(same)).item() == pytest.approx(1, abs=1e-15)


@given(cost=share, low=share, high=share)
def test_more_residency_never_makes_a_foreign_vendor_cheaper(cost, low, high):
    low, high = sorted((low, high))
    assert residency_cost_factor(one(cost), one(high), one(low)).item() >= 1
    assert residency_cost_factor(one(cost), one(low), one(low)).item() == 1


@given(b=share, ratio=st.floats(0.1, 10), base=st.floats(0.01, 0.1))
def test_each_doubling_of_relative_experience_cuts_cost_by_the_same_part(b, ratio, base):
    once = experience_cost_factor(one(ratio * base), one(base), one(b)).item()
    twice = experience_cost_factor(one(2 * ratio * base), one(base), one(b)).item()
    assert twice / once == pytest.approx(2**-b, rel=1e-12)


def test_a_vendor_without_base_output_has_no_experience_effect():
    assert experience_cost_factor(one(0.3), one(0.0), one(0.1)).item() == 1


def test_factors_multiply():
    base, hardware, residency, experience, control = (np.full((2, 2), value) for value in (2.0, 3.0, 5.0, 7.0, 11.0))
    places, found = (np.array([0, 1]), np.array([1, 1]), np.array([False, True])), np.empty((2, 2))
    unit_cost(base, (hardware, residency), (experience, control), places, found)
    np.testing.assert_array_equal(found, [[2310, 2310], [462, 462]])
