"""Market, prices and capacity of one draw as plain functions of floats and lists, which all peers share.

The equations are those of docs/model.md, sections 3 and 4. Lists run over groups of customers, vendors in a market, or
their channels there.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import exp, expm1, log, log1p
from typing import NamedTuple

from benchmarks.nests import LEAST_COST_SHARE, joint_margins, kept_in_nest, nested
from benchmarks.start import ChannelStart, MarketStart, Start
from sim.scenario.schema import Presence

YEAR = 12
QUARTER = 3


class Quarter(NamedTuple):
    """What is seen of one market in a quarter, lists by vendor: amounts are flows, the rest stands at its end."""

    revenue_bn: list[float]
    share: list[float]
    price: list[float]
    capacity_units: list[float]
    capex_bn: list[float]
    total_bn: float
    unmet_bn: float
    price_index: float
    customer_surplus_bn: float


BY_SELLER, BY_MARKET = Quarter._fields[:5], Quarter._fields[5:]
"""Columns that a market has for each vendor, and those that it has one of."""


class Channel:
    """One way in which a vendor sells in a market: its price, what it can serve, and its contracts by group."""

    def __init__(self, start: ChannelStart) -> None:
        self.start = start
        self.strength = start.strength
        self.price = 1.0
        """Relative to the common decline of prices."""
        self.log_price = self.fall = 0.0
        """Log of the price, and by how much it has come down since customers last saw it."""
        self.capacity = start.capacity
        self.on_order = start.on_order
        self.arriving = start.pipeline.copy()
        self.contracts = start.contracts.copy()
        self.shares = start.shares.copy()
        self.sales: float = sum(start.contracts)
        self.revenue_bn = self.capex_bn = 0.0
        """In this quarter."""


class Customers:
    """Customers of one market: through which channels they may buy, and what they budget for it."""

    def __init__(self, start: MarketStart) -> None:
        groups = len(start.spending_path[0])
        self.start = start
        self.channels = [Channel(channel) for seller in start.sellers for channel in seller.channels]
        ends = accumulate(len(seller.channels) for seller in start.sellers)
        self.by_vendor = [slice(first, end) for first, end in pairwise([0, *ends])]
        """Channels of each vendor, among which customers choose when they have chosen the vendor."""
        self.nests = [
            own for own in self.by_vendor if [channel.start.weight for channel in self.channels[own]] != [1.0]
        ]
        """Those in which there is something to choose."""
        self.budget = start.spending_path[0].copy()
        self.log_index = [0.0] * groups
        self.surplus = [0.0] * groups
        self.growth = start.growth
        self.spending_history = start.spending_history.copy()

    @property
    def sales(self) -> float:
        """What they spend, bn a year."""
        return sum([channel.sales for channel in self.channels])


class Renewed(NamedTuple):
    """What goes on under contract after a month's choices, and what was served before them, for each group."""

    carried: list[float]
    before: list[float]
    eased: list[float]
    """What those who stay gain as their vendors' prices fall, bn a year."""


def trend_price(decline: float, month: int) -> float:
    """Give the common decline of cost and price from the base date to the middle of a month."""
    return exp(-decline * (month + 0.5) / YEAR)


def monthly_survival(retirement: float) -> float:
    """Give the share of capacity that is still there after a month."""
    return float((1.0 - retirement) ** (1.0 / YEAR))


def leaked_know_how(customers: Customers) -> float:
    """Know-how that passes in a month from vendors run by partners to those of the market's country, log points."""
    run_by_partners = sum(channel.sales for channel in customers.channels if channel.start.kind is Presence.PARTNER)
    return customers.start.leak_rate / YEAR * run_by_partners / customers.sales


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


def price_elasticity(terms: Start, channel: Channel) -> float:
    """Elasticity of its quantity to its price, weighed by revenue of the groups, of a vendor's only channel."""
    eta, weighted, total = terms.eta, 0.0, 0.0
    for sigma, share, revenue in zip(terms.sigma, channel.shares, channel.contracts, strict=True):
        weighted += (sigma - (sigma - eta) * share) * revenue
        total += revenue
    return weighted / total


