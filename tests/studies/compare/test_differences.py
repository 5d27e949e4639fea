"""Differences draw by draw: what rounding leaves of equal numbers is none."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.studies.compare.differences import paired_difference


@given(
    whole=st.lists(st.floats(1, 1e4), min_size=2, max_size=20),
    order=st.randoms(use_true_random=False),
    gain=st.floats(1e-6, 10),
)
def test_what_rounding_leaves_of_equal_numbers_is_no_gain_and_a_cent_is_one(whole, order, gain):
    """The same parts added up in another order are the same money."""
    parts = np.outer(whole, [0.1, 0.7, 0.2])
    turned = parts[:, order.sample(range(3), 3)]
    before, after = ((held[:, 0] + held[:, 1]) + held[:, 2] for held in (parts, turned))
    assert paired_difference(before, after).is_zero
    after[0] += gain
    found = paired_difference(before, after)
    assert (found.share_above, found.share_differing) == (1 / len(whole), 1 / len(whole))
