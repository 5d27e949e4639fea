"""A difference shared out among instruments by Shapley values, in every draw: pure functions on arrays.

A subset of instruments is a whole number, in which bit `k` stands for instrument `k`. The part of an instrument is what
it adds to those that came before it, averaged over all orders in which they could come (Shapley 1953). Parts add up to
the whole difference; who never adds anything has exactly 0; who adds the same everywhere has the same part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import factorial
from typing import NamedTuple

import numpy as np

from sim.quantities import FloatArray, IntArray

ORDER_SEED = 1
"""Of the orders, which do not depend on the seed of the runs."""


class Parts(NamedTuple):
    """Parts of a difference.

    Attributes
    ----------
    parts
        [instrument, ..., draw].
    order_error
        [instrument, ...] standard error of the mean over draws that comes of orders left out; 0 where none are.
    """

    parts: FloatArray
    order_error: FloatArray


def of_all_subsets(values: FloatArray) -> Parts:
    """Share out by all subsets, exactly.

    What is added up is sorted before, so that the order in which instruments are listed moves no bit.

    Parameters
    ----------
    values
        [subset, ..., draw] the figure with each subset of instruments, 2^n of them.
    """
    count = len(values).bit_length() - 1
    if len(values) != 1 << count:
        raise ValueError(f"expected values of all subsets, 2^n of them, found {len(values)}")
    subsets, found = np.arange(len(values)), []
    for k in range(count):
        without = subsets[subsets >> k & 1 == 0]
        weights = np.array([_weight(int(subset).bit_count(), count) for subset in without])
        added = values[without | 1 << k] - values[without]
        found.append(_sorted_sum(weights.reshape(-1, *[1] * (values.ndim - 1)) * added))
    parts = np.stack(found) if found else np.empty((0, *values.shape[1:]))
    return Parts(parts, np.zeros(parts.shape[:-1]))


def _weight(size: int, count: int) -> float:
    """Share of all orders in which exactly these come before one of them."""
    return factorial(size) * factorial(count - size - 1) / factorial(count)


def _sorted_sum(terms: FloatArray) -> FloatArray:
    summed: FloatArray = np.sort(terms, axis=0).sum(axis=0)
    return summed


def orders_of(count: int, pairs: int) -> IntArray:
    """Draw orders in pairs, each followed by itself backwards, [order, place]: who comes early once comes late next.

    Parameters
    ----------
    count
        Instruments.
    pairs
        How many pairs.
    """
    rng = np.random.default_rng([ORDER_SEED, count])
    drawn = [rng.permutation(count) for _ in range(pairs)]
    return np.array([order for one in drawn for order in (one, one[::-1])], dtype=np.int64)


def subsets_along(order: IntArray) -> Iterator[int]:
    """Give the subsets that an order goes through, from none to all."""
    subset = 0
    yield subset
    for k in map(int, order):
        subset |= 1 << k
        yield subset


def of_orders(orders: IntArray, values: Mapping[int, FloatArray]) -> Parts:
    """Share out by some orders; parts still add up to the whole difference in every draw.

    Parameters
    ----------
    orders
        As `orders_of` gives them, two pairs at least.
    values
        [..., draw] the figure by subset, for all that the orders go through.
    """
    shape = values[0].shape
    added = np.empty((*orders.shape, *shape))
    for place, order in enumerate(orders):
        path = list(subsets_along(order))
        for k, before, after in zip(order, path[:-1], path[1:], strict=True):
            added[place, k] = values[after] - values[before]
    by_pair = added.reshape(-1, 2, *added.shape[1:]).mean(axis=1)
    spread = by_pair.mean(axis=-1).std(axis=0, ddof=1)
    return Parts(by_pair.mean(axis=0), spread / np.sqrt(len(by_pair)))
