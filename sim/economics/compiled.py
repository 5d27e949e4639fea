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

from sim.economics.demand import Choice, Spent
from sim.economics.kernels import Kernels
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


# Choice ---------------------------------------------------------------------------------------------------------------


def _choose(
    access: FloatArray, fixed_quality: FloatArray, moving_quality: FloatArray, log_price: FloatArray, sigma: FloatArray
) -> Choice:
    """Equation 3.1 for one market, as `sim.economics.demand.choose`."""
    pull = _exponents(fixed_quality, moving_quality, log_price, sigma)
    np.exp(pull, out=pull)
    total = np.zeros(access.shape[1:])
    shares = _share_out(access, pull, total)
    return Choice(pull, total, shares)


@compiled
def _exponents(
    fixed_quality: FloatArray, moving_quality: FloatArray, log_price: FloatArray, sigma: FloatArray
) -> FloatArray:
    sellers, segments, draws = fixed_quality.shape
    exponents = np.empty_like(fixed_quality)
    for v in range(sellers):
        price, moving = log_price[v], moving_quality[v]
        for s in range(segments):
            fixed, elasticity, exponent = fixed_quality[v, s], sigma[s], exponents[v, s]
            for d in range(draws):
                exponent[d] = price[d] * (1.0 - elasticity[d]) + moving[d] + fixed[d]
    return exponents


@compiled
def _share_out(access: FloatArray, attraction: FloatArray, total: FloatArray) -> FloatArray:
    """Let segments choose vendors as far as these have access, which cuts their attraction."""
    sellers, segments, draws = access.shape
    shares, inverse = np.empty_like(access), np.empty(draws)
    for s in range(segments):
        whole = total[s]
        for v in range(sellers):
            open_to, own = access[v, s], attraction[v, s]
            for d in range(draws):
                own[d] *= open_to[d]
                whole[d] += own[d]
        for d in range(draws):
            inverse[d] = 1.0 / whole[d] if whole[d] > 0.0 else 0.0
        for v in range(sellers):
            own, share = attraction[v, s], shares[v, s]
            for d in range(draws):
                share[d] = own[d] * inverse[d]
    return shares


# Contracts and rationing ----------------------------------------------------------------------------------------------


def _spend(
    revenue: FloatArray, total: FloatArray, shares: FloatArray, budget: FloatArray, churn: FloatArray, limit: FloatArray
) -> Spent:
    """Equations 3.4 and 3.5 for one market, as `sim.economics.demand.spend`."""
    free, carried, keeps = _renew_budget(total, budget, churn)
    sales = np.zeros_like(limit)
    served, short = _renewed((revenue, shares, free, keeps), limit, sales)
    if short:
        _ration(shares, limit, served, sales)
    total, unmet = _add_up(served, budget)
    return Spent(served, sales, total, unmet, free, carried)


