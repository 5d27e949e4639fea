"""Data centres: what a vendor expects to sell, and what it orders for it (docs/model.md, section 4)."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, in_compiled_code, of_numbers
from sim.arithmetic.elementary import exp
from sim.quantities import FloatArray


@of_numbers
def _expected(contracts: float, potential: float, churn: float, growth: float, years: float) -> float:
    run_off = float(exp(-churn * years))
    return contracts * run_off + potential * max(float(exp(growth * years)) - run_off, 0.0)


@for_arrays(_expected)
def expected_sales(
    out: FloatArray,
    contracts: FloatArray,
    potential: FloatArray,
    churn: FloatArray,
    growth: FloatArray,
    years: FloatArray,
) -> None:
    """Sales expected after some years (equation 4.9): R * exp(-lam t) + P * E * (exp(g t) - exp(-lam t)).

    What is under contract now runs off with churn; a share P of all spending that comes up for choice until then
    (renewals and growth) is won.

    Parameters
    ----------
    contracts
        [..., draw] spending under contract now, bn a year.
    potential
        [..., draw] P * E, sales if all spending were up for choice now, bn a year.
    churn, growth
        [..., draw] log rates per year of contract run-off and of market spending.
    years
        [..., draw] time ahead, years.
    """
    for i in range(len(out)):
        out[i] = _expected(contracts[i], potential[i], churn[i], growth[i], years[i])


def order_units(
    expected_units: FloatArray, headroom: FloatArray, capacity: FloatArray, on_order: FloatArray, surviving: FloatArray
) -> FloatArray:
    """Capacity to order (equation 4.10): what is expected plus headroom, less what will be there anyway; at least 0.

    Parameters
    ----------
    expected_units
        [..., draw] sales expected when an order placed now arrives, compute units.
    headroom
        [draw] capacity wanted above that, share of one.
    capacity, on_order
        [..., draw] capacity now and on order, compute units.
    surviving
        [draw] share of present capacity not yet retired by then.
    """
    return np.maximum(expected_units * (1.0 + headroom) - capacity * surviving - on_order, 0.0)


@in_compiled_code
def most_sales(capacity: FloatArray, price: FloatArray, trend: FloatArray) -> FloatArray:
    """Most that a channel can serve of what is wanted (equation 3.5): K * p * P_trend, bn a year.

    Parameters
    ----------
    capacity, price
        [..., draw] compute units, and price against the common decline.
    trend
        [draw] the common decline.
    """
    return capacity * price * trend


@compiled
def bring_on_line(capacity: FloatArray, on_order: FloatArray, arriving: FloatArray, keeps: FloatArray) -> None:
    """Retire capacity and add what arrives, in place (section 4): K' = keeps * K + arriving.

    Parameters
    ----------
    capacity, on_order
        [channel, draw] what there is, and what is coming, compute units.
    arriving
        [channel, draw] what arrives this month; then nothing.
    keeps
        [draw] part of capacity that is not retired in a month.
    """
    rows, draws = capacity.shape
    for row in range(rows):
        for d in range(draws):
            capacity[row, d] = capacity[row, d] * keeps[d] + arriving[row, d]
            on_order[row, d] = max(on_order[row, d] - arriving[row, d], 0.0)
            arriving[row, d] = 0.0
