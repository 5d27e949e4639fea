"""What the tables of a folder hold, for other programs: `datapackage.json`, a Frictionless Data Package.

Fields are those of the files. What they mean comes from where it is declared: columns of paths from
`sim.model.columns`, figures from the ending of their names, drawn numbers from the scenario, those of studies from
their pages and `column_words`.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.api.types import is_numeric_dtype

from sim.errors import ModelError
from sim.model.columns import COLUMNS
from sim.model.kpis import CUM
from sim.report.kpi_names import NAME_UNIT, UNITS, basis_in_words, parse, stored_unit
from sim.runs.address import Place
from sim.runs.run_data import COLUMNS as TABLES_IN_PARTS
from sim.runs.run_data import COLUMNS_OF_PARTS, WHOLE_TABLES, RunData
from sim.scenario.describing import values_of
from sim.scenario.schema import Scenario
from sim.studies.one_run.column_words import words_of_column
from sim.studies.one_run.main_kpis import labelling
from sim.values import Number

PACKAGE = "datapackage.json"
"""File that says what the tables of a folder hold."""
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
KINDS = {"flow": "sum over the quarter that begins on this date", "level": "at the end of the quarter"}
"""What the kinds of columns mean, in words."""
KEYS = {
    "draw": "number of the draw",
    "date": "first day of the quarter, of events that of the month",
    "year": "calendar year",
    "vendor": "key of the vendor in the scenario",
    "market": "key of the market in the scenario",
    "country": "key of the country in the scenario",
    "channel": "vendor, market, and partner, zone or way of selling, with dots between",
    "actor": "who did it",
    "event": "what was done",
    "detail": "more of it",
    "digest": "fingerprint of all tables of the draw",
    "table": "table that the quantity stands in",
    "column": "column of that table",
    "share": "share of the draws, share of one",
    "draws": "number of draws that have a value",
    "mean": "mean over draws",
    "sd": "standard deviation of draws",
    **{f"p{percent}": f"quantile of draws, {percent} % lie below" for percent in (5, 25, 50, 75, 95)},
    "low": "least of all draws",
    "high": "largest of all draws",
    "kpi": "name of the figure, a column of kpis",
    "unit": "unit that the name ends with",
    "basis": "time that the figure is about",
}
"""What columns of a result's tables mean that no declaration is about."""
TABLES = {*TABLES_IN_PARTS, *WHOLE_TABLES, "summary"}
"""Tables of which these are columns; those that pages show have words for people in columns of such names."""
_TYPES = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_temporal, "datetime"),
)
POSTERIOR, LOADING = (
    "posterior",
    {"unit": "one", "description": "loading of the score on the independent normal of this number"},
)
_RECORDED = {(held.table, held.name): held for held in COLUMNS}
GAIN_IN_DEAL = "part of what the package is worth to the country"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MEDIA = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv", "yaml": "application/yaml"}


def write_package(
    folder: Place, scenario: Scenario, titles: Mapping[tuple[str, str], str] = MappingProxyType({})
) -> None:
    """Describe all tables and scenarios of a folder that is otherwise filled.

    Parameters
    ----------
    folder
        Where `datapackage.json` goes.
    scenario
        What the folder is about.
    titles
        What its page calls columns, by table and column.
    """
    numbers = {
        value.name: {"unit": value.unit, "description": source}
        for _, value, source in values_of(scenario)
        if isinstance(value, Number)
    }
    about = _About(labelling(scenario), numbers, titles)
    package = {
        "$schema": PROFILE,
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.question.strip(),
        "sources": [{"title": source} for source in scenario.sources],
        "resources": list(_resources(folder, about)),
    }
    kept = {name: value for name, value in package.items() if value}
    (folder / PACKAGE).write((json.dumps(kept, indent=1, ensure_ascii=False) + "\n").encode())


@dataclass(frozen=True)
class _About:
    """What is known of columns: what figures are called, the scenario's numbers by name, and what a page calls them."""

    label: Callable[[str], str]
    numbers: Mapping[str, dict[str, str]]
    titles: Mapping[tuple[str, str], str]


