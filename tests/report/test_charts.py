"""Charts say what they show, in which unit and where it comes from, and change nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from sim.report.chart_style import SOURCE, spread_out
from sim.report.drawn_chart import drawn_charts
from sim.report.folder_files import FolderFiles
from sim.runs.parquet import to_parquet
from sim.scenario.path_words import words_of_path
from sim.studies.compare.comparison import compare
from sim.studies.one_run.chart_words import published_data
from sim.studies.one_run.main_kpis import label, main_kpis
from sim.studies.one_run.market_charts import mean_places, plot_price_index, plot_ranking, plot_shares, shares_in_place
from sim.studies.one_run.run_page import RUN_CHARTS
from sim.studies.one_run.talks_chart import plot_talks
from sim.studies.one_run.welfare_charts import plot_welfare, welfare_parts
from sim.studies.one_run.world_charts import plot_origins, plot_real_income
from sim.values import Number, Schedule
from tests.report.made_up import with_tables

CHARTS = [chart.plot for chart in RUN_CHARTS if chart.plot not in {plot_talks, plot_real_income, plot_origins}]
"""Charts that every run has."""
UNIT_WORDS = ("percent", "bn USD", "index", "place", "quarter", "months", "units", "points", "correlation")


def texts_of(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


@pytest.fixture(
    scope="module",
    params=[*CHARTS, "differences", "welfare_differences", "kpi", "drivers"],
    ids=lambda made: getattr(made, "__name__", made),
)
def figure(request, result, make_result):
    """A chart whose places are worked out, as saving it does."""
    chart = drawn(request.param, result, make_result)
    chart.draw_without_rendering()
    return chart


def drawn(asked, result, make_result):
    if callable(asked):
        return asked(result)
    comparison = compare([result, make_result(shift=1.0, name="pilot"), make_result(shift=2.0, name="opening")])
    if asked == "differences":
        return comparison.plot_differences()
    if asked == "welfare_differences":
        return comparison.plot_welfare()
    if asked == "drivers":
        return compare(
            [result, follows_an_input(result, "pilot"), make_result(shift=2.0, name="opening")]
        ).plot_drivers()
    return comparison.plot("exports_us_cum_bn")


def follows_an_input(result, name):
    """Copy a result whose profit goes up with an input."""
    kpi = "us_vendors_profit_in_china_cum_bn"
    kpis = result.kpis.assign(**{kpi: result.kpis[kpi] + result.inputs["presence.hurdle"]})
    return with_tables(result, result.scenario.model_copy(update={"name": name}), kpis=kpis)


def test_every_axis_says_its_unit_or_names_its_rows(figure):
    for axes in figure.axes:
        assert any(word in axes.get_xlabel() for word in UNIT_WORDS)
        rows = [tick.get_text() for tick in axes.get_yticklabels()]
        names_rows = not any(character.isdigit() for row in rows for character in row)
        assert any(word in axes.get_ylabel() for word in UNIT_WORDS) or names_rows


def test_every_chart_has_a_title_and_a_source_line(figure, result):
    assert texts_of(figure)[0]
    (source,) = [text.get_text() for text in figure.texts if text.get_gid() == SOURCE]
    assert source.startswith("Source: cloudtrade")
    assert all(word in source for word in (result.name, f"{result.draws} draws", "seed 1", "made up for tests"))


def test_nothing_leaves_the_picture(figure):
    drawn = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert drawn.x0 >= 0
    assert drawn.y0 >= 0
    assert drawn.x1 <= width
    assert drawn.y1 <= height


@pytest.mark.parametrize("plot", CHARTS)
def test_long_titles_with_currency_signs_stay_inside_the_picture(plot, result):
    title = "Tariffs on $250 bn and then on $300 bn of goods, " * 3
    long = result.scenario.model_copy(update={"name": "a_very_long_name" * 4, "title": title})
    figure = plot(dataclasses.replace(result, scenario=long))
    figure.draw_without_rendering()
    assert figure.get_tightbbox().x1 <= figure.get_size_inches()[0]
    assert figure.get_tightbbox().y1 <= figure.get_size_inches()[1]


def test_a_comparison_of_many_runs_stays_inside_the_picture(make_result):
    runs = [make_result(draws=4, shift=shift, name=f"scenario_number_{shift}") for shift in range(9)]
    figure = compare(runs).plot_differences()
    figure.draw_without_rendering()
    assert figure.get_tightbbox().x1 <= figure.get_size_inches()[0]


def test_names_beside_paths_do_not_overlap(figure):
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts]
        overlaps = [first.overlaps(second) for place, first in enumerate(boxes) for second in boxes[place + 1 :]]
        assert not any(overlaps)


def test_a_figure_shows_itself_in_a_notebook(result):
    assert plot_price_index(result)._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("plot", CHARTS)
def test_drawing_does_not_touch_the_tables(plot, make_result):
    result, untouched = make_result(), make_result()
    plot(result)
    for table in result.tables:
        pd.testing.assert_frame_equal(result.tables[table], untouched.tables[table])


@pytest.mark.parametrize("plot", CHARTS)
def test_one_draw_can_be_drawn(plot, make_result):
    assert plot(make_result(draws=1)).axes


def test_a_comparison_of_one_draw_can_be_drawn(make_result):
    comparison = compare([make_result(draws=1), make_result(draws=1, shift=1)])
    comparison.plot_differences().draw_without_rendering()
    comparison.plot("exports_us_cum_bn").draw_without_rendering()
    comparison.plot_drivers().draw_without_rendering()


def test_long_paths_of_inputs_stay_inside_the_picture(result):
    path = "policies.a_policy_with_quite_a_long_name_of_its_own.reach.multinational_customers"
    renamed = with_tables(result, inputs=result.inputs.rename(columns={"presence.hurdle": path}))
    other = with_tables(follows_an_input(result, "pilot"), inputs=renamed.inputs)
    figure = compare([renamed, other]).plot_drivers()
    figure.draw_without_rendering()
    assert figure.get_tightbbox().x0 >= 0
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert "reach.multinational_customers" in names[0]


def test_the_chart_of_drivers_has_the_strongest_input_at_the_top(result):
    (axes,) = compare([result, follows_an_input(result, "pilot")]).plot_drivers().axes
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert "".join(names[0].split()).startswith("".join(words_of_path("presence.hurdle", result.scenario).split()))
    assert axes.patches[-len(names)].get_width() == pytest.approx(1)
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_a_comparison_without_any_effect_can_be_drawn(make_result):
    figure = compare([make_result(), make_result(name="twin")]).plot_differences()
    figure.draw_without_rendering()
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert all("no effect" in text for text in words)


def test_a_main_kpi_that_no_draw_has_can_be_drawn(make_result):
    kpi = "alibaba_world_rank_end_rank"
    first, second = make_result(), make_result(shift=1)
    empty = [with_tables(run, kpis=run.kpis.assign(**{kpi: np.nan})) for run in (first, second)]
    compare(empty).plot_differences().draw_without_rendering()
    compare(empty).plot(kpi).draw_without_rendering()


def test_all_charts_of_the_list_become_files_and_leave_no_figure_open_in_a_window(result, tmp_path):
    FolderFiles(charts=drawn_charts(RUN_CHARTS, result)).write(tmp_path, to_parquet)
    paths = list(tmp_path.glob("*.svg"))
    assert {path.stem for path in paths} == {plot.__name__.removeprefix("plot_") for plot in CHARTS}
    assert all(path.stat().st_size > 0 for path in paths)
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert pyplot.get_fignums() == []


def test_a_picture_stands_alone_with_the_words_around_its_chart(result):
    for chart in drawn_charts(RUN_CHARTS, result):
        root = ET.fromstring(chart.picture)  # noqa: S314 (made here)
        words = " ".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert all(word in words for word in f"{chart.heading.title} {chart.heading.source}".split())


def test_a_chart_of_a_market_where_nobody_foreign_is_can_be_drawn(result):
    absent = result.vendors.assign(
        presence=result.vendors["presence"].where(result.vendors["market"] != "china", "absent")
    )
    nobody = with_tables(result, vendors=absent)
    for plot in CHARTS:
        plot(nobody).draw_without_rendering()


def test_the_parts_of_welfare_add_up(result):
    parts = welfare_parts(result, "us")
    np.testing.assert_allclose(parts.drop(columns="welfare").sum(axis="columns"), parts["welfare"], rtol=1e-12)
    rows = result.countries[(result.countries["country"] == "us") & (result.countries["draw"] == 3)]
    assert parts["welfare"].loc[3] == pytest.approx(rows["welfare_bn"].sum())
    assert parts["buyers' loss from tariffs"].loc[3] == pytest.approx(-rows["consumer_loss_bn"].sum())


def places_by_hand(result, date, vendors):
    """Places of some vendors by their sales in all markets, a list for each with one place per draw."""
    rows = result.vendors[result.vendors["date"] == date]
    places = {vendor: [] for vendor in vendors}
    for draw in result.kpis["draw"]:
        own = rows[rows["draw"] == draw]
        revenue = {vendor: own.loc[own["vendor"] == vendor, "revenue_bn"].sum() for vendor in vendors}
        for place, vendor in enumerate(sorted(revenue, key=lambda vendor: -revenue[vendor]), start=1):
            places[vendor].append(place)
    return places


def test_the_ranking_orders_the_named_vendors_by_their_sales_in_all_markets(result):
    means = mean_places(result)
    assert "other_china" not in means.columns
    assert list(means.columns) == [vendor for vendor in result.scenario.vendors if vendor in means.columns]
    by_hand = places_by_hand(result, means.index[7], means.columns)
    for vendor, places in by_hand.items():
        assert means[vendor].iloc[7] == pytest.approx(sum(places) / len(places))


@pytest.mark.parametrize("place", [1, 2, 4, 40])
def test_the_holders_of_a_place_are_those_who_are_in_it(result, place):
    holds = shares_in_place(result, place)
    by_hand = places_by_hand(result, holds.index[5], holds.columns)
    for vendor, places in by_hand.items():
        assert holds[vendor].iloc[5] == pytest.approx(places.count(place) / len(places))


def test_a_ranking_without_the_watched_place_can_be_drawn(result):
    focus = result.scenario.focus.model_copy(update={"rank": 40})
    watching = dataclasses.replace(result, scenario=result.scenario.model_copy(update={"focus": focus}))
    plot_ranking(watching).draw_without_rendering()


def test_runs_that_share_no_main_kpi_can_still_be_compared(result):
    few = with_tables(result, kpis=result.kpis[["draw", "guiyang_capacity_mean_units"]])
    comparison = compare([few, few])
    assert comparison.main_kpis == ["guiyang_capacity_mean_units"]
    comparison.plot_differences().draw_without_rendering()


def test_the_source_line_names_who_published_the_data(result):
    facts = [
        "Canalys IaaS+PaaS (restated 2021); https://example.org/a; found",
        "assumption: nobody knows (see https://example.org/b)",
        "PIIE; https://example.org/c; found",
        "PIIE; https://example.org/d; found",
    ]
    numbers = [Number("constant", (1.0,), source=source) for source in facts]
    path = Schedule(tuple((dt.date(2018 + year, 7, 1), number) for year, number in enumerate(numbers)))
    scenario = result.scenario.model_copy(update={"world_total_bn": path})
    assert published_data(scenario, ("world_total_bn",)) == ["Canalys IaaS+PaaS", "PIIE"]
    assert published_data(scenario, ("goods",)) == []


def test_labels_that_would_overlap_move_apart_as_little_as_needed():
    np.testing.assert_allclose(spread_out(np.array([5.0, 5.0, 20.0]), 2, 0, 30), [4, 6, 20])


def test_labels_with_room_stay_where_they_are():
    np.testing.assert_allclose(spread_out(np.array([9.0, 1.0, 4.0]), 2, 0, 30), [9, 1, 4])


def test_labels_at_the_edge_stay_inside():
    np.testing.assert_allclose(spread_out(np.array([0.0, 0.0, 30.0, 30.0]), 3, 0, 30), [0, 3, 27, 30])


def test_moved_labels_keep_their_order_and_distance():
    wanted = np.random.default_rng(1).uniform(0, 40, 12)
    placed = spread_out(wanted, 2.5, 0, 40)
    assert (np.argsort(placed) == np.argsort(wanted)).all()
    assert np.diff(np.sort(placed)).min() > 2.5 - 1e-9
    assert placed.min() >= 0
    assert placed.max() <= 40


def test_main_kpis_follow_the_focus_of_the_scenario(result):
    chosen = main_kpis(result)
    assert chosen[0] == "us_vendors_revenue_in_china_cum_bn"
    assert set(chosen) <= set(result.kpis.columns)
    assert len(chosen) == len(set(chosen)) <= 14


def test_main_kpis_have_words_with_their_time_basis(result):
    assert label("welfare_us_cum_bn", result.scenario) == "Welfare of US, sum over the run"
    assert label("alibaba_world_rank_end_rank", result.scenario) == "World rank of Alibaba, at the end"
    assert label("guiyang_capacity_mean_units", result.scenario) == "Guiyang capacity, mean of the run"


def test_a_run_of_one_quarter_is_drawn_as_dots(make_result):
    result = make_result()
    first = result.vendors["date"].min()
    tables = {name: result.tables[name] for name in ("vendors", "markets", "countries")}
    one_quarter = with_tables(result, **{name: rows[rows["date"] == first] for name, rows in tables.items()})
    for plot in (plot_shares, plot_price_index, plot_ranking):
        points = [line for axes in plot(one_quarter).axes for line in axes.get_lines() if len(line.get_xdata()) == 1]
        assert points
        assert all(line.get_marker() == "o" for line in points)


def test_the_means_of_welfare_stay_inside_their_panel_with_one_draw(make_result):
    figure = plot_welfare(make_result(draws=1))
    figure.draw_without_rendering()
    for axes in figure.axes:
        ends = [text.get_window_extent().x1 for text in axes.texts]
        assert max(ends) <= figure.bbox.x1


def test_welfare_that_differs_by_rounding_alone_gets_no_axis_of_rounding(result):
    rounding = {column: result.kpis[column] * (1 + 1e-15) for column in result.kpis if column.endswith("_cum_bn")}
    other = with_tables(result, kpis=result.kpis.assign(**rounding))
    assert (welfare_parts(other, "us") != welfare_parts(result, "us")).any(axis=None)
    figure = compare([result, other]).plot_welfare()
    assert all(axes.get_xlim()[1] > 1e-9 for axes in figure.axes)
