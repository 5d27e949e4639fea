"""One value is changed for one run by its dotted path."""

from __future__ import annotations

import datetime as dt

import pytest

from sim.errors import ScenarioError
from sim.scenario.layers import parsed
from sim.scenario.loading import dump, load, load_with_places


def test_a_number_is_changed_and_nothing_else(small):
    plain, changed = load(small), load(small, {"demand.contract_churn": 0.5})
    assert changed.demand.contract_churn.parameters == (0.5,)
    assert changed.model_copy(update={"demand": plain.demand}) == plain


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("policies.us_301.rate.2018-07-06", "30%", lambda s: s.policies["us_301"].rate.steps[0][1].central == 0.3),
        ("policies.us_301.rate.2020-01-01", "30%", lambda s: s.policies["us_301"].rate.steps[2][1].central == 0.3),
        ("policies.us_301.rate", "30%", lambda s: s.policies["us_301"].rate.steps[0][0] is None),
        ("policies.us_301.ends", dt.date(2020, 1, 1), lambda s: s.policies["us_301"].ends.year == 2020),
        ("policies.us_301.ends", "2020-01-01", lambda s: s.policies["us_301"].ends.year == 2020),
        ("policies.us_301", {"ends": "2020-01-01"}, lambda s: s.policies["us_301"].ends.year == 2020),
        ("title", "2020-01-01", lambda s: s.title == "2020-01-01"),
        ("talks.rounds.1.place", "Geneva", lambda s: [r.place for r in s.talks.rounds] == ["Beijing", "Geneva"]),
        ("talks.rounds.0", {"place": "Geneva"}, lambda s: s.talks.rounds[0].signs == "large"),
        ("vendors.aws.captive.china", {"units": 1, "growth": 0}, lambda s: s.vendors["aws"].captive["china"].units),
        ("demand", {"contract_churn": 0.5}, lambda s: s.demand.contract_churn.central == 0.5),
        ("demand.market_elasticity.triangular.1", 1.7, lambda s: s.demand.market_elasticity.central == 1.7),
        ("markets.china.taste", None, lambda s: s.markets["china"].taste == {}),
        ("title", "2019-01-01 and after", lambda s: s.title.startswith("2019")),
        ("name", "variant", lambda s: s.name == "variant"),
    ],
)
def test_any_value_can_be_changed(small, path, value, found):
    assert found(load(small, {path: value}))


def test_later_changes_are_laid_over_earlier_ones(small):
    changes = {"demand": {"contract_churn": 0.1, "quality_shock_sd": 0.2}, "demand.contract_churn": 0.3}
    demand = load(small, changes).demand
    assert (demand.contract_churn.central, demand.quality_shock_sd.central) == (0.3, 0.2)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("demand.market_elasticty", "demand has no 'market_elasticty'; did you mean market_elasticity?"),
        ("polices.us_301.rate", "the scenario has no 'polices'; did you mean policies?"),
        ("policies.us_31.rate", "policies has no 'us_31'; did you mean us_301?"),
        ("talks.rounds.2.place", "talks.rounds has no '2' (known: 0, 1)"),
        ("demand.contract_churn.low", "demand.contract_churn has no 'low'"),
        ("policies.us_301.rate.yesterday", "policies.us_301.rate has no 'yesterday'"),
        ("", "the scenario has no ''"),
        ("extends", "the scenario has no 'extends'"),
        ("demand..x", "demand has no ''"),
    ],
)
def test_a_path_that_leads_nowhere_names_the_nearest_step(small, path, words):
    with pytest.raises(ScenarioError) as caught:
        load(small, {path: 1})
    assert str(caught.value).startswith(f"--set {path}: ")
    assert words in str(caught.value)


def test_a_wrong_value_is_reported_as_the_argument_it_is(small):
    with pytest.raises(ScenarioError, match=r"^--set policies\.us_301\.rate: .*25% or 0\.25.*2500%"):
        load(small, {"policies.us_301.rate": 25})


def test_a_changed_value_stands_at_its_argument(small):
    loaded = load_with_places(small, {"demand.contract_churn": 0.5})
    assert str(loaded.tree.nearest(("demand", "contract_churn")).place) == "--set demand.contract_churn"


def test_a_change_that_removes_nothing_is_refused(small):
    with pytest.raises(ScenarioError, match="null removes an inherited entry, but there is none"):
        load(small, {"policies.us_302": None})


def test_arguments_are_yaml_values():
    changes = parsed(["a.b=25%", "c={normal: [1, 2]}", "d = 2019-01-01", "e=x=y", "f=null"])
    assert {path: tree.plain() for path, tree in changes.items()} == {
        "a.b": "25%",
        "c": {"normal": (1, 2)},
        "d": dt.date(2019, 1, 1),
        "e": "x=y",
        "f": None,
    }


@pytest.mark.parametrize("argument", ["demand.contract_churn", "=1", "demand.contract_churn=", "", "a={b", "a=!!x 1"])
def test_an_argument_of_another_form_is_refused(argument):
    with pytest.raises(ScenarioError, match=r"^--set"):
        parsed([argument])


def test_a_shortened_run_that_was_written_out_runs_again(small, tmp_path):
    scenario = load(small, {"months": 6})
    path = tmp_path / "scenario.yaml"
    path.write_text(dump(scenario), encoding="utf-8")
    assert load(path) == scenario


def test_a_shorter_run_may_leave_dates_behind_but_a_file_may_not(small, derived):
    load(small, {"months": 6})
    load(derived("months: 6\n"))
    with pytest.raises(ScenarioError, match="2031-01-01 is after the end of the run"):
        load(derived("months: 6\npolicies: {us_301: {ends: 2031-01-01}}\n"))
