"""The kernels compiled by numba: the same bits, in one pass over the memory where NumPy takes many.

Imported only where fast arithmetic is asked for. Each loop over draws stands for an array expression in the module that
holds the equation, with the same operations in the same order; nothing is fused or reordered beyond that (no fast
math). Exponentials are left to NumPy, whose last bits differ from those of other libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np

from sim.model.equations.demand import LEAST, Choice, Served
from sim.quantities import MONTHS_PER_YEAR, FloatArray

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile at the first call; later processes read the machine code from numba's cache.

    The cache lies beside this file, in the user's cache folder where that cannot be written, or in NUMBA_CACHE_DIR.
    """
    try:
        return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # nowhere to write: every process compiles for itself
        return cast("Function", numba.njit(nogil=True, error_model="numpy")(function))


BLOCK = 256
"""Draws whose numbers of one market fit into the nearest cache; those of a block are done with before the next."""


# Choice ---------------------------------------------------------------------------------------------------------------


def _choose(appealing: FloatArray, moving_quality: FloatArray) -> Choice:
    """Equation 3.1 for one market, as `sim.model.equations.demand.choose`."""
    return Choice(*_attractions(appealing, np.exp(moving_quality)))


@compiled
def _attractions(appealing: FloatArray, quality: FloatArray) -> tuple[FloatArray, FloatArray]:
    sellers, segments, draws = appealing.shape
    attraction, total = np.empty_like(appealing), np.zeros((segments, draws))
    for v in range(sellers):
        for s in range(segments):
            known, new, own, whole = appealing[v, s], quality[v], attraction[v, s], total[s]
            for d in range(draws):
                own[d] = known[d] * new[d]
                whole[d] += own[d]
    return attraction, total


# Contracts and rationing ----------------------------------------------------------------------------------------------


def _spend(
    revenue: FloatArray, keeps: FloatArray, attraction: FloatArray, won: FloatArray, limit: FloatArray
) -> Served:
    """Equations 3.4 and 3.5 for one market, as `sim.model.equations.demand.spend`."""
    return Served(*_spend_by_blocks(revenue, keeps, attraction, won, limit))


@compiled
def _spend_by_blocks(
    revenue: FloatArray, keeps: FloatArray, attraction: FloatArray, won: FloatArray, limit: FloatArray
) -> tuple[FloatArray, FloatArray]:
    sellers, segments, draws = revenue.shape
    sales, total = np.zeros_like(limit), np.zeros_like(won)
    room, rest = np.empty((sellers, BLOCK)), np.empty((segments, BLOCK))
    for first in range(0, draws, BLOCK):
        here = (first, min(first + BLOCK, draws))
        if _renew((revenue, keeps, attraction, won), limit, sales, here):
            _cut(revenue, attraction, limit, sales, (room, rest), here)
            _offer(revenue, attraction, sales, (room, rest), here)
        _add_up(revenue, total, here)
    return sales, total


Contracts = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Block = tuple[int, int]
"""First draw of a block, and the first of the next."""


@compiled
def _renew(contracts: Contracts, limit: FloatArray, load: FloatArray, here: Block) -> bool:
    """Write what is wanted over revenue, and add up what is wanted of each vendor; tell whether one cannot serve it."""
    revenue, keeps, attraction, won = contracts
    first, last = here
    short = 0
    for v in range(revenue.shape[0]):
        asked, most = load[v, first:last], limit[v, first:last]
        for s in range(revenue.shape[1]):
            own, part = revenue[v, s, first:last], keeps[s, first:last]
            pull, new = attraction[v, s, first:last], won[s, first:last]
            for d in range(last - first):
                own[d] = own[d] * part[d] + pull[d] * new[d]
                asked[d] += own[d]
        for d in range(last - first):
            short += asked[d] > most[d]
    return short > 0


