"""Numbers of several draws side by side, for equations that are written as for one draw.

`load` takes a number of `WIDTH` neighbouring draws out of an array, `store` puts it back; what lies between is plain
arithmetic, exponentials, logarithms, `where`, and NumPy's `maximum`, `minimum`, `zeros_like` and `any`. Compiled, such
a number is a vector of the processor (`sim.arithmetic.vectors`); without a compiler it is a short array. Both have the
bits of one draw after another.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.quantities import FloatArray

WIDTH = 8
"""Draws side by side; narrow processors take several registers for them."""


def load(array: FloatArray, *place: int) -> FloatArray:
    """Take the numbers of some neighbouring draws.

    Parameters
    ----------
    array, place
        [..., draw] contiguous array; a position on each axis, and how many draws from there on, `WIDTH` at most.
    """
    found: FloatArray = array[_some(place)].copy()
    return found


def store(value: FloatArray | float, array: FloatArray, *place: int) -> None:
    """Put such numbers back; a plain number into all of these draws. `place` is as in `load`."""
    array[_some(place)] = value


def _some(place: tuple[int, ...]) -> tuple[int | slice, ...]:
    *before, draw, width = place
    return *before, slice(draw, draw + width)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """One number where a condition holds, and the other elsewhere; both are worked out."""
    return np.where(condition, yes, no)[()]


def bits_of(value: Any) -> Any:
    """The bits of a number, as a whole number."""
    return np.asarray(value, dtype=np.float64).view(np.int64)[()]


def number_of(bits: Any) -> Any:
    """The number that has these bits."""
    return np.asarray(bits, dtype=np.int64).view(np.float64)[()]
