"""Goods that are declared as of another origin than theirs: how many, and who has the duty that they avoid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.model.equations.goods_trade import moved_towards
from sim.quantities import FloatArray, ordered_sum, quotient

LEAST_GAP = 1e-9
"""Differences of rates below it are what rounding leaves."""


def rerouted_in_the_end(gap: FloatArray, response: FloatArray, limit: FloatArray) -> FloatArray:
    """Part of a list's goods that takes each route once it has come round (equation 6.30), [route, list, draw].

    Costs of the detour differ between goods, evenly up to limit / response; those go for which it is below the gap.

    Parameters
    ----------
    gap
        [route, list, draw] tariff above the base rate less that of the route, share of one.
    response, limit
        [route, list, draw] part of the goods with each one of gap, and at most.
    """
    share = np.minimum(limit, response * np.where(gap > LEAST_GAP, gap, 0.0))
    within: FloatArray = share / np.maximum(ordered_sum(share), 1.0)
    return within


def rerouted_later(now: FloatArray, goal: FloatArray, speed: FloatArray, months: float) -> FloatArray:
    """Part of a list's goods on each route some months later (equation 6.31): it rises at a speed, and falls at once.

    Parameters
    ----------
    now, goal
        [route, list, draw] where it is, and where it goes.
    speed
        [draw] log share per year.
    months
        How much later.
    """
    return np.minimum(moved_towards(now, goal, speed, months), goal)


class Detoured(NamedTuple):
    """Goods of which a part takes detours; shares of one of the value of all goods of the list.

    Attributes
    ----------
    priced
        [list, draw] tariff that would make the goods as dear as they are.
    shares, avoided
        [route, list, draw] part of the goods that takes each route, and the duty that this avoids.
    kept, wasted
        [route, list, draw] what of it traders and their helpers have, and what the detour uses up; the
        rest goes to buyers.
    """

    priced: FloatArray
    shares: FloatArray
    avoided: FloatArray
    kept: FloatArray
    wasted: FloatArray


def detoured(
    tariff: FloatArray,
    gap: FloatArray,
    shares: FloatArray,
    response: FloatArray,
    split: tuple[FloatArray, FloatArray],
) -> Detoured:
    """Divide up the duty that is avoided (equation 6.32).

    Parameters
    ----------
    tariff
        [list, draw] rates, share of one.
    gap, shares, response
        [route, list, draw] rate that each route saves, part of the goods that takes it, and how that answers.
    split
        [draw] part of the cost that is real, and part of what is saved after cost that is passed on to buyers.
    """
    real_cost, passed_on = split
    avoided = shares * np.where(shares > 0.0, gap, 0.0)
    cost = quotient(0.5 * shares * shares, response, response > 0.0, np.zeros_like(shares))
    saved = avoided - cost
    kept = (1.0 - passed_on) * saved + (1.0 - real_cost) * cost
    return Detoured(tariff - ordered_sum(passed_on * saved), shares, avoided, kept, real_cost * cost)
