"""Customers: CES choice between vendors, budgets, contracts, rationing (docs/model.md, section 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.quantities import FloatArray, ordered_sum


@dataclass(frozen=True)
class Choice:
    """How customers now divide the spending that is up for choice.

    Attributes
    ----------
    attraction
        [vendor, ..., segment, draw] A, weight of a vendor in the segment's choice.
    total
        [..., segment, draw] sum of A over vendors.
    shares
        [vendor, ..., segment, draw] P, expenditure share; 0 where nobody can be chosen.
    """

    attraction: FloatArray
    total: FloatArray
    shares: FloatArray


def choose(
    access: FloatArray, fixed_quality: FloatArray, moving_quality: FloatArray, log_price: FloatArray, sigma: FloatArray
) -> Choice:
    """Expenditure shares of CES demand (equation 3.1).

    A = access * exp(delta) * price ** (1 - sigma),    P = A / sum_v A

    Parameters
    ----------
    access
        [vendor, ..., segment, draw] share of the segment that may choose the vendor, of one market or of several.
    fixed_quality, moving_quality
        [vendor, ..., segment, draw] and [vendor, ..., draw] log quality; delta is their sum.
    log_price
        [vendor, ..., draw] log of the price index.
    sigma
        [segment, draw] elasticity of substitution between vendors, above 1.
    """
    attraction = log_price[..., None, :] * (1.0 - sigma)
    attraction += moving_quality[..., None, :]
    attraction += fixed_quality
    np.exp(attraction, out=attraction)
    attraction *= access
    total = ordered_sum(attraction)
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0.0)
    return Choice(attraction, total, attraction * inverse)


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
    return np.log(total, out=np.zeros_like(total), where=total > 0.0) / (1.0 - sigma)


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
    return path_bn * np.exp((1.0 - eta) * log_index_gap)


@dataclass(frozen=True)
class Renewal:
    """What a month's renewal of contracts does.

    Attributes
    ----------
    revenue
        [vendor, ..., segment, draw] R', spending with each vendor after the month's choices, bn a year.
    free
        [..., segment, draw] spending that was up for choice, bn a year.
    carried
        [..., segment, draw] spending that goes on under contracts not up for choice, as far as the budget can pay,
        bn a year.
    """

    revenue: FloatArray
    free: FloatArray
    carried: FloatArray


def renew_contracts(
    revenue: FloatArray, total: FloatArray, shares: FloatArray, budget: FloatArray, churn: FloatArray
) -> Renewal:
    """Move spending through contracts (equation 3.4).

    free = max(E - (1 - lam) * sum_v R, 0)
    R'   = (1 - lam) * R * min(1, E / ((1 - lam) * sum_v R)) + P * free

    Parameters
    ----------
    revenue
        [vendor, ..., segment, draw] R, spending under contract, bn a year.
    total
        [..., segment, draw] sum_v R.
    shares
        [vendor, ..., segment, draw] P, expenditure shares of free spending.
    budget
        [..., segment, draw] E, spending in all, bn a year.
    churn
        [draw] lam, share of contracts up for choice this month.
    """
    stays = 1.0 - churn
    contracted = stays * total
    free = np.maximum(budget - contracted, 0.0)
    kept = np.minimum(1.0, np.divide(budget, contracted, out=np.ones_like(budget), where=contracted > 0.0))
    renewed = revenue * (stays * kept)
    renewed += shares * free
    return Renewal(renewed, free, kept * contracted)


def kept_contracts(access_before: FloatArray, access_now: FloatArray) -> FloatArray:
    """Part of contracts that outlives a change of access (equation 3.10): min(1, access now / access before).

    Customers whom a vendor may no longer serve leave it at once; those it may serve anew come as they choose again.

    Parameters
    ----------
    access_before, access_now
        [..., draw] share of the segment that may choose the vendor.
    """
    ratio = np.divide(access_now, access_before, out=np.ones_like(access_before), where=access_before > 0.0)
    return np.minimum(ratio, 1.0)


@dataclass(frozen=True)
class Served:
    """What the vendors of one market can deliver.

    Attributes
    ----------
    revenue
        [vendor, segment, draw] spending served, bn a year.
    sales, total
        [vendor, draw] and [segment, draw] the same summed over segments and over vendors.
    unmet
        [segment, draw] spending that nobody could serve, bn a year.
    """

    revenue: FloatArray
    sales: FloatArray
    total: FloatArray
    unmet: FloatArray


def ration(wanted: FloatArray, shares: FloatArray, budget: FloatArray, limit: FloatArray) -> Served:
    """Cut sales to capacity; offer the rest once to vendors with room, in proportion to their shares (equation 3.5).

    Parameters
    ----------
    wanted
        [vendor, segment, draw] spending wanted with each vendor of a market, bn a year.
    shares
        [vendor, segment, draw] P, by which the rest is offered.
    budget
        [segment, draw] spending in all, bn a year; what is wanted falls short of it where nobody can be chosen.
    limit
        [vendor, draw] most each vendor can serve at its price, bn a year.
    """
    return _ration_in_place(wanted.copy(), shares, budget, limit)


def _ration_in_place(wanted: FloatArray, shares: FloatArray, budget: FloatArray, limit: FloatArray) -> Served:
    """Ration; what is served may be written over what is wanted."""
    sales = ordered_sum(wanted, axis=1)
    short = np.flatnonzero((sales > limit).any(axis=0))
    if len(short) > MANY * wanted.shape[-1]:
        wanted = _rationed(wanted, shares, limit, sales)
        sales = ordered_sum(wanted, axis=1)
    elif len(short):
        served = _rationed(*(values.take(short, axis=-1) for values in (wanted, shares, limit, sales)))
        wanted[..., short] = served
        sales[:, short] = ordered_sum(served, axis=1)
    total = ordered_sum(wanted)
    return Served(wanted, sales, total, np.maximum(budget - total, 0.0))


MANY = 0.4
"""Share of draws short of capacity above which all are rationed together, which changes nothing in the others."""


def _rationed(wanted: FloatArray, shares: FloatArray, limit: FloatArray, load: FloatArray) -> FloatArray:
    """Give the spending served, [vendor, segment, draw].

    Parameters
    ----------
    wanted, shares
        [vendor, segment, draw] spending wanted with each vendor, and shares by which the rest is offered.
    limit, load
        [vendor, draw] most each vendor can serve, and what is wanted of it.
    """
    over = load > limit
    fits = np.divide(limit, load, out=np.ones_like(load), where=over)
    served = wanted * fits[:, None]
    excess = np.maximum(ordered_sum(wanted) - ordered_sum(served), 0.0)
    room = np.where(over, 0.0, limit - load)
    offered = np.where((room > 0.0)[:, None], shares, 0.0)
    weight = ordered_sum(offered)
    offered *= np.divide(excess, weight, out=np.zeros_like(excess), where=weight > 0.0)
    offered_load = ordered_sum(offered, axis=1)
    taken = np.divide(room, offered_load, out=np.ones_like(room), where=offered_load > room)
    offered *= taken[:, None]
    served += offered
    return served


@dataclass(frozen=True)
class Spent(Served):
    """What the customers of one market spend in a month.

    Attributes
    ----------
    free, carried
        [segment, draw] as in `Renewal`, bn a year.
    """

    free: FloatArray
    carried: FloatArray


def spend(
    revenue: FloatArray, total: FloatArray, shares: FloatArray, budget: FloatArray, churn: FloatArray, limit: FloatArray
) -> Spent:
    """Renew a month's contracts, then serve them as far as capacity goes: equations 3.4 and 3.5, one after the other.

    The parameters are those of `renew_contracts` and of `ration`, for one market.
    """
    renewal = renew_contracts(revenue, total, shares, budget, churn)
    served = _ration_in_place(renewal.revenue, shares, budget, limit)
    return Spent(**vars(served), free=renewal.free, carried=renewal.carried)
