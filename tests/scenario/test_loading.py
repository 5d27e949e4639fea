"""A scenario written out loads as the same one; whatever is in a file, the answer is a scenario or a message."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.library import library
from sim.scenario.loading import dump, load
from sim.scenario.schema import Scenario
from sim.scenario.yaml_files import read_file
from sim.values import Range, percent
from tests.depth import quick

SMALL = Path(__file__).parent / "data" / "small.yaml"
PLAIN = read_file(SMALL).plain()


def again(scenario: Scenario, folder: Path) -> Scenario:
    """Write a scenario out and load what was written."""
    path = folder / "scenario.yaml"
    path.write_text(dump(scenario), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize(
    "name", quick(sorted(library()), "base_2018", "guiyang_pilot", "talks_2018_2020", "escalation_2025")
)
def test_every_scenario_of_the_library_survives_being_written_out(name, tmp_path):
    scenario = load(name)
    assert again(scenario, tmp_path) == scenario
    assert dump(again(scenario, tmp_path)) == dump(scenario)


def test_what_is_written_out_extends_nothing_and_cites_no_facts(tmp_path):
    text = dump(load("status_quo"))
    assert "extends" not in text
    assert "fact:" not in text
    assert text.startswith("name: status_quo\n")


def test_every_number_knows_its_path(small):
    scenario = load(small)
    assert scenario.demand.market_elasticity.name == "demand.market_elasticity"
    assert scenario.markets["china"].total_bn.steps[1][1].name == "markets.china.total_bn.2019-07-01"
    assert scenario.talks.rounds[1].probability.name == "talks.rounds.1.probability"


def test_a_file_that_was_changed_is_read_again(derived):
    path = derived("demand: {market_elasticity: 1.5}\n")
    assert load(path).demand.market_elasticity.central == 1.5
    derived("demand: {market_elasticity: 1.6}\n")
    assert load(path).demand.market_elasticity.central == 1.6


def test_a_scenario_that_is_loaded_twice_shares_nothing_that_can_be_changed(small):
    first = load(small)
    for held in (first.markets, first.vendors, first.policies, first.talks.agenda, first.goods.lists):
        held.clear()
    assert load(small) == load(small) != first
    assert load(small).markets


def numbers(low: float, high: float) -> st.SearchStrategy[Any]:
    """Numbers of every kind with (nearly) all draws between two bounds, as a file has them."""
    plain = st.floats(low, high).map(lambda x: x + 0.0)
    two = st.tuples(plain, plain).map(sorted)
    three = st.tuples(plain, plain, plain).map(sorted)
    tails = st.tuples(st.floats(max(low, 1e-9), high), st.floats(0, 0.3))
    kinds = st.one_of(
        plain,
        st.builds(lambda mean, part: {"normal": [mean, part * min(mean - low, high - mean)]}, plain, st.floats(0, 0.3)),
        tails.map(
            lambda held: {"lognormal": [held[0], held[1] * math.log(min(high / held[0], held[0] / max(low, 1e-9)))]}
        ),
        st.builds(lambda ends: {"uniform": ends}, two),
        st.builds(lambda ends: {"triangular": ends}, three),
        st.builds(lambda values: {"choice": values}, st.lists(plain, min_size=1, max_size=5)),
    )
    return kinds | st.builds(lambda value, source: {"value": value, "source": source}, kinds, st.text(max_size=30))


WORDS = st.text(max_size=30).filter(str.strip) | st.sampled_from(
    ["no", "1e-3", "12", "2018-07-01", "null", "~", "a: b", "# c", "25%", "''"]
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "demand.contract_churn": numbers(0, 0.99),
        "demand.budget_shock_sd": numbers(0, 3),
        "costs.residency_cost": numbers(0, 1),
        "goods.growth": numbers(-0.99, 0.99),
        "goods.activity_multiplier": numbers(0, 100),
        "world_total_bn": st.dictionaries(
            st.dates(dt.date(2009, 1, 1), dt.date(2018, 7, 1)), numbers(100, 1e4), min_size=1, max_size=4
        ),
        "policies.us_301.rate": st.floats(1, 20).map(percent),
        "months": st.integers(1, 400).map(lambda quarters: 3 * quarters),
        "question": WORDS,
        "sources": st.lists(WORDS, max_size=3),
        "vendors.aws.title": WORDS,
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=CHANGES)
def test_any_scenario_survives_being_written_out(tmp_path, changes):
    scenario = load(SMALL, changes)
    assert again(scenario, tmp_path) == scenario


@given(st.floats(0, 20))
def test_a_share_in_percent_reads_back_as_the_very_same_number(share):
    field = Range("share of one", 0, 20, share=True)
    read = field.read(percent(share))
    assert read == share


def test_a_percentage_is_the_number_with_the_point_moved():
    field = Range("share of one", 0, 20, share=True)
    assert field.read("8.37%") == 0.0837
    assert field.read("145%") == 1.45


def paths(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    keys = content if isinstance(content, dict) else range(len(content)) if isinstance(content, tuple) else ()
    for key in keys:
        yield from paths(content[key], (*path, key))


STRANGE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["china", "aws", "25%", "-1%", "1e400%", "2018-07-01", "base_2018", "extends", "<<"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.dates(), inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "source", "fact", "normal", "choice", "kind", "after_deal"]), inner)
    ),
    max_leaves=5,
)
MUTATIONS = st.lists(
    st.tuples(st.sampled_from(list(paths(PLAIN))), st.sampled_from("rdk"), STRANGE), min_size=1, max_size=3
)


def mutated(content: Any, path: tuple[Any, ...], how: str, strange: Any) -> Any:
    """Replace the value at a path, delete it, or give it another key."""
    key, *rest = path
    entries = dict(content) if isinstance(content, dict) else dict(enumerate(content))
    if key not in entries:
        return content
    if rest:
        if isinstance(entries[key], dict | list | tuple):
            entries[key] = mutated(entries[key], tuple(rest), how, strange)
    elif how == "d":
        del entries[key]
    elif how == "k" and isinstance(content, dict):
        entries[str(strange)] = entries.pop(key)
    else:
        entries[key] = strange
    return entries if isinstance(content, dict) else list(entries.values())


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=3 * settings().max_examples
)
@given(mutations=MUTATIONS)
def test_a_scenario_changed_at_random_loads_or_is_refused_with_a_message(tmp_path, mutations):
    content: Any = PLAIN
    for path, how, strange in mutations:
        content = mutated(content, path, how, strange)
    file = tmp_path / "mutant.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    try:
        again(load(file), tmp_path)
    except ScenarioError as error:
        complaints = str(error).splitlines()
        places = [line for line in complaints if line.startswith(str(file))]
        assert complaints
        assert places == complaints


TEXT = SMALL.read_text(encoding="utf-8")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=2 * settings().max_examples
)
@given(start=st.integers(0, len(TEXT)), length=st.integers(0, 40), insert=st.text(max_size=6))
def test_a_file_damaged_at_random_loads_or_is_refused_with_a_message(tmp_path, start, length, insert):
    file = tmp_path / "damaged.yaml"
    file.write_text(TEXT[:start] + insert + TEXT[start + length :], encoding="utf-8")
    try:
        assert isinstance(load(file), Scenario)
    except ScenarioError as error:
        message = str(error)
        assert message


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=2 * settings().max_examples
)
@given(path=st.sampled_from(list(paths(PLAIN))), strange=STRANGE)
def test_a_value_set_at_random_is_taken_or_refused_with_a_message(path, strange):
    try:
        assert isinstance(load(SMALL, {".".join(map(str, path)): strange}), Scenario)
    except ScenarioError as error:
        message = str(error)
        assert message
