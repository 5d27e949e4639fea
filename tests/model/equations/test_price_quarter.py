"""A quarter's prices: what is said for one draw, against the equations for whole arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.equations.price_quarter import Asking, Demand, best_prices, move_prices
from sim.model.equations.pricing import (
    adjusted_price,
    best_response_price,
    price_elasticity_atkeson_burstein_2008,
    short_run_elasticity,
)

SEGMENTS, ROWS = 2, 5


def some_market(seed: int, draws: int, groups: int = 3, sellers: int = 4) -> tuple[Demand, Asking]:
    """A market of made-up sellers, in which some have sold nothing in some draws."""
    rng = np.random.default_rng(seed)
    attraction = rng.uniform(0.0, 3.0, (sellers, groups, draws))
    revenue = rng.uniform(0.0, 2.0, (sellers, groups, draws)) * (rng.random((sellers, 1, draws)) < 0.7)
    channel = np.sort(rng.choice(ROWS, sellers, replace=False))
    sales, weight = np.zeros((ROWS, draws)), rng.uniform(0.0, 1.0, draws) * (rng.random(draws) < 0.5)
    sales[channel] = revenue.sum(axis=1)
    free, sigma = rng.uniform(0.0, 1.0, (groups, draws)), rng.uniform(3.0, 6.0, (groups, draws))
    elasticities = sigma, rng.uniform(1.2, 1.8, draws)
    demand = Demand(SEGMENTS, attraction, revenue, 1.0 / attraction.sum(axis=0), free, *elasticities, weight)
    return demand, Asking(channel, sales, *rng.uniform(0.05, 0.3, (3, ROWS, draws)))


@given(st.integers(0, 10**6), st.integers(1, 19))
def test_best_prices_follow_the_equations_one_by_one(seed, draws):
    """Equations 4.1, 4.4 and 4.2 in turn; whoever has sold nothing weighs whole segments alike."""
    demand, asking = some_market(seed, draws)
    found = np.empty((len(asking.channel), draws))
    best_prices(demand, asking, found)
    shares, sales = demand.attraction * demand.per_attraction, asking.sales[asking.channel]
    weights = demand.revenue.copy()
    weights[:, :SEGMENTS] += (sales == 0.0)[:, None]
    elasticity = price_elasticity_atkeson_burstein_2008(shares, weights, demand.sigma, demand.eta)
    with np.errstate(divide="ignore", invalid="ignore"):
        free = np.where(sales > 0.0, np.minimum((shares * demand.free).sum(axis=1) / sales, 1.0), 1.0)
    taken = (asking.fee + asking.tax)[asking.channel]
    expected = best_response_price(
        asking.cost[asking.channel], short_run_elasticity(elasticity, free, demand.weight), taken
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(st.integers(0, 10**6), st.integers(2, 19))
def test_no_bit_of_a_price_depends_on_the_draws_beside_it(seed, draws):
    demand, asking = some_market(seed, draws)
    whole, alone = np.empty((len(asking.channel), draws)), np.empty((len(asking.channel), 1))
    best_prices(demand, asking, whole)
    for d in range(draws):
        own = Demand(SEGMENTS, *(np.ascontiguousarray(held[..., d : d + 1]) for held in demand[1:]))
        best_prices(own, Asking(asking.channel, *(held[:, d : d + 1].copy() for held in asking[1:])), alone)
        assert alone.tobytes() == whole[:, d : d + 1].tobytes()


@pytest.mark.parametrize("part", [0.0, 0.4, 1.0])
def test_prices_move_where_channels_are_in_use(part):
    rng = np.random.default_rng(3)
    price, active = rng.uniform(0.5, 2.0, (ROWS, 30)), rng.random((ROWS, 30)) < 0.6
    channel, target, before = np.array([0, 3, 4]), rng.uniform(0.5, 2.0, (3, 30)), price.copy()
    move_prices(channel, active, target, np.full(30, part), price)
    np.testing.assert_array_equal(price[[1, 2]], before[[1, 2]])
    moved = adjusted_price(before[channel], target, np.full(30, part))
    np.testing.assert_array_equal(price[channel], np.where(active[channel], moved, before[channel]))
    if part == 1.0:
        np.testing.assert_allclose(price[channel], np.where(active[channel], target, before[channel]), rtol=1e-14)
