"""Customers in groups: zones divide them by whom they reach, and dividing alone moves nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.model.batch import run_batch
from sim.model.luck import Draws
from sim.model.presence_rules import access_shares
from sim.model.start.base_world import build_world
from sim.model.start.parties import axes_of
from sim.model.start.reach import reach_of_zones, rings
from sim.policies import PilotZone
from sim.quantities import NEVER
from sim.scenario.schema import Presence
from tests.conftest import arrays_of, same_bits
from tests.depth import depth

OPENS, LIVE = 3, 3 + 2 + 3
"""Months in which the compact world's zone opens, and in which who applied on that day is live."""
SEGMENTS = ("enterprise", "government")
TWO = len(SEGMENTS)
SECOND = {
    "zones.island": {
        "title": "Island", "market": "china", "capacity_units": 12, "incidents_per_year": 0, "source": "made up",
    },
}  # fmt: skip


def two_pilots(pilot, first, second):
    """Policies that open two zones of one market, by what each reaches of each segment."""
    policy = pilot(reach=second)["policies.pilot"] | {"zone": "island", "starts": "2019-01-01"}
    return pilot(reach=first) | SECOND | {"policies.second": policy}


def by_ring(values, segments=TWO):
    """What is told of groups, [..., group, draw], by ring and segment, [..., ring, segment, draw]."""
    return values.reshape(*values.shape[:-2], -1, segments, values.shape[-1])


def of_segments(values, segments=TWO):
    """What groups have together, [..., segment, draw]."""
    return by_ring(values, segments).sum(axis=-3)


# How customers are divided --------------------------------------------------------------------------------------------


shares = st.one_of(st.sampled_from([0.0, 0.3, 1.0]), st.floats(0, 1))
reaches = st.fixed_dictionaries({}, optional=dict.fromkeys(SEGMENTS, shares)).filter(bool)


@given(first=reaches, second=reaches)
def test_groups_are_parts_of_a_segment_and_a_zone_serves_whole_ones_that_make_up_its_reach(
    compact, pilot, first, second
):
    scenario = compact(two_pilots(pilot, first, second))
    draws = Draws(1, range(2))
    held = reach_of_zones(scenario, axes_of(scenario, 2), draws)
    width, within = by_ring(held.width), by_ring(held.within)
    assert width.shape[1] == rings(scenario) == 3
    np.testing.assert_allclose(width.sum(axis=1), 1, rtol=1e-12)
    assert (width >= 0).all()
    assert (np.diff(within, axis=1) >= 0).all()
    for reach in (first, second):
        for s, segment in enumerate(SEGMENTS):
            served = within[0, :, s] <= reach.get(segment, 0)
            np.testing.assert_allclose((width[0, :, s] * served).sum(axis=0), reach.get(segment, 0), atol=1e-12)


@pytest.mark.parametrize("name", ["guiyang_pilot", "today"])
def test_in_the_library_zones_reach_exactly_what_their_pilots_say_in_every_draw(name):
    scenario = sim.load(name, {"months": 12})
    world = build_world(scenario, Draws(1, range(40)))
    china, segments = world.axes.markets.index("china"), len(world.axes.segments)
    width, levers = world.base.width[china], world.base.levers.copy()
    np.testing.assert_allclose(of_segments(world.base.width, segments), 1, rtol=1e-12)
    pilots = [policy for policy in scenario.policies.values() if isinstance(policy, PilotZone)]
    assert pilots
    for pilot in pilots:
        z = world.axes.zones.index(pilot.zone)
        reach = np.stack([
            world.value(pilot.reach[segment]) if segment in pilot.reach else np.zeros(40)
            for segment in world.axes.segments
        ])  # fmt: skip
        assert np.ptp(reach, axis=1).any(), "reach is the same in all draws"
        levers.zone_reach[z] = reach
        rows = [row for row in world.channels.rows if row.zone == z]
        access = access_shares(rows, world.base.home, levers, world.base.within[china])
        assert set(np.unique(access)) == {0.0, 1.0}
        for of_row in access:
            np.testing.assert_allclose(of_segments(of_row * width, segments), reach, atol=1e-12)


def test_without_a_pilot_groups_are_the_segments(build, compact):
    world = build(compact())
    assert world.base.groups == (2, 2)
    np.testing.assert_array_equal(world.base.width, 1)


def test_only_the_market_of_a_zone_is_divided(build, compact, pilot):
    world = build(compact(two_pilots(pilot, {"enterprise": 0.9}, {"enterprise": 0.4})))
    china, us = (world.axes.markets.index(name) for name in ("china", "us"))
    assert world.base.groups[china] == 6
    assert world.base.groups[us] == 2
    assert not world.base.width[us, 2:].any()


# What dividing leaves alone -------------------------------------------------------------------------------------------

RESTLESS = {"demand.budget_shock_sd": 0.2, "demand.quality_shock_sd": 0.1, "capacity.headroom": 0.05}
WATCHED = ("revenue", "budget", "free", "served", "unmet", "surplus", "log_index", "price", "capacity")


