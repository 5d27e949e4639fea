"""Runs that keep no full paths, and folders that do not belong together: it works and says so, or is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.errors import ScenarioError
from tests.commanding import ended
from tests.conftest import COMPACT

pytestmark = pytest.mark.depth

FEW = ("--draws", "3", "--no-charts", "--quiet", "--workers", "1")
SHORT = ("--set", "months=12")
STATUS_QUO, DEAL = "status_quo_with_months_12", "deal_spring_2019_with_months_12"
SPACE = "bargain_spring_2019_with_months_12-deals"


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """Folder of runs without paths: two that belong together, and some that do not."""
    folder = tmp_path_factory.mktemp("kept")
    pair = ("status_quo", "deal_spring_2019")
    talks = ended("run", *pair, *FEW, *SHORT, "--no-effects", "--paths", 0, "--out", folder)
    assert talks.returncode == 0, talks.stderr
    small = ended("run", COMPACT, *FEW, *SHORT, "--paths", 0, "--out", folder)
    assert small.returncode == 0, small.stderr
    longer = ended("run", "status_quo", *FEW, "--set", "months=15", "--paths", 0, "--out", folder / "longer")
    assert longer.returncode == 0, longer.stderr
    space = ended("deals", "bargain_spring_2019", *SHORT, "--draws", 2, "--quiet", "--out", folder)
    assert space.returncode == 0, space.stderr
    return folder


def test_a_run_without_paths_can_be_verified(kept):
    said = ended("verify", kept / STATUS_QUO, "--sample", 2)
    assert (said.returncode, said.stderr) == (0, "")
    assert "same bits" in said.stdout


def test_runs_without_paths_are_compared_and_it_says_where_figures_part_from(kept, tmp_path):
    said = ended("compare", kept / STATUS_QUO, kept / DEAL, "--no-effects", "--full", "--out", tmp_path / "of")
    assert (said.returncode, said.stderr) == (0, "")
    assert "no full paths of common draws" in " ".join(said.stdout.split())
    assert (tmp_path / "of" / "charts" / "differences.svg").exists()
    assert pd.read_csv(tmp_path / "of" / "partings.csv")["note"].str.contains("no full paths").all()


def test_paths_that_were_not_kept_are_refused_and_all_else_is_there(kept):
    result = sim.read(kept / DEAL)
    for table in ("vendors", "markets", "countries"):
        with pytest.raises(ScenarioError, match=f"kept no {table}.*--paths"):
            getattr(result, table)
    assert len(result.kpis) == 3
    assert result.scenario.title in result._repr_html_()


def test_charts_need_no_paths(kept, tmp_path):
    said = ended("run", COMPACT, "--draws", 2, "--quiet", "--paths", 0, *SHORT, "--out", tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert {"shares.svg", "welfare.svg"} <= {path.name for path in tmp_path.glob("compact_with_months_12/charts/*")}


def test_runs_of_other_markets_are_compared_in_what_both_have_and_it_is_said(kept):
    said = ended("compare", kept / STATUS_QUO, kept / "compact_with_months_12", "--no-effects")
    assert (said.returncode, said.stderr) == (0, "")
    assert "other markets, vendors or countries" in " ".join(said.stdout.split())


@pytest.mark.parametrize(
    ("others", "words"),
    [
        pytest.param(("longer/status_quo_with_months_15",), "months=12", id="other months"),
        pytest.param((SPACE,), "is a deal space", id="a deal space"),
        pytest.param((f"{DEAL}_vs_{STATUS_QUO}",), "is a comparison", id="a comparison"),
        pytest.param((), "a reference and at least one other", id="one alone"),
        pytest.param(("nowhere",), "there is no such folder", id="no folder"),
        pytest.param(("longer",), "no result folder", id="a folder of results"),
    ],
)
def test_what_does_not_belong_together_is_refused_in_words(kept, others, words):
    said = ended("compare", kept / STATUS_QUO, *(kept / other for other in others))
    assert said.returncode == 2
    assert words in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("folder", [SPACE, f"{DEAL}_vs_{STATUS_QUO}", "nowhere"])
def test_only_results_can_be_verified(kept, folder):
    said = ended("verify", kept / folder)
    assert said.returncode == 2
    assert "expected a result folder" in said.stderr
    assert "Traceback" not in said.stderr
