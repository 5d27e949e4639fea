"""Scores of forecasts: the continuous ranked probability score, and coverage; pure functions on arrays."""

from __future__ import annotations

import numpy as np

from sim.quantities import FloatArray


def crps(ensemble: FloatArray, observed: float) -> float:
    """Continuous ranked probability score of a forecast given as draws, in the unit of the observation; 0 is perfect.

    E|X - y| - E|X - X'| / 2 (Gneiting and Raftery 2007, JASA 102(477), equation 21), which for one draw is its absolute
    error.

    Parameters
    ----------
    ensemble
        [draw] what the forecast says.
    observed
        What came.
    """
    ordered = np.sort(ensemble)
    count = len(ordered)
    weights = 2.0 * np.arange(1, count + 1) - count - 1.0
    spread = float(weights @ ordered) / count**2
    return float(np.mean(np.abs(ordered - observed))) - spread


def coverage(observed: FloatArray, low: FloatArray, high: FloatArray) -> float:
    """Share of observations that lie in their intervals, bounds included."""
    return float(np.mean((low <= observed) & (observed <= high)))
