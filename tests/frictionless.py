"""The rules of Frictionless Data Package 2.0 that concern tables, written out as an independent reader of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

NAME = re.compile(r"[a-z0-9._/-]+")
MISSING = ""
"""The only missing value, unless a schema names others."""


def _boolean(text: str) -> None:
    if text not in {"true", "True", "TRUE", "1", "false", "False", "FALSE", "0"}:
        raise ValueError(text)


PARSERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "any": str,
    "integer": lambda text: int(text) if re.fullmatch(r"[+-]?\d+", text) else int("not digits"),
    "number": float,
    "boolean": _boolean,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}
ARROW: dict[str, Callable[[pa.DataType], bool]] = {
    "string": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)
    or pa.types.is_null(kind),
    "integer": pa.types.is_integer,
    "number": pa.types.is_floating,
    "boolean": pa.types.is_boolean,
    "datetime": pa.types.is_temporal,
}  # fmt: skip


def faults_of(folder: Path) -> list[str]:
    """Say what is wrong with the package of a folder: nothing if other programs can rely on it."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return list(_faults(folder, package))


def _faults(folder: Path, package: dict[str, Any]) -> Iterator[str]:
    resources = package["resources"]
    names = [held["name"] for held in resources]
    yield from (f"{name}: not a name" for name in [package["name"], *names] if not NAME.fullmatch(name))
    if len(set(names)) < len(names):
        yield f"names there twice: {names}"
    if not all(source.get("title") for source in package["sources"]):
        yield "a source without a title"
    described: list[str] = []
    for held in resources:
        paths = held["path"] if isinstance(held["path"], list) else [held["path"]]
        described += paths
        yield from (f"{path}: leads elsewhere" for path in paths if path.startswith("/") or ".." in Path(path).parts)
        if held["format"] != "yaml":
            for path in paths:
                yield from (f"{path}: {fault}" for fault in _of_table(folder / path, held["schema"]["fields"]))
    there = [path for path in folder.rglob("*.*") if path.suffix in {".csv", ".parquet"}]
    if sorted(path for path in described if not path.endswith("yaml")) != sorted(
        path.relative_to(folder).as_posix() for path in there
    ):
        yield "the resources are not the tables of the folder"


def _of_table(path: Path, fields: list[dict[str, Any]]) -> Iterator[str]:
    for field in fields:
        if not (field.get("title") or field.get("description")):
            yield f"{field['name']}: nothing says what it is"
        if field["type"] == "number" and not field.get("unit"):
            yield f"{field['name']}: has no unit"
    names = [field["name"] for field in fields]
    table = pq.read_schema(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str, keep_default_na=False)
    held = table.names if isinstance(table, pa.Schema) else list(table.columns)
    if held != names:
        yield f"columns {held} where {names} are declared"
        return
    for field in fields:
        name, kind = field["name"], field["type"]
        found = _other_type(table, name, kind) if isinstance(table, pa.Schema) else _other_text(table[name], kind)
        if found:
            yield f"{name}: {found} where {kind} is declared"


def _other_type(schema: pa.Schema, name: str, kind: str) -> str:
    return "" if ARROW[kind](schema.field(name).type) else str(schema.field(name).type)


def _other_text(texts: pd.Series[str], kind: str) -> str:
    for text in texts:
        try:
            if text != MISSING:
                PARSERS[kind](text)
        except ValueError:
            return text
    return ""
