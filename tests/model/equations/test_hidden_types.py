"""Parties that do not know each other's type, climb a ladder, and may walk away: by hand and by plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.model.equations.bargaining import (
    Ahead,
    Game,
    after_offer,
    after_refusal,
    after_staying,
    lacking,
    look_ahead,
    only_frontier,
    pareto_frontier,
    reservation,
)
from tests import plain_bargain as plain
from tests.made_up_games import games, offered, one_draw, open_game, open_games, same_ahead

# -- all of it, by plain loops -----------------------------------------------------------------------------------------


def by_name(ahead, plain_round):
    """What is to be compared, [..., rung] in one draw each, the plain numbers beside."""
    for name in ("refusing", "expected", "going_on", "leaving"):
        yield name, getattr(ahead, name), getattr(plain_round, name)
    yield "accepts", ahead.accepts, plain_round.accepts
    yield "surplus", ahead.surplus, plain_round.surplus


@given(data=st.data(), rounds=st.integers(1, 3))
def test_all_that_lies_ahead_is_what_plain_loops_find(array_of, data, rounds):
    """Over types, rungs and packages, with breaks, resumptions, and sides that walk away."""
    game = data.draw(games(array_of, rounds=rounds))
    found = look_ahead(game)
    assert len(found) == rounds
    for d in range(game.noise.shape[-1]):
        by_hand = plain.PlainBargain.of(game, d)
        expected = by_hand.rounds()
        assume(not by_hand.unclear)
        for ahead, plain_round in zip(found, expected, strict=True):
            for name, here, there in by_name(ahead, plain_round):
                np.testing.assert_allclose(here[..., d], there, rtol=0, atol=1e-12, err_msg=name)
            offers = np.array([[-1 if q is None else q for q in by_rung] for by_rung in plain_round.offers])
            np.testing.assert_array_equal(np.where(ahead.made, ahead.package, -1)[..., d], offers)


def test_the_games_that_are_tried_hold_all_that_can_happen(array_of):
    """Walks away, offers that are not made, and types of chance 0, or the test above would say little."""
    found = {"walks": 0, "stays": 0, "offers": 0, "none": 0, "impossible": 0}

    @given(data=st.data())
    def look(data):
        game = data.draw(games(array_of, rounds=2))
        first = look_ahead(game)[0]
        found["walks"] += (first.leaving > first.going_on).sum()
        found["stays"] += (first.leaving < first.going_on).sum()
        found["offers"] += first.made.sum()
        found["none"] += (~first.made).sum()
        found["impossible"] += (game.belief == 0).sum()

    look()
    assert min(found.values()) > 5, found


@given(data=st.data())
def test_a_draw_is_looked_at_on_the_rung_that_it_has_reached(array_of, data):
    game = data.draw(games(array_of, draws=4))
    rung = data.draw(st.lists(st.integers(0, game.climb.shape[1] - 1), min_size=4, max_size=4).map(np.array))
    for ahead in look_ahead(game):
        held = ahead.on(rung)
        for name, whole, chosen in zip(Ahead._fields, ahead, held, strict=True):
            for d in range(4):
                np.testing.assert_array_equal(chosen[..., d], whole[..., rung[d], d], err_msg=name)


# -- packages worth a look ---------------------------------------------------------------------------------------------


@given(data=st.data())
def test_packages_that_another_one_beats_change_no_offer_no_chance_and_no_value(array_of, data):
    """What fills up the places is never offered, and is so bad that nobody would sign it."""
    game = data.draw(games(array_of))
    kept, index, _ = only_frontier(game.gains)
    draws = np.arange(game.noise.shape[-1])
    for whole, less in zip(look_ahead(game), look_ahead(game._replace(gains=kept)), strict=True):
        np.testing.assert_array_equal(less.made, whole.made)
        for rung in range(game.climb.shape[1]):
            here, there = less.package[:, rung], whole.package[:, rung]
            made = whole.made[:, rung]
            np.testing.assert_array_equal(index[here, rung, draws][made], there[made])
            for kind in range(len(here)):
                chances = [offered(ahead, kind, rung)[2] for ahead in (less, whole)]
                np.testing.assert_array_equal(*chances)
        for name in ("refusing", "expected", "going_on", "leaving"):
            np.testing.assert_array_equal(getattr(less, name), getattr(whole, name), err_msg=name)


@given(data=st.data())
def test_only_the_frontier_is_kept_in_its_old_order(array_of, data):
    gains = data.draw(games(array_of)).gains
    kept, index, count = only_frontier(gains)
    for rung in range(gains.shape[2]):
        frontier = pareto_frontier(gains[:, :, rung])
        for d in range(gains.shape[-1]):
            on_it = np.flatnonzero(frontier[:, d])
            assert count[rung, d] == len(on_it)
            np.testing.assert_array_equal(index[: len(on_it), rung, d], on_it)
            np.testing.assert_array_equal(kept[:, : len(on_it), rung, d], gains[:, on_it, rung, d])
            assert (kept[:, len(on_it) :, rung, d] < -1e20).all()


# -- resolve that both know --------------------------------------------------------------------------------------------


@given(data=st.data())
def test_resolve_that_both_know_is_the_same_as_gains_that_are_so_much_smaller(array_of, data):
    """The solution with full information: no beliefs play a part."""
    game = data.draw(games(array_of))
    reserve = game.reserve[:, :1]
    known = game._replace(reserve=reserve, belief=np.ones_like(reserve))
    smaller = known._replace(gains=game.gains - reserve[:, :, None], reserve=np.zeros_like(reserve))
    alike = game._replace(reserve=np.broadcast_to(reserve, game.reserve.shape))
    for d in range(game.noise.shape[-1]):
        by_hand = plain.PlainBargain.of(known, d)
        by_hand.rounds()
        assume(not by_hand.unclear)
    for ahead, other, hidden in zip(*map(look_ahead, (known, smaller, alike)), strict=True):
        same_ahead(ahead, other, rtol=0, atol=1e-12)
        for name in ("refusing", "expected"):  # types that do not differ hide nothing
            for kind in range(game.reserve.shape[1]):
                np.testing.assert_allclose(getattr(hidden, name)[:, kind], getattr(ahead, name)[:, 0], atol=1e-12)


@given(data=st.data(), more=st.floats(0.1, 5))
def test_nobody_reckons_with_a_type_that_is_impossible(array_of, data, more):
    """What a party is stands beside the types that it may be, with a chance of 0: the other side does not feel it."""
    game = data.draw(games(array_of))
    belief, reserve = game.belief.copy(), game.reserve.copy()
    types = belief.shape[1]
    assume(types > 1)
    belief[0, -1] = 0.0
    belief[0] /= belief[0].sum(axis=0)
    game = game._replace(belief=belief)
    reserve[0, -1] += more
    for ahead, other in zip(look_ahead(game), look_ahead(game._replace(reserve=reserve)), strict=True):
        for name in ("refusing", "expected", "going_on", "leaving"):
            here, there = getattr(ahead, name), getattr(other, name)
            np.testing.assert_array_equal(here[1], there[1], err_msg=name)
            np.testing.assert_array_equal(here[0, : types - 1], there[0, : types - 1], err_msg=name)


# -- hidden types ------------------------------------------------------------------------------------------------------

ONE_ROUND = {
    "gains": np.array([[6.0, 3.0], [1.0, 4.0]])[:, :, None, None],
    "reserve": np.array([[0.0, 5.0], [0.0, 2.0]])[..., None],
    "belief": np.array([[0.6, 0.4], [0.3, 0.7]])[..., None],
    "noise": np.array([[2.0], [1.0]]),
}
"""The first party proposes; either is soft or hard."""


def one_round():
    game = open_game(ONE_ROUND["gains"][:, :, 0], (0,), np.ones((1, 2, 1)), np.zeros((2, 1)), ONE_ROUND["noise"])
    game = game._replace(reserve=ONE_ROUND["reserve"], belief=ONE_ROUND["belief"])
    (ahead,) = look_ahead(game)
    return game, ahead.on(np.zeros(1, dtype=np.int64))


def logistic(x):
    return 1 / (1 + math.exp(-x))


SOFT, HARD = 0, 1
ACCEPTS = {(SOFT, 0): logistic(1), (SOFT, 1): logistic(4), (HARD, 0): logistic(-1), (HARD, 1): logistic(2)}
"""Chance that each type of the second party signs each package, noise 1."""
TRUSTED = [0.3 * ACCEPTS[SOFT, q] + 0.7 * ACCEPTS[HARD, q] for q in (0, 1)]


def test_one_round_between_two_types_by_hand():
    """The soft proposer gains 6 or 3, the hard one 1 or -2; it would not offer the second one."""
    _, ahead = one_round()
    for (kind, package), chance in ACCEPTS.items():
        assert ahead.accepts[kind, package, 0] == pytest.approx(chance, rel=1e-12)
    worth = {SOFT: [6 * TRUSTED[0], 3 * TRUSTED[1]], HARD: [1 * TRUSTED[0], -2 * TRUSTED[1]]}
    np.testing.assert_allclose(ahead.surplus[:, :, 0], [worth[SOFT], worth[HARD]], rtol=1e-12)
    assert ahead.package[:, 0].tolist() == [int(worth[SOFT][1] > worth[SOFT][0]), 0]
    assert ahead.made.all()
    np.testing.assert_allclose(ahead.expected[0, :, 0], [max(worth[SOFT]), max(worth[HARD])], rtol=1e-12)
    soft_offer = int(ahead.package[SOFT, 0])
    for kind, reserve in ((SOFT, 0.0), (HARD, 2.0)):
        gain = [ACCEPTS[kind, q] * (won - reserve) for q, won in ((0, 1.0), (1, 4.0))]
        assert ahead.expected[1, kind, 0] == pytest.approx(0.6 * gain[soft_offer] + 0.4 * gain[0], rel=1e-12)


@pytest.mark.parametrize("package", [0, 1])
def test_what_is_believed_after_a_refusal_is_bayes_by_hand(package):
    game, ahead = one_round()
    refuses = 0.3 * (1 - ACCEPTS[SOFT, package]), 0.7 * (1 - ACCEPTS[HARD, package])
    found = after_refusal(game.belief[1], ahead, np.array([package]), np.array([True]))
    np.testing.assert_allclose(found[:, 0], [held / sum(refuses) for held in refuses], rtol=1e-12)
    silent = after_refusal(game.belief[1], ahead, np.array([package]), np.array([False]))
    np.testing.assert_allclose(silent[:, 0], [0.3, 0.7], rtol=1e-12)


@pytest.mark.parametrize("package", [0, 1, None])
def test_what_is_believed_after_an_offer_is_bayes_on_a_logit_choice_by_hand(package):
    game, ahead = one_round()
    worth = {SOFT: [6 * TRUSTED[0], 3 * TRUSTED[1], 0.0], HARD: [1 * TRUSTED[0], -2 * TRUSTED[1], 0.0]}
    made = {kind: [math.exp(value / 2) for value in values] for kind, values in worth.items()}
    place = 2 if package is None else package
    joint = [prior * made[kind][place] / sum(made[kind]) for kind, prior in ((SOFT, 0.6), (HARD, 0.4))]
    offered_package, is_made = np.array([package or 0]), np.array([package is not None])
    found = after_offer(game.belief[0], ahead, offered_package, is_made, game.noise[0])
    np.testing.assert_allclose(found[:, 0], [held / sum(joint) for held in joint], rtol=1e-12)


def test_a_refusal_speaks_for_the_hard_type_and_a_generous_offer_for_the_soft_one():
    game, ahead = one_round()
    yes = np.array([True])
    refused = after_refusal(game.belief[1], ahead, np.array([1]), yes)
    generous = after_offer(game.belief[0], ahead, np.array([1]), yes, game.noise[0])
    assert refused[HARD, 0] > 0.7
    assert generous[HARD, 0] < 0.4


def test_what_is_believed_of_a_side_that_stays_is_bayes_on_a_logit_choice_by_hand():
    """Two rounds; walking brings the next rung for certain, and no more talks, of which the hard ones expect less."""
    game = walking_game(climb=(3.0, -1.0), reserve=((0.0, 4.0), (0.0, 1.0)), resumed=np.zeros((2, 1)))
    ahead = look_ahead(game)[0].on(np.zeros(1, dtype=np.int64))
    found = after_staying(game.belief, ahead, game.noise)
    for party in range(2):
        stays = [
            logistic((ahead.going_on[party, t, 0] - ahead.leaving[party, t, 0]) / game.noise[party, 0])
            for t in range(2)
        ]
        joint = [prior * chance for prior, chance in zip(game.belief[party, :, 0], stays, strict=True)]
        np.testing.assert_allclose(found[party, :, 0], [held / sum(joint) for held in joint], rtol=1e-12)
    assert (found[:, SOFT, 0] > 0.5).all(), "a hard one has less to gain by a deal, and would rather have left"


@given(data=st.data())
def test_beliefs_stay_chances_and_what_is_impossible_stays_so(array_of, data):
    game = data.draw(games(array_of))
    i, j = game.proposers[0], 1 - game.proposers[0]
    draws = game.noise.shape[-1]
    held = look_ahead(game)[0].on(np.zeros(draws, dtype=np.int64))
    package, made = held.package[-1], held.made[-1]
    learned = {
        "offer": (i, after_offer(game.belief[i], held, package, made, game.noise[i])),
        "refusal": (j, after_refusal(game.belief[j], held, package, made)),
    } | {f"stay {p}": (p, values) for p, values in enumerate(after_staying(game.belief, held, game.noise))}
    for what, (party, belief) in learned.items():
        assert (belief >= 0).all(), what
        np.testing.assert_allclose(belief.sum(axis=0), 1, rtol=1e-12, err_msg=what)
        np.testing.assert_array_equal(belief == 0, game.belief[party] == 0, err_msg=what)


@given(data=st.data())
def test_beliefs_are_those_of_plain_loops(array_of, data):
    game = data.draw(games(array_of))
    i, j = game.proposers[0], 1 - game.proposers[0]
    draws = game.noise.shape[-1]
    held = look_ahead(game)[0].on(np.zeros(draws, dtype=np.int64))
    package, made = held.package[0], held.made[0]
    offer = after_offer(game.belief[i], held, package, made, game.noise[i])
    refusal = after_refusal(game.belief[j], held, package, made)
    stay, every = after_staying(game.belief, held, game.noise), list(range(game.gains.shape[1]))
    for d in range(draws):
        by_hand = plain.PlainBargain.of(game, d)
        seen = by_hand.rounds()[0]
        assume(not by_hand.unclear)
        place = int(package[d]) if made[d] else None
        belief, noise = by_hand.belief, by_hand.noise
        # A posterior of what was all but impossible is a quotient of small numbers, of which few digits are known.
        np.testing.assert_allclose(
            offer[:, d], plain.after_an_offer(belief[i], seen, place, 0, noise[i], every), rtol=0, atol=1e-7
        )
        np.testing.assert_allclose(refusal[:, d], plain.after_a_refusal(belief[j], seen, place, 0), rtol=0, atol=1e-4)
        for party in range(2):
            by_bayes = plain.after_a_stay(belief[party], seen, party, 0, noise[party])
            np.testing.assert_allclose(stay[party, :, d], by_bayes, rtol=0, atol=1e-4)


def test_what_no_type_would_do_tells_nothing():
    """Both accept to the last bit, and yet the offer was refused."""
    game, ahead = one_round()
    certain = ahead._replace(accepts=np.ones_like(ahead.accepts))
    found = after_refusal(game.belief[1], certain, np.array([0]), np.array([True]))
    np.testing.assert_allclose(found, game.belief[1], rtol=1e-12)


# -- escalation and walking away ---------------------------------------------------------------------------------------


def walking_game(climb=(5.0, -5.0), reserve=((0.0,), (0.0,)), rounds=2, **changed):
    """Two rungs; nothing escalates while the talks go on, and the next rung comes for certain if somebody leaves.

    One package, good for both, worth as much on both rungs; talks that are off are taken up again at once.
    """
    types = len(reserve[0])
    game = Game(
        gains=np.broadcast_to(np.array([2.0, 3.0])[:, None, None, None], (2, 1, 2, 1)),
        climb=np.array([[climb[0], 0.0], [climb[1], 0.0]])[..., None],
        reserve=np.array(reserve)[..., None],
        belief=np.full((2, types, 1), 1 / types),
        noise=np.ones((2, 1)),
        proposers=(0, 1, 0, 1)[:rounds],
        discount=np.ones((rounds, 2, 1)),
        waiting_cost=np.zeros((rounds, 2, 1)),
        climbs=np.zeros(1),
        climbs_by_walking=np.ones(1),
        suspended=np.zeros(1),
        resumed=np.ones((rounds, 1)),
    )
    return game._replace(**changed)


def test_a_side_that_gains_by_the_next_rung_walks_where_that_brings_it_and_talks_go_on():
    """It has 2 with the chance of the last round either way, and 5 more if it walks; the other side has 5 less."""
    first, last = look_ahead(walking_game())
    chance = logistic(2.0)  # the second party makes the last offer
    np.testing.assert_allclose(last.expected[:, 0, :, 0], [[2 * chance] * 2, [3 * chance] * 2], rtol=1e-12)
    np.testing.assert_allclose(first.going_on[:, 0, 0, 0], [2 * chance, 3 * chance], rtol=1e-12)
    np.testing.assert_allclose(first.leaving[:, 0, 0, 0], [2 * chance + 5, 3 * chance - 5], rtol=1e-12)
    np.testing.assert_allclose(first.refusing[:, 0, 0, 0], [2 * chance + 5, 3 * chance - 5], rtol=1e-12)
    np.testing.assert_allclose(first.refusing[:, 0, 1, 0], [2 * chance, 3 * chance], rtol=1e-12)


def test_nobody_walks_for_a_rung_that_comes_anyway_or_never():
    for chance in (0.0, 1.0):
        for ahead in look_ahead(walking_game(climbs=np.full(1, chance), climbs_by_walking=np.full(1, chance))):
            np.testing.assert_array_equal(ahead.leaving, ahead.going_on)


@pytest.mark.parametrize("belief", [0.0, 0.25, 1.0])
def test_what_the_other_side_may_do_counts_by_what_is_believed_of_it(belief):
    """The second party's other type has nothing to win by a deal, and its walking brings it 1."""
    game = walking_game(climb=(-5.0, 1.0), reserve=((0.0, 0.0), (0.0, 100.0)))
    game = game._replace(belief=np.array([[0.5, 0.5], [1 - belief, belief]])[..., None], resumed=np.zeros((2, 1)))
    first, last = look_ahead(game)
    assert (last.expected[0, 0, 0, 0] == 0) == (belief == 1), "the last offer is the second party's"
    going_on, leaving = first.going_on[0, 0, 0, 0], first.leaving[0, 0, 0, 0]
    assert leaving == -5
    assert first.refusing[0, 0, 0, 0] == pytest.approx(belief * -5 + (1 - belief) * going_on, rel=1e-12)


