"""A part of one scenario laid into another takes along what it hangs together with, and as little as that."""

from __future__ import annotations

import pytest

import sim
from sim.scenario.exchanging import with_companions, with_part, with_parts
from sim.scenario.loading import of_plain_data
from sim.scenario.yaml_files import plain_data


@pytest.fixture(scope="module")
def quiet():
    return plain_data(sim.load("guiyang_pilot"))


@pytest.fixture(scope="module")
def talking():
    return plain_data(sim.load("deal_spring_2019"))


def moved(taker, giver, *place):
    """Exchange a part, check that what comes out is a scenario, and give it with the dotted names of companions."""
    content, companions = with_companions(taker, giver, place)
    return of_plain_data(content, "mixed"), {".".join(found) for found in companions}


def test_a_policy_is_taken_away_with_its_name_in_the_level_that_brings_it(quiet, talking):
    scenario, companions = moved(talking, quiet, "policies", "know_how_protected")
    assert companions == {"talks.agenda.know_how.strong"}
    assert scenario.talks.agenda["know_how"] == {"weak": (), "strong": ()}
    assert scenario.talks.packages == sim.load("deal_spring_2019").talks.packages


def test_a_policy_that_comes_without_a_deal_instead_leaves_the_other_ones_there(quiet, talking):
    scenario, companions = moved(talking, quiet, "policies", "no_deal_us_hardware")
    assert companions == {"talks.if_no_deal"}
    assert set(sim.load("deal_spring_2019").talks.if_no_deal) - set(scenario.talks.if_no_deal) == {
        "no_deal_us_hardware"
    }


def test_a_policy_brings_the_issue_that_names_it_without_the_issues_other_policies(quiet, talking):
    scenario, companions = moved(quiet, talking, "policies", "us_tariffs_halved")
    assert companions == {"talks.agenda.tariffs_on_chinese_goods"}
    assert scenario.talks.agenda["tariffs_on_chinese_goods"]["halve"] == ("us_tariffs_halved",)
    assert set(scenario.policies) - set(sim.load("guiyang_pilot").policies) == {"us_tariffs_halved"}


def test_an_issue_brings_its_policies_and_goes_with_them_and_its_level_in_packages(quiet, talking):
    _, brought = moved(quiet, talking, "talks", "agenda", "know_how")
    assert brought == {"policies.know_how_protected"}
    _, taken = moved(talking, quiet, "talks", "agenda", "know_how")
    assert taken == {"policies.know_how_protected", "talks.packages.spring.know_how", "talks.promises.know_how"}


def test_an_issue_with_a_title_is_taken_away_with_its_title_and_its_promises(quiet, talking):
    scenario, companions = moved(talking, quiet, "talks", "agenda", "tariffs_on_us_goods")
    assert {"talks.titles.tariffs_on_us_goods", "talks.promises.tariffs_on_us_goods"} <= companions
    assert "tariffs_on_us_goods" not in {*scenario.talks.titles, *scenario.talks.promises}


def test_an_issue_is_taken_away_with_what_history_and_a_hazard_say_of_it():
    """What a deal left out in fact cannot be told of an issue that is not there."""
    talking, quiet = (plain_data(sim.load(name)) for name in ("talks_2018_2020", "status_quo"))
    scenario, _ = moved(talking, quiet, "talks", "agenda", "cloud_access")
    assert [span.without for span in scenario.talks.history] == [(), ()]


def test_a_policy_that_no_longer_waits_for_a_deal_is_struck_from_its_level(quiet, talking):
    scenario, companions = moved(talking, quiet, "policies", "guiyang_pilot", "starts")
    assert companions == {"talks.agenda.cloud_access.pilot_zone"}
    assert scenario.policies["guiyang_pilot"].starts == sim.load("guiyang_pilot").policies["guiyang_pilot"].starts


def test_talks_without_rounds_have_no_mode(quiet, talking):
    scenario, companions = moved(talking, quiet, "talks", "rounds")
    assert companions == {"talks.mode"}
    assert (scenario.talks.mode, scenario.talks.rounds) == ("none", ())


def test_a_part_that_stands_alone_takes_nothing_along(quiet, talking):
    other = with_part(talking, {"months": 24}, ("months",))
    assert with_companions(quiet, other, ("months",)) == ({**quiet, "months": 24}, ())


def test_what_is_exchanged_leaves_both_scenarios_as_they_were(quiet, talking):
    before = plain_data(sim.load("deal_spring_2019"))
    with_companions(talking, quiet, ("policies", "know_how_protected"))
    assert talking == before


def test_several_parts_come_in_the_same_order_however_they_are_listed():
    ours = {"policies": {"own": 1, "both": {"x": 1}, "last": 5}, "months": 3}
    theirs = {"policies": {"first": 2, "both": {"x": 4}, "next": 3, "last": 5}, "months": 3}
    places = [("policies", "next"), ("policies", "first"), ("policies", "both", "x")]
    for listed in (places, places[::-1]):
        found = with_parts(ours, theirs, listed)
        assert list(found["policies"]) == ["first", "own", "both", "next", "last"]
        assert found["policies"]["both"] == {"x": 4}
    assert list(with_parts(ours, theirs, [("policies", "own")])["policies"]) == ["both", "last"]
