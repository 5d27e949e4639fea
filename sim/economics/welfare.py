"""Customers' surplus in the cloud market and countries' welfare (docs/model.md, section 4)."""

from __future__ import annotations

import numpy as np

from sim.economics.demand import Renewal
from sim.quantities import FloatArray


def surplus_stock(
    stock: FloatArray, renewal: Renewal, churn: FloatArray, new_bn: FloatArray, log_index: FloatArray
) -> FloatArray:
    """Surplus of customers against the base date, which follows their contracts (equation 4.11).

    U' = (1 - lam) * kept * U + new * (-ln Pi)

    Parameters
    ----------
    stock
        [market, segment, draw] U, bn a year.
    renewal
        The month's renewal of contracts (`kept`).
    churn
        [draw] lam, share of contracts up for choice this month.
    new_bn
        [market, segment, draw] spending newly chosen and served, bn a year.
    log_index
        [market, segment, draw] ln Pi against the base date.
    """
    return (1.0 - churn) * renewal.kept * stock - new_bn * log_index


def exact_surplus(budget_at_base: FloatArray, log_index: FloatArray, eta: FloatArray) -> FloatArray:
    """Exact surplus in a static market (equation 4.12): E * (Pi ** (1 - eta) - 1) / (eta - 1)."""
    return budget_at_base * np.expm1((1.0 - eta) * log_index) / (eta - 1.0)


def herfindahl(shares: FloatArray) -> FloatArray:
    """Herfindahl-Hirschman index: sum of squared shares, 0 to 1.

    Parameters
    ----------
    shares
        [vendor, ..., draw] market shares.
    """
    total = shares[0] * shares[0]
    for share in shares[1:]:
        total = total + share * share
    return total
