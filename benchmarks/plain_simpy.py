"""The market, pricing and capacity part of the model in plain SimPy: one draw per environment, floats and lists only.

Written the usual way, as a peer to measure `sim` against: one process for supply, two for each vendor (prices, orders),
one for the market, one that looks. The equations are those of docs/model.md, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from math import exp, expm1, log
from typing import NamedTuple

import simpy

from benchmarks.start import MarketStart, Start

SUPPLY, PRICES, MARKET, ORDERS, LOOK = range(5)
TURNS = 5
"""What happens in a month, in this order; simulation time is `month * TURNS + turn`."""
YEAR = 12
QUARTER = 3

Process = Generator[simpy.Event, None, None]


class Quarter(NamedTuple):
    """What is seen of one market in a quarter: amounts are flows of the quarter, the rest stands at its end."""

    revenue_bn: list[float]
    share: list[float]
    price: list[float]
    capacity_units: list[float]
    capex_bn: list[float]
    total_bn: float
    unmet_bn: float
    price_index: float
    customer_surplus_bn: float


class Market:
    """One market in play. Lists run over its sellers; those of segments hold such a list for each segment."""

    def __init__(self, start: MarketStart, segments: int) -> None:
        sellers = len(start.vendors)
        self.start = start
        self.price = [1.0] * sellers
        self.cost = start.cost.copy()
        self.capacity = start.capacity.copy()
        self.on_order = start.on_order.copy()
        self.pipeline = [arriving.copy() for arriving in start.pipeline]
        self.gained = [0.0] * sellers
        self.catch_up = [-expm1(-1.0 / (YEAR * tau)) for tau in start.tau]
        self.revenue = [row.copy() for row in start.revenue]
        self.shares = [row.copy() for row in start.shares]
        self.sales: list[float] = [sum(column) for column in zip(*start.revenue, strict=True)]
        self.budget = start.spending_path[0].copy()
        self.log_index = [0.0] * segments
        self.surplus = [0.0] * segments
        self.growth = start.growth
        self.spending_history = start.spending_history.copy()
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
        self.markets = [Market(market, len(start.sigma)) for market in start.markets]
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

    def trend_price(self, month: int) -> float:
        """Give the common decline of cost and price since the base date."""
        return exp(-self.start.decline * month / YEAR)


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


def supply(model: Model) -> Process:
    """Retire old capacity and bring on line what was ordered, every month."""
    keeps = (1.0 - model.start.retirement) ** (1.0 / YEAR)
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
    adjustment = model.start.adjustment_share
    places = model.places(vendor)
    yield model.env.timeout(PRICES)
    for month in range(0, model.start.months, QUARTER):
        experience = experience_factor(model, vendor)
        for place in places:
            market, i = place.market, place.seller
            cost = market.start.cost[i] * hardware_factor(model.start, market, month) * experience
            elasticity = price_elasticity(model.start, market, i)
            target = elasticity / (elasticity - 1.0) * cost / (1.0 - market.start.fee[i])
            price = market.price[i]
            market.cost[i] = cost
            market.price[i] = price * (target / price) ** adjustment
        yield model.env.timeout(QUARTER * TURNS)


def experience_factor(model: Model, vendor: int) -> float:
    """Cost of a vendor that has made more or less than its share of output."""
    share = model.start.made_share[vendor]
    if share <= 0.0:
        return 1.0
    now = model.made[vendor] / sum(model.made)
    return float((now / share) ** -model.start.experience_exponent)


def hardware_factor(start: Start, market: Market, month: int) -> float:
    """Cost of hardware with its tariff."""
    return 1.0 + start.hardware_share * market.start.hardware_tariff[month]


def price_elasticity(start: Start, market: Market, i: int) -> float:
    """Elasticity of a seller's quantity to its own price, weighed by revenue of the segments."""
    eta, weighted, total = start.eta, 0.0, 0.0
    for sigma, shares, revenue in zip(start.sigma, market.shares, market.revenue, strict=True):
        weighted += (sigma - (sigma - eta) * shares[i]) * revenue[i]
        total += revenue[i]
    return weighted / total


