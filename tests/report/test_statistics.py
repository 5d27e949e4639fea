"""Summaries, bands and intervals, against other ways of computing them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.report.statistics import band, shares_of_draws, student_quantile, summarise


def sorted_quantile(values: list[float], probability: float) -> float:
    """Quantile by hand: a place between the sorted values, linear between neighbours."""
    ordered = sorted(values)
    place = probability * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def test_the_summary_gives_each_kpis_moments_and_quantiles(result):
    summary = result.summary().set_index("kpi")
    for kpi, row in summary.iterrows():
        values = [value for value in result.kpis[kpi].tolist() if not math.isnan(value)]
        mean = math.fsum(values) / len(values)
        sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
        quantiles = [sorted_quantile(values, probability) for probability in (0.05, 0.5, 0.95)]
        np.testing.assert_allclose(row[["mean", "p5", "p50", "p95"]].tolist(), [mean, *quantiles], rtol=1e-12)
        assert row["sd"] == pytest.approx(sd, abs=1e-12)
        assert row["draws"] == len(values)


def test_the_summary_says_unit_and_time_basis_and_leaves_names_out(result):
    summary = result.summary().set_index("kpi")
    assert (summary.loc["welfare_us_cum_bn", ["unit", "basis"]] == ["bn", "cum"]).all()
    assert set(summary.index) == set(result.kpis.columns) - {"draw", "package_end_name"}


def test_what_happens_only_in_some_draws_is_summarised_over_those(result):
    row = result.summary().set_index("kpi").loc["deal_signed_first_months"]
    assert row["draws"] == result.kpis["deal_signed_first_months"].notna().sum() < result.draws
    assert row["mean"] == pytest.approx(np.nanmean(result.kpis["deal_signed_first_months"]))


def test_one_draw_has_a_mean_and_no_standard_deviation():
    summary = summarise(pd.DataFrame({"draw": [0], "exports_us_cum_bn": [3.0]}))
    assert summary.loc[0, ["mean", "p5", "p50", "p95"]].tolist() == [3.0] * 4
    assert math.isnan(summary.loc[0, "sd"])


def test_what_never_happens_has_no_mean():
    summary = summarise(pd.DataFrame({"draw": [0, 1], "deal_signed_first_months": [np.nan, np.nan]}))
    assert summary.loc[0, "draws"] == 0
    assert math.isnan(summary.loc[0, "mean"])


def test_a_band_holds_the_quantiles_over_draws_at_each_date(result):
    rows = result.markets[result.markets["market"] == "china"]
    path = band(result.bands, "markets", "price_index", market="china")
    assert list(path.dates) == sorted(rows["date"].unique())
    for place, date in enumerate(path.dates):
        values = rows.loc[rows["date"] == date, "price_index"].tolist()
        wanted = [sorted_quantile(values, probability) for probability in (0.05, 0.5, 0.95)]
        np.testing.assert_allclose([path.low[place], path.middle[place], path.high[place]], wanted, rtol=1e-12)
        assert path.mean[place] == pytest.approx(math.fsum(values) / len(values))


def test_the_order_of_rows_does_not_matter_to_a_band(result):
    shuffled = result.bands.sample(frac=1, random_state=5)
    first, second = (band(rows, "markets", "hhi", market="china") for rows in (result.bands, shuffled))
    np.testing.assert_array_equal(first.middle, second.middle)
    assert (first.dates == second.dates).all()


def test_shares_of_draws_count_each_way_of_being_present(result):
    vendors = result.vendors
    rows = vendors[(vendors["market"] == "china") & (vendors["vendor"] == "aws")]
    ways = list(rows["presence"].cat.categories)
    shares = shares_of_draws(result.frequencies, "presence", ways, vendor="aws", market="china")
    np.testing.assert_allclose(shares.sum(axis="columns"), 1)
    last = rows[rows["date"] == rows["date"].max()]
    assert shares["zone"].iloc[-1] == sum(presence == "zone" for presence in last["presence"]) / result.draws
    assert list(shares.columns) == ["absent", "cross_border", "partner", "zone", "owned"]


@pytest.mark.parametrize("degrees", [3, 4, 9, 49, 199, 10_000])
def test_the_student_quantile_is_that_of_a_statistics_library(degrees):
    assert student_quantile(0.95, degrees) == pytest.approx(stats.t.ppf(0.95, degrees), rel=1e-3)


def test_the_student_quantile_of_endless_draws_is_the_normal_one():
    assert student_quantile(0.95, math.inf) == pytest.approx(stats.norm.ppf(0.95), rel=1e-9)
