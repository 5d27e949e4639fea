"""Two parties that bargain: offers, answers, looking ahead, and solutions to compare with (docs/model.md, section 7).

All gains are measured against no deal, so that the disagreement point is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray

PARTIES = 2


def acceptance(gain: FloatArray, refusing: FloatArray, noise: FloatArray) -> FloatArray:
    """Chance that an offer is accepted, a logit quantal response (equation 7.4; McKelvey and Palfrey 1995, GEB 10(1)).

    Pr = 1 / (1 + exp(-(U - V) / nu))

    Parameters
    ----------
    gain, refusing
        [..., draw] U, what the responder gains by the offer, and V, what it expects if it refuses.
    noise
        [draw] nu, scatter of the answers, above 0, in the unit of the gains.
    """
    with np.errstate(over="ignore"):  # an answer that is certain to the last bit
        chance: FloatArray = 1.0 / (1.0 + np.exp((refusing - gain) / noise))
    return chance


@dataclass(frozen=True)
class Offer:
    """What the proposer of a round offers.

    Attributes
    ----------
    package
        [draw] index of the package that is best for the proposer.
    made
        [draw] whether it makes an offer at all: no package may be worth more to it than to go on without.
    chance
        [draw] chance that the offer is made and accepted.
    expected
        [party, draw] what both expect at the beginning of the round.
    """

    package: IntArray
    made: BoolArray
    chance: FloatArray
    expected: FloatArray


def best_offer(gains: FloatArray, refusing: FloatArray, proposer: int, noise: FloatArray) -> Offer:
    """Find the package that is best for the proposer, given how the other party answers (equation 7.5).

    max over packages of  Pr * U_own + (1 - Pr) * V_own

    With V of zero it is U_own * Pr, the rule of a proposer that does not look ahead.

    Parameters
    ----------
    gains
        [party, package, draw] U, gain of each party by each package.
    refusing
        [party, draw] V, what each party expects if the round ends without a signature.
    proposer
        Index of the party that makes the offer.
    noise
        [party, draw] scatter of each party's answers.
    """
    responder = 1 - proposer
    chance = acceptance(gains[responder], refusing[responder], noise[responder])
    better = chance * (gains[proposer] - refusing[proposer])
    package = better.argmax(axis=0)
    draws = np.arange(better.shape[-1])
    made = better[package, draws] > 0.0
    accepted = np.where(made, chance[package, draws], 0.0)
    expected = refusing + accepted * (gains[:, package, draws] - refusing)
    return Offer(package, made, accepted, expected)


def look_ahead(
    gains: FloatArray,
    proposers: Sequence[int],
    kept: FloatArray,
    waiting_cost: FloatArray,
    noise: FloatArray,
) -> list[Offer]:
    """Offers of all rounds that lie ahead, worked out from the last one backwards (equation 7.6; Rubinstein 1982).

    V_n = kept_n * W_(n+1) - cost,   V_last = 0,   W the expected value at the beginning of a round

    Either party may walk away: where going on is worth less than no deal to one of them, V_n is zero for both. Both
    parties know the rounds, each other's gains, and how the other answers. Without noise and cost, with a pie that can
    be divided at will and many rounds, the first offer is Rubinstein's split (Econometrica 50(1)).

    Parameters
    ----------
    gains
        [party, package, draw] gain of each party by each package, the same at every round.
    proposers
        For each round the party that makes the offer.
    kept
        [round, party, draw] part of a gain at the next round that it is worth at this one: discounted, times the chance
        that the next round is held. The last row is not used.
    waiting_cost
        [party, draw] cost of a round that ends without a signature while others lie ahead.
    noise
        [party, draw] scatter of answers.
    """
    offers: list[Offer] = []
    refusing = np.zeros((PARTIES, gains.shape[-1]))
    for number in range(len(proposers) - 1, -1, -1):
        if offers:
            going_on = kept[number] * offers[-1].expected - waiting_cost
            refusing = np.where((going_on >= 0.0).all(axis=0), going_on, 0.0)
        offers.append(best_offer(gains, refusing, proposers[number], noise))
    return offers[::-1]


def months_until(luck: FloatArray, yearly_rate: FloatArray) -> IntArray:
    """Whole months until what happens at a yearly rate (equation 7.8): ceil(-12 * ln(1 - u) / rate), at least 1.

    Parameters
    ----------
    luck
        [draw] u, uniform in [0, 1).
    yearly_rate
        [draw] log rate per year; without any it never happens.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        months = np.ceil(-MONTHS_PER_YEAR * np.log1p(-luck) / yearly_rate)
    happens = (yearly_rate > 0.0) & (months < LATEST)
    found: IntArray = np.where(happens, np.maximum(months, 1.0), LATEST).astype(np.int64)
    return found


LATEST = 1_000_000
"""Months beyond any run."""


def nash_package(gains: FloatArray) -> IntArray:
    """Package with the largest product of gains (equation 7.7; Nash 1950, Econometrica 18(2)), [draw].

    Only packages by which neither party loses count; -1 where none gives both of them anything.

    Parameters
    ----------
    gains
        [party, package, draw] gains over no deal.
    """
    product = np.where((gains > 0.0).all(axis=0), gains[0] * gains[1], 0.0)
    best = product.argmax(axis=0)
    found: IntArray = np.where(product.max(axis=0) > 0.0, best, -1)
    return found


def pareto_frontier(gains: FloatArray) -> BoolArray:
    """Packages that no other one beats for one party without hurting the other, [package, draw].

    Parameters
    ----------
    gains
        [party, package, draw] gains over no deal.
    """
    order = np.lexsort((-gains[1], -gains[0]), axis=0)
    second = np.take_along_axis(gains[1], order, axis=0)
    first = np.take_along_axis(gains[0], order, axis=0)
    best = np.maximum.accumulate(second, axis=0)
    before = np.vstack([np.full((1, second.shape[1]), -np.inf), best[:-1]])
    same = np.zeros_like(second, dtype=np.bool_)
    same[1:] = (first[1:] == first[:-1]) & (second[1:] == second[:-1])
    efficient = second > before
    for row in range(1, len(efficient)):  # equals stand side by side: all or none of them are on the frontier
        efficient[row] |= same[row] & efficient[row - 1]
    frontier = np.zeros_like(efficient)
    np.put_along_axis(frontier, order, efficient, axis=0)
    return frontier
