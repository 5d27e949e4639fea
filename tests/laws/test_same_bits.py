"""What may not change a draw by a single bit: its neighbours, the order of actors, later policy, idle additions."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import sim
from sim.model.actors import government
from sim.model.batch import run_batch
from sim.model.recorder import PATH_FAMILIES, Paths, events_table
from tests.depth import depth

BUSY = {
    "months": 36,
    "policies.guiyang_pilot.starts": "2018-10-01",
    "policies.guiyang_pilot.review.after_months": 12,
    "policies.guiyang_pilot.review.foreign_share_ceiling": 0.5,
    "presence.zone.build_months": 6,
    "presence.hurdle": 0,
    "zones.guiyang.incidents_per_year": 0.6,
}
"""A pilot early enough to be applied for, moved into and reviewed within three years, differently in each draw."""


@pytest.fixture(scope="module")
def busy():
    return sim.load("guiyang_pilot", BUSY)


@pytest.fixture(scope="module")
def whole(busy):
    return run_batch(busy, range(300), 1)


def joined(parts):
    """Paths of several batches as if they were of one, in the order given."""
    families = {
        family: {
            name: np.concatenate([getattr(part, family)[name] for part in parts], axis=-1)
            for name in getattr(parts[0], family)
        }
        for family in PATH_FAMILIES
    }
    draws = np.concatenate([part.draws for part in parts])
    events = tuple(event for part in parts for event in part.events)
    uncertain = {path: number for part in parts for path, number in part.uncertain.items()}
    return Paths(parts[0].scenario, parts[0].seed, draws, events=events, uncertain=uncertain, **families)


def first_draws(paths, count, arrays_of):
    return {name: values[..., :count] for name, values in arrays_of(paths)}


def test_the_busy_scenario_has_all_kinds_of_events(whole):
    """The laws below would prove little about runs in which nothing happens."""
    events = {event for _, _, _, event, _ in whole.events}
    assert {"zone opens", "applies", "goes live", "incident", "review passed", "review failed", "falls back"} <= events


@pytest.mark.parametrize(("size", "draws"), [(1, 8), pytest.param(7, 70, marks=depth), (128, 300)])
def test_results_do_not_depend_on_the_size_of_batches(busy, whole, size, draws, arrays_of):
    parts = joined([run_batch(busy, range(first, min(first + size, draws)), 1) for first in range(0, draws, size)])
    expected = first_draws(whole, draws, arrays_of)
    for name, values in arrays_of(parts):
        assert values.tobytes() == expected[name].copy().tobytes(), name
    table, all_events = (pd.DataFrame(events_table(paths)) for paths in (parts, whole))
    pd.testing.assert_frame_equal(
        table.astype(str), all_events[all_events["draw"] < draws].reset_index(drop=True).astype(str)
    )


@depth
@pytest.mark.parametrize(
    "name", ["nationwide_opening", "zones_nationwide_2027", "today", "talks_2018_2020", "rerouting_2025"]
)
def test_whole_scenarios_do_not_depend_on_the_size_of_batches(name, arrays_of):
    """Over all of their horizon and many draws: what happens late and seldom has neighbours, too."""
    scenario = sim.load(name)
    expected = dict(arrays_of(run_batch(scenario, range(160), 1)))
    for draws in (range(first, first + 4) for first in range(0, 160, 4)):
        for column, values in arrays_of(run_batch(scenario, draws, 1)):
            assert values.tobytes() == expected[column][..., draws.start : draws.stop].copy().tobytes(), column


@pytest.mark.parametrize("draws", [range(130, 140), range(127, 129), range(255, 256), range(3, 5)])
def test_a_range_of_draws_may_start_anywhere(busy, whole, draws, arrays_of):
    expected = dict(arrays_of(whole))
    for name, values in arrays_of(run_batch(busy, draws, 1)):
        assert values.tobytes() == expected[name][..., draws.start : draws.stop].copy().tobytes(), name


def test_vendors_may_be_started_in_reverse_order(busy, different):
    one, other = (run_batch(busy, range(40), 1, reverse=reverse) for reverse in (False, True))
    assert different(one, other) == []
    pd.testing.assert_frame_equal(*(pd.DataFrame(events_table(paths)) for paths in (one, other)))


def test_a_draw_gives_the_same_tables_among_few_and_among_many():
    few, many = (sim.run("guiyang_pilot", draws=draws, seed=1, set=BUSY) for draws in (20, 300))
    for table in ("kpis", "vendors", "countries"):
        one, other = (getattr(result, table) for result in (few, many))
        pd.testing.assert_frame_equal(
            one[one["draw"] == 17].reset_index(drop=True), other[other["draw"] == 17].reset_index(drop=True)
        )


def test_different_seeds_give_different_worlds(busy, arrays_of):
    one, other = (dict(arrays_of(run_batch(busy, range(8), seed))) for seed in (1, 2))
    assert not np.isin(one["markets.total_bn"][1:], other["markets.total_bn"][1:]).any()


def test_the_same_seed_gives_the_same_world_twice(busy, whole, different):
    assert different(run_batch(busy, range(300), 1), whole) == []


@pytest.fixture(scope="module")
def three_years(arrays_of):
    return dict(arrays_of(run_batch(sim.load("status_quo", {"months": 36}), range(6), 1)))


@pytest.mark.parametrize("months", [12, 18, 33])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(months, three_years, arrays_of):
    long = three_years
    for name, values in arrays_of(run_batch(sim.load("status_quo", {"months": months}), range(6), 1)):
        if not name.startswith("outcomes"):
            assert values.tobytes() == long[name][: months // 3].tobytes(), name


# Later policy ---------------------------------------------------------------------------------------------------------

SOURCE = {"source": "made up"}
LATE = dt.date(2020, 1, 1)
LATE_MONTH = 18

STRONG = {
    "tariff": {"kind": "tariff", "by": "us", "lists": ["us_list_1", "us_list_4a"], "rate": "25%"},
    "tariff_cut": {"kind": "tariff_cut", "by": "us", "lists": ["us_list_3"], "cut": "100%"},
    "hardware_tariff": {"kind": "hardware_tariff", "by": "us", "market": "us", "rate": "50%", "origin_share": 0.5},
    "hardware_tariff_cut": {"kind": "hardware_tariff_cut", "by": "us", "market": "us", "cut": "100%"},
    "ownership": {"kind": "ownership", "by": "china", "market": "china", "equity_cap": "100%"},
    "pilot_zone": {
        "kind": "pilot_zone", "by": "china", "zone": "guiyang", "slots": 3,
        "reach": {"enterprise": 0.9, "multinational": 1},
    },
    "data_rules": {
        "kind": "data_rules", "by": "china", "market": "china", "residency": {"enterprise": 0}, "firewall": 0,
    },
    "intellectual_property": {"kind": "intellectual_property", "by": "china", "market": "china", "protection": 1},
    "export_control": {
        "kind": "export_control", "by": "us", "target": "china", "quality_loss_per_year": 0.2, "cost_increase": "10%",
    },
    "restriction": {
        "kind": "restriction", "by": "us", "home": "china", "market": "us", "allowed_share": {"enterprise": "0%"},
    },
    "purchases": {"kind": "purchases", "exporter": "us", "importer": "china", "extra_bn": 100, "compliance": 1},
    "uncertainty": {"kind": "uncertainty", "level": 0},
    "digital_services_tax": {
        "kind": "digital_services_tax", "by": "china", "market": "china", "rate": "10%", "on": "all",
    },
}  # fmt: skip
STATE = ("price", "revenue", "capacity", "budget", "access", "drift", "surplus", "activity", "log_response")
BY_GROUP = ("revenue", "budget", "access", "surplus")
"""Of those what is told of groups of customers, of which a pilot makes more: a part of each segment, later on."""


@pytest.fixture(scope="module")
def untouched(play):
    return play(sim.load("status_quo", {"months": 48}), range(12), watch=STATE)


@pytest.mark.parametrize("kind", STRONG)
def test_scenarios_that_differ_from_a_month_on_are_equal_before_it(kind, play, untouched, arrays_of):
    policy = STRONG[kind] | SOURCE | {"starts": LATE}
    run = play(sim.load("status_quo", {"months": 48, "policies.late": policy}), range(12), watch=STATE)
    for name, months in run.months.items():
        now, expected = months[:LATE_MONTH], untouched.months[name][:LATE_MONTH]
        if name in BY_GROUP:
            now, further = np.split(now, [expected.shape[-2]], axis=-2)
            assert name == "access" or not further.any(), "customers are divided before the zone opens"
        assert now.tobytes() == expected.tobytes(), name
    before = dict(arrays_of(untouched.paths))
    changed = []
    for name, values in arrays_of(run.paths):
        if name.startswith("outcomes"):
            continue
        assert values[: LATE_MONTH // 3].tobytes() == before[name][: LATE_MONTH // 3].tobytes(), name
        changed += [name] if values.tobytes() != before[name].tobytes() else []
    # Uncertainty acts on reviews alone; tests/policies/test_uncertainty.py shows that it does.
    assert changed or kind == "uncertainty", "the policy changes nothing at all, so this proves nothing"


# Zero changes ---------------------------------------------------------------------------------------------------------

IDLE = {
    "tariff": {"rate": "0%"},
    "tariff_cut": {"cut": "0%"},
    "hardware_tariff": {"rate": "0%"},
    "hardware_tariff_cut": {"cut": "0%"},
    "ownership": {"equity_cap": 0},
    "pilot_zone": {"slots": 0},
    "data_rules": {"residency": {"government": 0.95}, "firewall": 1},
    "intellectual_property": {"protection": 0.3},
    "export_control": {"quality_loss_per_year": 0, "cost_increase": 0},
    "restriction": {"allowed_share": {"enterprise": "100%", "government": 1}},
    "purchases": {"extra_bn": 0},
    "uncertainty": {"level": 1},
    "digital_services_tax": {"rate": 0},
}
"""Settings that say what holds already: the base scenario's rules, in numbers that are not drawn."""
RULES = {"months": 36, "markets.china.rules.ip_protection": 0.3}


