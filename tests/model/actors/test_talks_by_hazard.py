"""Talks that settle at once, at a rate, or never: three numbers in place of what governments want."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import pytest

from sim.model.luck import Draws
from sim.quantities import NEVER
from tests.bargain import FIRST, POLICIES, UNSURE, bargain, by_deal

MANY = 3000
AT_ONCE, RATE, NEVER_AT_ALL = 0.3, 0.8, 0.25
DAYS = (dt.date(2019, 1, 10), dt.date(2019, 2, 28), dt.date(2019, 7, 1), dt.date(2020, 1, 15), dt.date(2020, 12, 31))
SPRING = {"us_tariffs": "halve", "china_tariffs": "remove", "access": "none", "know_how": "strong"}
HAZARD = {"signs": "spring", "at_once": AT_ONCE, "settles_per_year": RATE, "never": NEVER_AT_ALL}
LADDER = {"rung_one": by_deal("tariff", 0, by="us", lists=["phones"], rate="10%")}


def by_hazard(days=DAYS, hazard=HAZARD, policies=POLICIES, **plan):
    held = tuple({"date": day} for day in days)
    changes = bargain(policies, packages={"spring": SPRING}, mode="hazard", hazard=hazard, hosts=held, **plan)
    return changes | {"months": 36}


@pytest.fixture(scope="module")
def settled(play, compact):
    return play(compact(by_hazard()), range(MANY))


def four_sigma(count, chances):
    chances = np.asarray(chances)
    return abs(count - chances.sum()) <= 4 * math.sqrt((chances * (1 - chances)).sum()) + 1e-9


def by_date(n):
    """Share signed by a round, in closed form: those who ever sign do so at once or at a rate since the first round."""
    years = (DAYS[n] - DAYS[0]).days / 365.25
    return (1 - NEVER_AT_ALL) * (1 - (1 - AT_ONCE) * math.exp(-RATE * years))


@pytest.mark.parametrize("n", range(len(DAYS)))
def test_shares_signed_by_each_date_are_those_of_the_closed_form(settled, n):
    signed = np.logical_or.reduce([held.agreed for held in settled.paths.rounds[: n + 1]])
    assert four_sigma(signed.sum(), np.full(MANY, by_date(n)))


def test_as_many_never_sign_as_the_scenario_says_however_long_the_talks_last(play, compact):
    late = (*DAYS[:-1], *(dt.date(2020, 1, 20) + dt.timedelta(days=n) for n in range(20)))
    run = play(compact(by_hazard(late, HAZARD | {"settles_per_year": 900})), range(MANY))
    assert four_sigma((run.paths.outcomes["deal_month"] == NEVER).sum(), np.full(MANY, NEVER_AT_ALL))


def test_more_rounds_between_the_same_dates_change_nothing_but_luck(play, compact):
    """The rate is one of time, not of meetings."""
    halfway = [day for first, last in itertools.pairwise(DAYS) for day in (first, first + (last - first) / 2)]
    run = play(compact(by_hazard((*halfway, DAYS[-1]))), range(MANY))
    signed = (run.paths.outcomes["deal_month"] < NEVER).sum()
    assert four_sigma(signed, np.full(MANY, by_date(len(DAYS) - 1)))


@pytest.mark.parametrize(
    ("hazard", "share"),
    [
        ({"at_once": 1, "never": 0}, [1, 1]),
        ({"at_once": 0, "settles_per_year": 0}, [0, 0]),
        ({"never": 1}, [0, 0]),
        ({"at_once": 0, "settles_per_year": 1000, "never": 0}, [0, 1]),
    ],
)
def test_numbers_at_their_bounds_leave_nothing_to_chance(play, compact, hazard, share):
    run = play(compact(by_hazard(DAYS[:2], HAZARD | hazard)), range(40))
    signed = np.cumsum([held.agreed for held in run.paths.rounds], axis=0)
    np.testing.assert_array_equal(signed.mean(axis=1), share)


def test_what_is_signed_is_the_package_named_and_brings_its_policies(play, compact):
    run = play(compact(by_hazard(hazard=HAZARD | {"at_once": 1, "never": 0})), range(3), watch=("ip_protection",))
    np.testing.assert_array_equal(run.paths.outcomes["package"], 0)
    np.testing.assert_array_equal(run.paths.outcomes["deal_month"], FIRST)
    protection = run.months["ip_protection"][:, run.market("china")]
    assert (protection[: FIRST + 4] == 0.5).all()
    assert (protection[FIRST + 4 :] == 0.9).all()
    words = "us tariffs: halve; china tariffs: remove; know how: strong (in round 1)"
    assert run.happened("signed") == [(FIRST, "talks", words, [0, 1, 2])]


def test_uncertain_numbers_are_drawn_once_for_all_rounds(play, compact):
    """A draw with a low rate has it at every round; the three numbers of a draw are its chances."""
    uncertain = {
        "at_once": {"uniform": [0, 0.5]},
        "settles_per_year": {"uniform": [0, 2]},
        "never": {"uniform": [0, 1]},
    }
    scenario = compact(by_hazard(hazard=HAZARD | uncertain))
    run = play(scenario, range(200))
    luck = Draws(1, range(200))
    held = scenario.talks.hazard
    ever = luck.uniform("talks.hazard", 1)[0] >= luck.number(held.never)
    rate = luck.number(held.settles_per_year)
    for n, this in enumerate(run.paths.rounds):
        years = (DAYS[n] - DAYS[n - 1]).days / 365.25
        chance = luck.number(held.at_once) if n == 0 else 1 - np.exp(-rate * years)
        np.testing.assert_allclose(this.chance[this.held], np.where(ever, chance, 0)[this.held], rtol=1e-9, atol=1e-15)
        assert not this.chance[~this.held].any()


def test_failed_rounds_may_raise_tariffs_and_break_talks_off_by_chance_and_nobody_walks(play, compact):
    plan = by_hazard(
        policies=POLICIES | LADDER,
        escalation={"probability": 0.4, "rungs": [["rung_one"]]},
        suspension={"probability": 0.5, "resumes_per_year": 2},
        breakdown_per_year=0.5,
    )
    run = play(compact(plan | UNSURE), range(MANY))
    first, second, *_ = run.paths.rounds
    failed = ~first.agreed
    assert four_sigma((run.world.rung_month[0] == FIRST).sum(), np.full(failed.sum(), 0.4))
    assert four_sigma(first.broke_off.sum(), np.full(failed.sum(), 0.5))
    back = 1 - math.exp(-2 * (second.month - first.month) / 12)
    assert four_sigma((first.broke_off & second.held).sum(), np.full(first.broke_off.sum(), back))
    assert not any(held.walked.any() for held in run.paths.rounds)
    again = sum(held.agreed.astype(int) for held in run.paths.rounds)
    assert (again == 2).any(), "a deal that broke can be followed by another one"


def test_signatures_are_the_same_whatever_governments_would_want(settled, play, compact):
    """Stakes may stand there, and are not read."""
    wants = play(compact(by_hazard(stakes={}) | {"demand.budget_shock_sd": 0.2}), range(MANY))
    np.testing.assert_array_equal(wants.paths.outcomes["deal_month"], settled.paths.outcomes["deal_month"])
