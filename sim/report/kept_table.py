"""Tables whose cells know where they are kept, sentences of such cells, and how a table is laid out.

A table is declared once, as columns with title, format and alignment over a frame. `on_screen`, `as_html` (notebooks)
and `as_markdown` show it; pages (`sim.report.page_layout`) also say of each cell in which file it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from markupsafe import Markup
from rich.markup import escape as without_markup
from rich.table import Table as ScreenTable
from rich.text import Text

from sim.report.kpi_names import MINUS, format_difference, format_value, without_unit

MISSING = "-"
"""What stands for a value that there is not."""
_LEFT, _RIGHT = "text-align: left", "text-align: right; white-space: nowrap"


@dataclass(frozen=True)
class Cell:
    """Something shown that a file of the folder holds.

    Attributes
    ----------
    text
        How it is written, numbers with a plain hyphen as minus.
    file
        Name of the file in the folder.
    row
        Number of the row in a Parquet file, from 0; None in a JSON file.
    column
        Name of the column, or the dotted path in a JSON file.
    value
        The value in full, as text.
    is_number
        Whether it is a number, which pages write with a true minus.
    """

    text: str
    file: str
    row: int | None
    column: str
    value: str
    is_number: bool = False

    @property
    def place(self) -> str:
        """Say where the value stands and what it is in full."""
        row = "" if self.row is None else f", row {self.row}"
        return f"{self.file}{row}, {self.column}: {self.value}"

    @property
    def typeset(self) -> str:
        """How a page writes it."""
        return self.text.replace("-", MINUS) if self.is_number else self.text


Piece = str | Cell
Sentence = tuple[Piece, ...]
Row = Sequence[Piece]


def joined(parts: Iterable[Sentence], between: str = "; ") -> Sentence:
    """Put parts of a sentence together."""
    pieces: list[Piece] = []
    for part in parts:
        pieces += [between, *part] if pieces else part
    return tuple(pieces)


@dataclass(frozen=True)
class Column:
    """A column of a table that is shown.

    Attributes
    ----------
    title
        Its heading.
    name
        The column of the kept table that it shows.
    write
        Writes a value.
    is_number
        Whether it holds numbers, which stand at the right.
    by_unit
        Whether `write` takes the unit of the row too; the unit itself is left out then.
    wraps
        Whether the screen may break its lines.
    least_width
        Characters that the screen leaves it at least; as few as it needs if None.
    is_centred
        Whether Markdown centres it.
    """

    title: str
    name: str = ""
    write: Callable[..., str] = str
    is_number: bool = False
    by_unit: bool = False
    wraps: bool = True
    least_width: int | None = None
    is_centred: bool = False


def number(title: str, name: str = "", write: Callable[[Any], str] = str, wraps: bool = False) -> Column:
    """Give a column of numbers, whose lines the screen does not break unless said otherwise."""
    return Column(title, name, write, is_number=True, wraps=wraps)


def level(title: str, name: str) -> Column:
    """Give a column of levels of KPIs, without the unit, which another column has."""
    return Column(title, name, format_value, is_number=True, by_unit=True, wraps=False)


def difference(title: str, name: str) -> Column:
    """Give a column of signed differences in KPIs, without the unit, which another column has."""
    return Column(title, name, format_difference, is_number=True, by_unit=True, wraps=False)


@dataclass(frozen=True)
class Table:
    """A table to be shown; the first column names the rows.

    Attributes
    ----------
    caption
        What it shows.
    columns
        One for each cell of a row.
    rows
        Cells row by row; a row of one piece is a heading inside the table.
    note
        How to read it, and where its numbers stand.
    folded
        What to click on to see it; a page shows the table at once if empty.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""
    folded: str = ""