@pytest.fixture(scope="module")
def unchanged():
    return run_batch(sim.load("status_quo", RULES), range(60), 1)


@pytest.mark.parametrize("kind", IDLE)
@pytest.mark.depth
def test_a_policy_that_changes_nothing_equals_no_policy(kind, unchanged, different):
    policy = STRONG[kind] | SOURCE | {"starts": dt.date(2018, 11, 1)} | IDLE[kind]
    run = run_batch(sim.load("status_quo", RULES | {"policies.idle": policy}), range(60), 1)
    assert different(run, unchanged) == []


def test_a_policy_that_is_over_by_the_middle_of_its_first_month_equals_no_policy(unchanged, different):
    policy = STRONG["tariff"] | SOURCE | {"starts": dt.date(2019, 4, 2), "ends": dt.date(2019, 4, 12)}
    assert (
        different(run_batch(sim.load("status_quo", RULES | {"policies.idle": policy}), range(60), 1), unchanged) == []
    )


def test_a_pilot_that_is_never_signed_equals_no_policy(unchanged, different):
    pilot = STRONG["pilot_zone"] | SOURCE | {"starts": {"after_deal": 1}}
    talks = {
        "mode": "chance",
        "agenda": {"access": {"none": [], "pilot": ["wanted"]}},
        "packages": {"opening": {"access": "pilot"}},
        "rounds": [{"date": dt.date(2019, 2, 1), "place": "Beijing", "signs": "opening", "probability": 0}],
    }
    run = run_batch(sim.load("status_quo", RULES | {"policies.wanted": pilot, "talks": talks | SOURCE}), range(60), 1)
    assert different(run, unchanged, but=("outcomes.no_deal_month",)) == []


