"""Static equilibrium of prices (docs/model.md, section 4)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, spread
from sim.arithmetic.elementary import exp, log
from sim.errors import ImpossibleDrawsError
from sim.model.equations.demand import budgets, inverse, log_price_index, write_at_price
from sim.model.equations.nests import ALONE, Nests, Vendor, divide_among, write_joint_prices
from sim.model.equations.pricing import best_response_price, write_mean_elasticity
from sim.model.equations.terms import Terms
from sim.quantities import BoolArray, FloatArray, IntArray

TOLERANCE = 1e-12
"""Largest distance in logs of any price from the best response at which a draw counts as solved."""
MOST_STEPS = 1000
"""Most rounds of best responses."""
ROUNDS_AT_A_STEP = 100
"""Rounds after which steps are half as long: a vendor that is nearly alone at a low price and not at a high one may
answer each with the other."""
NEAR = 0.1
"""Largest distance in logs at which the last two rounds tell how far to go: best responses are nearly straight there,
and prices stay with the equilibrium that half steps lead to where there are several."""
AT_A_TIME = 64
"""Draws that are solved together: as many as the processor holds at hand."""


def bertrand_nash_prices(
    pull: FloatArray,
    path_bn: FloatArray,
    cost: FloatArray,
    taken: FloatArray,
    sigma: FloatArray,
    eta: FloatArray,
    together: tuple[Nests, Terms] | None = None,
) -> FloatArray:
    """Static Bertrand-Nash prices: each vendor's prices are its best response to all others' (section 4).

    Parameters
    ----------
    pull
        [vendor, ..., segment, draw] attraction at a price of 1 (`appeal`), of one market or of several.
    path_bn
        [..., segment, draw] spending at a price index of 1, bn a year.
    cost, taken
        [vendor, ..., draw] unit cost and share of revenue that others take.
    sigma, eta
        [segment, draw] and [draw] elasticities.
    together
        Vendors that sell in several ways, of which rows are then channels, and their terms.

    Returns
    -------
    [vendor, ..., draw] prices. They move half of the way in logs in each round, since whole steps circle where
    rivals are close substitutes, and half as far after each ROUNDS_AT_A_STEP; near the solution they move as far as
    takes them there if distances go on to shrink in proportion to steps (Irons and Tuck 1969, International Journal
    for Numerical Methods in Engineering 1(3)), never beyond the best response. A draw stops moving once the prices of
    those who sell in it are solved, so its bits do not depend on its neighbours, nor on rows that sell in these alone.

    Raises
    ------
    ImpossibleDrawsError
        Where a draw is not solved after MOST_STEPS rounds.
    """
    count, draws = len(cost), len(eta)
    logs = log(best_response_price(cost, np.broadcast_to(sigma[0], cost.shape), taken)).reshape(count, -1, draws)
    offers = [spread(held, cost.shape).reshape(logs.shape) for held in (cost, taken)]
    pull = pull.reshape(count, -1, *sigma.shape)
    path = spread(path_bn, (*cost.shape[1:-1], *sigma.shape)).reshape(pull.shape[1:])
    moving: BoolArray = np.zeros(draws, dtype=np.bool_)
    for m in range(pull.shape[1]):
        alone = np.ones_like(logs[:, m])
        nest, weights, kappa, stake, mu = np.full(count, ALONE), alone, sigma, alone, eta
        if together:
            nests, terms = together
            nest, weights, kappa, stake, mu = nests.nest, nests.weights, nests.kappa, terms.stake, nests.mu
        market = _Market(pull[:, m], path[m], weights, kappa, offers[0][:, m], offers[1][:, m], stake, sigma, eta, mu)
        for first in range(0, draws, AT_A_TIME):
            here = ..., slice(first, first + AT_A_TIME)
            held = np.ascontiguousarray(logs[:, m][here])
            some = _Market(*(np.ascontiguousarray(values[here]) for values in market))
            moving[here] |= _respond_in_turn(some, nest, MOST_STEPS, held)
            logs[:, m][here] = held
    if moving.any():
        raise ImpossibleDrawsError(f"there is no equilibrium of prices within {MOST_STEPS} steps", moving)
    return exp(logs).reshape(cost.shape)


class _Market(NamedTuple):
    """One market for compiled code.

    Attributes
    ----------
    pull, path
        [channel, group, draw] and [group, draw] as in `bertrand_nash_prices`.
    weights, kappa
        As in `Nests`.
    cost, taken, stake
        [channel, draw] unit costs, and terms.
    sigma, eta, mu
        Elasticities as in `Vendor`.
    """

    pull: FloatArray
    path: FloatArray
    weights: FloatArray
    kappa: FloatArray
    cost: FloatArray
    taken: FloatArray
    stake: FloatArray
    sigma: FloatArray
    eta: FloatArray
    mu: FloatArray


@compiled
def _respond_in_turn(  # noqa: C901 (a loop for each axis)
    market: _Market, nest: IntArray, most: int, logs: FloatArray
) -> BoolArray:
    """Move the logs of prices by the rounds of `bertrand_nash_prices`; tell in which draws they still move, [draw]."""
    target, sells = np.empty(logs.shape), _sells(market.pull)
    steps = _Steps(np.zeros(logs.shape), np.empty(logs.shape[1]), np.empty(logs.shape[1], np.bool_))
    alone, shares, revenue = np.empty(market.pull.shape), np.empty(market.pull.shape), np.empty(market.pull.shape)
    vendors = nest.max() + 1
    several = np.empty((vendors, logs.shape[1]), np.bool_)
    for n in range(vendors):
        several[n] = sells[nest == n].sum(axis=0) > 1
    for done in range(most):
        write_at_price(market.pull, logs, market.sigma, alone)
        attraction = alone.copy() if vendors else alone
        for n in range(vendors):
            divide_among(np.flatnonzero(nest == n), alone, market.weights, market.kappa, attraction)
        _share_and_sell(market, attraction, shares, revenue)
        write_mean_elasticity(shares, revenue, market.sigma, market.eta, target)
        for k in range(len(logs)):
            for d in range(logs.shape[1]):
                target[k, d] = best_response_price(market.cost[k, d], target[k, d], market.taken[k, d])
        for n in range(vendors):
            if several[n].any():
                _join(market, np.flatnonzero(nest == n), several[n], shares, revenue, target)
        _move(sells, target, done, steps, logs)
        if not steps.moving.any():
            break
    return steps.moving


@compiled
def _sells(pull: FloatArray) -> BoolArray:
    """Whether some group can choose a channel, [channel, draw]."""
    channels, groups, draws = pull.shape
    found = np.zeros((channels, draws), np.bool_)
    for k in range(channels):
        for g in range(groups):
            for d in range(draws):
                found[k, d] |= pull[k, g, d] > 0.0
    return found


@compiled
def _share_and_sell(market: _Market, attraction: FloatArray, shares: FloatArray, revenue: FloatArray) -> None:
    """Write shares and revenue at some attractions."""
    channels, groups, draws = attraction.shape
    total, spent = np.empty(draws), np.empty(draws)
    for g in range(groups):
        total[:] = 0.0
        for k in range(channels):
            for d in range(draws):
                total[d] += attraction[k, g, d]
        for d in range(draws):
            index = log_price_index(total[d], market.sigma[g, d])
            spent[d] = budgets(market.path[g, d], index, market.eta[d])
            total[d] = inverse(total[d])
        for k in range(channels):
            for d in range(draws):
                shares[k, g, d] = attraction[k, g, d] * total[d]
                revenue[k, g, d] = shares[k, g, d] * spent[d]


@compiled
def _join(
    market: _Market, own: IntArray, several: BoolArray, shares: FloatArray, revenue: FloatArray, target: FloatArray
) -> None:
    """Write the joint best responses of a vendor's channels where it sells in several."""
    rows = Vendor(market.cost[own], market.taken[own], market.stake[own], market.sigma, market.eta, market.mu)
    joint = target[own]
    write_joint_prices(rows, shares[own], revenue[own], several, joint)
    target[own] = joint


