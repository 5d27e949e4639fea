"""Rounds between governments that bargain: who offers what, what failure brings, and what becomes of a deal."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest

import sim
from sim.model.actors.talks import ACTOR
from sim.model.batch import run_batch
from sim.model.luck import Draws, Luck
from sim.quantities import NEVER
from sim.scenario.describing import package_in_words
from sim.scenario.schema import Scenario
from tests.bargain import AGENDA, FIRST, MANNER, MONTHS, POLICIES, STAKES, UNSURE, Priced, bargain, by_deal, priced
from tests.plain_bargain import PlainBargain, after_a_refusal, after_a_stay, after_an_offer

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

BREAKS_OFF = {"probability": 0.25, "resumes_per_year": 6}
CLIMBS = {"probability": 0.3, "after_walking": 0.8, "rungs": LADDER}
HOSTS = ("us", "china", "china", "us")
TYPES = 9
RESOLVE = {"us": (0.0, 1.2), "china": (0.2, 0.9)}
KNOWN = {country: held | {"resolve": 0.5} for country, held in STAKES.items()}
HIDDEN = {
    country: held | {"resolve": {"uniform": list(RESOLVE[country])}, "noise_bn": 2} for country, held in STAKES.items()
}
DEADLINE = 3.5
PLANS = {
    "open": {"suspension": BREAKS_OFF},
    "known": {"suspension": BREAKS_OFF, "stakes": KNOWN},
    "hidden": {"suspension": BREAKS_OFF, "escalation": CLIMBS, "stakes": HIDDEN},
    "held": {"escalation": {"probability": 0.3, "rungs": LADDER}, "stakes": HIDDEN},
}
"""Resolve of nothing, of what both know, and hidden; in the last plan nobody can walk away."""
DATED = {"2018-07-01": 0.5, "2019-03-01": DEADLINE}
"""Waiting becomes dearer with the third round."""


@dataclass(frozen=True)
class Bargained:
    """A run, and what packages and rungs were worth at each of its rounds."""

    scenario: Scenario
    at_rounds: list[Priced]
    gains: list[np.ndarray]
    climbs: list[np.ndarray]

    @property
    def rounds(self):
        return self.at_rounds[0].world.rounds


@pytest.fixture(scope="module", params=PLANS)
def bargained(compact, request):
    plan = PLANS[request.param]
    policies = POLICIES | (RUNGS if "escalation" in plan else {})
    scenario = compact(bargain(policies, hosts=HOSTS, **plan) | UNSURE | {"talks.stakes.us.waiting_cost_bn": DATED})
    gains, climbs = [], []

    def look(priced_then, month):
        gains.append(priced_then.pricing.gains(month))
        climbs.append(priced_then.pricing.climbs(month))

    at_rounds = priced(scenario, range(30), months=tuple(FIRST + n for n in range(len(HOSTS))), then=look)
    return Bargained(scenario, at_rounds, gains, climbs)


def types_of(plan, country, own):
    """Resolve that a government may have in the eyes of the other one, and its own, which the other does not know."""
    number = plan.stakes[country].resolve
    if number is None:
        return [0.0, 0.0]
    if not number.is_uncertain:
        return [own, own]
    low, high = RESOLVE[country]
    return [*(low + (high - low) * (n + 0.5) / TYPES for n in range(TYPES)), own]


class PlainTalks:
    """The rounds of one draw, led along what was agreed and who walked away, by plain loops."""

    def __init__(self, bargained, d):
        plan, world = bargained.scenario.talks, bargained.at_rounds[0].world
        self.bargained, self.d, self.plan = bargained, d, plan
        self.offered = [q for q, policies in enumerate(bargained.at_rounds[0].packages) if policies]
        first = self.gains(0)
        self.reserve = []
        for i, (country, stakes) in enumerate(plan.stakes.items()):
            good = [worth[i][0] for worth in zip(*first, strict=True) if worth[0][0] >= 0 and worth[1][0] >= 0]
            own = 0.0 if stakes.resolve is None else float(world.value(stakes.resolve)[d])
            self.reserve.append([share * max([0.0, *good]) for share in types_of(plan, country, own)])
        self.belief = [[1 / (len(held) - 1)] * (len(held) - 1) + [0.0] for held in self.reserve]
        self.noise = [float(world.value(stakes.noise_bn)[d]) for stakes in plan.stakes.values()]

    def gains(self, number):
        """[party][package][rung]"""
        return self.bargained.gains[number][..., self.d][:, self.offered].tolist()

    def rung(self, number):
        return int((self.bargained.at_rounds[0].world.rung_month[:, self.d] < FIRST + number).sum())

    def ahead(self, number):
        """The round and those after it, as they are looked at from it."""
        left, escalation, pause = len(HOSTS) - number, self.plan.escalation, self.plan.suspension
        discount = math.exp(-0.06 / 12)
        costs = [[0.5 if number + n < 2 else DEADLINE, 0.5] for n in range(left)]
        bargain = PlainBargain(
            gains=self.gains(number),
            climb=self.bargained.climbs[number][:, :, self.d].tolist(),
            reserve=self.reserve,
            belief=self.belief,
            noise=self.noise,
            proposers=[("us", "china").index(host) for host in HOSTS[number:]],
            discount=[[discount, discount]] * left,
            waiting_cost=costs,
            climbs=0.3 if escalation else 0.0,
            climbs_by_walking=0.8 if escalation and escalation.after_walking else 0.3 if escalation else 0.0,
            suspended=BREAKS_OFF["probability"] if pause else 0.0,
            resumed=[1 - math.exp(-BREAKS_OFF["resumes_per_year"] / 12) if pause else 0.0] * left,
            can_walk=pause is not None,
        )
        first = bargain.rounds()[0]
        assert not bargain.unclear, (number, self.d)
        return first

    def frontier(self, number, rung):
        """Places of packages that no other one beats on a rung."""
        pairs = [(us[rung], them[rung]) for us, them in zip(*self.gains(number), strict=True)]
        return [
            q
            for q, own in enumerate(pairs)
            if not any(other != own and other[0] >= own[0] and other[1] >= own[1] for other in pairs)
        ]

    def lacking(self, number, rung):
        over = [[by_rung[rung] - self.reserve[i][-1] for by_rung in held] for i, held in enumerate(self.gains(number))]
        best = [
            max([own for own, other in zip(over[i], over[1 - i], strict=True) if other >= 0], default=-math.inf)
            for i in range(2)
        ]
        return [max(0.0, -value) for value in best]

    def check(self, number):
        """Compare a round that was held with what plain loops find, and learn what the parties learn."""
        held, d, rung = self.bargained.rounds[number], self.d, self.rung(number)
        seen = self.ahead(number)
        i, j = held.proposer, 1 - held.proposer
        package = seen.offers[-1][rung]
        chance = 0.0 if package is None else seen.accepts[-1][package][rung]
        assert held.package[d] == (-1 if package is None else self.offered[package])
        assert held.chance[d] == pytest.approx(chance, rel=1e-9, abs=1e-12)
        assert held.lacking[:, d] == pytest.approx(self.lacking(number, rung), rel=1e-9, abs=1e-9)
        among = self.frontier(number, rung)
        self.belief[i] = after_an_offer(self.belief[i], seen, package, rung, self.noise[i], among)
        self.belief[j] = after_a_refusal(self.belief[j], seen, package, rung)
        if held.agreed[d] or number + 1 == len(HOSTS):
            assert not held.walked[:, d].any()
            return
        if held.broke_off[d] and not held.walked[:, d].any():
            return  # by itself: nobody has shown anything
        seen = self.ahead(number)
        walks = [
            self.plan.suspension is not None and seen.leaving[party][-1][rung] > seen.going_on[party][-1][rung]
            for party in range(2)
        ]
        assert held.walked[:, d].tolist() == walks
        if self.plan.suspension is not None and not any(walks):
            self.belief = [after_a_stay(self.belief[party], seen, party, rung, self.noise[party]) for party in range(2)]


def test_rounds_go_as_plain_loops_over_types_rungs_and_packages_find(bargained):
    """What the host offers, how likely it is signed, who leaves, what is lacking: with what was learned before."""
    for d in range(30):
        talks = PlainTalks(bargained, d)
        for number, held in enumerate(bargained.rounds):
            assert (held.number, held.month, held.proposer) == (number, FIRST + number, int(HOSTS[number] == "china"))
            if held.held[d]:
                talks.check(number)
            else:
                assert (held.package[d], held.chance[d]) == (-1, 0)
                assert not held.walked[:, d].any()


@pytest.mark.parametrize("host", ["us", "china"])
def test_what_a_side_is_in_truth_moves_its_own_moves_alone(compact, host):
    """China's resolve is drawn anew: of the first round that changes its own offer, or answer, and nothing else."""
    scenario = compact(bargain(hosts=(host, "china"), stakes=HIDDEN) | UNSURE)
    one, other = (
        run_batch(scenario, range(200), Luck(1, exchanged)).rounds[0]
        for exchanged in ({}, {"talks.stakes.china.resolve": 2})
    )
    same = one.package == other.package
    if host == "us":  # the United States offer what they would; China answers otherwise
        assert same.all()
        assert (one.chance != other.chance).mean() > 0.3
    else:
        assert 0.1 < same.mean() < 1
        np.testing.assert_array_equal(one.chance[same], other.chance[same])