def orders(model: Model, vendor: int) -> Process:
    """Order capacity for one vendor, twice a year."""
    start, every = model.start, model.start.order_every_months
    years = start.order_horizon_years
    places = model.places(vendor)
    surviving = (1.0 - start.retirement) ** years
    yield model.env.timeout(ORDERS)
    for number, month in enumerate(range(0, start.months, every)):
        arrival = month + start.lead_months[vendor][number]
        trend = model.trend_price(month)
        for place in places:
            market, i = place.market, place.seller
            expected = expected_sales(start, market, i)
            price_then = market.price[i] * trend * exp(-start.decline * years)
            there_anyway = market.capacity[i] * surviving + market.on_order[i]
            units = max(expected / price_then * (1.0 + start.headroom) - there_anyway, 0.0)
            market.pipeline[arrival][i] += units
            market.on_order[i] += units
            tariff = 1.0 + start.hardware_share_of_capex * market.start.hardware_tariff[month]
            market.capex_flow[i] += units * start.capex_per_unit * trend * tariff
        yield model.env.timeout(every * TURNS)


def expected_sales(start: Start, market: Market, i: int) -> float:
    """Sales that a seller expects when an order placed now arrives, bn a year."""
    years = start.order_horizon_years
    potential = sum(shares[i] * budget for shares, budget in zip(market.shares, market.budget, strict=True))
    run_off = exp(-start.churn_rate * years)
    return market.sales[i] * run_off + potential * max(exp(market.growth * years) - run_off, 0.0)


def customers(model: Model) -> Process:
    """Let customers choose in all markets, every month."""
    yield model.env.timeout(MARKET)
    for month in range(model.start.months):
        trend = model.trend_price(month)
        if month:
            leak(model)
        for market in model.markets:
            drift = drift_quality(market, model.leaked, month)
            renewed = renew_contracts(model.start, market, drift, month)
            unmet = serve(market, renewed.wanted, trend)
            count_surplus(model.start, market, renewed, unmet)
            count_sales(model.made, market, trend)
            remember(market, month)
        yield model.env.timeout(TURNS)


def leak(model: Model) -> None:
    """Let know-how pass from vendors run by partners to the vendors of the market's country."""
    for market in model.markets:
        if market.start.partner_run:
            run_by_partners = sum(market.sales[i] for i in market.start.partner_run)
            model.leaked[market.start.country] += market.start.leak_rate / YEAR * run_by_partners / sum(market.sales)


def drift_quality(market: Market, leaked: dict[int, float], month: int) -> list[float]:
    """Let sellers catch up; quality that each has gained since the base date, shocks and know-how included."""
    start = market.start
    if month:
        market.gained = [
            gained + (gap - gained) * speed
            for gained, gap, speed in zip(market.gained, start.gap, market.catch_up, strict=True)
        ]
    return [
        gained + shock + leaked.get(home, 0.0)
        for gained, shock, home in zip(market.gained, start.walk[month], start.homes, strict=True)
    ]


class Renewed(NamedTuple):
    """What a month's choices come to, for each segment."""

    wanted: list[list[float]]
    carried: list[float]
    before: list[float]


def renew_contracts(start: Start, market: Market, drift: list[float], month: int) -> Renewed:
    """Let customers whose contracts end choose by quality and price, within their budgets."""
    decline = start.decline * month / YEAR
    stays = 1.0 - start.churn_month if month else 1.0
    path, trend = market.start.spending_path[month], market.start.trend_log_index[month]
    log_price = [log(price) for price in market.price]
    renewed = Renewed([], [], [])
    for s, sigma in enumerate(start.sigma):
        slope = 1.0 - sigma
        attraction = [
            strength * exp(quality + slope * price)
            for strength, quality, price in zip(market.start.strength[s], drift, log_price, strict=True)
        ]
        total = sum(attraction)
        log_index = log(total) / slope - decline
        budget = path[s] * exp((1.0 - start.eta) * (log_index - trend[s]))
        before = sum(market.revenue[s])
        contracted = stays * before
        free = max(budget - contracted, 0.0)
        kept = min(1.0, budget / contracted)
        shares = [a / total for a in attraction]
        keeps = stays * kept
        renewed.wanted.append([r * keeps + p * free for r, p in zip(market.revenue[s], shares, strict=True)])
        renewed.carried.append(kept * contracted)
        renewed.before.append(before)
        market.shares[s], market.budget[s], market.log_index[s] = shares, budget, log_index
    return renewed


