"""What partners cost a vendor in quality, from the share it would have in an open market (docs/model.md, section 9)."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import exp, log, log1p
from sim.quantities import FloatArray, ordered_sum

STEPS = 60
"""Halvings of the interval in which the gap is looked for: as far as numbers go."""
WIDEST = 20.0
"""Largest gap looked for, log points."""


def log_odds_without_fee(open_share: FloatArray, fee: FloatArray, sigma: FloatArray) -> FloatArray:
    """Log odds that a vendor would have by segment if partners took their fee, but cost no quality (equation 9.11).

    The fee raises the price by 1 / (1 - fee), margins as they are.

    Parameters
    ----------
    open_share
        [segment, draw] share in an open market.
    fee
        [draw] what partners take of revenue.
    sigma
        [segment, draw] elasticities of substitution.
    """
    return log(open_share / (1.0 - open_share)) + (sigma - 1.0) * log1p(-fee)


def partner_gap(log_odds: FloatArray, weights: FloatArray, share: FloatArray) -> FloatArray:
    """Quality lost by partners, at which segments together give today's share (equation 9.11).

    sum over s of weight_s / (1 + exp(gap - log odds_s)) = share,   gap at or above 0

    Parameters
    ----------
    log_odds
        [segment, draw] log odds without the loss (`log_odds_without_fee`).
    weights
        [segment, draw] shares of the segments in spending, which sum to one.
    share
        [draw] today's share of the whole market.

    Returns
    -------
    [draw] log points; 0 where the share would be no higher without the loss.
    """
    low, high = np.zeros_like(share), np.full_like(share, WIDEST)
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        above = ordered_sum(weights / (1.0 + exp(middle - log_odds))) > share
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low
