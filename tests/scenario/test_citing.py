"""Numbers cite facts, and no number stands under a source that speaks of another one."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.facts import find_fact
from sim.scenario.loading import load

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
