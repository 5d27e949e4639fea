"""A comparison says what the choice between its runs is worth: the same that the study says of runs of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from sim.studies.one_run.draw_figures import without_rounding
from sim.studies.worth.regret import share_best

DRAWS = 24
PAIR = ("status_quo", "guiyang_pilot")
SHORTER = {"months": 27}
WELFARE = "welfare_china_cum_bn"


def runs(seed=1):
    return [sim.run(sim.load(name, SHORTER), draws=DRAWS, seed=seed) for name in PAIR]


@pytest.fixture(scope="module")
def comparison():
    return sim.compare(runs())


def of_figure(table):
    return table[table["kpi"] == WELFARE].drop(columns="kpi").reset_index(drop=True)


@pytest.mark.depth
def test_it_is_what_the_study_finds_in_runs_of_its_own(comparison):
    study = sim.worth([sim.load(name, SHORTER) for name in PAIR], kpi=WELFARE, draws=DRAWS)
    pd.testing.assert_frame_equal(of_figure(comparison.regret), study.regret(), check_dtype=False)
    pd.testing.assert_frame_equal(
        of_figure(comparison.information), study.information(numbers=False), check_dtype=False
    )


def test_each_country_is_asked_by_its_welfare_alone_where_anything_differs(comparison):
    differing = comparison.differences.set_index("kpi")["share_differing"] > 0.0
    wanted = [f"welfare_{name}_cum_bn" for name in comparison.reference.scenario.countries]
    assert list(comparison.worths) == [kpi for kpi in wanted if differing[kpi]]
    assert WELFARE in comparison.worths


def test_runs_that_do_not_share_their_luck_are_not_chosen_from_draw_by_draw():
    other = sim.compare([runs()[0], runs(seed=2)[1]])
    assert other.worths == {}
    assert other.regret.empty
    assert other.information.empty


@pytest.mark.depth
def test_the_page_and_its_folder_hold_it(comparison, tmp_path):
    comparison.save(str(tmp_path / "kept"))
    for name in ("regret", "information"):
        kept = pd.read_csv(tmp_path / "kept" / f"{name}.csv")
        assert set(kept["kpi"]) == set(comparison.worths)
    assert "What knowing first would be worth" in (tmp_path / "kept" / "report.html").read_text("utf-8")


def test_what_rounding_leaves_of_equal_money_is_no_better_choice():
    equal = 1000.0 + np.array([0.0, 1e-13, -1e-13, np.nan])
    assert without_rounding(np.full(4, 1000.0), equal)[:3].tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(without_rounding(np.full(4, 1000.0), equal)[3])
    assert without_rounding(np.full(2, 1000.0), np.array([1000.0, 1001.0])).tolist() == [0.0, 1.0]
    np.testing.assert_array_equal(share_best(np.array([[0.1 + 0.2, 1.0], [0.3, 2.0]])), [0.25, 0.75])
