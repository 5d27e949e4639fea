"""Where the mean of a figure turns its sign, against curves that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.studies.why.switching import switching_value

DRAWS = 1500


@given(at=st.floats(0.15, 0.85), slope=st.sampled_from([-2.0, 2.0]), noise=st.floats(0.1, 1.0))
def test_a_line_turns_where_it_crosses_zero(at, slope, noise):
    rng = np.random.default_rng(3)
    number = rng.random(DRAWS)
    found = switching_value(number, slope * (number - at) + noise * rng.normal(size=DRAWS))
    assert found.low <= found.value <= found.high
    assert found.low - 0.05 < at < found.high + 0.05
    assert found.rises == (slope > 0)


def test_units_and_monotone_scales_change_nothing_but_the_unit():
    rng = np.random.default_rng(4)
    number = rng.random(DRAWS)
    figure = number - 0.4 + 0.2 * rng.normal(size=DRAWS)
    plain, scaled = switching_value(number, figure), switching_value(np.exp(5 * number), figure)
    assert np.log(scaled.value) / 5 == pytest.approx(plain.value, abs=0.01)


def test_what_keeps_its_sign_turns_nowhere():
    rng = np.random.default_rng(5)
    number = rng.random(DRAWS)
    found = switching_value(number, 2 + number + 0.1 * rng.normal(size=DRAWS))
    assert np.isnan(found.value)
    assert found.found == 0
    assert 2 < found.at_low < found.at_high


def test_a_bent_mean_that_crosses_twice_has_no_single_value():
    number = np.random.default_rng(6).random(DRAWS)
    assert np.isnan(switching_value(number, (number - 0.25) * (number - 0.75)).value)