def serve(market: Market, wanted: list[list[float]], trend: float) -> list[float]:
    """Serve what capacity allows; spending of each segment that nobody could serve, bn a year."""
    load = [sum(column) for column in zip(*wanted, strict=True)]
    limit = [capacity * price * trend for capacity, price in zip(market.capacity, market.price, strict=True)]
    if any(asked > most for asked, most in zip(load, limit, strict=True)):
        market.revenue = ration(market, wanted, load, limit)
        market.sales = [sum(column) for column in zip(*market.revenue, strict=True)]
    else:
        market.revenue, market.sales = wanted, load
    return [max(budget - sum(row), 0.0) for budget, row in zip(market.budget, market.revenue, strict=True)]


def ration(market: Market, wanted: list[list[float]], load: list[float], limit: list[float]) -> list[list[float]]:
    """Cut sales to capacity, and offer the rest once to sellers with room."""
    fits = [most / asked if asked > most else 1.0 for asked, most in zip(load, limit, strict=True)]
    room = [max(most - asked, 0.0) for asked, most in zip(load, limit, strict=True)]
    served, offered = [], []
    for shares, row in zip(market.shares, wanted, strict=True):
        cut = [asked * part for asked, part in zip(row, fits, strict=True)]
        takers = [share if free > 0.0 else 0.0 for share, free in zip(shares, room, strict=True)]
        weight = sum(takers)
        per_weight = max(sum(row) - sum(cut), 0.0) / weight if weight > 0.0 else 0.0
        served.append(cut)
        offered.append([share * per_weight for share in takers])
    taken = [
        free / more if more > free else 1.0
        for free, more in zip(room, map(sum, zip(*offered, strict=True)), strict=True)
    ]
    return [
        [had + more * part for had, more, part in zip(cut, extra, taken, strict=True)]
        for cut, extra in zip(served, offered, strict=True)
    ]


def count_surplus(start: Start, market: Market, renewed: Renewed, unmet: list[float]) -> None:
    """Let customers' surplus follow their contracts."""
    power = start.eta - 1.0
    surplus = []
    for s, stock in enumerate(market.surplus):
        served = market.budget[s] - unmet[s]
        carried = min(renewed.carried[s], served)
        kept = carried / renewed.before[s] if renewed.before[s] > 0.0 else 0.0
        surplus.append(kept * stock - (served - carried) * expm1(power * market.log_index[s]) / power)
    market.surplus = surplus
    market.surplus_flow += sum(market.surplus) / YEAR
    market.unmet_flow += sum(unmet) / YEAR


def count_sales(made: list[float], market: Market, trend: float) -> None:
    """Add the month's sales to the quarter's, and what was made to experience."""
    market.revenue_flow = [flow + sales / YEAR for flow, sales in zip(market.revenue_flow, market.sales, strict=True)]
    for vendor, sales, price in zip(market.start.vendors, market.sales, market.price, strict=True):
        made[vendor] += sales / (price * trend * YEAR)


def remember(market: Market, month: int) -> None:
    """Work out growth over the last twelve months, as vendors see it."""
    spending, slot = sum(market.budget), month % YEAR
    market.growth = log(spending / market.spending_history[slot])
    market.spending_history[slot] = spending


def look(model: Model) -> Process:
    """Note what is seen of each market at the end of every quarter."""
    yield model.env.timeout((QUARTER - 1) * TURNS + LOOK)
    for month in range(QUARTER - 1, model.start.months, QUARTER):
        trend = model.trend_price(month)
        model.quarters.append([seen(market, trend) for market in model.markets])
        for market in model.markets:
            market.forget_flows()
        yield model.env.timeout(QUARTER * TURNS)


def seen(market: Market, trend: float) -> Quarter:
    """Give what is seen of one market."""
    sales, spending = sum(market.sales), sum(market.budget)
    mean_log_index = sum(b * i for b, i in zip(market.budget, market.log_index, strict=True)) / spending
    return Quarter(
        revenue_bn=market.revenue_flow,
        share=[own / sales for own in market.sales],
        price=[price * trend for price in market.price],
        capacity_units=market.capacity.copy(),
        capex_bn=market.capex_flow,
        total_bn=sum(market.revenue_flow),
        unmet_bn=market.unmet_flow,
        price_index=exp(mean_log_index),
        customer_surplus_bn=market.surplus_flow,
    )
