"""A file says only what it changes; everything else comes from the file that it extends."""

from __future__ import annotations

import datetime as dt

import pytest

from sim.errors import ScenarioError
from sim.scenario.layers import combined, merged, read_ancestry
from sim.scenario.library import library
from sim.scenario.loading import load
from sim.scenario.yaml_files import read_text


def laid(base: str, over: str):
    return merged(read_text(base, "base"), read_text(over, "over")).plain()


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ("a: {b: 1, c: 2}", "a: {c: 3}", {"a": {"b": 1, "c": 3}}),
        ("a: {b: 1}", "d: 2", {"a": {"b": 1}, "d": 2}),
        ("a: [1, 2, 3]", "a: [4]", {"a": (4,)}),
        ("a: {b: 1, c: 2}", "a: {b: null}", {"a": {"c": 2}}),
        ("a: 1", "a: {normal: [1, 2]}", {"a": {"normal": (1, 2)}}),
        ("a: {normal: [1, 2]}", "a: {uniform: [1, 2]}", {"a": {"uniform": (1, 2)}}),
        ("a: {value: 1, source: x}", "a: {value: 2}", {"a": {"value": 2}}),
        ("a: {value: 1, source: x}", "a: {normal: [1, 2]}", {"a": {"normal": (1, 2)}}),
        ("a: {fact: x, note: y}", "a: {fact: z}", {"a": {"fact": "z"}}),
        ("a: {2018-01-01: 1}", "a: {2019-01-01: 2}", {"a": {dt.date(2018, 1, 1): 1, dt.date(2019, 1, 1): 2}}),
        ("a: {2018-01-01: 1}", "a: 5", {"a": 5}),
        ("p: {kind: tariff, rate: 1}", "p: {kind: tariff, ends: 2}", {"p": {"kind": "tariff", "rate": 1, "ends": 2}}),
        ("p: {kind: tariff, rate: 1}", "p: {kind: ownership, cap: 2}", {"p": {"kind": "ownership", "cap": 2}}),
    ],
)
def test_mappings_merge_by_name_and_everything_else_replaces(base, over, expected):
    assert laid(base, over) == expected


def test_laying_over_does_not_change_what_is_below():
    base = read_text("a: {b: 1}", "base")
    merged(base, read_text("a: {b: null}", "over"))
    assert base.plain() == {"a": {"b": 1}}


def test_removing_what_is_not_there_names_the_nearest():
    with pytest.raises(ScenarioError, match=r"over:1: a\.pilott: .*did you mean pilot\?"):
        laid("a: {pilot: 1, talks: 2}", "a: {pilott: null}")


def test_a_value_stands_where_the_last_file_wrote_it(derived, write):
    middle = derived("demand:\n  contract_churn: 3%\n  quality_shock_sd: 0.06\n", "middle.yaml")
    last = write("extends: middle\ndemand:\n  contract_churn: 4%\n", "last.yaml")
    tree = combined(read_ancestry(last))
    assert tree.nearest(("demand", "contract_churn")).place.file.endswith("last.yaml")
    assert str(tree.nearest(("demand", "quality_shock_sd")).place) == f"{middle}:5"
    assert tree.nearest(("demand", "market_elasticity")).place.file.endswith("small.yaml")


def test_a_chain_of_files_gives_the_youngest_value(derived, write):
    derived("demand: {contract_churn: 3%}\n", "middle.yaml")
    last = write("extends: middle\ndemand: {contract_churn: 4%}\n", "last.yaml")
    scenario = load(last)
    assert scenario.demand.contract_churn.parameters == (0.04,)
    assert scenario.title == "Mine"
    assert scenario.name == "last"