def _resources(folder: Place, about: _About) -> Iterator[dict[str, Any]]:
    """Describe each table once; the parts of one are one resource."""
    paths: dict[str, list[str]] = {}
    for file in folder.files():
        inside, _, name = file.rpartition("/")
        stem, _, ending = file.rpartition(".")
        if ending in _MEDIA and not name.startswith("."):
            paths.setdefault(inside if inside in COLUMNS_OF_PARTS else stem + f".{ending}", []).append(file)
    for key, files in paths.items():
        stem, _, ending = files[0].rpartition(".")
        table = key if key in COLUMNS_OF_PARTS else stem.rpartition("/")[2]
        taken = ending != "parquet" and f"{stem}.parquet" in paths
        resource: dict[str, Any] = {
            "name": (f"{stem}_{ending}" if taken else key.removesuffix(f".{ending}")).replace("/", "_").lower(),
            "path": files if len(files) > 1 else files[0],
            "format": ending,
            "mediatype": _MEDIA[ending],
        }
        if words := inspect.getdoc(getattr(RunData, table, None)) if table in TABLES else None:
            resource["description"] = words.partition("\n\n")[0].replace("\n", " ")
        if ending != "yaml":
            types = _types(folder / files[0], ending)
            fields = [
                {"name": column, "type": kind} | _declared(table, column, list(types), about)
                for column, kind in types.items()
            ]
            resource |= {"type": "table", "schema": {"fields": fields}}
        yield resource


def _types(file: Place, ending: str) -> dict[str, str]:
    """Give the columns of a table with their types."""
    if ending == "parquet":
        schema = pq.read_schema(file.local if file.is_local else BytesIO(file.read()))
        return {column: _type(schema.field(column).type) for column in schema.names}
    table = pd.read_csv(BytesIO(file.read()))
    schema = pa.Schema.from_pandas(table, preserve_index=False)
    return {str(column): _type_of_texts(values, schema.field(column).type) for column, values in table.items()}


def _type(kind: pa.DataType) -> str:
    return next((name for is_kind, name in _TYPES if is_kind(kind)), "string")


def _type_of_texts(values: pd.Series[Any], kind: pa.DataType) -> str:
    """Give the type of a column of a CSV file, which may hold dates, or nothing at all."""
    known = values.dropna()
    if known.empty:
        return "any"
    is_date = not is_numeric_dtype(known) and all(_DATE.fullmatch(str(word)) for word in known.unique())
    return "date" if is_date else _type(kind)


def _declared(table: str, column: str, columns: Collection[str], about: _About) -> dict[str, str]:
    """Look up what a column means: title, unit and description as far as they are known."""
    said = words_of_column(table, column, columns, about.titles)
    return {name: words for name, words in (said | _in_run(table, column, about)).items() if words}


def _in_run(table: str, column: str, about: _About) -> dict[str, str]:
    """Look up what a column of a run means."""
    if held := _RECORDED.get(("countries" if table == "deals" else table, column)):
        description = GAIN_IN_DEAL if table == "deals" else KINDS[held.kind]
        return {"title": held.title, "unit": held.unit, "description": description}
    if column in KEYS and table in TABLES:
        return {"description": KEYS[column]}
    if column in about.numbers:
        return LOADING if table == POSTERIOR else about.numbers[column]
    if table == "kpis":
        return _figure(column, about.label)
    if table == "years":
        said = _figure(f"{column.removesuffix('_bn')}{CUM}", about.label)
        return said | {"description": "sum over the calendar year"}
    return {}


def _figure(kpi: str, label: Callable[[str], str]) -> dict[str, str]:
    """Say what a figure is by its name."""
    try:
        unit = parse(kpi).unit
    except ModelError:
        return {}
    words = label(kpi).removesuffix(f", {basis_in_words(kpi)}")
    return {
        "title": words,
        "unit": "" if unit == NAME_UNIT else stored_unit(UNITS[unit]),
        "description": basis_in_words(kpi),
    }
