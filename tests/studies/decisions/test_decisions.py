"""What is noted at reviews is what vendors then do, and why; looking on changes nothing."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.studies.decisions.reviews import BELOW, CLOSED, MOVES, UNWILLING, decisions, step_through
from tests.commanding import ended
from tests.conftest import COMPACT

REFUSED, DRAWS = 2, 24


@pytest.fixture(scope="module")
def scenario(compact, pilot):
    unsure = {"presence.zone.sunk_cost_bn": {"uniform": [0.02, 3.0]}, "vendors.falcon.willing": 0.5, "months": 48}
    return compact(pilot() | unsure)


@pytest.fixture(scope="module")
def found(scenario):
    return decisions(scenario, draws=DRAWS, workers=1)


def test_vendors_apply_in_the_draws_and_months_in_which_a_change_is_worth_it(found, scenario):
    events = sim.run(scenario, draws=DRAWS, workers=1).events
    applied = events[events["event"] == "applies"]
    did = {(row.draw, f"{row.date:%Y-%m-01}", row.actor) for row in applied.itertuples()}
    moves = found.reviews[found.reviews["outcome"] == MOVES]
    assert set(zip(moves["draw"], moves["date"], moves["vendor"], strict=True)) == did
    assert did


def test_outcomes_say_why_nothing_is_done(found):
    reviews = found.reviews
    assert (reviews.loc[reviews["outcome"] == BELOW, "gain_bn"] <= 0).all()
    assert (reviews.loc[reviews["outcome"] == MOVES, "gain_bn"] > 0).all()
    idle = reviews[reviews["outcome"].isin([CLOSED, UNWILLING])]
    assert idle["gain_bn"].isna().all()
    assert set(reviews.loc[reviews["outcome"] == UNWILLING, "vendor"]) == {"falcon"}


def test_the_best_option_is_the_one_noted(found):
    best = found.options[found.options["best"]].set_index(["draw", "date", "vendor"])["gain_bn"].sort_index()
    noted = found.reviews.dropna(subset="gain_bn").set_index(["draw", "date", "vendor"])["gain_bn"].sort_index()
    pd.testing.assert_series_equal(best, noted)
    most = found.options.groupby(["draw", "date", "vendor"])["gain_bn"].max().sort_index()
    np.testing.assert_array_equal(most, noted)


def test_one_vendor_is_told_of_as_among_all(found, scenario):
    alone = decisions(scenario, "eagle", draws=DRAWS, workers=1)
    rows = found.reviews[found.reviews["vendor"] == "eagle"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.reviews, rows)


def test_shares_of_outcomes_make_one_and_a_draw_can_be_stepped_through(found):
    summary = found.summary()
    shares = summary[["applies_share", "below_hurdle_share", "nothing_open_share", "not_willing_share"]]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    dates = [date for date, *_ in step_through(found, 3)]
    assert dates == sorted(dates)
    assert len(dates) == (found.reviews["draw"] == 3).sum()
    with pytest.raises(sim.ScenarioError, match="expected 0 to 23"):
        list(step_through(found, DRAWS))


def test_the_command_keeps_tables_and_page(tmp_path):
    how = ("--draws", "4", "--set", "months=24", "--workers", "1", "--quiet", "--out", tmp_path)
    for more in ((), ("--draw", "2"), ("--vendor", "eagle")):
        done = ended("decisions", COMPACT, *how, *more)
        assert (done.returncode, done.stderr) == (0, "")
    [folder] = tmp_path.iterdir()
    assert {"decisions.csv", "options.parquet", "reviews.parquet", "report.html"} <= {p.name for p in folder.iterdir()}
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["kind"] == "decisions"
    for more, said in ((("--draw", "9"), "expected 0 to 3"), (("--vendor", "egale"), "did you mean eagle")):
        refused = ended("decisions", COMPACT, *how, *more)
        assert refused.returncode == REFUSED
        assert said in " ".join(refused.stderr.split())
