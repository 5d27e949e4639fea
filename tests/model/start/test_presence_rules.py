"""What each way of being present allows, loses and costs: the table of section 5, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.luck import Draws
from sim.model.presence_rules import AccessRules, access_shares, fixed_costs, leaked_to_vendors, presence_penalty
from sim.scenario.schema import Presence

FOREIGN, AT_HOME = np.array([[False]]), np.array([[True]])


def rules(residency=0.4, reach=0.7, allowed=1.0):
    return AccessRules(np.full((1, 1, 1), residency), np.full((2, 1, 1), reach), np.full((2, 1, 1, 1), allowed))


def access_of(presence, domestic=FOREIGN, home=0, **rule):
    return access_shares(
        np.full((1, 1, 1), presence), np.zeros((1, 1, 1)), domestic, np.array([home]), rules(**rule)
    ).item()


@pytest.mark.parametrize(
    ("presence", "expected"),
    [
        (Presence.ABSENT, 0),
        (Presence.CROSS_BORDER, 0.6),
        (Presence.PARTNER, 1),
        (Presence.ZONE, 0.7),
        (Presence.OWNED, 1),
    ],
)
def test_each_presence_reaches_its_part_of_a_segment(presence, expected):
    assert access_of(presence) == pytest.approx(expected)


@pytest.mark.parametrize("presence", list(Presence))
def test_a_restriction_scales_what_a_foreign_vendor_reaches(presence):
    assert access_of(presence, allowed=0.25) == pytest.approx(0.25 * access_of(presence))


def test_a_restriction_leaves_vendors_at_home_and_of_no_country_alone():
    assert access_of(Presence.OWNED, domestic=AT_HOME, allowed=0.0) == 1
    assert access_of(Presence.OWNED, home=-1, allowed=0.0) == 1


def test_a_vendor_reaches_what_its_own_zone_reaches():
    presence, zone = np.full((1, 1, 2), Presence.ZONE), np.array([[[0, 1]]])
    reach = np.array([0.2, 0.9])[:, None, None].repeat(2, axis=2)
    some = AccessRules(np.zeros((1, 1, 2)), reach, np.ones((1, 1, 1, 2)))
    np.testing.assert_array_equal(access_shares(presence, zone, FOREIGN, np.array([-1]), some).ravel(), [0.2, 0.9])


def penalty_of(scenario, presence, domestic=FOREIGN, firewall=1.5, base_firewall=None):
    draws = Draws(1, range(1))
    walls = (np.full((1, 1), wall) for wall in (firewall, firewall if base_firewall is None else base_firewall))
    gap, where = np.full((1, 1), 0.4), np.full((1, 1, 1), presence)
    return presence_penalty(scenario, draws, where, domestic, *walls, gap).item()


@pytest.mark.parametrize(
    ("presence", "expected"),
    [(Presence.CROSS_BORDER, 1.9), (Presence.PARTNER, 0.4), (Presence.ZONE, 0.1), (Presence.OWNED, 0)],
)
def test_each_presence_loses_the_quality_that_the_scenario_says(compact, presence, expected):
    assert penalty_of(compact(), presence) == pytest.approx(expected)


def test_the_penalty_of_serving_from_abroad_adds_to_what_partners_lose_and_to_the_firewall(compact):
    scenario = compact({"presence.cross_border.quality_penalty": 0.2})
    assert penalty_of(scenario, Presence.CROSS_BORDER, firewall=0.7) == pytest.approx(1.3)


@pytest.mark.parametrize(("firewall", "expected"), [(1.5, 1.9), (0.75, 0.95), (0, 0)])
def test_where_the_firewall_falls_so_does_all_that_serving_from_abroad_loses(compact, firewall, expected):
    found = penalty_of(compact(), Presence.CROSS_BORDER, firewall=firewall, base_firewall=1.5)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("presence", list(Presence))
def test_nobody_loses_quality_at_home(compact, presence):
    assert penalty_of(compact(), presence, domestic=AT_HOME) == 0


@pytest.mark.parametrize(
    ("presence", "expected"),
    [("ABSENT", 0), ("CROSS_BORDER", 0.03), ("PARTNER", 0.004), ("ZONE", 0.04), ("OWNED", 0.05)],
)
def test_each_presence_has_its_fixed_cost(compact, presence, expected):
    cost = fixed_costs(compact(), Draws(1, range(2)), np.full((1, 2), Presence[presence]))
    np.testing.assert_array_equal(cost, expected)


def test_know_how_leaks_to_the_vendors_of_the_markets_own_country():
    learned = leaked_to_vendors(np.array([[0.1], [0.2], [0.4]]), np.array([1, 0, -1]), np.array([0, 1, -1, 1]))
    np.testing.assert_array_equal(learned[:, 0], [0.2, 0.1, 0, 0.1])
