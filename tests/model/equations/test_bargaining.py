"""Offers and answers of two parties, against results known by hand, by theory and by a plain recursion."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sim.model.equations.bargaining import (
    acceptance,
    after_offer,
    after_refusal,
    after_staying,
    lacking,
    look_ahead,
    nash_package,
    pareto_frontier,
    reservation,
)
from tests.made_up_games import (
    games,
    in_draws,
    offered,
    one_draw,
    open_game,
    open_games,
    same_ahead,
    with_parties_swapped,
)

eighths = st.integers(-80, 80).map(lambda n: n / 8)
"""Numbers whose sums and differences are exact."""


# -- a pie that can be divided at will ---------------------------------------------------------------------------------

DISCOUNTS = np.array([[0.3, 0.7], [0.5, 0.5], [0.7, 0.9], [0.9, 0.9], [0.9, 0.2], [0.0, 0.6], [0.95, 0.9]]).T
"""[party, draw]"""


def first_share(steps, noise, first, rounds):
    """Part of the pie that the first proposer asks for, [draw]; it is cut in so many steps, offers alternate."""
    share = np.arange(steps + 1) / steps
    splits = np.stack([share, share[::-1]])[:, :, None]
    pie = open_game(
        gains=np.broadcast_to(splits, (2, steps + 1, DISCOUNTS.shape[1])),
        proposers=tuple((first + number) % 2 for number in range(rounds)),
        discount=np.broadcast_to(DISCOUNTS, (rounds, *DISCOUNTS.shape)),
        waiting_cost=np.zeros_like(DISCOUNTS),
        noise=np.full_like(DISCOUNTS, noise),
    )
    package, made, _ = offered(look_ahead(pie)[0])
    assert made.all()
    return splits[first, package, 0]


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
    early, late = look_ahead(
        open_game(
            gains=np.array([[ln3, 0, 2 * ln3], [2, 2.5, 1]])[..., None],
            proposers=(0, 1),
            discount=np.array([[1, 0.8], [math.nan, math.nan]])[..., None],
            waiting_cost=np.array([ln3 / 2, 0.2])[:, None],
            noise=np.array([1, 1 / ln3])[:, None],
        )
    )
    assert [part.item() for part in offered(late)] == [0, True, pytest.approx(3 / 4, rel=1e-12)]
    np.testing.assert_allclose(late.expected[:, 0, 0, 0], [3 / 4 * ln3, 3 / 2], rtol=1e-12)
    assert [part.item() for part in offered(early)] == [2, True, pytest.approx(1 / 2, rel=1e-12)]
    np.testing.assert_allclose(early.refusing[:, 0, 0, 0], [ln3 / 4, 1], rtol=1e-12)
    np.testing.assert_allclose(early.expected[:, 0, 0, 0], [9 / 8 * ln3, 1], rtol=1e-12)


def offers_of_old(game, d):
    """Package, chance and what both expect, round by round, where nothing is hidden and nobody can leave.

    The recursion of two lines that all else reduces to: V = kept * W - cost, W = V + Pr * (U - V).
    """
    payoffs = game.gains[:, :, 0, d].T.tolist()
    discount, cost, noise = (array[..., d].tolist() for array in (game.discount, game.waiting_cost, game.noise))
    found = []
    for number in reversed(range(len(game.proposers))):
        waiting = [discount[number][i] * found[0][2][i] - cost[number][i] for i in range(2)] if found else [0.0, 0.0]
        own, other = game.proposers[number], 1 - game.proposers[number]
        chances = [1 / (1 + math.exp(-(gains[other] - waiting[other]) / noise[other])) for gains in payoffs]
        over = [chance * (gains[own] - waiting[own]) for chance, gains in zip(chances, payoffs, strict=True)]
        ranked = sorted(range(len(over)), key=lambda q, over=over: -over[q])
        assume(abs(over[ranked[0]]) > 1e-9)
        assume(len(ranked) == 1 or over[ranked[0]] - over[ranked[1]] > 1e-9)
        best = ranked[0] if over[ranked[0]] > 0 else None
        chance, gains = (0.0, waiting) if best is None else (chances[best], payoffs[best])
        worth = [chance * won + (1 - chance) * refused for won, refused in zip(gains, waiting, strict=True)]
        found.insert(0, (best, chance, worth))
    return found


@given(data=st.data(), rounds=st.integers(1, 3))
def test_offers_chances_and_values_of_an_open_game_are_those_of_the_plain_old_recursion(array_of, data, rounds):
    game = data.draw(open_games(array_of, rounds=rounds))
    found = look_ahead(game)
    assert len(found) == rounds
    for d in range(game.noise.shape[-1]):
        for ahead, (best, chance, worth) in zip(found, offers_of_old(game, d), strict=True):
            package, made, accepted = (part[..., d].item() for part in offered(ahead))
            assert (made, best) == (best is not None, package if made else None)
            assert accepted == pytest.approx(chance, rel=0, abs=1e-12)
            np.testing.assert_allclose(ahead.expected[:, 0, 0, d], worth, rtol=0, atol=1e-12)


# -- offers in general -------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_where_nothing_is_to_be_gained_and_nothing_lost_no_offer_is_made_at_any_round(array_of, data):
    game = data.draw(games(array_of))
    nothing = {name: np.zeros_like(getattr(game, name)) for name in ("gains", "climb", "waiting_cost")}
    for ahead in look_ahead(game._replace(**nothing)):
        assert not ahead.made.any()
        for name in ("refusing", "expected", "going_on", "leaving"):
            np.testing.assert_array_equal(getattr(ahead, name), 0, err_msg=name)


def test_a_deal_worth_nothing_is_signed_to_be_rid_of_the_cost_of_waiting():
    """Refusal costs both 1 and brings nothing better, so that the offer is worth 1 more than it."""
    game = open_game(
        gains=np.zeros((2, 1, 1)), proposers=(0, 1), discount=np.ones((2, 2, 1)), waiting_cost=np.ones((2, 1)),
        noise=np.ones((2, 1)),
    )  # fmt: skip
    first, last = look_ahead(game)
    assert not last.made.any()
    assert [part.item() for part in offered(first)] == [0, True, pytest.approx(1 / (1 + math.exp(-1)))]


@given(data=st.data())
def test_parties_that_change_places_change_results(array_of, data):
    game = data.draw(games(array_of))
    by_party = ("refusing", "expected", "going_on", "leaving")
    for ahead, mirrored in zip(look_ahead(game), look_ahead(with_parties_swapped(game)), strict=True):
        swapped = {name: getattr(mirrored, name)[::-1] for name in by_party}
        same_ahead(mirrored._replace(**swapped), ahead)


def bits(*results):
    return [np.ascontiguousarray(result).tobytes() for result in results]


def bits_of_a_draw(game, d):
    """What all functions find in one draw of a game."""
    rungs = np.full(game.noise.shape[-1], game.climb.shape[1] - 1)
    rounds = look_ahead(game)
    found = [values[..., d] for ahead in rounds for values in ahead]
    held = rounds[0].on(rungs)
    package, made = held.package[0], held.made[0]
    i, j = game.proposers[0], 1 - game.proposers[0]
    learned = (
        after_offer(game.belief[i], held, package, made, game.noise[i]),
        after_refusal(game.belief[j], held, package, made),
        after_staying(game.belief, held, game.noise),
    )
    gains = np.ascontiguousarray(game.gains[:, :, 0])
    answers = acceptance(gains[0], gains[1, :1], game.noise[0])
    others = reservation(gains), lacking(gains, game.reserve[:, 0]), nash_package(gains), pareto_frontier(gains)
    return bits(*found, *(result[..., d] for result in (*learned, answers, *others)))


@given(data=st.data(), draws=st.integers(2, 19))
def test_a_draw_has_the_same_bits_alone_and_among_others(array_of, data, draws):
    game = data.draw(games(array_of, draws=draws))
    for d in range(draws):
        together = bits_of_a_draw(game, d)
        assert bits_of_a_draw(in_draws(game, slice(d, d + 1)), 0) == together
        assert bits_of_a_draw(in_draws(game, [d, 0, d]), 2) == together


def dearer_for_the_responder(game, rise):
    cost = game.waiting_cost.copy()
    cost[:, 1 - game.proposers[0]] += rise
    return game._replace(waiting_cost=cost)


@given(data=st.data())
def test_a_responder_for_whom_waiting_becomes_dearer_is_no_less_willing(array_of, data):
    game = data.draw(open_games(array_of, rounds=2))
    now, last = look_ahead(game)
    dearer, dearer_last = look_ahead(dearer_for_the_responder(game, data.draw(st.floats(0.01, 3))))
    np.testing.assert_array_equal(dearer_last.expected, last.expected)
    assert (dearer.accepts >= now.accepts).all()
    if game.gains.shape[1] == 1:  # nothing else to offer, and its own gain is what it was
        np.testing.assert_array_equal(dearer.made, now.made)


def test_dear_waiting_makes_a_responder_sign_what_it_would_refuse():
    """By waiting it would get 3 with 1 / (1 + exp(-1)); free, it all but refuses 1, and at a cost of 3 it accepts."""
    game = open_game(
        gains=np.array([[3.0, 1.0], [1.0, 3.0]])[..., None],
        proposers=(0, 1),
        discount=np.ones((2, 2, 1)),
        waiting_cost=np.zeros((2, 1)),
        noise=np.array([[1.0], [0.1]]),
    )
    free, dear = (offered(look_ahead(held)[0]) for held in (game, dearer_for_the_responder(game, 3.0)))
    assert (free[0].item(), dear[0].item()) == (1, 0)
    assert dear[2].item() > 0.999


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
    gains = data.draw(games(array_of)).gains[:, :, 0]
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
