"""Sums over parts of a run's tables, one number for each draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.errors import ModelError
from sim.quantities import FloatArray


def total(rows: pd.DataFrame, column: str, year: int, quarter: int | None = None, **chosen: str) -> FloatArray:
    """Sum of a column over the quarters of a year and all other rows chosen, [draw].

    Parameters
    ----------
    rows
        Table of a run, with draw and date.
    column
        Column to add up.
    year, quarter
        Calendar year, and one of its quarters (1 to 4); all that the run has of the year if absent.
    chosen
        Values that other columns must have, such as `market="china"`.

    Raises
    ------
    ModelError
        If there are no such rows.
    """
    keep = rows["date"].dt.year == year
    if quarter is not None:
        keep &= rows["date"].dt.quarter == quarter
    for name, value in chosen.items():
        keep &= rows[name] == value
    if not keep.any():
        raise ModelError(f"the run has no rows for {column} in {year}, quarter {quarter}, {chosen}")
    sums: FloatArray = rows[keep].groupby("draw")[column].sum().to_numpy(dtype=np.float64)
    return sums
