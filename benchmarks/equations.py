"""Market, prices and capacity of one draw as plain functions of floats and lists, which all peers share.

The equations are those of docs/model.md, sections 3 and 4. Lists run over the sellers of a market; those of segments
hold such a list for each segment.
"""

from __future__ import annotations

from math import exp, expm1, log
from typing import NamedTuple

from benchmarks.start import MarketStart, Start

YEAR = 12
QUARTER = 3


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


class Customers:
    """Customers of one market: what they buy of whom, and what they budget for it."""

    def __init__(self, start: MarketStart) -> None:
        segments = len(start.revenue)
        self.start = start
        self.revenue = [row.copy() for row in start.revenue]
        self.shares = [row.copy() for row in start.shares]
        self.sales: list[float] = [sum(column) for column in zip(*start.revenue, strict=True)]
        self.budget = start.spending_path[0].copy()
        self.log_index = [0.0] * segments
        self.surplus = [0.0] * segments
        self.log_price = [0.0] * len(start.vendors)
        self.growth = start.growth
        self.spending_history = start.spending_history.copy()


class Renewed(NamedTuple):
    """What a month's choices come to, for each segment."""

    wanted: list[list[float]]
    carried: list[float]
    before: list[float]
    eased: list[float]
    """What those who stay gain as their vendors' prices fall, bn a year."""


def trend_price(decline: float, month: int) -> float:
    """Give the common decline of cost and price since the base date."""
    return exp(-decline * month / YEAR)


def monthly_survival(retirement: float) -> float:
    """Give the share of capacity that is still there after a month."""
    return float((1.0 - retirement) ** (1.0 / YEAR))


def leaked_know_how(customers: Customers) -> float:
    """Know-how that passes in a month from vendors run by partners to those of the market's country, log points."""
    start, sales = customers.start, customers.sales
    run_by_partners = sum(sales[i] for i in start.partner_run)
    return start.leak_rate / YEAR * run_by_partners / sum(sales)


def experience_factor(terms: Start, made: list[float], vendor: int) -> float:
    """Cost of a vendor that has made more or less than its share of output."""
    share = terms.made_share[vendor]
    if share <= 0.0:
        return 1.0
    now = made[vendor] / sum(made)
    return float((now / share) ** -terms.experience_exponent)


def unit_cost(terms: Start, at_base: float, hardware_tariff: float, experience: float) -> float:
    """Cost of a unit with the tariff on hardware and what was learnt."""
    return at_base * (1.0 + terms.hardware_share * hardware_tariff) * experience


def price_elasticity(terms: Start, customers: Customers, i: int) -> float:
    """Elasticity of a seller's quantity to its own price, weighed by revenue of the segments."""
    eta, weighted, total = terms.eta, 0.0, 0.0
    for sigma, shares, revenue in zip(terms.sigma, customers.shares, customers.revenue, strict=True):
        weighted += (sigma - (sigma - eta) * shares[i]) * revenue[i]
        total += revenue[i]
    return weighted / total


def next_price(terms: Start, price: float, cost: float, fee: float, elasticity: float) -> float:
    """Move a price towards the best one."""
    target = elasticity / (elasticity - 1.0) * cost / (1.0 - fee)
    return float(price * (target / price) ** terms.adjustment_share)


def expected_sales(terms: Start, customers: Customers, i: int) -> float:
    """Sales that a seller expects when an order placed now arrives, bn a year."""
    years = terms.order_horizon_years
    potential = sum(shares[i] * budget for shares, budget in zip(customers.shares, customers.budget, strict=True))
    run_off = exp(-terms.churn_rate * years)
    return customers.sales[i] * run_off + potential * max(exp(customers.growth * years) - run_off, 0.0)


def units_to_order(terms: Start, expected: float, price: float, capacity: float, on_order: float) -> float:
    """Capacity that a seller orders for sales that it expects, at the price of the day."""
    years = terms.order_horizon_years
    price_then = price * exp(-terms.decline * years)
    there_anyway = capacity * (1.0 - terms.retirement) ** years + on_order
    return float(max(expected / price_then * (1.0 + terms.headroom) - there_anyway, 0.0))


def order_cost(terms: Start, units: float, trend: float, hardware_tariff: float) -> float:
    """Capital expenditure on an order, bn."""
    return units * terms.capex_per_unit * trend * (1.0 + terms.hardware_share_of_capex * hardware_tariff)


