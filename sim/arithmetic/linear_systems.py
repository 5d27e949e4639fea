"""Linear equations of many cases at once, by elimination in a fixed order."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.quantities import FloatArray


def solve(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve matrix times x = right in each case, by elimination without exchange of rows.

    No row needs to be exchanged where diagonals outweigh what else stands in their rows or columns.

    Parameters
    ----------
    matrix
        [equation, unknown, case].
    right
        [equation, column, case] one or several right-hand sides.

    Returns
    -------
    [unknown, column, case].
    """
    rows, found = np.array(matrix, order="C"), np.array(right, order="C")
    eliminate(rows, found)
    return found


@compiled
def eliminate(matrix: FloatArray, right: FloatArray) -> None:  # noqa: C901 (a loop for each axis)
    """Write the solution over the right-hand sides; `solve` for compiled code, which needs its matrix no more."""
    size = len(right)
    factor = np.empty(matrix.shape[2])
    for k in range(size):  # one row after the other, which stays at hand while all above it are taken off
        for j in range(k):
            for c in range(len(factor)):
                factor[c] = matrix[k, j, c] / matrix[j, j, c]
            _take_off(matrix, k, factor, j, j + 1)
            _take_off(right, k, factor, j, 0)
    for j in range(size - 1, -1, -1):
        for k in range(j + 1, size):
            for c in range(len(factor)):
                factor[c] = matrix[j, k, c]
            _take_off(right, j, factor, k, 0)
        for i in range(right.shape[1]):
            for c in range(len(factor)):
                right[j, i, c] /= matrix[j, j, c]


@compiled
def _take_off(rows: FloatArray, row: int, factor: FloatArray, other: int, first: int) -> None:
    """Take a multiple of another row off a row, from some column on."""
    for i in range(first, rows.shape[1]):
        for c in range(rows.shape[2]):
            rows[row, i, c] -= factor[c] * rows[other, i, c]
