"""Static equilibrium of prices (docs/model.md, section 4)."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.errors import ImpossibleDrawsError
from sim.model.equations.demand import Choice, at_price, log_price_index
from sim.model.equations.nests import Nests, joint_prices, parts_of_whole
from sim.model.equations.pricing import best_response_price, elasticity_at_share, price_elasticity_atkeson_burstein_2008
from sim.model.equations.terms import Terms
from sim.quantities import BoolArray, FloatArray, ordered_sum

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

    Raises
    ------
    ImpossibleDrawsError
        Where a draw is not solved after MOST_STEPS rounds.
    """
    price = best_response_price(cost, np.broadcast_to(sigma[0], cost.shape), taken)
    nests, sells = together[0] if together else None, (pull > 0.0).any(axis=-2)
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
