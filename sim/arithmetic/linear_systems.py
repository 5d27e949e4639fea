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
def eliminate(matrix: FloatArray, right: FloatArray) -> None:
    """Write the solution over the right-hand sides; `solve` for compiled code, which needs its matrix no more."""
    size = len(right)
    for j in range(size):
        for k in range(j + 1, size):
            factor = matrix[k, j] / matrix[j, j]
            matrix[k, j + 1 :] -= factor * matrix[j, j + 1 :]
            right[k] -= factor * right[j]
    for j in range(size - 1, -1, -1):
        for k in range(j + 1, size):
            right[j] -= matrix[j, k] * right[k]
        right[j] /= matrix[j, j]
