"""Two parties that bargain: offers, answers, hidden types, walking away, looking ahead (docs/model.md, section 7).

All gains are measured against no deal, so that the disagreement point is zero. A type is what a party may be in the
eyes of the other side; types differ in what a deal costs them beyond what is priced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
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


class Game(NamedTuple):
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
    proposers: Sequence[int] | IntArray
    discount: FloatArray
    waiting_cost: FloatArray
    climbs: FloatArray
    climbs_by_walking: FloatArray
    suspended: FloatArray
    resumed: FloatArray
    can_walk: bool = True


class Ahead(NamedTuple):
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
        return Ahead(*(_on(values, rung) for values in self))


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
    _, _, rungs, draws = game.gains.shape
    return _backwards(game, np.zeros(draws, dtype=np.int64), len(game.proposers), rungs)


def next_round(game: Game, rung: IntArray) -> Ahead:
    """Give the first of the rounds that `look_ahead` gives, on the rung that each draw has reached.

    Parameters
    ----------
    game
        What both know.
    rung
        [draw] rung that each draw has reached; the axis of rungs goes.
    """
    [held] = _backwards(game, rung, 1, 1)
    arrays: Iterator[Any] = (values[..., 0, :] for values in held)
    return Ahead(*arrays)


def _backwards(game: Game, lowest: IntArray, rounds: int, rungs: int) -> list[Ahead]:
    """Work out the rounds from the last one to the first, and give some.

    Parameters
    ----------
    lowest
        [draw] first rung that counts.
    rounds, rungs
        How many of the first rounds are given, and on how many rungs from the first one that counts.
    """
    (_, packages, _, draws), types = game.gains.shape, game.reserve.shape[1]
    by_package, by_party = (rounds, types, packages, rungs, draws), (rounds, PARTIES, types, rungs, draws)
    package, made = np.empty((rounds, types, rungs, draws), dtype=np.int64), np.empty((rounds, types, rungs, draws))
    found = Ahead(package, made > 0.0, np.full(by_package, -np.inf), np.zeros(by_package), *np.zeros((4, *by_party)))
    known: dict[str, Any] = {name: np.ascontiguousarray(values) for name, values in game._asdict().items()}
    with np.errstate(over="ignore"):  # an answer that is certain to the last bit
        _look_back(Game(**known | {"can_walk": game.can_walk}), lowest, found)
    return [Ahead(*arrays) for arrays in zip(*found, strict=True)]


class _Worth(NamedTuple):
    """What a round is worth in one draw, each [party, rung, type].

    Attributes
    ----------
    refusing, expected, going_on, leaving
        As in `Ahead`.
    on, off
        What talks are worth from then on that go on, and that are off.
    """

    refusing: FloatArray
    expected: FloatArray
    going_on: FloatArray
    leaving: FloatArray
    on: FloatArray
    off: FloatArray


class _Offers(NamedTuple):
    """What is offered on one rung of one draw: surplus and answers, [type * package], the best package, [type]."""

    surplus: FloatArray
    accepts: FloatArray
    package: IntArray
    made: BoolArray


@compiled
def _look_back(game: Game, lowest: IntArray, found: Ahead) -> None:  # noqa: C901 (a loop for each axis)
    """Go from the last round to the first, one draw after another."""
    (_, packages, rungs, draws), types = game.gains.shape, game.reserve.shape[1]
    worth, answers = np.empty((6, PARTIES, rungs, types)), np.empty((2, types * packages))
    now = _Worth(worth[0], worth[1], worth[2], worth[3], worth[4], worth[5])
    best = _Offers(answers[0], answers[1], np.empty(types, dtype=np.int64), np.empty(types, dtype=np.bool_))
    gains, left, believed = np.empty((PARTIES, rungs, packages)), np.empty(rungs, dtype=np.int64), np.empty(packages)
    some = np.empty((PARTIES, packages))
    reserve, asked, belief = np.empty((3, PARTIES, types))
    for d in range(draws):
        reserve[:], belief[:] = game.reserve[:, :, d], game.belief[:, :, d]
        for r in range(lowest[d], rungs):
            left[r] = _packages_left(game.gains[:, :, r, d], gains[:, r])
        worth[:] = 0.0
        for number in range(len(game.proposers) - 1, -1, -1):
            i, j = game.proposers[number], 1 - game.proposers[number]
            if number < len(game.proposers) - 1:
                _fail(game, number, d, lowest[d], belief, now)
            for r in range(lowest[d], rungs):
                for party in range(PARTIES):
                    for t in range(types):
                        asked[party, t] = reserve[party, t] + now.refusing[party, r, t]
                        now.expected[party, r, t] = now.refusing[party, r, t]
                is_told = number < len(found.made) and r - lowest[d] < found.made.shape[2]
                least = -np.inf if is_told else asked[i].min()
                count = _worth_offering(gains[i, r, : left[r]], gains[j, r], least, some)
                own, other = some[0, :count], some[1, :count]
                _answer(other, asked[j], belief[j], game.noise[j, d], best.accepts, believed)
                _offer(own, asked[i], believed, best, now.expected[i, r])
                _expect(other, asked[j], belief[i], best, now.expected[j, r])
                if is_told:
                    _write(found, (number, r - lowest[d], d), best, now, r, count)


@compiled
def _packages_left(of_draw: FloatArray, gains: FloatArray) -> int:
    """Copy gains, [party, package], and count the packages but for those that fill up the last places."""
    packages = 1
    for p in range(of_draw.shape[1]):
        for party in range(PARTIES):
            gains[party, p] = of_draw[party, p]
        packages = p + 1 if of_draw[0, p] > _WORTHLESS else packages
    return packages


@compiled
def _worth_offering(own: FloatArray, other: FloatArray, least: float, some: FloatArray) -> int:
    """Copy gains of packages that bring some type of the proposer more than going on, one at least, and count them."""
    count = 0
    for p in range(len(own)):
        some[0, count], some[1, count] = own[p], other[p]
        count += own[p] > least
    return max(count, 1)


@compiled
def _fail(  # noqa: C901 (a loop for each axis)
    game: Game, number: int, d: int, lowest: int, belief: FloatArray, now: _Worth
) -> None:
    """Look at a round that has failed: the talks break off by themselves, a side walks away, or they go on.

    `now` holds what the next round is worth, and after it what it is worth that this one has failed.
    """
    _, rungs, types = now.on.shape
    back, broken_off = game.resumed[number, d], game.suspended[d]
    for i in range(PARTIES):
        for r in range(lowest, rungs):
            for t in range(types):
                on = game.discount[number, i, d] * now.expected[i, r, t] - game.waiting_cost[number, i, d]
                off = game.discount[number, i, d] * now.off[i, r, t] - game.waiting_cost[number, i, d]
                now.on[i, r, t] = on
                now.off[i, r, t] = back * on + (1.0 - back) * off
        for r in range(lowest, rungs):
            climb, higher = game.climb[i, r, d], min(r + 1, rungs - 1)
            for t in range(types):
                on, off = now.on[i, r, t], now.off[i, r, t]
                on_above, off_above = now.on[i, higher, t] + climb, now.off[i, higher, t] + climb
                now.going_on[i, r, t] = _climbing(game.climbs[d], on, on_above)
                now.leaving[i, r, t] = _climbing(game.climbs_by_walking[d], off, off_above)
                now.refusing[i, r, t] = broken_off * _climbing(game.climbs[d], off, off_above)
    for i in range(PARTIES):
        for r in range(lowest, rungs):
            left = 0.0
            for t in range(types):
                walks = _walks_away(now.going_on[1 - i, r, t], now.leaving[1 - i, r, t])
                left += belief[1 - i, t] if walks & game.can_walk else 0.0
            for t in range(types):
                going_on, leaving = now.going_on[i, r, t], now.leaving[i, r, t]
                walks = _walks_away(going_on, leaving) & game.can_walk
                unless_broken = leaving if walks else (1.0 - left) * going_on + left * leaving
                now.refusing[i, r, t] += (1.0 - broken_off) * unless_broken


@of_numbers
def _climbing(chance: float, worth: float, above: float) -> float:
    """What is expected where the next rung comes with a chance."""
    return worth + chance * (above - worth)


@of_numbers
def _walks_away(going_on: float, leaving: float) -> bool:
    """Whether leaving is worth more than going on, by a dollar at least: nobody leaves by the last bits of a number."""
    return leaving > going_on + _LEAST_GAIN


_LEAST_GAIN = 1e-9


@compiled
def _answer(
    gains: FloatArray, asked: FloatArray, belief: FloatArray, noise: float, accepts: FloatArray, believed: FloatArray
) -> None:
    """Write the chance that each type of the responder accepts each package, and what the proposer believes of it."""
    types, packages = len(asked), len(gains)
    for t in range(types):
        for p in range(packages):
            accepts[t * packages + p] = asked[t] - gains[p]
    for k in range(types * packages):
        accepts[k] = 1.0 / (exp(accepts[k] / noise) + 1.0)
    believed[:packages] = 0.0
    for t in range(types):
        for p in range(packages):
            believed[p] += belief[t] * accepts[t * packages + p]


@compiled
def _offer(gains: FloatArray, asked: FloatArray, believed: FloatArray, best: _Offers, expected: FloatArray) -> None:
    """Write the package that is best for each type of the proposer, the first of equals, and add what it brings it."""
    packages = len(gains)
    for t in range(len(asked)):
        surplus = best.surplus[t * packages : (t + 1) * packages]
        for p in range(packages):
            surplus[p] = believed[p] * (gains[p] - asked[t])
        package, most = 0, surplus[0]
        for p in range(1, packages):
            if surplus[p] > most:
                package, most = p, surplus[p]
        best.package[t], best.made[t] = package, most > 0.0
        expected[t] += max(most, 0.0)


@compiled
def _expect(gains: FloatArray, asked: FloatArray, belief: FloatArray, best: _Offers, expected: FloatArray) -> None:
    """Add what each type of the responder expects of the offers of all types of the proposer."""
    packages = len(gains)
    for kind in range(len(belief)):
        package, offered = best.package[kind], belief[kind] if best.made[kind] else 0.0
        for t in range(len(asked)):
            expected[t] += offered * best.accepts[t * packages + package] * (gains[package] - asked[t])


@compiled
def _write(found: Ahead, at: tuple[int, int, int], best: _Offers, now: _Worth, rung: int, packages: int) -> None:
    """Write what has been found of a round on a rung in a draw, at the place of all three."""
    number, r, d = at
    for t in range(len(best.made)):
        found.package[number, t, r, d], found.made[number, t, r, d] = best.package[t], best.made[t]
        for p in range(packages):
            found.surplus[number, t, p, r, d] = best.surplus[t * packages + p]
            found.accepts[number, t, p, r, d] = best.accepts[t * packages + p]
        for i in range(PARTIES):
            found.refusing[number, i, t, r, d] = now.refusing[i, rung, t]
            found.expected[number, i, t, r, d] = now.expected[i, rung, t]
            found.going_on[number, i, t, r, d] = now.going_on[i, rung, t]
            found.leaving[number, i, t, r, d] = now.leaving[i, rung, t]


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
    walks: BoolArray = ahead.leaving[:, OWN] > ahead.going_on[:, OWN] + _LEAST_GAIN
    return walks


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
    frontier = np.empty(gains.shape[1:], dtype=np.bool_)
    _leave_out_beaten(np.ascontiguousarray(gains), frontier)
    return frontier


@compiled
def _leave_out_beaten(gains: FloatArray, frontier: BoolArray) -> None:
    """Go from the packages that are best for one party to the worst; what is left is better for the other one."""
    for d in range(gains.shape[2]):
        own, other = gains[0, :, d].copy(), gains[1, :, d]
        order, first, before = np.argsort(own), len(own), -np.inf
        while first > 0:
            last, first = first, first - 1
            most = other[order[first]]
            while first > 0 and own[order[first - 1]] == own[order[first]]:
                first -= 1
                most = max(most, other[order[first]])
            for k in range(first, last):
                frontier[order[k], d] = other[order[k]] == most > before
            before = max(before, most)