@given(data=st.data(), rise=st.floats(0.1, 3), chance=st.floats(0.1, 1))
def test_a_threat_makes_the_threatened_side_more_willing(array_of, data, rise, chance):
    """The next rung costs the responder more and the proposer no less, and packages are worth what they were."""
    game = data.draw(open_games(array_of, rounds=2))
    draws, j = game.noise.shape[-1], 1 - game.proposers[0]
    two = game._replace(
        gains=np.repeat(game.gains, 2, axis=2),
        climb=np.zeros((2, 2, draws)),
        climbs=np.full(draws, chance),
        climbs_by_walking=np.full(draws, chance),
    )
    worse = two.climb.copy()
    worse[j, 0] = -rise
    free, threatened = look_ahead(two)[0], look_ahead(two._replace(climb=worse))[0]
    fell = free.refusing[j] - threatened.refusing[j]
    np.testing.assert_allclose(fell[:, 0], chance * rise, rtol=1e-9)
    np.testing.assert_allclose(fell[:, 1], 0, atol=1e-12)
    assert (threatened.accepts >= free.accepts).all()


@given(data=st.data())
def test_a_ladder_that_changes_nothing_changes_nothing(array_of, data):
    game = data.draw(open_games(array_of))
    draws = game.noise.shape[-1]
    ladder = game._replace(gains=np.repeat(game.gains, 3, axis=2), climb=np.zeros((2, 3, draws)),
        climbs=np.full(draws, 0.5), climbs_by_walking=np.full(draws, 0.5),
    )  # fmt: skip
    for flat, tall in zip(look_ahead(game), look_ahead(ladder), strict=True):
        for rung in range(3):
            np.testing.assert_allclose(tall.expected[:, :, rung], flat.expected[:, :, 0], rtol=0, atol=1e-12)


