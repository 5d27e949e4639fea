"""Markdown in the form that all pages of fits and backtests share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from sim.report.chart_style import MINUS

_DIGITS = 3
NOTHING = "–"
"""What stands where there is no number."""


def table_of(header: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """Write a table whose first columns, `words` of them, hold words and whose others hold numbers."""
    marks = ["---"] * words + ["--:"] * (len(header) - words)
    return "\n".join(map(_line, (header, marks, *rows)))


def figure(value: float, digits: int = _DIGITS) -> str:
    """Write a number with so many digits that count; `–` where there is none."""
    if math.isnan(value):
        return NOTHING
    size = math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:.{max(digits - 1 - size, 0)}f}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("-")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