def test_a_path_starts_at_the_folder_of_the_file_that_names_it(derived, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    derived("", "a/parent.yaml")
    assert load(write("extends: ../a/parent.yaml\n", "b/child.yaml")).title == "Mine"


def test_a_name_means_the_file_beside_before_the_library(derived, write):
    derived("", "status_quo.yaml")
    assert load(write("extends: status_quo\n", "child.yaml")).title == "Mine"


def test_files_that_extend_each_other_are_refused_with_the_circle(write):
    write("extends: b\n", "a.yaml")
    write("title: x\nextends: c\n", "b.yaml")
    path = write("extends: a\n", "c.yaml")
    with pytest.raises(ScenarioError, match=r"b\.yaml:2: extends: .* in a circle: c -> a -> b -> c"):
        load(path)


def test_a_file_that_extends_itself_is_refused(write):
    with pytest.raises(ScenarioError, match=r"mine\.yaml:1: extends: .* in a circle: mine -> mine"):
        load(write("extends: mine.yaml\n"))


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("status_qou", "there is no scenario 'status_qou'; did you mean status_quo?"),
        ("none.yaml", "there is no file"),
        ("[a, b]", "expected the name or path of a scenario, found a list"),
        ("5", "there is no scenario '5'"),
        ("true", "expected the name or path of a scenario, found true"),
        ("null", "expected the name or path of a scenario, found nothing"),
    ],
)
def test_a_parent_that_cannot_be_found_is_reported_where_it_is_named(write, link, words):
    with pytest.raises(ScenarioError) as caught:
        load(write(f"title: x\nextends: {link}\n"))
    assert "mine.yaml:2: extends: " in str(caught.value)
    assert words in str(caught.value)


def test_the_name_is_that_of_the_file_and_not_inherited(small, write):
    write(f"name: given\n{small.read_text(encoding='utf-8')}", "resolved.yaml")
    assert load(write("extends: resolved\n", "child.yaml")).name == "child"
    assert load(write("extends: resolved\nname: other\n", "again.yaml")).name == "other"


def test_a_name_is_looked_for_in_the_library_and_in_the_current_folder(derived, monkeypatch, tmp_path):
    derived("", "scenarios/far.yaml")
    derived("", "near.yaml")
    monkeypatch.chdir(tmp_path)
    assert load("near").name == "near"
    assert load("far").name == "far"
    assert load("base_2018").name == "base_2018"


def test_a_name_that_fits_two_different_files_is_refused(derived, monkeypatch, tmp_path):
    derived("", "status_quo.yaml")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="fits different files, give the path"):
        load("status_quo")
    assert load("./status_quo.yaml").title == "Mine"


def test_a_copy_of_a_library_file_is_no_other_file(monkeypatch, tmp_path):
    (tmp_path / "base_2018.yaml").write_bytes(library()["base_2018"].read_bytes())
    monkeypatch.chdir(tmp_path)
    assert load("base_2018").name == "base_2018"


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(ScenarioError, match=r"did you mean status_quo\?"):
        load("statusquo")


OF_SOMEBODY_ELSE = "remember: correct horse"


@pytest.mark.parametrize("link", ["../secret.yaml", "{outside}", "linked.yaml", "sub/../../secret.yaml", "linked"])
def test_a_file_outside_of_the_users_folders_is_not_looked_into(link, write, tmp_path, monkeypatch):
    """Neither by a path, nor by a link that stands in a folder that somebody has sent."""
    outside = write(OF_SOMEBODY_ELSE, "secret.yaml")
    write("", "sent/sub/empty.yaml")
    (tmp_path / "sent" / "linked.yaml").symlink_to(outside)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    mine = write(f"title: x\nextends: {link.format(outside=outside)}\n", "sent/mine.yaml")
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2: extends: .* lies outside the working folder") as refused:
        load(mine)
    assert "horse" not in str(refused.value)


def test_a_file_under_the_current_folder_may_be_extended_from_anywhere_below(derived, write, tmp_path, monkeypatch):
    derived("", "parent.yaml")
    monkeypatch.chdir(tmp_path)
    assert load(write("extends: ../../parent.yaml\n", "one/two/child.yaml")).title == "Mine"
