"""Charts of the talks show every package and draw, stay inside the picture, and are drawn only where talks are."""

from __future__ import annotations

import dataclasses
import datetime as dt

import matplotlib.dates as mdates
import numpy as np
import pytest
from matplotlib.collections import LineCollection

import sim
from sim.errors import ScenarioError
from sim.report.chart_style import SOURCE
from sim.report.drawn_chart import drawn_charts
from sim.report.folder_files import FolderFiles
from sim.runs.parquet import to_parquet
from sim.studies.deals.deal_charts import plot_deal_dates, plot_deal_space, what_it_holds
from sim.studies.deals.deal_tables import dates, most_signed, nash_of_means, packages
from sim.studies.one_run.run_page import RUN_CHARTS
from sim.studies.one_run.talks_chart import plot_talks, shares_over_talks
from tests.report.made_up import with_tables
from tests.report.made_up_deals import ACCESS, TARIFFS, random_space, round_held, space_of, with_history

WHOLE_AGENDA = {
    TARIFFS: ("keep", "halve", "remove"),
    "tariffs_on_us_goods": ("keep", "halve", "remove"),
    ACCESS: ("none", "pilot_zone", "nationwide"),
    "know_how": ("weak", "strong"),
    "purchases": ("none", "promised"),
}


@pytest.fixture(scope="module")
def space():
    return random_space(agenda=WHOLE_AGENDA)


@pytest.fixture(scope="module")
def figure(space):
    drawn = plot_deal_space(space)
    drawn.draw_without_rendering()
    return drawn


def key_of(figure) -> list[str]:
    (axes,) = figure.axes
    return [text.get_text() for text in axes.get_legend().get_texts()]


def inside(figure) -> bool:
    figure.draw_without_rendering()
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return bool(drawn.x0 >= 0 and drawn.y0 >= 0 and drawn.x1 <= width and drawn.y1 <= height)


def test_every_package_is_a_point_at_its_mean_gains(figure, space):
    (axes,) = figure.axes
    points = np.asarray(axes.collections[0].get_offsets())
    expected = space.gains.mean(axis=2).T
    assert len(points) == 108
    np.testing.assert_allclose(points[np.lexsort(points.T)], expected[np.lexsort(expected.T)])


def test_the_frontier_goes_through_all_efficient_packages_from_left_to_right(figure, space):
    (axes,) = figure.axes
    line = next(line for line in axes.get_lines() if line.get_label().startswith("Pareto"))
    efficient = packages(space).query("on_frontier")
    np.testing.assert_allclose(line.get_xdata(), sorted(efficient["us_gain_mean_bn"]))
    assert (np.diff(line.get_ydata()) <= 0).all()


def test_the_key_names_levels_no_deal_and_what_the_marked_packages_hold(figure, space):
    key = key_of(figure)
    assert key[:3] == ["none", "pilot zone", "nationwide"]
    assert "no deal (disagreement point)" in key
    marked = " ".join(key[5:]).replace("\n", " ")
    assert "signed most often" in marked
    assert "Nash package" in marked
    for line in what_it_holds(space, most_signed(space)):
        assert line in marked


def test_marked_packages_stand_at_their_means_with_the_range_of_their_draws(figure, space):
    (axes,) = figure.axes
    gains = dict(zip(space.packages, np.moveaxis(space.gains, 1, 0), strict=True))
    for package in {most_signed(space), nash_of_means(space)}:
        us, china = gains[package].mean(axis=1)
        marks = [line for line in axes.get_lines() if line.get_marker() in {"D", "s"}]
        assert any(line.get_xydata().ravel() == pytest.approx([us, china]) for line in marks)
        low, high = np.quantile(gains[package], [0.05, 0.95], axis=1)
        ranges = [bar.get_segments()[0].tolist() for bar in axes.collections[1:] if isinstance(bar, LineCollection)]
        for ends in ([[low[0], china], [high[0], china]], [[us, low[1]], [us, high[1]]]):
            assert any(np.allclose(ends, drawn) for drawn in ranges)


def test_title_axes_and_source_line_say_what_is_shown(figure):
    assert "108 packages" in figure.texts[0].get_text()
    (axes,) = figure.axes
    assert axes.get_xlabel() == "gain to US over no deal, bn USD"
    assert axes.get_ylabel() == "gain to China over no deal, bn USD"
    (source,) = [text.get_text() for text in figure.texts if text.get_gid() == SOURCE]
    assert all(words in source for words in ("Source: cloudtrade", "bargain_spring_2019", "40 draws, seed 1"))


def test_a_deal_space_stays_inside_the_picture(figure):
    assert inside(figure)


def test_colours_can_follow_another_issue(space):
    assert key_of(plot_deal_space(space, "know_how"))[:2] == ["weak", "strong"]
    with pytest.raises(ScenarioError, match="did you mean know_how"):
        plot_deal_space(space, "know_who")


@pytest.mark.parametrize("gain", [-1.0, 0.0, 1.0])
def test_packages_that_are_all_worth_the_same_can_be_drawn(gain):
    assert inside(plot_deal_space(space_of(np.full((2, 6, 3), gain))))


