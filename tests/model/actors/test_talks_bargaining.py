"""Rounds between governments that bargain: who offers what, what failure brings, and what becomes of a deal."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import sim
from sim.model.actors.talks import ACTOR
from sim.model.luck import Draws
from sim.quantities import NEVER
from tests.bargain import FIRST, MANNER, MONTHS, POLICIES, STAKES, UNSURE, bargain, by_deal, priced

MANY = 400
CUTS = {"us_halved": 0.5, "us_removed": 1.0}

HOPELESS = {country: MANNER | {"noise_bn": 1e-6, "tariff_revenue": 1} for country in ("us", "china")}
"""Both care for revenue alone, so each offers only what costs the other side's revenue, which refuses."""
REVENUE_ONLY = {name: POLICIES[name] for name in ("war", "answer", "us_removed", "china_removed")}
REVENUE_AGENDA = {
    "us_tariffs": {"keep": [], "remove": ["us_removed"]},
    "china_tariffs": {"keep": [], "remove": ["china_removed"]},
}
RUNGS = {
    "rung_one": by_deal("tariff", 0, by="us", lists=["machines"], rate="10%"),
    "rung_two": by_deal("tariff", 2, by="us", lists=["machines", "phones"], rate="5%"),
    "rung_three": by_deal("tariff", 1, by="china", lists=["soybeans"], rate="7%"),
}
LADDER = [["rung_one"], ["rung_two", "rung_three"]]


def hopeless(hosts, **plan):
    """Rounds of which every one fails."""
    rungs = RUNGS if "escalation" in plan else {}
    return bargain(REVENUE_ONLY | rungs, REVENUE_AGENDA, HOPELESS, hosts, **plan)


def alternating(rounds):
    return tuple(itertools.islice(itertools.cycle(("us", "china")), rounds))


def four_sigma(count, chances):
    """Whether so many of independent events happened, give or take."""
    chances = np.asarray(chances)
    return abs(count - chances.sum()) <= 4 * math.sqrt((chances * (1 - chances)).sum()) + 1e-9


# -- offers and answers ------------------------------------------------------------------------------------------------


def plain_offer(gains, hosts, months, stakes):
    """Best package of the first of some rounds and the chance that it is signed, for one draw (7.4 to 7.6).

    gains: for each package what the two sides gain; hosts: index of the side that offers, round by round.
    """
    ahead = [0.0, 0.0]
    for n in reversed(range(len(hosts))):
        refusing = [0.0, 0.0]
        if n + 1 < len(hosts):
            years = (months[n + 1] - months[n]) / 12
            still_off = BREAKS_OFF["probability"] * math.exp(-BREAKS_OFF["resumes_per_year"] * years)
            refusing = [
                math.exp(-side["discount"] * years) * (1 - still_off) * then - side["waiting_cost_bn"]
                for side, then in zip(stakes, ahead, strict=True)
            ]
            if min(refusing) < 0:  # one walks away
                refusing = [0.0, 0.0]
        own, other = hosts[n], 1 - hosts[n]
        best, chance, surplus = 0, 0.0, -math.inf
        for package, worth in enumerate(gains):
            accepts = 1 / (1 + math.exp(min((refusing[other] - worth[other]) / stakes[other]["noise_bn"], 700)))
            if accepts * (worth[own] - refusing[own]) > surplus:
                best, chance, surplus = package, accepts, accepts * (worth[own] - refusing[own])
        chance = chance if surplus > 0 else 0.0
        ahead = [refused + chance * (won - refused) for won, refused in zip(gains[best], refusing, strict=True)]
    return best, chance


BREAKS_OFF = {"probability": 0.25, "resumes_per_year": 6}
HOSTS = ("us", "china", "china", "us")


@pytest.fixture(scope="module")
def bargained(compact):
    """What packages were worth at each of the rounds of a run, and what was done there."""
    plan = bargain(hosts=HOSTS, suspension=BREAKS_OFF)
    return priced(compact(plan | UNSURE), range(30), months=tuple(FIRST + n for n in range(len(HOSTS))))


