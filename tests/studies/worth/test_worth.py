"""The study on small worlds, and as the command: same draws, best first, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.studies.worth.worth_study import figure_of, worth
from tests.commanding import ended

REFUSED, DRAWS = 2, 40
UNSURE = {"months": 36, "presence.owned.sunk_cost_bn": {"uniform": [0.02, 0.6]}, "presence.hurdle": 0}
OPENED = {
    "kind": "ownership", "by": "china", "market": "china", "equity_cap": 1, "starts": "2019-01-01", "source": "made up",
}  # fmt: skip


@pytest.fixture(scope="module")
def chosen_from(compact):
    plain, opened = compact(UNSURE), compact(UNSURE | {"policies.opening": OPENED})
    return plain, opened.model_copy(update={"name": "opened"})


@pytest.fixture(scope="module")
def asked(chosen_from):
    return worth(chosen_from, "us_vendors", draws=DRAWS, workers=1)


def test_figures_are_those_of_runs_with_the_same_seed(asked, chosen_from):
    for scenario, figures in zip(chosen_from, asked.figures, strict=True):
        np.testing.assert_array_equal(sim.run(scenario, draws=DRAWS, workers=1).kpis[asked.kpi], figures)


def test_the_best_mean_stands_first_and_its_mean_regret_is_what_knowing_all_is_worth(asked):
    table, information = asked.regret(), asked.information()
    assert table["mean"].is_monotonic_decreasing
    assert table["share_best"].sum() == pytest.approx(1)
    assert table.loc[0, "regret_mean"] == table["regret_mean"].min()
    assert information.loc[0, "value"] == pytest.approx(table.loc[0, "regret_mean"])
    assert {"own_sites", "presence.owned.sunk_cost_bn"} <= set(information["what"])


def test_each_party_has_its_figure(chosen_from):
    names = {
        party: figure_of(chosen_from[0], party) for party in ("china", "us_vendors", "eagle", "partners", "customers")
    }
    kpis = sim.run(chosen_from[0], draws=2, workers=1).kpis.columns
    assert set(names.values()) <= set(kpis)
    assert len(set(names.values())) == len(names)
    with pytest.raises(sim.ScenarioError, match=r"chian.*did you mean china"):
        figure_of(chosen_from[0], "chian")


HOW = ("--draws", "8", "--set", "months=36", "--workers", "1", "--quiet")


def test_the_command_keeps_tables_and_page_and_can_be_given_again(files, tmp_path):
    for _ in range(2):
        done = ended("worth", *files, "--for", "partners", *HOW, "--out", tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
    [folder] = tmp_path.iterdir()
    assert {"regret.csv", "information.csv", "report.html", "manifest.json"} <= {path.name for path in folder.iterdir()}
    assert pd.read_csv(folder / "regret.csv").loc[0, "scenario"] == "compact_with_months_36", (
        "partners lose by an opening"
    )
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenarios"] == ["compact_with_months_36", "opened_with_months_36"]


@pytest.mark.parametrize(("more", "said"), [
    (("--for", "martians"), "party of these scenarios"),
    (("--by", "welfare_cum_bn"), "figure of these scenarios"),
])  # fmt: skip
def test_what_cannot_be_answered_is_refused(files, tmp_path, more, said):
    done = ended("worth", *files, *more, *HOW, "--out", tmp_path)
    assert done.returncode == REFUSED
    assert said in " ".join(done.stderr.split())


def test_one_scenario_is_no_choice(files, tmp_path):
    for names in ((files[0],), (files[0], files[0])):
        done = ended("worth", *names, *HOW, "--out", tmp_path)
        assert done.returncode == REFUSED
        assert "two different scenarios" in done.stderr or "another scenario to run is called" in done.stderr
