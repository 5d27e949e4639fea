"""The study on a small world in which one number decides, and as the command."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim
from sim.studies.discover.discover_page import in_words
from sim.studies.discover.discover_study import discover, read_condition
from tests.commanding import ended

REFUSED, DRAWS = 2, 200
KPI = "us_vendors_profit_in_china_cum_bn"
SUNK = "presence.owned.sunk_cost_bn"
OPENED = {
    "kind": "ownership", "by": "china", "market": "china", "equity_cap": 1, "starts": "2019-01-01", "source": "made up",
}  # fmt: skip
UNSURE = {"months": 36, SUNK: {"uniform": [0.02, 0.6]}, "partners.bridge.contracts.eagle.fee": {"uniform": [0.1, 0.2]}}


@pytest.fixture(scope="module")
def found(compact):
    pair = compact(UNSURE), compact(UNSURE | {"policies.opening": OPENED})
    return discover(*pair, f"{KPI} < 0", draws=DRAWS, workers=1)


def test_the_condition_is_that_of_runs_with_the_same_seed(found, compact):
    runs = [
        sim.run(compact(UNSURE | policies), draws=DRAWS, workers=1).kpis[KPI]
        for policies in ({}, {"policies.opening": OPENED})
    ]
    np.testing.assert_array_equal(found.condition, runs[1] - runs[0] < 0)


def test_the_number_that_decides_is_in_the_rule(found):
    """Who pays less for a site moves, and loses within three years what the site cost."""
    assert found.is_rule
    rules = found.rules().set_index("input")
    assert SUNK in rules.index
    assert rules.loc[SUNK, "density"] > rules.loc[SUNK, "base_rate"]
    assert rules.loc[SUNK, "title"] in in_words(found.rules())


def test_the_tree_asks_for_it_too_and_its_leaves_hold_all_draws(found):
    tree = found.tree()
    assert SUNK in set(tree["input"])
    one_row_each = tree.drop_duplicates("leaf")
    assert one_row_each["support"].sum() == pytest.approx(1)
    assert (one_row_each["support"] * one_row_each["density"]).sum() == pytest.approx(found.score.base_rate)
    assert one_row_each["density"].is_monotonic_decreasing


@pytest.mark.parametrize(("when", "read"), [
    ("a_bn<1", ("a_bn", "<", 1.0)), (" a_bn >= -2.5e-1 ", ("a_bn", ">=", -0.25)), ("x > .5", ("x", ">", 0.5)),
])  # fmt: skip
def test_conditions_are_read_as_people_write_them(when, read):
    assert read_condition(when) == read


@pytest.mark.parametrize("when", ["", "a", "a <", "< 3", "a = 3", "a < b", "a < 1 < 2", "a < 1.2.3"])
def test_a_condition_that_is_none_is_refused(when):
    with pytest.raises(sim.ScenarioError, match="expected --when"):
        read_condition(when)


HOW = (
    "--draws", "60", "--set", "months=36", "--set", f"{SUNK}={{uniform: [0.02, 0.6]}}", "--workers", "1", "--quiet",
)  # fmt: skip


def test_the_command_keeps_rule_and_page(files, tmp_path):
    done = ended("discover", *files, "--when", f"{KPI} < 0", *HOW, "--out", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    [folder] = tmp_path.iterdir()
    assert {"rules.csv", "rules.parquet", "tree.csv", "report.html"} <= {path.name for path in folder.iterdir()}
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["when"] == f"{KPI} < 0"
    assert "draws kept apart to score rules" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("when", "said"), [
    (f"{KPI} < 1e9", "holds in all of 60 draws"),
    (f"{KPI} > 1e9", "holds in none of 60 draws"),
    ("us_vendors_profit_in_chian_cum_bn < 0", "did you mean"),
    ("profit is low", "expected --when"),
])  # fmt: skip
def test_what_cannot_be_answered_is_refused(files, tmp_path, when, said):
    done = ended("discover", *files, "--when", when, *HOW, "--out", tmp_path)
    assert done.returncode == REFUSED
    assert said in " ".join(done.stderr.split())