@pytest.mark.parametrize("number", range(len(HOSTS)))
def test_the_host_offers_what_is_best_for_it_and_the_other_side_answers_by_what_it_gains(bargained, number):
    at_round, held = bargained[number], bargained[0].world.rounds[number]
    offered = [index for index, policies in enumerate(at_round.packages) if policies]
    gains = sum(at_round.parts.values())[:, offered]
    hosts = [("us", "china").index(host) for host in HOSTS[number:]]
    assert (held.number, held.month, held.proposer) == (number, FIRST + number, hosts[0])
    months = [FIRST + number + n for n in range(len(hosts))]
    assert held.held.any()
    assert (held.package[~held.held] == -1).all()
    assert not held.chance[~held.held].any()
    for draw in np.flatnonzero(held.held):
        worth = gains[:, :, draw].T.tolist()
        package, chance = plain_offer(worth, hosts, months, list(STAKES.values()))
        assert held.package[draw] == offered[package]
        assert held.chance[draw] == pytest.approx(chance, rel=1e-9, abs=1e-15)


def test_the_rounds_are_worth_testing(bargained):
    """Different packages are offered, with chances between never and always."""
    rounds = bargained[0].world.rounds
    assert len({int(package) for held in rounds for package in held.package}) > 3
    assert any(((held.chance > 0.05) & (held.chance < 0.95)).any() for held in rounds)


def test_a_package_that_brings_nothing_is_never_offered(bargained):
    idle = [index for index, policies in enumerate(bargained[0].packages) if not policies]
    assert idle == [0]
    assert all((held.package != 0).all() for held in bargained[0].world.rounds)


# -- signatures --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def eventful(play, compact):
    """Rounds that may be signed, escalate, or break off; deals that may break."""
    plan = bargain(
        POLICIES | RUNGS,
        hosts=alternating(6),
        escalation={"probability": 0.4, "rungs": LADDER},
        suspension={"probability": 0.3, "resumes_per_year": 5},
        breakdown_per_year=1,
    )
    return play(
        compact(plan | UNSURE | {"months": 24}), range(MANY), watch=("tariff_layer", "ip_protection", "zone_slots")
    )


def test_everything_that_can_happen_does(eventful):
    events = {event for _, _, _, event, _ in eventful.paths.events}
    assert {"signed", "escalates", "broke off", "deal broken", "ended without a deal"} <= events
    assert len(np.unique(eventful.paths.outcomes["package"])) > 3


def test_a_package_is_signed_once_where_the_round_was_held_and_agreed(eventful):
    outcomes, names = eventful.paths.outcomes, list(eventful.paths.scenario.talks.choices)
    signatures = np.zeros(MANY, dtype=int)
    for held in eventful.paths.rounds:
        signatures += held.agreed
        assert not (held.agreed & ~held.held).any()
        assert not (held.broke_off & (held.agreed | ~held.held)).any()
        np.testing.assert_array_equal(outcomes["deal_month"][held.agreed], held.month)
        np.testing.assert_array_equal(outcomes["package"][held.agreed], held.package[held.agreed])
    np.testing.assert_array_equal(signatures, outcomes["deal_month"] < NEVER)
    np.testing.assert_array_equal(outcomes["package"] == -1, signatures == 0)
    told = {(month, detail, draw) for month, _, detail, draws in eventful.happened("signed", ACTOR) for draw in draws}
    expected = {
        (int(outcomes["deal_month"][d]), f"{names[outcomes['package'][d]]} in round {outcomes['deal_month'][d] - 5}", d)
        for d in np.flatnonzero(signatures)
    }
    assert told == expected


def test_rounds_are_signed_as_often_as_their_chances_say(eventful):
    for held in eventful.paths.rounds:
        assert four_sigma(held.agreed.sum(), held.chance[held.held]), held.number


def test_every_draw_ends_with_a_signature_or_without_one(eventful):
    outcomes = eventful.paths.outcomes
    none = outcomes["deal_month"] == NEVER
    np.testing.assert_array_equal(outcomes["no_deal_month"], np.where(none, FIRST + 5, NEVER))
    ended = [draw for *_, draws in eventful.happened("ended without a deal") for draw in draws]
    assert ended == np.flatnonzero(none).tolist()


