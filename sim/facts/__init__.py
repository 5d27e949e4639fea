"""Real data with sources (the CSV files beside this module) and the one loader of it.

`find_fact("goods.2017.us_exports_to_china")` gives one number with its unit and its source; `table("goods_trade")`
gives a whole file. What each file holds, and which series must not be mixed, is in `README.md` here.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim.errors import ModelError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from sim.values import Estimate

__all__ = [
    "Fact",
    "find_fact",
    "load_facts",
    "month_ended",
    "own_facts",
    "posterior",
    "posteriors",
    "table",
    "table_names",
]

MONEY = "bn USD"
SHARE = "share of one"
RECALLED = "recalled"
UNVERIFIED = "unverified: recalled from general knowledge"


@dataclass(frozen=True)
class Fact:
    """One value from the data, with where it comes from."""

    key: str
    """Name by which a scenario refers to it."""
    value: float | str
    """A number, or text where `unit` is `text` or `date`."""
    unit: str
    """What the number counts; percent never occurs, it becomes a share of one."""
    source: str
    """Who says so."""
    source_url: str
    """Where it can be read; empty for recalled facts."""
    confidence: str
    """`found` or `recalled`."""
    file: str
    """Name of the CSV file."""
    line: int
    """Line of that file, counted from 1."""
    dated: dt.date | None = None
    """Day of which it speaks; None where it is of a year, or of no time."""
    known: dt.date | None = None
    """Day from which it was known: that on which it was announced (announced.csv), else the day of which it speaks,
    else the first after its year or quarter; None where it is of no time, so that it counts as known all along."""

    @property
    def citation(self) -> str:
        """One line for tables of assumptions: source, address, confidence."""
        confidence = UNVERIFIED if self.confidence == RECALLED else self.confidence
        return "; ".join(part for part in (self.source, self.source_url, confidence) if part)


@dataclass(frozen=True)
class _Measure:
    """A column that holds a fact in each row where it is not empty."""

    column: str
    suffix: str = ""
    """What follows the row's key in the key of the fact."""
    unit: str = ""
    """Unit of the whole column; empty where the file has a column `unit`."""


_MARKET = (_Measure("revenue_usd_bn", unit="usd_bn"), _Measure("share", ".share", "share"))
_AVERAGE = (_Measure("us_on_china", unit="percent"), _Measure("china_on_us", unit="percent"))

_MEASURES: Mapping[str, tuple[_Measure, ...]] = {
    "cloud_facts": (_Measure("value"),),
    "cloud_hardware_tariffs": (_Measure("rate_after", unit="percent"),),
    "cloud_hardware_trade": (
        _Measure("us_imports_usd_bn", unit="usd_bn"),
        _Measure("share_pct", ".share", "percent"),
        _Measure("duty_rate_pct", ".duty_rate", "percent"),
    ),
    "cloud_market_china": _MARKET,
    "cloud_market_global": _MARKET,
    "export_controls": (_Measure("action", unit="text"), _Measure("effect", ".effect", "text")),
    "goods_trade": (
        _Measure("us_imports_from_china_usd_bn", ".us_imports_from_china", "usd_bn"),
        _Measure("us_exports_to_china_usd_bn", ".us_exports_to_china", "usd_bn"),
    ),
    "phase_one": (_Measure("value"),),
    "sanction_threats": (
        _Measure("conceded_pct", ".conceded", "percent"),
        _Measure("stood_firm_pct", ".stood_firm", "percent"),
        _Measure("backed_down_pct", ".backed_down", "percent"),
    ),
    "services_trade": (
        _Measure("us_services_exports_to_china_usd_bn", ".us_exports_to_china", "usd_bn"),
        _Measure("us_services_imports_from_china_usd_bn", ".us_imports_from_china", "usd_bn"),
    ),
    "talks_calendar": (
        _Measure("outcome", unit="text"),
        _Measure("place", ".place", "text"),
        _Measure("start", ".start", "date"),
        _Measure("end", ".end", "date"),
    ),
    "tariff_average": _AVERAGE,
    "tariff_average_alt": _AVERAGE,
    "tariff_events": (
        _Measure("rate_after", unit="percent"),
        _Measure("trade_covered_usd_bn", ".trade_covered", "usd_bn"),
    ),
    "trade_threat_episodes": (_Measure("months", unit="months"),),
    "us_customs_monthly": (
        _Measure("customs_duties_usd_bn", unit="usd_bn_per_month"),
        _Measure("imports_usd_bn", ".imports", "usd_bn_per_month"),
    ),
    "us_customs_revenue": (
        _Measure("customs_duties_usd_bn", unit="usd_bn"),
        _Measure("imports_usd_bn", ".imports", "usd_bn"),
    ),
    "us_imports_by_origin": (
        _Measure("us_goods_imports_usd_bn", unit="usd_bn"),
        _Measure("share_of_us_imports_pct", ".share", "percent"),
    ),
    "us_tariff_by_origin": (
        _Measure("added_since_2025_pct", unit="percent"),
        _Measure("rate_2024_pct", ".rate_2024", "percent"),
    ),
    "trade_elasticities": (_Measure("value"), _Measure("std_error", ".std_error")),
}

