"""Charts of the world around the goods trade show what the run has counted, and only where it counts the world."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import sim
from sim.model.batch import run_batch
from sim.report.drawn_chart import drawn_charts
from sim.report.folder_files import FolderFiles
from sim.runs.parquet import to_parquet
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.run_page import RUN_CHARTS
from sim.studies.one_run.world_charts import (
    TERMS,
    WHOLE,
    numbers_of_origins,
    numbers_of_real_income,
    plot_origins,
    plot_real_income,
)
from tests.report.made_up import with_tables

SHORT = {"months": 24}
DRAWS = 6
KNOWN = 2e-3
"""Bands hold each draw to 0.2 % of its size."""
PLOTS = (plot_real_income, plot_origins)


@pytest.fixture(scope="module")
def world():
    return sim.run("talks_collapse", DRAWS, set=SHORT)


@pytest.fixture(scope="module")
def paths(world):
    """What was recorded in each draw, of which the result keeps bands."""
    return run_batch(world.scenario, range(DRAWS), world.seed)


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


def test_real_income_is_that_of_all_quarters_by_year(world, paths):
    rows = numbers_of_real_income(world).set_index(["part", "region"])
    for n, region in enumerate(paths.axes.regions):
        yearly = paths.regions["real_income_bn"][:, n].sum(axis=0) / 2
        assert rows.loc[(WHOLE, region), "mean_bn_usd_a_year"] == pytest.approx(yearly.mean())
        assert rows.loc[(WHOLE, region), "p5_bn_usd_a_year"] == pytest.approx(np.quantile(yearly, 0.05))
        assert rows.loc[(WHOLE, region), "p95_bn_usd_a_year"] == pytest.approx(np.quantile(yearly, 0.95))
    assert set(rows.loc[TERMS].index) == {"us", "china"}
    terms = paths.countries["terms_of_trade_bn"].sum(axis=0).mean(axis=1) / 2
    assert rows.loc[TERMS]["mean_bn_usd_a_year"].loc[list(paths.axes.countries)].tolist() == pytest.approx(terms)


def test_the_largest_gain_is_at_the_top_and_each_bar_as_long_as_its_mean(world):
    rows = numbers_of_real_income(world)
    assert rows.loc[rows["part"] == WHOLE, "mean_bn_usd_a_year"].is_monotonic_decreasing
    (axes,) = plot_real_income(world).axes
    heights = [bar.get_y() + bar.get_height() / 2 for bar in axes.patches]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(rows["mean_bn_usd_a_year"])
    assert heights == sorted(heights)
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_origins_are_shares_of_the_means_of_imports(world, paths):
    table = numbers_of_origins(world)
    assert set(table["importer"]) == {"us"}
    assert "us" not in set(table["region"])
    imports = paths.trade["imports_bn"][:, :, paths.axes.countries.index("us")].mean(axis=-1)
    for n, region in enumerate(paths.axes.regions):
        if region != "us":
            own = table[table["region"] == region].sort_values("quarter")["share_of_imports_percent"]
            assert own.to_numpy() == pytest.approx(100 * imports[:, n] / imports.sum(axis=1), rel=2 * KNOWN)
    assert table.groupby("quarter")["share_of_imports_percent"].sum().to_numpy() == pytest.approx(100)


def test_goods_that_go_round_are_drawn_as_they_are_declared_too():
    table = numbers_of_origins(sim.run("rerouting_2025", DRAWS, set=SHORT))
    last = table[table["quarter"] == table["quarter"].max()].set_index("region")
    more = last["declared_share_of_imports_percent"] - last["share_of_imports_percent"]
    assert more["china"] < -0.1
    assert more.sum() == pytest.approx(0, abs=1e-9)
    assert more.drop("china").max() > 0.05
    assert more[["europe", "taiwan"]].abs().to_numpy() == pytest.approx(0, abs=4 * KNOWN)


def test_lines_of_origins_say_where_they_begin_and_end(world):
    table = numbers_of_origins(world)
    first, last = (
        table[(table["region"] == "china") & (table["quarter"] == quarter)]["share_of_imports_percent"].item()
        for quarter in (table["quarter"].min(), table["quarter"].max())
    )
    assert last < first
    (axes,) = plot_origins(world).axes
    assert f"China: {first:.1f} → {last:.1f}" in texts_of(axes)


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("settings", [{"draws": 6, "set": SHORT}, {"draws": 1, "set": {"months": 3}}])
def test_nothing_overlaps_or_leaves_the_picture(plot, settings):
    figure = plot(sim.run("talks_collapse", **settings))
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])


def test_a_world_that_no_tariff_changes_gets_no_axis_of_rounding(world):
    nothing = {name: 0.0 for name in world.kpis if name.startswith(("real_income", "terms_of_trade"))}
    (axes,) = plot_real_income(with_tables(world, kpis=world.kpis.assign(**nothing))).axes
    assert axes.get_xlim() == (-1, 1)


def test_regions_are_called_as_their_table_or_their_country_is(world):
    us = world.scenario.countries["us"].model_copy(update={"title": "A country of $_$"})
    scenario = world.scenario.model_copy(update={"countries": world.scenario.countries | {"us": us}})
    renamed = dataclasses.replace(world, scenario=scenario)
    (axes,) = plot_real_income(renamed).axes
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert {"A country of $_$", "Mexico and Canada", "South-East Asia", "China"} <= set(names)
    assert "A country of $_$" in plot_origins(renamed).heading.title


@pytest.mark.parametrize(("kpi", "words"), [
    ("real_income_mexico_canada_cum_bn", "Real income from tariffs, Mexico and Canada, sum over the run"),
    ("real_income_china_pv_bn", "Real income from tariffs, China, present value at the policy rate"),
    ("real_income_rest_to2030_bn", "Real income from tariffs, Rest of the world, sum to the end of 2030"),
])  # fmt: skip
def test_figures_of_regions_have_words(world, kpi, words):
    assert label(kpi, world.scenario) == words


def test_a_region_keeps_its_title_beside_a_market_of_the_same_key(world):
    market = world.scenario.markets["rest"].model_copy(update={"title": "Other clouds"})
    scenario = world.scenario.model_copy(update={"markets": world.scenario.markets | {"rest": market}})
    assert "Rest of the world" in label("real_income_rest_cum_bn", scenario)
    assert "Other clouds" in label("spending_rest_cum_bn", scenario)


@pytest.mark.depth
def test_only_runs_with_the_world_in_them_get_these_charts(world, tmp_path):
    partial = sim.run("talks_collapse", 2, set={**SHORT, "goods.form": "partial"})
    held, without = ([chart.plot for chart in RUN_CHARTS if chart.has_something(run)] for run in (world, partial))
    assert [plot for plot in held if plot not in without] == list(PLOTS)
    FolderFiles(charts=drawn_charts(RUN_CHARTS, world)).write(tmp_path, to_parquet)
    for name in ("real_income", "origins"):
        assert (tmp_path / f"{name}.svg").exists()
        assert (tmp_path / f"{name}.csv").exists()


def test_a_visitor_that_is_no_region_has_no_chart_of_origins(world):
    focus = world.scenario.focus.model_copy(update={"visitor": "elsewhere"})
    visited = dataclasses.replace(world, scenario=world.scenario.model_copy(update={"focus": focus}))
    shown = [chart.plot for chart in RUN_CHARTS if chart.has_something(visited)]
    assert plot_origins not in shown
    assert plot_real_income in shown
