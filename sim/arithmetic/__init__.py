"""Arithmetic with the same bits on every processor: compiled loops, exponentials, logarithms, linear equations."""

from sim.arithmetic.compiling import COMPILES

if COMPILES:
    import sim.arithmetic.vectors  # noqa: F401 (compiled code needs it)