def test_dividing_customers_conserves_what_each_segment_has_and_moves_nothing_until_somebody_moves(
    play, compact, pilot
):
    """The same runs with a zone and without one, from the day on which it opens until the first vendor is in it."""
    reach = {"enterprise": 0.7, "government": {"uniform": [0.1, 0.6]}}
    divided = play(compact(pilot(reach=reach) | RESTLESS), range(6), watch=(*WATCHED, "divided"))
    whole = play(compact(RESTLESS), range(6), watch=WATCHED)
    china = divided.market("china")
    np.testing.assert_array_equal(divided.months["divided"][:, china, 0], np.arange(24) >= OPENS)
    assert not divided.months["divided"][:, divided.market("us")].any()
    assert min(month for month, *_ in divided.happened("goes live")) == LIVE
    assert (whole.months["unmet"][:LIVE, china] > 0).any(), "nobody is short of capacity"
    for name in ("revenue", "budget", "free", "served", "unmet", "surplus"):
        found, expected = of_segments(divided.months[name]), whole.months[name]
        np.testing.assert_allclose(found[:LIVE], expected[:LIVE], rtol=1e-10, atol=1e-12, err_msg=name)
    for name in ("price", "capacity"):
        np.testing.assert_allclose(divided.months[name][:LIVE], whole.months[name][:LIVE], rtol=1e-10, err_msg=name)
    rings_of = by_ring(divided.months["budget"][OPENS:LIVE, china])
    np.testing.assert_allclose(
        rings_of / rings_of.sum(axis=1, keepdims=True),
        np.broadcast_to(by_ring(divided.world.base.width[china]), rings_of.shape),
        rtol=1e-12,
    )
    assert not by_ring(divided.months["budget"][:OPENS])[:, :, 1:].any(), "customers are divided before the zone opens"


def test_once_a_vendor_has_left_its_partner_for_a_zone_customers_out_of_its_reach_lose_it(play, compact, pilot):
    only = {"partners.bridge.exclusive": True, "partners.bridge.contracts.falcon.share": 1}
    only |= {"partners.ferry.contracts.falcon": None}
    reach = {"enterprise": 0.9, "government": 0.9}
    run = play(compact(only | pilot(reach=reach)), range(1), watch=("log_index", "revenue"))
    near, far = by_ring(run.months["log_index"][:, run.market("china")])[..., 0].swapaxes(0, 1)
    np.testing.assert_allclose(near[:LIVE], far[:LIVE], rtol=0, atol=1e-12)
    assert (near[LIVE:] < far[LIVE:]).all()
    assert (far[LIVE] > far[LIVE - 1]).all()
    inside = by_ring(run.months["revenue"][:, run.row("eagle.china.harbour")])[..., 0]
    assert (inside[LIVE:, 0] > 0).all()
    assert not inside[:, 1].any()


@pytest.mark.parametrize(("name", "policy"), [("guiyang_pilot", "guiyang_pilot"), ("compact", "pilot")])
def test_before_a_zone_opens_all_recorded_bits_are_those_of_the_scenario_without_it(name, policy, compact, pilot):
    changes = {"months": 24, f"policies.{policy}.starts": dt.date(2019, 7, 1)}
    if name == "compact":
        scenario = compact(two_pilots(pilot, {"enterprise": 0.9}, {"government": 0.5}) | RESTLESS)
        starts = {held: scenario.policies[held].model_copy(update={"starts": dt.date(2019, 7, 1)})
                  for held in ("pilot", "second")}  # fmt: skip
        scenario = scenario.model_copy(update={"policies": {**scenario.policies, **starts}})
    else:
        scenario = sim.load(name, changes)
    kept = {key: held for key, held in scenario.policies.items() if not isinstance(held, PilotZone)}
    without = scenario.model_copy(update={"policies": kept})
    one, other = (dict(arrays_of(run_batch(held, range(8), 1))) for held in (scenario, without))
    for key, values in one.items():
        if not key.startswith("outcomes"):
            assert same_bits(values[:4], other[key][:4]), key
    assert any(not same_bits(values, other[key]) for key, values in one.items()), "the zone never changes anything"


# The ends of a reach --------------------------------------------------------------------------------------------------

ALIKE = {
    "presence.zone": {
        "quality_penalty": 0, "fixed_cost_bn": 0.05, "sunk_cost_bn": 0.2, "needs_licence": True, "build_months": 3,
    },
    "zones.harbour.capacity_units": 1e4,
    "months": 48,
}  # fmt: skip
"""A zone whose terms are those of data centres that a vendor owns elsewhere in the country, and with room for all."""
OWNERSHIP = {"kind": "ownership", "by": "china", "market": "china", "starts": "2018-10-01", "equity_cap": 1,
             "source": "made up"}  # fmt: skip
OF_ROWS = ("in_use", "revenue_bn", "profit_bn", "price", "capacity_units")
PLACES = ("vendors.presence", "zones.used_share", *(f"channels.{name}" for name in OF_ROWS))


