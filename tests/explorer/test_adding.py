"""A part added in the explorer is a scenario file of its own, whose numbers can be moved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from sim.explorer.app import Explorer
from sim.explorer.controls import ADDS, CHANGES
from sim.scenario.drafts import EXAMPLES
from tests.depth import quick
from tests.explorer.test_pins import gains_of

SLOTS, NEW_SLOTS = "policies.guiyang_pilot.slots", "policies.my_zone_opens.slots"


@pytest.fixture
def page(session, monkeypatch, tmp_path) -> Explorer:
    monkeypatch.chdir(tmp_path)
    return Explorer(session)


def act(page: Explorer, action: str, name: str, **more) -> dict:
    number = page._actions.done.get("number", 0) + 1
    page._actions.asked = {"number": number, "action": action, "name": name} | more
    return page._actions.done


def move(page: Explorer, moved: dict) -> None:
    page._controls.request = {"number": page._controls.answered + 1, "moved": moved}


def titles(page: Explorer) -> dict[str, list[str]]:
    return {section["title"]: [held["path"] for held in section["controls"]] for section in page._controls.sections}


@pytest.mark.parametrize("part", quick(EXAMPLES, "zone", "vendor"))
@pytest.mark.depth
def test_what_is_added_is_a_file_that_runs_as_it_is_shown(page, part, tmp_path):
    done = act(page, "add", "my_case", part=part)
    assert not done["refused"], done["text"]
    assert "my_case.yaml" in done["text"]
    run = sim.run("my_case.yaml", page.session.draws, page.session.seed, paths=0)
    pd.testing.assert_frame_equal(page.answer.run.kpis, run.kpis, check_exact=True)
    beside = sim.run("status_quo", page.session.draws, paths=0)
    wanted = sim.compare([beside, run]).gains.drop(columns="scenario")
    pd.testing.assert_frame_equal(gains_of(page.answer).drop(columns="scenario"), wanted, check_exact=True)


@pytest.mark.depth
def test_its_numbers_stand_among_what_the_scenario_changes_and_adds(page):
    act(page, "add", "my_case", part="zone")
    found = titles(page)
    assert NEW_SLOTS in found[CHANGES]
    assert {path for path in found[ADDS] if path.startswith("zones.my_zone.")} == set(found[ADDS])
    move(page, {NEW_SLOTS: 1})
    assert page.changes == {NEW_SLOTS: 1}
    run = sim.run("my_case.yaml", page.session.draws, page.session.seed, set=page.changes, paths=0)
    pd.testing.assert_frame_equal(page.answer.run.kpis, run.kpis, check_exact=True)


@pytest.mark.depth
def test_controls_and_pins_stay_where_they_are(page):
    move(page, {SLOTS: 1})
    act(page, "pin", "")
    act(page, "add", "my_case", part="vendor")
    assert page.changes == {SLOTS: 1}
    assert page.answer.run.scenario.policies["guiyang_pilot"].slots == 1
    (pin,) = page.pins
    assert "my_vendor" not in pin.answer.run.scenario.vendors
    shares = next(iter(page._charts.drawn.values())).pinned[0].data
    assert np.isfinite(shares["aws"]).all()
    assert len(shares["my_vendor"]) == len(shares["aws"])
    assert np.isnan(shares["my_vendor"]).all()


@pytest.mark.depth
def test_parts_are_added_one_after_the_other(page):
    act(page, "add", "first", part="zone")
    assert not act(page, "add", "second", part="vendor")["refused"]
    scenario = sim.load("second.yaml")
    assert "my_zone" in scenario.zones
    assert "my_vendor" in scenario.vendors


@pytest.mark.parametrize(
    ("name", "part", "words"),
    [
        ("", "zone", "no name is given"), ("status_quo", "zone", "library"), ("My Case", "zone", "lower-case"),
        ("../case", "zone", "lower-case"), ("my_case", "zome", "zone"), ("my_case", None, "what is to be added"),
        ("my_case", ["zone"], "what is to be added"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_said_and_nothing_is_written(page, tmp_path, name, part, words):
    before = page.session, page.answer
    done = act(page, "add", name, part=part)
    assert done["refused"]
    assert words in done["text"]
    assert (page.session, page.answer) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.depth
def test_a_part_that_is_there_and_a_name_that_is_taken_are_refused(page, tmp_path):
    act(page, "add", "my_case", part="zone")
    text = (tmp_path / "my_case.yaml").read_text(encoding="utf-8")
    assert "already" in act(page, "add", "my_case", part="vendor")["text"]
    assert "already has zones.my_zone" in act(page, "add", "another", part="zone")["text"]
    assert [path.name for path in tmp_path.iterdir()] == ["my_case.yaml"]
    assert (tmp_path / "my_case.yaml").read_text(encoding="utf-8") == text
