"""The market, pricing and capacity part of the model in plain SimPy: one draw per environment, floats and lists only.

Written the usual way, as a peer to measure `sim` against: one process for supply, two for each vendor (prices, orders),
one for the market, one that looks. The equations are in `equations.py`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool

import simpy

from benchmarks.agreement import columns_of
from benchmarks.equations import (
    QUARTER,
    YEAR,
    Customers,
    Quarter,
    buy,
    expected_sales,
    experience_factor,
    leaked_know_how,
    monthly_survival,
    next_price,
    order_cost,
    price_elasticity,
    price_index,
    trend_price,
    unit_cost,
    units_to_order,
)
from benchmarks.kept_starts import start_of
from benchmarks.start import MarketStart, Start
from sim.quantities import FloatArray

SUPPLY, PRICES, MARKET, ORDERS, LOOK = range(5)
TURNS = 5
"""What happens in a month, in this order; simulation time is `month * TURNS + turn`."""

Process = Generator[simpy.Event, None, None]


class Market:
    """One market in play: its customers, and lists over its sellers."""

    def __init__(self, start: MarketStart) -> None:
        sellers = len(start.vendors)
        self.start = start
        self.customers = Customers(start)
        self.price = [1.0] * sellers
        self.capacity = start.capacity.copy()
        self.on_order = start.on_order.copy()
        self.pipeline = [arriving.copy() for arriving in start.pipeline]
        self.forget_flows()

    def forget_flows(self) -> None:
        """Begin a new quarter."""
        sellers = len(self.price)
        self.revenue_flow = [0.0] * sellers
        self.capex_flow = [0.0] * sellers
        self.unmet_flow = 0.0
        self.surplus_flow = 0.0


@dataclass
class Place:
    """One seat of a vendor: a market, and the vendor's position among its sellers."""

    market: Market
    seller: int


class Model:
    """One draw in play."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.env = simpy.Environment()
        self.markets = [Market(market) for market in start.markets]
        self.made = start.made.copy()
        self.leaked: dict[int, float] = {market.country: 0.0 for market in start.markets}
        self.quarters: list[list[Quarter]] = []

    def places(self, vendor: int) -> list[Place]:
        """Give the markets in which a vendor sells."""
        return [
            Place(market, market.start.vendors.index(vendor))
            for market in self.markets
            if vendor in market.start.vendors
        ]


def play(start: Start) -> list[list[Quarter]]:
    """Play one draw; what is seen of each market in each quarter, [quarter][market]."""
    model = Model(start)
    process = model.env.process
    process(supply(model))
    for vendor in range(len(start.made)):
        process(prices(model, vendor))
        process(orders(model, vendor))
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
    """Retire old capacity and bring on line what was ordered, every month."""
    keeps = monthly_survival(model.start.retirement)
    yield model.env.timeout(SUPPLY)
    for month in range(model.start.months):
        survives = keeps if month else 1.0
        for market in model.markets:
            arriving = market.pipeline[month]
            market.capacity = [c * survives + a for c, a in zip(market.capacity, arriving, strict=True)]
            market.on_order = [max(o - a, 0.0) for o, a in zip(market.on_order, arriving, strict=True)]
        yield model.env.timeout(TURNS)


def prices(model: Model, vendor: int) -> Process:
    """Set the prices of one vendor, every quarter."""
    start, places = model.start, model.places(vendor)
    yield model.env.timeout(PRICES)
    for month in range(0, start.months, QUARTER):
        experience = experience_factor(start, model.made, vendor)
        for place in places:
            market, i = place.market, place.seller
            cost = unit_cost(start, market.start.cost[i], market.start.hardware_tariff[month], experience)
            elasticity = price_elasticity(start, market.customers, i)
            market.price[i] = next_price(start, market.price[i], cost, market.start.fee[i], elasticity)
        yield model.env.timeout(QUARTER * TURNS)


def orders(model: Model, vendor: int) -> Process:
    """Order capacity for one vendor, twice a year."""
    start, every = model.start, model.start.order_every_months
    places = model.places(vendor)
    yield model.env.timeout(ORDERS)
    for number, month in enumerate(range(0, start.months, every)):
        arrival = month + start.lead_months[vendor][number]
        trend = trend_price(start.decline, month)
        for place in places:
            market, i = place.market, place.seller
            expected = expected_sales(start, market.customers, i)
            price = market.price[i] * trend
            units = units_to_order(start, expected, price, market.capacity[i], market.on_order[i])
            market.pipeline[arrival][i] += units
            market.on_order[i] += units
            market.capex_flow[i] += order_cost(start, units, trend, market.start.hardware_tariff[month])
        yield model.env.timeout(every * TURNS)


def customers(model: Model) -> Process:
    """Let customers choose in all markets, every month."""
    yield model.env.timeout(MARKET)
    for month in range(model.start.months):
        trend = trend_price(model.start.decline, month)
        if month:
            for market in model.markets:
                if market.start.partner_run:
                    model.leaked[market.start.country] += leaked_know_how(market.customers)
        for market in model.markets:
            quality = drift_quality(market, model.leaked, month)
            limit = [units * price * trend for units, price in zip(market.capacity, market.price, strict=True)]
            unmet = buy(model.start, market.customers, market.price, limit, quality, month)
            market.unmet_flow += sum(unmet) / YEAR
            market.surplus_flow += sum(market.customers.surplus) / YEAR
            count_sales(model, market, trend)
        yield model.env.timeout(TURNS)


def drift_quality(market: Market, leaked: dict[int, float], month: int) -> list[float]:
    """Quality that each seller has gained since the base date by trend, luck and know-how."""
    start = market.start
    return [gained + leaked.get(home, 0.0) for gained, home in zip(start.gained[month], start.homes, strict=True)]


def count_sales(model: Model, market: Market, trend: float) -> None:
    """Add the month's sales to the quarter's, and what was made to experience."""
    all_sales = market.customers.sales
    market.revenue_flow = [flow + sales / YEAR for flow, sales in zip(market.revenue_flow, all_sales, strict=True)]
    for vendor, sales, price in zip(market.start.vendors, all_sales, market.price, strict=True):
        model.made[vendor] += sales / (price * trend * YEAR)


def look(model: Model) -> Process:
    """Note what is seen of each market at the end of every quarter."""
    yield model.env.timeout((QUARTER - 1) * TURNS + LOOK)
    for month in range(QUARTER - 1, model.start.months, QUARTER):
        trend = trend_price(model.start.decline, month)
        model.quarters.append([seen(market, trend) for market in model.markets])
        for market in model.markets:
            market.forget_flows()
        yield model.env.timeout(QUARTER * TURNS)


def seen(market: Market, trend: float) -> Quarter:
    """Give what is seen of one market."""
    sales = sum(market.customers.sales)
    return Quarter(
        revenue_bn=market.revenue_flow,
        share=[own / sales for own in market.customers.sales],
        price=[price * trend for price in market.price],
        capacity_units=market.capacity.copy(),
        capex_bn=market.capex_flow,
        total_bn=sum(market.revenue_flow),
        unmet_bn=market.unmet_flow,
        price_index=price_index(market.customers),
        customer_surplus_bn=market.surplus_flow,
    )