@dataclass(frozen=True)
class Kept:
    """A table that the folder keeps as Parquet, whose cells know where they stand.

    Attributes
    ----------
    name
        Name of the file, without its ending.
    frame
        The table, its rows numbered from 0.
    missing
        What stands for a value that there is not.
    """

    name: str
    frame: pd.DataFrame
    missing: str = MISSING

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.parquet"

    @cached_property
    def _held(self) -> dict[str, list[Any]]:
        """Values by column: whole columns are taken out faster than single values."""
        return {str(name): column.tolist() for name, column in self.frame.items()}

    @cached_property
    def _is_missing(self) -> dict[str, list[bool]]:
        return {str(name): column.isna().tolist() for name, column in self.frame.items()}

    def rows(self, **wanted: Any) -> list[int]:
        """Give the numbers of the rows in which columns have certain values; none if the table is empty."""
        if not len(self.frame):
            return []
        looked_for = tuple(wanted.values())
        keys = zip(*(self._held[column] for column in wanted), strict=True)
        return [row for row, key in enumerate(keys) if key == looked_for]

    def value(self, row: int, column: str) -> Any:
        """Give a value itself."""
        return self._held[column][row]

    def cell(self, row: int, column: str, write: Callable[[Any], str] = str) -> Cell:
        """Give a value as it is written, with its place; a dash where there is none."""
        if self._is_missing[column][row]:
            return Cell(self.missing, self.file, row, column, "")
        value = self._held[column][row]
        full = repr(value) if isinstance(value, float) else str(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return Cell(write(value), self.file, row, column, full, is_number)

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

    def cells(self, row: int, columns: Iterable[Column]) -> list[Piece]:
        """Give the cells of a row under some columns."""
        return [
            self._measured(row, column.name, column.write, bare=True)
            if column.by_unit
            else self.cell(row, column.name, column.write)
            for column in columns
        ]

    def table(
        self, caption: str, columns: Sequence[Column], rows: Iterable[int] | None = None, note: str = "",
        folded: str = "",
    ) -> Table:  # fmt: skip
        """Lay out rows, all if none are named, under columns that show columns of this table."""
        chosen = self.frame.index if rows is None else rows
        return Table(caption or folded, columns, [self.cells(int(row), columns) for row in chosen], note, folded)


def on_screen(table: Table) -> ScreenTable:
    """Lay a table out for the screen, its note below it."""
    shown = ScreenTable(
        title=Text(table.caption) if table.caption else None, title_justify="left", box=None, pad_edge=False,
        caption=without_markup(table.note) if table.note else None, caption_justify="left",
    )  # fmt: skip
    for column in table.columns:
        shown.add_column(
            Text(column.title), justify="right" if column.is_number else "left", no_wrap=not column.wraps,
            overflow="fold" if column.wraps else "ellipsis", min_width=column.least_width,
        )  # fmt: skip
    for row in table.rows:
        shown.add_row(*(Text(in_plain_words(piece), style="italic" if len(row) == 1 else "") for piece in row))
    return shown


def as_html(table: Table) -> Markup:
    """Write a table as HTML without colours, as notebooks show it."""
    styles = [_RIGHT if column.is_number else _LEFT for column in table.columns]
    titles = [column.title for column in table.columns]
    head = Markup().join(map(Markup('<th scope="col" style="{}">{}</th>').format, styles, titles))
    body = [
        Markup('<tr><th scope="row" style="{}">{}</th>{}</tr>').format(
            _LEFT, name, Markup().join(map(Markup('<td style="{}">{}</td>').format, styles[1:], cells))
        )
        for name, *cells in ([in_plain_words(piece) for piece in row] for row in table.rows)
    ]
    caption = Markup("<caption>{}</caption>\n<thead><tr>{}</tr></thead>").format(table.caption, head)
    return Markup("\n").join(
        [Markup("<table>"), caption, Markup("<tbody>"), *body, Markup("</tbody>"), Markup("</table>")]
    )


def as_markdown(table: Table) -> str:
    """Write a table in Markdown, without its caption and note."""
    marks = ["--:" if column.is_number else ":-:" if column.is_centred else "---" for column in table.columns]
    lines = [[column.title for column in table.columns], marks]
    lines += [[in_plain_words(piece) for piece in row] for row in table.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def in_plain_words(piece: Piece) -> str:
    """Write a piece without saying where it stands."""
    return piece.text if isinstance(piece, Cell) else piece
