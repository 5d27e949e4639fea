"""The laws in every scenario of the library, over its whole horizon, in a few draws."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.library import library
from tests.depth import quick, usual
from tests.library_runs import library_run

KINDS = (
    "allies_restrict_chinese_cloud",
    "bargain_spring_2019",
    "export_controls",
    "pilot_and_data_flows",
    "ruling_2026",
)
"""Scenarios whose policies together are of every kind that the library has."""


@pytest.fixture(scope="module", params=usual(library(), *KINDS))
def run(request, shared):
    return library_run(shared, request.param).run


def test_everything_is_finite_and_all_spending_is_accounted_for(run, arrays_of):
    for name, values in arrays_of(run.paths):
        known = run.paths.channels["in_use"] > 0 if name == "channels.price" else True
        assert np.isfinite(np.where(known, values, 0.0)).all(), name
    spent = run.by_pair("revenue").sum(axis=1) + run.months["unmet"]
    np.testing.assert_allclose(spent, run.months["budget"], rtol=1e-12)


def test_welfare_is_the_sum_of_its_parts_and_no_tariff_gains_anything_by_itself(run):
    parts = run.paths.countries
    cloud = parts["vendor_profit_bn"] + parts["partner_income_bn"] + parts["customer_surplus_bn"]
    goods = parts["tariff_revenue_bn"] - parts["consumer_loss_bn"] + parts["terms_of_trade_bn"]
    goods = goods + parts["licence_rent_bn"] + parts["export_fees_bn"] + parts["rerouting_gain_bn"]
    np.testing.assert_array_equal(parts["welfare_bn"], cloud + goods)
    assert (parts["deadweight_loss_bn"] >= -1e-9).all()


def test_nobody_sells_beyond_its_capacity_or_without_being_there(run):
    months = len(run.months["price"])
    trend = np.stack([run.world.trend_price(month) for month in range(months)])[:, None]
    sales = run.months["revenue"].sum(axis=2)
    assert (sales <= run.months["capacity"] * run.months["price"] * trend * (1 + 1e-12) + 1e-15).all()
    assert not sales[~run.months["active"]].any()


def test_prices_stay_near_the_costs_that_they_follow(run):
    """Margins of vendors that sell stay between nothing and a monopolist's."""
    sells = run.world.sales > 0
    margin = (1 - run.world.base.fee - run.world.cost / run.world.price)[sells]
    assert margin.min() > 0.02
    assert margin.max() < 0.9


@pytest.mark.parametrize("run", quick(KINDS, "bargain_spring_2019", "ruling_2026"), indirect=True)
def test_vendors_in_reverse_order_and_other_neighbours_change_no_bit(run, play, arrays_of):
    """The first two draws of their random block, alone and in reverse."""
    alone = play(run.paths.scenario, range(2), reverse=True)
    together = dict(arrays_of(run.paths))
    for name, values in arrays_of(alone.paths):
        assert values.tobytes() == together[name][..., :2].copy().tobytes(), name
