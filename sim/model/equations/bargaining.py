"""Two parties that bargain: offers, answers, hidden types, walking away, looking ahead (docs/model.md, section 7).

All gains are measured against no deal, so that the disagreement point is zero. A type is what a party may be in the
eyes of the other side; types differ in what a deal costs them beyond what is priced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp, log1p
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray, ordered_sum

PARTIES = 2


def acceptance(gain: FloatArray, refusing: FloatArray, noise: FloatArray) -> FloatArray:
    """Chance that an offer is accepted, a logit quantal response (equation 7.4; McKelvey and Palfrey 1995, GEB 10(1)).

    Pr = 1 / (1 + exp(-(U - r - V) / nu))

    Parameters
    ----------
    gain, refusing
        [..., draw] U, what the responder gains by the offer, and r + V, what it would have to gain to be indifferent.
    noise
        [draw] nu, scatter of the answers, above 0, in the unit of the gains.
    """
    chance: FloatArray = refusing - gain
    with np.errstate(over="ignore"):  # an answer that is certain to the last bit
        chance /= noise
        exp(chance, out=chance)
    chance += 1.0
    return np.divide(1.0, chance, out=chance)


@dataclass(frozen=True)
class Game:
    """What both parties know of the rounds ahead, and what each believes of the other.

    A rung is how far the escalation has been climbed; the first one is where nothing has been. What is known by rung is
    known for every rung from the lowest one up, also for those below the one that a draw has reached.

    Attributes
    ----------
    gains
        [party, package, rung, draw] U, gain of each party by each package over no deal on that rung, the same at every
        round.
    climb
        [party, rung, draw] what it is worth to each party to be a rung higher; 0 on the last one.
    reserve
        [party, type, draw] r, what a deal costs each type of a party beyond what is priced.
    belief
        [party, type, draw] b, chance of each type of a party in the eyes of the other one; adds up to one over types.
        A type of chance 0 is reckoned with as all others, so that what an actual party would do can be read off.
    noise
        [party, draw] scatter of each party's answers.
    proposers
        For each round the party that makes the offer.
    discount
        [round, party, draw] part of a gain at the next round that it is worth at this one. The last row is not used,
        here and in all others by round.
    waiting_cost
        [round, party, draw] cost of having signed nothing after a round while others lie ahead, held or not.
    climbs, climbs_by_walking
        [draw] chance that a failed round brings the next rung, if the talks go on and if somebody walks away.
    suspended
        [draw] chance that a failed round breaks the talks off by itself.
    resumed
        [round, draw] chance that talks that are off are taken up again by the next round.
    can_walk
        Whether a party may walk away after a failed round.
    """

    gains: FloatArray
    climb: FloatArray
    reserve: FloatArray
    belief: FloatArray
    noise: FloatArray
    proposers: Sequence[int]
    discount: FloatArray
    waiting_cost: FloatArray
    climbs: FloatArray
    climbs_by_walking: FloatArray
    suspended: FloatArray
    resumed: FloatArray
    can_walk: bool = True


@dataclass(frozen=True)
class Ahead:
    """What a round promises, in the eyes of the parties, on each rung.

    Attributes
    ----------
    package, made
        [type, rung, draw] index of the package that is best for each type of the proposer, and whether it makes an
        offer at all: no package may be worth more to it than to go on without.
    surplus
        [type, package, rung, draw] what each package would bring each type of the proposer over going on without.
    accepts
        [type, package, rung, draw] chance that each type of the responder accepts.
    refusing, expected
        [party, type, rung, draw] V, what each type expects if the round fails, and W, at its beginning.
    going_on, leaving
        [party, type, rung, draw] what it is worth to go on after a failed round if the other one does, and to walk
        away.
    """

    package: IntArray
    made: BoolArray
    surplus: FloatArray
    accepts: FloatArray
    refusing: FloatArray
    expected: FloatArray
    going_on: FloatArray
    leaving: FloatArray

    def on(self, rung: IntArray) -> Ahead:
        """Keep the rung that each draw has reached, [draw]; the axis of rungs goes."""
        return Ahead(**{item.name: _on(getattr(self, item.name), rung) for item in fields(self)})


def _on(values: Any, rung: IntArray) -> Any:
    chosen = np.take_along_axis(values, rung[(None,) * (values.ndim - 1)], axis=-2)[..., 0, :]
    return np.ascontiguousarray(chosen)  # sums over types and packages go by the order in memory


def look_ahead(game: Game) -> list[Ahead]:
    """Work out all rounds that lie ahead, beliefs as they stand (equations 7.5 and 7.6).

    Without hidden types, noise and cost, with a pie that can be divided at will and many rounds, the first offer is
    Rubinstein's split (1982, Econometrica 50(1)).

    Parameters
    ----------
    game
        What both know.
    """
    return [*_backwards(game)][::-1]


def next_round(game: Game) -> Ahead:
    """Give the first of the rounds that lie ahead, without keeping the others; parameters are those of `look_ahead`."""
    return deque(_backwards(game), maxlen=1).pop()


def _backwards(game: Game) -> Iterator[Ahead]:
    """Work out the rounds from the last one to the first."""
    away = np.zeros((*game.reserve.shape[:2], *game.gains.shape[2:]))
    held = _held(game, len(game.proposers) - 1, away, away, away)
    yield held
    for number in range(len(game.proposers) - 2, -1, -1):
        discount, back, cost = game.discount[number], game.resumed[number], game.waiting_cost[number]
        on = discount[:, None, None] * held.expected - cost[:, None, None]
        off = discount[:, None, None] * away - cost[:, None, None]
        away = back * on + (1.0 - back) * off
        held = _held(game, number, *_failed(game, on, away))
        yield held


def _failed(game: Game, on: FloatArray, away: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Look at a round that has failed: the talks break off by themselves, a side walks away, or they go on.

    Parameters
    ----------
    on, away
        [party, type, rung, draw] what talks that go on, and that are off, are worth on the rung where they then are.

    Returns
    -------
    Worth of a failed round, of going on and of leaving, each [party, type, rung, draw].
    """
    going_on = _climbing(game, game.climbs, on)
    leaving = _climbing(game, game.climbs_by_walking, away)
    walks = walks_away(going_on, leaving) & game.can_walk
    left = ordered_sum(game.belief[:, :, None] * walks, axis=1)[::-1, None]
    unless_broken = np.where(walks, leaving, (1.0 - left) * going_on + left * leaving)
    broken = _climbing(game, game.climbs, away)
    return game.suspended * broken + (1.0 - game.suspended) * unless_broken, going_on, leaving


