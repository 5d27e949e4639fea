"""`cloudtrade backtest` in few draws, with figures that came after those of the package."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sim.studies.backtest import forecasts
from sim.studies.fit import estimating
from tests.commanding import ended
from tests.later_data import CHINA_LATER, folder_of

pytestmark = pytest.mark.depth

REFUSED = 2
COLUMNS = [
    "series", "unit", "cutoff", "date", "observed", "p5", "p25", "p50", "p75", "p95", "crps", "crps_no_change",
    "crps_trend",
]  # fmt: skip
CHARTS = {"shares_china", "shares_world", "markets", "goods"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    place = tmp_path_factory.mktemp("backtest")
    later = folder_of(
        place / "later", [*CHINA_LATER, ("china.2026.fy.total.canalys", "canalys", 2026, "FY", "TOTAL", 50, 1)]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimating, "DRAWS", 256)
        patch.setattr(estimating, "ROUNDS", 2)
        patch.setattr(forecasts, "DRAWS", 400)
        run = ended("backtest", "--cutoff", "2024-12", "--data", later, "--out", place / "out", "--quiet")
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout, place / "out"


@pytest.fixture(scope="module")
def scores(done) -> pd.DataFrame:
    return pd.read_csv(done[1] / "scores.csv")


def test_the_folder_holds_scores_scorecard_and_charts_with_their_numbers(done):
    _, folder = done
    charts = {f"{name}.{ending}" for name in CHARTS for ending in ("svg", "csv")}
    assert {path.name for path in folder.iterdir()} == charts | {
        "scores.csv", "scorecard.csv", "scorecard.md", "manifest.json", "datapackage.json",
    }  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["cutoffs"], manifest["figures"]) == ("backtest", ["2024-12"], 11)


def test_each_later_figure_has_a_row_in_the_form_that_was_asked_for(scores):
    assert list(scores.columns) == COLUMNS
    assert set(zip(scores["series"], scores["date"], strict=True)) == {
        ("total.china.year", "2025-12-31"),
        ("total.china.year", "2026-12-31"),
        ("total.china.quarter", "2026-03-31"),
        ("share.china.alibaba.year", "2025-12-31"),
        ("share.china.huawei.quarter", "2025-12-31"),
        ("total.world.year", "2025-12-31"),
        ("share.world.aws.year", "2025-12-31"),
        *((f"{flow}.world.us.year", f"{year}-12-31") for flow in ("imports", "exports") for year in (2025, 2026)),
    }
    assert (scores["p5"] < scores["p95"]).all()
    assert scores[["crps", "crps_no_change"]].notna().to_numpy().all()


def test_uncertainty_grows_with_the_distance_of_the_year(scores):
    rows = scores[scores["series"] == "total.china.year"].set_index("date")
    width = (rows["p95"] - rows["p5"]) / rows["p50"]
    assert width["2026-12-31"] > width["2025-12-31"]


def test_the_screen_says_which_targets_were_met_and_what_was_left_out(done):
    said, _ = done
    assert "All together" in said
    assert "90 % intervals hold" in said
    assert "2 rows of vendors that no scenario knows: Kingsoft (1), Ucloud (1)" in said
    assert "1 row of other definitions than the model's: gartner_2023_07 (1)" in said


def test_fans_reach_to_the_last_figure(done):
    fans = pd.read_csv(done[1] / "markets.csv")
    assert set(fans["series"]) == {"total.china", "total.world"}
    assert fans["middle"].max().startswith("2026-")


def test_bad_input_is_refused_in_words(tmp_path):
    for arguments, said in (
        (["--cutoff", "2024-12"], "no figure came after it"),
        (["--cutoff", "2020-20"], "no month"),
        (["--data", tmp_path], "no cloud_market_china.csv"),
    ):
        refused = ended("backtest", *arguments, "--out", tmp_path / "out")
        assert refused.returncode == REFUSED, refused.stderr
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
        assert not (tmp_path / "out").exists()
