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
from markupsafe import Markup, escape
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as ScreenTable
from rich.text import Text

from sim.report.kpi_names import MINUS, format_difference, format_value, without_unit
from sim.report.wrapping import narrowest, widest, wrapped

MISSING = "-"
"""What stands for a value that there is not."""
_GAP, _INDENT = 2, "  "
"""Blanks between the columns of a screen, and before what stands below the name of its row."""
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

    def __html__(self) -> str:
        """Write it for a page, which shows the place and the full value of what is pointed at."""
        text = self.text.replace("-", MINUS) if self.is_number else self.text
        kind, row = ' class="number"' * self.is_number, "" if self.row is None else f' data-row="{self.row}"'
        file, column, value = map(escape, (self.file, self.column, self.value))
        place = f'value="{value}" data-file="{file}"{row} data-column="{column}"'
        return f"<data{kind} {place}>{escape(text)}</data>"


Piece = str | Cell
Sentence = tuple[Piece, ...]
Row = Sequence[Piece]


@dataclass(frozen=True)
class Paragraph:
    """A part of an answer: the question, what is to be said, and what few readers need.

    Attributes
    ----------
    heading
        The question in a few words.
    sentence
        The answer, one sentence or several.
    small
        Small print, which only pages show.
    """

    heading: str
    sentence: Sentence
    small: Sentence = ()

    @property
    def text(self) -> str:
        """The answer in plain words, without its question."""
        return "".join(map(in_plain_words, self.sentence))


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
    is_centred
        Whether Markdown centres it.
    """

    title: str
    name: str = ""
    write: Callable[..., str] = str
    is_number: bool = False
    by_unit: bool = False
    wraps: bool = True
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


@dataclass(frozen=True)
class OnScreen:
    """A table laid out for the screen that it is printed on: side by side if it has room, else row below row."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out in as many characters as there are; no word is cut."""
        table = self.table
        widths = _widths(table, options.max_width)
        if table.caption:
            yield Text("\n".join(wrapped(table.caption, options.max_width)), style="bold")
        yield _below_each_other(table, options.max_width) if widths is None else _side_by_side(table, widths)
        if table.note:
            yield Text("\n".join(wrapped(table.note, options.max_width)), style="dim")


def paragraph_on_screen(paragraph: Paragraph, width: int) -> Text:
    """Lay a paragraph out for a screen of a width, its question in bold."""
    shown = Text("\n".join(wrapped(f"{paragraph.heading}: {paragraph.text}", width)))
    shown.stylize("bold", 0, len(paragraph.heading) + 1)
    return shown


def on_screen(table: Table) -> OnScreen:
    """Lay a table out for the screen, its caption above and its note below it."""
    return OnScreen(table)


def _widths(table: Table, room: int) -> list[int] | None:
    """Give each column its width; None where there is no room for all.

    Columns are as wide as what they hold. Where that is too much, titles wrap first; then the widest columns give way
    down to their longest word.
    """
    shown = [[in_plain_words(piece) for piece in row] for row in table.rows]
    texts = [
        [column.title, *(row[place] for row in shown if place < len(row))] for place, column in enumerate(table.columns)
    ]
    room -= _GAP * (len(table.columns) - 1)
    whole = [max(map(widest, held)) for held in texts]
    cells = [max(narrowest(held[0]), *map(widest, held[1:]), 1) for held in texts]
    for in_pieces in (False, True):
        least = [
            max(narrowest(held[0], in_pieces), *(_least(text, column, in_pieces) for text in held[1:]), 1)
            for held, column in zip(texts, table.columns, strict=True)
        ]
        if sum(least) <= room:
            return _narrowed(_narrowed(whole, cells, room), least, room)
    return None


def _narrowed(widths: list[int], least: list[int], room: int) -> list[int]:
    """Take from the widest columns until all have room, or none is wider than it must be."""
    held = list(widths)
    while sum(held) > room and any(width > floor for width, floor in zip(held, least, strict=True)):
        held[max(range(len(held)), key=lambda k: (held[k] > least[k], held[k]))] -= 1
    return held


def _least(text: str, column: Column, in_pieces: bool) -> int:
    return narrowest(text, in_pieces) if column.wraps else widest(text)


def _side_by_side(table: Table, widths: Sequence[int]) -> ScreenTable:
    shown = ScreenTable(box=None, pad_edge=False, show_header=any(column.title for column in table.columns))
    for column, width in zip(table.columns, widths, strict=True):
        title = Text("\n".join(wrapped(column.title, width)))
        shown.add_column(title, justify="right" if column.is_number else "left", overflow="fold", width=width)
    for row in table.rows:
        style = "italic" if len(row) == 1 else ""
        cells = zip(row, widths, strict=False)
        shown.add_row(*(Text("\n".join(wrapped(in_plain_words(piece), width)), style=style) for piece, width in cells))
    return shown


def _below_each_other(table: Table, room: int) -> Text:
    """Write each row as lines: what it is called, and below it each value after its title."""
    lines: list[tuple[str, str]] = []
    for name, *cells in ([in_plain_words(piece) for piece in row] for row in table.rows):
        lines += [(line, "" if cells else "italic") for line in wrapped(name, room)]
        for column, text in zip(table.columns[1:], cells, strict=False):
            words = f"{column.title}: {' '.join(text.split())}" if column.title else text
            lines += [(f"{_INDENT}{line}", "") for line in wrapped(words, room - len(_INDENT))]
    return Text("\n").join(Text(*line) for line in lines)


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


def paragraph_as_html(paragraph: Paragraph) -> Markup:
    """Write a paragraph as HTML, as notebooks show it."""
    return Markup("<p><strong>{}.</strong> {}</p>").format(paragraph.heading, paragraph.text)


def as_markdown(table: Table) -> str:
    """Write a table in Markdown, without its caption and note."""
    marks = ["--:" if column.is_number else ":-:" if column.is_centred else "---" for column in table.columns]
    lines = [[column.title for column in table.columns], marks]
    lines += [[in_plain_words(piece) for piece in row] for row in table.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def in_plain_words(piece: Piece) -> str:
    """Write a piece without saying where it stands."""
    return piece.text if isinstance(piece, Cell) else piece
