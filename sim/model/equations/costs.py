"""Unit cost of a compute unit (docs/model.md, section 4)."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import power
from sim.quantities import BoolArray, FloatArray, IntArray


@compiled
def unit_cost(
    base_cost: FloatArray,
    market_factors: tuple[FloatArray, FloatArray],
    vendor_factors: tuple[FloatArray, FloatArray],
    places: tuple[IntArray, IntArray, BoolArray],
    found: FloatArray,
) -> None:
    """Unit cost relative to the common decline (equation 4.5): the base cost times what has changed since.

    Parameters
    ----------
    base_cost
        [channel, draw] cost that makes a price of 1 the best response at the base date.
    market_factors
        [market, draw] `hardware_cost_factor`, and `residency_cost_factor` for vendors from abroad.
    vendor_factors
        [vendor, draw] `experience_cost_factor`, and 1 + cost increase by export controls.
    places
        [channel] vendor and market of each, and whether the vendor is at home there.
    found
        [channel, draw] gets unit cost.
    """
    (hardware, residency), (experience, control), (vendor, market, at_home) = market_factors, vendor_factors, places
    rows, draws = base_cost.shape
    for row in range(rows):
        v, m = vendor[row], market[row]
        for d in range(draws):
            foreign = 1.0 if at_home[row] else residency[m, d]
            found[row, d] = base_cost[row, d] * hardware[m, d] * foreign * experience[v, d] * control[v, d]


def hardware_cost_factor(hardware_share: FloatArray, tariff: FloatArray, base_tariff: FloatArray) -> FloatArray:
    """Effect of hardware tariffs on unit cost (equation 4.6): (1 - h) + h * (1 + tau) / (1 + tau_base)."""
    return (1.0 - hardware_share) + hardware_share * (1.0 + tariff) / (1.0 + base_tariff)


def residency_cost_factor(residency_cost: FloatArray, residency: FloatArray, base: FloatArray) -> FloatArray:
    """Effect of data residency on a foreign vendor's cost (equation 4.7): (1 + rho * res) / (1 + rho * res_base)."""
    return (1.0 + residency_cost * residency) / (1.0 + residency_cost * base)


def experience_cost_factor(output_share: FloatArray, base_share: FloatArray, exponent: FloatArray) -> FloatArray:
    """Effect of experience beyond the market's (equation 4.8): (X / X_base) ** -b; 1 for a vendor without base output.

    Parameters
    ----------
    output_share, base_share
        [..., draw] vendor's share in all output made so far, now and at the base date.
    exponent
        [draw] b.
    """
    ratio = np.divide(output_share, base_share, out=np.ones_like(output_share), where=base_share > 0.0)
    return power(ratio, -exponent)