@compiled
def _cut(
    wanted: FloatArray,
    attraction: FloatArray,
    limit: FloatArray,
    load: FloatArray,
    spare: tuple[FloatArray, FloatArray],
    here: Block,
) -> None:
    """Cut sales to capacity; write down the room that vendors have left, and the rest by attraction of those."""
    first, last = here
    room, rest = spare
    draws = last - first
    fits, weight = np.empty(draws), np.zeros((rest.shape[0], draws))
    rest[:] = 0.0
    for v in range(wanted.shape[0]):
        most, asked, left = limit[v, first:last], load[v, first:last], room[v]
        for d in range(draws):
            fits[d] = min(most[d], asked[d]) / max(asked[d], LEAST)
            left[d] = max(most[d] - asked[d], 0.0)
        for s in range(wanted.shape[1]):
            own, pull, excess, pulls = wanted[v, s, first:last], attraction[v, s, first:last], rest[s], weight[s]
            for d in range(draws):
                excess[d] += own[d] * (1.0 - fits[d])
                own[d] *= fits[d]
                pulls[d] += pull[d] if left[d] > 0.0 else 0.0
    for s in range(rest.shape[0]):
        for d in range(draws):
            rest[s, d] /= max(weight[s, d], LEAST)


@compiled
def _offer(
    served: FloatArray, attraction: FloatArray, load: FloatArray, spare: tuple[FloatArray, FloatArray], here: Block
) -> None:
    """Let vendors take their parts of the rest, as far as they have room."""
    first, last = here
    room, rest = spare
    draws, segments = last - first, served.shape[1]
    offered, taken = np.empty((segments, draws)), np.empty(draws)
    for v in range(served.shape[0]):
        left, sold = room[v], load[v, first:last]
        taken[:] = 0.0
        for s in range(segments):
            own, pull, more = offered[s], attraction[v, s, first:last], rest[s]
            for d in range(draws):
                own[d] = (pull[d] if left[d] > 0.0 else 0.0) * more[d]
                taken[d] += own[d]
        for d in range(draws):
            taken[d] = min(left[d], taken[d]) / max(taken[d], LEAST)
            sold[d] = 0.0
        for s in range(segments):
            own, more = served[v, s, first:last], offered[s]
            for d in range(draws):
                own[d] += more[d] * taken[d]
                sold[d] += own[d]


@compiled
def _add_up(served: FloatArray, total: FloatArray, here: Block) -> None:
    """Add up what all vendors serve."""
    first, last = here
    for v in range(served.shape[0]):
        for s in range(served.shape[1]):
            own, whole = served[v, s, first:last], total[s, first:last]
            for d in range(last - first):
                whole[d] += own[d]


# Prices, money -------------------------------------------------------------------------------------------------------


@compiled
def _price_elasticity(shares: FloatArray, revenue: FloatArray, sigma: FloatArray, eta: FloatArray) -> FloatArray:
    """Equation 4.1 for [market, segment, draw], as `price_elasticity_atkeson_burstein_2008`."""
    markets, segments, draws = shares.shape
    elasticity, total, plain = np.zeros((markets, draws)), np.empty(draws), np.empty(draws)
    for m in range(markets):
        total[:], plain[:] = 0.0, 0.0
        mean = elasticity[m]
        for s in range(segments):
            share, sold, own = shares[m, s], revenue[m, s], sigma[s]
            for d in range(draws):
                by_segment = own[d] - (own[d] - eta[d]) * share[d]
                total[d] += sold[d]
                mean[d] += by_segment * sold[d]
                plain[d] += by_segment
        for d in range(draws):
            mean[d] = mean[d] / total[d] if total[d] > 0.0 else plain[d] / segments
    return elasticity


@compiled
def _book_month(
    revenue_flow: FloatArray, profit_flow: FloatArray, sales: FloatArray, margins: FloatArray, fixed_cost: FloatArray
) -> None:
    """As `sim.model.equations.pricing.book_month`."""
    channels, draws = sales.shape
    for j in range(channels):
        revenue, profit = revenue_flow[j], profit_flow[j]
        sold, margin, fixed = sales[j], margins[j], fixed_cost[j]
        for d in range(draws):
            revenue[d] += sold[d] / MONTHS_PER_YEAR
            profit[d] += (margin[d] * sold[d] - fixed[d]) / MONTHS_PER_YEAR


COMPILED = {
    "choose": _choose,
    "spend": _spend,
    "price_elasticity": _price_elasticity,
    "book_month": _book_month,
}
"""The compiled set, by the names of `sim.model.equations.kernels.Kernels`."""
