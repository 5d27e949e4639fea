"""Markets to compare: those of the base scenario under some policy, and made-up ones; and our own answer to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.model.equations.demand import appeal, choice_at
from sim.model.equations.equilibrium import bertrand_nash_prices
from sim.model.world import World
from tests.judge.first_principles import Array, Market


def market_of(world: World, name: str, draw: int) -> Market:
    """Give a market of the base date: what vendors and customers start from. Prices are not in it."""
    m, base, segments = world.axes.markets.index(name), world.base, len(world.axes.segments)
    sales = base.carries[:, draw] * base.sales[world.channels.vendor, world.channels.market, draw]
    rows = [row for row in world.sellers[m] if sales[row] > 0.0]
    v = world.channels.vendor[rows]
    return Market(
        access=world.of_channels(world.access, rows)[:, :segments, draw],
        quality=world.owned_quality[v, m, :, draw] - world.penalty[rows, None, draw],
        path=base.start_spending[m, :, draw],
        cost=world.asking_cost[rows, draw],
        fee=base.fee[rows, draw],
        sigma=base.sigma[:segments, draw],
        eta=float(base.eta[draw]),
    )


def opened(market: Market) -> Market:
    """Partners leave: no fees, half a log point of quality for those that had one, the rest as it was."""
    had_partner = market.fee > 0.0
    return replace(market, fee=np.zeros_like(market.fee), quality=market.quality + 0.5 * had_partner[:, None])


def shocked(market: Market, seed: int) -> Market:
    """Costs move apart, up to 20 % each way."""
    factor = np.exp(np.random.default_rng(seed).uniform(-0.2, 0.2, market.cost.shape))
    return replace(market, cost=market.cost * factor)


def made_up(seed: int) -> Market:
    """A market of any shape: one to six vendors, one to three segments, some shut out of a segment, some with fees."""
    random = np.random.default_rng(seed)
    vendors, segments = int(random.integers(1, 7)), int(random.integers(1, 4))
    access = random.uniform(0.2, 1.0, (vendors, segments))
    access[1:] *= random.random((vendors - 1, segments)) > 0.2
    access[:, 0] = np.maximum(access[:, 0], 0.1)
    return Market(
        access=access,
        quality=random.normal(0.0, 0.8, (vendors, segments)),
        path=random.uniform(0.5, 20.0, segments),
        cost=random.uniform(0.5, 1.5, vendors),
        fee=random.uniform(0.0, 0.25, vendors) * (random.random(vendors) > 0.5),
        sigma=random.uniform(3.0, 7.0, segments),
        eta=float(random.uniform(1.1, 2.2)),
    )


PLAIN_SHARES = {"US vendor with a partner": 0.07, "leader": 0.45, "second": 0.15, "third": 0.13, "fourth": 0.20}


def plain() -> Market:
    """One segment about like China's in 2018: plain numbers, and costs at which prices of 1 are everybody's best."""
    share, sigma, eta = np.array(list(PLAIN_SHARES.values())), 5.0, 1.6
    fee = np.where(np.arange(len(share)) == 0, 0.15, 0.0)
    elasticity = sigma * (1.0 - share) + eta * share
    cost = (1.0 - fee) * (1.0 - 1.0 / elasticity)
    return Market(np.ones((len(share), 1)), np.log(share)[:, None], np.ones(1), cost, fee, np.array([sigma]), eta)


def our_prices(market: Market) -> Array:
    """[vendor] Bertrand-Nash prices as the program finds them."""
    price = bertrand_nash_prices(
        appeal(market.access, market.quality)[..., None],
        market.path[:, None],
        market.cost[:, None],
        market.fee[:, None],
        market.sigma[:, None],
        np.array([market.eta]),
    )
    return price[:, 0]


def our_shares(market: Market, price: Array) -> Array:
    """[vendor, segment] expenditure shares as the program finds them."""
    log_price = np.log(price)[:, None]
    choice = choice_at(market.access[..., None], market.quality[..., None], log_price, market.sigma[:, None])
    return choice.shares[..., 0]


def largest_gap(one: Array, other: Array) -> float:
    """Largest relative difference of two arrays; nothing where both are zero."""
    scale = np.maximum(np.abs(other), np.finfo(float).tiny)
    return float((np.abs(one - other) / scale).max())
