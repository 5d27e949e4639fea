"""Variants that are pinned: each is a run of its own, in its order and look, and the report compares them all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.errors import ScenarioError
from sim.explorer.app import UNCHANGED, Explorer
from sim.explorer.charts import HEIGHT, data_of
from sim.explorer.pins import LONGEST_NAME, LOOKS, Pins
from sim.explorer.session import Answer
from sim.explorer.settings import changes_of, name_of, setting_of
from sim.explorer.table import variants_html
from sim.studies.compare.gains import gains
from tests.depth import depth

SLOTS, REACH = "policies.guiyang_pilot.slots", "policies.guiyang_pilot.reach.enterprise"
MONTHS, END = 36, "2021-12-01"
"""Runs end soon here, so that they answer soon."""


@pytest.fixture(scope="module")
def answers(session) -> list[Answer]:
    """One more than can be pinned."""
    return [session.answer({SLOTS: slots, "months": MONTHS}) for slots in range(1, len(LOOKS) + 2)]


@pytest.fixture
def page(session) -> Explorer:
    return Explorer(session)


def move(page: Explorer, slots: int, **more) -> None:
    moved = {"months": END, SLOTS: slots} | more
    page._controls.request = {"number": page._controls.answered + 1, "moved": moved}


def gains_of(answer: Answer) -> pd.DataFrame:
    return gains(answer.reference.scenario, answer.differences)


def act(page: Explorer, action: str, **more) -> dict:
    number = page._actions.done.get("number", 0) + 1
    page._actions.asked = {"number": number, "action": action, "name": ""} | more
    assert page._actions.done["number"] == number
    return page._actions.done


@pytest.mark.depth
def test_what_a_pin_says_is_what_a_run_with_its_values_gives(page):
    move(page, slots=1)
    act(page, "pin")
    move(page, slots=6)
    (pin,) = page.pins
    changes = pin.answer.changes
    assert changes[SLOTS] == 1
    run = sim.run("guiyang_pilot", page.session.draws, page.session.seed, set=changes)
    pd.testing.assert_frame_equal(pin.answer.run.kpis, run.kpis, check_exact=True)

    beside = sim.run("status_quo", page.session.draws, set={"months": changes["months"]})
    wanted = sim.compare([beside, run]).gains.drop(columns="scenario")
    pd.testing.assert_frame_equal(gains_of(pin.answer).drop(columns="scenario"), wanted, check_exact=True)
    drawn = {title: held.pinned[pin.number - 1].data for title, held in page._charts.drawn.items()}
    for title, data in data_of(Answer(pin.answer.recipe, run, beside)).items():
        for column, values in data.items():
            np.testing.assert_array_equal(drawn[title][column], values)


@given(order=st.lists(st.integers(0, len(LOOKS)), max_size=12))
def test_pins_stand_by_number_and_keep_it_until_they_are_removed(answers, order):
    pins, numbers = Pins(), {}
    for place in order:
        if place in numbers:
            pins = pins.without(numbers.pop(place))
        elif len(numbers) == len(LOOKS):
            with pytest.raises(ScenarioError, match="remove one first"):
                pins.including("one more", answers[place])
        else:
            numbers[place] = min(set(range(1, len(LOOKS) + 1)) - set(numbers.values()))
            pins = pins.including(f"variant {place}", answers[place])
        assert [pin.number for pin in pins] == sorted(numbers.values())
        assert {pin.name: pin.answer for pin in pins} == {f"variant {held}": answers[held] for held in numbers}
        assert len({pin.look for pin in pins}) == len(pins)


def test_what_cannot_be_pinned_or_removed_is_said_in_words(answers):
    pins = Pins().including("one slot", answers[0])
    with pytest.raises(ScenarioError, match="pinned already: pin 1, one slot"):
        pins.including("the same", answers[0])
    with pytest.raises(ScenarioError, match="no variant is pinned as 2"):
        pins.without(2)
    for name in ("", "  ", "x" * (LONGEST_NAME + 1)):
        with pytest.raises(ScenarioError, match="name"):
            pins.renamed(1, name)
    assert [pin.name for pin in pins.renamed(1, " fewer\n slots ")] == ["fewer slots"]


def test_a_name_says_in_words_what_is_changed(session):
    def said(**moved) -> str:
        held = session.controls
        settings = {path: setting_of(held[path], value) for path, value in moved.items()}
        name, changes = name_of(held.values(), settings), changes_of(held.values(), settings)
        assert bool(name) == bool(changes)
        return name

    assert said() == said(**{SLOTS: session.controls[SLOTS].value}) == ""
    assert said(**{SLOTS: 4, REACH: 80}) == "Guiyang pilot: Slots 4; Reach, enterprise 80 %"
    assert said(months="2030-12-01") == "Ends with December 2030"
    assert said(**{"policies.guiyang_pilot": False, SLOTS: 4}) == "Guiyang pilot off"
    assert said(**{"policies.guiyang_pilot.starts": "2021-02-01"}) == "Guiyang pilot: Starts 1 February 2021"
    many = {path: 10 for path, control in session.controls.items() if control.kind == "share" and control.drawn}
    assert said(**many).endswith(f"; and {len(many) - 3} more")


def test_a_variant_that_ends_at_another_date_has_a_matrix_of_its_own(session, answers):
    calendar, whole = session.parent.scenario.calendar, session.answer({})
    both = variants_html({"now": whole, "sooner": answers[0]}, "the reference")
    assert both.count("<table>") == 2
    for months in (session.parent.scenario.months, MONTHS):
        assert f"to {calendar.date_of(months - 1):%B %Y}<" in both
    assert variants_html({"now": answers[0], "more": answers[1]}, "the reference").count("<table>") == 1


def test_words_of_users_stay_words(answers):
    assert "<script" not in variants_html({"pin 1: <script>alert(1)</script>": answers[0]}, "<script>")


def test_a_page_shows_its_pins_until_they_are_removed(page):
    before = [chart.height for chart in page._charts.figures.values()]
    assert act(page, "pin")["text"].endswith(UNCHANGED)
    assert act(page, "pin")["refused"]
    move(page, slots=1)
    act(page, "pin")
    act(page, "reset")
    name = "Guiyang pilot: Slots 1; Ends with December 2021"
    assert [pin["name"] for pin in page._actions.pins] == [UNCHANGED, name]
    assert f"pin 2: {name}" in page._table.html
    assert all(chart.height > HEIGHT for chart in page._charts.figures.values())

    act(page, "rename", pin=2, name="hardly any room")
    assert "pin 2: hardly any room" in page._table.html
    for pin in (True, "2", None, [2], 7):
        assert act(page, "unpin", pin=pin)["refused"] is (pin is not True)
    act(page, "unpin", pin=2)
    assert not page._actions.pins
    assert "pin 1" not in page._table.html
    assert before == [chart.height for chart in page._charts.figures.values()]
    sources = [source for drawn in page._charts.drawn.values() for source in drawn.pinned]
    assert not any(len(values) for source in sources for values in source.data.values())


def test_pins_are_set_against_another_reference_when_it_changes(page):
    move(page, slots=1)
    act(page, "pin")
    move(page, slots=6)
    act(page, "reference")
    (pin,) = page.pins
    changes = (page.changes, pin.answer.changes)
    found = sim.compare([sim.run("guiyang_pilot", page.session.draws, set=held) for held in changes])
    assert gains_of(pin.answer)["gain_bn"].tolist() == found.gains["gain_bn"].tolist()


def test_values_without_an_answer_are_not_pinned(page):
    for nonsense in (-1, "all"):
        move(page, nonsense)
        assert act(page, "pin")["refused"]
    assert not len(page.pins)


@depth
def test_a_report_compares_all_that_is_pinned(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    act(page, "pin")
    move(page, slots=1)
    act(page, "pin")
    move(page, slots=2)
    assert "without pin 1" in act(page, "report")["text"]
    folder = Path("results/explored_guiyang_pilot")
    kept_gains = pd.read_csv(folder / "gains.csv")
    now, pinned = (rows.set_index("kpi")["gain_bn"] for _, rows in kept_gains.groupby("scenario", sort=False))
    pin = page.pins.pin(2)
    for kept, answer in ((now, page.answer), (pinned, pin.answer)):
        pd.testing.assert_series_equal(kept, gains_of(answer).set_index("kpi")["gain_bn"], rtol=1e-12)
    assert f"pin 2: {pin.name}" in (folder / "report.html").read_text(encoding="utf-8")
