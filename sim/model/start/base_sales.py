"""Sales of every vendor in every market at the base date, as data and assumptions give them."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.model.luck import Draws
from sim.policies.levers import Axes
from sim.quantities import FloatArray, ordered_sum
from sim.scenario.schema import Scenario, Vendor
from sim.values import Schedule

MOST_OF_A_MARKET = 0.98
"""Named vendors together take at most this share of a market, so that the residual vendor is never negative."""


def market_observations(scenario: Scenario, draws: Draws) -> dict[str, list[tuple[int, FloatArray]]]:
    """Observed size of each market by month: its own data, or its share of what the world spends elsewhere.

    Returns
    -------
    For each market, pairs of month number and [draw] size, bn a year, in order.
    """
    calendar = scenario.calendar

    def dated(schedule: Schedule) -> list[tuple[int, FloatArray]]:
        return [(calendar.month_of(date or scenario.start), draws.number(number)) for date, number in schedule.steps]

    own = {name: dated(market.total_bn) for name, market in scenario.markets.items() if market.total_bn}
    weights = {
        name: draws.number(market.share_of_rest) for name, market in scenario.markets.items() if market.share_of_rest
    }
    if not weights:
        return own
    whole = ordered_sum(np.stack(list(weights.values())))
    elsewhere = [
        (month, world - ordered_sum(np.stack([_size_at(path, month) for path in own.values()])))
        for month, world in dated(scenario.world_total_bn)
    ]
    return own | {
        name: [(month, rest * weight / whole) for month, rest in elsewhere] for name, weight in weights.items()
    }


def _size_at(observed: list[tuple[int, FloatArray]], month: int) -> FloatArray:
    """Size in a month between observations, straight in logs."""
    months = [known for known, _ in observed]
    after = min(max(int(np.searchsorted(months, month)), 1), len(observed) - 1) if len(observed) > 1 else 0
    if after == 0 or months[after] == month:
        return observed[after][1]
    (begin, low), (end, high) = observed[after - 1], observed[after]
    weight = (month - begin) / (end - begin)
    return exp(log(low) * (1.0 - weight) + log(high) * weight)


def base_sales(scenario: Scenario, axes: Axes, draws: Draws, totals: FloatArray) -> FloatArray:
    """Sales at the base date (equation 9.5), [vendor, market, draw], bn a year; they sum to the market totals.

    A vendor's share of a market is drawn within its error. What it sells in the world beyond those markets is split
    over its other markets. The residual vendor of a market has the rest.

    Parameters
    ----------
    scenario, axes, draws
        Data, names and random numbers.
    totals
        [market, draw] size of each market at the base date, bn a year.
    """
    sales = np.zeros(axes.shape("vendor", "market"))
    for v, vendor in enumerate(scenario.vendors.values()):
        for market, of_market in vendor.sales.items():
            if of_market.share is not None:
                m = axes.markets.index(market)
                sales[v, m] = draws.number(of_market.share) * totals[m]
    _fit_within(sales, totals)
    for v, vendor in enumerate(scenario.vendors.values()):
        _split_the_rest(sales[v], vendor, axes, draws)
    _fit_within(sales, totals)
    for v, vendor in enumerate(scenario.vendors.values()):
        for market, of_market in vendor.sales.items():
            if of_market.residual:
                m = axes.markets.index(market)
                sales[v, m] = totals[m] - ordered_sum(sales[:, m])
    return sales


def _fit_within(sales: FloatArray, totals: FloatArray) -> None:
    """Scale named vendors down where together they would fill a market."""
    filled = ordered_sum(sales)
    limit = MOST_OF_A_MARKET * totals
    sales *= np.where(filled > limit, limit / np.where(filled > 0.0, filled, 1.0), 1.0)


def _split_the_rest(sales: FloatArray, vendor: Vendor, axes: Axes, draws: Draws) -> None:
    """Split a vendor's revenue beyond the markets with known shares over its other markets, [market, draw]."""
    splits = {name: draws.number(held.split) for name, held in vendor.sales.items() if held.split is not None}
    if vendor.world_revenue_bn is None or not splits:
        return
    world = draws.number(vendor.world_revenue_bn)
    known = ordered_sum(sales)
    scale = np.minimum(1.0, np.divide(MOST_OF_A_VENDOR * world, known, out=np.ones_like(world), where=known > 0.0))
    sales *= scale
    rest = world - ordered_sum(sales)
    whole = ordered_sum(np.stack(list(splits.values())))
    for market, split in splits.items():
        sales[axes.markets.index(market)] += rest * split / whole


MOST_OF_A_VENDOR = 0.98
"""Markets with known shares take at most this part of a vendor's world revenue, so that the split is never negative."""
