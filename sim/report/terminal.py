"""The screen, and lists that commands print on it for people and programs."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

FILE_WIDTH = 120
"""Width of lines that no screen limits."""
WIDEST_COLUMN = 60
"""Width to which columns are aligned; one long text pushes only what stands in its own line."""


class Screen(Console):
    """The screen; that its reader has gone away is for the command to say, not for Rich."""

    def on_broken_pipe(self) -> None:
        """Let the command know."""
        raise BrokenPipeError


def console() -> Console:
    """Give the screen; where the output goes to a file or another program, lines are wider."""
    screen = Screen()
    return screen if screen.is_terminal or "COLUMNS" in os.environ else Screen(width=FILE_WIDTH)


def print_lines(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with their columns aligned, never wrapped, so that other programs can read them."""
    screen = console()
    widths = [min(max(map(len, column)), WIDEST_COLUMN) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        screen.print(Text(line.rstrip()), soft_wrap=True)
