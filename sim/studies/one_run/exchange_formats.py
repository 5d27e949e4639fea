"""Recorded paths in the forms of other libraries: a dataset of xarray, and the long table of the IAMC for pyam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.columns import COLUMNS, DIMS, PATH_TABLES, Column
from sim.report.kpi_names import capitalised
from sim.report.statistics import PERCENT
from sim.runs.run_data import RunData
from sim.scenario.describing import Collection, title_of
from sim.studies.one_run.data_package import KINDS

if TYPE_CHECKING:
    import xarray

IAMC = ("model", "scenario", "region", "variable", "unit", "year", "value")
"""Columns of the long table."""
_IAMC_TABLES: dict[str, tuple[str, Collection, Collection | None]] = {
    "vendors": ("Cloud market", "markets", "vendors"),
    "markets": ("Cloud market", "markets", None),
    "countries": ("Country", "countries", None),
}
"""Tables that it holds: first word of their variables, what their regions are, and whose name stands last."""
_LAST_QUARTER = 4


def dataset_of(result: RunData) -> xarray.Dataset:
    """Lay out the recorded paths of a run as a dataset of xarray, as `RunResult.to_xarray` says."""
    try:
        import xarray  # noqa: PLC0415 (only who asks for it needs it)
    except ImportError as missing:
        raise ScenarioError("a dataset needs xarray: pip install 'cloudtrade[xarray]'") from missing
    held: dict[str, Any] = {}
    for table in PATH_TABLES:
        frame, dims = result.tables[table], ("draw", "date", *DIMS[table])
        places, members = zip(*(pd.factorize(frame[dim]) for dim in dims), strict=True)
        coordinates = {dim: np.asarray(found) for dim, found in zip(dims, members, strict=True)}
        for column in (column for column in COLUMNS if column.table == table):
            values = frame[column.name].to_numpy()
            kind = np.float64 if values.dtype.kind in "fiu" else object
            whole = np.full([len(found) for found in members], np.nan if kind is np.float64 else "", dtype=kind)
            whole[places] = values
            about = {"units": column.unit, "long_name": column.title, "description": KINDS[column.kind]}
            words = whole if kind is np.float64 else whole.astype(str)
            held[f"{table}_{column.name}"] = xarray.DataArray(words, coordinates, dims, attrs=about)
    origin = {"title": result.scenario.title, "scenario": result.name, "seed": str(result.seed)}
    return xarray.Dataset(held, attrs=origin | {"content_hash": result.manifest["content_hash"]})


def iamc_table(result: RunData, quantiles: Sequence[float]) -> pd.DataFrame:
    """Lay out the recorded paths of a run by year as the IAMC does, as `RunResult.to_iamc` says."""
    for quantile in quantiles:
        if not 0.0 <= quantile <= 1.0:
            raise ScenarioError(f"quantiles: {quantile} is no share of the draws; expected 0 to 1, such as 0.05")
    model = f"cloudtrade {result.manifest['versions']['cloudtrade']}"
    parts = [
        part.assign(model=model, scenario=result.name)
        for column in COLUMNS
        if column.table in _IAMC_TABLES
        for part in _series(result, column, quantiles)
    ]
    return pd.concat(parts, ignore_index=True)[list(IAMC)]


def _series(result: RunData, column: Column, quantiles: Sequence[float]) -> Iterator[pd.DataFrame]:
    """Mean and quantiles of a column by region and year, those of vendors who sell nothing in a market left out."""
    frame = result.tables[column.table]
    if not pd.api.types.is_numeric_dtype(frame[column.name]):
        return
    first, regions, owners = _IAMC_TABLES[column.table]
    by_year = _by_year(frame, column)
    title = f"{first}|{capitalised(column.title)}"
    unit = f"{column.unit}/yr" if column.kind == "flow" else column.unit
    for names, held in by_year.groupby(list(DIMS[column.table]), observed=True, sort=False):
        *owner, region = map(str, names)
        variable = "|".join([title, *(title_of(result.scenario, owners, name) for name in owner if owners)])
        values = held.groupby("year")["value"]
        found = {variable: values.mean()}
        found |= {f"{variable}|{PERCENT * q:.1f}th Percentile": values.quantile(q) for q in quantiles}
        where = title_of(result.scenario, regions, region)
        for name, series in found.items():
            yield series.reset_index().assign(region=where, variable=name, unit=unit)


def _by_year(frame: pd.DataFrame, column: Column) -> pd.DataFrame:
    """Sum flows over each whole year, and take levels at the end of each; draw, year, members of the axes, value."""
    dims = list(DIMS[column.table])
    if column.table == "vendors":
        sells = frame.groupby(dims, observed=True)["revenue_bn"].transform("max") > 0.0
        frame = frame[sells]
    dates = frame["date"].dt
    held = frame[["draw", *dims]].assign(year=dates.year, value=frame[column.name], quarters=1)
    if column.kind == "level":
        return held[dates.quarter == _LAST_QUARTER]
    sums = held.groupby(["draw", *dims, "year"], observed=True, sort=False)[["value", "quarters"]].sum().reset_index()
    return sums[sums["quarters"] == _LAST_QUARTER]