_TEXT_UNITS = frozenset({"text", "date"})

_UNITS = {
    "usd_bn": MONEY,
    "usd_bn_per_year": f"{MONEY} a year",
    "usd_bn_per_month": f"{MONEY} a month",
    "share": SHARE,
    "fraction": SHARE,
    "fraction_per_year": f"{SHARE} a year",
    "percent": SHARE,
    "percentage points": SHARE,
    "percent_gdp": "share of GDP",
}
"""Units as the files write them -> as the product writes them; any other stays as it is written."""

_YEAR = re.compile(r"\d{4}$")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_PART = re.compile(r"[Qq][1-4]|[Hh][12]")
_LENGTHS = {"Q": 3, "H": 6}
"""Months of a quarter and of a half year."""
_MONTHS_OF_A_YEAR = 12

_IN_HUNDREDTHS = frozenset({"percent", "percentage points", "percent_gdp"})
_DECIMALS_OF_PERCENT = 2


def table_names() -> tuple[str, ...]:
    """Names that `table` knows, in alphabetical order."""
    return tuple(sorted(_MEASURES))


def table(name: str) -> pd.DataFrame:
    """One data file as it stands, so rates of tariffs are in percent here (in facts they are shares of one).

    Parameters
    ----------
    name
        File name without `.csv`, one of `table_names()`.

    Returns
    -------
    pandas.DataFrame
        A fresh copy, one row per line of the file; cells without a value are NaN.

    Raises
    ------
    ModelError
        If there is no such file.
    """
    import pandas as pd  # noqa: PLC0415 (slow to import, and scenarios need none of it)

    if name not in _MEASURES:
        raise ModelError(f"there is no data file {name!r}; the files are: {', '.join(table_names())}")
    with _file(name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream)


@cache
def load_facts() -> Mapping[str, Fact]:
    """Read every fact of every file, once.

    Returns
    -------
    Mapping
        Read-only, from key to `Fact`.

    Raises
    ------
    ModelError
        If two facts have the same key, or a number cannot be read.
    """
    facts: dict[str, Fact] = {}
    for name in table_names():
        for fact in _facts_of(name):
            if fact.key in facts:
                first = facts[fact.key]
                raise ModelError(f"{fact.file}:{fact.line}: key {fact.key} is also in {first.file}:{first.line}")
            facts[fact.key] = fact
    return MappingProxyType(facts)


def find_fact(key: str, own: Mapping[str, Fact] = MappingProxyType({})) -> Fact:
    """Give the fact of that key, from a user's own facts or from those of the program.

    Raises
    ------
    ScenarioError
        If there is none; the message names the nearest keys.
    """
    facts = {**own, **load_facts()}
    if key in facts:
        return facts[key]
    raise ScenarioError(f"there is no fact {key!r}{_hint(key, facts)}")


OWN_COLUMNS = ("key", "value", "unit", "source")
"""Columns that a user's own file of facts must have; `source_url` and `confidence` may stand beside them."""


