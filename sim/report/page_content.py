"""What a page is made of: cells that know in which file they stand, sentences of them, tables, charts, sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim.report.chart_style import MINUS
from sim.report.kpi_names import format_difference, format_value, without_unit
from sim.runs.address import Place
from sim.runs.parquet import to_parquet
from sim.runs.result_folder import MANIFEST, REPORT

MISSING = "-"
"""What stands for a value that there is not."""


@dataclass(frozen=True)
class Cell:
    """Something shown that a file of the folder holds.

    Attributes
    ----------
    text
        How the page writes it.
    file
        Name of the file in the folder.
    row
        Number of the row in a Parquet file, from 0; None in a JSON file.
    column
        Name of the column, or the dotted path in a JSON file.
    value
        The value in full, as text.
    """

    text: str
    file: str
    row: int | None
    column: str
    value: str

    @property
    def place(self) -> str:
        """Say where the value stands and what it is in full."""
        row = "" if self.row is None else f", row {self.row}"
        return f"{self.file}{row}, {self.column}: {self.value}"


Piece = str | Cell
Sentence = tuple[Piece, ...]


@dataclass(frozen=True)
class Kept:
    """A table that the folder keeps as Parquet, whose cells know where they stand.

    Attributes
    ----------
    name
        Name of the file, without its ending.
    frame
        The table, its rows numbered from 0.
    """

    name: str
    frame: pd.DataFrame

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.parquet"

    def rows(self, **wanted: Any) -> list[int]:
        """Give the numbers of the rows in which columns have certain values."""
        kept = pd.Series(True, index=self.frame.index)
        for column, value in wanted.items():
            kept &= self.frame[column] == value
        return [int(row) for row in self.frame.index[kept]]

    def value(self, row: int, column: str) -> Any:
        """Give a value itself."""
        return self.frame[column].iloc[row]

    def cell(self, row: int, column: str, write: Callable[[Any], str] = str) -> Cell:
        """Give a value as the page shows it, with its place; a dash where there is none."""
        value = self.value(row, column)
        if pd.isna(value):
            return Cell(MISSING, self.file, row, column, "")
        full = repr(float(value)) if isinstance(value, float) else str(value)
        return Cell(
            write(value).replace("-", MINUS) if _is_number(value) else write(value), self.file, row, column, full
        )

    def level(self, row: int, column: str, bare: bool = False) -> Cell:
        """Give a level of a KPI, in the unit of its row; without the unit if bare."""
        return self._measured(row, column, format_value, bare)

    def difference(self, row: int, column: str, bare: bool = False) -> Cell:
        """Give a difference in a KPI with its sign, in the unit of its row; without the unit if bare."""
        return self._measured(row, column, format_difference, bare)

    def _measured(self, row: int, column: str, write: Callable[[float, str], str], bare: bool) -> Cell:
        unit = self.value(row, "unit")

        def words(value: float) -> str:
            return without_unit(write, float(value), unit) if bare else write(float(value), unit)

        return self.cell(row, column, words)


def _is_number(value: Any) -> bool:
    return pd.api.types.is_number(value) and not isinstance(value, bool)


@dataclass(frozen=True)
class Column:
    """Heading of a column, and whether it holds numbers."""

    title: str
    is_number: bool = False


@dataclass(frozen=True)
class PageTable:
    """A table of a page; the first column names the rows.

    Attributes
    ----------
    caption
        What it shows.
    columns
        One for each cell of a row.
    rows
        Cells row by row.
    note
        How to read it, and where its numbers stand.
    folded
        What to click on to see it; the table is shown at once if empty.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Piece]]
    note: str = ""
    folded: str = ""


@dataclass(frozen=True)
class PageChart:
    """A chart of a page.

    Attributes
    ----------
    title, subtitle, source
        The words around it.
    svg
        The chart itself.
    file
        Where its numbers stand.
    """

    title: str
    subtitle: str
    source: str
    svg: str
    file: str


@dataclass(frozen=True)
class Section:
    """A part of a page under a heading of its own."""

    anchor: str
    title: str
    words: Sequence[Sentence] = ()
    charts: Sequence[PageChart] = ()
    tables: Sequence[PageTable] = ()


@dataclass(frozen=True)
class Answer:
    """The answer for one scenario, in sentences."""

    title: str
    sentences: Sequence[Sentence]


@dataclass(frozen=True)
class Content:
    """All that a page says."""

    title: str
    question: str
    origin: Sentence
    answers: Sequence[Answer]
    sections: Sequence[Section]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """A page as text, and the tables it names, by the name of their file without its ending."""

    html: str
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def write(self, folder: Place) -> None:
        """Write the page, and the tables that it names, into a folder."""
        for name, table in self.tables.items():
            (folder / f"{name}.parquet").write(to_parquet(table))
        (folder / REPORT).write(self.html.encode())


def from_manifest(manifest: Mapping[str, Any], path: str, write: Callable[[Any], str] = str) -> Cell:
    """Show what a manifest says at a dotted path; a dash where it says nothing."""
    value: Any = manifest
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value.get(step)
        if value is None:
            return Cell(MISSING, MANIFEST, None, path, "")
    return Cell(write(value), MANIFEST, None, path, str(value))


def joined(parts: Iterable[Sentence], between: str = "; ") -> Sentence:
    """Put parts of a sentence together."""
    pieces: list[Piece] = []
    for part in parts:
        pieces += [between, *part] if pieces else part
    return tuple(pieces)