def walks_away(going_on: FloatArray, leaving: FloatArray) -> BoolArray:
    """Whether leaving is worth more than going on, by a dollar at least: nobody leaves by the last bits of a number.

    Parameters
    ----------
    going_on, leaving
        What both are worth, bn USD.
    """
    walks: BoolArray = leaving > going_on + _LEAST_GAIN
    return walks


_LEAST_GAIN = 1e-9


def _climbing(game: Game, chance: FloatArray, worth: FloatArray) -> FloatArray:
    """What is expected where the next rung comes with a chance."""
    higher = np.concatenate([worth[..., 1:, :], worth[..., -1:, :]], axis=-2) + game.climb[:, None]
    climbing: FloatArray = worth + chance * (higher - worth)
    return climbing


def _held(game: Game, number: int, refusing: FloatArray, going_on: FloatArray, leaving: FloatArray) -> Ahead:
    """Look at a round: what each type of the proposer offers, and how the responder answers (equation 7.5)."""
    i, j = game.proposers[number], 1 - game.proposers[number]
    asked, expected = game.reserve[:, :, None] + refusing, refusing.copy()
    proposer, responder = (
        _Side(*map(np.ascontiguousarray, (game.gains[k], asked[k], game.belief[k], game.noise[k]))) for k in (i, j)
    )
    accepts, surplus = np.empty((2, len(game.reserve[0]), *game.gains.shape[1:]))
    package, made = np.empty(refusing.shape[1:], dtype=np.int64), np.empty(refusing.shape[1:], dtype=np.bool_)
    with np.errstate(over="ignore"):  # an answer that is certain to the last bit
        _answer(proposer, responder, accepts, surplus)
    _offer(surplus, package, made, expected[i])
    _expect(proposer, responder, package, made, accepts, expected[j])
    return Ahead(package, made, surplus, accepts, refusing, expected, going_on, leaving)


class _Side(NamedTuple):
    """A party at a round: gains [package, rung, draw], r + V [type, rung, draw], b [type, draw] and scatter [draw]."""

    gains: FloatArray
    asked: FloatArray
    belief: FloatArray
    noise: FloatArray


@compiled
def _answer(proposer: _Side, responder: _Side, accepts: FloatArray, surplus: FloatArray) -> None:
    """Write the chance that each type accepts each package, and what that leaves to each type of the proposer."""
    types, packages, rungs, draws = accepts.shape
    believed = np.empty(draws)
    for r in range(rungs):
        for p in range(packages):
            believed[:] = 0.0
            for t in range(types):
                for d in range(draws):
                    short = responder.asked[t, r, d] - responder.gains[p, r, d]
                    accepts[t, p, r, d] = 1.0 / (exp(short / responder.noise[d]) + 1.0)
                for d in range(draws):
                    believed[d] += responder.belief[t, d] * accepts[t, p, r, d]
            for t in range(types):
                for d in range(draws):
                    worth = believed[d] * (proposer.gains[p, r, d] - proposer.asked[t, r, d])
                    surplus[t, p, r, d] = worth if proposer.gains[p, r, d] > _WORTHLESS else -np.inf


