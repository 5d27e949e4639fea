"""Channels: which ways of selling a scenario gives its vendors, their names, and how rows add up to vendors."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.model.channels import NOBODY, Channels, presence_at_start, reviewed_pairs
from sim.scenario.library import library
from sim.scenario.schema import Presence
from tests.conftest import presence_of

CHINA = 0
ORCHARD = {
    "vendors.orchard": {
        "title": "Orchard", "home": "us", "reviews": ["china"], "captive": {"china": {"units": 3, "growth": 0}},
        "source": "made up",
    },
    "partners.bridge.contracts.orchard": {"share": 1, "fee": 0.2},
}  # fmt: skip
ISLAND = {
    "zones.island": {
        "title": "Island", "market": "china", "capacity_units": 5, "incidents_per_year": 0, "source": "made up",
    },
}  # fmt: skip


def names_of(scenario):
    return list(Channels.of_scenario(scenario).names(scenario))


def in_market(scenario, vendor, market="china"):
    """Ways of selling of one vendor, as the last parts of their names."""
    return [name.rpartition(".")[2] for name in names_of(scenario) if name.startswith(f"{vendor}.{market}.")]


# Rows and names -------------------------------------------------------------------------------------------------------


def test_who_chooses_has_a_row_for_each_way_and_zone_and_who_does_not_has_what_it_has(compact):
    """Market after market, vendor after vendor, a row for each partner; no row where nobody sells or may come."""
    partners = {"eagle": ["bridge"], "falcon": ["bridge", "ferry"]}
    choices = [[*names, "cross_border", "owned", "harbour"] for names in partners.values()]
    expected = [f"{vendor}.china.{way}" for vendor, own in zip(partners, choices, strict=True) for way in own]
    expected += [f"{vendor}.china.owned" for vendor in ("dragon", "tiger", "rest_of_china")]
    expected += [f"{vendor}.us.owned" for vendor in ("eagle", "falcon", "dragon", "tiger", "rest_of_us")]
    assert names_of(compact()) == expected


def test_every_zone_of_a_market_is_a_row_for_who_may_come_into_it(compact):
    assert in_market(compact(ISLAND), "eagle") == ["bridge", "cross_border", "owned", "harbour", "island"]
    assert in_market(compact(ISLAND), "dragon") == ["owned"]
    rows = Channels.of_scenario(compact(ISLAND)).rows
    zones = {(row.vendor, row.zone) for row in rows if row.kind is Presence.ZONE}
    assert zones == {(v, z) for v in (0, 1) for z in (0, 1)}
    assert all((row.zone == NOBODY) == (row.kind is not Presence.ZONE) for row in rows)


def test_a_firm_that_must_be_in_the_country_cannot_serve_itself_from_abroad(compact):
    assert in_market(compact(ORCHARD), "orchard") == ["bridge", "owned", "harbour"]
    assert in_market(compact(ORCHARD), "orchard", "us") == []


@pytest.mark.parametrize("licence", [True, False])
def test_a_partner_is_a_row_only_with_a_licence_and_a_contract(compact, licence):
    raft = {"title": "Raft", "market": "china", "region": "Hainan", "licence": licence, "source": "made up"}
    newcomer = {"title": "Newcomer", "home": "us", "reviews": ["china"], "source": "made up"}
    without = compact({"vendors.newcomer": newcomer})
    with_it = compact({
        "vendors.newcomer": newcomer,
        "partners.raft": raft | {"contracts": {"newcomer": {"share": 1, "fee": 0.1}}},
    })  # fmt: skip
    assert "raft" not in in_market(without, "newcomer")
    assert ("raft" in in_market(with_it, "newcomer")) == licence


@pytest.mark.parametrize("name", sorted(library()))
def test_in_every_scenario_names_are_unique_and_each_vendor_starts_in_the_channel_that_the_scenario_gives_it(name):
    scenario = sim.load(name)
    channels, names = Channels.of_scenario(scenario), names_of(scenario)
    assert len(set(names)) == len(names) == len(channels.rows)
    for v, vendor in enumerate(scenario.vendors.values()):
        for m, market in enumerate(scenario.markets):
            used = [channels.rows[row].kind for row in channels.of(v, m) if channels.rows[row].at_start]
            start = presence_at_start(vendor, market)
            assert set(used) == (set() if start is Presence.ABSENT else {start})
            at_home = {channels.rows[row].at_home for row in channels.of(v, m)}
            assert at_home <= {vendor.home == scenario.markets[market].country}


def test_reviewed_are_exactly_the_rows_of_pairs_that_are_reviewed(compact):
    scenario = compact(ORCHARD | {"vendors.dragon.reviews": ["us"]})
    channels = Channels.of_scenario(scenario)
    vendors, markets = list(scenario.vendors), list(scenario.markets)
    named = {(vendors[v], markets[m]) for v, m in reviewed_pairs(scenario)}
    assert named == {("eagle", "china"), ("falcon", "china"), ("orchard", "china"), ("dragon", "us")}
    rows = {(vendors[row.vendor], markets[row.market]) for row in channels.rows if row.reviewed}
    assert rows == named


# Sums and selections --------------------------------------------------------------------------------------------------


@pytest.fixture
def channels(compact):
    return Channels.of_scenario(compact(ORCHARD | ISLAND))


@pytest.mark.parametrize("further", [(), (2,), (2, 3)])
def test_rows_add_up_to_vendors_in_markets(channels, further):
    """One row at a time, by hand; whatever axes stand between rows and draws."""
    values = np.random.default_rng(1).uniform(size=(len(channels.rows), *further, 4))
    expected = np.zeros((channels.vendors, channels.markets, *further, 4))
    for row, value in zip(channels.rows, values, strict=True):
        expected[row.vendor, row.market] += value
    np.testing.assert_allclose(channels.by_pair(values), expected, rtol=1e-15)


def test_sums_of_truths_say_whether_any_is_true(channels):
    used = np.zeros((len(channels.rows), 2), dtype=np.bool_)
    rows = channels.of(0, CHINA)
    used[list(rows[:2]), 0] = True
    expected = np.zeros((channels.vendors, channels.markets, 2), dtype=np.bool_)
    expected[0, CHINA, 0] = True
    np.testing.assert_array_equal(channels.by_pair(used), expected)


def test_a_vendor_with_one_row_in_use_has_that_rows_bits(channels):
    """Rows that are not used are zero, and adding them changes nothing."""
    value = np.random.default_rng(2).uniform(size=3)
    for row, channel in enumerate(channels.rows):
        values = np.zeros((len(channels.rows), 3))
        values[row] = value
        assert channels.by_pair(values)[channel.vendor, channel.market].tobytes() == value.tobytes()


def test_rows_of_markets_vendors_and_pairs_are_those_that_say_so(channels):
    every = range(len(channels.rows))
    for m in range(channels.markets):
        assert list(every)[channels.in_market[m]] == [row for row in every if channels.rows[row].market == m]
    for v in range(channels.vendors):
        assert channels.of_vendor[v].tolist() == [row for row in every if channels.rows[row].vendor == v]
        for m in range(channels.markets):
            own = [row for row in every if channels.rows[row][:2] == (v, m)]
            assert list(channels.of(v, m)) == own
            partners = [row for row in own if channels.rows[row].licensed]
            assert list(channels.through_partners(v, m)) == partners
    for kind in Presence:
        assert channels.of_kind(kind).tolist() == [row.kind is kind for row in channels.rows]


# Rows in use ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(build, compact):
    return build(compact({"vendors.eagle.sales.china.share": {"uniform": [0.05, 0.15]}}), range(4))


def held_of(world, row):
    """What belongs to a channel: money a year, capacity, and all that is on its way."""
    [revenue] = world.of_channels(world.revenue, [row])
    arrays = world.capacity[row], world.on_order[row], world.sales[row]
    return [*(values.copy() for values in arrays), world.pipeline[:, row].copy(), revenue]


def test_a_channel_that_opens_stands_in_its_place_with_nothing_and_moves_no_other(world):
    eagle = world.axes.channels.index("eagle.china.owned")
    before = {row: held_of(world, row) for row in range(len(world.channels.rows))}
    shares = world.shares(range(len(world.channels.rows)))
    some = np.array([True, False, False, True])
    world.open(eagle, some)
    assert eagle in world.sellers[CHINA]
    assert world.sellers[CHINA].tolist() == sorted(world.sellers[CHINA])
    np.testing.assert_array_equal(world.active[eagle], some)
    assert not any(values.any() for values in held_of(world, eagle))
    for row, held in before.items():
        for one, other in zip(held, held_of(world, row), strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(world.shares(range(len(world.channels.rows))), shares)


def test_a_channel_that_takes_over_has_what_the_other_had_in_those_draws_and_only_there(world):
    old, new = (world.axes.channels.index(f"eagle.china.{way}") for way in ("bridge", "owned"))
    had, some = held_of(world, old), np.array([True, False, False, True])
    assert all(values.any() for values in had)
    world.open(new, some)
    rows, draw = np.array([[old, old], [new, new]]), np.flatnonzero(some)
    world.close_in(CHINA, rows, draw, rows == old)
    np.testing.assert_array_equal(world.active[[old, new]], [~some, some])
    for before, left, taken in zip(had, held_of(world, old), held_of(world, new), strict=True):
        np.testing.assert_array_equal(left, np.where(some, 0, before))
        np.testing.assert_array_equal(taken, np.where(some, before, 0))


def test_at_the_base_date_every_vendor_uses_what_the_scenario_says(world):
    expected = {"eagle": (Presence.PARTNER, Presence.OWNED), "dragon": (Presence.OWNED, Presence.OWNED),
                "rest_of_us": (Presence.ABSENT, Presence.OWNED)}  # fmt: skip
    for vendor, kinds in expected.items():
        found = presence_of(world)[world.axes.vendors.index(vendor)]
        np.testing.assert_array_equal(found, np.array(kinds)[:, None].repeat(4, axis=1))
