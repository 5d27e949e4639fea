"""Functions of uncertain numbers between nodes at which they are known (Berrut and Trefethen 2004, SIAM Rev. 46(3))."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import cosine, exp, log
from sim.quantities import FloatArray, IntArray


def nodes_between(low: float, high: float, count: int) -> FloatArray:
    """Chebyshev points of a range, in logs, [node]; one for a range without width."""
    if low == high:
        return np.array([low])
    angles = np.pi * np.arange(count) / (count - 1)
    middle, half = 0.5 * (log(high) + log(low)), 0.5 * (log(high) - log(low))
    points: FloatArray = exp(middle - half * cosine(angles))
    return points


def weights_at(nodes: FloatArray, values: FloatArray) -> FloatArray:
    """Weights with which what is known at nodes is added up, [node, draw].

    Parameters
    ----------
    nodes
        As `nodes_between` gives them.
    values
        [draw] where the function is wanted; outside of the nodes it is that of the nearest one.
    """
    if len(nodes) == 1:
        return np.ones((1, len(values)))
    signs = 1.0 - 2.0 * (np.arange(len(nodes)) % 2)
    signs[[0, -1]] *= 0.5
    at = log(nodes)[:, None]
    apart = np.clip(log(values), at[0], at[-1])[None] - at
    on_node = apart == 0.0
    terms = signs[:, None] / np.where(on_node, 1.0, apart)
    total = terms[0].copy()
    for term in terms[1:]:
        total += term
    weights: FloatArray = np.where(on_node.any(axis=0), on_node, terms / total)
    return weights


def on_grid(first: FloatArray, second: FloatArray) -> FloatArray:
    """Weights of the nodes of a grid, [node, draw], from those of its two sides; the second side changes faster."""
    return (first[:, None] * second[None]).reshape(-1, first.shape[-1])


def interpolated(known: FloatArray, which: IntArray, weights: FloatArray) -> FloatArray:
    """Give [row, draw] what is known at nodes by their weights, [node, draw] (equation 6.19).

    Parameters
    ----------
    known
        [function, node, row] what several functions come to at the nodes.
    which
        [draw] the function that holds.
    """
    result = np.zeros((len(which), known.shape[-1]))
    _interpolate(known, which, weights, result)
    return np.ascontiguousarray(result.T)


@compiled
def _interpolate(known: FloatArray, which: IntArray, weights: FloatArray, result: FloatArray) -> None:
    """Add what is known, node after node, to what each draw has, [draw, row]."""
    nodes, draws = weights.shape
    for d in range(draws):
        found = result[d]
        for n in range(nodes):
            weight, there = weights[n, d], known[which[d], n]
            for row in range(len(found)):
                found[row] += there[row] * weight
