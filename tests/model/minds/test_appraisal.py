"""What governments look at when they price packages: every rule, and every instrument, is seen by some block."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import sim
from sim.model.luck import Draws
from sim.model.minds.rules_in_force import in_force, rules_in
from sim.model.start.base_world import build_world
from sim.policies.levers import DECLARED, rules_with
from sim.timeline import Timeline
from tests.bargain import bargain, priced
from tests.laws.test_same_bits import RULES, SOURCE, STRONG

LATER = 30


@pytest.fixture(scope="module")
def first(compact):
    return priced(compact(bargain()))[0].pricing.first


@pytest.mark.parametrize("lever", DECLARED)
def test_no_rule_can_change_unseen(first, lever):
    """Packages with the same fingerprints share their prices, so a rule that none holds would be worth nothing.

    What goods at sea pay is over before the long run that governments look at.
    """
    plain = first.stage(frozenset())
    rules = plain.rules.copy()
    held = getattr(rules, lever)
    held[:] = np.where(np.isinf(held), 0.5, held * 0.5 + 0.25)
    moved = first.under(rules)
    seen = (moved.markets, moved.goods) != (plain.markets, plain.goods)
    assert seen is (lever not in rules_with(block="duties"))


@pytest.mark.parametrize("block", ["cloud", "goods", "duties"])
def test_rules_that_are_asked_for_are_those_of_all_and_others_stay_as_at_the_base_date(block):
    scenario, names = sim.load("today"), rules_with(block=block)
    timeline, world = Timeline(scenario.calendar), build_world(scenario, Draws(1, range(4)))

    def forces(name, policy):
        return in_force(timeline, world, name, policy, LATER)

    whole, some = rules_in(timeline, world, LATER, forces), rules_in(timeline, world, LATER, forces, names)
    for name in DECLARED:
        expected = whole if name in names else world.base.levers
        np.testing.assert_array_equal(getattr(some, name), getattr(expected, name), err_msg=name)


@pytest.mark.parametrize("kind", STRONG)
def test_instruments_write_the_rules_that_they_say_they_write(kind):
    policy = STRONG[kind] | SOURCE | {"starts": dt.date(2018, 7, 1)}
    scenario = sim.load("status_quo", RULES | {"policies.strong": policy})
    timeline, world = Timeline(scenario.calendar), build_world(scenario, Draws(1, range(4)))

    def rules(*, strong: bool):
        def forces(name, held):
            is_strong = name == "strong"
            return (world.everywhere if strong else world.nowhere) if is_strong else in_force(
                timeline, world, name, held, LATER
            )  # fmt: skip

        return rules_in(timeline, world, LATER, forces)

    without, with_it = rules(strong=False), rules(strong=True)
    changed = {name for name in DECLARED if not np.array_equal(getattr(without, name), getattr(with_it, name))}
    assert changed
    assert changed <= set(scenario.policies["strong"].writes)
