"""A static cloud market solved from its profit functions: no elasticity, no first-order condition, nothing of `sim`.

Customers of a segment divide their spending by CES, spending answers to the price index, a vendor earns what its
partner leaves of revenue less the cost of what it delivers, and each vendor's price is the one that a numerical search
finds best. Everything is written for one market and one draw, in the symbols of the model text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]

NEAR = np.log(4.0)
"""A best price is looked for within a factor of four of the present one; the search goes on from what it finds."""
PRECISE = 1e-10
"""What the search over log prices is asked for; the profit is flat at its top, so it finds about 1e-8."""
SETTLED = 1e-9
"""Largest change of a log price in a round at which the market counts as settled."""
MOST_ROUNDS = 500


@dataclass(frozen=True)
class Market:
    """One market in one draw.

    Attributes
    ----------
    access, quality
        [vendor, segment] share of customers that may be served, and log quality.
    path
        [segment] spending at a price index of 1, bn a year.
    cost, fee
        [vendor] unit cost, and the partner's share of revenue.
    sigma
        [segment] elasticity of substitution between vendors.
    eta
        Elasticity of the market's volume to its price index.
    """

    access: Array
    quality: Array
    path: Array
    cost: Array
    fee: Array
    sigma: Array
    eta: float

    def attraction(self, log_price: Array) -> Array:
        """[vendor, segment]."""
        return self.access * np.exp(self.quality + np.outer(log_price, 1.0 - self.sigma))

    def spending(self, log_price: Array) -> Array:
        """[vendor, segment] bn a year: shares of each segment's budget, which answers to the price index."""
        attraction = self.attraction(log_price)
        total = attraction.sum(axis=0)
        index = total ** (1.0 / (1.0 - self.sigma))
        budget = self.path * index ** (1.0 - self.eta)
        return attraction / total * budget

    def profit(self, v: int, own: float, log_price: Array) -> float:
        """Profit of one vendor at a log price of its own, bn a year: its part of revenue less cost times quantity."""
        prices = log_price.copy()
        prices[v] = own
        revenue = self.spending(prices)[v].sum()
        quantity = revenue / np.exp(own)
        return float((1.0 - self.fee[v]) * revenue - self.cost[v] * quantity)


def best_price(market: Market, v: int, log_price: Array) -> float:
    """Log price at which one vendor's profit is highest, by search over the profit itself."""
    now = log_price[v]
    scale = 1.0 / market.spending(log_price)[v].sum()
    found = optimize.minimize_scalar(
        lambda own: -market.profit(v, own, log_price) * scale,
        bounds=(now - NEAR, now + NEAR),
        method="bounded",
        options={"xatol": PRECISE},
    )
    return _polished(market, v, log_price, float(found.x))


def _polished(market: Market, v: int, log_price: Array, own: float) -> float:
    """Top of the parabola through three values of the profit around the best price found.

    A search stops where the profit is flat to rounding, some 1e-8 to 1e-6 from the top; three points far enough apart
    to differ tell more.
    """
    for step in (1e-3, 1e-4):
        low, middle, high = (market.profit(v, own + shift, log_price) for shift in (-step, 0.0, step))
        own += step * (low - high) / (2.0 * (low - 2.0 * middle + high))
    return own


def equilibrium(market: Market) -> Array:
    """[vendor] log prices at which nobody gains by another price, vendors answering one after the other.

    Raises
    ------
    RuntimeError
        If the market does not settle.
    """
    log_price = np.log(market.cost / (1.0 - market.fee)) + 0.3
    for _ in range(MOST_ROUNDS):
        before = log_price.copy()
        for v in range(len(log_price)):
            log_price[v] = best_price(market, v, log_price)
        if np.abs(log_price - before).max() < SETTLED:
            return log_price
    raise RuntimeError(f"the market has not settled within {MOST_ROUNDS} rounds")
