"""Static equilibrium of prices (docs/model.md, section 4)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, spread
from sim.arithmetic.elementary import exp, log
from sim.errors import ImpossibleDrawsError
from sim.model.equations.demand import Choice, at_price, budgets, inverse, log_price_index, write_at_price
from sim.model.equations.nests import (
    ALONE,
    Nests,
    Vendor,
    divide_among,
    joint_prices,
    parts_of_whole,
    write_joint_prices,
)
from sim.model.equations.pricing import (
    best_response_price,
    elasticity_at_share,
    price_elasticity_atkeson_burstein_2008,
    write_mean_elasticity,
)
from sim.model.equations.terms import Terms
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum

TOLERANCE = 1e-12
"""Largest relative change of any price at which a draw counts as solved."""
MOST_STEPS = 1000
"""Most rounds of best responses."""
ROUNDS_AT_A_STEP = 100
"""Rounds after which steps are half as long: a vendor that is nearly alone at a low price and not at a high one may
answer each with the other."""


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
    rivals are close substitutes, and half as far after each ROUNDS_AT_A_STEP. A draw stops moving once the prices of
    those who sell in it are solved, so its bits do not depend on its neighbours, nor on rows that sell in these alone.
    Compiled rounds come first; the equations one by one say whether the prices are solved, and go on where not.

    Raises
    ------
    ImpossibleDrawsError
        Where a draw is not solved after MOST_STEPS rounds.
    """
    price = best_response_price(cost, np.broadcast_to(sigma[0], cost.shape), taken)
    nests, sells = together[0] if together else None, (pull > 0.0).any(axis=-2)
    price = _after_rounds(price, (pull, path_bn), (cost, taken), (sigma, eta), together)
    moving: BoolArray = np.ones(cost.shape[-1], dtype=np.bool_)
    for done in range(MOST_STEPS):
        alone = at_price(pull, log(price), sigma)
        choice = Choice.of(nests.attraction(alone) if nests else alone)
        log_index, shares = log_price_index(choice.total, sigma), choice.shares
        revenue = shares * (path_bn * exp((1.0 - eta) * log_index))
        elasticity = price_elasticity_atkeson_burstein_2008(shares, revenue, sigma, eta)
        target = best_response_price(cost, elasticity, taken)
        if together:
            _respond_together(together, (pull, shares), revenue, cost, (sigma, eta), target)
        unsolved = sells & (np.abs(target / price - 1.0) > TOLERANCE)
        moving = np.asarray(unsolved.reshape(-1, cost.shape[-1]).any(axis=0))
        if not moving.any():
            return price
        for _ in range(1 + done // ROUNDS_AT_A_STEP):
            target = np.sqrt(price * target)
        price = np.where(moving, target, price)
    raise ImpossibleDrawsError(f"there is no equilibrium of prices within {MOST_STEPS} steps", moving)


def _respond_together(
    together: tuple[Nests, Terms],
    choice: tuple[FloatArray, FloatArray],
    revenue: FloatArray,
    cost: FloatArray,
    elasticities: tuple[FloatArray, FloatArray],
    target: FloatArray,
) -> None:
    """Write the joint best responses of vendors with several channels into `target`, [channel, draw]."""
    (nests, terms), (pull, shares), (sigma, eta) = together, choice, elasticities
    for rows in nests.several:
        several = (pull[rows] > 0.0).any(axis=1).sum(axis=0) > 1
        if several.any():
            elasticity = elasticity_at_share(ordered_sum(shares[rows]), sigma, eta)
            inside, spending = parts_of_whole(shares[rows]), ordered_sum(revenue[rows])
            joint = joint_prices(inside, spending, elasticity, nests.mu, cost[rows], terms[rows])
            target[rows] = np.where(several, joint, target[rows])


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


AT_A_TIME = 64
"""Draws that are solved together: as many as the processor holds at hand."""


def _after_rounds(
    price: FloatArray,
    demand: tuple[FloatArray, FloatArray],
    offers: tuple[FloatArray, FloatArray],
    elasticities: tuple[FloatArray, FloatArray],
    together: tuple[Nests, Terms] | None,
) -> FloatArray:
    """Prices after compiled rounds of best responses from some prices on, market by market and few draws at a time."""
    (sigma, eta), count = elasticities, len(price)
    cost, taken, found = (spread(held, price.shape).reshape(count, -1, len(eta)).copy() for held in (*offers, price))
    pull = demand[0].reshape(count, -1, *sigma.shape)
    path = spread(demand[1], demand[0].shape[1:]).reshape(pull.shape[1:])
    for m in range(pull.shape[1]):
        alone = np.ones_like(cost[:, m])
        nest, weights, kappa, stake, mu = np.full(count, ALONE), alone, sigma, alone, eta
        if together:
            nests, terms = together
            nest, weights, kappa, stake, mu = nests.nest, nests.weights, nests.kappa, terms.stake, nests.mu
        market = _Market(pull[:, m], path[m], weights, kappa, cost[:, m], taken[:, m], stake, sigma, eta, mu)
        for first in range(0, len(eta), AT_A_TIME):
            here = ..., slice(first, first + AT_A_TIME)
            held = np.ascontiguousarray(found[:, m][here])
            _respond_in_turn(
                _Market(*(np.ascontiguousarray(values[here]) for values in market)), nest, MOST_STEPS, held
            )
            found[:, m][here] = held
    return found.reshape(price.shape)


@compiled
def _respond_in_turn(  # noqa: C901 (a loop for each axis)
    market: _Market, nest: IntArray, most: int, price: FloatArray
) -> None:
    """Write prices after the rounds of `bertrand_nash_prices`."""
    logs, target, sells = np.empty(price.shape), np.empty(price.shape), _sells(market.pull)
    alone, shares, revenue = np.empty(market.pull.shape), np.empty(market.pull.shape), np.empty(market.pull.shape)
    vendors = nest.max() + 1
    several = np.empty((vendors, price.shape[1]), np.bool_)
    for n in range(vendors):
        several[n] = sells[nest == n].sum(axis=0) > 1
    for done in range(most):
        for k in range(len(price)):
            for d in range(price.shape[1]):
                logs[k, d] = log(price[k, d])
        write_at_price(market.pull, logs, market.sigma, alone)
        attraction = alone.copy() if vendors else alone
        for n in range(vendors):
            divide_among(np.flatnonzero(nest == n), alone, market.weights, market.kappa, attraction)
        _share_and_sell(market, attraction, shares, revenue)
        write_mean_elasticity(shares, revenue, market.sigma, market.eta, target)
        for k in range(len(price)):
            for d in range(price.shape[1]):
                target[k, d] = best_response_price(market.cost[k, d], target[k, d], market.taken[k, d])
        for n in range(vendors):
            if several[n].any():
                _join(market, np.flatnonzero(nest == n), several[n], shares, revenue, target)
        if not _move(sells, target, 1 + done // ROUNDS_AT_A_STEP, price):
            return


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


@compiled
def _move(sells: BoolArray, target: FloatArray, halvings: int, price: FloatArray) -> bool:
    """Go towards the targets in draws that are not solved; tell whether there are any."""
    moving = np.zeros(price.shape[1], np.bool_)
    for k in range(len(price)):
        for d in range(price.shape[1]):
            moving[d] |= sells[k, d] & (abs(target[k, d] / price[k, d] - 1.0) > TOLERANCE)
    for k in range(len(price)):
        for d in range(price.shape[1]):
            goal = target[k, d]
            for _ in range(halvings):
                goal = np.sqrt(price[k, d] * goal)
            price[k, d] = goal if moving[d] else price[k, d]
    return bool(moving.any())
