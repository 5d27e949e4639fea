"""The parts of a result: ranges of draws, each with its own piece of every table, in memory or in a folder."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.runs.address import Place
from sim.runs.manifest import Mark, Record
from sim.runs.parquet import from_parquet, to_parquet, whole

AGAIN = "run the scenario again"
DELETE = f"delete this file and {AGAIN}"
"""What to do about a missing file of a finished folder, and about a damaged one: only what it held is made again."""


@dataclass(frozen=True)
class Part:
    """What a batch gave.

    Attributes
    ----------
    draws
        Draw numbers.
    tables
        Table by name, or the content of its Parquet file, or the mark of that once it is written.
    inputs
        Uncertain numbers that these draws needed.
    seconds
        Time that it took.
    failed
        Draws that cannot be computed, with the reason; if all failed there are no tables.
    """

    draws: Sequence[int]
    tables: dict[str, pd.DataFrame] | dict[str, bytes | Mark]
    inputs: tuple[str, ...]
    seconds: float
    failed: Mapping[int, str] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        """What is known of it."""
        files = {name: _mark_of(held) for name, held in self.tables.items()}
        failed = tuple(sorted(self.failed.items()))
        return Record(self.draws[0], self.draws[-1], files, self.inputs, round(self.seconds, 3), failed)

    def written_to(self, place: Place) -> Part:
        """Write into a folder those of its files that are not written yet, and give it with marks in place of them."""
        files = {
            table: write_file(place, table, self.draws, held) if isinstance(held, bytes) else held
            for table, held in self.tables.items()
        }
        return replace(self, tables=cast("dict[str, bytes | Mark]", files))


def _mark_of(held: pd.DataFrame | bytes | Mark) -> Mark | None:
    return Mark.of(held) if isinstance(held, bytes) else held if isinstance(held, Mark) else None


class Parts(Protocol):
    """The parts of one result."""

    @property
    def records(self) -> Sequence[Record]:
        """What is known of each, in the order of draws."""

    def frame(self, table: str, record: Record, until: np.datetime64 | None = None) -> pd.DataFrame:
        """Give one part of a table; of one with dates no rows after `until`, if that is given."""

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

    def frame(self, table: str, record: Record, until: np.datetime64 | None = None) -> pd.DataFrame:
        """Give one part of a table; of one with dates no rows after `until`, if that is given."""
        held = self._tables[record.first][table]
        return held if until is None else held[held["date"] <= until]

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

    def frame(self, table: str, record: Record, until: np.datetime64 | None = None) -> pd.DataFrame:
        """Read one part of a table; of one with dates no rows after `until`, if that is given.

        Raises
        ------
        ScenarioError
            If it is missing or damaged.
        """
        columns, mark = self._columns.get(table, ()), record.files[table]
        return from_parquet(self.file(table, record), self._remedy, columns, mark, until)

    def content(self, table: str, record: Record) -> bytes:
        """Give one part of a table as the content of its file."""
        return whole(self.file(table, record), self._remedy, record.files[table])

    def damaged(self, table: str, record: Record, what: str) -> ScenarioError:
        """Give the error that says which file is damaged, how, and what to do."""
        return ScenarioError(f"{self.file(table, record)}: {what}; {self._remedy}")

    def check(self) -> None:
        """Compare the sizes of the files with what their records say.

        Raises
        ------
        ScenarioError
            If one is missing or of another size.
        """
        for table in {table for record in self.records for table in record.files}:
            if (self.place / table).is_link:
                raise ScenarioError(f"{self.place / table}: damaged, a link where a folder was written; {self._remedy}")
        for record in self.records:
            for table, mark in record.files.items():
                file = self.file(table, record)
                found = file.size()
                if found is None:
                    raise ScenarioError(f"{file}: {'damaged, no file' if file.is_there else 'missing'}; {AGAIN}")
                if mark is not None and found != mark.size:
                    raise self.damaged(table, record, f"damaged, {found:,} bytes where {mark.size:,} were written")


def file_of(place: Place, table: str, record: Record) -> Place:
    """Where a part of a table stands in a folder."""
    return place / table / f"{record.name}.parquet"


def write_file(place: Place, table: str, draws: Sequence[int], content: bytes) -> Mark:
    """Write a part of a table, packed as Parquet, into a folder, and give its mark."""
    file_of(place, table, Record(draws[0], draws[-1], {})).write(content)
    return Mark.of(content)
