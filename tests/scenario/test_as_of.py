"""What was known on a day: nothing later is left, earlier days know less, and what cannot be told is refused."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise

import pytest

import sim
from sim.errors import ScenarioError
from sim.facts import find_fact, load_facts, month_ended, year_ended
from sim.scenario import as_of
from sim.scenario.describing import differing_values
from sim.scenario.loading import changed, dump, load
from sim.scenario.schema_slots import everything_in
from sim.values import Schedule
from tests.commanding import ended

LIBRARY = ("status_quo", "guiyang_pilot", "export_controls", "bargain_spring_2019", "phase_one_2020", "today")
DAYS = ("2019-02-01", "2019-03-28", "2020-06-01", "2023-05-01", "2025-06-01")


def later(scenario, day):
    """Whatever a scenario holds that begins after a day and says nothing of when it was announced."""
    for name, policy in scenario.policies.items():
        if policy.announced is not None and policy.announced > day:
            yield name
        if policy.announced is None and isinstance(policy.starts, dt.date) and policy.starts > day:
            yield name
        if policy.ends is not None and policy.ends > day:
            yield name, "ends"
        if policy.announced is None and not policy.by_deal:
            yield from ((name, *path) for path in late_steps(policy, day))
    yield from late_steps(scenario.demand, day)
    yield from late_steps(scenario.markets, day)
    yield from (span.until for span in scenario.talks.history if span.until > day)


def late_steps(part, day):
    for path, held in everything_in(part):
        if isinstance(held, Schedule):
            yield from ((*path, date) for date, _ in held.steps if date is not None and date > day)


@pytest.mark.parametrize("name", LIBRARY)
@pytest.mark.parametrize("day", DAYS)
def test_nothing_later_is_left_in_the_library(name, day):
    assert not list(later(load(name, {"as_of": day}), dt.date.fromisoformat(day)))


def test_a_policy_that_slips_through_is_caught(monkeypatch):
    monkeypatch.setattr(as_of._Cut, "_policy", lambda cut, tree, path: cut._entries(tree, path, None))
    assert "guiyang_pilot" in list(later(load("guiyang_pilot", {"as_of": "2019-02-01"}), dt.date(2019, 2, 1)))


@pytest.mark.parametrize("name", LIBRARY)
def test_at_the_end_all_is_known(name):
    assert [path for path, _, _ in differing_values(load(name), load(name, {"as_of": "2036-01-01"}))] == ["as_of"]


@pytest.mark.parametrize("name", LIBRARY)
def test_a_later_day_knows_no_less(name):
    policies = [set(load(name, {"as_of": day}).policies) for day in DAYS]
    assert all(before <= after for before, after in pairwise(policies))


def test_what_was_left_out_does_not_come_back(tmp_path):
    scenario = load("export_controls", {"as_of": "2023-05-01"})
    copy = tmp_path / "export_controls.yaml"
    copy.write_text(dump(scenario), encoding="utf-8")
    assert load(copy) == scenario
    assert changed(scenario, {"months": 60}).policies.keys() == scenario.policies.keys()


def test_the_days_before_are_told_of_the_file_and_not_of_a_loaded_scenario():
    with pytest.raises(ScenarioError, match="no longer says what was known when; give the name or the file"):
        sim.run(load("status_quo"), draws=1, as_of="2019-03-28")
    assert sim.run("status_quo", draws=1, as_of=dt.date(2019, 3, 28)).scenario.posterior is None


# What holds where -----------------------------------------------------------------------------------------------------

TARIFF = "kind: tariff, by: us, lists: [list_1]"


@pytest.mark.parametrize(
    ("policy", "day", "rates"),
    [
        ("rate: {2019-01-01: 10%, 2020-01-01: 20%}", "2018-12-31", None),
        ("rate: {2019-01-01: 10%, 2020-01-01: 20%}", "2019-01-01", [0.1]),
        ("announced: 2018-10-01, rate: {2019-01-01: 10%, 2020-01-01: 20%}", "2018-09-30", None),
        ("announced: 2018-10-01, rate: {2019-01-01: 10%, 2020-01-01: 20%}", "2018-10-01", [0.1]),
        ("rate: {2019-01-01: 10%, 2020-01-01: {value: 20%, announced: 2018-11-01}}", "2019-01-01", [0.1, 0.2]),
        ("rate: {2019-01-01: 10%, 2020-01-01: {value: 20%, announced: 2019-11-01}}", "2019-10-31", [0.1]),
        ("starts: 2019-01-01, rate: 10%", "2018-12-31", None),
        ("starts: 2019-01-01, announced: 2018-12-01, rate: 10%", "2018-12-31", [0.1]),
        ("rate: 10%", "2018-07-01", [0.1]),
        ("rate: {known: {2018-08-01: 5%, 2018-09-01: 10%}}", "2018-08-31", [0.05]),
        ("rate: {2020-01-01: {fact: my.early}}", "2019-02-28", None),
        ("rate: {2020-01-01: {fact: my.early}}", "2019-03-01", [0.15]),
        ("rate: {2019-01-01: {fact: my.late}}", "2019-12-31", None),
        ("rate: {2019-01-01: {fact: my.late}}", "2020-01-01", [0.25]),
        ("rate: {known: {2018-08-01: 5%, 2018-09-01: {fact: my.late}}}", "2019-12-31", [0.05]),
    ],
)
def test_a_policy_is_known_from_its_announcement_and_a_value_from_its_own(derived, write, policy, day, rates):
    head = "key,value,unit,source,date,year,announced\n"
    write(f"{head}my.early,15,percent,mine,2020-01-01,,2019-03-01\nmy.late,25,percent,mine,,2019,\n", "figures/a.csv")
    scenario = load(derived(f"facts: figures\nas_of: {day}\npolicies: {{mine: {{{TARIFF}, {policy}}}}}\n"))
    mine = scenario.policies.get("mine")
    assert (mine and [number.parameters[0] for _, number in mine.rate.steps]) == rates


def test_an_end_is_known_from_its_day_unless_it_was_known_before(derived):
    policy = f"{TARIFF}, rate: 10%"
    two = "{known: {2018-09-01: 2019-06-01}}"
    text = f"policies: {{one: {{{policy}, ends: 2019-06-01}}, two: {{{policy}, ends: {two}}}}}\n"
    scenario = load(derived(f"as_of: 2018-12-31\n{text}"))
    assert scenario.policies["one"].ends is None
    assert scenario.policies["two"].ends == dt.date(2019, 6, 1)


def test_talks_forget_what_happened_later_and_policies_that_are_gone():
    talks = load("talks_2018_2020", {"as_of": "2019-03-28"}).talks
    assert talks.history == ()
    assert len(load("talks_2018_2020", {"as_of": "2019-05-10"}).talks.history) == 1
    assert len(talks.rungs) == len(load("talks_2018_2020").talks.rungs) - 1
    assert not any(held.signs for held in load("phase_one_2020", {"as_of": "2020-01-14"}).talks.rounds)
    assert load("phase_one_2020", {"as_of": "2020-01-15"}).talks.rounds[-1].signs == "phase_one"


def test_estimates_go_back_to_the_posterior_that_was_known():
    names = [
        load("today", {"as_of": day}).posterior for day in ("2021-12-31", "2022-01-01", "2024-12-31", "2025-01-01")
    ]
    assert names == [None, "2021-12", "2021-12", "2024-12"]
    turn = load("today", {"as_of": "2024-12-31"}).demand.turns["aws"].steps[-1]
    assert turn[0] == dt.date(2024, 1, 1)
    assert turn[1].estimate is None


def test_facts_are_known_when_their_time_is_over_or_when_they_were_announced():
    assert find_fact("china.2018.fy.total.canalys").known == dt.date(2019, 1, 1)
    assert find_fact("tariff.us.list_3.2019_05_10").known == dt.date(2019, 5, 10)
    assert find_fact("tariff.us.section_301_forced_labour.2026_07_24").known == dt.date(2026, 6, 2)
    assert find_fact("fgkk.eta_product").known is None
    assert [year_ended("2018", part) for part in ("FY", "Q1", "Q4", "H1")] == [
        dt.date(2019, 1, 1), dt.date(2018, 4, 1), dt.date(2019, 1, 1), dt.date(2018, 7, 1)
    ]  # fmt: skip
    assert year_ended("2020-2021") == dt.date(2022, 1, 1)
    assert [year_ended(""), year_ended("9999"), month_ended("2021-13"), month_ended("soon")] == [None] * 4


def test_each_announcement_is_of_a_fact_and_not_after_its_day():
    from sim.facts import _announced  # noqa: PLC0415 (nobody else reads them)

    for key, day in _announced().items():
        fact = load_facts()[key]
        assert fact.known == day
        assert fact.dated is None or day < fact.dated


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("as_of: 2018-06-30\n", "mine.yaml:3: as_of: 2018-06-30 is before the start of the run (2018-07-01)"),
        ("as_of: soon\n", "mine.yaml:3: as_of: expected a date such as 2018-07-01, found 'soon'"),
        (
            "as_of: 2018-12-31\nvendors: {aws: {world_revenue_bn: {fact: world.2018.fy.amazon.canalys}}}\n",
            "mine.yaml:4: vendors.aws.world_revenue_bn: the fact world.2018.fy.amazon.canalys was not known on 2018-12",
        ),
        (
            "as_of: 2018-12-31\ncosts: {decline: {value: 0.1, announced: 2019-06-01}}\n",
            "mine.yaml:4: costs.decline: this value was not known on 2018-12-31, only from 2019-06-01 on",
        ),
        (
            f"policies: {{mine: {{{TARIFF}, rate: {{2019-01-01: {{value: 10%, announced: 2019-02-01}}}}}}}}\n",
            "mine.yaml:3: policies.mine.rate.2019-01-01: is announced on 2019-02-01, after it holds from 2019-01-01 on",
        ),
    ],
)
def test_what_cannot_be_known_is_refused_with_its_line(derived, text, words):
    with pytest.raises(ScenarioError) as refused:
        load(derived(text))
    assert words in str(refused.value)


def test_a_value_set_for_the_run_must_have_been_known():
    with pytest.raises(ScenarioError, match="was not known on 2019-03-01, only from 2019-03-25 on"):
        load("guiyang_pilot", {"as_of": "2019-03-01", "policies.guiyang_pilot.slots": 5})
    announced = {"value": "20%", "announced": "2019-02-01"}
    held = load("status_quo", {"as_of": "2019-03-01", "policies.us_list_3.rate.2019-05-10": announced})
    assert held.policies["us_list_3"].rate.steps[-1][1].parameters == (0.2,)


# The command ----------------------------------------------------------------------------------------------------------


@pytest.mark.depth
def test_the_command_says_as_of_which_day_it_ran(tmp_path):
    few = ("--set", "months=24", "--draws", 2, "--quiet")
    done = ended("run", "guiyang_pilot", "--as-of", "2019-03-01", *few, "--out", tmp_path)
    assert done.returncode == 0
    assert "not known yet, and left out: the policy guiyang_pilot and" in done.stderr
    (folder,) = tmp_path.glob("guiyang_pilot_with_*as_of_2019_03_01*")
    assert json.loads((folder / "manifest.json").read_text())["as_of"] == "2019-03-01"
    assert "as of what was known on" in (folder / "report.html").read_text()
    assert ended("verify", folder).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "status_quo", "--as-of", "2018-01-01"), "is before the start of the run (2018-07-01)"),
        (("run", "status_quo", "--as-of", "soon"), "--as-of soon: expected a date such as 2019-03-28"),
        (
            ("show", "guiyang_pilot", "--as-of", "2019-03-01", "--set", "policies.guiyang_pilot.slots=5"),
            "was not known",
        ),
        (("deals", "bargain_spring_2019", "--as-of", "2018-10-01"), "was not known on 2018-10-01"),
        (("diff", "status_quo", "today", "--as-of", "2018-10-01"), "was not known on 2018-10-01"),
    ],
)
def test_a_day_that_cannot_be_ends_the_command_with_two(arguments, words):
    done = ended(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.long
def test_a_deep_check_knows_no_more_of_what_the_scenario_extends():
    known = ended("check", "guiyang_pilot", "--deep", "--as-of", "2019-03-28")
    assert "opens in 32 of 32 draws" in known.stdout
    before = ended("check", "guiyang_pilot", "--deep", "--as-of", "2019-03-01")  # the pilot is not announced yet
    assert "It changes nothing that the model reads." in before.stdout


def test_a_policy_that_begins_before_it_is_announced_is_known_when_it_begins(derived):
    """As where a run moves its beginning forward."""
    text = f"policies: {{mine: {{{TARIFF}, starts: 2019-01-01, announced: 2019-02-01, rate: 10%}}}}\n"
    assert "mine" in load(derived(f"as_of: 2019-01-15\n{text}")).policies
    assert "mine" not in load(derived(f"as_of: 2018-12-31\n{text}")).policies
