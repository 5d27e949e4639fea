"""How equations are compiled: once, kept on disk, with the same bits on every processor and without a compiler."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from sim.quantities import FloatArray

numba: Any = importlib.import_module("numba") if importlib.util.find_spec("numba") else None

Function = TypeVar("Function", bound=Callable[..., object])

COMPILES = numba is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
"""Whether there is a compiler; without one the same source runs as it stands, and slowly."""


def compiled(function: Function, **options: bool) -> Function:
    """Compile a function at its first call; later processes read the machine code from numba's cache.

    No fast math and no fused operations, so that no bit depends on the processor. The cache lies beside the file, in
    the user's cache folder where that cannot be written, or in NUMBA_CACHE_DIR.
    """
    if not COMPILES:
        return function
    try:
        return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function))
    except RuntimeError:  # nowhere to write: every process compiles for itself
        return cast("Function", numba.njit(nogil=True, error_model="numpy", **options)(function))


def of_numbers(function: Function) -> Function:
    """Compile a function of single numbers into the loops that call it."""
    return compiled(function, forceinline=True)


def of_draws(function: Function) -> Function:
    """Compile a function of arrays of draws into the one that calls it; it makes no arrays of its own."""
    return compiled(function, forceinline=True, _nrt=False)


def in_compiled_code(function: Function) -> Function:
    """Let compiled code, too, call a function of arrays that fit each other, for the numbers of some draws."""
    _stands_for(function, function)
    return function


def _stands_for(function: Callable[..., Any], source: Callable[..., Any]) -> None:
    """Let compiled code that calls a function hold what a source does."""
    if COMPILES:
        numba.extending.overload(function, strict=False, jit_options={"forceinline": True})(lambda *_: source)


def for_arrays(number: Any) -> Callable[[Callable[..., None]], Callable[..., FloatArray]]:
    """Make a function of arrays that fit each other from a loop over numbers.

    In compiled code the function stands for `number`, the same for single numbers.

    Parameters
    ----------
    number
        The compiled function that the loop calls.
    """

    def of(loop: Callable[..., None]) -> Callable[..., FloatArray]:
        each = compiled(loop)

        @wraps(loop)
        def function(
            value: FloatArray | float, *others: FloatArray | float, out: FloatArray | None = None
        ) -> FloatArray:
            array = np.asarray(value, dtype=np.float64)
            arrays, shape = [array], array.shape
            for other in others:
                arrays.append(np.asarray(other, dtype=np.float64))
                if arrays[-1].shape != shape:
                    shape = np.broadcast(array, *others).shape
            found = np.empty(shape) if out is None or not out.flags.c_contiguous else out
            for k, held in enumerate(arrays):
                arrays[k] = (held if held.shape == shape else spread(held, shape)).ravel()
            each(found.ravel(), *arrays)
            if out is not None and found is not out:
                np.copyto(out, found)
                return out
            return found if shape else found[()]

        if COMPILES:
            _stands_for(function, number.py_func)
        return function

    return of


def spread(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """An array spread over a shape that it fits, its numbers one after another in memory, as compiled loops want it."""
    if array.shape == shape:
        return np.ascontiguousarray(array)
    found = np.empty(shape)
    found[...] = array
    return found
