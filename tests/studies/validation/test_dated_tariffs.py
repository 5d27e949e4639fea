"""Average tariffs on a day follow from the dated list alone; the expected numbers here are worked out by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.errors import ModelError
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.scenario.loading import load
from sim.studies.validation.dated_tariffs import average_tariff, lists_hit, lists_of, tariffs_on
from sim.values import AfterDeal

# Trade in bn USD and base rates, read by eye in scenarios/base_2018.yaml and tariff_average.csv.
US_LISTS = {"1": 32.0, "2": 15.3, "3": 191.8, "4a": 110.1, "4b": 160.4, "metals": 4.0, "other": 24.9}
US_TOTAL = 538.5
US_BASE, CHINA_BASE = 0.031, 0.047
CHINA_TOTAL = 130.0

BY_HAND = {
    ("us", "2018-01-01"): US_BASE,
    ("us", "2018-07-06"): US_BASE + 0.25 * (4.0 + 32.0) / 538.5,
    ("us", "2018-09-24"): US_BASE + (0.25 * (4.0 + 32.0 + 15.3) + 0.10 * 191.8) / 538.5,
    ("us", "2019-06-15"): US_BASE + 0.25 * (4.0 + 32.0 + 15.3 + 191.8) / 538.5,
    ("us", "2019-12-19"): US_BASE + (0.25 * (4.0 + 32.0 + 15.3 + 191.8) + 0.15 * 110.1) / 538.5,
    ("us", "2020-02-14"): US_BASE + (0.25 * (4.0 + 32.0 + 15.3 + 191.8) + 0.075 * 110.1) / 538.5,
    ("china", "2018-04-02"): CHINA_BASE + (0.15 * 0.82 + 0.25 * 1.67) / 130.0,
    ("china", "2018-07-06"): CHINA_BASE + (0.15 * 0.82 + 0.25 * 1.67 + 0.25 * (11.5 + 16.86)) / 130.0,
    ("china", "2018-09-24"): CHINA_BASE
    + (0.15 * 0.82 + 0.25 * (1.67 + 11.5 + 16.86 + 11.91) + 0.10 * (8.12 + 8.52) + 0.05 * (13.13 + 15.04)) / 130.0,
    ("china", "2019-01-01"): CHINA_BASE
    + (0.15 * 0.82 + 0.25 * (1.67 + 16.86 + 11.91) + 0.10 * (8.12 + 8.52) + 0.05 * (13.13 + 15.04)) / 130.0,
    ("china", "2019-06-01"): CHINA_BASE
    + (0.15 * 0.82 + 0.25 * (1.67 + 16.86 + 11.91 + 8.12) + 0.20 * 8.52 + 0.10 * 13.13 + 0.05 * 15.04) / 130.0,
}


def test_the_values_used_by_hand_are_those_of_the_scenario(world):
    values = {name: item.value_bn.central for name, item in world.scenario.goods.lists.items()}
    assert {name.removeprefix("us_").removeprefix("list_"): values[name] for name in lists_of(world, "us")} == US_LISTS
    assert sum(US_LISTS.values()) == pytest.approx(US_TOTAL)
    assert sum(values[name] for name in lists_of(world, "china")) == pytest.approx(CHINA_TOTAL)


@pytest.mark.parametrize(("importer", "date"), BY_HAND)
def test_the_average_of_a_day_is_what_one_gets_by_hand(world, importer, date):
    average = average_tariff(world, importer, dt.date.fromisoformat(date))
    np.testing.assert_allclose(average, BY_HAND[importer, date], rtol=1e-12)


@pytest.mark.parametrize(
    ("date", "name", "rate"),
    [
        ("2018-07-05", "us_list_1", 0.0),
        ("2018-07-06", "us_list_1", 0.25),
        ("2018-09-23", "us_list_3", 0.0),
        ("2018-09-24", "us_list_3", 0.10),
        ("2019-05-09", "us_list_3", 0.10),
        ("2019-05-10", "us_list_3", 0.25),
        ("2018-12-31", "china_list_1_autos", 0.25),
        ("2019-01-01", "china_list_1_autos", 0.0),
        ("2020-02-13", "us_list_4a", 0.15),
        ("2020-02-14", "us_list_4a", 0.075),
    ],
)
def test_a_rate_counts_from_its_very_day(world, date, name, rate):
    row = world.axes.lists.index(name)
    layer = tariffs_on(world, dt.date.fromisoformat(date))[row] - world.base.base_tariff[row]
    np.testing.assert_allclose(layer, rate, atol=1e-15)


def test_the_lists_hit_by_the_end_of_2018_are_those_with_a_rate_by_then(world):
    hit = lists_hit(world, "us", dt.date(2018, 12, 31))
    assert hit == {"us_list_1", "us_list_2", "us_list_3", "us_metals"}


def test_the_average_over_some_lists_weighs_by_their_trade(world):
    average = average_tariff(world, "us", dt.date(2018, 12, 31), frozenset({"us_list_1", "us_list_3"}))
    np.testing.assert_allclose(average, US_BASE + (0.25 * 32.0 + 0.10 * 191.8) / (32.0 + 191.8), rtol=1e-12)


def test_the_tariff_of_mid_month_is_what_a_run_has_in_that_month(evidence):
    countries = evidence.history.countries
    for importer in ("us", "china"):
        run = countries[countries["country"] == importer].pivot(index="date", columns="draw", values="average_tariff")
        for start in run.index:
            mid_of_last_month = dt.date(start.year, start.month + 2, 15)
            expected = average_tariff(evidence.base, importer, mid_of_last_month)
            np.testing.assert_allclose(run.loc[start], expected, rtol=1e-12)


def world_of(tmp_path, policies):
    path = tmp_path / "changed.yaml"
    path.write_text(f"extends: status_quo\ntitle: Changed\nquestion: What if?\npolicies:\n{policies}", encoding="utf-8")
    return build_world(load(path), Draws(1, range(2)))


def test_a_tariff_that_ends_is_gone_on_that_day_and_one_that_starts_later_is_not_there_before(tmp_path):
    world = world_of(tmp_path, "  us_list_1: {ends: 2019-02-10}\n  us_list_2: {starts: 2019-02-10}\n")
    rows = [world.axes.lists.index(name) for name in ("us_list_1", "us_list_2")]
    for day, expected in ((9, (0.25, 0.0)), (10, (0.0, 0.25))):
        layer = (tariffs_on(world, dt.date(2019, 2, day)) - world.base.base_tariff)[rows, 0]
        np.testing.assert_allclose(layer, expected, atol=1e-15)


def test_a_cut_lowers_what_tariffs_have_set_whatever_the_order_in_the_file(tmp_path):
    cut = (
        "  a_cut: {kind: tariff_cut, by: us, lists: [us_list_1], cut: {2019-02-10: 40%}, source: 'assumption: test'}\n"
    )
    world = world_of(tmp_path, cut)
    row = world.axes.lists.index("us_list_1")
    for day, rate in ((9, 0.25), (10, 0.15)):
        layer = tariffs_on(world, dt.date(2019, 2, day))[row] - world.base.base_tariff[row]
        np.testing.assert_allclose(layer, rate, rtol=1e-12)


def test_a_tariff_that_waits_for_a_deal_is_refused(tmp_path):
    world = world_of(tmp_path, "  us_list_1: {ends: 2019-02-10}\n")
    policy = world.scenario.policies["us_list_1"].model_copy(update={"starts": AfterDeal(after_deal=3)})
    scenario = world.scenario.model_copy(update={"policies": {"us_list_1": policy}})
    world.scenario = scenario
    with pytest.raises(ModelError, match=r"policies\.us_list_1 waits for a deal"):
        tariffs_on(world, dt.date(2019, 1, 1))
