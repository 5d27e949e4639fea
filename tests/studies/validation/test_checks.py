"""Every check compares what it says it compares."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import sim.facts
from sim.errors import ModelError
from sim.facts import find_fact
from sim.studies.validation import average_tariffs, cloud_shares, goods_flows, goods_losses, lags, margins, prices
from sim.studies.validation.run_totals import total

KEY = re.compile(r"`([a-z0-9_]+(?:\.[a-z0-9_]+)+)`")


@pytest.fixture(scope="module")
def rows(checks):
    return [row for check in checks for row in check.comparisons]


def model_of(check, what):
    """Give the model's estimate in the one row of that name."""
    (found,) = {row.model for row in check.comparisons if row.what == what}
    return found


def test_every_row_names_a_source_and_keys_that_exist(rows):
    for row in rows:
        keys = KEY.findall(row.data.source)
        assert keys, row.what
        sources = {find_fact(key).source for key in keys} - {"derived"}
        assert sources, row.what
        assert all(source in row.data.source for source in sources), row.what


def test_every_row_that_is_not_derived_shows_the_very_fact_it_cites(rows):
    plain = [row for row in rows if "derived: " not in row.data.source or len(KEY.findall(row.data.source)) == 1]
    assert len(plain) > 100
    for row in plain:
        (key,) = KEY.findall(row.data.source)
        fact = find_fact(key)
        assert (row.data.value, row.unit) == (fact.value, fact.unit), row.what


def test_every_row_gives_a_reason_and_finite_numbers_in_order(rows):
    for row in rows:
        assert row.why.endswith("."), row.what
        assert all(map(math.isfinite, (row.model.mean, row.data.value))), row.what
        assert row.model.low <= row.model.mean <= row.model.high, row.what


def test_no_reason_cites_a_fact_that_does_not_exist(checks):
    texts = [text for check in checks for text in (check.text, *(row.why for row in check.comparisons))]
    for key in {key for text in texts for key in KEY.findall(text)}:
        assert find_fact(key), key


@pytest.mark.parametrize(
    ("file", "check"),
    [("tariff_average", average_tariffs.against_piie), ("tariff_average_alt", average_tariffs.against_other_measures)],
)
def test_no_day_of_a_published_series_is_left_out(evidence, file, check):
    path = Path(sim.facts.__file__).parent / f"{file}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        keys = {row["key"] for row in csv.DictReader(stream)}
    shown = {key for row in check(evidence).comparisons for key in KEY.findall(row.data.source)}
    assert keys <= shown


def test_imports_of_a_year_are_the_sum_of_its_quarters_and_2018_is_its_second_half_doubled(evidence):
    countries = evidence.history.countries
    us = countries[countries["country"] == "us"].pivot(index="date", columns="draw", values="imports_bn")
    of_2019 = us.loc["2019-01-01":"2019-10-01"]
    assert len(of_2019) == 4
    check = goods_flows.check(evidence)
    assert model_of(check, "US goods imports from China, 2019").mean == pytest.approx(of_2019.sum().mean())
    of_2018 = us.loc["2018-07-01":"2018-10-01"].sum()
    what = "US goods imports from China, 2018 (second half, doubled)"
    assert model_of(check, what).mean == pytest.approx(2 * of_2018.mean())


def test_late_2018_agrees_with_a_run_less_what_base_rates_would_have_brought(evidence, alone):
    countries = alone.countries
    us = countries[(countries["country"] == "us") & (countries["date"].dt.year == 2018)]
    collected = us.groupby("draw")["tariff_revenue_bn"].sum()
    growth = evidence.base.value(evidence.base.scenario.goods.growth)
    lists = evidence.base.scenario.goods.lists.values()
    yearly = sum(held.base_rate.central * held.value_bn.central for held in lists if held.importer == "us")
    usual = sum(yearly / 12 * np.exp(growth * (month + 0.5) / 12) for month in range(6))
    what = "US tariff revenue, second half of 2018 (data: whole year)"
    check = goods_losses.check(evidence)
    assert model_of(check, what).mean == pytest.approx((collected.to_numpy() - usual).mean(), rel=1e-9)


def test_trade_covered_is_the_sum_of_the_lists(evidence):
    check = goods_losses.check(evidence)
    assert model_of(check, "US imports hit in 2018").mean == pytest.approx(32.0 + 15.3 + 191.8 + 4.0)


