"""PyBLP finds the same prices and shares, once its variables are set up to mean ours (docs/judge.md)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.depth import depth, quick
from tests.judge.first_principles import equilibrium
from tests.judge.markets import largest_gap, made_up, market_of, opened, our_prices, plain, shocked

pytest.importorskip("pyblp", reason="PyBLP judges prices; install the extra `judge` to let it")

from tests.judge import blp

CLOSE = 1e-6


def assert_agrees(market):
    theirs, shares = blp.equilibrium(market)
    price = our_prices(market)
    assert largest_gap(theirs, price) < CLOSE
    spending = market.spending(np.log(price)).sum(axis=1)
    np.testing.assert_allclose(shares, spending / spending.sum(), rtol=0, atol=CLOSE)


@pytest.mark.parametrize(
    ("name", "draw"), [("china", 0), ("us", 0), ("europe", 0), ("rest", 0), pytest.param("china", 1, marks=depth)]
)
def test_the_base_date_is_an_equilibrium_of_pyblp(base, name, draw):
    market = market_of(base, name, draw)
    assert_agrees(market)
    np.testing.assert_allclose(blp.equilibrium(market)[0], 1.0, rtol=CLOSE)


@pytest.mark.parametrize("draw", quick(range(2), 0))
def test_pyblp_agrees_on_china_once_partners_and_their_fees_are_gone(base, draw):
    assert_agrees(opened(market_of(base, "china", draw)))


@pytest.mark.parametrize("draw", quick(range(2), 0))
def test_pyblp_agrees_on_china_after_costs_have_moved_apart(base, draw):
    assert_agrees(shocked(market_of(base, "china", draw), seed=draw))


@pytest.mark.parametrize("seed", quick(range(4), 0, 1))
def test_pyblp_agrees_on_made_up_markets(seed):
    assert_agrees(made_up(seed))


def test_three_programs_agree_on_one_market(base):
    market = shocked(market_of(base, "china", 0), seed=5)
    ours = our_prices(market)
    assert largest_gap(np.exp(equilibrium(market)), ours) < CLOSE
    assert largest_gap(blp.equilibrium(market)[0], ours) < CLOSE


def test_the_usual_logit_agrees_where_it_was_set_up():
    market = plain()
    ones = np.ones_like(market.cost)
    np.testing.assert_allclose(our_prices(market), 1.0, rtol=CLOSE)
    np.testing.assert_allclose(blp.linear_logit(market, ones, market), 1.0, rtol=CLOSE)
    np.testing.assert_allclose(blp.with_outside_held(market, ones, market), 1.0, rtol=CLOSE)


def test_away_from_there_the_usual_logit_passes_less_of_a_rise_in_cost_on():
    """Utility linear in the price: the markup in dollars hardly moves; ours is a share of the price."""
    market = plain()
    ones = np.ones_like(market.cost)
    dearer = replace(market, cost=1.1 * market.cost)
    np.testing.assert_allclose(our_prices(dearer), 1.1, rtol=CLOSE)
    linear = blp.linear_logit(market, ones, dearer)
    assert (linear > 1.0).all()
    assert (linear < 1.1).all()
