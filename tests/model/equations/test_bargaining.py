"""Offers and answers of two parties, against results known by hand, by theory and by a plain recursion."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sim.model.equations.bargaining import acceptance, look_ahead, nash_package, pareto_frontier

eighths = st.integers(-80, 80).map(lambda n: n / 8)
"""Numbers whose sums and differences are exact."""


@dataclass(frozen=True)
class Game:
    """All that `look_ahead` wants to know."""

    gains: np.ndarray
    proposers: tuple[int, ...]
    kept: np.ndarray
    waiting_cost: np.ndarray
    noise: np.ndarray

    def offers(self):
        return look_ahead(self.gains, self.proposers, self.kept, self.waiting_cost, self.noise)

    def in_draws(self, draws):
        chosen = {name: getattr(self, name)[..., draws] for name in ("gains", "kept", "waiting_cost", "noise")}
        return replace(self, **chosen)

    def with_parties_swapped(self):
        return Game(
            self.gains[::-1],
            tuple(1 - party for party in self.proposers),
            self.kept[:, ::-1],
            self.waiting_cost[::-1],
            self.noise[::-1],
        )


@st.composite
def games(draw, array_of, rounds=None, draws=None):
    proposers = draw(st.lists(st.integers(0, 1), min_size=rounds or 1, max_size=rounds or 5).map(tuple))
    packages, d = draw(st.integers(1, 6)), draws or draw(st.integers(1, 5))
    return Game(
        gains=draw(array_of(-4, 4, 2, packages, d)),
        proposers=proposers,
        kept=draw(array_of(0, 1, len(proposers), 2, d)),
        waiting_cost=draw(array_of(0, 1, 2, d)),
        noise=draw(array_of(0.05, 3, 2, d)),
    )


# -- a pie that can be divided at will ---------------------------------------------------------------------------------

DISCOUNTS = np.array([[0.3, 0.7], [0.5, 0.5], [0.7, 0.9], [0.9, 0.9], [0.9, 0.2], [0.0, 0.6], [0.95, 0.9]]).T
"""[party, draw]"""


def first_share(steps, noise, first, rounds):
    """Part of the pie that the first proposer asks for, [draw]; it is cut in so many steps, offers alternate."""
    share = np.arange(steps + 1) / steps
    splits = np.stack([share, share[::-1]])[:, :, None]
    pie = Game(
        gains=np.broadcast_to(splits, (2, steps + 1, DISCOUNTS.shape[1])),
        proposers=tuple((first + number) % 2 for number in range(rounds)),
        kept=np.broadcast_to(DISCOUNTS, (rounds, *DISCOUNTS.shape)),
        waiting_cost=np.zeros_like(DISCOUNTS),
        noise=np.full_like(DISCOUNTS, noise),
    )
    offer = pie.offers()[0]
    assert offer.made.all()
    return splits[first, offer.package, 0]


def error_of_the_split(steps, noise, first):
    own, other = DISCOUNTS[first], DISCOUNTS[1 - first]
    rounds = 150  # what is left of the pie after as many is below the finest step
    return np.abs(first_share(steps, noise, first, rounds) - (1 - other) / (1 - own * other))


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(("steps", "noise"), [(100, 1e-2), (1000, 1e-3), (4000, 2e-4), (1000, 1e-6)])
def test_the_first_offer_for_a_pie_is_rubinsteins_split_but_for_noise_and_grid(steps, noise, first):
    """A proposer that leaves noise * ln(1 / noise), rounded up to a step, on the table is refused with a chance below
    noise, so no round costs it more than the sum of the three; the next own round is worth own * other as much."""
    lost_in_a_round = 1 / steps + noise * (1 + math.log(1 / noise))
    assert (error_of_the_split(steps, noise, first) <= lost_in_a_round / (1 - DISCOUNTS.prod(axis=0))).all()


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    "finer",
    [
        pytest.param([(50, 2e-2), (500, 2e-3), (5000, 2e-4)], id="both"),
        pytest.param([(4000, 2e-2), (4000, 2e-3), (4000, 2e-4)], id="less-noise"),
        pytest.param([(40, 1e-6), (400, 1e-6), (4000, 1e-6)], id="finer-grid"),
    ],
)
def test_rubinsteins_split_comes_closer_as_noise_shrinks_and_the_grid_becomes_finer(finer, first):
    worst = [error_of_the_split(steps, noise, first).max() for steps, noise in finer]
    assert all(later < before / 2 for before, later in pairwise(worst))
    assert worst[-1] < 3e-3


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("rounds", [1, 2, 3, 4, 5])
def test_with_few_rounds_the_proposer_leaves_what_the_other_can_have_at_the_next_round(rounds, first):
    """1, 1 - other, 1 - other * (1 - own), ...: the last proposer takes it all, each one before buys the next one."""
    expected = np.ones(DISCOUNTS.shape[1])
    for number in range(rounds - 2, -1, -1):
        responder = (first + number + 1) % 2
        expected = 1 - DISCOUNTS[responder] * expected
    np.testing.assert_allclose(first_share(4000, 1e-5, first, rounds), expected, atol=5 / 4000)


# -- offers worked out by other means ----------------------------------------------------------------------------------


def test_two_rounds_by_hand():
    """Last round: the second party proposes. The first one gains ln 3 by A, 0 by B, 2 ln 3 by C; with noise 1 it
    accepts with 3/4, 1/2 and 9/10. That makes 2 * 3/4, 2.5 / 2 and 1 * 9/10 for the second: A, worth 3/4 ln 3 and 3/2.

    Refusing before: 3/4 ln 3 - 1/2 ln 3 = 1/4 ln 3, and 0.8 * 3/2 - 0.2 = 1. The second party, noise 1 / ln 3, accepts
    A with 3/4 and C with 1/2. Over refusal that is 3/4 * 3/4 ln 3 = 9/16 ln 3 and 1/2 * 7/4 ln 3 = 14/16 ln 3, and B is
    worse than refusal: C, worth (1/4 + 7/8) ln 3 and, to a party that is indifferent, 1.
    """
    ln3 = math.log(3)
    early, late = Game(
        gains=np.array([[ln3, 0, 2 * ln3], [2, 2.5, 1]])[..., None],
        proposers=(0, 1),
        kept=np.array([[1, 0.8], [math.nan, math.nan]])[..., None],
        waiting_cost=np.array([ln3 / 2, 0.2])[:, None],
        noise=np.array([1, 1 / ln3])[:, None],
    ).offers()
    assert (late.package.item(), late.made.item()) == (0, True)
    assert late.chance.item() == pytest.approx(3 / 4, rel=1e-12)
    np.testing.assert_allclose(late.expected[:, 0], [3 / 4 * ln3, 3 / 2], rtol=1e-12)
    assert (early.package.item(), early.made.item()) == (2, True)
    assert early.chance.item() == pytest.approx(1 / 2, rel=1e-12)
    np.testing.assert_allclose(early.expected[:, 0], [9 / 8 * ln3, 1], rtol=1e-12)


@dataclass(frozen=True)
class PlainOffer:
    """Package (None where no offer is made), its chance, and what both expect."""

    package: int | None
    chance: float
    expected: list[float]


def plain_offers(game, d):
    """Offers in one draw by recursion from a round to the next, in plain numbers."""
    payoffs = game.gains[:, :, d].T.tolist()
    kept, cost, noise = (array[..., d].tolist() for array in (game.kept, game.waiting_cost, game.noise))

    def from_round(number):
        if number == len(game.proposers):
            return []
        ahead = from_round(number + 1)
        waiting = [kept[number][i] * ahead[0].expected[i] - cost[i] for i in range(2)] if ahead else [0.0, 0.0]
        assume(all(abs(value) > 1e-9 or not ahead for value in waiting))
        if min(waiting) < 0.0:  # one of the two would walk away
            waiting = [0.0, 0.0]
        uncertain = any(offer.package is not None for offer in ahead)
        return [plain_offer(payoffs, waiting, game.proposers[number], noise, uncertain), *ahead]

    return from_round(0)


def plain_offer(payoffs, waiting, proposer, noise, uncertain):
    responder = 1 - proposer
    best, worth = None, 0.0
    chances, over_waiting = [], []
    for number, gains in enumerate(payoffs):
        chance = 1 / (1 + math.exp(-(gains[responder] - waiting[responder]) / noise[responder]))
        value = chance * gains[proposer] + (1 - chance) * waiting[proposer]
        chances.append(chance)
        over_waiting.append(chance * (gains[proposer] - waiting[proposer]))
        assert value == pytest.approx(waiting[proposer] + over_waiting[-1], abs=1e-12)
        if over_waiting[-1] > worth:
            best, worth = number, over_waiting[-1]
    assume(clear(payoffs, over_waiting, best, waiting[proposer] if uncertain else None, proposer))
    if best is None:
        return PlainOffer(None, 0.0, waiting)
    expected = [chances[best] * payoffs[best][i] + (1 - chances[best]) * waiting[i] for i in range(2)]
    return PlainOffer(best, chances[best], expected)


def clear(payoffs, over_waiting, best, waiting, proposer):
    """Whether the choice does not hang on the last bits of a number."""
    if waiting is not None and any(abs(gains[proposer] - waiting) < 1e-9 for gains in payoffs):
        return False
    if best is None:
        return True
    others = [worth for gains, worth in zip(payoffs, over_waiting, strict=True) if gains != payoffs[best]]
    return all(worth < over_waiting[best] * (1 - 1e-9) for worth in others)


@given(data=st.data(), rounds=st.integers(1, 3))
def test_offers_chances_and_expected_values_are_those_of_a_plain_recursion(array_of, data, rounds):
    game = data.draw(games(array_of, rounds=rounds))
    found = game.offers()
    assert len(found) == rounds
    for d in range(game.noise.shape[-1]):
        for offer, plain in zip(found, plain_offers(game, d), strict=True):
            assert offer.made[d] == (plain.package is not None)
            assert plain.package in (None, offer.package[d])
            assert offer.chance[d] == pytest.approx(plain.chance, rel=0, abs=1e-12)
            np.testing.assert_allclose(offer.expected[:, d], plain.expected, rtol=0, atol=1e-12)


# -- offers in general -------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_where_nothing_is_to_be_gained_no_offer_is_made_at_any_round(array_of, data):
    game = data.draw(games(array_of))
    idle = replace(game, gains=np.zeros_like(game.gains))
    for offer in idle.offers():
        assert not offer.made.any()
        np.testing.assert_array_equal(offer.chance, 0)
        np.testing.assert_array_equal(offer.expected, 0)


@given(data=st.data())
def test_parties_that_change_places_change_results(array_of, data):
    game = data.draw(games(array_of))
    for offer, mirrored in zip(game.offers(), game.with_parties_swapped().offers(), strict=True):
        np.testing.assert_array_equal(mirrored.package, offer.package)
        np.testing.assert_array_equal(mirrored.made, offer.made)
        np.testing.assert_array_equal(mirrored.chance, offer.chance)
        np.testing.assert_array_equal(mirrored.expected, offer.expected[::-1])


def bits(*results):
    return [np.ascontiguousarray(result).tobytes() for result in results]


def bits_of_a_draw(game, d):
    """What all functions find in one draw of a game."""
    offers = [result[..., d] for o in game.offers() for result in (o.package, o.made, o.chance, o.expected)]
    answers = acceptance(game.gains[0], game.gains[1, :1], game.noise[0])
    rest = answers[:, d], nash_package(game.gains)[d], pareto_frontier(game.gains)[:, d]
    return bits(*offers, *rest)


@given(data=st.data(), draws=st.integers(2, 19))
def test_a_draw_has_the_same_bits_alone_and_among_others(array_of, data, draws):
    game = data.draw(games(array_of, draws=draws))
    for d in range(draws):
        together = bits_of_a_draw(game, d)
        assert bits_of_a_draw(game.in_draws(slice(d, d + 1)), 0) == together
        assert bits_of_a_draw(game.in_draws([d, 0, d]), 2) == together


def dearer_for_the_responder(game, rise):
    cost = game.waiting_cost.copy()
    cost[1 - game.proposers[0]] += rise
    return replace(game, waiting_cost=cost)


@given(data=st.data())
def test_a_responder_for_whom_waiting_becomes_dearer_is_no_less_willing(array_of, data):
    game = data.draw(games(array_of, rounds=2))
    now, last = game.offers()
    dearer, dearer_last = dearer_for_the_responder(game, data.draw(st.floats(0.01, 3))).offers()
    np.testing.assert_array_equal(dearer_last.expected, last.expected)
    same = now.made & dearer.made & (now.package == dearer.package)
    assert (dearer.chance >= now.chance)[same].all()
    if game.gains.shape[1] == 1:  # nothing else to offer, and its own gain is what it was
        np.testing.assert_array_equal(dearer.made, now.made)


def test_dear_waiting_makes_a_responder_sign_what_it_would_refuse():
    """By waiting it would get 3 with 1 / (1 + exp(-1)); free, it all but refuses 1, and at a cost of 3 it accepts."""
    game = Game(
        gains=np.array([[3.0, 1.0], [1.0, 3.0]])[..., None],
        proposers=(0, 1),
        kept=np.ones((2, 2, 1)),
        waiting_cost=np.zeros((2, 1)),
        noise=np.array([[1.0], [0.1]]),
    )
    free, dear = game.offers()[0], dearer_for_the_responder(game, 3.0).offers()[0]
    assert (free.package.item(), dear.package.item()) == (1, 0)
    assert dear.chance.item() > 0.999


# -- answers -----------------------------------------------------------------------------------------------------------


def answer(gain, refusing, noise):
    return acceptance(np.array([gain]), np.array([refusing]), np.array([noise])).item()


@given(gain=eighths, refusing=eighths, noise=st.floats(0.1, 10))
def test_answers_follow_the_logit_formula(gain, refusing, noise):
    expected = math.exp(gain / noise) / (math.exp(gain / noise) + math.exp(refusing / noise))
    assert answer(gain, refusing, noise) == pytest.approx(expected, rel=1e-12)


@given(value=st.floats(-1e300, 1e300), noise=st.floats(1e-300, 1e300))
def test_an_indifferent_party_accepts_every_other_time(value, noise):
    assert answer(value, value, noise) == 0.5


@given(gain=eighths, refusing=eighths, noise=st.floats(1, 10), more=st.integers(1, 40))
def test_a_larger_gain_is_accepted_more_often(gain, refusing, noise, more):
    assert answer(gain + more / 8, refusing, noise) > answer(gain, refusing, noise)


@given(gain=eighths, refusing=eighths, noise=st.floats(0.01, 10), shift=eighths)
def test_answers_depend_on_the_difference_alone(gain, refusing, noise, shift):
    assert answer(gain + shift, refusing + shift, noise) == answer(gain, refusing, noise)


@given(gain=eighths, refusing=eighths, noise=st.floats(0.1, 10))
def test_an_offer_is_accepted_as_often_as_its_reverse_is_refused(gain, refusing, noise):
    assert answer(gain, refusing, noise) + answer(refusing, gain, noise) == pytest.approx(1, rel=1e-15)


@pytest.mark.parametrize(
    ("distance", "noise"), [(1e4, 1.0), (1.0, 1e-6), (1e300, 1e-300), (1.7e308, 1.0), (1e-3, 5e-324)]
)
def test_answers_far_from_indifference_are_certain_and_nobody_is_warned(distance, noise):
    assert answer(distance, 0.0, noise) == 1
    assert answer(-distance, 0.0, noise) == 0
    assert answer(0.0, distance, noise) == 0
    assert answer(0.0, -distance, noise) == 1


# -- solutions to compare with -----------------------------------------------------------------------------------------


def one_draw(*payoffs):
    """Gains [party, package, draw] of one draw from pairs of payoffs, package by package."""
    return np.array(payoffs, dtype=float).T[:, :, None]


THREE_BY_THREE = (
    *((0, 0), (9, 1), (12, -1)),
    *((1, 7), (5, 4), (8, 2)),
    *((-2, 12), (2, 6), (4, 4)),
)


@pytest.mark.parametrize(
    ("payoffs", "best"),
    [
        # Each would like the other to give way alone; only if both do, both gain.
        pytest.param([(0, 0), (5, -1), (-1, 4), (3, 2)], 3, id="2x2-both-give-way"),
        # 3 * 3 = 9 beats 7 * 1, though 7 + 1 is more than 3 + 3; and 2 * 4 = 8, though 2 + 4 is as much.
        pytest.param([(0, 0), (7, 1), (3, 3), (2, 4)], 2, id="2x2-not-the-largest-sum"),
        # Two losses have the largest product, 12, but both would rather have no deal; 2 * 3 beats 4 * 1.
        pytest.param([(-3, -4), (4, 1), (2, 3), (6, -1)], 2, id="2x2-two-losses"),
        # Products of those by which both gain: 9; 7, 20, 16; 12, 16. The largest sum, 11, lies elsewhere.
        pytest.param(THREE_BY_THREE, 4, id="3x3"),
        # A prisoners' dilemma without its good corner: what helps one hurts the other, or both are hurt.
        pytest.param([(0, 0), (3, -2), (-2, 3), (-1, -1)], -1, id="2x2-nothing-for-both"),
        # One gains, and the other is where it was: it has no reason to sign.
        pytest.param([(0, 0), (5, 0), (0, 5), (-1, 9)], -1, id="2x2-nothing-for-the-other"),
        # A sum of zero everywhere, so that one always loses what the other gains.
        pytest.param(
            [(0, 0), (2, -2), (-1, 1), (4, -4), (0, 0), (-3, 3), (1, -1), (5, -5), (-2, 2)], -1, id="3x3-sum-of-zero"
        ),
    ],
)
def test_the_nash_package_has_the_largest_product_of_two_gains(payoffs, best):
    assert nash_package(one_draw(*payoffs)).tolist() == [best]


@st.composite
def whole_games(draw):
    """Gains in whole numbers: few, so that there are ties and twins, and their products are exact."""
    packages, draws, most = draw(st.integers(1, 9)), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    pair = st.tuples(st.integers(-most, most), st.integers(-most, most))
    rows = st.lists(pair, min_size=packages, max_size=packages)
    return np.array(draw(st.lists(rows, min_size=draws, max_size=draws)), dtype=float).transpose(2, 1, 0)


def pairs(gains, d):
    return [tuple(pair) for pair in gains[:, :, d].T.tolist()]


@given(gains=whole_games())
def test_no_package_that_helps_both_has_a_larger_product_than_the_nash_package(gains):
    for d, found in enumerate(nash_package(gains).tolist()):
        products = {k: us * them for k, (us, them) in enumerate(pairs(gains, d)) if us > 0 and them > 0}
        if products:
            assert products[found] == max(products.values())
        else:
            assert found == -1


@given(gains=whole_games(), unit=st.sampled_from([2.0**-20, 0.5, 4.0, 2.0**20]))
def test_the_nash_package_knows_neither_units_nor_who_is_first(gains, unit):
    def products(packages):
        return [math.prod(pairs(gains, d)[k]) if k >= 0 else None for d, k in enumerate(packages.tolist())]

    found = nash_package(gains)
    np.testing.assert_array_equal(nash_package(gains * np.array([unit, 1.0])[:, None, None]), found)
    assert products(nash_package(gains[::-1])) == products(found)


def beats(one, other):
    return one != other and one[0] >= other[0] and one[1] >= other[1]


@given(gains=whole_games())
@example(gains=one_draw((1, 1), (1, 1), (0, 1), (1, 0), (1, 1)))
@example(gains=one_draw((2, 1), (2, 2), (2, 2), (1, 2), (-0.0, 3), (0.0, 3)))
def test_the_frontier_is_what_nothing_else_beats(gains):
    frontier = pareto_frontier(gains)
    for d in range(gains.shape[-1]):
        packages = pairs(gains, d)
        expected = [not any(beats(other, one) for other in packages) for one in packages]
        assert frontier[:, d].tolist() == expected


@given(data=st.data())
def test_the_frontier_is_what_nothing_else_beats_where_gains_are_any_numbers(array_of, data):
    gains = data.draw(games(array_of)).gains
    weakly = (gains[:, :, None] >= gains[:, None]).all(axis=0)
    strictly = (gains[:, :, None] > gains[:, None]).any(axis=0)
    np.testing.assert_array_equal(pareto_frontier(gains), ~(weakly & strictly).any(axis=0))


def test_the_frontier_of_a_three_by_three_game():
    """Nothing has to be said for (0, 0), and (5, 4) beats (4, 4); the others are in order of what they cost one party:
    12, 9, 8, 5, 2, 1, -2 for the first have -1, 1, 2, 4, 6, 7, 12 for the second."""
    on_it = [False, True, True, True, True, True, True, True, False]
    assert pareto_frontier(one_draw(*THREE_BY_THREE))[:, 0].tolist() == on_it


@given(gains=whole_games())
def test_a_nash_package_is_on_the_frontier(gains):
    frontier, found = pareto_frontier(gains), nash_package(gains)
    assert all(frontier[package, d] for d, package in enumerate(found.tolist()) if package >= 0)