def test_the_rounds_are_worth_testing(bargained):
    """Different packages are offered, with chances between never and always."""
    rounds = bargained.rounds
    assert len({int(package) for held in rounds for package in held.package}) > 3
    assert any(((held.chance > 0.05) & (held.chance < 0.95)).any() for held in rounds)
    if bargained.scenario.talks.suspension and bargained.scenario.talks.escalation:
        assert any(held.walked.any() for held in rounds)


def test_what_no_policy_brings_is_never_offered(bargained):
    idle = [index for index, policies in enumerate(bargained.at_rounds[0].packages) if not policies]
    assert idle == [0]
    assert all((held.package != 0).all() for held in bargained.rounds)


# -- signatures --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def eventful(play, compact):
    """Rounds that may be signed, escalate, or break off, by chance or as a side leaves; deals that may break."""
    plan = bargain(
        POLICIES | RUNGS,
        stakes=HIDDEN,
        hosts=alternating(8),
        escalation={"probability": 0.4, "after_walking": 0.9, "rungs": LADDER},
        suspension={"probability": 0.3, "resumes_per_year": 5},
        breakdown_per_year=2,
    )
    return play(
        compact(plan | UNSURE | {"months": 24}), range(MANY), watch=("tariff_layer", "ip_protection", "zone_slots")
    )


