"""A month of the customers' side of a market, as for one draw (docs/model.md, sections 3 and 4).

Customers choose, spending follows the price index, contracts renew, capacity rations, surplus, money and output are
counted. What is said once for a draw holds for `WIDTH` of them, which `load` and `store` take and put back; some draws
at a time go through all of it, so that their numbers stay at hand.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from sim.arithmetic.compiling import compiled, of_draws
from sim.arithmetic.elementary import exp, log
from sim.arithmetic.lanes import WIDTH, load, store
from sim.model.equations.capacity import most_sales
from sim.model.equations.demand import (
    LEAST,
    budgets,
    inverse,
    log_price_index,
    renewed_contract,
    unmet_demand,
    up_for_choice,
)
from sim.model.equations.nests import sales_of_channel
from sim.model.equations.pricing import profits
from sim.model.equations.rationing import Asked, Turned, ration_some
from sim.model.equations.welfare import eased_by_price, surplus_stock
from sim.quantities import MONTHS_PER_YEAR, FloatArray, IntArray

AT_A_TIME = 64
"""Draws that go through a month together."""


class Market(NamedTuple):
    """Who sells in a market, and to whom.

    Attributes
    ----------
    channel, vendor, nest
        [seller] channels in use, the vendor of each, and as in `Nests`.
    several
        How many vendors have several channels.
    kappa, weight
        [group, draw] as in `Nests`, and the part of its segment that each group is.
    offered
        [seller, group, draw] what attracts customers, quality gained since the base date apart.
    log_price
        [seller, draw] log of today's price.
    attraction, revenue
        [seller, group, draw] A, and R, spending under contract, bn a year.
    """

    channel: IntArray
    vendor: IntArray
    nest: IntArray
    several: int
    kappa: FloatArray
    weight: FloatArray
    offered: FloatArray
    log_price: FloatArray
    attraction: FloatArray
    revenue: FloatArray


class Customers(NamedTuple):
    """Customers of all markets, [market, group, draw] if not said otherwise; names as in `World` and `Base`.

    Attributes
    ----------
    path, trend_log_index
        [month, market, segment, draw] spending on trend, and ln Pi on trend.
    activity
        [market, draw] spending lost with goods exports.
    """

    path: FloatArray
    trend_log_index: FloatArray
    activity: FloatArray
    attraction_total: FloatArray
    per_attraction: FloatArray
    log_index: FloatArray
    budget: FloatArray
    free: FloatArray
    served: FloatArray
    unmet: FloatArray
    surplus: FloatArray


class Rates(NamedTuple):
    """What holds for all markets, each [draw] but the first.

    Attributes
    ----------
    sigma
        [group, draw] elasticity of substitution between vendors.
    eta
        Elasticity of a market's volume.
    churn, channel_churn
        Contracts up for choice this month, and customers of a vendor who look around among its channels.
    decline
        Log decline of cost a year.
    trend
        Index of cost on trend this month.
    """

    sigma: FloatArray
    eta: FloatArray
    churn: FloatArray
    channel_churn: FloatArray
    decline: FloatArray
    trend: FloatArray


class Books(NamedTuple):
    """What sellers have, ask and earn, [channel, draw] if not said otherwise; names as in `World`.

    Attributes
    ----------
    margin, fixed_cost
        The vendor's part of a dollar of revenue, and of fixed cost, bn a year.
    drift, output
        [vendor, market, draw], and [vendor, draw] what each makes this month, at today's prices.
    revenue, profit
        Flows of the quarter, bn; as are, [market, draw], `spending`, `unmet` and `surplus`.
    growth, history
        [market, draw] growth of spending over twelve months, and [month of a year, market, draw] spending.
    """

    price: FloatArray
    price_before: FloatArray
    capacity: FloatArray
    margin: FloatArray
    fixed_cost: FloatArray
    drift: FloatArray
    sales: FloatArray
    output: FloatArray
    revenue: FloatArray
    profit: FloatArray
    spending: FloatArray
    unmet: FloatArray
    surplus: FloatArray
    growth: FloatArray
    history: FloatArray


class Moves(NamedTuple):
    """What happens this month in a market among some draws, [group, draw]; written anew each time.

    Attributes
    ----------
    before, carried
        Spending served last month, and the part of it that goes on under contract, bn a year.
    keeps
        Part of each contract that goes on.
    won
        Free spending by attraction, bn a year.
    eased
        What falling prices bring to the part that goes on, bn a year.
    gained
        [seller, draw] what quality gained since the base date does to attraction.
    limit, asked
        [seller, draw] most that each can serve, and what it is asked for and sells, bn a year.
    lacks
        [draw] most that one is asked for and cannot serve, bn a year.
    own
        [draw] of one seller.
    """

    before: FloatArray
    carried: FloatArray
    keeps: FloatArray
    won: FloatArray
    eased: FloatArray
    gained: FloatArray
    limit: FloatArray
    asked: FloatArray
    lacks: FloatArray
    own: FloatArray

    @classmethod
    def blank(cls, sellers: int, groups: int) -> Self:
        """Make room for it."""
        group, seller = (groups, AT_A_TIME), (sellers, AT_A_TIME)
        shapes = group, group, group, group, group, seller, seller, seller
        return cls._make([*map(np.zeros, shapes), *np.zeros((2, AT_A_TIME))])


class Now(NamedTuple):
    """All that a month needs, and what becomes of it.

    Attributes
    ----------
    served_before
        [market, group, draw] spending served last month, under the rules of then.
    """

    customers: Customers
    rates: Rates
    books: Books
    served_before: FloatArray
    moves: Moves
    turned: Turned


class Some(NamedTuple):
    """Some neighbouring draws.

    Attributes
    ----------
    first, last
        The first of them, and the first that is none of them.
    width
        How many stand side by side: `WIDTH`, or all of fewer.
    """

    first: int
    last: int
    width: int


@compiled
def play_month(market: Market, now: Now, m: int, month: int, repriced: bool) -> None:
    """Play a month of a market, in place.

    Parameters
    ----------
    market, now
        What there is, and what becomes of it.
    m, month
        Which market it is, and the number of the month.
    repriced
        Whether prices may have moved since last month.
    """
    draws = len(now.rates.eta)
    rest = draws - draws % WIDTH
    for first in range(0, rest, AT_A_TIME):
        _play_some(market, now, Some(first, min(first + AT_A_TIME, rest), WIDTH), m, month, repriced)
    if rest < draws:
        _play_some(market, now, Some(rest, draws, draws - rest), m, month, repriced)


@of_draws
def _play_some(market: Market, now: Now, some: Some, m: int, month: int, repriced: bool) -> None:
    _choose(market, now, some, m)
    _set_budgets(market, now, some, m, month)
    _ease(market, now, some, repriced)
    for n in range(market.several):
        _change_channels(market, now, some, n)
    _renew(market, now, some, m)
    _ration(market, now, some, m)
    _count_customers(market, now, some, m, month)
    _count_sales(market, now, some)


@of_draws
def _choose(market: Market, now: Now, some: Some, m: int) -> None:
    """Customers choose (equation 3.1) as quality drifts: A = offered * exp(gained)."""
    books, moves, total, (first, last, width) = now.books, now.moves, now.customers.attraction_total, some
    sellers, groups, _ = market.offered.shape
    for k in range(sellers):
        for d in range(first, last, WIDTH):
            store(exp(load(books.drift, market.vendor[k], m, d, width)), moves.gained, k, d - first, width)
    for g in range(groups):
        for d in range(first, last, WIDTH):
            of_all = np.zeros_like(load(now.rates.eta, d, width))
            for k in range(sellers):
                pull = load(market.offered, k, g, d, width) * load(moves.gained, k, d - first, width)
                store(pull, market.attraction, k, g, d, width)
                of_all = of_all + pull
            store(of_all, total, m, g, d, width)


@of_draws
def _set_budgets(market: Market, now: Now, some: Some, m: int, month: int) -> None:
    """Spending answers to the price index (equations 3.2 and 3.3), and contracts run out (3.4)."""
    customers, rates, moves, (first, last, width) = now.customers, now.rates, now.moves, some
    for g in range(market.offered.shape[1]):
        s = g % customers.path.shape[2]
        for d in range(first, last, WIDTH):
            total, decline = load(customers.attraction_total, m, g, d, width), load(rates.decline, d, width)
            index = log_price_index(total, load(rates.sigma, g, d, width)) - decline * (month / MONTHS_PER_YEAR)
            gap = index - load(customers.trend_log_index, month, m, s, d, width)
            on_trend = load(customers.path, month, m, s, d, width) * load(customers.activity, m, d, width)
            budget = budgets(on_trend * load(market.weight, g, d, width), gap, load(rates.eta, d, width))
            up = up_for_choice(load(customers.served, m, g, d, width), budget, load(rates.churn, d, width))
            per_attraction = inverse(total)
            store(per_attraction, customers.per_attraction, m, g, d, width)
            store(index, customers.log_index, m, g, d, width)
            store(budget, customers.budget, m, g, d, width)
            store(up.free, customers.free, m, g, d, width)
            store(load(now.served_before, m, g, d, width), moves.before, g, d - first, width)
            store(up.carried, moves.carried, g, d - first, width)
            store(up.keeps, moves.keeps, g, d - first, width)
            store(up.free * per_attraction, moves.won, g, d - first, width)


@of_draws
def _ease(  # noqa: C901 (a loop for each axis)
    market: Market, now: Now, some: Some, repriced: bool
) -> None:
    """Falling prices bring surplus to customers under contract (equation 4.19)."""
    books, moves, (first, last, width) = now.books, now.moves, some
    sellers, groups, _ = market.offered.shape
    for g in range(groups):
        for d in range(first, last, WIDTH):
            store(0.0, moves.eased, g, d - first, width)
    for k in range(sellers if repriced else 0):
        for d in range(first, last, WIDTH):
            before = log(load(books.price_before, market.channel[k], d, width))
            store(before - load(market.log_price, k, d, width), moves.own, d - first, width)
        for g in range(groups):
            for d in range(first, last, WIDTH):
                eased = eased_by_price(load(market.revenue, k, g, d, width), load(moves.own, d - first, width))
                store(load(moves.eased, g, d - first, width) + eased, moves.eased, g, d - first, width)
    for g in range(groups if repriced else 0):
        for d in range(first, last, WIDTH):
            eased = load(moves.keeps, g, d - first, width) * load(moves.eased, g, d - first, width)
            store(eased, moves.eased, g, d - first, width)


@of_draws
def _change_channels(market: Market, now: Now, some: Some, n: int) -> None:
    """Some customers of a vendor go to the channel that they would choose now (equation 3.18)."""
    first, last, width = some
    for g in range(market.offered.shape[1]):
        for d in range(first, last, WIDTH):
            rate = load(now.rates.channel_churn, d, width)
            held = pull = np.zeros_like(rate)
            for k in range(len(market.nest)):
                if market.nest[k] == n:
                    held = held + load(market.revenue, k, g, d, width)
                    pull = pull + load(market.attraction, k, g, d, width)
            for k in range(len(market.nest)):
                if market.nest[k] == n:
                    own, attraction = load(market.revenue, k, g, d, width), load(market.attraction, k, g, d, width)
                    store(sales_of_channel(own, held, attraction, pull, rate), market.revenue, k, g, d, width)


@of_draws
def _renew(market: Market, now: Now, some: Some, m: int) -> None:
    """Contracts renew (equation 3.4); see who is asked for more than there is room (3.5)."""
    books, moves, served, (first, last, width) = now.books, now.moves, now.customers.served, some
    sellers, groups, _ = market.offered.shape
    for d in range(first, last, WIDTH):
        store(0.0, moves.lacks, d - first, width)
    for g in range(groups):
        for d in range(first, last, WIDTH):
            store(0.0, served, m, g, d, width)
    for k in range(sellers):
        row = market.channel[k]
        for d in range(first, last, WIDTH):
            price = load(books.price, row, d, width)
            asked = np.zeros_like(price)
            for g in range(groups):
                contract, attraction = load(market.revenue, k, g, d, width), load(market.attraction, k, g, d, width)
                keeps, won = load(moves.keeps, g, d - first, width), load(moves.won, g, d - first, width)
                wanted = renewed_contract(contract, keeps, attraction, won)
                store(wanted, market.revenue, k, g, d, width)
                store(load(served, m, g, d, width) + wanted, served, m, g, d, width)
                asked = asked + wanted
            most = most_sales(load(books.capacity, row, d, width), price, load(now.rates.trend, d, width))
            store(asked, moves.asked, k, d - first, width)
            store(most, moves.limit, k, d - first, width)
            lacks = np.maximum(load(moves.lacks, d - first, width), asked - most)
            store(lacks, moves.lacks, d - first, width)


@of_draws
def _ration(market: Market, now: Now, some: Some, m: int) -> None:
    """Sales are cut to capacity, and the rest is offered to others (equations 3.5 and 3.19), where somebody is short.

    Where nobody is, it would leave each number as it is, to the last bit.
    """
    moves, total, (first, last, width) = now.moves, now.customers.served[m], some
    wanted, attraction, kappa, nest = market.revenue, market.attraction, market.kappa, market.nest
    asked = Asked(wanted, attraction, kappa, nest, moves.limit, moves.asked, total)
    for d in range(first, last, WIDTH):
        if np.any(load(moves.lacks, d - first, width) > 0.0):
            ration_some(asked, now.turned, d, d - first, width)


@of_draws
def _count_customers(market: Market, now: Now, some: Some, m: int, month: int) -> None:
    """Surplus follows contracts and their prices (equation 4.11); what could not be served brings none."""
    customers, books, moves, (first, last, width) = now.customers, now.books, now.moves, some
    slot = month % MONTHS_PER_YEAR
    for d in range(first, last, WIDTH):
        eta = load(now.rates.eta, d, width)
        surplus = unmet = spending = wanted = np.zeros_like(eta)
        for g in range(market.offered.shape[1]):
            budget, served = load(customers.budget, m, g, d, width), load(customers.served, m, g, d, width)
            lacking = unmet_demand(budget, served)
            could, carried = budget - lacking, load(moves.carried, g, d - first, width)
            went_on = np.minimum(carried, could)
            part = went_on / np.maximum(load(moves.before, g, d - first, width), LEAST)
            index, held = load(customers.log_index, m, g, d, width), load(customers.surplus, m, g, d, width)
            eased = load(moves.eased, g, d - first, width) * (went_on / np.maximum(carried, LEAST))
            stock = surplus_stock(held, part, could - went_on, index, eta) + eased
            store(lacking, customers.unmet, m, g, d, width)
            store(stock, customers.surplus, m, g, d, width)
            surplus, unmet = surplus + stock, unmet + lacking
            spending, wanted = spending + served, wanted + budget
        store(load(books.surplus, m, d, width) + surplus / MONTHS_PER_YEAR, books.surplus, m, d, width)
        store(load(books.spending, m, d, width) + spending / MONTHS_PER_YEAR, books.spending, m, d, width)
        store(load(books.unmet, m, d, width) + unmet / MONTHS_PER_YEAR, books.unmet, m, d, width)
        store(log(wanted / load(books.history, slot, m, d, width)), books.growth, m, d, width)
        store(wanted, books.history, slot, m, d, width)


@of_draws
def _count_sales(market: Market, now: Now, some: Some) -> None:
    """Revenue and profit of vendors (equation 4.15), and what they have made (X in 4.8)."""
    books, moves, (first, last, width) = now.books, now.moves, some
    sellers = len(market.channel)
    for k in range(sellers):
        row, v = market.channel[k], market.vendor[k]
        if k == 0 or market.vendor[k - 1] != v:
            for d in range(first, last, WIDTH):
                store(0.0, moves.own, d - first, width)
        for d in range(first, last, WIDTH):
            sales = load(moves.asked, k, d - first, width)
            profit = profits(sales, load(books.margin, row, d, width), load(books.fixed_cost, row, d, width))
            store(sales, books.sales, row, d, width)
            store(load(books.revenue, row, d, width) + sales / MONTHS_PER_YEAR, books.revenue, row, d, width)
            store(load(books.profit, row, d, width) + profit / MONTHS_PER_YEAR, books.profit, row, d, width)
            units = load(moves.own, d - first, width) + sales / load(books.price, row, d, width)
            store(units, moves.own, d - first, width)
        if k + 1 == sellers or market.vendor[k + 1] != v:
            for d in range(first, last, WIDTH):
                store(load(books.output, v, d, width) + load(moves.own, d - first, width), books.output, v, d, width)
