"""The trade war's part of goods trade agrees with a run, and with integrals of the demand curve."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy import integrate

from sim.studies.validation.dated_tariffs import tariffs_on
from sim.studies.validation.goods_path import monthly_path, settled

END_OF_2021 = dt.date(2021, 12, 31)
COLUMNS = {
    "tariff_revenue_bn": "revenue",
    "consumer_loss_bn": "consumer_loss",
    "deadweight_loss_bn": "deadweight_loss",
}


def _rows(world, importer):
    """All lists that a country imports, those of regions without a government too."""
    return [i for i, held in enumerate(world.scenario.goods.lists.values()) if held.importer == importer]


@pytest.mark.parametrize("importer", ["us", "china"])
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.depth
def test_months_worked_out_from_the_equations_add_up_to_the_quarters_of_a_run(evidence, alone, importer, column):
    rows = _rows(evidence.base, importer)
    months = monthly_path(evidence.base, END_OF_2021)
    flows = np.stack([getattr(month.actual, COLUMNS[column])[rows].sum(axis=0) for month in months]) / 12
    quarters = flows.reshape(-1, 3, flows.shape[-1]).sum(axis=1)
    countries = alone.countries
    run = countries[countries["country"] == importer].pivot(index="date", columns="draw", values=column)
    np.testing.assert_allclose(run.to_numpy()[: len(quarters)], quarters, rtol=1e-9)


def test_the_path_runs_from_the_base_date_to_the_month_asked_for(world):
    months = monthly_path(world, END_OF_2021)
    assert (months[0].date, months[-1].date, len(months)) == (dt.date(2018, 7, 1), dt.date(2021, 12, 1), 42)


def test_tariffs_at_their_base_rates_are_no_trade_war(world):
    flows = settled(world, world.base.base_tariff)
    for part in (flows.trade, flows.revenue, flows.consumer_loss, flows.deadweight_loss):
        np.testing.assert_array_equal(part, 0.0)


def test_before_the_first_tariff_of_a_list_its_trade_is_that_of_base_rates(world):
    row = world.axes.lists.index("us_list_4a")
    for month in monthly_path(world, dt.date(2019, 8, 1)):
        np.testing.assert_allclose(month.trade_war.revenue[row], 0.0, atol=1e-12)
        np.testing.assert_allclose(month.trade_war.deadweight_loss[row], 0.0, atol=1e-12)


def test_the_long_run_agrees_with_integrals_of_the_demand_curve(world):
    tariff = tariffs_on(world, dt.date(2019, 6, 15))
    flows = settled(world, tariff)
    trade = {name: item.value_bn.central for name, item in world.scenario.goods.lists.items()}
    for row, name in enumerate(world.axes.lists):
        for draw in range(world.draws.count):
            before, after = 1 + world.base.base_tariff[row, draw], 1 + tariff[row, draw]
            elasticity = world.base.import_elasticity[row, draw]

            def demand(price, value=trade[name], first=before, e=elasticity):
                return value * (price / first) ** -e

            loss, _ = integrate.quad(demand, before, after)
            revenue = (after - 1) * demand(after) - (before - 1) * demand(before)
            assert flows.consumer_loss[row, draw] == pytest.approx(loss, rel=1e-9, abs=1e-12)
            assert flows.revenue[row, draw] == pytest.approx(revenue, rel=1e-9, abs=1e-12)
            assert flows.deadweight_loss[row, draw] == pytest.approx(loss - revenue, rel=1e-9, abs=1e-12)
            assert flows.trade[row, draw] == pytest.approx(demand(after) - trade[name], rel=1e-9, abs=1e-12)