def in_force(run, policy, lag):
    """Months and draws in which a signed deal brings a policy, [month, draw]."""
    plan, outcomes = run.paths.scenario.talks, run.paths.outcomes
    brings = np.array([*(policy in plan.policies_of(package) for package in plan.choices.values()), False])
    months = np.arange(len(run.months["tariff_layer"]))[:, None]
    lasts = (months >= outcomes["deal_month"] + lag) & (months < outcomes["broken_month"])
    return lasts & brings[outcomes["package"]]


def test_what_a_deal_brings_starts_on_its_months_and_ends_when_it_breaks(eventful):
    china = eventful.market("china")
    slots, protection = eventful.months["zone_slots"][:, 0], eventful.months["ip_protection"][:, china]
    np.testing.assert_array_equal(slots, np.where(in_force(eventful, "opening", 3), 2, 0))
    np.testing.assert_array_equal(protection, np.where(in_force(eventful, "protected", 4), 0.9, 0.5))
    assert slots.any()
    assert (protection == 0.9).any()


def test_tariffs_climb_by_the_rungs_fall_by_the_deal_and_snap_back_when_it_breaks(eventful):
    """To what they would be without it: rungs reached before the signature stay."""
    world, layer = eventful.world, eventful.months["tariff_layer"]
    months = np.arange(len(layer))[:, None]
    one, two = (months >= world.rung_month[0]), (months >= world.rung_month[1] + 2)
    three = months >= world.rung_month[1] + 1
    kept = 1 - sum(cut * in_force(eventful, name, 1) for name, cut in CUTS.items())
    machines, phones, soybeans = (layer[:, world.axes.lists.index(name)] for name in ("machines", "phones", "soybeans"))
    np.testing.assert_allclose(machines, (0.25 + 0.1 * one + 0.05 * two) * kept, atol=1e-15)
    np.testing.assert_allclose(phones, 0.05 * two, atol=1e-15)
    np.testing.assert_allclose(soybeans, (0.15 + 0.07 * three) * ~in_force(eventful, "china_removed", 2), atol=1e-15)
    broken = eventful.paths.outcomes["broken_month"] < NEVER
    assert (np.diff(machines[:, broken], axis=0) > 0.12).any(axis=0).any(), "no cut snaps back"


# -- escalation --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def climbing(play, compact):
    ladder = {"probability": 0.4, "rungs": LADDER}
    return play(compact(hopeless(alternating(5), escalation=ladder)), range(MANY), watch=("tariff_layer",))


def test_talks_from_which_each_side_could_only_lose_are_never_signed(climbing):
    assert all(held.held.all() and not held.agreed.any() for held in climbing.paths.rounds)
    assert (climbing.paths.outcomes["package"] == -1).all()


def test_rungs_come_one_at_a_time_and_in_order(climbing):
    first, second = climbing.world.rung_month
    assert ((first < second) | (first == NEVER)).all()
    assert (second[first == NEVER] == NEVER).all()
    assert set(first) == {*range(FIRST, FIRST + 4), NEVER}
    assert set(second) == {*range(FIRST + 1, FIRST + 4), NEVER}
    for rung, month in enumerate((first, second)):
        told = {(m, d) for m, _, detail, draws in climbing.happened("escalates", ACTOR) for d in draws
                if detail == f"to rung {rung + 1}"}  # fmt: skip
        assert told == {(int(month[d]), d) for d in np.flatnonzero(month < NEVER)}


def test_a_failed_round_escalates_as_often_as_the_scenario_says(climbing):
    first, second = climbing.world.rung_month
    for month in range(FIRST, FIRST + 4):
        below = (second >= month) if month > FIRST else np.ones(MANY, dtype=bool)
        climbs = (first == month) | (second == month)
        assert four_sigma(climbs.sum(), np.full(below.sum(), 0.4)), month


def test_tariffs_rise_by_exactly_the_policies_of_the_rung_months_after_the_failed_round(climbing):
    first, second = climbing.world.rung_month
    months, lists = np.arange(MONTHS)[:, None], climbing.world.axes.lists
    expected = {
        "machines": 0.25 + 0.1 * (months >= first) + 0.05 * (months >= second + 2),
        "phones": 0.05 * (months >= second + 2),
        "soybeans": 0.15 + 0.07 * (months >= second + 1),
    }
    for name, layer in expected.items():
        np.testing.assert_allclose(climbing.months["tariff_layer"][:, lists.index(name)], layer, atol=1e-15)


