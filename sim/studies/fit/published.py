"""Published figures of cloud markets and goods trade, as observations of what a run gives, with how exact they are."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.facts import table
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from sim.studies.fit.fit_settings import Settings

SHARE, TOTAL, IMPORTS, EXPORTS = "share", "total", "imports", "exports"
"""Kinds of series: a vendor's share, the size of a market, and a country's goods imports and exports."""
UNITS = {SHARE: "share of one", TOTAL: "bn USD", IMPORTS: "bn USD", EXPORTS: "bn USD"}
_GOODS = {IMPORTS: "us_imports_from_china_usd_bn", EXPORTS: "us_exports_to_china_usd_bn"}
_MARKET_COLUMNS = ("year", "quarter", "vendor", "revenue_usd_bn", "share", "source")
_GOODS_COLUMNS = ("year", *_GOODS.values())
_WHOLE_YEAR = "FY"
_HALF_POINT = 0.005 / math.sqrt(3.0)
"""Standard deviation of what rounding to whole percent hides."""


@dataclass(frozen=True)
class Period:
    """Some quarters in a row.

    Attributes
    ----------
    start
        First day.
    months
        Length.
    """

    start: dt.date
    months: int

    @property
    def end(self) -> dt.date:
        """First day after it."""
        months = self.start.month - 1 + self.months
        return dt.date(self.start.year + months // MONTHS_PER_YEAR, months % MONTHS_PER_YEAR + 1, 1)

    def __str__(self) -> str:
        if self.months == MONTHS_PER_YEAR:
            return str(self.start.year)
        return f"{self.start.year} Q{(self.start.month - 1) // MONTHS_PER_QUARTER + 1}"


@dataclass(frozen=True)
class Observation:
    """One published figure.

    Attributes
    ----------
    key
        Name of its row.
    kind
        `SHARE`, `TOTAL`, `IMPORTS` or `EXPORTS`.
    market
        Market that it is about; all together if empty.
    member
        Vendor of a share, country of goods trade; empty for a total.
    period
        When.
    value
        The figure, in the unit of its kind.
    log_sd
        Standard deviation of its error, log points.
    definition_sd
        The part of that which comes from another definition of the market, log points.
    doubt_sd
        The part of that which comes from what is known to be wrong with it, log points.
    """

    key: str
    kind: str
    market: str
    member: str
    period: Period
    value: float
    log_sd: float = math.nan
    definition_sd: float = 0.0
    doubt_sd: float = 0.0

    @property
    def series(self) -> str:
        """Name of the series that it belongs to: `share.china.alibaba`."""
        return ".".join(filter(None, (self.kind, self.market or "world", self.member)))


def read_observations(settings: Settings, directory: Path | None = None) -> list[Observation]:
    """Read all figures that the settings count as comparable.

    Parameters
    ----------
    settings
        Which definitions are comparable, and what vendors are called.
    directory
        Where the files are; those of the package if None.

    Raises
    ------
    ScenarioError
        If a file is missing or has not the columns it needs.
    """
    found: list[Observation] = []
    for name, market in settings.markets.items():
        found += _of_market(rows_of(name, settings, directory), market, settings)
    found += _of_goods(rows_of(settings.goods_file, settings, directory), settings)
    return found


def known_at(observations: Sequence[Observation], cutoff: dt.date) -> list[Observation]:
    """Keep what was known on the first day after a cut-off: periods that had ended by then."""
    return [one for one in observations if one.period.end <= cutoff]


def with_doubts(observations: Sequence[Observation], cutoff: dt.date, settings: Settings) -> list[Observation]:
    """Mark the figures of which it was known on the first day after a cut-off that they are less exact than others."""
    known = [doubt for doubt in settings.doubtful if doubt.known_since <= cutoff]
    return [
        replace(one, doubt_sd=max((doubt.log_sd for doubt in known if one.key.startswith(doubt.begin)
                                   and one.kind in doubt.kinds), default=0.0))
        for one in observations
    ]  # fmt: skip


def with_errors(observations: Sequence[Observation], settings: Settings) -> list[Observation]:
    """Give each observation its measurement error: a floor, rounding, and how far figures of one year disagree.

    The disagreement is pooled over the years of a series: the standard deviation of the logs of its figures for one
    calendar year around their mean, which holds restatements, other tables and the trend within a year.
    """
    groups: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in observations:
        if one.definition_sd == one.doubt_sd == 0 and (one.kind == SHARE or one.period.months == MONTHS_PER_YEAR):
            groups[one.series][one.period.start.year].append(math.log(one.value))
    spreads = {series: _pooled_sd(years.values()) for series, years in groups.items()}
    return [replace(one, log_sd=_error(one, spreads.get(one.series, 0.0), settings)) for one in observations]


def judged(settings: Settings) -> list[Observation]:
    """Give the shares that stand in the settings since nobody has published them, with their errors."""
    return [
        Observation(one.key, SHARE, one.market, one.vendor, period, one.share, log_sd=one.log_sd)
        for one in settings.judged
        if (period := _period({"year": one.year, "quarter": one.quarter})) is not None
    ]


def _error(one: Observation, spread: float, settings: Settings) -> float:
    floor = settings.measurement[one.kind]
    rounding = _HALF_POINT / one.value if one.kind == SHARE else 0.0
    return math.hypot(floor, rounding, spread, one.definition_sd, one.doubt_sd)


def _pooled_sd(groups: Any) -> float:
    squares, degrees = 0.0, 0
    for group in groups:
        squares += float(np.square(np.asarray(group) - np.mean(group)).sum())
        degrees += len(group) - 1
    return math.sqrt(squares / degrees) if degrees else 0.0


def rows_of(name: str, settings: Settings, directory: Path | None) -> pd.DataFrame:
    """Read a file, of the package if no folder is given; raw files get the columns `key` and `definition`.

    Raises
    ------
    ScenarioError
        If it is missing, no table, or lacks other columns.
    """
    if directory is None:
        return table(name)
    path = directory / f"{name}.csv"
    try:
        rows = pd.read_csv(path)
    except (OSError, ValueError) as problem:
        raise ScenarioError(f"{path}: cannot be read as a table ({problem})") from problem
    _check_columns(rows, _GOODS_COLUMNS if name == settings.goods_file else _MARKET_COLUMNS, path)
    return rows if "key" in rows else _with_keys(rows, settings.markets.get(name, "goods"), settings)


def _with_keys(rows: pd.DataFrame, market: str, settings: Settings) -> pd.DataFrame:
    """Name each row as the package's files do: `china.2020.q4.huawei.canalys`, with an ending if it is left out."""
    if "vendor" not in rows:
        return rows.assign(key=[f"{market}.{year}" for year in rows["year"]])
    sources = rows["source"].fillna("").astype(str)
    definitions = [_definition(source, settings) for source in sources]
    left_out = [any(words in source for words in settings.left_out_sources) for source in sources]
    parts = zip(rows["year"], rows["quarter"], rows["vendor"], definitions, left_out, strict=True)
    keys = [
        f"{market or 'world'}.{year}.{str(quarter).lower()}.{_slug(vendor)}.{definition}{settings.left_out[0] * out}"
        for year, quarter, vendor, definition, out in parts
    ]
    return rows.assign(key=keys, definition=definitions)