@compiled
def _offer(surplus: FloatArray, package: IntArray, made: BoolArray, expected: FloatArray) -> None:
    """Write the package that is best for each type, the first of equals, and add what it brings it."""
    types, packages, rungs, draws = surplus.shape
    most = np.empty(draws)
    for t in range(types):
        for r in range(rungs):
            most[:], package[t, r] = surplus[t, 0, r], 0
            for p in range(1, packages):
                for d in range(draws):
                    package[t, r, d] = p if surplus[t, p, r, d] > most[d] else package[t, r, d]
                    most[d] = max(most[d], surplus[t, p, r, d])
            for d in range(draws):
                made[t, r, d] = most[d] > 0.0
                expected[t, r, d] += max(most[d], 0.0)


@compiled
def _expect(
    proposer: _Side, responder: _Side, package: IntArray, made: BoolArray, accepts: FloatArray, expected: FloatArray
) -> None:
    """Add what each type of the responder expects of the offers of all types of the proposer."""
    types, rungs, draws = package.shape
    for kind in range(types):
        for t in range(types):
            for r in range(rungs):
                for d in range(draws):
                    best = package[kind, r, d]
                    offered = proposer.belief[kind, d] if made[kind, r, d] else 0.0
                    gain = responder.gains[best, r, d] - responder.asked[t, r, d]
                    expected[t, r, d] += offered * accepts[t, best, r, d] * gain


OWN = -1
"""Place of what a party is in truth, after the types that it may be in the eyes of the other one."""


@dataclass(frozen=True)
class Move:
    """What the two parties do at a round.

    Attributes
    ----------
    package, made
        [draw] index of the package that the proposer prefers, and whether it offers it.
    chance
        [draw] chance that it is offered and accepted.
    belief
        [party, type, draw] what each believes of the other one if no deal is signed.
    """

    package: IntArray
    made: BoolArray
    chance: FloatArray
    belief: FloatArray


def move(ahead: Ahead, proposer: int, belief: FloatArray, noise: FloatArray) -> Move:
    """Find what the parties do, being what they are, and what they learn of each other (equation 7.10).

    Parameters
    ----------
    ahead
        The round, on the rung of each draw; the last type is what a party is.
    proposer
        The party that makes the offer.
    belief, noise
        [party, type, draw] beliefs before, and [party, draw] scatter.
    """
    package, made, responder = ahead.package[OWN], ahead.made[OWN], 1 - proposer
    accepted = np.take_along_axis(ahead.accepts[OWN], package[None], axis=0)[0]
    learned = np.empty_like(belief)
    learned[proposer] = after_offer(belief[proposer], ahead, package, made, noise[proposer])
    learned[responder] = after_refusal(belief[responder], ahead, package, made)
    return Move(package, made, np.where(made, accepted, 0.0), learned)


def leaving_parties(ahead: Ahead) -> BoolArray:
    """Which parties, being what they are, walk away after a failed round, [party, draw]."""
    return walks_away(ahead.going_on[:, OWN], ahead.leaving[:, OWN])


def after_refusal(belief: FloatArray, ahead: Ahead, package: IntArray, made: BoolArray) -> FloatArray:
    """What the proposer believes of the responder that has refused, [type, draw] (equation 7.10, Bayes' rule).

    Parameters
    ----------
    belief
        [type, draw] chance of each type of the responder before.
    ahead
        The round, on the rung of each draw.
    package, made
        [draw] what was offered, and whether anything was.
    """
    accepted = np.take_along_axis(ahead.accepts, package[None, None], axis=1)[:, 0]
    return _updated(belief, np.where(made, 1.0 - accepted, 1.0))


def after_offer(belief: FloatArray, ahead: Ahead, package: IntArray, made: BoolArray, noise: FloatArray) -> FloatArray:
    """What the responder believes of the proposer after its offer, or none, [type, draw] (equation 7.10).

    An offer is read as if it were chosen by logit over what each package, and none, would bring the type, with the
    proposer's own scatter; so an offer that no type would make tells something and not everything.

    Parameters
    ----------
    belief
        [type, draw] chance of each type of the proposer before.
    ahead
        The round, on the rung of each draw.
    package, made
        [draw] what was offered, and whether anything was.
    noise
        [draw] scatter of the proposer.
    """
    worth = ahead.surplus / noise
    top = np.maximum(worth.max(axis=1), 0.0)
    total = exp(-top) + ordered_sum(exp(worth - top[:, None]), axis=1)
    chosen = np.where(made, np.take_along_axis(worth, package[None, None], axis=1)[:, 0], 0.0)
    return _updated(belief, exp(chosen - top) / total)