@pytest.mark.parametrize(("rounds", "reached"), [(1, 0), (2, 1), (3, 2), (6, 2)])
def test_nothing_is_above_the_last_rung_and_the_last_round_brings_none(play, compact, rounds, reached):
    ladder = {"probability": 1, "rungs": LADDER}
    run = play(compact(hopeless(alternating(rounds), escalation=ladder)))
    expected = [FIRST + rung if rung < reached else NEVER for rung in range(len(LADDER))]
    np.testing.assert_array_equal(run.world.rung_month, np.repeat(np.array(expected)[:, None], 3, axis=1))


def test_talks_that_never_escalate_leave_tariffs_as_they_are(play, compact):
    ladder = {"probability": 0, "rungs": LADDER}
    run = play(compact(hopeless(alternating(4), escalation=ladder)), watch=("tariff_layer",))
    assert (run.months["tariff_layer"] == run.months["tariff_layer"][:1]).all()


# -- suspension --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def suspended(play, compact):
    pause = {"probability": 0.5, "resumes_per_year": 4}
    return play(compact(hopeless(alternating(6), suspension=pause)), range(MANY))


def test_a_failed_round_breaks_the_talks_off_as_often_as_the_scenario_says(suspended):
    *rounds, last = suspended.paths.rounds
    for held in rounds:
        assert four_sigma(held.broke_off.sum(), np.full(held.held.sum(), 0.5))
        assert not (held.broke_off & ~held.held).any()
    assert not last.broke_off.any()


def test_no_round_is_held_between_a_break_and_the_resumption_and_every_other_one_is(suspended):
    """How long a break lasts is only known from the rounds held: none, and then all until the next break."""
    away = np.zeros(MANY, dtype=bool)
    for held in suspended.paths.rounds:
        assert held.held[~away].all(), "talks that go on skip no round"
        away = (away & ~held.held) | held.broke_off
    assert sum((~held.held).sum() for held in suspended.paths.rounds) > 50


def test_talks_are_resumed_at_the_rate_of_the_scenario(suspended):
    """Within k months with probability 1 - exp(-4 k / 12); rounds are a month apart, so each tells of one k."""
    first = suspended.paths.rounds[0]
    away = first.broke_off.copy()
    for k, held in enumerate(suspended.paths.rounds[1:], start=1):
        chance = 1 - math.exp(-4 * k / 12)
        back = (held.held & away).sum()
        assert four_sigma(first.broke_off.sum() - away.sum() + back, np.full(first.broke_off.sum(), chance)), k
        away &= ~held.held


def test_talks_are_never_resumed_at_a_rate_of_zero(play, compact):
    run = play(compact(hopeless(alternating(4), suspension={"probability": 1, "resumes_per_year": 0})))
    assert [held.held.all() for held in run.paths.rounds] == [True, False, False, False]
    assert [held.held.any() for held in run.paths.rounds] == [True, False, False, False]
    np.testing.assert_array_equal(run.paths.outcomes["no_deal_month"], FIRST + 3)
    assert run.happened("broke off") == [(FIRST, ACTOR, "", [0, 1, 2])]


def test_talks_that_broke_off_escalate_no_further(play, compact):
    plan = hopeless(
        alternating(4),
        suspension={"probability": 1, "resumes_per_year": 0},
        escalation={"probability": 1, "rungs": LADDER},
    )
    run = play(compact(plan))
    np.testing.assert_array_equal(run.world.rung_month[0], FIRST)
    np.testing.assert_array_equal(run.world.rung_month[1], NEVER)


# -- what is on the table, and history ---------------------------------------------------------------------------------


def test_an_issue_off_the_table_stays_at_its_first_level(play, compact):
    scenario = compact(bargain(off_the_table=["access", "us_tariffs"]) | UNSURE)
    run = play(scenario, range(200), watch=("zone_slots", "tariff_layer"))
    choices = list(scenario.talks.choices.values())
    assert {(package["access"], package["us_tariffs"]) for package in choices} == {("none", "keep")}
    assert len(choices) == 4
    assert (run.paths.outcomes["package"] >= 0).sum() > 20
    assert not run.months["zone_slots"].any()
    assert (run.months["tariff_layer"][:, run.world.axes.lists.index("machines")] == 0.25).all()


