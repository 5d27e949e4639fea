"""A shallow tree of inputs that tells draws in which a condition holds from those in which it does not (CART).

Each step divides the draws at that value of that input which leaves the two halves most alike in themselves (Gini;
Breiman, Friedman, Olshen and Stone 1984). It is grown in one part of the draws and scored in the other, as boxes are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.quantities import BoolArray, FloatArray
from sim.studies.discover.boxes import LEAST_SUPPORT, Box

DEPTH = 2
"""Questions from the whole to a leaf: a tree that can be said aloud."""


def leaves(inputs: FloatArray, condition: BoolArray, depth: int = DEPTH) -> list[Box]:
    """Grow a tree, and give its leaves as boxes that together hold all draws, each in one.

    Parameters
    ----------
    inputs
        [input, draw] what was drawn.
    condition
        [draw] whether it holds.
    depth
        Most questions from the whole to a leaf.
    """
    return list(_grown(Box.of_all(inputs), inputs, condition, depth))


def _grown(box: Box, inputs: FloatArray, condition: BoolArray, depth: int) -> Iterator[Box]:
    inside = box.holds(inputs)
    found = _best_division(inputs[:, inside], condition[inside], LEAST_SUPPORT * condition.size) if depth else None
    if found is None:
        yield box
        return
    k, below, above = found
    for half in (box.bounding(k, high=below), box.bounding(k, low=above)):
        yield from _grown(half, inputs, condition, depth - 1)


def _best_division(inputs: FloatArray, condition: BoolArray, least: float) -> tuple[int, float, float] | None:
    """Input, and the largest number below and the smallest above which draws are divided best; None if nothing helps.

    Parameters
    ----------
    least
        Draws that each half holds at least.
    """
    best, most = None, 0.0
    for k, values in enumerate(inputs):
        order = np.argsort(values, kind="stable")
        found = _division(values[order], condition[order], least)
        if found is not None and found[0] > most:
            most, bounds = found
            best = (k, *bounds)
    return best


def _division(values: FloatArray, condition: BoolArray, least: float) -> tuple[float, tuple[float, float]] | None:
    """How much dividing rising values in the best place gains, and the bound below and above it."""
    count, met = condition.size, np.cumsum(condition)
    left = np.arange(1, count)
    possible = (left >= least) & (count - left >= least) & (values[1:] > values[:-1])
    if not possible.any():
        return None
    low, high = met[:-1] / left, (met[-1] - met[:-1]) / (count - left)
    gain = np.where(possible, left * (count - left) * (low - high) ** 2, 0.0) / count**2
    at = int(gain.argmax())
    bound = 0.5 * (values[at] + values[at + 1])
    return float(gain[at]), (float(bound), float(np.nextafter(bound, np.inf)))