def test_imports_on_the_lists_are_what_a_run_imports_less_all_other_goods(evidence, alone):
    """Goods on no list stay on trend; metals (0.7 % of imports) are counted as settled, which costs the third digit."""
    goods = evidence.base.scenario.goods
    growth, elasticity = evidence.base.value(goods.growth), evidence.base.value(goods.import_elasticity["us"])
    trend = np.stack([np.exp(growth * (month + 0.5) / 12) / 12 for month in range(42)])
    others = (160.4 + 24.9 + 4.0 * (1.281 / 1.031) ** -elasticity) * trend
    countries = alone.countries
    us = countries[(countries["country"] == "us") & (countries["date"] < "2022-01-01")]
    listed = us.groupby("draw")["imports_bn"].sum().to_numpy() - others.sum(axis=0)
    in_2021 = total(countries, "imports_bn", 2021, country="us") - others[-12:].sum(axis=0)
    check = goods_losses.check(evidence)
    assert model_of(check, "US imports on Lists 1 to 4A, 2021").mean == pytest.approx(in_2021.mean(), rel=1e-3)
    change = listed / ((32.0 + 15.3 + 191.8 + 110.1) * trend.sum(axis=0)) - 1
    shown = model_of(check, "Change of US imports on Lists 1 to 4A, mid-2018 to 2021")
    assert shown.mean == pytest.approx(change.mean(), abs=2e-3)


def test_a_tariff_of_ten_percent_moves_imports_along_the_demand_curve(evidence):
    elasticity = evidence.base.value(evidence.base.scenario.goods.import_elasticity["us"])
    expected = ((1.031 + 0.1) / 1.031) ** -elasticity - 1
    shown = model_of(goods_losses.check(evidence), "Change of US imports under 10 % on all")
    assert shown.mean == pytest.approx(expected.mean())


def test_the_cost_of_the_tariffs_of_2018_is_scaled_up_by_households(evidence):
    (row,) = [row for row in goods_losses.check(evidence).comparisons if "cost_per_household_2018" in row.data.source]
    assert row.data.value == pytest.approx(419 * 106 / 831)


def test_the_margin_of_the_base_date_is_what_elasticities_imply(evidence):
    """At best prices a vendor keeps (1 - fee) / elasticity of its revenue in a market, by all its channels together."""
    base, channels, draw = evidence.base.base, evidence.base.channels, 3
    v = evidence.base.axes.vendors.index("aws")
    kept = revenue = 0.0
    for m in range(channels.markets):
        rows = [row for row in channels.of(v, m) if channels.at_start[row]]
        spent = base.start_spending[m, :, draw] * base.attraction[rows, :, draw]
        shares = base.attraction[rows, :, draw].sum(axis=0)
        response = [base.sigma[s, draw] * (1 - share) + base.eta[draw] * share for s, share in enumerate(shares)]
        elasticity = np.dot(spent.sum(axis=0), response) / spent.sum()
        kept += (spent.sum(axis=1) * (1 - base.fee[rows, draw])).sum() / elasticity
        revenue += spent.sum()
    assert revenue == pytest.approx(base.sales[v, :, draw].sum(), rel=1e-9)
    assert margins.base_margin(evidence.base, "aws")[draw] == pytest.approx(kept / revenue, rel=1e-9)


def test_partners_have_a_part_of_what_the_vendor_earns_through_them_all(evidence, checks):
    base, channels = evidence.base.base, evidence.base.channels
    rows = list(channels.through_partners(evidence.base.axes.vendors.index("aws"), 0))
    assert len(rows) > 1
    sales = (base.start_spending[0] * base.attraction[rows]).sum(axis=1)
    fees, earned = (sales * base.fee[rows]).sum(axis=0), (sales * (1.0 - base.cost[rows])).sum(axis=0)
    (check,) = [check for check in checks if any(row.what.startswith("Partners' part") for row in check.comparisons)]
    assert model_of(check, "Partners' part of AWS's profit in China").mean == pytest.approx((fees / earned).mean())