def set_prices(terms: Start, own: list[Channel], growth: float, hardware_tariff: float, experience: float) -> None:
    """Move the prices of all of a vendor's channels in a market towards the best ones, below them where it grows."""
    for channel, markup in zip(own, markups(terms, own), strict=True):
        forgone = min(channel.start.growth_weight * max(growth, 0.0), channel.start.forgone)
        target = markup * (1.0 - forgone) * unit_cost(terms, channel.start.cost, hardware_tariff, experience)
        channel.price = float(channel.price * (target / channel.price) ** terms.adjustment_share)
        before, channel.log_price = channel.log_price, log(channel.price)
        channel.fall = before - channel.log_price


def markups(terms: Start, own: list[Channel]) -> list[float]:
    """Best prices of a vendor's channels in a market, in units of their costs."""
    if len(own) == 1:
        elasticity = price_elasticity(terms, own[0])
        return [elasticity / (elasticity - 1.0) / (1.0 - own[0].start.fee)]
    kept = [1.0 - channel.start.fee for channel in own]
    spending = [sum(row) for row in zip(*(channel.contracts for channel in own), strict=True)]
    margins = joint_margins(terms.mu, terms.sigma, terms.eta, kept, spending, [channel.shares for channel in own])
    return [1.0 / max(left - margin, LEAST_COST_SHARE) for left, margin in zip(kept, margins, strict=True)]


def expected_sales(terms: Start, customers: Customers, channel: Channel) -> float:
    """Sales that a channel can expect when an order placed now arrives, bn a year."""
    years = terms.order_horizon_years
    potential = sum(share * budget for share, budget in zip(channel.shares, customers.budget, strict=True))
    run_off = exp(-terms.churn_rate * years)
    return channel.sales * run_off + potential * max(exp(customers.growth * years) - run_off, 0.0)


def units_to_order(terms: Start, expected: float, price: float, capacity: float, on_order: float) -> float:
    """Capacity that a seller orders for sales that it expects, at the price of the day."""
    years = terms.order_horizon_years
    price_then = price * exp(-terms.decline * years)
    there_anyway = capacity * (1.0 - terms.retirement) ** years + on_order
    return float(max(expected / price_then * (1.0 + terms.headroom) - there_anyway, 0.0))


def order_cost(terms: Start, units: float, trend: float, hardware_tariff: float) -> float:
    """Capital expenditure on an order, bn."""
    return units * terms.capex_per_unit * trend * (1.0 + terms.hardware_share_of_capex * hardware_tariff)


def buy(terms: Start, customers: Customers, quality: list[float], month: int) -> list[float]:
    """Let customers choose, and be served; spending of each group that nobody could serve, bn a year.

    Quality is what each channel's vendor has gained since the base date, log points.
    """
    renewed = renew_contracts(terms, customers, quality, month)
    unmet = serve(terms, customers, trend_price(terms.decline, month))
    count_surplus(terms, customers, renewed, unmet)
    remember(customers, month)
    return unmet


def renew_contracts(terms: Start, customers: Customers, quality: list[float], month: int) -> Renewed:
    """Let customers whose contracts end choose by quality and price, within their budgets."""
    decline = terms.decline * month / YEAR
    stays = 1.0 - terms.churn_month if month else exp(-0.5 * terms.churn_rate / YEAR)
    path, trend = customers.start.spending_path[month], customers.start.trend_log_index[month]
    channels, renewed = customers.channels, Renewed([], [], [])
    for g, sigma in enumerate(terms.sigma):
        attraction = attractions(terms, customers, quality, g)
        cheaper = sum([channel.contracts[g] * channel.fall for channel in channels])
        for nest in customers.nests:
            change_channels(terms, channels[nest], attraction[nest], g)
        total = sum(attraction)
        log_index = log(total) / (1.0 - sigma) - decline
        budget = path[g] * exp((1.0 - terms.eta) * (log_index - trend[g]))
        before = sum([channel.contracts[g] for channel in channels])
        contracted = stays * before
        free = max(budget - contracted, 0.0)
        kept = min(1.0, budget / contracted)
        keeps = stays * kept
        for channel, own in zip(channels, attraction, strict=True):
            share = own / total
            channel.shares[g] = share
            channel.contracts[g] = channel.contracts[g] * keeps + share * free
        renewed.carried.append(kept * contracted)
        renewed.before.append(before)
        renewed.eased.append(keeps * cheaper)
        customers.budget[g], customers.log_index[g] = budget, log_index
    for channel in channels:
        channel.fall = 0.0
    return renewed


