"""The page without a browser: any scenario opens, what a browser says is answered, and Jupyter can show it."""

from __future__ import annotations

import numpy as np
import pytest
from markupsafe import escape

import sim
from sim.errors import ScenarioError
from sim.explorer.app import Explorer
from sim.explorer.charts import data_of
from sim.explorer.session import Answer, open_session
from sim.report.statistics import band
from sim.studies.compare.comparison_answer import answer_data
from tests.depth import quick

SLOTS = "policies.guiyang_pilot.slots"


@pytest.fixture
def page(session) -> Explorer:
    return Explorer(session)


def say(page: Explorer, number: int, moved: dict) -> None:
    page._controls.request = {"number": number, "moved": moved}


KINDS = ("base_2018", "escalation_2025", "talks_2018_2020")


@pytest.mark.parametrize("name", quick(KINDS, "base_2018", "talks_2018_2020"))
@pytest.mark.depth
def test_scenarios_of_all_kinds_open(name):
    opened = Explorer(open_session(name, draws=2))
    assert opened.session.controls
    assert opened.answer.figures


def test_another_world_opens_and_answers(other_world, monkeypatch):
    monkeypatch.chdir(other_world.parent)
    opened = Explorer(open_session("elsewhere.yaml", draws=2))
    say(opened, 1, {"policies.ferry_dues": False})
    assert opened.changes == {"policies.ferry_dues": None}
    assert any(figure.now != figure.reference for figure in opened.answer.figures)


def test_a_question_is_answered_and_its_number_given_back(page):
    say(page, 7, {SLOTS: 1})
    assert page._controls.answered == 7
    assert page.changes == {SLOTS: 1}
    assert page._actions.words == [f"--set {SLOTS}=1"]


def test_who_gains_is_said_in_the_sentences_of_a_comparison(page):
    """Of what stands on the controls, word for word, and again once they are moved."""
    for number, moved in enumerate([{}, {SLOTS: 1}], start=1):
        say(page, number, moved)
        answered = page.answer
        told = answer_data(sim.compare([answered.reference, answered.run]))["scenarios"][0]["answer"]
        for question in ("Who gains, how much", "How sure"):
            assert f"<p><strong>{question}.</strong> {escape(told[question])}</p>" in page._table.html


@pytest.mark.parametrize("moved", [{SLOTS: "all"}, {SLOTS: -1}, {SLOTS: None}])
def test_nonsense_is_answered_in_words_and_leaves_the_figures(page, moved):
    before = page.answer
    say(page, 1, moved)
    assert page._controls.answered == 1
    assert page.answer is before
    assert 'role="alert"' in page._table.html


def test_what_is_no_control_cannot_be_moved(page):
    say(page, 1, {"vendors.aws": None, "demand.segments": 9})
    assert page.changes == {}


def test_answers_go_into_the_charts_that_are_there(page):
    sources = list(page._charts.sources.values())
    say(page, 1, {SLOTS: 1})
    assert list(page._charts.sources.values()) == sources
    held = band(page.answer.run.bands, "markets", "price_index", market="china")
    np.testing.assert_array_equal(sources[1].data["market"], held.middle)
    np.testing.assert_array_equal(sources[1].data["market_low"], held.low)


def test_a_vendor_that_the_reference_has_not_has_no_grey_line(session):
    newcomer = "elsewhere"
    vendors = session.parent.scenario.vendors
    scenario = session.parent.scenario.model_copy(update={"vendors": vendors | {newcomer: vendors["aws"]}})
    answer = Answer(session.recipe, sim.run(scenario, 4), session.reference)
    shares = next(iter(data_of(answer).values()))
    assert np.isnan(shares[f"{newcomer}_reference"]).all()
    assert np.isfinite(shares["aws_reference"]).all()


def test_scenarios_that_cannot_be_compared_are_refused(tmp_path, monkeypatch):
    (tmp_path / "short.yaml").write_text(
        "extends: guiyang_pilot\ntitle: Short\nquestion: Why?\nmonths: 48\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="months"):
        open_session("short", draws=2)


def test_the_page_takes_up_the_colours_of_the_system(page):
    page._controls.dark = True
    dark = {chart.xaxis[0].axis_label_text_color for chart in page._charts.figures.values()}
    page._controls.dark = False
    assert dark.isdisjoint({chart.xaxis[0].axis_label_text_color for chart in page._charts.figures.values()})


@pytest.mark.depth
def test_jupyter_can_show_it():
    explorer = sim.explore(draws=2)
    shown, _ = explorer._repr_mimebundle_()
    assert "text/html" in shown
    assert repr(explorer) == "Explorer(guiyang_pilot beside status_quo)"


def test_clouds_have_a_chart_apart_from_goods_and_countries(page):
    clouds, others = (list(data["words"]) for data in list(data_of(page.answer).values())[-2:])
    assert any("Profit of US vendors" in words for words in clouds)
    assert not any("Welfare" in words or "Goods" in words for words in clouds)
    assert {"Welfare of US", "Goods exports of US"} <= set(others)


@pytest.mark.depth
def test_the_control_that_was_moved_last_is_swept(page, monkeypatch):
    page._actions.asked = {"number": 1, "action": "sweep", "name": ""}
    assert page._actions.done["refused"]
    assert not page._swept.visible
    say(page, 1, {"months": "2020-06-01"})
    say(page, 2, {"months": "2020-06-01", "demand.market_elasticity": 1.5})
    page._actions.asked = {"number": 2, "action": "sweep", "name": ""}
    assert not page._actions.done["refused"], page._actions.done["text"]
    assert page._swept.visible
    low, high = page.session.controls["demand.market_elasticity"].support
    held = page._charts.swept_source.data
    assert (held["place"][0], held["place"][-1]) == (low, high)
    assert (held["mean_low"] <= held["mean"]).all()
    assert (held["mean"] <= held["mean_high"]).all()
