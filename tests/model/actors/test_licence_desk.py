"""The licence desk in a run: the same queue as SimPy's own, with lots among those who come in the same month."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.plain_queue import plain_queue

OPENS = 3
BUILD = 3


def crowd(count):
    """So many foreign vendors like Eagle, all of which want into the zone at once."""
    like_eagle = {
        "title": "One of many", "home": "us", "world_revenue_bn": 2, "reviews": ["china"], "source": "made up",
        "sales": {"china": {"share": 0.01, "presence": "partner"}, "us": {"split": 1, "presence": "owned"}},
    }  # fmt: skip
    names = [f"crowd_{i}" for i in range(count)]
    contracts = {name: {"share": 1, "fee": 0.15} for name in names}
    vendors = {f"vendors.{name}": like_eagle for name in names}
    return vendors | {"partners.bridge.contracts": contracts, "vendors.eagle.world_revenue_bn": 4}


@pytest.fixture(scope="module")
def served(play, compact, pilot):
    scenario = compact(
        crowd(5)
        | pilot(slots=20)
        | {
            "months": 48,
            "licensing": {"officers": 2, "service_months": {"triangular": [1, 3, 9]}},
            "zones.harbour.capacity_units": 100,
            "presence.zone.sunk_cost_bn": 0,
            "presence.zone.fixed_cost_bn": 0,
            "presence.review_every_months": 600,
        }
    )
    return play(scenario, range(40))


def test_every_draw_is_served_as_by_a_resource_of_simpy(served):
    """Arrivals, lots and service times from their streams; the desk from SimPy, one draw at a time."""
    world = served.world
    vendors = [name for name in world.axes.vendors if world.scenario.vendors[name].reviews]
    live = {(who, draw): month for month, who, _, draws in served.happened("goes live") for draw in draws}
    applied = {(who, draw): month for month, who, _, draws in served.happened("applies") for draw in draws}
    assert set(live) == set(applied)
    streams = {name: f"licence.service.{name}.china" for name in vendors}
    settings = world.scenario.licensing
    service = {name: world.draws.path(settings.service_months, stream, 48) for name, stream in streams.items()}
    lots = {name: world.draws.uniform(f"licence.lot.{name}.china", 1)[0] for name in vendors}
    waited = 0
    for draw in range(40):
        came = sorted((applied[name, draw], lots[name][draw], name) for name in vendors if (name, draw) in applied)
        left = plain_queue(settings.officers, [(month, service[name][month, draw]) for month, _, name in came])
        for (month, _, name), finish in zip(came, left, strict=True):
            assert live[name, draw] == math.ceil(finish) + BUILD
            waited += finish > month + service[name][month, draw]
    assert waited > 50


def test_the_lot_favours_nobody_in_the_long_run(play, compact, pilot):
    """Two twins, one slot: each gets it in about half of the draws."""
    run = play(compact(pilot(slots=1)), range(400))
    winners = [who for _, who, _, draws in run.happened("goes live") for _ in draws]
    assert len(winners) == 400
    assert abs(winners.count("eagle") - 200) < 40


def test_a_presence_without_licence_does_not_wait_at_the_desk(play, compact, pilot):
    scenario = compact(pilot() | {"presence.zone.needs_licence": False, "licensing.service_months": 20})
    run = play(scenario, range(2))
    assert {month for month, *_ in run.happened("goes live")} == {OPENS + BUILD}


def test_with_one_officer_the_second_application_waits_for_the_first(play, compact, pilot):
    run = play(compact(pilot() | {"licensing.officers": 1}), range(30))
    by_draw = np.zeros((30, 2))
    for month, who, _, draws in run.happened("goes live"):
        by_draw[draws, int(who == "falcon")] = month
    np.testing.assert_array_equal(np.sort(by_draw, axis=1), [[OPENS + 2 + BUILD, OPENS + 4 + BUILD]] * 30)
