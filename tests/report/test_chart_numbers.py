"""Each saved chart has its numbers beside it, and they are those that the chart shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.report.drawn_chart import drawn_charts
from sim.report.folder_files import FolderFiles
from sim.runs.parquet import to_parquet
from sim.studies.compare.comparison import compare
from sim.studies.compare.difference_charts import numbers_of_differences
from sim.studies.one_run.goods_charts import numbers_of_goods
from sim.studies.one_run.market_charts import (
    numbers_of_presence,
    numbers_of_price_index,
    numbers_of_ranking,
    numbers_of_shares,
    plot_price_index,
    plot_shares,
)
from sim.studies.one_run.run_page import RUN_CHARTS
from sim.studies.one_run.welfare_charts import numbers_of_welfare, plot_welfare


def lines_of(figure):
    return [np.asarray(line.get_ydata(), dtype=float) for axes in figure.axes for line in axes.lines]


def test_every_chart_of_a_run_has_its_numbers_in_a_file_of_the_same_name(result, tmp_path):
    FolderFiles(charts=drawn_charts(RUN_CHARTS, result)).write(tmp_path, to_parquet)
    charts = list(tmp_path.glob("*.svg"))
    assert {path.stem for path in tmp_path.glob("*.csv")} == {path.stem for path in charts}
    assert {path.stem for path in charts} == {chart.name for chart in RUN_CHARTS if chart.has_something(result)}
    for chart in charts:
        numbers = pd.read_csv(chart.with_suffix(".csv"))
        assert len(numbers)
        assert not [column for column in numbers if column.startswith("Unnamed")]


@pytest.mark.parametrize(("plot", "numbers", "column"), [
    (plot_shares, numbers_of_shares, "share_p50_percent"),
    (plot_price_index, numbers_of_price_index, "price_p50_index"),
])  # fmt: skip
def test_the_lines_of_a_chart_are_in_its_numbers(result, plot, numbers, column):
    table = numbers(result)
    key = "vendor" if "vendor" in table else "market"
    drawn = lines_of(plot(result))
    found = 0
    for _, rows in table.groupby(key, observed=True):
        path = rows.sort_values("quarter")[column].to_numpy()
        found += any(line.shape == path.shape and np.allclose(line, path) for line in drawn)
    assert found == table.loc[table[column.replace("p50", "p95")] > 0.05, key].nunique()


def test_the_numbers_of_goods_are_means_and_quantiles_over_draws(result):
    table = numbers_of_goods(result)
    paths = result.countries.astype({"country": "str"})
    for row in table.sample(5, random_state=1).to_dict("records"):
        draws = paths[(paths["country"] == row["country"]) & (paths["date"] == row["quarter"])]
        assert row["exports_mean_bn_usd_a_quarter"] == pytest.approx(draws["exports_bn"].mean())
        assert row["average_tariff_p95_percent"] == pytest.approx(100 * draws["average_tariff"].quantile(0.95))


def test_the_numbers_of_presence_add_up_to_all_draws(result):
    table = numbers_of_presence(result)
    sums = table.groupby(["vendor", "quarter"])["draws_percent"].sum()
    assert sums.to_numpy() == pytest.approx(100)


def test_each_place_that_the_scenario_watches_is_held_by_one_vendor(result):
    table = numbers_of_ranking(result)
    (column,) = [name for name in table if name.startswith("in_place_")]
    assert table.groupby("quarter")[column].sum().to_numpy() == pytest.approx(100)


def test_the_bars_of_welfare_are_in_its_numbers(result):
    bars = [bar.get_width() for axes in plot_welfare(result).axes for bar in axes.patches]
    assert bars == pytest.approx(numbers_of_welfare(result)["mean_bn_usd"].tolist())


def test_the_numbers_of_differences_have_the_units_of_the_chart(make_result):
    comparison = compare([make_result(), make_result(shift=1, name="pilot")])
    table = numbers_of_differences(comparison)
    rows = comparison.differences.set_index("kpi")
    assert table["kpi"].tolist() == [kpi for kpi in rows.index if kpi in comparison.main_kpis]
    for row in table.to_dict("records"):
        factor = 100 if row["unit"] == "percentage points" else 1
        assert row["mean"] == pytest.approx(factor * rows.loc[row["kpi"], "mean"])
