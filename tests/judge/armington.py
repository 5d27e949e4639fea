"""A small general equilibrium of trade: one kind of goods from each country, solved in changes ("exact hat algebra").

A country's customers divide their spending between origins with elasticity theta + 1 of quantity to price, duty
included (Armington; Eaton and Kortum's shares are the same). What a country makes is given; its price moves until all
of it is sold. Tariff revenue goes to the customers. Arrays are [origin, destination], bn USD a year at the prices of
origin, duty not included. Nothing here comes from `sim/model/equations`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]

CLOSE = 1e-13


@dataclass(frozen=True)
class Economy:
    """The world before a change.

    Attributes
    ----------
    trade
        [origin, destination] value before duty; what stays at home on the diagonal.
    tariff
        [origin, destination] rate, share of one.
    theta
        Trade elasticity: that of spending on an origin, duty included, to its price.
    """

    trade: Array
    tariff: Array
    theta: float

    @property
    def output(self) -> Array:
        """[country] bn USD a year."""
        return self.trade.sum(axis=1)

    @property
    def revenue(self) -> Array:
        """[country] tariff revenue, bn USD a year."""
        return (self.trade * self.tariff).sum(axis=0)

    @property
    def spending(self) -> Array:
        """[country] duty included, bn USD a year."""
        return (self.trade * (1.0 + self.tariff)).sum(axis=0)

    @property
    def shares(self) -> Array:
        """[origin, destination] share of spending, duty included."""
        return self.trade * (1.0 + self.tariff) / self.spending

    @property
    def borrowed(self) -> Array:
        """[country] spending beyond income, bn USD a year; sums to nothing."""
        return self.spending - self.output - self.revenue


@dataclass(frozen=True)
class Outcome:
    """The world after a change, in units in which the world's output costs what it did.

    Attributes
    ----------
    price
        [country] price of what a country makes, over that before.
    cost_of_living
        [country] price index of customers, over that before.
    trade
        [origin, destination] value before duty, bn USD a year.
    revenue, spending
        [country] bn USD a year.
    gain
        [country] what the change is worth to customers, bn USD a year at the prices before (equivalent variation).
    """

    price: Array
    cost_of_living: Array
    trade: Array
    revenue: Array
    spending: Array
    gain: Array


def after(economy: Economy, tariff: Array, cost: Array | None = None) -> Outcome:
    """World once everything has settled under other tariffs.

    Parameters
    ----------
    tariff
        [origin, destination] rates from now on.
    cost
        [origin, destination] factor on the cost of delivery, which nobody earns; none if absent.
    """
    cost = np.ones_like(tariff) if cost is None else cost

    def excess(log_price: Array) -> Array:
        price = _in_units_of_output(economy, np.append(log_price, 0.0))
        sold = at_prices(economy, tariff, price, cost).trade.sum(axis=1)
        return (sold / (price * economy.output) - 1.0)[:-1]

    found = optimize.root(excess, np.zeros(len(economy.output) - 1), tol=CLOSE)
    price = _in_units_of_output(economy, np.append(found.x, 0.0))
    result = at_prices(economy, tariff, price, cost)
    if np.abs(result.trade.sum(axis=1) / (price * economy.output) - 1.0).max() > 1e-10:
        raise RuntimeError(f"no general equilibrium was found: {found.message}")
    return result


def at_prices(economy: Economy, tariff: Array, price: Array, cost: Array | None = None) -> Outcome:
    """What customers do at given prices of all countries' goods; markets need not clear."""
    dearer = price[:, None] * (1.0 + tariff) / (1.0 + economy.tariff) * (1.0 if cost is None else cost)
    pull = economy.shares * dearer**-economy.theta
    cost_of_living = pull.sum(axis=0) ** (-1.0 / economy.theta)
    shares = pull / pull.sum(axis=0)
    taxed = (shares * tariff / (1.0 + tariff)).sum(axis=0)
    spending = (price * economy.output + economy.borrowed) / (1.0 - taxed)
    trade = shares * spending / (1.0 + tariff)
    gain = spending / cost_of_living - economy.spending
    return Outcome(price, cost_of_living, trade, taxed * spending, spending, gain)


def at_incomes_of_before(economy: Economy, cost: Array) -> tuple[Array, Array]:
    """Prices at which everybody sells for as much money as before to customers who spend as much as before.

    A first step towards the equilibrium, in which incomes would follow prices. It is where gegravity stops.

    Returns
    -------
    [country] price of what a country makes, in units in which the last country's cost of living is what it was, and
    [country] that price over the cost of living, both over what they were.
    """

    def bought(price: Array) -> tuple[Array, Array]:
        pull = economy.shares * (price[:, None] * cost) ** -economy.theta
        total = pull.sum(axis=0)
        return pull / total * economy.spending, total ** (-1.0 / economy.theta)

    def excess(log_price: Array) -> Array:
        trade, _ = bought(np.exp(np.append(log_price, 0.0)))
        return (trade.sum(axis=1) / economy.output - 1.0)[:-1]

    found = optimize.root(excess, np.zeros(len(economy.output) - 1), tol=CLOSE)
    price = np.exp(np.append(found.x, 0.0))
    _, cost_of_living = bought(price)
    return price / cost_of_living[-1], price / cost_of_living


def terms_of_trade(economy: Economy, outcome: Outcome) -> Array:
    """[country] what dearer exports and cheaper imports bring at the quantities before, bn USD a year."""
    change = outcome.price - 1.0
    abroad = economy.trade * (1.0 - np.eye(len(change)))
    return change * abroad.sum(axis=1) - change @ abroad


def balanced(economy: Economy, *, partner: int) -> Economy:
    """Change what each country sells to one partner until everybody's imports are paid for by exports."""
    trade = economy.trade.copy()
    gap = trade.sum(axis=0) - trade.sum(axis=1)
    trade[:, partner] += gap * (np.arange(len(gap)) != partner)
    return Economy(trade, np.zeros_like(trade), economy.theta)


def _in_units_of_output(economy: Economy, log_price: Array) -> Array:
    price = np.exp(log_price)
    return price * economy.output.sum() / (price * economy.output).sum()
