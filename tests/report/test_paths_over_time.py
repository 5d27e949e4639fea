"""Recorded columns over time: the band of a difference is that of paired draws, and names and members are checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.report.path_panels import band_of_paths
from sim.report.statistics import band
from sim.studies.compare.compared_paths import paired_differences, plot_presence
from sim.studies.compare.comparison import compare
from sim.studies.one_run.recorded_paths import MOST_MEMBERS, asked, level_path, scale_of
from tests.report.made_up import put_together, with_tables

AWS = {"vendor": "aws", "market": "china"}


def shifted(result, by, name="pilot"):
    """Copy a result whose vendors earn more by an amount in every quarter."""
    vendors = result.vendors.assign(revenue_bn=result.vendors["revenue_bn"] + by)
    return with_tables(result, result.scenario.model_copy(update={"name": name}), vendors=vendors)


def difference_band(reference, other, column="revenue_bn", members=AWS):
    found = asked([reference.scenario, other.scenario], column, members)
    return band_of_paths(paired_differences(reference, other, found, members))


@pytest.mark.parametrize("constant", [0.0, 2.5, -0.25])
def test_the_band_of_a_difference_by_a_constant_is_that_constant(result, constant):
    found = difference_band(result, shifted(result, constant))
    assert len(found.dates) == result.vendors["date"].nunique()
    for values in (found.low, found.middle, found.high, found.mean):
        np.testing.assert_allclose(values, constant, atol=1e-12)


def test_the_band_of_a_difference_is_not_the_difference_of_bands(result):
    turned = result.vendors.assign(draw=result.vendors["draw"].max() - result.vendors["draw"])
    other = with_tables(result, vendors=turned.sort_values("draw", kind="stable", ignore_index=True))
    levels = [level_path(run, asked([run.scenario], "revenue_bn", AWS).column, AWS, "").band for run in (result, other)]
    np.testing.assert_allclose(levels[0].high, levels[1].high)
    assert (difference_band(result, other).high > 0.0).any()


def test_draws_are_paired_by_number_and_only_those_that_both_kept(result):
    wanted = result.vendors["draw"].isin(range(5, 15))
    few = with_tables(
        result, vendors=result.vendors[wanted], markets=result.markets[result.markets["draw"].isin(range(5, 15))]
    )
    found = asked([result.scenario], "revenue_bn", AWS)
    assert list(paired_differences(result, few, found, AWS)) == list(range(5, 15))
    chart = compare([result, few]).plot("revenue_bn", **AWS)
    assert "of 10 draws paired" in chart.heading.subtitle


def test_runs_of_other_luck_get_levels_alone_and_the_chart_says_so(make_result):
    chart = compare([make_result(seed=1), make_result(seed=2)]).plot("share", **AWS)
    assert len(chart.axes) == 1
    assert "No draws can be paired" in chart.heading.subtitle


def test_levels_are_bands_of_all_draws_where_those_are_kept(result):
    half = result.vendors["draw"] < 10
    held = put_together(result.scenario, result.manifest, dict(result.tables) | {"vendors": result.vendors[half]})
    share, revenue = (
        level_path(held, asked([held.scenario], name, AWS).column, AWS, "") for name in ("share", "revenue_bn")
    )
    np.testing.assert_array_equal(share.band.high, band(result.bands, "vendors", "share", **AWS).high)
    assert (share.draws, revenue.draws) == (20, 10)


@pytest.mark.parametrize(
    ("name", "members", "words"),
    [
        ("shar", {"market": "china"}, "did you mean share"),
        ("exports_us_cum_b", {}, "did you mean exports_us_cum_bn"),
        ("exports_us_cum_bn", {"market": "china"}, "is a KPI.*leave out market"),
        ("share", {"market": "chine"}, "chine is no market.*did you mean china"),
        ("welfare_bn", {"market": "china"}, "recorded by country, not by market"),
        ("price_index", {"vendor": "aws", "market": "china"}, "recorded by market, not by"),
        ("share", {}, "say of which one, such as market="),
    ],
)
def test_names_that_are_wrong_are_refused_with_what_is_right(result, name, members, words):
    with pytest.raises(ScenarioError, match=words):
        compare([result, result]).plot(name, **members)


def test_a_run_alone_refuses_a_name_that_is_no_column(result):
    with pytest.raises(ScenarioError, match=r"exports_us_cum_bn is no column.*did you mean"):
        result.plot("exports_us_cum_bn")


def test_without_paths_there_are_levels_and_no_band_of_the_difference(result):
    tables = {name: table for name, table in result.tables.items() if name not in {"vendors", "markets"}}
    without = put_together(result.scenario, result.manifest, tables)
    chart = compare([result, without]).plot("share", **AWS)
    assert [axes.get_ylabel() for axes in chart.axes] == ["percent"]


@pytest.mark.parametrize(
    ("column", "members", "size", "unit"),
    [
        ("revenue_bn", AWS, 3e-3, "million USD a quarter"),
        ("revenue_bn", AWS, 3.0, "billion USD a quarter"),
        ("revenue_bn", AWS, 3e3, "trillion USD a quarter"),
        ("share", AWS, 0.4, "percent"),
        ("price_index", {"market": "china"}, 0.4, "index, 1 at the base date"),
    ],
)
def test_axes_say_their_unit_and_numbers_fit_it(result, column, members, size, unit):
    found = asked([result.scenario], column, members)
    quarters = pd.date_range("2020-01-01", periods=2, freq="QS")
    scale = scale_of(found.column, [band_of_paths(pd.DataFrame({0: [size, size]}, index=quarters))])
    assert scale.unit == unit
    assert scale.factor * size == pytest.approx({"percent": 40.0, "index, 1 at the base date": 0.4}.get(unit, 3.0))


def test_a_chart_names_units_on_every_axis_and_shows_the_difference_first(result):
    chart = compare([result, shifted(result, 1.0), shifted(result, 2.0, "opening")]).plot("revenue_bn", **AWS)
    assert chart.axes[0].get_ylabel().startswith("difference")
    assert all("USD a quarter" in axes.get_ylabel().replace("\n", " ") for axes in chart.axes)
    assert list(chart.key) == ["small", "pilot", "opening"]
    assert len(chart.cells) == len(chart.axes)


def test_panels_do_not_overlap_and_hold_their_words(result):
    chart = compare([result, shifted(result, 1.0)]).plot("share", market="china")
    chart.draw_without_rendering()
    height = chart.get_figheight()
    assert 1 < len(chart.axes) <= 2 * MOST_MEMBERS
    for axes, (left, top, wide, high) in zip(chart.axes, chart.cells, strict=True):
        box = axes.get_tightbbox().transformed(chart.dpi_scale_trans.inverted())
        assert left <= box.x0 < box.x1 <= left + wide
        assert top <= height - box.y1 < height - box.y0 <= top + high
    for place, one in enumerate(chart.cells):
        for other in chart.cells[place + 1 :]:
            apart = (one[0] + one[2] <= other[0] + 1e-6 or other[0] + other[2] <= one[0] + 1e-6,
                     one[1] + one[3] <= other[1] + 1e-6 or other[1] + other[3] <= one[1] + 1e-6)  # fmt: skip
            assert any(apart)


def test_presence_is_a_share_of_draws_in_each_run(result):
    absent = result.vendors.assign(presence="absent")
    other = with_tables(result, result.scenario.model_copy(update={"name": "nobody"}), vendors=absent)
    chart = compare([result, other]).plot("presence", vendor="aws", market="china")
    (axes,) = chart.axes
    mine, none = (axes.lines[place].get_ydata() for place in (2, 3))
    inside = result.vendors[(result.vendors["vendor"] == "aws") & (result.vendors["market"] == "china")]
    counted = inside["presence"].isin(["partner", "zone", "owned"]).groupby(inside["date"].to_numpy()).mean()
    np.testing.assert_allclose(mine, 100 * counted)
    assert not np.any(none)


def test_numbers_of_presence_tell_the_two_lines_of_a_vendor_apart(result):
    """With a data centre of its own, and inside in any way, which is never less."""
    other = with_tables(result, result.scenario.model_copy(update={"name": "other"}))
    numbers = plot_presence(compare([result, other])).numbers
    key = ["panel", "path", "quarter", "is_dashed"]
    assert not numbers.duplicated(key).any()
    own, any_way = (numbers[numbers["is_dashed"] == dashed].set_index(key[:3])["mean"] for dashed in (False, True))
    assert len(own) == len(any_way) > 0
    assert (any_way >= own).all()
