"""Figures of a user's folder over those of the package, and cut-offs as people write them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.studies.fit.cutoff import first_day_after, last_month
from sim.studies.fit.figure_files import read_data
from sim.studies.fit.fit_settings import settings
from sim.studies.fit.published import SHARE, known_at, read_observations
from tests.later_data import CHINA_LATER, folder_of


@pytest.fixture(scope="module")
def package():
    return {(one.key, one.kind): one for one in read_data(settings()).observations}


def by_key(directory):
    return {(one.key, one.kind): one for one in read_data(settings(), directory).observations}


def test_new_keys_of_a_folder_are_added_and_nothing_else_changes(package, tmp_path):
    found = by_key(folder_of(tmp_path))

    assert {key: found[key] for key in package} == package
    assert set(found) - set(package) == {
        ("china.2025.fy.total.canalys", "total"),
        ("china.2025.fy.alibaba.canalys", "share"),
        ("china.2025.q4.huawei.canalys", "share"),
        ("china.2026.q1.total.canalys", "total"),
        ("world.2025.fy.total.canalys", "total"),
        ("world.2025.fy.amazon.canalys", "share"),
        *((f"goods.{year}", kind) for year in (2025, 2026) for kind in ("imports", "exports")),
    }


def test_where_both_have_a_key_the_folder_counts(package, tmp_path):
    ours = ("china.2020.fy.total.canalys", "canalys", 2020, "FY", "TOTAL", 21.5, 1)
    found = by_key(folder_of(tmp_path, china=[*CHINA_LATER, ours]))

    assert package["china.2020.fy.total.canalys", "total"].value == 19.0
    assert found["china.2020.fy.total.canalys", "total"].value == 21.5


def test_vendors_and_definitions_left_out_are_counted_by_name(tmp_path):
    data = read_data(settings(), folder_of(tmp_path))

    assert data.unknown_vendors == (("Kingsoft", 1), ("Ucloud", 1))
    assert data.other_definitions == (("gartner_2023_07", 1),)
    assert data.added == 10


def test_figures_without_a_positive_number_are_no_figures(package, tmp_path):
    odd = [
        ("china.2025.fy.total.canalys", "canalys", 2025, "FY", "TOTAL", "", 1),
        ("china.2025.q1.total.canalys", "canalys", 2025, "Q1", "TOTAL", -3.0, 1),
        ("china.2025.q1.baidu.canalys", "canalys", 2025, "Q1", "Baidu", "", 0.0),
    ]
    found = by_key(folder_of(tmp_path, china=odd, world=[]))
    assert {key for key, _ in set(found) - set(package)} == {"goods.2025", "goods.2026"}


def test_a_share_is_worked_out_of_revenue_where_none_is_published(tmp_path):
    rows = [
        ("china.2025.fy.total.canalys", "canalys", 2025, "FY", "TOTAL", 30.0, 1),
        ("china.2025.fy.alibaba.canalys", "canalys", 2025, "FY", "Alibaba", 12.0, ""),
    ]
    found = by_key(folder_of(tmp_path, china=rows))
    assert found["china.2025.fy.alibaba.canalys", SHARE].value == pytest.approx(0.4)


def test_the_order_in_which_figures_are_known_is_that_of_the_ends_of_their_periods():
    known = known_at(read_observations(settings()), dt.date(2020, 4, 1))
    keys = {one.key for one in known}
    assert "china.2020.q1.huawei.canalys" in keys
    assert not {key for key in keys if ".2020.fy." in key or ".2020.q2." in key or ".2021." in key}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "goods_trade.csv").unlink(), "no goods_trade.csv"),
        (lambda folder: (folder / "goods_trade.csv").write_text("key,year\na,2025\n"), "no column"),
        (lambda folder: (folder / "goods_trade.csv").write_text(""), "cannot be read"),
        (lambda folder: folder_of(folder, [], [], []), "no row can be compared"),
        (lambda folder: folder_of(folder, [CHINA_LATER[-1]], [], []), "no row can be compared"),
        (lambda folder: folder_of(folder, goods=[("goods.2025", "soon", 1, 2)]), "a cell is not what its column says"),
        (
            lambda folder: folder_of(folder, goods=[("goods.2025", 2025, "many", 2)]),
            "a cell is not what its column says",
        ),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_with_the_reason(tmp_path, spoil, said):
    spoil(folder_of(tmp_path / "later"))
    with pytest.raises(ScenarioError, match=said):
        read_data(settings(), tmp_path / "later")


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="there is no such folder"):
        read_data(settings(), tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("month", "first"),
    [("2018-12", dt.date(2019, 1, 1)), ("2019-03", dt.date(2019, 4, 1)), ("2024-11", dt.date(2024, 12, 1))],
)
def test_a_cutoff_is_read_as_the_first_day_after_its_month_and_written_as_the_month(month, first):
    assert first_day_after(month, settings()) == first
    assert last_month(first) == month


@pytest.mark.parametrize("month", ["2019", "2019-13", "2019-00", "December 2019", "2019-12-31", ""])
def test_what_is_no_month_is_refused_with_an_example(month):
    with pytest.raises(ScenarioError, match="expected one such as 2021-12"):
        first_day_after(month, settings())


def test_a_cutoff_after_the_last_that_a_fit_may_know_is_refused():
    with pytest.raises(ScenarioError, match="expected 2024-12 or an earlier month"):
        first_day_after("2025-01", settings())


def test_a_cutoff_before_the_base_date_was_known_is_refused_with_the_first_possible_one():
    with pytest.raises(ScenarioError, match="expected 2018-12 or a later month"):
        first_day_after("2018-11", settings())


def test_raw_files_without_keys_and_definitions_add_what_the_package_has_not(package, tmp_path):
    """The form in which the data were collected: the source of a row says what it counts."""
    canalys, restated = "Canalys IaaS+PaaS", "Canalys IaaS+PaaS (restated Mar 2026)"
    rows = {
        "cloud_market_china": [
            (2020, "FY", "TOTAL", 19.0, 1, canalys),
            (2025, "FY", "TOTAL", 30.3, 1, restated),
            (2025, "Q4", "Huawei Cloud", "", 0.19, canalys),
            (2025, "FY", "Alibaba", "", 0.36, "Somebody else"),
        ],
        "cloud_market_global": [(2025, "FY", "AWS", "", 0.32, canalys), (2025, "FY", "TOTAL", 247.1, 1, canalys)],
    }
    for name, held in rows.items():
        table = pd.DataFrame(held, columns=["year", "quarter", "vendor", "revenue_usd_bn", "share", "source"])
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    goods = pd.DataFrame({"year": [2021, 2025], "us_imports_from_china_usd_bn": [504.3, 536.0],
                          "us_exports_to_china_usd_bn": [151.4, 154.0]})  # fmt: skip
    goods.to_csv(tmp_path / "goods_trade.csv", index=False)

    data = read_data(settings(), tmp_path)
    found = {(one.key, one.kind): one for one in data.observations}
    assert set(found) - set(package) == {
        ("china.2025.fy.total.canalys_restated", "total"),
        ("china.2025.q4.huawei_cloud.canalys", "share"),
        ("world.2025.fy.aws.canalys", "share"),
        ("world.2025.fy.total.canalys", "total"),
        ("goods.2025", "imports"),
        ("goods.2025", "exports"),
    }
    assert set(package) <= set(found)
    assert data.other_definitions == (("Somebody else", 1),)
    assert found["china.2025.q4.huawei_cloud.canalys", "share"].member == "huawei"
