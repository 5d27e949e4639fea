"""What each way of being present allows, loses and costs: the table of section 5, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.channels import NOBODY, Channel
from sim.model.luck import Draws
from sim.model.presence_rules import access_shares, fixed_costs, leaked_to_vendors, over_groups, presence_penalty
from sim.scenario.schema import Presence

WAYS = [presence for presence in Presence if presence is not Presence.ABSENT]


def channel(presence, vendor=0, *, zone=NOBODY, at_home=False, reviewed=True):
    """A way of selling in China's market, the first one of the compact world."""
    zone = 0 if presence is Presence.ZONE and zone == NOBODY else zone
    return Channel(vendor, 0, presence, zone, NOBODY, at_home, reviewed, at_start=False)


@pytest.fixture
def rules(build, compact):
    """Rules of the compact world in one draw, some of them changed; Eagle, the first vendor, is American."""

    def changed(residency=0.4, reach=0.7, allowed=1.0, firewall=1.5):
        levers = build(compact(), range(1)).levers.copy()
        levers.residency[0], levers.zone_reach[0], levers.firewall[0] = residency, reach, firewall
        levers.allowed_share[0, 0] = allowed
        return levers

    return changed


@pytest.fixture
def access_of(rules):
    """Access of one channel to two groups of each of two segments; the first ones are the seven tenths nearest."""

    def found(presence, home=0, at_home=False, **changes):
        within = np.array([0.7, 0.7, 1, 1])[:, None]
        access = access_shares([channel(presence, at_home=at_home)], np.array([home]), rules(**changes), within)
        assert access.shape == (1, 4, 1)
        return access[0, :, 0]

    return found


@pytest.mark.parametrize(
    ("presence", "expected"),
    [
        (Presence.CROSS_BORDER, [0.6, 0.6, 0.6, 0.6]),
        (Presence.PARTNER, [1, 1, 1, 1]),
        (Presence.ZONE, [1, 1, 0, 0]),
        (Presence.OWNED, [1, 1, 1, 1]),
    ],
)
def test_each_way_of_selling_reaches_its_part_of_each_group(access_of, presence, expected):
    assert access_of(presence) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("presence", WAYS)
def test_a_restriction_scales_what_a_foreign_vendor_reaches(access_of, presence):
    assert access_of(presence, allowed=0.25) == pytest.approx(0.25 * access_of(presence))


def test_a_restriction_leaves_vendors_at_home_and_of_no_country_alone(access_of):
    assert (access_of(Presence.OWNED, at_home=True, allowed=0.0) == 1).all()
    assert (access_of(Presence.OWNED, home=-1, allowed=0.0) == 1).all()


@pytest.mark.parametrize(
    ("reach", "expected"),
    [(0, [0, 0, 0, 0]), (0.5, [0, 0, 0, 0]), (0.7, [1, 1, 0, 0]), (0.9, [1, 1, 0, 0]), (1, [1, 1, 1, 1])],
)
def test_a_zone_serves_a_group_whole_or_not_at_all(access_of, reach, expected):
    np.testing.assert_array_equal(access_of(Presence.ZONE, reach=reach), expected)


def test_a_zone_that_reaches_nobody_serves_nobody_not_even_a_group_without_customers(rules):
    """A segment that no zone reaches has nobody within the nearest one."""
    found = access_shares([channel(Presence.ZONE)], np.array([0]), rules(reach=0), np.zeros((2, 1)))
    np.testing.assert_array_equal(found, 0)


def test_a_vendor_reaches_what_its_own_zone_reaches(build, compact):
    island = {"title": "Island", "market": "china", "capacity_units": 5, "incidents_per_year": 0, "source": "made up"}
    levers = build(compact({"zones.island": island}), range(1)).levers.copy()
    levers.zone_reach[:] = np.array([0.2, 0.9])[:, None, None]
    rows = [channel(Presence.ZONE, zone=z) for z in (0, 1)]
    within = np.array([0.2, 0.2, 0.9, 0.9])[:, None]
    found = access_shares(rows, np.array([-1]), levers, within)[..., 0]
    np.testing.assert_array_equal(found, [[1, 1, 0, 0], [1, 1, 1, 1]])


def test_groups_have_what_their_segments_have_ring_after_ring():
    by_segment = np.array([[1.0], [2.0]])
    np.testing.assert_array_equal(over_groups(by_segment, 6)[:, 0], [1, 2, 1, 2, 1, 2])
    np.testing.assert_array_equal(over_groups(by_segment, 2), by_segment)


@pytest.fixture
def penalty_of(rules):
    def found(scenario, presence, at_home=False, firewall=1.5, base_firewall=None):
        before = firewall if base_firewall is None else base_firewall
        now, base = (rules(firewall=wall) for wall in (firewall, before))
        rows = [channel(presence, at_home=at_home)]
        return presence_penalty(scenario, Draws(1, range(1)), rows, now, base, np.full((1, 1, 1), 0.4)).item()

    return found


@pytest.mark.parametrize(
    ("presence", "expected"),
    [(Presence.CROSS_BORDER, 1.9), (Presence.PARTNER, 0.4), (Presence.ZONE, 0.1), (Presence.OWNED, 0)],
)
def test_each_way_of_selling_loses_the_quality_that_the_scenario_says(compact, penalty_of, presence, expected):
    assert penalty_of(compact(), presence) == pytest.approx(expected)


def test_the_penalty_of_serving_from_abroad_adds_to_what_partners_lose_and_to_the_firewall(compact, penalty_of):
    scenario = compact({"presence.cross_border.quality_penalty": 0.2})
    assert penalty_of(scenario, Presence.CROSS_BORDER, firewall=0.7) == pytest.approx(1.3)


@pytest.mark.parametrize(("firewall", "expected"), [(1.5, 1.9), (0.75, 0.95), (0, 0)])
def test_where_the_firewall_falls_so_does_all_that_serving_from_abroad_loses(compact, penalty_of, firewall, expected):
    found = penalty_of(compact(), Presence.CROSS_BORDER, firewall=firewall, base_firewall=1.5)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("presence", WAYS)
def test_nobody_loses_quality_at_home(compact, penalty_of, presence):
    assert penalty_of(compact(), presence, at_home=True) == 0


@pytest.mark.parametrize(
    ("presence", "expected"), [("CROSS_BORDER", 0.03), ("PARTNER", 0.004), ("ZONE", 0.04), ("OWNED", 0.05)]
)
def test_each_way_of_selling_has_its_fixed_cost_where_it_is_a_choice(compact, presence, expected):
    rows = [channel(Presence[presence], reviewed=reviewed) for reviewed in (True, False)]
    cost = fixed_costs(compact(), Draws(1, range(2)), rows)
    np.testing.assert_array_equal(cost, [[expected] * 2, [0, 0]])


def test_know_how_leaks_to_the_vendors_of_the_markets_own_country():
    learned = leaked_to_vendors(np.array([[0.1], [0.2], [0.4]]), np.array([1, 0, -1]), np.array([0, 1, -1, 1]))
    np.testing.assert_array_equal(learned[:, 0], [0.2, 0.1, 0, 0.1])