@compiled
def _renew_budget(
    total: FloatArray, budget: FloatArray, churn: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Spending up for choice, spending that goes on, and the part of a contract that does."""
    segments, draws = budget.shape
    free, carried, keeps = np.empty_like(budget), np.empty_like(budget), np.empty_like(budget)
    for s in range(segments):
        whole, can_pay, chosen, going_on, part = total[s], budget[s], free[s], carried[s], keeps[s]
        for d in range(draws):
            stays = 1.0 - churn[d]
            contracted = stays * whole[d]
            chosen[d] = max(can_pay[d] - contracted, 0.0)
            kept = min(1.0, can_pay[d] / contracted if contracted > 0.0 else 1.0)
            part[d] = stays * kept
            going_on[d] = kept * contracted
    return free, carried, keeps


@compiled
def _renewed(
    contracts: tuple[FloatArray, FloatArray, FloatArray, FloatArray], limit: FloatArray, sales: FloatArray
) -> tuple[FloatArray, bool]:
    """Give what is wanted; tell whether some vendor cannot serve it."""
    revenue, shares, free, keeps = contracts
    sellers, segments, draws = revenue.shape
    wanted, short = np.empty_like(revenue), 0
    for v in range(sellers):
        load, most = sales[v], limit[v]
        for s in range(segments):
            old, part = revenue[v, s], keeps[s]
            share, chosen, new = shares[v, s], free[s], wanted[v, s]
            for d in range(draws):
                new[d] = old[d] * part[d] + share[d] * chosen[d]
                load[d] += new[d]
        for d in range(draws):
            short += load[d] > most[d]
    return wanted, short > 0


@compiled
def _ration(shares: FloatArray, limit: FloatArray, served: FloatArray, sales: FloatArray) -> None:
    """Cut sales to capacity, and offer the rest once; what is wanted is overwritten by what is served."""
    sellers, segments, draws = shares.shape
    room, takers = np.empty_like(sales), np.empty_like(served)
    wanted, given, weight = np.zeros((segments, draws)), np.zeros((segments, draws)), np.zeros((segments, draws))
    for v in range(sellers):
        fits = _room(limit[v], sales[v], room[v])
        for s in range(segments):
            _cut(fits, served[v, s], wanted[s], given[s])
            _count_takers(room[v], shares[v, s], takers[v, s], weight[s])
    for s in range(segments):
        for d in range(draws):
            excess = max(wanted[s, d] - given[s, d], 0.0)
            weight[s, d] = excess / weight[s, d] if weight[s, d] > 0.0 else 0.0
    for v in range(sellers):
        _take(room[v], takers[v], weight, served[v], sales[v])


@compiled
def _room(limit: FloatArray, load: FloatArray, room: FloatArray) -> FloatArray:
    """Write the room that a vendor has left; give the part of what is wanted that it can serve."""
    fits = np.empty_like(load)
    for d in range(len(load)):
        over = load[d] > limit[d]
        fits[d] = limit[d] / load[d] if over else 1.0
        room[d] = 0.0 if over else limit[d] - load[d]
    return fits


@compiled
def _cut(fits: FloatArray, served: FloatArray, wanted: FloatArray, given: FloatArray) -> None:
    """Cut one vendor's sales to a segment to what fits; add them up before and after."""
    for d in range(len(fits)):
        wanted[d] += served[d]
        served[d] *= fits[d]
        given[d] += served[d]


@compiled
def _count_takers(room: FloatArray, shares: FloatArray, takers: FloatArray, weight: FloatArray) -> None:
    for d in range(len(room)):
        takers[d] = shares[d] if room[d] > 0.0 else 0.0
        weight[d] += takers[d]


@compiled
def _take(room: FloatArray, takers: FloatArray, per_weight: FloatArray, served: FloatArray, load: FloatArray) -> None:
    """Let one vendor take its part of the rest, as far as it has room."""
    segments, draws = takers.shape
    offered, taken = np.zeros(draws), np.empty(draws)
    for s in range(segments):
        for d in range(draws):
            takers[s, d] *= per_weight[s, d]
            offered[d] += takers[s, d]
    for d in range(draws):
        taken[d] = room[d] / offered[d] if offered[d] > room[d] else 1.0
    load[:] = 0.0
    for s in range(segments):
        for d in range(draws):
            served[s, d] += takers[s, d] * taken[d]
            load[d] += served[s, d]


@compiled
def _add_up(served: FloatArray, budget: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Add up what all vendors serve; the rest of the budget is unmet."""
    segments, draws = budget.shape
    total, unmet = np.zeros_like(budget), np.empty_like(budget)
    for s in range(segments):
        whole, can_pay, rest = total[s], budget[s], unmet[s]
        for v in range(len(served)):
            own = served[v, s]
            for d in range(draws):
                whole[d] += own[d]
        for d in range(draws):
            rest[d] = max(can_pay[d] - whole[d], 0.0)
    return total, unmet


# Quality, prices, profit ----------------------------------------------------------------------------------------------


@compiled
def _drift(
    gained: FloatArray, gap: FloatArray, share: FloatArray, shocks: FloatArray, learned: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Equations 3.8 and 3.11, as `sim.economics.trend.drift`."""
    vendors, markets, draws = gained.shape
    now, moved = np.empty_like(gained), np.empty_like(gained)
    for v in range(vendors):
        for m in range(markets):
            for d in range(draws):
                now[v, m, d] = gained[v, m, d] + (gap[v, m, d] - gained[v, m, d]) * share[v, m, d]
                moved[v, m, d] = now[v, m, d] + shocks[v, m, d] + learned[v, d]
    return now, moved


@compiled
def _add_month(flow: FloatArray, yearly: FloatArray) -> None:
    """As `sim.economics.welfare.add_month`."""
    vendors, markets, draws = flow.shape
    for v in range(vendors):
        for m in range(markets):
            for d in range(draws):
                flow[v, m, d] += yearly[v, m, d] / MONTHS_PER_YEAR


@compiled
def _price_elasticity(shares: FloatArray, revenue: FloatArray, sigma: FloatArray, eta: FloatArray) -> FloatArray:
    """Equation 4.1 for [market, segment, draw], as `sim.economics.pricing.price_elasticity_atkeson_burstein_2008`."""
    markets, segments, draws = shares.shape
    elasticity, total, plain = np.zeros((markets, draws)), np.zeros((markets, draws)), np.zeros((markets, draws))
    for m in range(markets):
        for s in range(segments):
            for d in range(draws):
                by_segment = sigma[s, d] - (sigma[s, d] - eta[d]) * shares[m, s, d]
                total[m, d] += revenue[m, s, d]
                elasticity[m, d] += by_segment * revenue[m, s, d]
                plain[m, d] += by_segment
        for d in range(draws):
            sold = total[m, d] > 0.0
            elasticity[m, d] = elasticity[m, d] / total[m, d] if sold else plain[m, d] / segments
    return elasticity


@compiled
def _profits(
    sales: FloatArray, price: FloatArray, cost: FloatArray, fee: FloatArray, fixed_cost: FloatArray, stake: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Equation 4.15, as `sim.economics.pricing.profits`."""
    vendors, markets, draws = sales.shape
    own, to_co_owners = np.empty_like(sales), np.zeros((markets, draws))
    for v in range(vendors):
        for m in range(markets):
            for d in range(draws):
                margin = 1.0 - fee[v, m, d] - cost[v, m, d] / price[v, m, d]
                operating = margin * sales[v, m, d] - fixed_cost[v, m, d]
                own[v, m, d] = stake[v, m, d] * operating
                to_co_owners[m, d] += operating - own[v, m, d]
    return own, to_co_owners


COMPILED = Kernels(
    choose=_choose,
    spend=_spend,
    drift=_drift,
    price_elasticity=_price_elasticity,
    profits=_profits,
    add_month=_add_month,
)
"""The compiled set."""
