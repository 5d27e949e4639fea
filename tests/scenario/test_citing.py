"""Numbers cite facts, and no number stands under a source that speaks of another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.errors import ScenarioError
from sim.facts import find_fact, posterior
from sim.scenario.describing import values_of
from sim.scenario.loading import load, load_with_places
from sim.scenario.source_tree import dotted
from sim.scenario.yaml_files import dump, plain_data
from sim.values import Number

REVENUE = "world.2018.fy.amazon.canalys"
TARIFF_ABOVE_ONE = "tariff.us.ieepa_reciprocal.2025_04_10"


def test_a_fact_brings_its_value_and_its_citation(derived):
    number = (
        load(derived(f"vendors: {{aws: {{world_revenue_bn: {{fact: {REVENUE}}}}}}}\n")).vendors["aws"].world_revenue_bn
    )
    fact = find_fact(REVENUE)
    assert number.parameters == (fact.value,)
    assert number.source == fact.citation


def test_a_rate_above_one_in_the_facts_is_not_taken_for_ambiguous(small):
    rate = load(small).policies["us_301"].rate.steps[1][1]
    assert rate.parameters == (find_fact(TARIFF_ABOVE_ONE).value,)
    assert rate.parameters[0] > 1


def test_a_distribution_may_take_a_parameter_from_a_fact(derived):
    text = f"vendors: {{aws: {{world_revenue_bn: {{normal: [{{fact: {REVENUE}}}, 0.3]}}}}}}\n"
    number = load(derived(text)).vendors["aws"].world_revenue_bn
    assert number.kind == "normal"
    assert number.parameters == (find_fact(REVENUE).value, 0.3)
    assert number.source == find_fact(REVENUE).citation


def test_a_source_beside_a_fact_is_kept_with_the_citation(derived):
    text = f"vendors: {{aws: {{world_revenue_bn: {{value: {{fact: {REVENUE}}}, source: my reading}}}}}}\n"
    number = load(derived(text)).vendors["aws"].world_revenue_bn
    assert number.source == f"my reading; {find_fact(REVENUE).citation}"


def test_a_note_may_stand_beside_a_fact(derived):
    load(derived(f"vendors: {{aws: {{world_revenue_bn: {{fact: {REVENUE}, note: with services}}}}}}\n"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("vendors: {aws: {world_revenue_bn: {fact: world.2018.fy.amazn.canalys}}}", "there is no fact"),
        ("vendors: {aws: {world_revenue_bn: {fact: event.ftz_pilot_candidate_city}}}", "is a text: 'Guiyang'"),
        ("vendors: {aws: {world_revenue_bn: {fact: average_tariff.2018_07_06.china_on_us}}}", "is in share of one"),
        (f"costs: {{hardware_share: {{fact: {REVENUE}}}}}", "expected share of one, but the fact"),
        (f"vendors: {{aws: {{world_revenue_bn: {{fact: {REVENUE}, times: 2}}}}}}", "only `note` may stand, not times"),
        (f"policies: {{us_301: {{rate: {{2018-07-06: {{fact: {REVENUE}}}}}}}}}", "expected share of one, but the fact"),
        ("months: {fact: goods.2017.us_exports_to_china}", "expected a whole number"),
        ("vendors: {aws: {world_revenue_bn: {fact: null}}}", "there is no fact"),
    ],
)
def test_a_fact_that_does_not_fit_is_refused_where_it_is_cited(derived, text, words):
    with pytest.raises(ScenarioError) as caught:
        load(derived(f"{text}\n"))
    (line,) = str(caught.value).splitlines()
    assert "mine.yaml:3: " in line
    assert words in line


def test_a_number_laid_over_a_sourced_part_does_not_keep_its_source(small, derived):
    changed = load(derived("demand:\n  contract_churn: 3%\n")).demand
    assert changed.contract_churn.source == "set in mine.yaml, no source given"
    assert changed.quality_shock_sd.source is None
    assert changed.source == load(small).demand.source


def test_a_number_with_its_own_source_keeps_it(derived):
    changed = load(derived("demand:\n  contract_churn: {value: 3%, source: a report}\n")).demand
    assert changed.contract_churn.source == "a report"


def test_a_part_that_brings_a_new_source_speaks_for_its_numbers(derived):
    changed = load(derived("demand:\n  source: a report\n  contract_churn: {normal: [3%, 0.01]}\n")).demand
    assert changed.source == "a report"
    assert changed.contract_churn.source is None
    assert changed.quality_shock_sd.source == "assumption: invented demand"


def test_one_date_of_a_schedule_can_have_another_source(derived):
    china = load(derived("markets:\n  china:\n    total_bn: {2019-07-01: 12}\n")).markets["china"]
    assert [number.source for _, number in china.total_bn.steps] == [None, "set in mine.yaml, no source given"]


def test_a_number_changed_for_one_run_says_so(small):
    churn = load(small, {"demand.contract_churn": 0.5}).demand.contract_churn
    assert churn.source == "set for this run, no source given"


def numbers_by_path(scenario):
    return {dotted(steps): value for steps, value, _ in values_of(scenario) if isinstance(value, Number)}


def numbers_of(scenario):
    return [value for _, value, _ in values_of(scenario) if isinstance(value, Number)]


# Posteriors -----------------------------------------------------------------------------------------------------------

AWS_SHARE = "vendors.aws.sales.china.share"


def test_an_estimated_number_has_its_prior_and_what_data_say_of_it():
    number = load("base_2018").vendors["aws"].sales["china"].share
    assert (number.kind, number.parameters) == ("normal", (0.07, 0.015))
    assert number.estimate == posterior("2021-12")[AWS_SHARE]
    assert "posterior of the data until 2021-12" in number.source
    assert "assumption: judged from" in number.source


def test_without_data_an_estimated_number_has_its_prior():
    loaded = load_with_places("base_2018", priors=True)
    assert loaded.scenario.vendors["aws"].sales["china"].share.kind == "normal"
    assert set(loaded.estimated) == set(posterior("2021-12"))
    assert not [value for value in numbers_of(loaded.scenario) if value.estimate is not None]


@pytest.mark.parametrize(("name", "scenario"), [("2021-12", "base_2018"), ("2024-12", "today_without_zones")])
def test_every_row_of_a_posterior_is_a_number_of_the_scenario_that_names_it(name, scenario):
    loaded = load_with_places(scenario)
    assert loaded.scenario.posterior == name
    assert set(loaded.estimated) == set(posterior(name))


def test_another_posterior_gives_all_estimated_numbers_at_once_and_none_their_priors():
    paths = load_with_places("base_2018").estimated
    told, prior = (numbers_by_path(load("base_2018", {"posterior": name})) for name in ("2021-12", None))
    for path in paths:
        assert told[path].estimate == posterior("2021-12")[path]
        assert prior[path] == replace(told[path], estimate=None, source=prior[path].source)
        assert "posterior" not in prior[path].source


def test_a_posterior_that_is_not_there_is_refused_once_with_its_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("extends: base_2018\ntitle: T\nquestion: Q?\nposterior: 1999-01\n")
    with pytest.raises(
        ScenarioError, match=r"mine\.yaml:4: .*no posterior '1999-01'; known: 2021-12, 2024-12"
    ) as refused:
        load(path)
    assert len(str(refused.value).splitlines()) == 1


def test_no_list_of_values_stands_in_a_scenario_for_what_was_estimated():
    scenario = load("base_2018")
    assert not [value for value in numbers_of(scenario) if value.kind == "sample"]
    assert len(dump(scenario)) < 80_000


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{prior: {normal: [0, 1]}, value: 3}", "beside `prior` only source and note"),
        ("{prior: 3}", "the prior of an estimated number is one of"),
        ("{prior: {normal: [5, 1]}}", "is not the prior that the posterior was estimated from"),
    ],
)
def test_a_posterior_that_cannot_be_used_is_refused_with_file_and_line(tmp_path, entry, said):
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: base_2018\ntitle: T\nquestion: Q?\nvendors:\n  aws:\n    catch_up: {{gap: {entry}}}\n")
    with pytest.raises(ScenarioError, match=said) as refused:
        load(path)
    assert "mine.yaml:6" in str(refused.value)


@pytest.mark.parametrize(
    "entry", ["{estimated: {mean: 1}}", "{estimated: 3}", "{estimated: {}}", "{value: {estimated: [1, 2]}}"]
)
def test_what_a_fit_writes_is_refused_where_it_is_not_whole(tmp_path, entry):
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: base_2018\ntitle: T\nquestion: Q?\nvendors:\n  aws:\n    catch_up: {{gap: {entry}}}\n")
    with pytest.raises(ScenarioError, match="is what a fit writes") as refused:
        load(path)
    assert "mine.yaml:6" in str(refused.value)


def test_a_number_without_a_column_in_the_posterior_is_refused_with_the_nearest(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("extends: base_2018\ntitle: T\nquestion: Q?\npresence:\n  hurdle: {prior: {normal: [0, 1]}}\n")
    with pytest.raises(ScenarioError, match=r"has no presence\.hurdle"):
        load(path)


def test_a_value_in_place_of_a_posterior_is_a_value_like_any_other():
    changed = load("base_2018", {AWS_SHARE: 0.07})
    assert changed.vendors["aws"].sales["china"].share.parameters == (0.07,)


def test_an_estimated_number_survives_being_written_out(tmp_path):
    scenario = load("guiyang_pilot")
    path = tmp_path / "again.yaml"
    path.write_text(dump(scenario))
    assert plain_data(load(path)) == plain_data(scenario)