# Idle additions -------------------------------------------------------------------------------------------------------

VENDOR_ARRAYS = ("presence", "share", "revenue_bn", "profit_bn", "capex_bn", "price", "capacity_units")


BASES = {"status_quo": {"months": 36}, "guiyang_pilot": BUSY}


@pytest.fixture(scope="module")
def without_it():
    return {base: run_batch(sim.load(base, changes), range(20), 1) for base, changes in BASES.items()}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("home", ["us", "china", "nowhere"])
def test_an_absent_vendor_changes_nobodys_numbers(base, home, without_it, arrays_of):
    plain, idle = (
        without_it[base],
        {"title": "Nobody", "home": home, "sales": {"rest": {"presence": "absent"}}, **SOURCE},
    )
    more = run_batch(sim.load(base, BASES[base] | {"vendors.nobody": idle}), range(20), 1)
    with_it = dict(arrays_of(more))
    for name, values in arrays_of(plain):
        others = with_it[name][:, :-1] if name.startswith("vendors.") else with_it[name]
        assert values.tobytes() == others.copy().tobytes(), name
    assert not more.vendors["revenue_bn"][:, -1].any()
    assert not more.vendors["capacity_units"][:, -1].any()


def test_a_zone_and_a_partner_that_nobody_uses_change_nothing(unchanged, arrays_of):
    idle = {
        "zones.lingang": {
            "title": "Lingang", "market": "china", "capacity_units": 5, "incidents_per_year": 1, **SOURCE
        },
        "partners.nobody": {
            "title": "Nobody", "market": "china", "region": "Shanghai", "licence": True, "contracts": {}, **SOURCE
        },
    }  # fmt: skip
    with_them = dict(arrays_of(run_batch(sim.load("status_quo", RULES | idle), range(60), 1)))
    for name, values in arrays_of(unchanged):
        if not name.startswith(("partners.", "zones.", "channels.")):
            assert values.tobytes() == with_them[name].tobytes(), name


@pytest.mark.parametrize(("name", "months"), [("deal_spring_2019", 60), ("truce_by_chance_2026", 111)])
def test_rules_that_stand_are_those_that_would_be_written_anew(name, months, monkeypatch, different):
    """Governments write nothing in months without news; forgotten news of deals and reviews would show."""
    scenario = sim.load(name, {"months": months})
    usual = run_batch(scenario, range(12), 1)
    monkeypatch.setattr(government, "_has_news", lambda *_: True)
    anew = run_batch(scenario, range(12), 1)
    assert not different(usual, anew)
    pd.testing.assert_frame_equal(*(pd.DataFrame(events_table(paths)) for paths in (usual, anew)))
    monkeypatch.setattr(government, "_dated_news", lambda *_: frozenset({0}))
    monkeypatch.setattr(government, "_has_news", lambda *_: False)
    assert different(usual, run_batch(scenario, range(12), 1))
