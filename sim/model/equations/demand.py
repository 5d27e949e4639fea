"""Customers: CES choice between vendors, budgets, contracts (docs/model.md, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, in_compiled_code, of_numbers, spread
from sim.arithmetic.elementary import exp, log
from sim.arithmetic.lanes import where
from sim.quantities import FloatArray, flat, ordered_sum


@dataclass(frozen=True)
class Choice:
    """How customers now divide the spending that is up for choice.

    Attributes
    ----------
    attraction
        [vendor, ..., segment, draw] A, weight of a vendor in the segment's choice.
    total
        [..., segment, draw] sum of A over vendors.
    """

    attraction: FloatArray
    total: FloatArray

    @classmethod
    def of(cls, attraction: FloatArray) -> Choice:
        """Choose by attractions, vendors first."""
        return cls(attraction, ordered_sum(attraction))

    @property
    def shares(self) -> FloatArray:
        """P, expenditure shares, in the shape of attractions (equation 3.1)."""
        return self.attraction * inverse(self.total)


def appeal(access: FloatArray, quality: FloatArray) -> FloatArray:
    """Attraction at a price of 1 (equation 3.1): access * exp(delta).

    Parameters
    ----------
    access
        [vendor, ..., segment, draw] share of the segment that may choose the vendor, of one market or of several.
    quality
        [vendor, ..., segment, draw] log quality delta, as far as it does not move from month to month.
    """
    return access * exp(quality)


def at_price(appealing: FloatArray, log_price: FloatArray, sigma: FloatArray) -> FloatArray:
    """Attraction at a price (equation 3.1): appeal * price ** (1 - sigma).

    Parameters
    ----------
    appealing
        [vendor, ..., segment, draw] `appeal`.
    log_price
        [vendor, ..., draw] log of the price index.
    sigma
        [segment, draw] elasticity of substitution between vendors, above 1.
    """
    found, cells = np.empty(appealing.shape), (-1, *appealing.shape[-2:])
    prices = spread(log_price, (*appealing.shape[:-2], appealing.shape[-1]))
    write_at_price(appealing.reshape(cells), flat(prices), sigma, found.reshape(cells))
    return found


@compiled
def write_at_price(appealing: FloatArray, log_price: FloatArray, sigma: FloatArray, found: FloatArray) -> None:
    """`at_price` for compiled code, [vendor, segment, draw], and [vendor, draw] for prices."""
    vendors, segments, draws = appealing.shape
    for v in range(vendors):
        for s in range(segments):
            for d in range(draws):
                found[v, s, d] = appealing[v, s, d] * exp(log_price[v, d] * (1.0 - sigma[s, d]))


def choice_at(access: FloatArray, quality: FloatArray, log_price: FloatArray, sigma: FloatArray) -> Choice:
    """Choice in CES demand at given qualities and prices (equation 3.1).

    A = access * exp(delta) * price ** (1 - sigma),    P = A / sum_v A

    The parameters are those of `appeal` and of `at_price`.
    """
    return Choice.of(at_price(appeal(access, quality), log_price, sigma))


@in_compiled_code
def inverse(total: FloatArray) -> FloatArray:
    """1 / sum_v A, by which attractions become expenditure shares (equation 3.1); 0 where nobody can be chosen.

    Parameters
    ----------
    total
        [..., segment, draw] sum of attractions.
    """
    somebody: FloatArray = where(total > 0.0, 1.0, 0.0)
    return somebody / where(total > 0.0, total, 1.0)


@in_compiled_code
def log_price_index(total: FloatArray, sigma: FloatArray) -> FloatArray:
    """Log of the CES price index (equation 3.2): ln Pi = ln(sum_v A) / (1 - sigma).

    Parameters
    ----------
    total
        [..., segment, draw] sum of attractions.
    sigma
        [segment, draw] elasticity of substitution, above 1.

    Returns
    -------
    [..., segment, draw] log index; 0 where nobody can be chosen, so that what is wanted there shows as unmet demand.
    """
    return log(where(total > 0.0, total, 1.0)) / (1.0 - sigma)


@in_compiled_code
def budgets(path_bn: FloatArray, log_index_gap: FloatArray, eta: FloatArray) -> FloatArray:
    """Spending of each segment (equation 3.3): E = path * (Pi / Pi_trend) ** (1 - eta).

    Parameters
    ----------
    path_bn
        [market, segment, draw] spending if the price index were on trend, shocks and activity included, bn a year.
    log_index_gap
        [market, segment, draw] ln(Pi / Pi_trend).
    eta
        [draw] elasticity of the market's volume to its price index, above 1.
    """
    return path_bn * exp((1.0 - eta) * log_index_gap)


class UpForChoice(NamedTuple):
    """What a month's renewals do to the spending of each segment (equation 3.4).

    Attributes
    ----------
    free
        [..., segment, draw] spending that is up for choice, bn a year.
    keeps
        [..., segment, draw] part of each contract that goes on.
    carried
        [..., segment, draw] spending that goes on under contracts, as far as the budget can pay, bn a year.
    """

    free: FloatArray
    keeps: FloatArray
    carried: FloatArray


@in_compiled_code
def up_for_choice(total: FloatArray, budget: FloatArray, churn: FloatArray) -> UpForChoice:
    """Tell spending that goes on under contract from that which is up for choice (equation 3.4).

    carried = min((1 - lam) * sum_v R, E),    free = E - carried,    keeps = carried / sum_v R

    Parameters
    ----------
    total
        [..., segment, draw] sum_v R, spending under contract, bn a year.
    budget
        [..., segment, draw] E, spending in all, bn a year.
    churn
        [draw] lam, share of contracts up for choice this month.
    """
    carried = np.minimum((1.0 - churn) * total, budget)
    return UpForChoice(budget - carried, carried / np.maximum(total, LEAST), carried)


LEAST = 1e-200
"""Smaller than any spending or attraction, and large enough to divide by: what is asked of nothing is nothing."""


@in_compiled_code
def renewed_contract(revenue: FloatArray, keeps: FloatArray, attraction: FloatArray, won: FloatArray) -> FloatArray:
    """Spending wanted with a seller after a month's choices (equation 3.4): R' = keeps * R + P * free.

    Parameters
    ----------
    revenue, attraction
        [..., draw] R, spending under contract, bn a year, and A.
    keeps
        [..., draw] part of each contract that goes on, as in `UpForChoice`.
    won
        [..., draw] free spending by attraction, free / sum_v A, bn a year.
    """
    return revenue * keeps + attraction * won


@of_numbers
def _kept(before: float, now: float) -> float:
    return min(now / before, 1.0) if before > 0.0 else 1.0


@for_arrays(_kept)
def kept_contracts(out: FloatArray, access_before: FloatArray, access_now: FloatArray) -> None:
    """Part of contracts that outlives a change of access (equation 3.10): min(1, access now / access before).

    Customers whom a vendor may no longer serve leave it at once; those it may serve anew come as they choose again.

    Parameters
    ----------
    access_before, access_now
        [..., draw] share of the segment that may choose the vendor.
    """
    for i in range(len(out)):
        out[i] = _kept(access_before[i], access_now[i])


@in_compiled_code
def unmet_demand(budget: FloatArray, served: FloatArray) -> FloatArray:
    """Spending that nobody could serve (equation 3.5), bn a year.

    Parameters
    ----------
    budget, served
        [..., segment, draw] spending in all, and what all vendors serve of it. What is wanted falls short of the budget
        where nobody can be chosen.
    """
    return np.maximum(budget - served, 0.0)
