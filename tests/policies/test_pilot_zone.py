"""What a pilot zone writes into the rules; its life is in tests/model/actors/test_zone.py."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="module")
def policy(instrument):
    return instrument(kind="pilot_zone", zone="harbour", slots=3, reach={"enterprise": 0.6})


def test_a_zone_offers_its_slots_and_reach_where_it_is_open(levers, policy, turn):
    policy.apply(levers, turn(active=[True, False, True]))
    np.testing.assert_array_equal(levers.zone_slots[0], [3, 0, 3])
    enterprise, government = (levers.axes.segments.index(name) for name in ("enterprise", "government"))
    np.testing.assert_array_equal(levers.zone_reach[0, enterprise], [0.6, 0, 0.6])
    assert not levers.zone_reach[0, government].any()


def test_a_zone_does_not_change_the_national_rule(levers, policy, turn, changed):
    policy.apply(levers, turn())
    assert set(changed()) == {"zone_slots", "zone_reach"}


def test_a_pilot_copied_by_the_country_allows_full_ownership_there(levers, policy, turn):
    policy.apply(levers, turn(nationwide=[False, True, False]))
    np.testing.assert_array_equal(levers.equity_cap[levers.axes.markets.index("china")], [0, 1, 0])


@pytest.mark.parametrize(("month", "expected"), [(5, 0), (6, 2), (17, 2), (18, 0)])
def test_a_zone_is_open_between_its_dates(play, compact, pilot, month, expected):
    dates = {"starts": "2019-01-01", "ends": "2020-01-01"}
    slots = play(compact(pilot(**dates)), range(2), watch=("zone_slots",)).months["zone_slots"]
    np.testing.assert_array_equal(slots[month], expected)
