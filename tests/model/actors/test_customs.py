"""Goods trade in a run: flows, revenue and losses by country, and what lost exports do to cloud budgets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

TARIFF = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": {"2018-10-01": "25%"}, "source": "made up"}
STARTS = 1
"""Quarter in which the tariff comes."""
LISTS = {"machines": (500, 0.03), "phones": (100, 0.0), "soybeans": (120, 0.05)}


def quarterly(run, name, country):
    return run.paths.countries[name][:, run.world.axes.countries.index(country), 0]


def test_without_new_tariffs_trade_is_that_of_the_lists(play, compact):
    run = play(compact(), range(1))
    np.testing.assert_allclose(quarterly(run, "imports_bn", "us"), 600 / 4, rtol=1e-12)
    np.testing.assert_allclose(quarterly(run, "exports_bn", "us"), 120 / 4, rtol=1e-12)
    np.testing.assert_allclose(quarterly(run, "tariff_revenue_bn", "us"), 500 * 0.03 / 4, rtol=1e-12)
    np.testing.assert_allclose(quarterly(run, "tariff_revenue_bn", "china"), 120 * 0.05 / 4, rtol=1e-12)


@pytest.mark.parametrize("pass_through", [1, 0.6])
def test_trade_at_base_tariffs_is_that_of_the_lists_whoever_pays_them(play, compact, pass_through):
    """What a list's value means cannot depend on who bears the tariff."""
    run = play(compact({"goods.pass_through": pass_through}), range(1))
    np.testing.assert_allclose(quarterly(run, "exports_bn", "china"), 600 / 4, rtol=1e-9)


@pytest.mark.parametrize("pass_through", [1, 0.6])
def test_base_tariffs_alone_take_nothing_from_cloud_budgets(play, compact, pass_through):
    run = play(compact({"goods.pass_through": pass_through}), range(1), watch=("activity",))
    np.testing.assert_allclose(run.months["activity"], 1, rtol=1e-12)


def test_the_average_tariff_weighs_lists_by_free_trade(play, compact):
    run = play(compact({"policies.war": TARIFF}), range(1))
    free = [value * (1 + rate) ** 2.5 for value, rate in (LISTS["machines"], LISTS["phones"])]
    before, after = (
        sum(w * t for w, t in zip(free, rates, strict=True)) / sum(free) for rates in ((0.03, 0), (0.28, 0))
    )
    np.testing.assert_allclose(quarterly(run, "average_tariff", "us"), [before] + [after] * 7, rtol=1e-12)
    np.testing.assert_allclose(quarterly(run, "average_tariff", "china"), 0.05, rtol=1e-12)


def test_in_the_long_run_losses_are_areas_under_the_demand_curve(play, compact):
    run = play(compact({"policies.war": TARIFF, "months": 60}), range(1))
    free = {name: value * (1 + rate) ** 2.5 for name, (value, rate) in LISTS.items() if name != "soybeans"}
    tariffs = {"machines": 0.28, "phones": 0.0}
    loss = sum(quad(lambda p, x=x: x * p**-2.5, 1, 1 + tariffs[name])[0] for name, x in free.items())
    revenue = sum(tariffs[name] * x * (1 + tariffs[name]) ** -2.5 for name, x in free.items())
    assert quarterly(run, "consumer_loss_bn", "us")[-1] * 4 == pytest.approx(loss, rel=1e-5)
    assert quarterly(run, "tariff_revenue_bn", "us")[-1] * 4 == pytest.approx(revenue, rel=1e-5)
    assert quarterly(run, "deadweight_loss_bn", "us")[-1] * 4 == pytest.approx(loss - revenue, rel=1e-4)
    assert not quarterly(run, "terms_of_trade_bn", "china").any()


def test_trade_falls_towards_its_long_run_level_at_the_speed_of_the_scenario(play, compact):
    run = play(compact({"policies.war": TARIFF, "goods.lists.phones.value_bn": 0}), range(1), watch=("log_response",))
    machines = run.months["log_response"][:, run.world.axes.lists.index("machines"), 0]
    begin, end = -2.5 * np.log(1.03), -2.5 * np.log(1.28)
    months = np.clip(np.arange(24) - 3 + 1, 0, None)
    np.testing.assert_allclose(machines, end + (begin - end) * np.exp(-3 * months / 12), rtol=1e-9)


def test_trade_grows_with_the_economy(play, compact):
    imports = quarterly(play(compact({"goods.growth": 0.04}), range(1)), "imports_bn", "us")
    np.testing.assert_allclose(imports[1:] / imports[:-1], np.exp(0.01), rtol=1e-9)


def test_lost_exports_lower_cloud_spending_from_the_next_month_on(play, compact):
    """The multiplier is 2: losing x of GDP in exports takes 2x of cloud budgets, in the exporter's market."""
    run = play(compact({"policies.war": TARIFF}), range(1), watch=("activity", "log_response", "budget"))
    ends = run.months["log_response"][:, run.world.axes.lists.index("machines"), 0]
    begins = np.append(-2.5 * np.log(1.03), ends[:-1])
    left = np.exp(-run.world.value(run.world.scenario.goods.adjustment)[0] / 12)
    machines = 500 * (1.03**2.5) * np.exp(begins + (ends - begins) * (1 - left**0.5) / (1 - left))
    lost = 500 - machines
    china, us = run.market("china"), run.market("us")
    np.testing.assert_allclose(run.months["activity"][:, china, 0], 1 - 2 * lost / 14000, rtol=1e-9)
    np.testing.assert_array_equal(run.months["activity"][:, us], 1)
    spending = run.months["budget"][:, china, :, 0].sum(axis=1)
    np.testing.assert_allclose(spending[4:10] / spending[3], run.months["activity"][3:9, china, 0], rtol=1e-3)


BUYER = {
    "countries.japan": {"gdp_bn": 5000, "source": "made up"},
    "goods.import_elasticity.japan": 2,
    "goods.lists.planes": {
        "title": "Planes", "importer": "japan", "exporter": "us", "value_bn": 60, "base_rate": 0.1,
        "source": "made up",
    },
}  # fmt: skip
"""A third country that only imports."""


def test_what_one_country_exports_others_import(play, compact):
    """Also with three countries, and with promised purchases."""
    third = {
        "goods.lists.toys": {
            "title": "Toys", "importer": "us", "exporter": "japan", "value_bn": 30, "base_rate": 0,
            "source": "made up",
        },
        "policies.promise": {
            "kind": "purchases", "exporter": "us", "importer": "china", "extra_bn": 40, "compliance": 1,
            "source": "made up",
        },
    }  # fmt: skip
    countries = play(compact(BUYER | third), range(1)).paths.countries
    np.testing.assert_allclose(countries["exports_bn"].sum(axis=1), countries["imports_bn"].sum(axis=1), rtol=1e-12)


def test_a_country_that_only_imports_is_counted_too(play, compact):
    run = play(compact(BUYER), range(1))
    np.testing.assert_allclose(quarterly(run, "imports_bn", "japan"), 60 / 4, rtol=1e-9)
    np.testing.assert_allclose(quarterly(run, "tariff_revenue_bn", "japan"), 6 / 4, rtol=1e-9)
