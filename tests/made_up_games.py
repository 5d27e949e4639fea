"""Games of two parties: made by hand, and made up."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from sim.model.equations.bargaining import Ahead, Game


def open_game(gains, proposers, discount, waiting_cost, noise, **changed):
    """A game in which nothing is hidden, nothing escalates, and nobody walks away as talks would go on at once.

    gains [party, package, draw], waiting_cost [party, draw]; discount [round, party, draw], the last row not used.
    """
    draws, rounds = gains.shape[-1], len(proposers)
    never = np.zeros(draws)
    cost = np.stack([waiting_cost] * (rounds - 1) + [np.full((2, draws), math.nan)])
    game = Game(
        gains=gains[:, :, None],
        climb=np.zeros((2, 1, draws)),
        reserve=np.zeros((2, 1, draws)),
        belief=np.ones((2, 1, draws)),
        noise=noise,
        proposers=proposers,
        discount=discount,
        waiting_cost=cost,
        climbs=never,
        climbs_by_walking=never,
        suspended=never,
        resumed=np.ones((rounds, draws)),
    )
    return game._replace(**changed)


@st.composite
def open_games(draw, array_of, rounds=None):
    proposers = draw(st.lists(st.integers(0, 1), min_size=rounds or 1, max_size=rounds or 5).map(tuple))
    packages, d = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    return open_game(
        gains=draw(array_of(-4, 4, 2, packages, d)),
        proposers=proposers,
        discount=draw(array_of(0, 1, len(proposers), 2, d)),
        waiting_cost=draw(array_of(0, 1, 2, d)),
        noise=draw(array_of(0.05, 3, 2, d)),
    )


@st.composite
def games(draw, array_of, rounds=None, draws=None):
    """All that may be: types of which some may be impossible, rungs, breaks, and walks away."""
    proposers = draw(st.lists(st.integers(0, 1), min_size=rounds or 1, max_size=rounds or 4).map(tuple))
    n, packages, d = len(proposers), draw(st.integers(1, 6)), draws or draw(st.integers(1, 5))
    types, rungs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    impossible = draw(array_of(0, 1, 2, types, d)) < 0.3
    impossible[:, 0] = False
    weights = np.where(impossible, 0.0, draw(array_of(0.1, 1, 2, types, d)))
    climb = draw(array_of(-3, 3, 2, rungs, d))
    climb[:, -1] = 0.0
    return Game(
        gains=draw(array_of(-4, 4, 2, packages, rungs, d)),
        climb=climb,
        reserve=draw(array_of(0, 3, 2, types, d)),
        belief=weights / weights.sum(axis=1, keepdims=True),
        noise=draw(array_of(0.05, 3, 2, d)),
        proposers=proposers,
        discount=draw(array_of(0, 1, n, 2, d)),
        waiting_cost=draw(array_of(0, 1, n, 2, d)),
        climbs=draw(array_of(0, 1, d)),
        climbs_by_walking=draw(array_of(0, 1, d)),
        suspended=draw(array_of(0, 1, d)),
        resumed=draw(array_of(0, 1, n, d)),
    )


def in_draws(game, draws):
    whole = {"proposers", "can_walk"}
    held = game._asdict().items()
    return game._replace(**{name: values[..., draws] for name, values in held if name not in whole})


def with_parties_swapped(game):
    by_party = ("gains", "climb", "reserve", "belief", "noise")
    by_round = ("discount", "waiting_cost")
    return game._replace(
        proposers=tuple(1 - party for party in game.proposers),
        **{name: getattr(game, name)[::-1] for name in by_party},
        **{name: getattr(game, name)[:, ::-1] for name in by_round},
    )


def offered(ahead, kind=0, rung=0):
    """Package that a type of the proposer offers, whether it does, and the chance that each type accepts it."""
    package, made = ahead.package[kind, rung], ahead.made[kind, rung]
    accepted = np.take_along_axis(ahead.accepts[:, :, rung], package[None, None], axis=1)[:, 0]
    return package, made, np.where(made, accepted, 0.0)


def same_ahead(one, other, **how):
    """Two looks ahead are alike, to the bit unless a tolerance is given."""
    for name, here, there in zip(Ahead._fields, one, other, strict=True):
        if how and here.dtype == np.float64:
            np.testing.assert_allclose(here, there, **how, err_msg=name)
        else:
            np.testing.assert_array_equal(here, there, err_msg=name)


def one_draw(*payoffs):
    """Gains [party, package, draw] of one draw from pairs of payoffs, package by package."""
    return np.array(payoffs, dtype=float).T[:, :, None]