def change_channels(terms: Start, own: list[Channel], attraction: list[float], g: int) -> None:
    """Let some customers of a vendor take their contracts to the channel that they would choose now."""
    rate, total = -expm1(log1p(-terms.channel_churn) / YEAR), sum(attraction)
    if total > 0.0:
        held = sum([channel.contracts[g] for channel in own])
        for channel, pull in zip(own, attraction, strict=True):
            channel.contracts[g] += rate * (pull / total * held - channel.contracts[g])


def attractions(terms: Start, customers: Customers, quality: list[float], g: int) -> list[float]:
    """What attracts a group of customers to each channel; to a vendor it is the sum over its channels."""
    slope = 1.0 - terms.sigma[g]
    found = [
        channel.strength[g] * exp(gained + slope * channel.log_price)
        for channel, gained in zip(customers.channels, quality, strict=True)
    ]
    for nest in customers.nests:
        weights = [channel.start.weight for channel in customers.channels[nest]]
        found[nest] = nested(found[nest], weights, (1.0 - terms.mu) / slope)
    return found


def serve(terms: Start, customers: Customers, trend: float) -> list[float]:
    """Serve what capacity allows; spending of each group that nobody could serve, bn a year."""
    channels = customers.channels
    wanted = [sum(channel.contracts) for channel in channels]
    limit = [channel.capacity * channel.price * trend for channel in channels]
    if any(asked > most for asked, most in zip(wanted, limit, strict=True)):
        ration(terms, customers, wanted, limit)
    for channel in channels:
        channel.sales = sum(channel.contracts)
    served = [sum(row) for row in zip(*(channel.contracts for channel in channels), strict=True)]
    return [max(budget - row, 0.0) for budget, row in zip(customers.budget, served, strict=True)]


def ration(terms: Start, customers: Customers, wanted: list[float], limit: list[float]) -> None:
    """Cut sales to capacity, and offer the rest once to channels with room, those of the same vendor before others."""
    channels = customers.channels
    fits = [most / asked if asked > most else 1.0 for asked, most in zip(wanted, limit, strict=True)]
    room = [max(most - asked, 0.0) for asked, most in zip(wanted, limit, strict=True)]
    offered = [offer_the_rest(terms, customers, g, fits, room) for g in range(len(terms.sigma))]
    for channel, part, free, *more in zip(channels, fits, room, *offered, strict=True):
        taken = free / sum(more) if sum(more) > free else 1.0
        channel.contracts = [had * part + new * taken for had, new in zip(channel.contracts, more, strict=True)]


def offer_the_rest(terms: Start, customers: Customers, g: int, fits: list[float], room: list[float]) -> list[float]:
    """What each channel is offered of the spending of a group for which others have no capacity."""
    channels = customers.channels
    rest = [channel.contracts[g] * (1.0 - part) for channel, part in zip(channels, fits, strict=True)]
    takers = [channel.shares[g] if free > 0.0 else 0.0 for channel, free in zip(channels, room, strict=True)]
    pool, found = sum(takers), [0.0] * len(channels)
    for nest in customers.nests:
        shares, has_room = [channel.shares[g] for channel in channels[nest]], [free > 0.0 for free in room[nest]]
        pull, lost = sum(takers[nest]), sum(rest[nest])
        kappa = (terms.mu - 1.0) / (terms.sigma[g] - 1.0)
        stays = kept_in_nest(shares, has_room, kappa, pull / pool) if pull > 0.0 else 0.0
        rest[nest] = [turned_away * (1.0 - stays) for turned_away in rest[nest]]
        found[nest] = [own * stays * lost / pull if pull > 0.0 else 0.0 for own in takers[nest]]
    per_share = sum(rest) / pool if pool > 0.0 else 0.0
    return [own + share * per_share for own, share in zip(found, takers, strict=True)]


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
