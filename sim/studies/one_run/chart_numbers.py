"""The numbers behind each saved chart as a tidy table, with units in the names of the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.report.kpi_names import UNITS
from sim.report.statistics import HIGH, LOW, PERCENT, Band, band, shares_of_draws
from sim.scenario.schema import Presence
from sim.studies.deals.deal_charts import shares_over_talks
from sim.studies.deals.deal_tables import packages
from sim.studies.one_run.market_charts import mean_places, shares_in_place
from sim.studies.one_run.welfare_charts import welfare_parts

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.studies.compare.comparison import Comparison
    from sim.studies.deals.deal_space import DealSpace

_DIFFERENCE_COLUMNS = ("mean", "mean_low", "mean_high", "p5", "p95")


def numbers_of_shares(result: RunData) -> pd.DataFrame:
    """Shares of the vendors in the focus market: vendor, home, quarter, and quantiles over draws in percent."""
    market = result.scenario.focus.market
    return pd.concat(
        [
            _spread(band(result.bands, "vendors", "share", vendor=name, market=market), "share", "percent", PERCENT)
            .assign(vendor=name, home=vendor.home)
            for name, vendor in result.scenario.vendors.items()
        ],
        ignore_index=True,
    )  # fmt: skip


def numbers_of_presence(result: RunData) -> pd.DataFrame:
    """How foreign vendors are present in the focus market: vendor, presence, quarter, percent of draws."""
    market = result.scenario.focus.market
    country = result.scenario.markets[market].country
    kinds = [presence.name.lower() for presence in Presence]
    tables = [
        _long(shares_of_draws(result.frequencies, "presence", kinds, vendor=name, market=market) * PERCENT,
              "quarter", "presence", "draws_percent").assign(vendor=name)
        for name, vendor in result.scenario.vendors.items()
        if vendor.home != country
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def numbers_of_price_index(result: RunData) -> pd.DataFrame:
    """Price index of each market: market, quarter, and quantiles over draws (1 at the base date)."""
    tables = [
        _spread(band(result.bands, "markets", "price_index", market=market), "price", "index").assign(market=market)
        for market in result.scenario.markets
    ]
    return pd.concat(tables, ignore_index=True)


def numbers_of_ranking(result: RunData) -> pd.DataFrame:
    """Places in the world: vendor, quarter, mean place, percent of draws in the place that the scenario watches."""
    watched = result.scenario.focus.rank
    places = _long(mean_places(result), "quarter", "vendor", "mean_place")
    held = _long(shares_in_place(result, watched) * PERCENT, "quarter", "vendor", f"in_place_{watched}_percent")
    return places.merge(held, on=["quarter", "vendor"])


def numbers_of_goods(result: RunData) -> pd.DataFrame:
    """Goods exports and average tariffs: country, quarter, mean and quantiles over draws."""
    tables = []
    for country in result.scenario.countries:
        exports = band(result.bands, "countries", "exports_bn", country=country)
        tariff = band(result.bands, "countries", "average_tariff", country=country)
        columns = _spread(exports, "exports", "bn_usd_a_quarter").merge(
            _spread(tariff, "average_tariff", "percent", PERCENT), on="quarter"
        )
        tables.append(columns.assign(country=country))
    return pd.concat(tables, ignore_index=True)


def numbers_of_welfare(result: RunData) -> pd.DataFrame:
    """Welfare over the run: country, part (the sum last), mean and quantiles over draws in bn USD."""
    tables = [_parts(welfare_parts(result, country)).assign(country=country) for country in result.scenario.countries]
    return pd.concat(tables, ignore_index=True)


def numbers_of_talks(result: RunData) -> pd.DataFrame:
    """How the talks stand: month, state, percent of draws."""
    return _long(shares_over_talks(result) * PERCENT, "month", "state", "draws_percent")


def numbers_of_differences(comparison: Comparison) -> pd.DataFrame:
    """Main differences as the chart has them: scenario, kpi, unit, mean, both intervals, verdict."""
    rows = comparison.differences[comparison.differences["kpi"].isin(comparison.main_kpis)]
    factors = rows["unit"].map({name: unit.factor for name, unit in UNITS.items()})
    scaled = {column: rows[column] * factors for column in _DIFFERENCE_COLUMNS}
    units = rows["unit"].map({name: unit.difference_axis for name, unit in UNITS.items()})
    table = rows.assign(**scaled, unit=units)
    return table[["scenario", "kpi", "unit", *_DIFFERENCE_COLUMNS, "distinguishable", "verdict"]]


def numbers_of_welfare_differences(comparison: Comparison) -> pd.DataFrame:
    """Differences in welfare: scenario, country, part (the sum last), mean and quantiles over draws in bn USD."""
    tables = [
        _parts((welfare_parts(run, country) - welfare_parts(comparison.reference, country)).dropna()).assign(
            scenario=name, country=country
        )
        for run, name in zip(comparison.others, comparison.labels, strict=True)
        for country in comparison.reference.scenario.countries
    ]
    return pd.concat(tables, ignore_index=True)


def numbers_of_drivers(comparison: Comparison) -> pd.DataFrame:
    """Inputs and how they go with the difference in the KPI of the chart; columns as `Comparison.drivers` has them."""
    return comparison.drivers(comparison.headline_kpis[0])


def numbers_of_deal_space(space: DealSpace) -> pd.DataFrame:
    """Packages: what each is worth to both governments, and which are on the frontier; as `packages.csv` has them."""
    return packages(space)


def _spread(path: Band, name: str, unit: str, factor: float = 1.0) -> pd.DataFrame:
    """Write a band as columns: quarter (its first day), and mean and quantiles of the draws."""
    held = {"mean": path.mean, "p5": path.low, "p50": path.middle, "p95": path.high}
    columns = {f"{name}_{what}_{unit}": values * factor for what, values in held.items()}
    return pd.DataFrame({"quarter": path.dates, **columns})


def _parts(parts: pd.DataFrame) -> pd.DataFrame:
    columns = {"mean_bn_usd": parts.mean(), "p5_bn_usd": parts.quantile(LOW), "p95_bn_usd": parts.quantile(HIGH)}
    return pd.DataFrame(columns).rename_axis("part").reset_index()


def _long(wide: pd.DataFrame, date: str, name: str, value: str) -> pd.DataFrame:
    """Turn a table with dates down and names across into one with a row for each value."""
    return wide.rename_axis(index=date, columns=name).reset_index().melt(date, value_name=value)
