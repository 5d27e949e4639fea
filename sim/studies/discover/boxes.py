"""Boxes of inputs in which a condition holds more often than elsewhere (PRIM: Friedman and Fisher 1999).

A box is peeled: of all inputs and both ends the twentieth is taken off whose loss leaves the condition most frequent.
It is found in one part of the draws and scored in the other, so that what noise suggests is not believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import hypergeom

from sim.quantities import BoolArray, FloatArray

PEELED = 0.05
"""Part of the draws in the box that one step takes off."""
LEAST_SUPPORT = 0.08
"""Part of the draws that a box holds at least."""
MOST_INPUTS = 4
"""Inputs that a box bounds at most: a rule that can be said in one breath."""


@dataclass(frozen=True)
class Box:
    """Bounds of inputs, -inf and inf where there are none.

    Attributes
    ----------
    low, high
        [input] bounds, both inside.
    """

    low: FloatArray
    high: FloatArray

    @classmethod
    def of_all(cls, inputs: FloatArray) -> Box:
        """The box of all draws of inputs, [input, draw], without a bound."""
        return cls(np.full(len(inputs), -np.inf), np.full(len(inputs), np.inf))

    def bounding(self, k: int, **bounds: float) -> Box:
        """The same but for the bounds, `low` or `high`, of an input."""
        ends = {"low": self.low.copy(), "high": self.high.copy()}
        for end, bound in bounds.items():
            ends[end][k] = bound
        return Box(**ends)

    def holds(self, inputs: FloatArray) -> BoolArray:
        """Whether draws lie in it, [draw]; inputs are [input, draw]."""
        return np.asarray(((inputs >= self.low[:, None]) & (inputs <= self.high[:, None])).all(axis=0))

    @property
    def bounded(self) -> BoolArray:
        """Which inputs it bounds, [input]."""
        found: BoolArray = np.isfinite(self.low) | np.isfinite(self.high)
        return found


@dataclass(frozen=True)
class Score:
    """How often a condition holds in a box, in draws that had no part in finding it.

    Attributes
    ----------
    density, base_rate
        Share of draws in which it holds, in the box and in all.
    coverage
        Share of the draws in which it holds that the box contains.
    support
        Share of all draws that the box contains.
    chance
        Chance of so many or more in the box if box and condition had nothing to do with each other (permutations of the
        condition over draws).
    draws
        Draws in which it was scored.
    """

    density: float
    base_rate: float
    coverage: float
    support: float
    chance: float
    draws: int


def find_box(inputs: FloatArray, condition: BoolArray) -> Box:
    """Peel a box in which a condition holds often.

    Of the boxes on the way the one is given whose density, less one standard error, is furthest above the base rate for
    what it covers; bounds that the condition does not need are taken away again.

    Parameters
    ----------
    inputs
        [input, draw] what was drawn.
    condition
        [draw] whether it holds.
    """
    box = Box.of_all(inputs)
    best, most = box, 0.0
    base = condition.mean()
    while True:
        peeled = _peel(box, inputs, condition)
        if peeled is None:
            break
        box = peeled
        worth = _worth(box.holds(inputs), condition, base)
        if worth > most:
            best, most = box, worth
    return _simpler(best, inputs, condition)


def _peel(box: Box, inputs: FloatArray, condition: BoolArray) -> Box | None:
    """Take off the end whose loss leaves the highest density, or nothing where the box would be too small."""
    inside = box.holds(inputs)
    held, met = inputs[:, inside], condition[inside]
    if held.shape[1] * (1.0 - PEELED) < LEAST_SUPPORT * inputs.shape[1]:
        return None
    full = box.bounded.sum() >= MOST_INPUTS
    found: list[tuple[float, Box]] = []
    for k in np.flatnonzero(box.bounded) if full else range(len(inputs)):
        for lower in (True, False):
            cut = np.quantile(held[k], PEELED if lower else 1.0 - PEELED)
            stays = held[k] > cut if lower else held[k] < cut
            if 0 < stays.sum() < stays.size:
                kept = held[k][stays]
                smaller = box.bounding(int(k), **({"low": kept.min()} if lower else {"high": kept.max()}))
                found.append((float(met[stays].mean()), smaller))
    return max(found, key=lambda step: step[0])[1] if found else None


def _worth(inside: BoolArray, condition: BoolArray, base: float) -> float:
    """How far density, less its standard error, lies above the base rate, times what is covered."""
    count = int(inside.sum())
    if not count or not condition.any():
        return 0.0
    density = condition[inside].mean()
    error = np.sqrt(max(density * (1.0 - density), 1.0 / count) / count)
    covered = condition[inside].sum() / condition.sum()
    return float(max(density - error - base, 0.0) * np.sqrt(covered))


def _simpler(box: Box, inputs: FloatArray, condition: BoolArray) -> Box:
    """Take bounds away as long as the box is not worth less for it."""
    base = condition.mean()
    while True:
        here, options = _worth(box.holds(inputs), condition, base), []
        for k in np.flatnonzero(box.bounded):
            wider = box.bounding(int(k), low=-np.inf, high=np.inf)
            options.append((_worth(wider.holds(inputs), condition, base), int(k), wider))
        worth, _, wider = max(options, default=(-1.0, 0, box))
        if worth < here or not options:
            return box
        box = wider


def score(box: Box, inputs: FloatArray, condition: BoolArray, *, both_sides: bool = False) -> Score:
    """Score a box in draws that had no part in finding it.

    Parameters
    ----------
    box
        The box.
    inputs, condition
        [input, draw] and [draw].
    both_sides
        Whether the chance is that of a density so far below the base rate, too: twice the smaller one.
    """
    inside, draws = box.holds(inputs), condition.size
    hits, count, met = int(condition[inside].sum()), int(inside.sum()), int(condition.sum())
    chance = float(hypergeom.sf(hits - 1, draws, met, count))
    if both_sides:
        chance = min(1.0, 2.0 * min(chance, float(hypergeom.cdf(hits, draws, met, count))))
    return Score(
        density=hits / count if count else 0.0,
        base_rate=met / draws,
        coverage=hits / met if met else 0.0,
        support=count / draws,
        chance=chance,
        draws=draws,
    )
