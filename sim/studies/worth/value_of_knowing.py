"""What it is worth to know something before choosing: expected value of perfect and of partial information."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.quantities import FloatArray
from sim.report.statistics import nine_digits

BENDS = 3
"""Degree of the polynomial in a number's rank by which it is known what each choice brings."""
MANY = 20
"""Groups of more numbers are known by straight lines only."""
SHRINKAGE = 1.0
"""Weight against large slopes (ridge), for features of variance 1."""


class Value(NamedTuple):
    """A value with its standard error."""

    value: float
    error: float


def of_everything(figures: FloatArray) -> Value:
    """Value of knowing all before choosing: E[max_c Y_c] - max_c E[Y_c] (Raiffa and Schlaifer 1961).

    Parameters
    ----------
    figures
        [choice, draw] what each choice brings.
    """
    gain = figures.max(axis=0) - figures[figures.mean(axis=1).argmax()]
    return Value(nine_digits(gain.mean()), nine_digits(gain.std(ddof=1) / np.sqrt(gain.size)))


def of_numbers(figures: FloatArray, numbers: Sequence[FloatArray]) -> Value:
    """Value of knowing some numbers before choosing: E[max_c E[Y_c | X]] - max_c E[Y_c].

    By regression (Strong, Oakley and Brennan 2014, Medical Decision Making 34(3)), honest: what each choice brings is
    learned from one half of the draws and paid out in the other, both ways round, so that noise that was learned brings
    nothing. Only differences to the first choice are learned: what moves all choices alike decides nothing. What a
    polynomial misses makes the value too small, never too large in expectation.

    Parameters
    ----------
    figures
        [choice, draw] what each choice brings.
    numbers
        [draw] each number that would be known.
    """
    figures = figures - figures[0]
    features = np.column_stack([held for number in numbers for held in _features(number, len(numbers))])
    halves = np.arange(figures.shape[1]) % 2
    gain = np.empty(figures.shape[1])
    for half in (0, 1):
        learned, paid = halves == half, halves != half
        chosen = _predicted(features[learned], figures[:, learned], features[paid]).argmax(axis=0)
        without = figures[:, learned].mean(axis=1).argmax()
        outcome = figures[:, paid]
        gain[paid] = outcome[chosen, np.arange(outcome.shape[1])] - outcome[without]
    return Value(nine_digits(gain.mean()), nine_digits(gain.std(ddof=1) / np.sqrt(gain.size)))


def _features(number: FloatArray, among: int) -> list[FloatArray]:
    """Powers of a number's rank, from -1 to 1, each of mean 0 and variance 1."""
    if np.ptp(number) == 0.0:
        return [np.zeros_like(number)]
    ranks = np.argsort(np.argsort(number, kind="stable"), kind="stable")
    place = 2.0 * (ranks + 0.5) / len(number) - 1.0
    powers = [place**power for power in range(1, 2 if among > MANY else BENDS + 1)]
    return [(held - held.mean()) / held.std() for held in powers]


def _predicted(known: FloatArray, figures: FloatArray, features: FloatArray) -> FloatArray:
    """What each choice brings by ridge regression, [choice, draw]."""
    middle = figures.mean(axis=1, keepdims=True)
    weights = known.T @ known + SHRINKAGE * np.eye(known.shape[1])
    slopes = np.linalg.solve(weights, known.T @ (figures - middle).T)
    found: FloatArray = (features @ slopes).T + middle
    return found
