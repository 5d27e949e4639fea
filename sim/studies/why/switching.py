"""The value of a number at which the mean of a figure changes its sign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.quantities import FloatArray, IntArray
from sim.report.statistics import nine_digits

BENDS = 3
"""Degree of the polynomial in the number's rank that stands for the figure's mean."""
RESAMPLES = 400
"""Times that draws are drawn anew for an interval."""
INSIDE = (0.05, 0.95)
"""Where in the range of a number, as shares of its draws, a change of sign is looked for."""
GRID = 181


@dataclass(frozen=True)
class Switch:
    """Where the mean of a figure changes its sign along a number.

    Attributes
    ----------
    value
        The number there; not a number where it never does within its range.
    low, high
        90 % interval over resampled draws, of those that find one.
    found
        Share of resamples that find a change of sign.
    rises
        Whether the figure is above zero above the value.
    at_low, at_high
        Mean of the figure at the low and the high end of the range.
    """

    value: float
    low: float
    high: float
    found: float
    rises: bool
    at_low: float
    at_high: float


def switching_value(number: FloatArray, figure: FloatArray, seed: int = 0) -> Switch:
    """Find where the conditional mean of a figure crosses zero as a number goes through its range.

    The mean is a polynomial in the number's rank, by least squares: monotone numbers of any unit are treated alike.

    Parameters
    ----------
    number, figure
        [draw] what was drawn, and the figure.
    seed
        Of the resamples.
    """
    ranks = (np.argsort(np.argsort(number, kind="stable"), kind="stable") + 0.5) / len(number)
    grid, basis = np.linspace(*INSIDE, GRID), np.vander(2.0 * ranks - 1.0, BENDS + 1)
    shown = np.vander(2.0 * grid - 1.0, BENDS + 1)
    rng = np.random.default_rng(seed)
    paths = [_means(basis, figure, shown)]
    for _ in range(RESAMPLES):
        held: IntArray = rng.integers(0, len(number), len(number))
        paths.append(_means(basis[held], figure[held], shown))
    places = np.array([_crossing(grid, path) for path in paths])
    values = np.where(np.isnan(places), np.nan, np.quantile(number, np.nan_to_num(places)))
    some = values[1:][~np.isnan(values[1:])]
    low, high = np.quantile(some, (0.05, 0.95)) if len(some) else (np.nan, np.nan)
    first, last = paths[0][0], paths[0][-1]
    return Switch(
        nine_digits(values[0]),
        nine_digits(low),
        nine_digits(high),
        len(some) / RESAMPLES,
        bool(last > first),
        nine_digits(first),
        nine_digits(last),
    )


def _means(basis: FloatArray, figure: FloatArray, shown: FloatArray) -> FloatArray:
    fitted: FloatArray = shown @ np.linalg.lstsq(basis, figure, rcond=None)[0]
    return fitted


def _crossing(grid: FloatArray, path: FloatArray) -> float:
    """The one place at which a path goes from one side of zero to the other; none where there are several."""
    turns = np.flatnonzero(np.sign(path[:-1]) * np.sign(path[1:]) < 0)
    if len(turns) != 1:
        return float("nan")
    k = int(turns[0])
    return float(grid[k] + (grid[k + 1] - grid[k]) * path[k] / (path[k] - path[k + 1]))