def _definition(source: str, settings: Settings) -> str:
    """Give what a source counts; the source itself where the settings do not know it."""
    fitting = (one for one in settings.sources if source.startswith(one.begins) and one.holds in source)
    return next((one.definition for one in fitting), source)


def _slug(vendor: object) -> str:
    return re.sub(r"[^a-z0-9]+", "_", str(vendor).lower()).strip("_")


def _of_market(rows: pd.DataFrame, market: str, settings: Settings) -> Iterator[Observation]:
    wanted = {**dict.fromkeys(settings.definitions, 0.0), **settings.wider}
    comparable = rows[rows["definition"].isin(wanted) & ~rows["key"].str.endswith(settings.left_out)]
    totals = _totals(comparable, settings)
    for row in comparable.to_dict("records"):
        name, period, wider = settings.vendors.get(str(row["vendor"])), _period(row), wanted[row["definition"]]
        if name is None or period is None:
            continue
        if name == TOTAL and not wider:
            yield Observation(row["key"], TOTAL, market, "", period, float(row["revenue_usd_bn"]))
        elif name != TOTAL and (share := _share(row, totals.get(_table(row)))) > 0:
            yield Observation(row["key"], SHARE, market, name, period, share, definition_sd=wider)


def _totals(rows: pd.DataFrame, settings: Settings) -> dict[tuple[Any, ...], float]:
    return {
        _table(row): float(row["revenue_usd_bn"])
        for row in rows.to_dict("records")
        if settings.vendors.get(str(row["vendor"])) == TOTAL
    }


def _table(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return row["definition"], row["year"], row["quarter"]


def _share(row: Mapping[Any, Any], total: float | None) -> float:
    """Give a share as published, or of the published revenue; NaN where neither is known."""
    if pd.notna(row["share"]):
        return float(row["share"])
    return float(row["revenue_usd_bn"]) / total if total else math.nan


def _period(row: Mapping[Any, Any]) -> Period | None:
    """Read year and quarter; half years and others are left out."""
    year, quarter = int(row["year"]), str(row["quarter"])
    if quarter == _WHOLE_YEAR:
        return Period(dt.date(year, 1, 1), MONTHS_PER_YEAR)
    if quarter[0] == "Q":
        return Period(dt.date(year, (int(quarter[1]) - 1) * MONTHS_PER_QUARTER + 1, 1), MONTHS_PER_QUARTER)
    return None


def _of_goods(rows: pd.DataFrame, settings: Settings) -> Iterator[Observation]:
    for row in rows.to_dict("records"):
        for kind, column in _GOODS.items():
            if pd.notna(row[column]):
                period = Period(dt.date(int(row["year"]), 1, 1), MONTHS_PER_YEAR)
                yield Observation(row["key"], kind, "", settings.goods_country, period, float(row[column]))


def _check_columns(rows: pd.DataFrame, wanted: Sequence[str], path: Path) -> None:
    if "key" in rows:  # files of the package's own form say what they count; of raw ones the source tells
        wanted = [column.replace("source", "definition") for column in wanted]
    missing = [column for column in wanted if column not in rows]
    if missing:
        raise ScenarioError(f"{path}: no column {', '.join(missing)}; expected {', '.join(wanted)}")
