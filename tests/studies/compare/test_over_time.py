"""Who comes and when, when a gain has paid for what it cost, and the two parts of a mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import sim
from sim.scenario.schema import Presence
from sim.studies.compare.comparison_tables import sums_of
from sim.studies.compare.over_time import command_for_decisions, decisions_in_words, payback_years

DRAWS = 24


@pytest.fixture(scope="module")
def compared():
    # Until 2024, in which some vendors come in some draws and some gains have paid for what they cost.
    runs = [
        sim.run(name, DRAWS, workers=1, charts=False, set={"months": 78})
        for name in ("status_quo", "nationwide_opening")
    ]
    return sim.compare(runs)


@given(arrays(np.float64, (3, 5), elements=st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0])))
def test_a_year_of_payback_is_the_first_after_which_the_sum_never_falls_to_zero(values):
    years = range(2019, 2024)
    found = payback_years(pd.DataFrame(values, columns=list(years)))
    for row, year in zip(values, found, strict=True):
        sums = [sum(row[: k + 1]) for k in range(5)]
        expected = [y for k, y in enumerate(years) if all(later > 0 for later in sums[k:])]
        assert (np.isnan(year) and not expected) or year == expected[0]


def test_no_difference_never_pays_back():
    assert payback_years(pd.DataFrame(np.zeros((2, 3)), columns=[1, 2, 3])).isna().all()


def test_yearly_money_adds_up_to_what_quarters_and_figures_say(compared):
    run = compared.others[0]
    of_aws = run.vendors[(run.vendors["vendor"] == "aws") & (run.vendors["market"] == "china")]
    by_year = of_aws.groupby(["draw", of_aws["date"].dt.year])["profit_bn"].sum()
    years = run.years.set_index(["draw", "year"])
    np.testing.assert_allclose(years["aws_profit_in_china_bn"], by_year, rtol=1e-12, atol=1e-15)
    totals, kpis = years.groupby("draw").sum(), run.kpis.set_index("draw")
    for name in totals:
        np.testing.assert_allclose(totals[name], kpis[f"{name.removesuffix('_bn')}_cum_bn"], rtol=1e-9, atol=1e-12)


def test_who_comes_is_who_is_seen_with_a_data_centre(compared):
    run = compared.others[0]
    owns = run.vendors[
        (run.vendors["market"] == "china")
        & run.vendors["presence"].isin([Presence.ZONE.name.lower(), Presence.OWNED.name.lower()])
    ]
    entries = compared.entries.set_index("vendor")
    for vendor, held in owns.groupby("vendor", observed=True):
        if vendor in entries.index:
            assert entries.loc[vendor, "share"] == pytest.approx(held["draw"].nunique() / DRAWS)
            first = held.groupby("draw")["date"].min()
            assert entries.loc[vendor, "p5"] >= first.min().date()
            assert entries.loc[vendor, "p95"] <= first.max().date()
    assert entries.loc["foreign", "share"] >= entries["share"].max() - 1e-12
    assert (entries["share_reference"] == 0).all()


def test_whether_and_how_much_multiply_to_the_mean(compared):
    rows = compared.differences[compared.differences["share_differing"] > 0]
    assert len(rows) > 100
    product = rows["share_differing"] * rows["mean_if_differing"]
    np.testing.assert_allclose(product, rows["mean"], rtol=1e-9, atol=1e-12)


def test_sums_to_a_year_and_present_values_are_those_of_the_quarters(compared):
    run = compared.others[0]
    welfare = run.countries[run.countries["country"] == "us"].pivot(index="draw", columns="date", values="welfare_bn")
    kpis = run.kpis.set_index("draw")
    assert "welfare_us_to2030_bn" not in kpis, "the run ends before"
    rate = float(run.scenario.focus.discount.central)
    middles = (np.arange(welfare.shape[1]) + 0.5) / 4
    np.testing.assert_allclose(kpis["welfare_us_pv_bn"], (welfare * np.exp(-rate * middles)).sum(axis=1), rtol=1e-9)
    short = sim.run("status_quo", 2, workers=1, charts=False, set={"months": 36, "focus.sums_to": [2019, 2020]})
    to_2019 = short.markets[(short.markets["market"] == "china") & (short.markets["date"] < "2020")]
    np.testing.assert_allclose(
        short.kpis["spending_china_to2019_bn"], to_2019.groupby("draw")["total_bn"].sum(), rtol=1e-12
    )


def test_payback_speaks_of_the_visitors_vendors(compared):
    rows = compared.paybacks.set_index("figure")
    assert rows.index[0] == "us_vendors_profit_in_china_bn"
    assert not any("alibaba" in figure for figure in rows.index)
    assert (rows["share_paid_back"] <= rows["share_differing"] + 1e-12).all()
    assert 0 < rows["share_paid_back"].iloc[0] < 1


def test_sums_by_year_are_those_of_the_differences(compared):
    table = sums_of(compared, compared.labels[0])
    titles = [column.title for column in table.columns]
    assert titles[1:] == ["to the end of 2024", "present value"], "the run ends before the first year that is named"
    means = compared.differences.set_index("kpi")["mean"]
    row = next(row for row in table.rows if row[0] == "Profit of US vendors in China")
    assert float(row[1].value) == means["us_vendors_profit_in_china_cum_bn"]
    assert float(row[2].value) == means["us_vendors_profit_in_china_pv_bn"]


def test_the_command_for_decisions_names_what_was_run_and_is_not_given_where_nobody_decides(compared):
    changed = compared.others[0]
    as_it_is = replace(changed, manifest=changed.manifest | {"set": []})
    assert command_for_decisions(changed) == "cloudtrade decisions scenario.yaml", "its folder has that file"
    assert command_for_decisions(as_it_is) == f"cloudtrade decisions {changed.scenario.name}"
    fixed = {name: vendor.model_copy(update={"reviews": ()}) for name, vendor in changed.scenario.vendors.items()}
    nobody = replace(changed, scenario=changed.scenario.model_copy(update={"vendors": fixed}))
    assert command_for_decisions(nobody) == ""
    assert decisions_in_words(nobody) == ()
