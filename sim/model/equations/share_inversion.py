"""Finding the qualities that reproduce the base year, and the market's trend (docs/model.md, section 9)."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.errors import ImpossibleDrawsError
from sim.quantities import BoolArray, FloatArray, ordered_sum

TOLERANCE = 1e-12
MOST_STEPS = 5000
OUT_OF_REACH = "base sales cannot be reproduced: some vendor sells more than its access to segments allows"


def quality_from_sales(
    sales_bn: FloatArray, budget_bn: FloatArray, taste: FloatArray, access: FloatArray
) -> FloatArray:
    """Recover log quality from sales (equation 9.1; contraction of Berry, Levinsohn, Pakes 1995, Econometrica 63(4)).

    delta <- delta + ln(sales) - ln(sum_s E * P(delta)), segments standing for consumer types. With no outside choice
    this is iterative proportional fitting, which converges wherever the sales can be reached at all.

    Parameters
    ----------
    sales_bn
        [vendor, market, draw] observed sales, bn a year; they sum to the market's budget.
    budget_bn
        [market, segment, draw] spending of each segment, bn a year.
    taste
        [vendor, market, segment, draw] log quality that is particular to the segment.
    access
        [vendor, market, segment, draw] share of the segment that may choose the vendor.

    Returns
    -------
    [vendor, market, segment, draw] delta, taste included, normalised so that every segment's price index is 1 at prices
    of 1; 0 for vendors without sales.

    Raises
    ------
    ImpossibleDrawsError
        Where the sales cannot be reproduced (a vendor sells where it has no access), or are not numbers.
    """
    within_reach = ordered_sum(np.where(access > 0.0, budget_bn, 0.0), axis=2)
    moving: BoolArray = np.asarray(~(sales_bn <= within_reach * (1.0 + TOLERANCE)).all(axis=(0, 1)))
    if moving.any():
        raise ImpossibleDrawsError(OUT_OF_REACH, moving)
    sells = sales_bn > 0.0
    weight = access * exp(taste)
    strength = np.where(sells, sales_bn, 0.0)
    with np.errstate(all="ignore"):
        for _ in range(MOST_STEPS):
            attraction = weight * strength[:, :, None]
            total = ordered_sum(attraction)
            predicted = ordered_sum(attraction * (budget_bn / total), axis=2)
            ratio = np.divide(sales_bn, predicted, out=np.ones_like(sales_bn), where=sells)
            moving = np.asarray(~(np.abs(ratio - 1.0) <= TOLERANCE).all(axis=(0, 1)))
            if not moving.any():
                log_strength = log(np.where(sells, strength, 1.0))[:, :, None] + taste - log(total)
                return np.where(sells[:, :, None], log_strength, 0.0)
            strength = np.where(moving, strength * ratio, strength)
    raise ImpossibleDrawsError(OUT_OF_REACH, moving)
