"""Compiled kernels give what NumPy gives, to the last bit, on markets of any kind."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.model.equations.kernels import NUMPY, Kernels, compiled_kernels
from sim.quantities import ordered_sum

SIZES = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 9))
"""Vendors, segments, draws."""


def both() -> tuple[Kernels, Kernels]:
    return NUMPY, compiled_kernels()


def assert_same_bits(one, other):
    for item in fields(one):
        assert getattr(one, item.name).tobytes() == getattr(other, item.name).tobytes(), item.name


@st.composite
def worlds(draw):
    """Sizes, and a source of numbers."""
    return draw(SIZES), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


def chosen(sizes, luck):
    """Arguments of `choose`; some vendors have no access to some segments, as under residency."""
    vendors, _, draws = sizes
    return luck.choice([0.0, 0.4, 1.0], size=sizes) * np.exp(luck.normal(0, 2, sizes)), luck.normal(
        0, 0.3, (vendors, draws)
    )


def contracts(attraction, luck, room):
    """Arguments of `spend`; `room` is what vendors can serve as a multiple of what they sell."""
    _, segments, draws = attraction.shape
    won = luck.uniform(0, 30, (segments, draws)) * (luck.random((segments, draws)) < 0.9)
    revenue = luck.uniform(0, 5, attraction.shape) * (luck.random(attraction.shape) < 0.9)
    limit = ordered_sum(revenue, axis=1) * luck.uniform(*room, revenue[:, 0].shape)
    return revenue, luck.uniform(0, 1, (segments, draws)), attraction, won, limit


@given(world=worlds())
def test_choices_are_the_same(world):
    arguments = chosen(*world)
    assert_same_bits(*(kernels.choose(*arguments) for kernels in both()))


@pytest.mark.parametrize("room", [(2.0, 50.0), (0.0, 2.0), (0.0, 0.5)], ids=["ample", "tight", "short"])
@given(world=worlds())
def test_contracts_and_rationing_are_the_same(world, room):
    attraction = NUMPY.choose(*chosen(*world)).attraction
    revenue, *others = contracts(attraction, world[1], room)
    held = [revenue.copy(), revenue.copy()]
    assert_same_bits(*(kernels.spend(own, *others) for kernels, own in zip(both(), held, strict=True)))
    assert held[0].tobytes() == held[1].tobytes()


def test_blocks_of_draws_do_not_show():
    luck, draws = np.random.default_rng(7), 3 * 256 + 5
    attraction = NUMPY.choose(*chosen((3, 2, draws), luck)).attraction
    revenue, *others = contracts(attraction, luck, (0.0, 1.0))
    held = [revenue.copy(), revenue.copy()]
    assert_same_bits(*(kernels.spend(own, *others) for kernels, own in zip(both(), held, strict=True)))
    assert held[0].tobytes() == held[1].tobytes()


@given(world=worlds())
def test_quality_prices_and_money_are_the_same(world):
    (vendors, segments, draws), luck = world
    markets = luck.integers(1, 4)
    pairs = (vendors, markets, draws)
    positive = [luck.uniform(0.1, 0.9, pairs) for _ in range(4)]
    market = [luck.uniform(0, 1, (markets, segments, draws)) * (luck.random((markets, segments, draws)) < 0.7)] * 2
    results = []
    for kernels in both():
        flows = [np.ones(pairs), np.ones(pairs)]
        kernels.book_month(*(flow[:, 0] for flow in flows), *(held[:, 0] for held in positive[:3]))
        elasticity = kernels.price_elasticity(*market, np.full((segments, draws), 4.1), np.full(draws, 1.3))
        results.append([*flows, elasticity])
    for one, other in zip(*results, strict=True):
        assert one.tobytes() == other.tobytes()


def test_without_numba_the_user_learns_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "sim.model.equations.compiled", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ScenarioError, match=r"fast arithmetic needs numba: pip install 'cloudtrade\[fast\]'"):
        compiled_kernels()


def test_numba_is_not_imported_unless_fast_arithmetic_is_asked_for():
    code = (
        "import sys, sim, sim.cli; from sim.model.batch import run_batch;"
        "run_batch(sim.load('status_quo', {'months': 3}), range(2), 1);"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_a_place_to_keep_machine_code_it_is_compiled_anew(monkeypatch):
    monkeypatch.delitem(sys.modules, "sim.model.equations.compiled", raising=False)
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    flow, nothing = np.zeros((1, 2)), np.zeros((1, 2))
    compiled_kernels().book_month(flow, nothing.copy(), np.full((1, 2), 12.0), nothing, nothing)
    assert (flow == 1).all()