def test_talks_that_are_off_for_good_are_worth_their_costs_and_what_comes_by_leaving():
    """Three rounds, of which two can be waited for; after the last one nothing is borne."""
    game = walking_game(
        rounds=3, resumed=np.zeros((3, 1)), suspended=np.ones(1), climbs=np.full(1, 0.5),
        waiting_cost=np.full((3, 2, 1), 0.25), discount=np.full((3, 2, 1), 0.9),
    )  # fmt: skip
    first = look_ahead(game)[0]
    np.testing.assert_allclose(first.refusing[:, 0, 0, 0], np.array([2.5, -2.5]) - 0.25 - 0.9 * 0.25, rtol=1e-12)


# -- what suits both ---------------------------------------------------------------------------------------------------


def test_the_best_that_hurts_neither_by_hand():
    gains = one_draw((3, -1), (2, 1), (-4, 9), (1, 5), (0, 0))
    assert reservation(gains)[:, 0].tolist() == [2, 5]
    assert reservation(one_draw((3, -1), (-1, 3)))[:, 0].tolist() == [0, 0]


def test_what_each_side_lacks_by_hand():
    """With 2 and 3 beyond what is priced: (3, -1) is 1, -4; (2, 1) is 0, -2; (-4, 9) is -6, 6; (1, 5) is -1, 2.

    The second side would sign the last two, of which the first lacks 1; the first would sign the first two, of which
    the second lacks 2.
    """
    gains, reserve = one_draw((3, -1), (2, 1), (-4, 9), (1, 5)), np.array([[2.0], [3.0]])
    assert lacking(gains, reserve)[:, 0].tolist() == [1, 2]
    assert lacking(gains, np.array([[1.0], [3.0]]))[:, 0].tolist() == [0, 0]
    assert lacking(gains, np.array([[4.0], [3.0]]))[:, 0].tolist() == [3, math.inf]
    assert lacking(gains, np.array([[4.0], [10.0]]))[:, 0].tolist() == [math.inf, math.inf]


@given(data=st.data())
def test_neither_side_lacks_anything_where_some_package_suits_both_and_else_both_do(array_of, data):
    game = data.draw(games(array_of))
    gains, reserve = game.gains[:, :, 0], game.reserve[:, 0]
    found = lacking(gains, reserve)
    suits = (gains - reserve[:, None] >= 0).all(axis=0).any(axis=0)
    np.testing.assert_array_equal((found == 0).all(axis=0), suits)
    np.testing.assert_array_equal((found > 0).any(axis=0), ~suits)
    for d in np.flatnonzero(~suits):
        for i in range(2):
            if np.isfinite(found[i, d]):  # so much less beyond what is priced, and a package suits both
                enough = reserve.copy()
                enough[i, d] -= found[i, d] * (1 + 1e-12) + 1e-12
                assert (gains[:, :, d] - enough[:, None, d] >= 0).all(axis=0).any()
                enough[i, d] += 1e-6
                assert not (gains[:, :, d] - enough[:, None, d] >= 0).all(axis=0).any()