def buy(
    terms: Start, customers: Customers, price: list[float], limit: list[float], quality: list[float], month: int
) -> list[float]:
    """Let customers choose, and be served; spending of each segment that nobody could serve, bn a year.

    Prices are relative to their common decline, limits what each seller can serve, bn a year, and quality what each has
    gained since the base date, log points.
    """
    renewed = renew_contracts(terms, customers, price, quality, month)
    unmet = serve(customers, renewed.wanted, limit)
    count_surplus(terms, customers, renewed, unmet)
    remember(customers, month)
    return unmet


def renew_contracts(
    terms: Start, customers: Customers, price: list[float], quality: list[float], month: int
) -> Renewed:
    """Let customers whose contracts end choose by quality and price, within their budgets."""
    decline = terms.decline * month / YEAR
    stays = 1.0 - terms.churn_month if month else 1.0
    start = customers.start
    path, trend = start.spending_path[month], start.trend_log_index[month]
    log_price = [log(own) for own in price]
    renewed = Renewed([], [], [], [])
    for s, sigma in enumerate(terms.sigma):
        slope = 1.0 - sigma
        attraction = [
            strength * exp(gained + slope * own)
            for strength, gained, own in zip(start.strength[s], quality, log_price, strict=True)
        ]
        total = sum(attraction)
        log_index = log(total) / slope - decline
        budget = path[s] * exp((1.0 - terms.eta) * (log_index - trend[s]))
        before = sum(customers.revenue[s])
        contracted = stays * before
        free = max(budget - contracted, 0.0)
        kept = min(1.0, budget / contracted)
        shares = [a / total for a in attraction]
        keeps = stays * kept
        renewed.wanted.append([r * keeps + p * free for r, p in zip(customers.revenue[s], shares, strict=True)])
        renewed.carried.append(kept * contracted)
        renewed.before.append(before)
        falls = [was - now for was, now in zip(customers.log_price, log_price, strict=True)]
        renewed.eased.append(keeps * sum(r * fall for r, fall in zip(customers.revenue[s], falls, strict=True)))
        customers.shares[s], customers.budget[s], customers.log_index[s] = shares, budget, log_index
    customers.log_price = log_price
    return renewed


def serve(customers: Customers, wanted: list[list[float]], limit: list[float]) -> list[float]:
    """Serve what capacity allows; spending of each segment that nobody could serve, bn a year."""
    load = [sum(column) for column in zip(*wanted, strict=True)]
    if any(asked > most for asked, most in zip(load, limit, strict=True)):
        customers.revenue = ration(customers, wanted, load, limit)
        customers.sales = [sum(column) for column in zip(*customers.revenue, strict=True)]
    else:
        customers.revenue, customers.sales = wanted, load
    return [max(budget - sum(row), 0.0) for budget, row in zip(customers.budget, customers.revenue, strict=True)]


def ration(customers: Customers, wanted: list[list[float]], load: list[float], limit: list[float]) -> list[list[float]]:
    """Cut sales to capacity, and offer the rest once to sellers with room."""
    fits = [most / asked if asked > most else 1.0 for asked, most in zip(load, limit, strict=True)]
    room = [max(most - asked, 0.0) for asked, most in zip(load, limit, strict=True)]
    served, offered = [], []
    for shares, row in zip(customers.shares, wanted, strict=True):
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


def count_surplus(terms: Start, customers: Customers, renewed: Renewed, unmet: list[float]) -> None:
    """Let customers' surplus follow their contracts."""
    power = terms.eta - 1.0
    surplus = []
    for s, stock in enumerate(customers.surplus):
        served = customers.budget[s] - unmet[s]
        carried = min(renewed.carried[s], served)
        kept = carried / renewed.before[s] if renewed.before[s] > 0.0 else 0.0
        eased = renewed.eased[s] * carried / renewed.carried[s] if renewed.carried[s] > 0.0 else 0.0
        surplus.append(kept * stock + eased - (served - carried) * expm1(power * customers.log_index[s]) / power)
    customers.surplus = surplus


def remember(customers: Customers, month: int) -> None:
    """Work out growth over the last twelve months, as vendors see it."""
    spending, slot = sum(customers.budget), month % YEAR
    customers.growth = log(spending / customers.spending_history[slot])
    customers.spending_history[slot] = spending


def price_index(customers: Customers) -> float:
    """Give the price index of a market, segments weighed by their budgets."""
    total = sum(customers.budget)
    return exp(sum(b * i for b, i in zip(customers.budget, customers.log_index, strict=True)) / total)
