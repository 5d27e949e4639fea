"""A folder of the user's own figures can be cited like the facts that the program brings."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.scenario.loading import load

HEAD = "key,value,unit,source\n"
SURVEY = HEAD + 'my.market,11.9,usd_bn,"My survey, table 3"\nmy.churn,4,percent,My survey\n'
MINE = "facts: figures\nvendors: {aws: {world_revenue_bn: {fact: my.market}}}\n"


@pytest.fixture
def folder(write):
    """Write the figures beside the scenarios."""

    def written(text: str, name: str = "survey.csv", folder: str = "figures"):
        return write(text, f"{folder}/{name}")

    return written


def test_a_fact_of_ones_own_has_its_value_and_its_source(derived, folder):
    folder(SURVEY)
    scenario = load(derived(f"{MINE}demand: {{contract_churn: {{fact: my.churn}}}}\n"))
    assert scenario.vendors["aws"].world_revenue_bn.parameters == (11.9,)
    assert "My survey, table 3; own" in scenario.vendors["aws"].world_revenue_bn.source
    assert scenario.demand.contract_churn.parameters == (0.04,)


def test_a_scenario_that_extends_another_may_cite_its_facts(derived, folder, write):
    folder(SURVEY)
    derived(MINE)
    child = write("extends: mine\ntitle: T\ndemand: {contract_churn: {fact: my.churn}}\n", "child.yaml")
    assert load(child).demand.contract_churn.parameters == (0.04,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key,value,unit\na,1,share\n", "survey.csv:1: lacks the column source"),
        ("", "survey.csv:1: lacks the column key, value, unit, source"),
        (f"{HEAD}a,many,usd_bn,s\n", "survey.csv:2: 'many' is no number"),
        (f"{HEAD}a,nan,usd_bn,s\n", "survey.csv:2: 'nan' is not finite"),
        (f"{HEAD}a,1,usd_bn,\n", "survey.csv:2: nothing stands in source"),
        (f"{HEAD}a,1\n", "survey.csv:2: nothing stands in unit, source"),
        (f"{HEAD}a,1,usd_bn,s,more\n", "survey.csv:2: more cells than columns"),
        (f"{HEAD}a,1,usd_bn,s\na,2,usd_bn,s\n", "survey.csv:3: the key a is also in"),
        (f"{HEAD}world.2018.fy.total.canalys,1,usd_bn,s\n", "is also in cloud_market_global.csv:"),
        (f'{HEAD}"a,1,usd_bn,s\n', "cannot be read as a table of facts"),
        (f"{HEAD}my.market,5,months,s\n", "expected bn USD a year, but the fact my.market is in months"),
        (SURVEY.replace("my.market", "my.markets"), "there is no fact 'my.market'; did you mean my.markets?"),
    ],
)
def test_a_table_that_holds_no_facts_is_refused_with_its_line(derived, folder, text, words):
    folder(text)
    with pytest.raises(ScenarioError) as refused:
        load(derived(MINE))
    assert "mine.yaml:" in str(refused.value)
    assert words in str(refused.value)


@pytest.mark.parametrize("text", ["facts: nowhere\n", "facts: [figures]\n", "facts: mine.yaml\n"])
def test_a_folder_that_is_none_is_refused_with_its_line(derived, text):
    with pytest.raises(ScenarioError, match=r"mine\.yaml:3: facts: "):
        load(derived(text))


def test_two_folders_may_not_give_one_key(derived, folder, write):
    folder(SURVEY)
    folder(SURVEY, folder="others")
    derived(MINE)
    with pytest.raises(ScenarioError, match=r"child\.yaml:3: facts: .*survey\.csv:2: my\.market is also in"):
        load(write("extends: mine\ntitle: T\nfacts: others\n", "child.yaml"))