def after_staying(belief: FloatArray, ahead: Ahead, noise: FloatArray) -> FloatArray:
    """What each side believes of the other that has not walked away, [party, type, draw] (equation 7.10).

    Parameters
    ----------
    belief
        [party, type, draw] chance of each type before.
    ahead
        The round that failed, on the rung of each draw.
    noise
        [party, draw] scatter of each party.
    """
    stays = acceptance(ahead.going_on, ahead.leaving, noise[:, None])
    return np.stack([_updated(belief[i], stays[i]) for i in range(PARTIES)])


_LEAST = 1e-12
"""Chance below which no type falls, so that nothing that happens is impossible to all of them."""


def _updated(belief: FloatArray, likelihood: FloatArray) -> FloatArray:
    held = belief * np.maximum(likelihood, _LEAST)
    updated: FloatArray = held / ordered_sum(held)
    return updated


def reservation(gains: FloatArray) -> FloatArray:
    """S, the best that each party can get among packages that hurt neither (equation 7.9), [party, draw].

    Parameters
    ----------
    gains
        [party, package, draw] gains over no deal.
    """
    best: FloatArray = np.where((gains >= 0.0).all(axis=0), gains, 0.0).max(axis=1)
    return best


def lacking(gains: FloatArray, reserve: FloatArray) -> FloatArray:
    """What each party lacks to sign the best package for it that the other would sign (equation 7.11), [party, draw].

    0 where some package suits both; infinite where the other party would sign none.

    Parameters
    ----------
    gains
        [party, package, draw] gains over no deal.
    reserve
        [party, draw] what a deal costs each beyond what is priced.
    """
    over = gains - reserve[:, None]
    open_to = np.where(over[::-1] >= 0.0, over, -np.inf).max(axis=1)
    found: FloatArray = np.maximum(-open_to, 0.0)
    return found


def only_frontier(gains: FloatArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Leave out packages that another one beats for one party without hurting the other: nobody would offer them.

    Parameters
    ----------
    gains
        [party, package, ..., draw] gains over no deal.

    Returns
    -------
    Gains of those that are left, [party, place, ..., draw], in their old order, their indices, [place, ..., draw], and
    how many they are, [..., draw]. All have as many places as the one with most; what fills up the last ones is worth
    so little that nobody signs it.
    """
    flat = gains.reshape(*gains.shape[:2], -1)
    efficient = pareto_frontier(flat)
    count = efficient.sum(axis=0)
    index = np.empty((count.max(initial=1), flat.shape[2]), dtype=np.int64)
    kept = np.full((PARTIES, *index.shape), _WORTHLESS)
    _keep(flat, efficient, index, kept)
    shape = (len(index), *gains.shape[2:])
    return kept.reshape(PARTIES, *shape), index.reshape(shape), count.reshape(shape[1:])


_WORTHLESS = -1e30


@compiled
def _keep(gains: FloatArray, efficient: BoolArray, index: IntArray, kept: FloatArray) -> None:
    """Write the packages that are left, and then, as far as there are places, the others; gains of the former."""
    places, cases = index.shape
    count = np.zeros(cases, dtype=np.int64)
    for left in (True, False):
        for p in range(len(efficient)):
            for c in range(cases):
                if efficient[p, c] == left and count[c] < places:
                    index[count[c], c] = p
                    if left:
                        for party in range(len(gains)):
                            kept[party, count[c], c] = gains[party, p, c]
                    count[c] += 1


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
        months = np.ceil(-MONTHS_PER_YEAR * log1p(-luck) / yearly_rate)
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
    frontier = np.ones(gains.shape[1:], dtype=np.bool_)
    _leave_out_beaten(np.ascontiguousarray(gains), frontier)
    return frontier


@compiled
def _leave_out_beaten(gains: FloatArray, frontier: BoolArray) -> None:
    _, packages, draws = gains.shape
    for p in range(packages):
        for other in range(packages):
            for d in range(draws):
                hurts = (gains[0, other, d] < gains[0, p, d]) | (gains[1, other, d] < gains[1, p, d])
                helps = (gains[0, other, d] > gains[0, p, d]) | (gains[1, other, d] > gains[1, p, d])
                frontier[p, d] &= hurts | (not helps)