def test_a_package_signed_bears_the_name_that_the_scenario_gives_it(play, compact):
    """Any combination may be signed; those without a name are called by their levels."""
    plain = play(compact(bargain() | UNSURE), range(200))
    name, package = max(
        plain.paths.scenario.talks.choices.items(), key=lambda item: sum(item[0] in e[4] for e in plain.paths.events)
    )
    assert name == "-".join(package.values())
    named = play(compact(bargain(packages={"spring": package}) | UNSURE), range(200))
    signed = [[(month, detail, draws) for month, _, detail, draws in run.happened("signed")] for run in (plain, named)]
    renamed = [(month, detail.replace(name, "spring"), draws) for month, detail, draws in signed[0]]
    assert sorted(renamed) == sorted(signed[1])
    assert any("spring" in detail for _, detail, _ in signed[1])


HISTORY = [
    {"host": "us", "happened": {}},
    {"host": "china", "happened": {"escalated": True, "broke_off": True}},
    {"host": "us", "happened": {"escalated": True}},
    {"host": "china", "happened": {"signed": True}},
    {"host": "us", "happened": {}},
]


def test_rounds_go_as_history_went_whatever_the_chances_were(play, compact):
    """A break is noted; when talks were taken up again is known from the rounds that follow it."""
    plan = bargain(
        POLICIES | RUNGS,
        hosts=tuple(HISTORY),
        follows_history=True,
        escalation={"probability": 1, "rungs": LADDER},
        suspension={"probability": 1, "resumes_per_year": 0},
    )
    run = play(compact(plan | UNSURE), range(50))
    flags = [[bool(flag.all()) for flag in (held.held, held.agreed, held.broke_off)] for held in run.paths.rounds]
    assert flags == [
        [True, False, False], [True, False, True], [True, False, False], [True, True, False], [False, False, False]
    ]  # fmt: skip
    assert not any(held.agreed.any() != held.agreed.all() for held in run.paths.rounds)
    np.testing.assert_array_equal(run.paths.outcomes["deal_month"], FIRST + 3)
    np.testing.assert_array_equal(run.world.rung_month, np.repeat([[FIRST + 1], [FIRST + 2]], 50, axis=1))


def test_what_happened_plays_no_part_unless_a_run_follows_history(play, compact, different):
    never = {"escalation": {"probability": 0, "rungs": LADDER}}
    plain, known = (
        play(compact(bargain(POLICIES | RUNGS, hosts=hosts, **never) | UNSURE), range(100))
        for hosts in (tuple({"host": held["host"]} for held in HISTORY), tuple(HISTORY))
    )
    assert different(plain.paths, known.paths) == []


def test_a_round_of_which_history_says_nothing_is_decided_by_the_governments(play, compact):
    hosts = ({"host": "us"}, {"host": "china", "happened": {"signed": True}})
    run = play(compact(bargain(hosts=hosts, follows_history=True) | UNSURE), range(200))
    first, second = run.paths.rounds
    assert four_sigma(first.agreed.sum(), first.chance)
    assert 0 < first.agreed.sum() < 200
    np.testing.assert_array_equal(second.agreed, ~first.agreed)


# -- the mode without governments that bargain -------------------------------------------------------------------------


def test_rounds_by_chance_are_signed_with_the_probability_of_their_draw_and_events_say_so(play):
    scenario = sim.load("deal_spring_2019", {"months": 18})
    run = play(scenario, range(300))
    chances = [Draws(1, range(300)).number(held.probability) for held in scenario.talks.rounds]
    going_on = np.ones(300, dtype=bool)
    events = run.happened("signed", ACTOR)
    assert len(events) == len(scenario.talks.rounds)
    for chance, held, (month, _, detail, draws) in zip(chances, scenario.talks.rounds, events, strict=True):
        assert four_sigma(len(draws), chance[going_on])
        assert (month, detail) == (scenario.calendar.month_of(held.date), f"spring in {held.place}")
        assert going_on[draws].all()
        going_on[draws] = False
    np.testing.assert_array_equal(going_on, run.paths.outcomes["deal_month"] == NEVER)
    assert run.paths.rounds == ()
