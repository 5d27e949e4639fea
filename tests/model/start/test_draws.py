"""Random numbers depend on seed, name and draw number only, and have the distributions that scenarios write."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.model.luck import Draws
from sim.values import Number

MANY = range(20_000)

THEORY = {
    ("normal", (1.6, 0.3)): stats.norm(1.6, 0.3),
    ("lognormal", (0.02, 0.7)): stats.lognorm(0.7, scale=0.02),
    ("uniform", (0.05, 0.25)): stats.uniform(0.05, 0.2),
    ("triangular", (0.5, 1.0, 3.0)): stats.triang(0.2, loc=0.5, scale=2.5),
    ("triangular", (0.0, 0.0, 1.0)): stats.triang(0.0, loc=0.0, scale=1.0),
    ("triangular", (0.0, 1.0, 1.0)): stats.triang(1.0, loc=0.0, scale=1.0),
}


def number(kind, parameters, name="demand.test", **bounds):
    return Number(kind, parameters, name=name, **bounds)


@pytest.mark.parametrize(("kind", "parameters"), THEORY)
def test_values_have_the_distribution_that_the_scenario_names(kind, parameters):
    values = Draws(1, MANY).number(number(kind, parameters))
    theory = THEORY[kind, parameters]
    assert stats.kstest(values, theory.cdf).pvalue > 1e-3
    assert values.mean() == pytest.approx(theory.mean(), abs=5 * theory.std() / math.sqrt(len(MANY)))
    assert np.median(values) == pytest.approx(theory.ppf(0.5), abs=5 * theory.std() / math.sqrt(len(MANY)))


def test_a_choice_takes_each_of_its_values_equally_often():
    values = Draws(1, MANY).number(number("choice", (1.0, 2.0, 5.0)))
    found, counts = np.unique(values, return_counts=True)
    np.testing.assert_array_equal(found, [1, 2, 5])
    assert stats.chisquare(counts).pvalue > 1e-3


def test_a_value_written_twice_in_a_choice_comes_twice_as_often():
    values = Draws(1, MANY).number(number("choice", (0.0, 1.0, 1.0)))
    assert stats.binomtest(int(values.sum()), len(MANY), 2 / 3).pvalue > 1e-3


def test_a_constant_is_the_same_in_every_draw():
    np.testing.assert_array_equal(Draws(1, range(5)).number(number("constant", (0.3,))), 0.3)


@pytest.mark.parametrize(("kind", "parameters"), [("uniform", (2.0, 2.0)), ("triangular", (2.0, 2.0, 2.0))])
def test_a_distribution_without_width_is_a_constant(kind, parameters):
    np.testing.assert_array_equal(Draws(1, range(300)).number(number(kind, parameters)), 2)


def test_values_are_cut_to_what_the_number_can_mean():
    values = Draws(1, MANY).number(number("normal", (0.05, 0.1), low=0.0, high=0.1))
    assert values.min() == 0
    assert values.max() == 0.1
    inside = (values > 0) & (values < 0.1)
    assert stats.kstest(values[inside], stats.truncnorm(-0.5, 0.5, 0.05, 0.1).cdf).pvalue > 1e-3
    assert (values == 0).mean() == pytest.approx(stats.norm.cdf(-0.5), abs=0.02)


def test_a_path_is_independent_from_step_to_step():
    path = Draws(1, range(5000)).standard_normal("shock.test", 6)
    assert np.abs(np.corrcoef(path) - np.eye(6)).max() < 0.07


def test_streams_of_different_names_are_independent():
    draws = Draws(1, range(10_000))
    streams = np.concatenate([draws.standard_normal(f"shock.{i}", 1) for i in range(12)])
    assert np.abs(np.corrcoef(streams) - np.eye(12)).max() < 0.05


def test_blocks_of_draws_are_independent():
    blocks = Draws(1, range(128 * 40)).standard_normal("shock.test", 50).reshape(50, 40, 128)
    correlation = np.corrcoef(blocks.transpose(1, 0, 2).reshape(40, -1))
    assert np.abs(correlation - np.eye(40)).max() < 0.06


@given(first=st.integers(0, 400), count=st.integers(1, 200), seed=st.integers(0, 9), length=st.integers(1, 4))
def test_a_draw_has_the_same_numbers_in_any_batch(first, count, seed, length):
    part = Draws(seed, range(first, first + count)).uniform("lead.aws", length)
    np.testing.assert_array_equal(part, Draws(seed, range(700)).uniform("lead.aws", length)[:, first : first + count])


@given(short=st.integers(1, 50), more=st.integers(0, 50))
def test_a_longer_path_begins_like_a_shorter_one(short, more):
    draws = Draws(1, range(120, 140))
    for stream in (draws.standard_normal, draws.uniform):
        np.testing.assert_array_equal(stream("shock.test", short + more)[:short], stream("shock.test", short))


def test_the_numbers_drawn_before_do_not_matter():
    fresh, used = Draws(1, range(10)), Draws(1, range(10))
    for name in ("one", "two"):
        used.standard_normal(name, 7)
    np.testing.assert_array_equal(fresh.uniform("three", 2), used.uniform("three", 2))


def test_seeds_and_names_and_draws_give_different_numbers():
    one = Draws(1, range(256)).uniform("a", 1)
    for other in (Draws(2, range(256)).uniform("a", 1), Draws(1, range(256)).uniform("b", 1)):
        assert not np.isin(one, other).any()
    assert len(np.unique(one)) == 256


def test_a_number_asked_for_twice_is_the_same():
    draws, uncertain = Draws(1, range(4)), number("uniform", (0.0, 1.0))
    np.testing.assert_array_equal(draws.number(uncertain), draws.number(uncertain))


def test_equal_distributions_of_different_quantities_draw_apart():
    draws = Draws(1, range(200))
    one, other = (draws.number(number("uniform", (0.0, 1.0), name=name)) for name in ("a.fee", "b.fee"))
    assert (one != other).all()


@pytest.mark.depth
def test_no_two_quantities_of_the_library_share_a_random_stream(drawn_names):
    """Streams are keyed by a checksum of the name, which could in principle collide."""
    keys = {name: zlib.crc32(name.encode()) for name in drawn_names}
    assert len(drawn_names) > 100
    assert len(set(keys.values())) == len(keys)