@pytest.mark.parametrize("changes", [{}, RESTLESS, RESTLESS | {"presence.leak": 0.1, "costs.decline": 0.1}])
def test_a_zone_that_reaches_everybody_is_as_good_as_owning_anywhere(compact, pilot, different, changes):
    zone = run_batch(compact(ALIKE | changes | pilot()), range(12), 1)
    owned = run_batch(compact(ALIKE | changes | {"policies.opening": OWNERSHIP}), range(12), 1)
    assert {event for *_, event, _ in zone.events} >= {"goes live"}
    assert different(zone, owned, but=PLACES) == []
    was_in_zone = zone.vendors["presence"] == Presence.ZONE
    np.testing.assert_array_equal(was_in_zone[:, :2, 0], owned.vendors["presence"][:, :2, 0] == Presence.OWNED)


@pytest.mark.parametrize("reach", [{"enterprise": 0}, {"enterprise": 0, "government": 0}])
def test_a_zone_that_reaches_nobody_is_as_good_as_none(compact, pilot, different, reach):
    free = {"presence.zone": ALIKE["presence.zone"] | {"sunk_cost_bn": 0, "fixed_cost_bn": 0}, "months": 48}
    opened = run_batch(compact(RESTLESS | free | pilot(reach=reach)), range(12), 1)
    closed = run_batch(compact(RESTLESS | free), range(12), 1)
    events = {event for *_, event, _ in opened.events}
    assert "zone opens" in events
    assert events.isdisjoint({"applies", "goes live"})
    assert different(opened, closed) == []


def test_a_reach_of_everything_and_one_of_part_of_it_stand_side_by_side(compact, pilot):
    """Draws in which the zone reaches everybody have one ring, the others two: alone and together they are the same."""
    reach = {segment: {"choice": [0.5, 1]} for segment in SEGMENTS}
    scenario = compact(pilot(reach=reach) | RESTLESS | {"months": 36})
    together = dict(arrays_of(run_batch(scenario, range(12), 1)))
    groups = set()
    for draw in range(6):
        groups.add(build_world(scenario, Draws(1, range(draw, draw + 1))).base.groups[0])
        for name, values in arrays_of(run_batch(scenario, range(draw, draw + 1), 1)):
            assert values.tobytes() == together[name][..., [draw]].tobytes(), name
    assert groups == {2, 4}


# Several zones --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def four_zones():
    """The four zones of 2024, opened soon after the base date so that vendors are in them within four years."""
    early = {f"policies.{zone}_pilot.starts": dt.date(2018, 10, 1)
             for zone in ("beijing", "shanghai_lingang", "hainan", "shenzhen")}  # fmt: skip
    return sim.load("today", early | {"months": 48, "presence.zone.build_months": 6})


@pytest.fixture(scope="module")
def in_four_zones(four_zones):
    return run_batch(four_zones, range(140), 1)


def test_four_zones_take_vendors_in(in_four_zones):
    taken = {detail for *_, event, detail in in_four_zones.events if event == "goes live"}
    assert len(taken) > 1


@pytest.mark.parametrize("draws", [range(1), range(37, 38), range(3, 12), range(100, 140)], ids=str)
def test_results_with_several_zones_do_not_depend_on_the_size_of_batches(four_zones, in_four_zones, draws):
    expected = dict(arrays_of(in_four_zones))
    for name, values in arrays_of(run_batch(four_zones, draws, 1)):
        assert values.tobytes() == expected[name][..., draws.start : draws.stop].tobytes(), name


@depth
def test_the_zones_of_2024_themselves_do_not_depend_on_the_size_of_batches():
    scenario = sim.load("today", {"months": 96})
    whole = run_batch(scenario, range(10), 1)
    assert any(event == "zone opens" for *_, event, _ in whole.events)
    expected = dict(arrays_of(whole))
    for draws in (range(1), range(4, 10)):
        for name, values in arrays_of(run_batch(scenario, draws, 1)):
            assert values.tobytes() == expected[name][..., draws.start : draws.stop].tobytes(), (name, draws)


def test_zones_that_open_one_after_the_other_divide_customers_once(play, compact, pilot):
    """The first zone to open divides them for both: what each group spends changes no more with the second."""
    scenario = compact(two_pilots(pilot, {"enterprise": 0.9}, {"enterprise": 0.4, "government": 0.2}))
    run = play(scenario, range(2), watch=("budget", "divided"))
    china, second = run.market("china"), 6
    assert (run.world.zone_opened < NEVER).all()
    np.testing.assert_array_equal(run.world.zone_opened[:, 0], [OPENS, second])
    parts = by_ring(run.months["budget"][OPENS:LIVE, china])
    np.testing.assert_allclose(
        parts / parts.sum(axis=1, keepdims=True), np.broadcast_to(by_ring(run.world.base.width[china]), parts.shape),
        rtol=1e-12, atol=1e-15,
    )  # fmt: skip
