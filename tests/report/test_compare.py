"""Runs are compared draw by draw, and the verdict says what so many draws can tell."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.errors import ScenarioError
from sim.studies.compare.comparison import compare
from sim.studies.compare.differences import Difference, paired_difference, unpaired_difference
from tests.report.made_up import with_tables

EXPORTS = "exports_us_cum_bn"


def with_kpi(result, values, kpi=EXPORTS, name="other"):
    """Copy a result with other values of one KPI."""
    scenario = result.scenario.model_copy(update={"name": name})
    return with_tables(result, scenario, kpis=result.kpis.assign(**{kpi: values}))


def row_of(comparison, kpi=EXPORTS):
    rows = comparison.differences
    return rows[rows["kpi"] == kpi].iloc[0]


def test_differences_are_taken_draw_by_draw(result):
    shifts = np.linspace(1, 3, result.draws)
    row = row_of(compare([result, with_kpi(result, result.kpis[EXPORTS] + shifts)]))
    assert row["mean"] == pytest.approx(2)
    assert row["sd"] == pytest.approx(np.std(shifts, ddof=1))
    assert [row["p5"], row["p50"], row["p95"]] == pytest.approx(np.quantile(shifts, [0.05, 0.5, 0.95]).tolist())
    assert row["other_mean"] - row["reference_mean"] == pytest.approx(2)
    assert row["paired"]


def test_draws_are_paired_by_number_and_not_by_row(result):
    shuffled = with_tables(result, kpis=result.kpis.sample(frac=1, random_state=3))
    differences = compare([result, shuffled]).differences
    assert (differences[["mean", "sd", "p5", "p95"]].to_numpy() == 0).all()


def test_only_draws_that_both_runs_have_are_paired(make_result):
    many, few = make_result(draws=30), make_result(draws=30)
    few = with_tables(few, kpis=few.kpis.iloc[5:15])
    comparison = compare([many, few])
    assert row_of(comparison)["draws"] == 10
    assert row_of(comparison)["mean"] == 0
    assert any("only those in both" in note for note in comparison.notes)


def test_runs_with_other_seeds_are_not_paired_and_the_comparison_says_so(make_result):
    comparison = compare([make_result(seed=1), make_result(seed=2)])
    assert not comparison.differences["paired"].any()
    assert any("seed 2" in note and "same seed" in note for note in comparison.notes)


def test_runs_of_the_same_seed_need_no_note(make_result):
    assert compare([make_result(), make_result(shift=1)]).notes == ()


def test_the_interval_of_the_mean_is_students(result):
    shifts = np.random.default_rng(1).normal(0.3, 1, result.draws)
    row = row_of(compare([result, with_kpi(result, result.kpis[EXPORTS] + shifts)]))
    interval = stats.t.interval(0.9, result.draws - 1, shifts.mean(), stats.sem(shifts))
    assert [row["mean_low"], row["mean_high"]] == pytest.approx(interval, rel=1e-4)


def test_the_unpaired_interval_of_the_mean_adds_both_errors():
    random = np.random.default_rng(2)
    before, after = random.normal(0, 1, 400), random.normal(0.5, 2, 900)
    difference = unpaired_difference(before, after)
    assert difference.mean == pytest.approx(after.mean() - before.mean())
    assert difference.standard_error == pytest.approx(math.sqrt(before.var(ddof=1) / 400 + after.var(ddof=1) / 900))


def test_the_unpaired_spread_is_that_of_draws_taken_at_random():
    random = np.random.default_rng(2)
    difference = unpaired_difference(random.normal(0, 3, 2000), random.normal(10, 4, 3000))
    low, high = np.quantile(difference.values, [0.05, 0.95])
    assert [low, high] == pytest.approx(stats.norm.interval(0.9, 10, 5), abs=0.5)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_mean_is_distinguishable_just_when_its_interval_leaves_zero_out(factor):
    values = np.array([-1.0, 1.0] * 50)
    edge = stats.t.ppf(0.95, 99) * stats.sem(values)
    difference = paired_difference(np.zeros(100), values + factor * edge)
    assert difference.is_distinguishable == (factor > 1)
    assert difference.verdict.startswith("not distinguishable from zero at 100 draws") == (factor < 1)


def test_a_wide_spread_does_not_make_a_mean_indistinguishable():
    values = np.random.default_rng(4).normal(0.5, 1, 1000)
    difference = paired_difference(np.zeros(1000), values)
    assert np.quantile(values, 0.05) < 0 < np.quantile(values, 0.95)
    assert difference.is_distinguishable


def test_the_draws_said_to_be_needed_are_enough_if_the_mean_stays():
    values = np.random.default_rng(8).normal(0.05, 1, 200)
    difference = paired_difference(np.zeros(200), values)
    assert not difference.is_distinguishable
    error_with_more_draws = values.std(ddof=1) / math.sqrt(difference.draws_needed * 1.01)
    assert abs(values.mean()) > stats.norm.ppf(0.95) * error_with_more_draws
    (said,) = re.findall(r"about ([\d,]+) would do", difference.verdict)
    assert difference.draws_needed <= int(said.replace(",", "")) <= 1.1 * difference.draws_needed


def test_no_difference_in_any_draw_is_no_effect():
    difference = paired_difference(np.array([1.0, 2, 3]), np.array([1.0, 2, 3]))
    assert difference.verdict == "no effect in 3 draws"
    assert not difference.is_distinguishable
    assert math.isnan(difference.draws_needed)


def test_the_same_difference_in_every_draw_is_distinguishable():
    assert paired_difference(np.zeros(5), np.full(5, -2.0)).verdict == "distinguishable from zero at 5 draws"


def test_differences_that_cancel_out_are_no_reason_to_name_a_number_of_draws():
    difference = paired_difference(np.zeros(4), np.array([-1.0, 1, -1, 1]))
    assert difference.verdict == "not distinguishable from zero at 4 draws"
    assert math.isinf(difference.draws_needed)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ([1.0], [2.0], "1 draw cannot tell it from zero"),
        ([1.0], [1.0], "no effect in 1 draw"),
        ([math.nan], [1.0], "no draw has a value in both"),
        ([], [], "no draw has a value in both"),
    ],
)
def test_one_draw_or_none_gets_a_plain_verdict(before, after, verdict):
    difference = paired_difference(np.array(before), np.array(after))
    assert difference.verdict == verdict
    assert not difference.is_distinguishable


def test_the_probability_of_the_other_sign_counts_draws_that_go_the_other_way():
    difference = Difference(np.array([-1.0, 0.0, 2.0, 3.0]), mean=1.0, standard_error=0.9, draws=4)
    assert difference.probability_other_sign == 0.25


def test_draws_without_a_value_in_one_run_are_left_out(result):
    kpi = "deal_signed_first_months"
    other = result.kpis[kpi].where(result.kpis["draw"] > 6) + 1
    row = row_of(compare([result, with_kpi(result, other, kpi)]), kpi)
    assert row["draws"] == ((result.kpis["draw"] % 3 == 0) & (result.kpis["draw"] > 6)).sum()
    assert row["mean"] == 1


def test_one_result_cannot_be_compared(result):
    with pytest.raises(ScenarioError, match="at least one other"):
        compare([result])


def test_runs_of_other_lengths_are_refused_with_the_remedy(result):
    longer = dataclasses.replace(result, scenario=result.scenario.model_copy(update={"months": 48, "name": "longer"}))
    with pytest.raises(ScenarioError, match=r"longer runs 48 months.*months=36"):
        compare([result, longer])


def test_runs_without_a_common_kpi_are_refused(result):
    other = with_tables(result, kpis=pd.DataFrame({"draw": [0], "something_else_cum_bn": [1.0]}))
    with pytest.raises(ScenarioError, match="no KPI in common"):
        compare([result, other])


def test_runs_of_the_same_scenario_get_different_names(make_result):
    comparison = compare([make_result(), make_result(shift=1), make_result(shift=2)])
    assert comparison.labels == ["small (2)", "small (3)"]


def test_an_unknown_kpi_is_refused_with_the_nearest_name(make_result):
    with pytest.raises(ScenarioError, match=f"exports_us_cum.*{EXPORTS}"):
        compare([make_result(), make_result(shift=1)]).plot("exports_us_cum")


@pytest.mark.depth
def test_a_saved_comparison_holds_differences_summaries_and_charts(make_result, tmp_path):
    comparison = compare([make_result(), make_result(shift=1, name="pilot")])
    folder = comparison.save(tmp_path / "comparison")
    stored = pd.read_parquet(folder / "differences.parquet")
    pd.testing.assert_frame_equal(stored, comparison.differences)
    written = pd.read_csv(folder / "differences.csv")
    assert written["verdict"].tolist() == comparison.differences["verdict"].tolist()
    assert (folder / "summary_small.csv").is_file()
    assert (folder / "summary_pilot.csv").is_file()
    assert {path.name for path in (folder / "charts").iterdir()} == {
        f"{chart}.{ending}"
        for chart in ("paths", "presence", "differences", "welfare_differences")
        for ending in ("svg", "csv")
    }
    assert (folder / "partings.csv").is_file()
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["kind"] == "comparison"


def test_changed_scenario_values_are_listed_with_their_source_and_words_are_not(result, tmp_path):
    zone = result.scenario.zones["guiyang"].model_copy(update={"title": "Elsewhere", "source": "a made-up source"})
    zone = zone.model_copy(update={"capacity_units": dataclasses.replace(zone.capacity_units, parameters=(7.0,))})
    news = {"name": "other", "title": "Another title", "question": "Why?", "sources": ("new",)}
    changed = result.scenario.model_copy(update=news | {"zones": {"guiyang": zone}})
    folder = compare([result, dataclasses.replace(result, scenario=changed)]).save(
        tmp_path / "comparison", charts=False
    )
    (row,) = pd.read_csv(folder / "changed_values.csv").to_dict("records")
    assert (row["scenario"], row["path"], row["source"]) == (
        "other", "zones.guiyang.capacity_units", "a made-up source",
    )  # fmt: skip
    assert row["reference"].startswith("3 ")
    assert row["other"].startswith("7 ")
    assert row["effect"] == "not tried"


def test_the_interval_ratio_is_what_pairing_takes_off_the_error_of_the_mean(result):
    random = np.random.default_rng(5)
    values = result.kpis[EXPORTS].to_numpy()
    other = values + random.normal(1, 0.01, result.draws)
    row = row_of(compare([result, with_kpi(result, other)]))
    paired = np.std(other - values, ddof=1)
    unpaired = np.sqrt(np.var(values, ddof=1) + np.var(other, ddof=1))
    assert row["interval_ratio"] == pytest.approx(paired / unpaired)
    assert row["interval_ratio"] < 0.1


def test_draws_that_one_run_lacks_do_not_count_as_unpaired_draws_either():
    random = np.random.default_rng(6)
    before, after = random.normal(0, 5, 40), random.normal(1, 5, 40)
    after[::2] = np.nan
    difference = paired_difference(before, after)
    kept_before, kept_after = before[1::2], after[1::2]
    unpaired = math.sqrt((kept_before.var(ddof=1) + kept_after.var(ddof=1)) / 20)
    assert difference.interval_ratio == pytest.approx(stats.sem(kept_after - kept_before) / unpaired)


def test_runs_that_are_not_paired_have_intervals_of_full_width(make_result):
    differences = compare([make_result(seed=1), make_result(seed=2)]).differences
    assert differences["interval_ratio"].dropna().to_numpy() == pytest.approx(1.0)


def test_runs_without_a_common_draw_are_refused(result):
    later = with_tables(result, kpis=result.kpis.assign(draw=result.kpis["draw"] + 100))
    with pytest.raises(ScenarioError, match=r"100 to 119.*0 to 19.*no draw in common"):
        compare([result, later])


def test_several_runs_get_a_panel_for_each_main_kpi_and_a_row_for_each_run(make_result):
    runs = [make_result(), *(make_result(shift=shift, name=f"run_{shift}") for shift in (1, 2, 3))]
    comparison = compare(runs)
    panels = comparison.plot_differences().axes
    assert len(panels) == len(comparison.main_kpis)
    assert [text.get_text() for text in panels[0].get_yticklabels()] == comparison.labels
    for axes, kpi in zip(panels, comparison.main_kpis, strict=True):
        rows = comparison.differences[comparison.differences["kpi"] == kpi]
        factor = 100 if kpi.endswith("_share") else 1
        dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
        assert dots == pytest.approx((rows["mean"] * factor).tolist())


@pytest.mark.parametrize("draws", [5, 10, 20])
def test_more_draws_are_asked_for_than_there_were(draws):
    values = np.tile([-1.0, 1.0], draws)[:draws]
    edge = stats.t.ppf(0.95, draws - 1) * stats.sem(values)
    difference = paired_difference(np.zeros(draws), values - values.mean() + 0.999 * edge)
    assert not difference.is_distinguishable
    assert difference.draws_needed > draws


def test_the_remedy_for_other_dates_names_only_what_differs(result):
    later = result.scenario.model_copy(update={"start": dt.date(2020, 1, 1), "name": "later"})
    with pytest.raises(ScenarioError) as refused:
        compare([result, dataclasses.replace(result, scenario=later)])
    assert f"run later again with --set start={result.scenario.start}" in str(refused.value)
    assert "months=" not in str(refused.value)
