"""The market, pricing and capacity part of the model in plain SimPy: one draw per environment, floats and lists only.

Written the usual way, as a peer to measure `sim` against: one process for supply, two for each vendor (prices, orders),
one for the market, one that looks. What vendors and markets do is in `agents.py`, the equations in `equations.py`.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from multiprocessing import Pool
from typing import Any

import simpy

from benchmarks.agents import Draw, MarketAgent, SellerAgent
from benchmarks.agreement import columns_of
from benchmarks.equations import BY_MARKET, BY_SELLER, QUARTER, Quarter
from benchmarks.kept_starts import start_of
from benchmarks.start import MarketStart, Start
from sim.quantities import FloatArray

SUPPLY, PRICES, MARKET, ORDERS, LOOK = range(5)
TURNS = 5
"""What happens in a month, in this order; simulation time is `month * TURNS + turn`."""

Process = Generator[simpy.Event, None, None]


class Market(MarketAgent):
    """A market and its customers."""

    def __init__(self, model: Draw, start: MarketStart) -> None:
        self.model = model
        self.begin(start)


class Seller(SellerAgent):
    """What one vendor does in one market."""

    def __init__(self, model: Draw, market: Market, i: int) -> None:
        self.model = model
        self.begin(market, i)


class Model(Draw):
    """One draw in play."""

    def __init__(self, start: Start) -> None:
        self.begin(start)
        self.env = simpy.Environment()
        self.markets = [Market(self, market) for market in start.markets]
        for market in self.markets:
            for i in range(len(market.start.sellers)):
                Seller(self, market, i)
        self.sellers = [seller for market in self.markets for seller in market.sellers]
        self.quarters: list[list[Quarter]] = []


def play(start: Start) -> list[list[Quarter]]:
    """Play one draw; what is seen of each market in each quarter, [quarter][market]."""
    model = Model(start)
    process = model.env.process
    process(supply(model))
    for number in range(len(start.made)):
        own = [seller for seller in model.sellers if seller.start.vendor == number]
        process(prices(model, own))
        process(orders(model, own))
    process(customers(model))
    process(look(model))
    model.env.run(until=start.months * TURNS)
    return model.quarters


def play_numbered(starts: str, draw: int) -> list[list[Quarter]]:
    """Play one draw from its start in a file."""
    return play(start_of(starts, draw))


def play_many(starts: str, draws: int, processes: int) -> list[list[list[Quarter]]]:
    """Play many draws the usual way; what is seen, [draw][quarter][market]."""
    play_one = partial(play_numbered, starts)
    if processes == 1:
        return [play_one(draw) for draw in range(draws)]
    with Pool(processes) as pool:
        return pool.map(play_one, range(draws))


def columns(played: list[list[list[Quarter]]], draw: int) -> dict[str, FloatArray]:
    """Give what was seen of a draw, flat in the order quarter, market, seller."""
    return columns_of(played[draw])


def supply(model: Model) -> Process:
    """Begin each month; retire old capacity and bring on line what was ordered."""
    yield model.env.timeout(SUPPLY)
    for month in range(model.terms.months):
        model.go_to(month)
        for seller in model.sellers:
            seller.receive_capacity()
        yield model.env.timeout(TURNS)


def prices(model: Model, own: list[SellerAgent]) -> Process:
    """Set the prices of one vendor in all its channels, every quarter."""
    yield model.env.timeout(PRICES)
    while True:
        for seller in own:
            seller.set_prices()
        yield model.env.timeout(QUARTER * TURNS)


def orders(model: Model, own: list[SellerAgent]) -> Process:
    """Order capacity for all channels of one vendor, twice a year."""
    yield model.env.timeout(ORDERS)
    while True:
        for seller in own:
            seller.order()
        yield model.env.timeout(model.terms.order_every_months * TURNS)


def customers(model: Model) -> Process:
    """Let customers choose in all markets, every month."""
    yield model.env.timeout(MARKET)
    while True:
        if model.month:
            for market in model.markets:
                market.leak()
        for seller in model.sellers:
            seller.improve()
        for market in model.markets:
            market.serve()
        yield model.env.timeout(TURNS)


def look(model: Model) -> Process:
    """Note what is seen of each market at the end of every quarter."""
    yield model.env.timeout((QUARTER - 1) * TURNS + LOOK)
    while True:
        model.quarters.append([seen(market) for market in model.markets])
        for market in model.markets:
            market.forget_flows()
        yield model.env.timeout(QUARTER * TURNS)


def seen(market: Market) -> Quarter:
    """Give what is seen of one market."""
    found: dict[str, Any] = {name: [getattr(seller, name) for seller in market.sellers] for name in BY_SELLER}
    return Quarter(**found, **{name: getattr(market, name) for name in BY_MARKET})
