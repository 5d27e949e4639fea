"""Shapley values against games whose parts are known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.studies.instruments.shapley import of_all_subsets, of_orders, orders_of, subsets_along

DRAWS = 7


def game(count, value, draws=DRAWS, seed=1):
    """Values [subset, draw] of a function of a list of instruments and of random numbers by draw."""
    luck = np.random.default_rng(seed).normal(size=(8, draws))
    return np.stack([value([k for k in range(count) if subset >> k & 1], luck) for subset in range(2**count)])


def nothing(draws=DRAWS):
    return np.zeros(draws)


def by_hand(values):
    """Average what each adds over all orders, one by one."""
    count = len(values).bit_length() - 1
    orders = list(permutations(range(count)))
    found = np.zeros((count, *values.shape[1:]))
    for order in orders:
        subset = 0
        for k in order:
            found[k] += (values[subset | 1 << k] - values[subset]) / len(orders)
            subset |= 1 << k
    return found


SOME = arrays(np.float64, (8, 2, 3), elements=st.floats(-1e3, 1e3))


@given(values=SOME)
def test_parts_are_those_of_all_orders_and_add_up_in_every_draw(values):
    parts = of_all_subsets(values).parts
    np.testing.assert_allclose(parts, by_hand(values), atol=1e-9)
    np.testing.assert_allclose(parts.sum(axis=0), values[-1] - values[0], atol=1e-9)


@given(values=SOME, order=st.permutations(range(3)))
def test_the_order_in_which_instruments_are_listed_moves_no_bit(values, order):
    turned = [sum(1 << order[k] for k in range(3) if subset >> k & 1) for subset in range(8)]
    np.testing.assert_array_equal(of_all_subsets(values[turned]).parts, of_all_subsets(values).parts[list(order)])


def test_what_adds_up_by_itself_gives_each_its_own():
    found = of_all_subsets(game(4, lambda held, luck: sum((luck[k] for k in held), nothing()))).parts
    np.testing.assert_allclose(found, np.random.default_rng(1).normal(size=(8, DRAWS))[:4], atol=1e-12)


def test_who_never_adds_anything_has_exactly_nothing_and_twins_have_the_same():
    def value(held, luck):
        both = len({0, 2} & set(held))
        return both**2 * luck[0] + (1 in held) * (1 + both) * luck[1]

    found = of_all_subsets(game(4, value)).parts
    assert (found[3] == 0).all()
    np.testing.assert_array_equal(found[0], found[2])
    assert found[1].any()


def test_what_two_bring_only_together_is_halved():
    found = of_all_subsets(game(2, lambda held, luck: luck[0] if len(held) == 2 else nothing())).parts
    np.testing.assert_allclose(found[0], found.sum(axis=0) / 2)
    one = of_all_subsets(np.array([[1.0, 2.0], [4.0, 4.0]])).parts
    np.testing.assert_array_equal(one, [[3.0, 2.0]])


def test_orders_agree_with_all_subsets_within_their_errors_and_add_up():
    values = game(7, lambda held, luck: np.abs(sum((luck[k] for k in held), nothing(200))) ** 1.5, draws=200)
    exact, orders = of_all_subsets(values).parts.mean(axis=-1), orders_of(7, 40)
    found = of_orders(orders, {int(s): values[s] for order in orders for s in subsets_along(order)})
    assert (found.order_error > 0).all()
    assert (np.abs(found.parts.mean(axis=-1) - exact) < 3 * found.order_error).all()
    np.testing.assert_allclose(found.parts.sum(axis=0), values[-1] - values[0], atol=1e-9)


def test_orders_of_a_game_without_interplay_make_no_error():
    values = game(7, lambda held, luck: sum((luck[k] for k in held), nothing()))
    orders = orders_of(7, 2)
    found = of_orders(orders, dict(enumerate(values)))
    np.testing.assert_allclose(found.parts, of_all_subsets(values).parts, atol=1e-12)
    np.testing.assert_allclose(found.order_error, 0, atol=1e-12)


def test_orders_come_in_pairs_there_and_back_and_are_the_same_again():
    orders = orders_of(9, 3)
    np.testing.assert_array_equal(orders[::2], orders[1::2, ::-1])
    np.testing.assert_array_equal(orders, orders_of(9, 3))
    assert all(sorted(order) == list(range(9)) for order in orders)


def test_values_of_some_subsets_only_are_refused():
    with pytest.raises(ValueError, match="all subsets"):
        of_all_subsets(np.zeros((6, 2)))
