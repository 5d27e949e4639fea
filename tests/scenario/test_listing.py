"""People see which scenarios there are, where each value stands, how two differ, and a draft of their own."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.scenario import drafts
from sim.scenario.describing import (
    differing_values,
    entries_at_hand,
    entry_of,
    json_schema,
    resolved_values,
    values_of,
)
from sim.scenario.drafts import EXAMPLES, draft, new_file
from sim.scenario.library import library
from sim.scenario.loading import load, load_with_places
from sim.scenario.yaml_files import read_file, read_text
from sim.values import Number


def test_an_entry_has_title_parent_and_changes(derived):
    entry = entry_of(derived("months: 12\ndemand: {contract_churn: 3%, source: x}\npolicies: {relief: {cut: 50%}}\n"))
    assert (entry.name, entry.title, entry.parent) == ("mine", "Mine", "small")
    assert entry.changes == ("months", "demand.contract_churn", "policies.relief")


def test_a_title_may_be_inherited(derived, write):
    derived("", "parent.yaml")
    assert entry_of(write("extends: parent\n", "child.yaml")).title == "Mine"


def test_the_library_comes_first_then_what_lies_in_the_folder(derived, write, monkeypatch, tmp_path):
    derived("", "mine.yaml")
    derived("", "scenarios/other.yaml")
    write("extends: nowhere\n", "broken.yaml")
    write("services: {web: {image: x}}\n", "compose.yaml")
    write("a: [", "no_yaml.yaml")
    monkeypatch.chdir(tmp_path)
    entries = entries_at_hand()
    assert [entry.name for entry in entries] == [*library(), "broken", "mine", "other"]
    assert "there is no scenario 'nowhere'" in next(entry.title for entry in entries if entry.name == "broken")


def test_every_value_is_shown_where_it_stands(derived):
    path = derived("demand:\n  contract_churn: {value: 3%, source: a report}\n")
    values = {value.path: value for value in resolved_values(load_with_places(path, {"months": 12}))}
    assert values["demand.contract_churn"].place == f"{path}:4"
    assert values["demand.contract_churn"].source == "a report"
    assert values["demand.contract_churn"].text == "0.03 share of one"
    assert values["demand.quality_shock_sd"].source == "assumption: invented demand"
    assert values["months"].place == "--set months"
    assert values["policies.pilot.review.rollout_lag_months"].place == "(default)"


@pytest.mark.depth
def test_every_number_of_the_library_has_a_place_in_a_file():
    for name in library():
        values = resolved_values(load_with_places(name))
        assert [value.path for value in values if value.source and ".yaml:" not in value.place] == []


def test_two_scenarios_differ_where_one_changes_the_other(small, derived):
    text = "demand: {contract_churn: 3%}\npolicies: {relief: null}\ntalks: {agenda: {tariffs: {remove: []}}}\n"
    differing = {path: (ours, theirs) for path, ours, theirs in differing_values(load(small), load(derived(text)))}
    assert differing.pop("title") == ("Two countries and a rest", "Mine")
    assert differing.pop("demand.contract_churn") == ("0.02 share of one", "0.03 share of one")
    assert {theirs for _, theirs in differing.values()} == {"-"}
    assert {path.split(".")[1] for path in differing} == {"relief", "agenda"}


def test_a_source_alone_is_no_difference(small, derived):
    other = load(
        derived("title: Two countries and a rest\n".replace("title", "question") + "demand: {source: other}\n")
    )
    assert {path for path, _, _ in differing_values(load(small), other)} == {"title", "question"}


def test_a_draft_runs_as_it_is_and_changes_nothing(small, tmp_path):
    path = new_file("my_pilot", str(small), tmp_path)
    assert {path for path, _, _ in differing_values(load(small), load(path))} == {"title", "question"}


def test_what_a_draft_has_in_comments_is_what_the_parent_has(write):
    offered = draft("mine", "guiyang_pilot").split("\n\n", maxsplit=3)[-1]
    lines = [line.removeprefix("#") for line in offered.splitlines()]
    path = write("\n".join(["extends: guiyang_pilot", *lines, ""]))
    assert len(lines) > 50
    assert differing_values(load("guiyang_pilot"), load(path)) == []


@pytest.mark.parametrize("parts", [[part] for part in EXAMPLES if part != "partner"] + [list(EXAMPLES)], ids="+".join)
def test_a_draft_with_examples_adds_what_they_name_and_changes_nothing_else(parts, small, tmp_path):
    path = new_file("mine", str(small), tmp_path, parts)
    sections = {section for part in parts for section, _ in EXAMPLES[part]}
    before, after = load(small), load(path)
    changed = {name for name, _, _ in differing_values(before, after)} - {"title", "question"}
    assert {name.split(".")[0] for name in changed} == sections
    assert not [name for name, mine, _ in differing_values(before, after) if name in changed and mine != "-"]
    assert all(
        source.startswith("assumption: ")
        for _, value, source in values_of(after)
        if isinstance(value, Number) and value.name in changed
    )


@pytest.mark.parametrize("parent", ["today", "talks_2018_2020"])
def test_examples_begin_after_all_that_the_scenario_says_and_surprise_nobody(parent, tmp_path):
    scenario = load(new_file("mine", parent, tmp_path, list(EXAMPLES)))
    assert scenario.warnings == load(parent).warnings
    assert scenario.policies["my_zone_opens"].starts > max(
        day for name, policy in scenario.policies.items() if not name.startswith("my_") and (day := policy.first_day)
    )


def test_examples_that_the_scenario_has_already_or_cannot_have_are_refused(small, tmp_path):
    first = new_file("mine", str(small), tmp_path, ["zone"])
    with pytest.raises(ScenarioError, match=r"mine already has zones\.my_zone"):
        new_file("again", str(first), tmp_path, ["zone"])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_draft_never_replaces_a_file(small, write, tmp_path):
    write("kept", "mine.yaml")
    with pytest.raises(ScenarioError, match=r"mine\.yaml: the file is there already"):
        new_file("mine", str(small), tmp_path)
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize(
    ("name", "words"),
    [("My Pilot", "expected a name"), ("../x", "expected a name"), ("", "expected a name"), ("status_quo", "library")],
)
def test_a_draft_needs_a_free_name(name, words, small, tmp_path):
    with pytest.raises(ScenarioError, match=words):
        new_file(name, str(small), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_draft_needs_a_parent_that_loads(tmp_path):
    with pytest.raises(ScenarioError, match=r"did you mean guiyang_pilot\?"):
        new_file("mine", "guiyang_pilto", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_draft_that_cannot_be_written_is_refused(small, write, tmp_path):
    write("", "file")
    with pytest.raises(ScenarioError, match="cannot be written"):
        new_file("mine", str(small), tmp_path / "file")


SCHEMA: dict[str, Any] = json.loads(json_schema())


def test_the_schema_for_editors_has_every_field_with_its_help():
    scenario = SCHEMA["properties"]
    assert set(scenario) == {"extends", "facts", *type(load("base_2018")).model_fields}
    demand = SCHEMA["$defs"]["Demand"]["properties"]
    assert demand["market_elasticity"]["unit"] == "elasticity"
    assert "eta" in demand["market_elasticity"]["description"]


def test_the_schema_requires_nothing_of_a_file_that_extends_another():
    parts = [SCHEMA, *(part for name, part in SCHEMA["$defs"].items() if name != "Number")]
    assert [part.get("title") for part in parts if "required" in part] == []


def references(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        if isinstance(content.get("$ref"), str):
            yield content["$ref"]
        for value in content.values():
            yield from references(value)
    elif isinstance(content, list):
        for value in content:
            yield from references(value)


def test_the_schema_refers_only_to_what_it_has():
    known = {f"#/$defs/{name}" for name in SCHEMA["$defs"]}
    assert set(references(SCHEMA)) <= known
    assert "#/$defs/Number" in references(SCHEMA)


def test_every_library_file_uses_only_keys_that_the_schema_has():
    for path in library().values():
        assert set(read_file(path).entries) <= set(SCHEMA["properties"])


def test_the_small_scenario_of_these_tests_is_complete(small):
    assert "extends" not in read_text(small.read_text(encoding="utf-8"), "small").entries
    load(small)


def test_a_draft_that_a_full_disk_cuts_short_leaves_no_file(small, tmp_path, monkeypatch):
    class FullDisk(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(path: Path, *_: str, **__: str) -> FullDisk:
        path.touch()
        return FullDisk()

    text = drafts.draft("mine", str(small))
    monkeypatch.setattr(drafts, "draft", lambda *_: text)
    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(ScenarioError, match="cannot be written: No space left"):
        new_file("mine", str(small), tmp_path)
    assert list(tmp_path.iterdir()) == []
