"""The parts of a result: ranges of draws, each with its own piece of every table, in memory or in a folder."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, cast

import pandas as pd

from sim.errors import ScenarioError
from sim.runs.address import Place
from sim.runs.parquet import from_parquet, to_parquet

AGAIN = "run the scenario again"
DELETE = f"delete this file and {AGAIN}"
"""What to do about a missing file of a finished folder, and about a damaged one: only what it held is made again."""


@dataclass(frozen=True)
class Record:
    """What is known of a part.

    Attributes
    ----------
    first, last
        Draw numbers, both included.
    sizes
        Bytes of each table's file; 0 for a table in memory.
    inputs
        Uncertain numbers that these draws needed.
    seconds
        Time that it took.
    failed
        Draws that cannot be computed, each with the reason; the tables hold all others.
    """

    first: int
    last: int
    sizes: dict[str, int]
    inputs: tuple[str, ...]
    seconds: float = 0.0
    failed: tuple[tuple[int, str], ...] = ()

    @property
    def name(self) -> str:
        """Name of the part's files, which sort as draws do."""
        return f"{self.first:09d}-{self.last:09d}"

    @property
    def draws(self) -> range:
        """Draw numbers."""
        return range(self.first, self.last + 1)

    @property
    def computed(self) -> list[int]:
        """Draw numbers that the tables hold."""
        failed = dict(self.failed)
        return [draw for draw in self.draws if draw not in failed]

    def as_json(self) -> dict[str, Any]:
        """Lay out for JSON."""
        return asdict(self) | {"inputs": list(self.inputs)}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Record:
        """Read what `as_json` has laid out."""
        sizes = {str(table): int(size) for table, size in dict(held["sizes"]).items()}
        failed = tuple((int(draw), str(reason)) for draw, reason in held.get("failed", ()))
        inputs, seconds = tuple(held["inputs"]), float(held["seconds"])
        return cls(int(held["first"]), int(held["last"]), sizes, inputs, seconds, failed)


@dataclass(frozen=True)
class Part:
    """What a batch gave.

    Attributes
    ----------
    draws
        Draw numbers.
    tables
        Table by name, or the content of its Parquet file.
    inputs
        Uncertain numbers that these draws needed.
    seconds
        Time that it took.
    failed
        Draws that cannot be computed, with the reason; if all failed there are no tables.
    """

    draws: Sequence[int]
    tables: dict[str, pd.DataFrame] | dict[str, bytes]
    inputs: tuple[str, ...]
    seconds: float
    failed: Mapping[int, str] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        """What is known of it."""
        sizes = {name: len(held) if isinstance(held, bytes) else 0 for name, held in self.tables.items()}
        failed = tuple(sorted(self.failed.items()))
        return Record(self.draws[0], self.draws[-1], sizes, self.inputs, round(self.seconds, 3), failed)


def in_manifest(records: Sequence[Record]) -> dict[str, Any]:
    """Lay out what is known of all parts for a manifest: `parts`, and once for all of them `inputs`."""
    parts = [{name: value for name, value in record.as_json().items() if name != "inputs"} for record in records]
    return {"inputs": sorted({name for record in records for name in record.inputs}), "parts": parts}


def from_manifest(manifest: Mapping[str, Any]) -> list[Record]:
    """Read what `in_manifest` has laid out."""
    return [Record.from_json({**held, "inputs": manifest["inputs"]}) for held in manifest["parts"]]


class Parts(Protocol):
    """The parts of one result."""

    @property
    def records(self) -> Sequence[Record]:
        """What is known of each, in the order of draws."""

    def frame(self, table: str, record: Record) -> pd.DataFrame:
        """Give one part of a table."""

    def content(self, table: str, record: Record) -> bytes:
        """Give one part of a table as the content of a Parquet file."""

    def damaged(self, table: str, record: Record, what: str) -> ScenarioError:
        """Give the error that says which part is damaged, how, and what to do."""


class PartsInMemory:
    """Parts held as tables.

    Parameters
    ----------
    parts
        Record and tables of each part.
    """

    def __init__(self, parts: Sequence[tuple[Record, Mapping[str, pd.DataFrame]]] = ()) -> None:
        held = sorted(parts, key=lambda part: part[0].first)
        self.records = [record for record, _ in held]
        self._tables = {record.first: tables for record, tables in held}

    def add(self, part: Part) -> None:
        """Take in a part."""
        insort(self.records, part.record, key=lambda record: record.first)
        self._tables[part.draws[0]] = cast("dict[str, pd.DataFrame]", part.tables)

    def frame(self, table: str, record: Record) -> pd.DataFrame:
        """Give one part of a table."""
        return self._tables[record.first][table]

    def content(self, table: str, record: Record) -> bytes:
        """Give one part of a table as the content of a Parquet file."""
        return to_parquet(self.frame(table, record), table)

    def damaged(self, table: str, record: Record, what: str) -> ScenarioError:
        """Give the error that says which part is damaged, and how."""
        return ScenarioError(f"{table} of draws {record.first} to {record.last}: {what}")


class PartsInFolder:
    """Parts held as files, `<table>/<draws>.parquet`.

    Parameters
    ----------
    place
        The folder.
    records
        What is known of each part.
    remedy
        What to do about a damaged file.
    columns
        Columns that the parts of a table have at least.
    """

    def __init__(
        self, place: Place, records: Sequence[Record], remedy: str, columns: Mapping[str, Sequence[str]]
    ) -> None:
        self.place = place
        self.records = sorted(records, key=lambda record: record.first)
        self._remedy = remedy
        self._columns = columns

    def file(self, table: str, record: Record) -> Place:
        """Where a part of a table stands."""
        return file_of(self.place, table, record)

    def frame(self, table: str, record: Record) -> pd.DataFrame:
        """Read one part of a table.

        Raises
        ------
        ScenarioError
            If it is missing or damaged.
        """
        return from_parquet(self.file(table, record), self._remedy, self._columns.get(table, ()))

    def content(self, table: str, record: Record) -> bytes:
        """Give one part of a table as the content of its file."""
        return self.file(table, record).read()

    def damaged(self, table: str, record: Record, what: str) -> ScenarioError:
        """Give the error that says which file is damaged, how, and what to do."""
        return ScenarioError(f"{self.file(table, record)}: {what}; {self._remedy}")

    def check(self) -> None:
        """Compare the files with what their records say.

        Raises
        ------
        ScenarioError
            If one is missing or of another size.
        """
        for record in self.records:
            for table, size in record.sizes.items():
                found = self.file(table, record).size()
                if found is None:
                    raise ScenarioError(f"{self.file(table, record)}: missing; {AGAIN}")
                if found != size:
                    raise self.damaged(table, record, f"damaged, {found:,} bytes where {size:,} were written")


def file_of(place: Place, table: str, record: Record) -> Place:
    """Where a part of a table stands in a folder."""
    return place / table / f"{record.name}.parquet"
