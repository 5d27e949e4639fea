"""What decides a result: inputs that do are found, ranked and told from those that only seem to."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.errors import ScenarioError
from sim.scenario.path_words import words_of_path
from sim.studies.compare.comparison import compare
from sim.studies.compare.comparison_tables import driver_table
from sim.studies.one_run.drivers import FEWEST_DRAWS, MOST_NAMED, chance_level, rank_correlations, rank_regression
from tests.report.made_up import with_tables

PROFIT = "us_vendors_profit_in_china_cum_bn"
HURDLE = "presence.hurdle"


def with_profit(result, values, name="other", **changed):
    """Copy a result with another profit in each draw."""
    scenario = result.scenario.model_copy(update={"name": name})
    return with_tables(result, scenario, kpis=result.kpis.assign(**{PROFIT: values}), **changed)


def moved_by(result, change, name="other", **changed):
    """Copy a result with so much more profit in each draw."""
    return with_profit(result, result.kpis[PROFIT] + change, name, **changed)


@pytest.fixture(scope="module")
def many(make_result):
    return make_result(draws=300)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_kpi_that_follows_one_input_has_correlation_one_with_it_and_names_it_first(many, sign):
    change = sign * np.exp(3 * many.inputs[HURDLE])
    drivers = compare([many, moved_by(many, change)]).drivers(PROFIT)
    first, *others = drivers.to_dict("records")
    assert first["input"] == HURDLE
    assert first["correlation"] == pytest.approx(sign)
    assert first["share_explained"] == pytest.approx(1)
    assert first["explained_by_all"] == pytest.approx(1)
    assert first["verdict"] == ("higher -> more" if sign > 0 else "higher -> less")
    assert first["distinguishable"]
    assert [row["distinguishable"] for row in others] == [False, False]
    assert all(row["verdict"] == "cannot be told from chance at 300 draws" for row in others)


def test_a_run_alone_says_what_decides_its_levels(many):
    drivers = with_profit(many, -many.inputs[HURDLE]).drivers(PROFIT)
    assert drivers.loc[0, ["input", "correlation"]].tolist() == [HURDLE, pytest.approx(-1)]


def test_inputs_that_have_nothing_to_do_with_it_fall_under_the_chance_level(many):
    luck = np.random.default_rng(5).normal(size=many.draws)
    drivers = compare([many, moved_by(many, luck)]).drivers(PROFIT)
    assert not drivers["distinguishable"].any()
    assert drivers["explained_by_all"].iloc[0] < 0.05


def test_correlations_are_spearmans_with_ties_and_all():
    random = np.random.default_rng(2)
    inputs = np.column_stack([random.normal(size=80), random.integers(0, 3, 80), random.lognormal(size=80)])
    values = np.where(random.uniform(size=80) < 0.6, 0.0, inputs[:, 0] + inputs[:, 1])
    expected = [stats.spearmanr(column, values).statistic for column in inputs.T]
    np.testing.assert_allclose(rank_correlations(inputs, values), expected, rtol=1e-12)


def test_the_shares_of_independent_inputs_follow_their_weights():
    inputs = np.random.default_rng(3).normal(size=(4000, 3))
    luck = np.random.default_rng(4).normal(size=4000)
    found = rank_regression(inputs, 4 * inputs[:, 0] - 2 * inputs[:, 1] + 2 * luck)
    np.testing.assert_allclose(found.coefficients**2, [16 / 24, 4 / 24, 0], atol=0.03)
    assert np.sign(found.coefficients[:2]).tolist() == [1, -1]
    assert found.explained == pytest.approx(20 / 24, abs=0.05)


def test_the_regression_is_that_of_least_squares_on_ranks():
    random = np.random.default_rng(7)
    inputs = random.normal(size=(90, 4)) @ random.normal(size=(4, 4))
    values = np.round(inputs[:, 0] - inputs[:, 2] + random.normal(size=90))
    ranks, response = (stats.zscore(stats.rankdata(held, axis=0)) for held in (inputs, values))
    expected, left = np.linalg.lstsq(ranks, response)[:2]
    found = rank_regression(inputs, values)
    np.testing.assert_allclose(found.coefficients, expected, rtol=1e-9)
    assert found.explained == pytest.approx(1 - left.item() / 90 * 89 / 85)


def test_many_unrelated_inputs_are_not_said_to_explain_anything():
    random = np.random.default_rng(6)
    explained = [rank_regression(random.normal(size=(200, 60)), random.normal(size=200)).explained for _ in range(40)]
    assert np.mean(explained) < 0.05


def test_the_chance_level_is_that_of_students_t_divided_among_the_inputs():
    quantile = stats.t.isf(0.025 / 50, 198)
    assert chance_level(200, 50) == pytest.approx(quantile / np.sqrt(198 + quantile**2), rel=1e-6)


def test_chance_lifts_any_of_the_inputs_over_its_level_in_about_one_case_of_twenty():
    random = np.random.default_rng(9)
    level = chance_level(60, 20)
    cases = [rank_correlations(random.uniform(size=(60, 20)), random.uniform(size=60)) for _ in range(600)]
    assert 0.02 < np.mean([np.abs(correlations).max() > level for correlations in cases]) < 0.08


def test_rows_stand_in_the_order_of_strength(many):
    change = many.inputs[HURDLE] - 0.5 * many.inputs["demand.market_elasticity"]
    drivers = compare([many, moved_by(many, change)]).drivers(PROFIT)
    assert drivers["input"].tolist()[:2] == [HURDLE, "demand.market_elasticity"]
    assert drivers["correlation"].abs().is_monotonic_decreasing


def test_units_and_sources_come_from_the_scenario(many):
    rows = compare([many, moved_by(many, many.inputs[HURDLE])]).drivers(PROFIT).set_index("input")
    assert rows.loc[HURDLE, "unit"] == many.scenario.presence.hurdle.unit != ""
    assert rows.loc[HURDLE, "source"] == many.scenario.source


def test_a_number_of_its_own_source_keeps_it(many):
    presence = many.scenario.presence
    sourced = dataclasses.replace(presence.hurdle, source="a study")
    scenario = many.scenario.model_copy(update={"presence": presence.model_copy(update={"hurdle": sourced})})
    other = dataclasses.replace(moved_by(many, many.inputs[HURDLE]), scenario=scenario)
    rows = compare([many, other]).drivers(PROFIT).set_index("input")
    assert rows.loc[HURDLE, "source"] == "a study"


def test_too_few_draws_for_a_regression_still_give_correlations(make_result):
    few = make_result(draws=FEWEST_DRAWS)
    inputs = few.inputs.assign(another=few.inputs[HURDLE].to_numpy()[::-1])
    few = with_tables(few, inputs=inputs)
    drivers = compare([few, moved_by(few, inputs[HURDLE])]).drivers(PROFIT)
    assert drivers["share_explained"].isna().all()
    assert drivers["explained_by_all"].isna().all()
    assert drivers.loc[0, "correlation"] == pytest.approx(1)
    assert "more than 12 draws" in drivers.attrs["note"]
    comparison = compare([few, moved_by(few, inputs[HURDLE])])
    assert driver_table(comparison, *comparison.labels).rows[0][2] == "needs over 12 draws"


@pytest.mark.parametrize(
    ("change", "note"), [(0.0, "no draw differs"), (2.0, "the difference is the same in every draw")]
)
def test_constant_differences_give_no_rows_and_say_why(many, change, note):
    drivers = compare([many, moved_by(many, change)]).drivers(PROFIT)
    assert drivers.empty
    assert drivers.attrs["note"] == note


def test_a_kpi_that_never_varies_has_no_drivers(many):
    drivers = with_profit(many, 1.0).drivers(PROFIT)
    assert drivers.empty
    assert "same value" in drivers.attrs["note"]


def test_a_kpi_that_no_draw_has_has_no_drivers(many):
    assert with_profit(many, np.nan).drivers(PROFIT).empty


def test_a_handful_of_draws_is_said_to_be_too_few(make_result):
    few = make_result(draws=FEWEST_DRAWS - 1)
    drivers = compare([few, moved_by(few, few.inputs[HURDLE])]).drivers(PROFIT)
    assert drivers.empty
    assert str(FEWEST_DRAWS) in drivers.attrs["note"]


def test_runs_with_other_luck_have_no_drivers_of_their_difference(make_result):
    drivers = compare([make_result(seed=1), make_result(seed=2)]).drivers(PROFIT)
    assert drivers.empty
    assert "same seed" in drivers.attrs["note"]


def test_draws_are_matched_by_number_and_those_without_a_value_left_out(many):
    change = many.inputs[HURDLE].where(many.inputs["draw"] % 2 == 0)
    other = moved_by(many, change, inputs=many.inputs.sample(frac=1, random_state=1))
    drivers = compare([many, other]).drivers(PROFIT)
    assert drivers.loc[0, ["input", "draws"]].tolist() == [HURDLE, many.draws / 2]
    assert drivers.loc[0, "correlation"] == pytest.approx(1)


def test_inputs_of_either_run_are_looked_at_and_those_of_the_other_run_count(many):
    own = many.inputs.rename(columns={HURDLE: "policies.pilot.reach"})
    drivers = compare([many, moved_by(many, own["policies.pilot.reach"], inputs=own)]).drivers(PROFIT)
    assert set(drivers["input"]) == {*many.inputs, *own} - {"draw"}
    widened = many.inputs.assign(**{HURDLE: 1 - many.inputs[HURDLE]})
    drivers = compare([many, moved_by(many, widened[HURDLE], inputs=widened)]).drivers(PROFIT)
    assert drivers.loc[0, ["input", "correlation"]].tolist() == [HURDLE, pytest.approx(1)]


def test_an_input_that_never_varies_is_left_out(many):
    fixed = many.inputs.assign(fixed=0.5)
    drivers = compare([many, moved_by(many, many.inputs[HURDLE], inputs=fixed)]).drivers(PROFIT)
    assert "fixed" not in set(drivers["input"])
    constant = many.inputs[["draw"]]
    bare = with_tables(many, inputs=constant)
    assert compare([bare, moved_by(many, many.inputs[HURDLE], inputs=constant)]).drivers(PROFIT).empty


def test_one_of_several_runs_can_be_asked_for(many):
    pilot, opening = (
        moved_by(many, change, name)
        for name, change in (("pilot", many.inputs[HURDLE]), ("opening", -many.inputs[HURDLE]))
    )
    comparison = compare([many, pilot, opening])
    both = comparison.drivers(PROFIT)
    assert both["scenario"].unique().tolist() == ["pilot", "opening"]
    one = comparison.drivers(PROFIT, "opening")
    pd.testing.assert_frame_equal(one, both[both["scenario"] == "opening"].reset_index(drop=True))
    with pytest.raises(ScenarioError, match=r"openin is no run.*opening"):
        comparison.drivers(PROFIT, "openin")


@pytest.mark.parametrize("ask", ["levels", "differences", "chart"])
def test_an_unknown_kpi_is_refused_with_the_nearest_name(many, ask):
    comparison = compare([many, moved_by(many, 1.0)])
    asked = {"levels": many.drivers, "differences": comparison.drivers, "chart": comparison.plot_drivers}[ask]
    with pytest.raises(ScenarioError, match=PROFIT):
        asked("us_vendors_profit_in_chin")


def test_a_saved_comparison_lists_the_drivers_of_its_main_kpis(many, tmp_path):
    comparison = compare([many, moved_by(many, many.inputs[HURDLE], "pilot")])
    rows = pd.read_csv(comparison.save(tmp_path / "comparison", charts=False) / "drivers.csv")
    assert {"scenario", "kpi", "input", "unit", "source", "correlation", "distinguishable"} <= set(rows.columns)
    strongest = rows[rows["kpi"] == PROFIT].iloc[0]
    assert (strongest["scenario"], strongest["input"]) == ("pilot", HURDLE)
    assert set(rows["kpi"]) == {PROFIT}, "the other KPIs do not differ"


@pytest.mark.depth
def test_a_comparison_without_effect_saves_an_empty_list_of_drivers(many, tmp_path):
    folder = compare([many, moved_by(many, 0.0, "twin")]).save(tmp_path / "comparison")
    assert pd.read_csv(folder / "drivers.csv").empty


def test_the_printed_table_names_what_decides(many):
    change = sum(weight * many.inputs[path] for weight, path in enumerate(many.inputs.columns[1:], start=2))
    comparison = compare([many, moved_by(many, change)])
    kpi, strongest, explained = driver_table(comparison, *comparison.labels).rows[0]
    assert kpi == "Profit of US vendors in China"
    assert strongest.startswith(f"{words_of_path('presence.zone.quality_penalty', many.scenario)} (+0.")
    assert strongest.count("(") == MOST_NAMED
    assert explained.endswith("%")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (np.zeros, "no draw differs"),
        (np.random.default_rng(5).standard_normal, "none of 3 inputs can be told from chance at 300 draws"),
    ],
)
def test_the_printed_table_says_where_nothing_is_found(many, change, found):
    comparison = compare([many, moved_by(many, change(many.draws))])
    assert driver_table(comparison, *comparison.labels).rows[0][1] == found