def own_facts(folder: Path) -> Mapping[str, Fact]:
    """Read the facts of a user's own folder: every CSV file in it.

    Raises
    ------
    ScenarioError
        If there is none, or something in it is no fact; the message has file and line.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise ScenarioError(f"{folder}: there is no such folder with CSV files of facts ({','.join(OWN_COLUMNS)})")
    facts: dict[str, Fact] = {}
    for file in files:
        for fact in _own_facts(file):
            here, known = f"{file}:{fact.line}", {**facts, **load_facts()}.get(fact.key)
            if known is not None:
                raise ScenarioError(f"{here}: the key {fact.key} is also in {known.file}:{known.line}")
            facts[fact.key] = fact
    return MappingProxyType(facts)


def _own_facts(file: Path) -> Iterator[Fact]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            lacking = [column for column in OWN_COLUMNS if column not in (reader.fieldnames or ())]
            if lacking:
                raise ScenarioError(
                    f"{file}:1: lacks the column {', '.join(lacking)} (wanted: {', '.join(OWN_COLUMNS)})"
                )
            for row in reader:
                held = {column: (text or "").strip() for column, text in row.items() if column is not None}
                empty = [column for column in OWN_COLUMNS if not held[column]]
                if empty or None in row:
                    wrong = f"nothing stands in {', '.join(empty)}" if empty else "more cells than columns stand here"
                    raise ScenarioError(f"{file}:{reader.line_num}: {wrong}")
                yield _fact(
                    {"source_url": "", "confidence": "own", **held}, _Measure("value"), str(file), reader.line_num
                )
    except ModelError as error:
        raise ScenarioError(str(error)) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(f"{file}: cannot be read as a table of facts: {error}") from None


@cache
def posterior(name: str) -> Mapping[str, Estimate]:
    """Give what data say of numbers of the base scenario, as `cloudtrade fit` found it.

    Parameters
    ----------
    name
        Last month of the data behind it, `2021-12`; one of `posteriors()`.

    Returns
    -------
    Mapping
        From the dotted path of a number to its estimate; scores of different numbers go together by their loadings.

    Raises
    ------
    ScenarioError
        If there is none of that name.
    """
    if name not in posteriors():
        raise ScenarioError(f"there is no posterior {name!r}; known: {', '.join(posteriors())}")
    with (_posterior_folder() / f"{name}.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    paths = [row["number"] for row in rows]
    return MappingProxyType({row["number"]: _estimate(row, paths, name) for row in rows})


def _estimate(row: Mapping[str, str], paths: Sequence[str], name: str) -> Estimate:
    from sim.values import Estimate  # noqa: PLC0415 (the command names posteriors before it needs values)

    loadings = tuple((path, float(row[path])) for path in paths if row[path])
    low, middle, high = (float(row[quantile]) for quantile in ("p5", "p50", "p95"))
    return Estimate(float(row["score_mean"]), loadings, low, middle, high, name)


def posteriors() -> tuple[str, ...]:
    """Names that `posterior` knows, the latest last."""
    return tuple(
        sorted(file.name.removesuffix(".csv") for file in _posterior_folder().iterdir() if ".csv" in file.name)
    )


def month_ended(month: str) -> dt.date | None:
    """Give the first day after a month, 2022-01-01 for `2021-12`; None if it is none.

    So a cut-off is read, and a posterior, which is called after the last month of its data, is known from that day.
    """
    found = _MONTH.fullmatch(month)
    return _first_after(int(found[1]), int(found[2])) if found and 1 <= int(found[2]) <= _MONTHS_OF_A_YEAR else None


def _posterior_folder() -> Traversable:
    return resources.files(__name__) / "posteriors"


def _hint(key: str, facts: Mapping[str, Fact]) -> str:
    """Suggest keys that go on where this one stops, else keys spelt much like it."""
    longer = [known for known in facts if known.startswith(f"{key}.")]
    nearest = longer[:3] or difflib.get_close_matches(key, facts, n=3)
    return f"; did you mean {' or '.join(nearest)}?" if nearest else "; the keys are in the files of sim/facts/"


def _file(name: str) -> Traversable:
    return resources.files(__name__) / f"{name}.csv"


def _facts_of(name: str) -> Iterator[Fact]:
    """Read the facts of one file, row after row."""
    with _file(name).open(encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        for row in reader:
            for measure in _MEASURES[name]:
                if row[measure.column]:
                    yield _fact(row, measure, f"{name}.csv", reader.line_num)


def _fact(row: Mapping[str, str], measure: _Measure, file: str, line: int) -> Fact:
    unit = measure.unit or row["unit"]
    dated = _day(row.get("date") or row.get("start") or "")
    return Fact(
        key=row["key"] + measure.suffix,
        value=_value(row[measure.column], unit, f"{file}:{line}"),
        unit=_UNITS.get(unit, unit),
        source=row["source"],
        source_url=row["source_url"],
        confidence=row["confidence"],
        file=file,
        line=line,
        dated=dated,
        known=_day(row.get("announced") or "") or _announced().get(row["key"]) or dated or _time_over(row),
    )


def _time_over(row: Mapping[str, str]) -> dt.date | None:
    """Give the first day after the month, quarter or year of which a row speaks; None if it speaks of none."""
    return month_ended(row.get("month") or "") or year_ended(row.get("year") or "", row.get("quarter") or "")


@cache
def _announced() -> Mapping[str, dt.date]:
    """Read when facts were announced that are known before the time of which they speak, by key of the row."""
    with _file("announced").open(encoding="utf-8") as stream:
        return {row["key"]: dt.date.fromisoformat(row["announced"]) for row in csv.DictReader(stream)}


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def year_ended(year: str, part: str = "") -> dt.date | None:
    """Give the first day after a year, or several (`2020-2021`), or a part of one (Q1 to Q4, H1, H2); None if none is.

    A figure of a year is taken as known from then on, as `cloudtrade fit --cutoff` takes it.
    """
    last = _YEAR.search(year)
    if last is None:
        return None
    months = _LENGTHS[part[0].upper()] * int(part[1]) if _PART.fullmatch(part) else _MONTHS_OF_A_YEAR
    return _first_after(int(last[0]), months)


def _first_after(year: int, months: int) -> dt.date | None:
    """Give the first day after some months of a year."""
    years, month = divmod(months, _MONTHS_OF_A_YEAR)
    return dt.date(year + years, month + 1, 1) if dt.MINYEAR <= year < dt.MAXYEAR else None


def _value(text: str, unit: str, where: str) -> float | str:
    """Give the cell as text, or as a number with percent turned into a share of one."""
    if unit in _TEXT_UNITS:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ModelError(f"{where}: {text!r} is no number, though its unit is {unit}") from None
    if not number.is_finite():
        raise ModelError(f"{where}: {text!r} is not finite")
    # In decimal arithmetic, so that 8.37 percent is the very float 0.0837.
    return float(number.scaleb(-_DECIMALS_OF_PERCENT) if unit in _IN_HUNDREDTHS else number)