@dataclass(frozen=True)
class Deal:
    """A deal of one draw."""

    draw: int
    signed: int
    package: int
    broken: int


def deals_of(run):
    """All deals that were signed, in order, as rounds and broken deals tell."""
    broken = [(month, draw) for month, _, _, draws in run.happened("deal broken", ACTOR) for draw in draws]
    return [
        Deal(
            draw,
            held.month,
            int(held.package[draw]),
            min([month for month, other in broken if other == draw and month > held.month], default=NEVER),
        )
        for held in run.paths.rounds
        for draw in np.flatnonzero(held.agreed).tolist()
    ]


def test_everything_that_can_happen_does(eventful):
    events = {event for _, _, _, event, _ in eventful.paths.events}
    told = {"signed", "escalates", "broke off", "walked away", "deal broken", "ended without a deal"}
    assert told <= events
    assert len(np.unique(eventful.paths.outcomes["package"])) > 3


def test_what_was_signed_last_is_the_deal_and_events_tell_of_all(eventful):
    outcomes, scenario = eventful.paths.outcomes, eventful.paths.scenario
    choices = list(scenario.talks.choices.values())
    last = {deal.draw: deal for deal in deals_of(eventful)}
    for name, of_deal in (("deal_month", "signed"), ("package", "package"), ("broken_month", "broken")):
        none = -1 if name == "package" else NEVER
        expected = [getattr(last[draw], of_deal) if draw in last else none for draw in range(MANY)]
        np.testing.assert_array_equal(outcomes[name], expected, err_msg=name)
    told = {(month, detail, draw) for month, _, detail, draws in eventful.happened("signed", ACTOR) for draw in draws}
    expected = {
        (deal.signed, f"{package_in_words(scenario, choices[deal.package])} (in round {deal.signed - 5})", deal.draw)
        for deal in deals_of(eventful)
    }
    assert told == expected


def test_a_round_is_held_where_nothing_is_signed_or_what_was_signed_has_broken(eventful):
    for held in eventful.paths.rounds:
        assert not (held.agreed & ~held.held).any()
        assert not (held.broke_off & (held.agreed | ~held.held)).any()
        assert not (held.walked & ~held.broke_off).any()
        in_force_then = {deal.draw for deal in deals_of(eventful) if deal.signed < held.month < deal.broken}
        assert not held.held[list(in_force_then)].any()


