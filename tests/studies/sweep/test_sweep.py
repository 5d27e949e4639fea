"""Sweeps: grids as people write them, each point a run of its own, refusals, and the command with its folder."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.studies.sweep.grids import grid_of
from sim.studies.sweep.sweep_study import sweep
from tests.commanding import command, ended
from tests.conftest import COMPACT

REFUSED, DRAWS = 2, 8
SHORT = {"months": 36}
PROFIT = "us_vendors_profit_in_china_cum_bn"
FEE = "partners.bridge.contracts.eagle.fee"
OTHER_FEE = "partners.bridge.contracts.falcon.fee"


@pytest.mark.parametrize(("text", "values"), [
    ("a.b=0..1:5", (0.0, 0.25, 0.5, 0.75, 1.0)),
    ("a.b = 5%..25%:3", (0.05, 0.15, 0.25)),
    ("a.b=3,1,2", (3.0, 1.0, 2.0)),
    ("a.b=-1..1:3", (-1.0, 0.0, 1.0)),
    ("a.b=2020-01-01..2021-01-01:3", ("2020-01-01", "2020-07-01", "2021-01-01")),
    ("a.b=2020-01-15,2021-01-01", ("2020-01-15", "2021-01-01")),
])  # fmt: skip
def test_grids_are_read_as_people_write_them(text, values):
    grid = grid_of(text)
    assert grid.path == "a.b"
    assert grid.values == values
    assert len(grid.places) == len(values)


@pytest.mark.parametrize(("text", "said"), [
    ("a.b", "expected --over PATH=FIRST..LAST:POINTS"),
    ("=1,2", "expected --over PATH"),
    ("a.b=", "expected --over PATH"),
    ("a.b=1", "2 to 200 different values"),
    ("a.b=1,1", "2 to 200 different values"),
    ("a.b=1..2", "points after the colon"),
    ("a.b=1..2:x", "points after the colon"),
    ("a.b=1..2:1", "points after the colon"),
    ("a.b=1..2:1000", "points after the colon"),
    ("a.b=low..high:3", "'low' is no number, share or date"),
    ("a.b=1,2020-01-01", "either numbers or dates"),
    ("a.b=1..2020-01-01:3", "either numbers or dates"),
])  # fmt: skip
def test_a_grid_written_otherwise_is_refused(text, said):
    with pytest.raises(sim.ScenarioError, match="--over") as refused:
        grid_of(text)
    assert said in str(refused.value)


def test_whole_numbers_stay_whole(compact, pilot):
    assert [type(value) for value in grid_of("a=1..5:3").values] == [int] * 3
    assert grid_of("a=5..1:3").values == (5, 3, 1)
    found = sweep(compact(SHORT | pilot()), "policies.pilot.slots=1,2", PROFIT, draws=DRAWS, workers=1)
    assert found.table()["policies.pilot.slots"].tolist() == [1, 2]


def test_each_point_is_what_a_run_with_that_value_gives(compact, opened):
    found = sweep(compact(SHORT | opened), f"{FEE}=0.05,0.2", PROFIT, reference=compact(SHORT), draws=DRAWS, workers=1)
    for value, figures in zip((0.05, 0.2), found.figures, strict=True):
        before, after = (
            sim.run(compact(SHORT | policies | {FEE: value}), draws=DRAWS, workers=1).kpis[PROFIT]
            for policies in ({}, opened)
        )
        np.testing.assert_array_equal(figures, after - before)


def test_two_grids_make_a_point_of_each_pair_and_the_last_moves_fastest(compact):
    over = [f"{FEE}=0.05,0.2", f"{OTHER_FEE}=0.03,0.06,0.09"]
    found = sweep(compact(SHORT), over, PROFIT, draws=DRAWS, workers=1)
    assert found.figures.shape == (6, DRAWS)
    table = found.table()
    assert table[FEE].tolist() == [0.05] * 3 + [0.2] * 3
    assert table[OTHER_FEE].tolist() == [0.03, 0.06, 0.09] * 2
    alone = sweep(compact(SHORT | {FEE: 0.2}), over[1], PROFIT, draws=DRAWS, workers=1)
    np.testing.assert_array_equal(found.figures[3:], alone.figures)


@pytest.fixture(scope="module")
def opened():
    policy = {"kind": "ownership", "by": "china", "market": "china", "equity_cap": 1, "starts": "2019-01-01"}
    return {"policies.opening": policy | {"source": "made up"}}


def test_the_start_of_a_policy_can_be_swept_where_the_reference_has_none(compact, opened):
    over = "policies.opening.starts=2018-10-01,2019-10-01"
    found = sweep(compact(SHORT | opened), over, PROFIT, reference=compact(SHORT), draws=DRAWS, workers=1)
    assert found.table()["policies.opening.starts"].tolist() == ["2018-10-01", "2019-10-01"]
    assert (found.figures[0] != found.figures[1]).any()


@pytest.mark.parametrize(("over", "said"), [
    ("partners.brigde.contracts.eagle.fee=0.1,0.2", "did you mean"),
    (f"{FEE}=0.1,7", "two ways"),
    ("goods.growth=0.01,0.05", "changes nothing in"),
])  # fmt: skip
def test_what_cannot_be_swept_is_refused(compact, over, said):
    with pytest.raises(sim.ScenarioError, match=said):
        sweep(compact(SHORT), over, PROFIT, draws=DRAWS, workers=1)


# As users run it ------------------------------------------------------------------------------------------------------


@pytest.mark.depth
def test_the_command_keeps_table_chart_and_page(tmp_path):
    how = ("--draws", "4", "--kpi", PROFIT, "--set", "months=36", "--out", tmp_path, "--quiet")
    done = command("sweep", COMPACT, "--over", f"{FEE}=5%..25%:3", *how)
    assert (done.returncode, done.stderr) == (0, "")
    [folder] = tmp_path.iterdir()
    assert {"sweep.csv", "sweep.svg", "report.html", "manifest.json"} <= {path.name for path in folder.iterdir()}
    table = pd.read_csv(folder / "sweep.csv")
    assert table[FEE].tolist() == [0.05, 0.15, 0.25]
    assert table["mean"].is_monotonic_decreasing, "a dearer partner leaves less"
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["over"] == [FEE]
    assert "The mean is largest" in done.stdout
    assert ended("sweep", COMPACT, "--over", f"{FEE}=5%..25%:3", *how).returncode == 0, "again, in its place"
    refused = ended("sweep", COMPACT, "--over", f"{FEE}=1..2", *how)
    assert refused.returncode == REFUSED
    assert "Traceback" not in refused.stderr
