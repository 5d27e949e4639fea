"""What a channel that closes leaves to its vendor's others (docs/model.md, section 5)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
from sim.model.equations.demand import LEAST, kept_contracts
from sim.quantities import BoolArray, FloatArray, IntArray


class Customers(NamedTuple):
    """Customers of a market's sellers, [seller, group, draw]: whom they may serve, attraction, contracts."""

    access: FloatArray
    attraction: FloatArray
    revenue: FloatArray


class Means(NamedTuple):
    """Channels in use, their capacity, what is on order and their sales, [channel, draw]; what arrives in which month.

    Attributes
    ----------
    pipeline
        [month, channel, draw].
    """

    active: BoolArray
    capacity: FloatArray
    on_order: FloatArray
    sales: FloatArray
    pipeline: FloatArray


@compiled
def close_channels(
    leaving: BoolArray, rows: IntArray, places: IntArray, draw: IntArray, customers: Customers, means: Means
) -> None:
    """Close channels, and give their customers, capacity and orders to the vendor's others, in place.

    Customers divide as they would now choose between the others; contracts go over as far as these may serve them
    (equation 3.10), capacity and orders as contracts do. Where there are no others contracts end with the month's
    choices, and what was ordered arrives nowhere.

    Parameters
    ----------
    leaving
        [case, slot] which channels of a vendor close.
    rows, places
        [case, slot] its channels, below 0 for none, and their places among the sellers of the market.
    draw
        [case] the draw.
    """
    slots = rows.shape[1]
    parts, shares = np.empty((slots, customers.revenue.shape[1])), np.empty(slots)
    stays = np.empty(slots, dtype=np.bool_)
    for c in range(len(draw)):
        d = draw[c]
        for j in range(slots):
            stays[j] = rows[c, j] >= 0 and means.active[rows[c, j], d] and not leaving[c, j]
        for k in range(slots):
            if leaving[c, k]:
                old, place = rows[c, k], places[c, k]
                means.active[old, d] = False
                if stays.any():
                    _divide_customers(customers.attraction, places[c], stays, d, parts)
                    _divide_means(customers.revenue[place, :, d], stays, parts, shares)
                    for j in range(slots):
                        if stays[j]:
                            _move_customers(customers, place, places[c, j], d, parts[j])
                            _move_means(means, old, rows[c, j], d, shares[j])
                            means.sales[rows[c, j], d] = _sum(customers.revenue[places[c, j], :, d])
                    _leave_nothing(customers, place, means, old, d)
                means.capacity[old, d] = 0.0


@compiled
def _divide_customers(attraction: FloatArray, places: IntArray, stays: BoolArray, d: int, parts: FloatArray) -> None:
    """Write the part of each group, [slot, group], that each channel would win; all alike where nobody attracts it."""
    slots, groups = parts.shape
    for g in range(groups):
        whole, count = 0.0, 0.0
        for j in range(slots):
            if stays[j]:
                whole += attraction[places[j], g, d]
                count += 1.0
        for j in range(slots):
            pull = 0.0
            if stays[j]:
                pull = attraction[places[j], g, d] / max(whole, LEAST) if whole > 0.0 else 1.0 / count
            parts[j, g] = pull


@compiled
def _divide_means(contracts: FloatArray, stays: BoolArray, parts: FloatArray, shares: FloatArray) -> None:
    """Write the part of contracts that each gets, [slot]; the first one all where there are none."""
    slots, groups = parts.shape
    whole, first = 0.0, -1
    for j in range(slots):
        shares[j] = 0.0
        for g in range(groups):
            shares[j] += parts[j, g] * contracts[g]
        whole += shares[j]
        if stays[j] and first < 0:
            first = j
    for j in range(slots):
        shares[j] /= max(whole, LEAST)
    if not whole > 0.0:
        shares[first] = 1.0


@compiled
def _move_customers(customers: Customers, old: int, new: int, d: int, part: FloatArray) -> None:
    access, attraction, revenue = customers
    for g in range(len(part)):
        goes = part[g] * kept_contracts(access[old, g, d], access[new, g, d])
        revenue[new, g, d] += goes * revenue[old, g, d]
        attraction[new, g, d] += part[g] * attraction[old, g, d]


@compiled
def _move_means(means: Means, old: int, new: int, d: int, share: float) -> None:
    means.capacity[new, d] += share * means.capacity[old, d]
    means.on_order[new, d] += share * means.on_order[old, d]
    for month in range(len(means.pipeline)):
        means.pipeline[month, new, d] += share * means.pipeline[month, old, d]


@compiled
def _leave_nothing(customers: Customers, place: int, means: Means, old: int, d: int) -> None:
    for g in range(customers.revenue.shape[1]):
        for held in customers:
            held[place, g, d] = 0.0
    means.sales[old, d] = means.on_order[old, d] = 0.0
    for month in range(len(means.pipeline)):
        means.pipeline[month, old, d] = 0.0


@of_numbers
def _sum(values: FloatArray) -> float:
    total = 0.0
    for value in values:
        total += value
    return total
