"""A quarter's prices of a market, as for one draw (docs/model.md, section 4).

What is said once for a draw holds for `WIDTH` of them, which `load` and `store` take and put back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_draws
from sim.arithmetic.lanes import WIDTH, load, store, where
from sim.model.equations.pricing import (
    adjusted_price,
    best_response_price,
    elasticity_at_share,
    free_part_of_sales,
    mean_of_groups,
    short_run_elasticity,
)
from sim.quantities import BoolArray, FloatArray, IntArray


class Demand(NamedTuple):
    """What customers of a market ask for, [group, draw] if not said otherwise; names as in `World`.

    Attributes
    ----------
    segments
        How many of the groups are whole segments.
    attraction, revenue
        [seller, group, draw] A, and spending under contract, bn a year.
    per_attraction, free
        1 / sum A, and spending up for choice, bn a year.
    sigma, eta, weight
        Elasticities between vendors and, [draw], of the market's volume; [draw] weight of the short run (equation 4.4).
    """

    segments: int
    attraction: FloatArray
    revenue: FloatArray
    per_attraction: FloatArray
    free: FloatArray
    sigma: FloatArray
    eta: FloatArray
    weight: FloatArray


class Asking(NamedTuple):
    """What sellers know of themselves, [channel, draw]; names as in `World` and `Terms`.

    Attributes
    ----------
    channel
        [seller] channels of the market that are in use in some draw.
    """

    channel: IntArray
    sales: FloatArray
    cost: FloatArray
    fee: FloatArray
    tax: FloatArray


@compiled
def best_prices(demand: Demand, asking: Asking, found: FloatArray) -> None:
    """Write the prices that sellers want, each by itself (equations 4.1, 4.2 and 4.4), [seller, draw]."""
    draws = len(demand.eta)
    rest = draws - draws % WIDTH
    for k in range(len(asking.channel)):
        for d in range(0, rest, WIDTH):
            _best_price(demand, asking, found, k, d, WIDTH)
        if rest < draws:
            _best_price(demand, asking, found, k, rest, draws - rest)


@of_draws
def _best_price(demand: Demand, asking: Asking, found: FloatArray, k: int, d: int, width: int) -> None:
    """Best response of a seller; segments count alike where it has sold nothing."""
    row, eta, groups = asking.channel[k], load(demand.eta, d, width), demand.attraction.shape[1]
    sales = load(asking.sales, row, d, width)
    idle = where(sales > 0.0, 0.0, 1.0)
    weighed = weights = plain = chosen = np.zeros_like(eta)
    for g in range(groups):
        share = load(demand.attraction, k, g, d, width) * load(demand.per_attraction, g, d, width)
        by_group = elasticity_at_share(share, load(demand.sigma, g, d, width), eta)
        weight = load(demand.revenue, k, g, d, width) + idle * (1.0 if g < demand.segments else 0.0)
        weighed, weights, plain = weighed + by_group * weight, weights + weight, plain + by_group
        chosen = chosen + share * load(demand.free, g, d, width)
    mean = mean_of_groups(weighed, weights, plain / groups)
    elasticity = short_run_elasticity(mean, free_part_of_sales(chosen, sales), load(demand.weight, d, width))
    taken = load(asking.fee, row, d, width) + load(asking.tax, row, d, width)
    store(best_response_price(load(asking.cost, row, d, width), elasticity, taken), found, k, d, width)


@compiled
def move_prices(
    channel: IntArray, active: BoolArray, target: FloatArray, adjustment_share: FloatArray, price: FloatArray
) -> None:
    """Let the prices of channels in use go part of the way (equation 4.3), in place.

    Parameters
    ----------
    channel
        [seller] which channels they are.
    active, target, price
        [channel, draw] whether each is in use, [seller, draw] where prices go, and [channel, draw] prices.
    adjustment_share
        [draw] as in `adjusted_price`.
    """
    for k in range(len(channel)):
        now, goal, used = price[channel[k]], target[k], active[channel[k]]
        for d in range(len(now)):
            moved = adjusted_price(now[d], goal[d], adjustment_share[d])
            now[d] = moved if used[d] else now[d]
