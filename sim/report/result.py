"""One run's tables, and the folder that keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pandas.api.types import is_numeric_dtype

from sim.errors import ScenarioError
from sim.report.charts import save_charts
from sim.report.drivers import drivers_of_result
from sim.report.folder import MANIFEST, RESULT, current, read_manifest, replace_folder
from sim.report.kpi_names import check_known
from sim.report.statistics import number_columns, summarise
from sim.scenario.loading import dump, load
from sim.scenario.schema import Scenario

SCENARIO, SUMMARY, CHARTS = "scenario.yaml", "summary.csv", "charts"
"""Names inside a result folder, beside one parquet file for each table."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "kpis": ("draw",),
    "vendors": (
        "draw", "date", "vendor", "market", "presence", "share", "revenue_bn", "profit_bn", "capex_bn", "price",
        "capacity_units",
    ),
    "countries": (
        "draw", "date", "country", "exports_bn", "imports_bn", "average_tariff", "tariff_revenue_bn",
        "consumer_loss_bn", "exporter_loss_bn", "deadweight_loss_bn", "vendor_profit_bn", "partner_income_bn",
        "customer_surplus_bn", "welfare_bn",
    ),
    "markets": (
        "draw", "date", "market", "total_bn", "unmet_bn", "price_index", "foreign_share", "hhi", "customer_surplus_bn",
    ),
    "events": ("draw", "date", "actor", "event", "detail"),
    "inputs": ("draw",),
}  # fmt: skip
"""Tables of a result and the columns that each has at least."""


@dataclass(frozen=True, eq=False)
class RunResult:
    """What one run of a scenario gave.

    Amounts of a quarter are flows of that quarter; shares, prices, capacity and presence are as at its end.

    Attributes
    ----------
    scenario
        The scenario that was run.
    kpis
        One row per draw: `draw` and one column per KPI, whose name ends in its time basis and unit.
    vendors
        One row per draw, quarter (its first day), vendor and market.
    countries
        One row per draw, quarter and country.
    markets
        One row per draw, quarter and market.
    events
        Who did what, when, in which draw.
    inputs
        One row per draw: `draw` and one column per uncertain number that the run drew, by dotted path.
    manifest
        Scenario hash, seed, draws, versions of the packages, git commit, start, seconds, and `format`.
    """

    scenario: Scenario
    kpis: pd.DataFrame
    vendors: pd.DataFrame
    countries: pd.DataFrame
    markets: pd.DataFrame
    events: pd.DataFrame
    inputs: pd.DataFrame
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.kpis)

    @property
    def seed(self) -> int:
        """Seed of the random streams; draws of two runs can be paired if it is the same."""
        return int(self.manifest["seed"])

    def summary(self) -> pd.DataFrame:
        """Summarise each KPI: kpi, unit, basis, mean, sd, p5, p50, p95, and the number of draws with a value."""
        return summarise(self.kpis)

    def drivers(self, kpi: str) -> pd.DataFrame:
        """Rank the uncertain numbers by how strongly a KPI goes with them; see `Comparison.drivers` for the columns.

        Parameters
        ----------
        kpi
            Name of a KPI.

        Raises
        ------
        ScenarioError
            If there is no such KPI.
        """
        check_known(kpi, number_columns(self.kpis), "KPI of this result")
        return drivers_of_result(self, kpi)

    def save(self, directory: str | Path, charts: bool = True) -> Path:
        """Write the result folder; an older one is replaced when the new one is finished, not before.

        Parameters
        ----------
        directory
            The folder itself, such as results/status_quo.
        charts
            Whether to draw the charts too, which takes longest.

        Raises
        ------
        ScenarioError
            If the place cannot be written, or holds something else than a result folder.
        """
        return replace_folder(directory, RESULT, partial(_write, self, charts=charts))


def read(directory: str | Path) -> RunResult:
    """Read a result folder.

    Raises
    ------
    ScenarioError
        If it is missing, damaged, or of another version; the message says which file and what to do.
    """
    folder = current(directory)
    manifest = read_manifest(folder)
    missing = [name for name in (SCENARIO, *map(_file, COLUMNS)) if not (folder / name).is_file()]
    if missing:
        raise ScenarioError(f"{folder}: damaged, {', '.join(missing)} missing; run the scenario again")
    tables = {table: _read_table(folder / _file(table), columns) for table, columns in COLUMNS.items()}
    if len(tables["kpis"]) != manifest.get("draws"):
        raise ScenarioError(
            f"{folder / _file('kpis')}: damaged, {len(tables['kpis'])} draws where {MANIFEST} says "
            f"{manifest.get('draws')}; run the scenario again"
        )
    worded = [kpi for kpi in number_columns(tables["kpis"]) if not is_numeric_dtype(tables["kpis"][kpi])]
    if worded:
        raise ScenarioError(
            f"{folder / _file('kpis')}: damaged, no numbers in {', '.join(worded)}; run the scenario again"
        )
    return RunResult(scenario=load(folder / SCENARIO), manifest=manifest, **tables)


def _file(table: str) -> str:
    return f"{table}.parquet"


def _write(result: RunResult, folder: Path, charts: bool) -> None:
    (folder / SCENARIO).write_text(dump(result.scenario), encoding="utf-8")
    for table in COLUMNS:
        write_table(getattr(result, table), folder / _file(table))
    result.summary().to_csv(folder / SUMMARY, index=False)
    if charts:
        save_charts(result, folder / CHARTS)
    (folder / MANIFEST).write_text(json.dumps(result.manifest, indent=2) + "\n", encoding="utf-8")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as parquet; columns of words become dictionaries."""
    table.to_parquet(path, engine="pyarrow", index=False, compression="zstd", write_page_checksum=True)


def _read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path, engine="pyarrow", page_checksum_verification=True)
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise ScenarioError(f"{path}: damaged ({problem}); run the scenario again") from problem
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ScenarioError(f"{path}: damaged, without the columns {', '.join(missing)}; run the scenario again")
    return _with_empty_categories(table)


def _with_empty_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Give columns of words in which no word occurs their type again: parquet keeps no dictionary without entries."""
    wordless = [column for column in table if table[column].dtype == object and table[column].isna().all()]
    return table.astype(dict.fromkeys(wordless, "category"))
