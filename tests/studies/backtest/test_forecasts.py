"""Forecasts know nothing that came after their cut-off."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.studies.backtest import forecasts
from sim.studies.backtest.backtest import Study, study
from sim.studies.backtest.fans import every_period
from sim.studies.backtest.forecasts import COLUMNS, Forecast, scores_of
from sim.studies.backtest.scoring import crps
from sim.studies.fit import estimating
from sim.studies.fit.fit_settings import settings
from sim.studies.fit.published import IMPORTS, SHARE, Observation, Period, read_observations

CUTOFF = dt.date(2020, 1, 1)


@pytest.fixture(scope="module", autouse=True)
def few_draws():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimating, "DRAWS", 128)
        patch.setattr(estimating, "ROUNDS", 1)
        patch.setattr(forecasts, "DRAWS", 200)
        yield


@pytest.fixture(scope="module")
def published():
    return read_observations(settings())


@pytest.fixture(scope="module")
def made(published) -> Study:
    return study(published, [CUTOFF], settings())


def without_figures(found: Study) -> pd.DataFrame:
    """What was said of each figure, without the figure and scores against it."""
    return found.scores.drop(columns=["observed", "crps", "crps_no_change", "crps_trend"])


def test_there_is_a_row_for_each_later_figure_and_none_for_earlier_ones(made, published):
    later = [one for one in published if one.period.start >= CUTOFF]

    assert list(made.scores.columns) == list(COLUMNS)
    assert len(made.scores) == len(later)
    assert made.scores["observed"].tolist() == [one.value for one in later]
    assert (made.scores["date"] >= "2020-01-01").all()
    assert set(made.scores["cutoff"]) == {"2019-12"}


@pytest.mark.depth
def test_nonsense_after_the_cutoff_changes_no_forecast(made, published):
    poisoned = [one if one.period.end <= CUTOFF else replace(one, value=2.0 * one.value + 0.1) for one in published]

    pd.testing.assert_frame_equal(without_figures(made), without_figures(study(poisoned, [CUTOFF], settings())))


@pytest.mark.depth
def test_later_figures_that_come_to_light_change_no_earlier_forecast(made, published):
    later = Observation("world.2026.fy.amazon.x", SHARE, "", "aws", Period(dt.date(2026, 1, 1), 12), 0.3)
    goods = Observation("goods.2025", IMPORTS, "", settings().goods_country, Period(dt.date(2025, 1, 1), 12), 427.0)

    longer = study([later, *published, goods], [CUTOFF], settings()).scores

    assert longer["date"].max() == "2026-12-31"
    kept = longer[longer["date"] < "2025-01-01"].reset_index(drop=True)
    pd.testing.assert_frame_equal(made.scores, kept)


@pytest.mark.depth
def test_other_cutoffs_beside_it_change_no_forecast(made, published):
    both = study(published, [dt.date(2021, 1, 1), CUTOFF, CUTOFF], settings())

    assert both.cutoffs == (CUTOFF, dt.date(2021, 1, 1))
    own = both.scores[both.scores["cutoff"] == "2019-12"].reset_index(drop=True)
    pd.testing.assert_frame_equal(made.scores, own)


def test_quantiles_are_in_order_and_scores_are_those_of_the_ensembles(made):
    ends = made.scores[["p5", "p25", "p50", "p75", "p95"]].to_numpy()
    assert (np.diff(ends, axis=1) > 0).all()
    for forecast, score in zip(made.forecasts, made.scores["crps"], strict=True):
        assert score == crps(forecast.ensemble, forecast.observation.value)


def test_model_and_naive_rules_have_the_same_error_of_measurement(made):
    one = next(forecast for forecast in made.forecasts if len(forecast.naive) == 2)
    first, second = (np.log(one.naive[name]) for name in ("no_change", "trend"))
    assert np.ptp(first - second) < 1e-9
    assert np.std(first) == pytest.approx(one.observation.log_sd, rel=0.2)


def test_a_figure_by_another_count_is_forecast_with_the_error_between_the_counts(made, published):
    other = next(one for one in published if one.definition_sd > 0 and one.period.start >= CUTOFF)
    same = replace(other, key=f"{other.key}.same_count", definition_sd=0.0)

    wide, narrow = forecasts.forecasts(made.fits[0], published, [other, same], settings())

    spread, without = (np.log(one.ensemble).std() for one in (wide, narrow))
    assert spread == pytest.approx(np.hypot(without, other.definition_sd), rel=0.1)
    assert (wide.observation.value, narrow.observation.value) == (other.value, other.value)


def test_a_rule_that_knows_no_figure_of_the_series_has_no_score():
    later = Observation("k", SHARE, "china", "huawei", Period(CUTOFF, 3), 0.14, 0.05)
    row = scores_of([Forecast(later, CUTOFF, np.array([0.1, 0.2]), {})]).iloc[0]
    assert np.isnan(row["crps_no_change"])
    assert np.isnan(row["crps_trend"])
    assert (row["series"], row["unit"], row["date"]) == ("share.china.huawei.quarter", "share of one", "2020-03-31")


def test_charts_ask_for_every_quarter_and_for_every_year_of_goods_trade(published):
    asked = every_period(published, dt.date(2020, 3, 1))
    share = [str(one.period) for one in asked if one.series == "share.china.alibaba"]
    goods = [str(one.period) for one in asked if one.kind == IMPORTS]

    assert share == [f"{year} Q{quarter}" for year in range(2020, 2025) for quarter in (1, 2, 3, 4)][1:]
    assert goods == ["2021", "2022", "2023", "2024"]


def test_a_cutoff_after_which_nothing_came_is_refused(published):
    with pytest.raises(ScenarioError, match="no figure came after it"):
        study(published, [CUTOFF, dt.date(2025, 1, 1)], settings())
