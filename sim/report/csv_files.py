"""Tables as CSV files: the same bytes wherever they are written, and nothing for a spreadsheet to reckon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

MARK = "'"
"""Stands before text that a spreadsheet would take for a formula, which the words of a scenario may hold."""
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SHIFTS = ("\t", "\n")
"""First characters that move what follows into a cell of its own in some programs."""


def csv_of(table: pd.DataFrame, float_format: str | None = None) -> bytes:
    """Write a table as CSV, without its index; numbers stay numbers, in full unless a format is given."""
    texts = table.select_dtypes(exclude=["number", "bool", "datetime"]).columns
    marked = table.assign(**{name: table[name].map(_marked) for name in texts}).rename(columns=_marked)
    with np.printoptions(legacy=False):  # what a user has set would reach the digits
        return marked.to_csv(index=False, float_format=float_format, lineterminator="\n").encode()


def _marked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = "\n".join(value.splitlines()) if "\r" in value else value  # pandas would end the row there
    is_formula = text.startswith(_SHIFTS) or (len(text) > 1 and text.lstrip().startswith(_FORMULAS))
    return f"{MARK}{text}" if is_formula and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