def test_talks_start_again_after_a_deal_broke_and_a_new_one_takes_its_place(eventful):
    """Later than the old one broke, of whatever package; what is known of the deal is then that of the new one."""
    by_draw = {}
    for deal in deals_of(eventful):
        by_draw.setdefault(deal.draw, []).append(deal)
    again = [(old, new) for held in by_draw.values() for old, new in itertools.pairwise(held)]
    assert len(again) > 20
    assert all(old.signed < old.broken < new.signed for old, new in again)
    assert any(old.package != new.package for old, new in again)
    broken = [deal for deal in deals_of(eventful) if deal.broken < FIRST + 7]
    later = np.stack([held.held for held in eventful.paths.rounds])
    back = [later[deal.broken - FIRST + 1 :, deal.draw].any() for deal in broken]
    assert four_sigma(sum(back), [1 - math.exp(-5 * (FIRST + 7 - deal.broken) / 12) for deal in broken])


def test_without_suspension_a_broken_deal_is_the_end(play, compact):
    plan = bargain(stakes=HIDDEN, hosts=alternating(8), breakdown_per_year=6)
    run = play(compact(plan | UNSURE), range(MANY))
    deals = deals_of(run)
    assert len({deal.draw for deal in deals}) == len(deals)
    for deal in deals:
        assert not any(held.held[deal.draw] for held in run.paths.rounds if held.month > deal.signed)
    assert sum(deal.broken < FIRST + 7 for deal in deals) > 20
    np.testing.assert_array_equal(
        run.paths.outcomes["broken_month"],
        [{deal.draw: deal.broken for deal in deals}.get(draw, NEVER) for draw in range(MANY)],
    )


def test_rounds_are_signed_as_often_as_their_chances_say(eventful):
    for held in eventful.paths.rounds:
        assert four_sigma(held.agreed.sum(), held.chance[held.held]), held.number


def test_every_draw_ends_with_a_signature_or_without_one(eventful):
    outcomes = eventful.paths.outcomes
    none = outcomes["deal_month"] == NEVER
    np.testing.assert_array_equal(outcomes["no_deal_month"], np.where(none, FIRST + 7, NEVER))
    ended = [draw for *_, draws in eventful.happened("ended without a deal") for draw in draws]
    assert ended == np.flatnonzero(none).tolist()


def in_force(run, policy, lag):
    """Months and draws in which a deal brings a policy, [month, draw]."""
    plan = run.paths.scenario.talks
    brings = [policy in plan.policies_of(package) for package in plan.choices.values()]
    found = np.zeros((len(run.months["tariff_layer"]), MANY), dtype=bool)
    for deal in deals_of(run):
        if brings[deal.package]:
            found[deal.signed + lag : deal.broken, deal.draw] = True
    return found


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


# -- walking away ------------------------------------------------------------------------------------------------------

PAYS = {"pays": by_deal("tariff", 1, by="us", lists=["machines"], rate="10%")}
"""A tariff that brings the United States revenue, and costs neither side anything that it cares for."""


def tempted(play, compact, rounds=5, **plan):
    """Hopeless rounds before a rung that pays the United States."""
    plan = bargain(REVENUE_ONLY | PAYS, REVENUE_AGENDA, HOPELESS, alternating(rounds), **plan)
    return play(compact(plan), range(MANY), watch=("tariff_layer",))


@pytest.fixture(scope="module")
def leaving(play, compact):
    pause = {"probability": 0, "resumes_per_year": 12}
    return tempted(play, compact, escalation=ONLY_BY_WALKING, suspension=pause)


ONLY_BY_WALKING = {"probability": 0, "after_walking": 1, "rungs": [["pays"]]}


def test_a_side_that_gains_by_the_next_rung_walks_away_where_only_that_brings_it(leaving):
    first = leaving.paths.rounds[0]
    assert first.walked[0].all()
    assert not first.walked[1].any()
    assert first.broke_off.all()
    assert leaving.happened("walked away", ACTOR) == [(FIRST, ACTOR, "us", list(range(MANY)))]
    np.testing.assert_array_equal(leaving.world.rung_month, FIRST)
    machines = leaving.months["tariff_layer"][:, leaving.world.axes.lists.index("machines")]
    assert (machines[: FIRST + 1] == 0.25).all()
    np.testing.assert_allclose(machines[FIRST + 1 :], 0.35)


def test_talks_are_resumed_after_a_side_has_walked_away(leaving):
    """Within k months with probability 1 - exp(-k)."""
    for k, held in enumerate(leaving.paths.rounds[1:], start=1):
        assert four_sigma(held.held.sum(), np.full(MANY, 1 - math.exp(-k))), k