def test_shares_of_a_published_table_that_names_everybody_sum_to_one_in_the_model(evidence):
    check = cloud_shares.of_china(evidence)
    shares = [row.model.mean for row in check.comparisons if row.what.endswith("2020 Q4, share")]
    idc = {"`china.2020.q4.china_telecom.idc_iaas.share`", "`china.2020.q4.aws.idc_iaas.share`"}
    canalys = [
        row.model.mean
        for row in check.comparisons
        if row.what.endswith("2020 Q4, share") and not any(key in row.data.source for key in idc)
    ]
    assert (len(shares), len(canalys)) == (7, 5)
    assert sum(canalys) == pytest.approx(1.0)


def test_a_share_is_revenue_over_the_whole_market(evidence):
    vendors = evidence.history.vendors
    china = vendors[(vendors["market"] == "china") & (vendors["date"].dt.year == 2021)]
    by_vendor = china.pivot_table(index="draw", columns="vendor", values="revenue_bn", aggfunc="sum", observed=True)
    expected = (by_vendor["huawei"] / by_vendor.sum(axis="columns")).mean()
    shown = model_of(cloud_shares.of_china(evidence), "Huawei, 2021, share")
    assert shown.mean == pytest.approx(expected)


def test_canalys_is_never_mixed_with_other_counts(evidence):
    for check in (cloud_shares.of_china(evidence), cloud_shares.of_the_world(evidence)):
        keys = {key for row in check.comparisons for key in KEY.findall(row.data.source)}
        assert {key for key in keys if ".canalys" not in key} <= set(map("{}.share".format, cloud_shares.MORE_OF_CHINA))


def test_a_yearly_fall_of_prices_is_the_root_of_that_of_two_years(evidence):
    vendors = evidence.history.vendors
    aws = vendors[(vendors["vendor"] == "aws") & (vendors["market"] == "us")].set_index(["date", "draw"])["price"]
    ratio = aws.loc[pd.Timestamp("2021-04-01")] / aws.loc[pd.Timestamp("2019-04-01")]
    first = prices.check(evidence).comparisons[0]
    assert first.model.mean == pytest.approx((np.sqrt(ratio) - 1).mean())


def pilot_of(events):
    columns = ["draw", "date", "actor", "event", "detail"]
    table = pd.DataFrame(events, columns=columns).assign(date=lambda rows: pd.to_datetime(rows["date"]))
    zone = SimpleNamespace(build_months=18)
    return SimpleNamespace(events=table, scenario=SimpleNamespace(presence=SimpleNamespace(zone=zone)))


def test_waiting_times_follow_from_events_and_count_only_moves_that_end_in_sales():
    pilot = pilot_of(
        [
            (0, "2020-01-01", "guiyang", "zone opens", ""),
            (1, "2020-01-01", "guiyang", "zone opens", ""),
            (0, "2020-07-01", "google", "applies", "zone in guiyang"),
            (0, "2020-09-01", "aws", "applies", "zone in guiyang"),
            (1, "2020-07-01", "ibm", "goes live", "partner"),
            (1, "2021-07-01", "aws", "applies", "zone in guiyang"),
            (0, "2022-08-01", "google", "goes live", "zone in guiyang"),
        ]
    )
    moves = lags.moves_to_zones(pilot)
    january_2020 = 2020 * 12 + 1
    assert moves.to_dict("records") == [
        {"draw": 0, "vendor": "google", "applied": january_2020 + 6, "live": january_2020 + 31,
         "opened": january_2020, "granted": january_2020 + 13},
    ]  # fmt: skip


def test_draws_without_any_move_are_said_to_be_too_few():
    pilot = pilot_of(
        [
            (0, "2020-01-01", "guiyang", "zone opens", ""),
            (0, "2020-07-01", "google", "applies", "zone in guiyang"),
            (1, "2022-08-01", "aws", "goes live", "zone in guiyang"),
        ]
    )
    with pytest.raises(ModelError, match="need more draws"):
        lags.check(SimpleNamespace(pilot=pilot))


def test_totals_refuse_what_the_run_does_not_hold(evidence):
    with pytest.raises(ModelError, match="no rows for imports_bn in 1999"):
        total(evidence.history.countries, "imports_bn", 1999, country="us")


def test_a_day_is_written_as_people_do():
    assert average_tariffs.day(dt.date(2018, 7, 6)) == "6 July 2018"
