"""The static market of the program is the one that a search over profits finds, without any first-order condition."""

from __future__ import annotations

import numpy as np
import pytest

from tests.judge.first_principles import best_price, equilibrium
from tests.judge.markets import largest_gap, made_up, market_of, opened, our_prices, our_shares, shocked

CLOSE = 1e-6
MARKETS = ("china", "us", "europe", "rest")
DRAWS = range(3)


def assert_agrees(market):
    log_price = equilibrium(market)
    price = our_prices(market)
    spending = market.spending(log_price)
    assert largest_gap(np.exp(log_price), price) < CLOSE
    np.testing.assert_allclose(our_shares(market, price), spending / spending.sum(axis=0), rtol=0, atol=CLOSE)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("name", MARKETS)
def test_the_prices_of_the_base_date_are_those_at_which_nobody_gains_by_another(base, name, draw):
    """Costs were found from prices of 1; a search that knows costs only finds prices of 1."""
    np.testing.assert_allclose(np.exp(equilibrium(market_of(base, name, draw))), 1.0, rtol=CLOSE)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("name", MARKETS)
def test_base_markets_settle_alike_after_costs_have_moved_apart(base, name, draw):
    assert_agrees(shocked(market_of(base, name, draw), seed=draw))


@pytest.mark.parametrize("draw", DRAWS)
def test_the_chinese_market_settles_alike_once_partners_and_their_fees_are_gone(base, draw):
    market = market_of(base, "china", draw)
    assert (market.fee > 0.0).any()
    assert_agrees(opened(market))


@pytest.mark.parametrize("seed", range(20))
def test_made_up_markets_settle_alike(seed):
    assert_agrees(made_up(seed))


def test_made_up_markets_have_fees_vendors_shut_out_and_several_segments():
    markets = [made_up(seed) for seed in range(20)]
    assert any((market.fee > 0.0).any() for market in markets)
    assert any((market.access == 0.0).any() for market in markets)
    assert {market.access.shape[1] for market in markets} == {1, 2, 3}


def test_the_search_finds_the_textbook_markup_of_a_monopolist():
    """Alone in its market a vendor faces the market's own elasticity: p = eta / (eta - 1) * c / (1 - fee)."""
    market = made_up(11)
    assert len(market.cost) == 1
    markup = market.eta / (market.eta - 1.0) / (1.0 - market.fee[0])
    assert np.exp(equilibrium(market)[0]) == pytest.approx(markup * market.cost[0], rel=CLOSE)


def test_no_price_on_a_wide_grid_earns_more_than_the_one_that_the_search_finds():
    market = made_up(4)
    log_price = equilibrium(market)
    for v in range(len(log_price)):
        best = market.profit(v, best_price(market, v, log_price), log_price)
        others = (market.profit(v, own, log_price) for own in log_price[v] + np.linspace(-2.0, 2.0, 401))
        assert best >= max(others) * (1.0 - 1e-12)
