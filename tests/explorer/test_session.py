"""Answers are what `sim.run` gives for the same values, and what is saved loads as what was explored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import ScenarioError
from sim.explorer.saving import SOURCE
from sim.explorer.session import Answer, Refusal, open_session
from sim.scenario.describing import differing_model_values
from tests.depth import depth

SHORT = {"months": 36}
CHANGES = {
    "months": 42,
    "policies.guiyang_pilot.slots": 5,
    "policies.guiyang_pilot.starts": dt.date(2021, 1, 1),
    "policies.guiyang_pilot.reach.enterprise": 0.8,
    "policies.us_list_1": None,
    "policies.us_list_2.rate.2018-08-23": "120%",
    "markets.china.firewall": 0.7,
}


@pytest.fixture
def working(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("changes", [SHORT, SHORT | {"policies.guiyang_pilot": None}, CHANGES])
def test_an_answer_is_what_a_run_with_the_same_values_gives(session, changes):
    answer = session.answer(changes)
    run = sim.run("guiyang_pilot", session.draws, session.seed, set=changes)
    pd.testing.assert_frame_equal(answer.run.kpis, run.kpis, check_exact=True)
    pd.testing.assert_frame_equal(answer.run.bands, run.bands, check_exact=True)


def test_differences_are_those_of_a_comparison(session):
    answer = session.answer(SHORT | {"policies.guiyang_pilot.slots": 1})
    runs = [
        sim.run("status_quo", session.draws, set=SHORT),
        sim.run("guiyang_pilot", session.draws, set=answer.changes),
    ]
    rows = sim.compare(runs).differences.set_index("kpi")
    assert len(answer.figures) >= 10
    for figure in answer.figures:
        expected = rows.loc[figure.kpi]
        assert figure.difference.mean == expected["mean"]
        assert figure.reference == expected["reference_mean"]
        assert figure.now == expected["other_mean"]
        np.testing.assert_equal(figure.difference.mean + figure.difference.half_width, expected["mean_high"])
        assert figure.difference.verdict == expected["verdict"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"policies.guiyang_pilot.slots": -1}, "slots"),
        ({"policies.guiyang_pilot.starts": dt.date(2040, 1, 1)}, "starts"),
        ({"policies.nowhere": None}, "nowhere"),
    ],
)
def test_values_that_are_not_valid_are_refused_in_words(session, changes, words):
    refusal = session.answer(changes)
    assert isinstance(refusal, Refusal)
    assert words in refusal.message
    assert "Traceback" not in refusal.message


def test_the_same_question_again_is_answered_from_memory(session):
    once, again = session.answer({}), session.answer({})
    assert isinstance(once, Answer)
    assert once.run is again.run


def test_an_answer_can_become_the_reference(session):
    answer = session.answer({"policies.guiyang_pilot.slots": 1})
    moved = session.with_reference(answer)
    assert all(figure.difference.is_zero for figure in moved.answer(answer.changes).figures)
    assert moved.controls == session.controls


@pytest.mark.depth
def test_the_reference_is_the_scenario_that_is_extended_unless_another_is_named(session):
    assert session.reference.name == "status_quo"
    assert open_session("base_2018", draws=2).reference.name == "base_2018"
    assert open_session("guiyang_pilot", "nationwide_opening", draws=2).reference.name == "nationwide_opening"


def test_saved_changes_load_as_what_was_explored(session, working):
    path = session.save("my_pilot", CHANGES)
    saved, explored = sim.load(path), sim.load("guiyang_pilot", CHANGES)
    assert not differing_model_values(saved, explored)
    assert saved.name == "my_pilot"
    assert "policies" in path.read_text(encoding="utf-8")
    assert "us_list_3" not in path.read_text(encoding="utf-8")
    assert saved.markets["china"].firewall.source == SOURCE
    runs = [sim.run(scenario, 5).kpis for scenario in (saved, explored)]
    pd.testing.assert_frame_equal(*runs, check_exact=True)


@pytest.mark.depth
def test_a_scenario_of_the_working_folder_is_extended_where_it_lies(session, working):
    session.save("mine", {"policies.guiyang_pilot.slots": 4})
    (working / "deeper").mkdir()
    again = open_session("mine.yaml", draws=2)
    path = again.save("mine_too", {"policies.guiyang_pilot.slots": 6}, Path("deeper"))
    assert sim.load(path).policies["guiyang_pilot"].slots == 6
    assert again.reference.name == "guiyang_pilot"


@pytest.mark.parametrize("name", ["", "My Pilot", "../up", "a/b", "a.yaml", "status_quo", "1st", "naïve", "a\nb"])
def test_a_name_that_is_none_is_refused(session, working, name):
    with pytest.raises(ScenarioError):
        session.save(name, {"policies.guiyang_pilot.slots": 4})
    assert not list(working.rglob("*"))


def test_an_older_file_is_replaced_only_when_asked(session, working):
    path = session.save("mine", {"policies.guiyang_pilot.slots": 4})
    before = path.read_bytes()
    with pytest.raises(ScenarioError, match="there already"):
        session.save("mine", {"policies.guiyang_pilot.slots": 5})
    assert path.read_bytes() == before
    session.save("mine", {"policies.guiyang_pilot.slots": 5}, replace=True)
    assert sim.load(path).policies["guiyang_pilot"].slots == 5


@pytest.mark.parametrize("changes", [{}, {"policies.guiyang_pilot.slots": -1}])
def test_nothing_is_written_where_there_is_nothing_valid_to_save(session, working, changes):
    with pytest.raises(ScenarioError):
        session.save("mine", changes)
    assert not list(working.iterdir())


def test_nothing_is_saved_outside_the_working_folder(session, working, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (working / "way_out").symlink_to(outside)
    for folder in (outside, Path(".."), Path("way_out")):
        with pytest.raises(ScenarioError, match="outside the working folder"):
            session.save("mine", {"policies.guiyang_pilot.slots": 4}, folder)
    assert not list(outside.iterdir())


def test_a_scenario_outside_the_working_folder_is_not_opened(working, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "far.yaml"
    outside.write_text("extends: status_quo\ntitle: Far\nquestion: Why?\n", encoding="utf-8")
    (working / "near.yaml").symlink_to(outside)
    (working / "heir.yaml").write_text(f"extends: {outside}\ntitle: Heir\nquestion: Why?\n", encoding="utf-8")
    for path in (outside, "near.yaml", "heir.yaml"):
        with pytest.raises(ScenarioError, match="outside the working folder"):
            open_session(path, draws=2)
    with pytest.raises(ScenarioError, match="outside the working folder"):
        open_session("guiyang_pilot", outside, draws=2)


@depth
def test_a_report_is_a_kept_comparison_with_its_page(session, working):
    changes = SHORT | {"policies.guiyang_pilot.slots": 1}
    page = session.report(changes)
    assert page == Path("results/explored_guiyang_pilot/report.html")
    kept = pd.read_csv(page.parent / "differences.csv").set_index("kpi")
    figure = session.answer(changes).figures[0]
    assert kept.loc[figure.kpi, "mean"] == pytest.approx(figure.difference.mean, rel=1e-12)
    assert "<html" in page.read_text(encoding="utf-8")


@pytest.mark.depth
def test_a_run_that_ends_sooner_stands_beside_a_reference_that_does_too(session):
    answer = session.answer(SHORT | {"demand.market_elasticity": 1.5})
    runs = [
        sim.run("status_quo", session.draws, set=SHORT),
        sim.run("guiyang_pilot", session.draws, set=answer.changes),
    ]
    rows = sim.compare(runs).differences.set_index("kpi")
    assert [figure.difference.mean for figure in answer.figures] == [
        rows.loc[figure.kpi, "mean"] for figure in answer.figures
    ]
    shorter = session.with_reference(answer)
    assert shorter.answer({}).reference.scenario.months == session.parent.scenario.months


@pytest.mark.depth
def test_a_sweep_of_a_control_is_that_of_the_study(session):
    control = session.controls["demand.market_elasticity"]
    low, high = control.support
    found = session.sweep(control, {"months": 24, control.path: 1.3})
    assert found.points[0] == (low,)
    assert found.points[-1] == (high,)
    scenario, reference = (sim.load(name, {"months": 24}) for name in ("guiyang_pilot", "status_quo"))
    theirs = sim.sweep(scenario, f"{control.path}={low}..{high}:6", reference=reference, draws=session.draws)
    np.testing.assert_array_equal(found.figures, theirs.figures)


def test_what_has_no_range_is_not_swept(session):
    for control in session.controls.values():
        if control.kind in {"switch", "choice"} or control.scales or control.first:
            with pytest.raises(ScenarioError, match="no range"):
                session.sweep(control, {})
