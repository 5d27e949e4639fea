"""Paths laid out for other libraries are those of the tables, value by value."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import sim
from sim.model.columns import COLUMNS, DIMS, PATH_TABLES

START, MONTHS = "2018-07-01", 21


@pytest.fixture(scope="module")
def run(compact) -> sim.RunResult:
    return sim.run(compact({"months": MONTHS, "demand.budget_shock_sd": 0.1}), draws=5, workers=1)


def test_a_dataset_has_every_recorded_value_under_its_names_with_units(run):
    pytest.importorskip("xarray")
    found = run.to_xarray()
    for column in (column for column in COLUMNS if column.table in PATH_TABLES):
        values, table = found[f"{column.table}_{column.name}"], run.tables[column.table]
        dims = ["draw", "date", *DIMS[column.table]]
        assert list(values.dims) == dims
        assert values.attrs["units"] == column.unit
        assert values.attrs["long_name"] == column.title
        flat = values.to_series().reset_index().astype({dim: table[dim].dtype for dim in dims})
        both = table.merge(flat, on=dims, suffixes=("", "_there"), validate="one_to_one")
        name = values.name if values.name != column.name else f"{column.name}_there"
        assert len(both) == len(table) == values.size
        if table[column.name].dtype.kind == "f":
            np.testing.assert_array_equal(both[name], both[column.name])
        else:
            assert both[name].tolist() == both[column.name].astype(str).tolist()


def test_without_xarray_one_is_told_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(sim.ScenarioError, match=r"cloudtrade\[xarray\]"):
        run.to_xarray()


def test_the_long_table_sums_flows_over_whole_years_and_takes_levels_at_the_end(run):
    table = run.to_iamc((0.05,))
    assert list(table.columns) == ["model", "scenario", "region", "variable", "unit", "year", "value"]
    assert not table.duplicated(["region", "variable", "year"]).any()
    by_name = table.set_index(["region", "variable", "year"])["value"]

    spent = run.markets[run.markets["market"] == "china"]
    in_2019 = spent[spent["date"].dt.year == 2019].groupby("draw")["total_bn"].sum()
    spending = "Cloud market|Spending"
    assert by_name["China", spending, 2019] == pytest.approx(in_2019.mean(), rel=1e-12)
    assert by_name["China", f"{spending}|5.0th Percentile", 2019] == pytest.approx(in_2019.quantile(0.05), rel=1e-12)
    assert set(table.loc[table["variable"] == spending, "year"]) == {2019}  # 2018 has two quarters, 2020 one
    assert set(table.loc[table["variable"] == spending, "unit"]) == {"bn USD/yr"}

    held = run.vendors[(run.vendors["vendor"] == "eagle") & (run.vendors["market"] == "china")]
    at_end = held[held["date"] == pd.Timestamp("2018-10-01")]["share"].mean()
    assert by_name["China", "Cloud market|Share of the market's sales|Eagle", 2018] == pytest.approx(at_end, rel=1e-12)
    assert not table["variable"].str.startswith("Cloud market|Revenue|Other vendors")[table["region"] == "China"].any()


def test_a_share_that_is_none_and_a_run_without_paths_are_refused(run, compact):
    with pytest.raises(sim.ScenarioError, match="expected 0 to 1"):
        run.to_iamc((5,))
    bare = sim.run(compact({"months": 3}), draws=2, paths=0, workers=1)
    for ask in (bare.to_iamc, bare.to_xarray):
        with pytest.raises(sim.ScenarioError, match="kept no"):
            ask()
