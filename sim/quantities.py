"""Kinds of value: arrays, names, and the fixed-order sum that keeps every draw's bits the same in any batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
"""Real numbers; the last axis is always draws."""
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MONTHS_PER_YEAR = 12
MONTHS_PER_QUARTER = 3
DAYS_PER_YEAR = 365.25
NEVER = np.iinfo(np.int64).max // 4
"""Month number of what does not happen within any horizon."""


def middles(months: int) -> FloatArray:
    """Middle of each of the first months, [month], in months since the base date.

    Amounts of a month are those of its middle, so that sums are exact to the second order of the step.
    """
    return np.arange(months, dtype=np.float64) + 0.5


def years_at(month: int) -> float:
    """Years from the base date to the middle of a month."""
    return (month + 0.5) / MONTHS_PER_YEAR


def ordered_sum(values: FloatArray, axis: int = 0) -> FloatArray:
    """Sum over one axis, plane after plane.

    `numpy.sum` chooses its order of addition by memory layout, so the last bits of a draw's sum can depend on how many
    draws stand beside it. Here they never do.

    Parameters
    ----------
    values
        Array with at least one plane along `axis`.
    axis
        Axis to sum over, not the last one (draws).
    """
    if values.shape[-1] > 1 or not values.shape[axis]:
        # With draws innermost NumPy adds whole planes in order; only a lone draw makes it add pairwise.
        total: FloatArray = np.add.reduce(values, axis=axis)
        return total
    planes = np.moveaxis(values, axis, 0)
    total = planes[0].copy()
    for plane in planes[1:]:
        total += plane
    return total


def flat(values: FloatArray) -> FloatArray:
    """All axes but draws as one, [..., draw] to [row, draw]."""
    return values.reshape(-1, values.shape[-1])


def quotient(numerator: FloatArray, denominator: FloatArray, where: BoolArray, otherwise: FloatArray) -> FloatArray:
    """Divide where a condition holds, and give other numbers elsewhere.

    Parameters
    ----------
    numerator, denominator, where, otherwise
        Arrays that fit each other; `otherwise` has the shape of the result. Division without a mask is many times as
        fast, and gives the same bits where no draw needs one.
    """
    if where.all():
        plain: FloatArray = numerator / denominator
        return plain
    return np.divide(numerator, denominator, out=otherwise.copy(), where=where)
