"""A comparison takes over what `why` has kept of the same scenarios, and of no others."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import sim
from sim.studies.compare.comparison_answer import DECIDES, SURE, answer_of
from sim.studies.compare.kept_why import with_kept_why
from sim.studies.why.why_page import folder_of

pytestmark = pytest.mark.depth

PAIR = ("status_quo", "guiyang_pilot")
SHORTER = {"months": 27}


@pytest.fixture(scope="module")
def comparison():
    return sim.compare([sim.run(sim.load(name, SHORTER), draws=24) for name in PAIR])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("kept") / "why"
    folder_of(sim.why(*(sim.load(name, SHORTER) for name in PAIR), draws=24)).save(str(place))
    return place


def answers(comparison):
    return {paragraph.heading: paragraph.text for paragraph in answer_of(comparison, comparison.labels[0])}


@pytest.mark.long
def test_the_answer_names_groups_and_kinds_where_the_study_is_at_hand(comparison, folder):
    told = with_kept_why(comparison, lambda *_: str(folder))
    groups = pd.read_csv(folder / "groups.csv")
    leading = groups[~groups["whole"]].iloc[0]
    assert (
        f"{leading['title'][:1].lower()}{leading['title'][1:]} ({100 * leading['total']:.0f} %)"
        in answers(told)[DECIDES]
    )
    assert "estimates" in answers(told)[SURE]
    assert "luck" in answers(told)[SURE]
    assert told.groups["scenario"].unique().tolist() == comparison.labels


def test_the_folder_of_the_comparison_keeps_the_tables_that_its_answer_cites(comparison, folder, tmp_path):
    with_kept_why(comparison, lambda *_: str(folder)).save(str(tmp_path / "both"), charts=False)
    kept = pd.read_csv(tmp_path / "both" / "why_groups.csv")
    asked = pd.read_csv(folder / "groups.csv")
    pd.testing.assert_frame_equal(kept.drop(columns=["scenario", "kpi"]), asked, check_dtype=False)


@pytest.mark.parametrize("missing", [True, False], ids=["no-folder", "other-scenario"])
def test_nothing_is_taken_from_a_study_that_is_not_about_these_scenarios(comparison, folder, tmp_path, missing):
    place = tmp_path / "why"
    if not missing:
        place.mkdir()
        for file in folder.iterdir():
            if file.is_file():
                (place / file.name).write_bytes(file.read_bytes())
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["scenario_hashes"]["other"] = "0" * 64
        (place / "manifest.json").write_text(json.dumps(manifest))
    untold = with_kept_why(comparison, lambda *_: str(place))
    assert answers(untold) == answers(comparison)


def test_a_comparison_with_one_run_alone_keeps_its_own_study(comparison, folder):
    third = sim.run(sim.load("nationwide_opening", SHORTER), draws=24)
    several = with_kept_why(
        sim.compare([comparison.reference, *comparison.others, third]),
        lambda _, other: str(folder) if other == "guiyang_pilot" else "nowhere",
    )
    first, second = several.others
    assert len(several.with_only(first).groups)
    assert not len(several.with_only(second).groups)
