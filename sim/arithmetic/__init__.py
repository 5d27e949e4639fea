"""Arithmetic with the same bits on every processor: compiled loops, exponentials, logarithms, linear equations."""
