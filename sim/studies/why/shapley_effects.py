"""What part of a variance each of several dependent inputs makes: Shapley effects of a linear part, in closed form.

Of normal inputs that go together no one can be exchanged alone. The Shapley effect of an input (Owen 2014, SIAM/ASA
Journal on Uncertainty Quantification 2; Iooss and Prieur 2019, International Journal for Uncertainty Quantification 9)
is the part of the variance that becomes known with it, averaged over all orders in which inputs become known. For a
linear figure that part is the square of one number: with L the triangular root of the inputs' covariance in some order,
and b the slopes in that order, input k adds ((L' b)_k)^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from sim.quantities import FloatArray, IntArray

MOST_IN_FULL = 5
"""Inputs of which all orders are gone through; of more, some pairs of an order and itself backwards."""
PAIRS = 100
OWN = 1e-7
"""Deviation of its own that each input is given, so that those that always move together come one after the other."""
BLOCKS = 32
"""Parts of the draws that are left out one at a time, for errors (jackknife)."""
LEAST_DRAWS = 3
"""Draws for each input below which no slopes are fitted."""


@dataclass(frozen=True)
class ShapleyEffects:
    """Parts of a variance, in the square of the figure's unit.

    Attributes
    ----------
    effects, error
        [input] what each makes, with standard errors; they add up to `linear`.
    linear, linear_error
        What all inputs make as far as the figure is linear in them.
    """

    effects: FloatArray
    error: FloatArray
    linear: float
    linear_error: float


def shapley_effects(slopes: FloatArray, loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the Shapley effects of inputs on a linear figure, and their errors from orders left out.

    Parameters
    ----------
    slopes
        [input, variant] by how much the figure changes with each input, in several variants.
    loadings
        [input, normal] of the inputs on independent standard normals: their covariance is loadings times transpose.

    Returns
    -------
    Both [input, variant]; the variance explained in a variant is the sum of its effects.
    """
    orders, apart = _orders(loadings), np.hstack([loadings, OWN * np.eye(len(loadings))])
    found = np.empty((len(orders), *slopes.shape))
    for place, order in enumerate(orders):
        root = np.linalg.qr(apart[order].T, mode="r")
        found[place, order] = (root @ slopes[order]) ** 2
    if len(orders) < 2 * PAIRS:
        return found.mean(axis=0), np.zeros_like(slopes)
    by_pair = found.reshape(-1, 2, *slopes.shape).mean(axis=1)
    return by_pair.mean(axis=0), by_pair.std(axis=0, ddof=1) / np.sqrt(len(by_pair))


def _orders(loadings: FloatArray) -> IntArray:
    """Choose orders: one where inputs are independent, all of few, else random pairs."""
    count = len(loadings)
    covariance = loadings @ loadings.T
    if not (covariance - np.diag(np.diag(covariance))).any():
        return np.arange(count)[None]
    if count <= MOST_IN_FULL:
        return np.array(list(permutations(range(count))))
    rng = np.random.default_rng(count)
    return np.array([order for _ in range(PAIRS) for one in (rng.permutation(count),) for order in (one, one[::-1])])


def effects_of_exchange(change: FloatArray, moved: FloatArray, loadings: FloatArray) -> ShapleyEffects | None:
    """Give the Shapley effects of inputs that were drawn anew together while all else stayed.

    What changed is regressed on how far each input moved. Noise in the slopes would add to every effect; the jackknife
    over blocks of draws takes that away and gives the errors.

    Parameters
    ----------
    change
        [draw] by how much the figure changed.
    moved
        [input, draw] by how much each input did.
    loadings
        [input, normal] of the inputs on independent standard normals.

    Returns
    -------
    ShapleyEffects
        None where there are too few draws for so many inputs.
    """
    count, draws = moved.shape
    if draws < max(LEAST_DRAWS * count, 2 * BLOCKS):
        return None
    slopes = _slopes_without_blocks(change, moved)
    effects, order_error = shapley_effects(slopes, loadings)
    value, error = _jackknife(effects)
    linear, linear_error = _jackknife(effects.sum(axis=0, keepdims=True))
    return ShapleyEffects(value, np.hypot(error, order_error[:, 0]), float(linear[0]), float(linear_error[0]))


def _slopes_without_blocks(change: FloatArray, moved: FloatArray) -> FloatArray:
    """Slopes by least squares, of all draws and without each block in turn, [input, 1 + block]."""
    held = np.arange(len(change)) % BLOCKS
    squares, products = moved @ moved.T, moved @ change
    columns = [np.linalg.lstsq(squares, products, rcond=None)[0]]
    for block in range(BLOCKS):
        out = moved[:, held == block]
        rest = products - out @ change[held == block]
        columns.append(np.linalg.lstsq(squares - out @ out.T, rest, rcond=None)[0])
    return np.column_stack(columns)


def _jackknife(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Unbiased value and standard error, [row], of values of all draws, then without each block, [row, 1 + block]."""
    whole, without = values[:, 0], values[:, 1:]
    middle = without.mean(axis=1)
    value: FloatArray = BLOCKS * whole - (BLOCKS - 1) * middle
    spread: FloatArray = np.sqrt((BLOCKS - 1) / BLOCKS * ((without - middle[:, None]) ** 2).sum(axis=1))
    return value, spread
