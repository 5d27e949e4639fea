"""The screen, and the lists that commands print on it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sim.scenario.describing import Entry

FILE_WIDTH = 120
"""Width of lines that no screen limits."""
WIDEST_COLUMN = 60
"""Width to which columns are aligned; one long text pushes only what stands in its own line."""
MOST_NAMES = 5
"""Number of changes in one part of a scenario that the list names."""


def console() -> Console:
    """Give the screen; where the output goes to a file or another program, lines are wider."""
    screen = Console()
    return screen if screen.is_terminal or "COLUMNS" in os.environ else Console(width=FILE_WIDTH)


def scenario_table(entries: Iterable[Entry]) -> Table:
    """Lay out the scenarios that there are."""
    table = Table(box=None, pad_edge=False, show_header=True)
    for heading in ("scenario", "title", "changes"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "scenario")
    for entry in entries:
        name = Text(entry.name, style="bold")
        parent = Text(f"\n  on {entry.parent}", style="dim") if entry.parent else Text()
        table.add_row(Text.assemble(name, parent), Text(entry.title), Text(_changes(entry)))
    return table


def print_lines(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with their columns aligned, never wrapped, so that other programs can read them."""
    screen = console()
    widths = [min(max(map(len, column)), WIDEST_COLUMN) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        screen.print(Text(line.rstrip()), soft_wrap=True)


def _changes(entry: Entry) -> str:
    """Name what a scenario changes, part by part: `policies: us_list_3, us_hardware; months`."""
    if not entry.parent:
        return "everything: extends nothing"
    parts: dict[str, list[str]] = {}
    for change in entry.changes:
        part, _, name = change.partition(".")
        parts.setdefault(part, []).extend([name] if name else [])
    return "; ".join(f"{part}: {_shortened(names)}" if names else part for part, names in parts.items()) or "nothing"


def _shortened(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return f"{', '.join(names[:MOST_NAMES])} and {more} more" if more > 0 else ", ".join(names)
