"""Exponentials, logarithms and the normal distribution against Python's own decimal numbers and statistics."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.arithmetic.elementary import cosine, exp, expm1, log, log1p, normal_score, normal_share, power

getcontext().prec = 60
TWO_UNITS = 2 * np.finfo(np.float64).eps


def number(low, high):
    return st.floats(low, high, allow_subnormal=False)


def off(found, exact):
    """Distance from an exact decimal number, as a share of it."""
    return abs((Decimal(float(found)) - exact) / exact) if exact else abs(Decimal(float(found)))


@given(x=number(-700, 700))
def test_the_exponential_is_exact_to_the_last_places(x):
    assert off(exp(x), Decimal(x).exp()) < TWO_UNITS


@given(x=st.one_of(number(-1e-3, 1e-3), number(-30, 30)))
def test_the_exponential_less_one_is_exact_near_zero_too(x):
    assert off(expm1(x), Decimal(x).exp() - 1) < TWO_UNITS


@given(x=st.one_of(st.floats(0, exclude_min=True, allow_infinity=False), number(0.5, 2)))
def test_the_logarithm_is_exact_to_the_last_places(x):
    assert off(log(x), Decimal(x).ln()) < TWO_UNITS


@given(x=st.one_of(number(-1e-3, 1e-3), number(-0.999, 1e6)))
def test_the_logarithm_of_one_and_a_little_is_exact(x):
    assert off(log1p(x), (1 + Decimal(x)).ln()) < TWO_UNITS


@given(base=number(0.01, 100), exponent=number(-8, 8))
def test_powers_lose_no_more_than_the_size_of_their_logarithm(base, exponent):
    exact = (Decimal(base).ln() * Decimal(exponent)).exp()
    assert off(power(base, exponent), exact) < TWO_UNITS * (1 + abs(exponent * math.log(base)))


def test_limits_are_those_of_the_functions():
    inf = math.inf
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(exp(np.array([-inf, -709.0, 0.0, 710.0, inf])), [0.0, 0.0, 1.0, inf, inf])
        np.testing.assert_array_equal(expm1(np.array([-inf, 0.0, inf])), [-1.0, 0.0, inf])
        np.testing.assert_array_equal(log(np.array([0.0, 1.0, inf])), [-inf, 0.0, inf])
        np.testing.assert_array_equal(power(np.array([0.0, 0.0, 1.0]), np.array([0.0, 2.0, 1e9])), [1.0, 0.0, 1.0])
    assert np.isnan([exp(np.nan), log(np.nan), log(-1.0), log1p(-2.0)]).all()


@given(share=st.one_of(st.floats(1e-300, 1e-3), st.floats(1e-3, 1 - 1e-12)))
def test_scores_are_those_of_the_normal_distribution(share):
    assert normal_score(share) == pytest.approx(statistics.NormalDist().inv_cdf(share), rel=1e-14, abs=1e-16)


@given(score=st.floats(-8, 8))
def test_shares_are_those_of_the_normal_distribution(score):
    exact = 0.5 * math.erfc(-score / math.sqrt(2))
    assert normal_share(np.array([score])).item() == pytest.approx(exact, rel=1e-13)


@given(angle=st.floats(0, math.pi))
def test_the_cosine_is_that_of_the_angle(angle):
    assert cosine(np.array([angle])).item() == pytest.approx(math.cos(angle), abs=1e-15)


@given(values=st.lists(number(-50, 50), min_size=1, max_size=40))
def test_a_number_gets_the_same_bits_alone_and_among_others(values):
    together = exp(np.array(values))
    assert [exp(np.array([value])).item() for value in values] == together.tolist()


@pytest.mark.parametrize("view", [np.s_[:, ::2], np.s_[::-1], np.s_[1], np.s_[:, 3:4]])
def test_results_can_be_written_into_any_part_of_an_array(view):
    values = np.random.default_rng(0).normal(size=(3, 8))
    expected, held = exp(values[view].copy()), values.copy()
    assert exp(held[view], out=held[view]).tobytes() == expected.tobytes()
    assert held[view].tobytes() == expected.tobytes()