def test_nobody_walks_away_for_what_comes_anyway_or_is_the_other_sides_or_where_talks_cannot_be_off(play, compact):
    pause = {"probability": 0, "resumes_per_year": 12}
    anyway = {"probability": 1, "rungs": [["pays"]]}
    never = {"probability": 0, "rungs": [["pays"]]}
    for plan in (
        {"escalation": anyway, "suspension": pause},
        {"escalation": never, "suspension": pause},
        {"escalation": anyway},
    ):
        run = tempted(play, compact, 3, **plan)
        assert not any(held.walked.any() for held in run.paths.rounds), plan
        assert not run.happened("walked away")


def test_after_the_last_round_there_is_nothing_to_walk_away_from(play, compact):
    run = tempted(play, compact, 1, escalation=ONLY_BY_WALKING, suspension={"probability": 1, "resumes_per_year": 12})
    assert not run.paths.rounds[0].walked.any()
    assert (run.world.rung_month == NEVER).all()


def test_nobody_walks_away_by_the_last_bits_of_a_number(play, compact):
    """Nothing suits both, and no rung is left: to go on and to leave are worth the same."""
    stakes = {
        country: held | {"waiting_cost_bn": {"uniform": [0, 2]}, "discount": {"uniform": [0.02, 0.1]}}
        for country, held in HOPELESS.items()
    }
    pause = {"probability": {"uniform": [0, 0.4]}, "resumes_per_year": {"uniform": [2, 12]}}
    plan = bargain(REVENUE_ONLY, REVENUE_AGENDA, stakes, alternating(6), suspension=pause)
    run = play(compact(plan), range(MANY))
    assert [int(held.walked.sum()) for held in run.paths.rounds] == [0] * 6


# -- what is on the table ----------------------------------------------------------------------------------------------


def test_an_issue_off_the_table_stays_at_its_first_level(play, compact):
    scenario = compact(bargain(off_the_table=["access", "us_tariffs"]) | UNSURE)
    run = play(scenario, range(200), watch=("zone_slots", "tariff_layer"))
    choices = list(scenario.talks.choices.values())
    assert {(package["access"], package["us_tariffs"]) for package in choices} == {("none", "keep")}
    assert len(choices) == 4
    assert (run.paths.outcomes["package"] >= 0).sum() > 20
    assert not run.months["zone_slots"].any()
    assert (run.months["tariff_layer"][:, run.world.axes.lists.index("machines")] == 0.25).all()


def test_a_package_is_called_by_what_it_promises_whatever_its_name(play, compact):
    """Any combination may be signed; a name of its own is for files, and changes nothing."""
    plain = play(compact(bargain() | UNSURE), range(200))
    choices = plain.paths.scenario.talks.choices
    often = int(np.bincount(plain.paths.outcomes["package"][plain.paths.outcomes["package"] >= 0]).argmax())
    name, package = list(choices.items())[often]
    assert name == "-".join(package.values())
    promises = {issue: {level: f"{level} for {issue}" for level in levels} for issue, levels in AGENDA.items()}
    named = play(compact(bargain(packages={"spring": package}, promises=promises) | UNSURE), range(200))
    draws = np.flatnonzero(plain.paths.outcomes["package"] == often)
    first = [next(iter(levels)) for levels in AGENDA.values()]
    words = "; ".join(f"{level} for {issue}" for issue, level in package.items() if level not in first)
    told = [(detail, draw) for *_, detail, drawn in named.happened("signed", ACTOR) for draw in drawn]
    assert {draw for detail, draw in told if detail.startswith(f"{words} (in round ")} == set(draws)
    assert (named.paths.outcomes["package"][draws] == 0).all(), "packages with a name come first"
    np.testing.assert_array_equal(named.paths.outcomes["deal_month"], plain.paths.outcomes["deal_month"])


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
        words = package_in_words(scenario, scenario.talks.packages["spring"])
        assert (month, detail) == (scenario.calendar.month_of(held.date), f"{words} (in {held.place})")
        assert going_on[draws].all()
        going_on[draws] = False
    np.testing.assert_array_equal(going_on, run.paths.outcomes["deal_month"] == NEVER)
    for chance, held in zip(chances, run.paths.rounds, strict=True):
        np.testing.assert_array_equal(held.chance, np.where(held.held, chance, 0))
        assert held.proposer == -1
        assert not held.walked.any()
        assert np.isnan(held.lacking).all()