class _Steps(NamedTuple):
    """How prices move.

    Attributes
    ----------
    left
        [channel, draw] distances in logs from best responses before the last step, 0 of those who do not sell and
        where there was none.
    length
        [draw] part of the way that it went.
    moving
        [draw] whether the draw is not solved.
    """

    left: FloatArray
    length: FloatArray
    moving: BoolArray


@compiled
def _move(sells: BoolArray, target: FloatArray, done: int, steps: _Steps, logs: FloatArray) -> None:
    """Go towards the targets in draws that are not solved; those who do not sell are at theirs."""
    channels, draws = logs.shape
    largest, along, across = np.zeros(draws), np.zeros(draws), np.zeros(draws)
    for k in range(channels):
        for d in range(draws):
            target[k, d] = log(target[k, d])
            left = target[k, d] - logs[k, d] if sells[k, d] else 0.0
            largest[d] = max(largest[d], abs(left))
            shrunk = steps.left[k, d] - left
            along[d] += steps.left[k, d] * shrunk
            across[d] += shrunk * shrunk
            steps.left[k, d] = left
    usual = 0.5 ** (1 + done // ROUNDS_AT_A_STEP)
    for d in range(draws):
        steps.moving[d] = largest[d] > TOLERANCE
        straight = along[d] > 0.0 and largest[d] < NEAR
        steps.length[d] = min(steps.length[d] * along[d] / across[d], 2.0 * usual) if straight else usual
    for k in range(channels):
        for d in range(draws):
            if steps.moving[d]:
                logs[k, d] = logs[k, d] + steps.length[d] * steps.left[k, d] if sells[k, d] else target[k, d]