def test_one_draw_in_which_nothing_is_signed_can_be_drawn():
    figure = plot_deal_space(space_of(np.random.default_rng(2).normal(size=(2, 6, 1))))
    assert inside(figure)
    assert not any("signed" in line for line in key_of(figure))


def test_a_package_at_first_levels_holds_nothing(space):
    assert what_it_holds(space, "keep-keep-none-weak-none") == ["nothing: all issues at their first level"]


# -- when a deal comes -------------------------------------------------------------------------------------------------

KNOWN = ({"until": dt.date(2019, 5, 1)}, {"until": dt.date(2019, 5, 10), "signed": True, "without": (ACCESS,)})


def steps_of(figure) -> dict[str, list[float]]:
    """Heights of the lines with a key, by their words."""
    (axes,) = figure.axes
    return {
        line.get_label(): list(line.get_ydata()) for line in axes.get_lines() if not line.get_label().startswith("_")
    }


def test_chances_by_date_are_drawn_as_they_are_told(space):
    figure = plot_deal_dates(space)
    told = dates(space)
    assert steps_of(figure) == {
        "with cloud access on the table": pytest.approx(100 * told["share"]),
        "cloud access off the table": pytest.approx(100 * told["without_share"]),
    }
    assert inside(figure)
    assert [text.get_text() for text in figure.axes[0].texts] == [], "nothing is known of what happened"


def test_an_issue_that_cannot_be_left_out_has_one_line(space):
    figure = plot_deal_dates(dataclasses.replace(space, without=None))
    assert list(steps_of(figure)) == ["with cloud access on the table"]


def test_what_happened_is_marked_at_its_days(space):
    figure = plot_deal_dates(with_history(space, *KNOWN))
    words = [text.get_text().strip() for text in figure.axes[0].texts]
    assert words == ["no deal by 2019-05-01 in fact", "a deal by 2019-05-10 in fact"]
    days = [line.get_xdata()[0] for line in figure.axes[0].get_lines() if line.get_linestyle() == "--"]
    assert days == [mdates.date2num(span["until"]) for span in KNOWN]
    assert inside(figure)


@pytest.mark.parametrize("signed", [[False], [True]])
def test_a_single_round_can_be_drawn(signed):
    figure = plot_deal_dates(space_of(np.ones((2, 6, 1)), rounds=(round_held(0, signed),)))
    assert inside(figure)
    assert list(steps_of(figure).values()) == [[100.0 * signed[0]]]


# -- talks in a run ----------------------------------------------------------------------------------------------------


@pytest.fixture
def with_talks(make_result):
    """A result with three rounds in months 9 and 10, where every third draw signs and the first breaks in month 18."""
    result = make_result()
    talks = sim.load("bargain_spring_2019").talks
    kpis = result.kpis
    signed = np.where(kpis["draw"] % 3 == 0, np.where(kpis["draw"] < 9, 9.0, 10.0), np.nan)
    broken = np.where(kpis["draw"] == 0, 18.0, np.nan)
    held = kpis.assign(deal_signed_first_months=signed, deal_broken_first_months=broken)
    return with_tables(result, result.scenario.model_copy(update={"talks": talks}), kpis=held)


def test_the_talks_over_time_are_counted_month_by_month(with_talks):
    shares = shares_over_talks(with_talks)
    assert len(shares) == with_talks.scenario.months
    np.testing.assert_allclose(shares.sum(axis="columns"), 1)
    by_month = (20 * shares).round().astype(int).to_numpy().tolist()  # signed, broken, open, without a deal
    assert by_month[8] == [0, 0, 20, 0]
    assert by_month[9] == [3, 0, 17, 0]
    assert by_month[10] == by_month[17] == [7, 0, 0, 13]
    assert by_month[18] == by_month[-1] == [6, 1, 0, 13]


def test_the_talks_over_time_stay_inside_the_picture(with_talks):
    figure = plot_talks(with_talks)
    assert inside(figure)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["During the talks", "Over the run"]


def test_talks_that_fill_the_whole_run_can_be_drawn(with_talks):
    short = with_talks.scenario.model_copy(update={"months": 12})
    assert inside(plot_talks(dataclasses.replace(with_talks, scenario=short)))


def test_only_runs_with_talks_get_their_chart(result, with_talks, tmp_path):
    without, held = ([chart for chart in RUN_CHARTS if chart.has_something(run)] for run in (result, with_talks))
    assert [chart.plot for chart in held if chart not in without] == [plot_talks]
    FolderFiles(charts=drawn_charts(RUN_CHARTS, with_talks)).write(tmp_path, to_parquet)
    assert (tmp_path / "talks.svg").exists()


def test_a_run_without_talks_has_nothing_to_draw(result):
    with pytest.raises(ScenarioError, match="no rounds of talks"):
        plot_talks(result)


def test_a_run_of_an_older_program_says_what_it_lacks(with_talks):
    older = with_tables(with_talks, kpis=with_talks.kpis.drop(columns="deal_broken_first_months"))
    with pytest.raises(ScenarioError, match="deal_broken_first_months is no KPI of this result"):
        plot_talks(older)
