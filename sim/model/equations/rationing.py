"""Contracts that change channel, and who is served where capacity is short (docs/model.md, section 3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.model.equations.demand import LEAST
from sim.model.equations.nests import ALONE, Nests, share_without
from sim.quantities import BoolArray, FloatArray, IntArray


@compiled
def change_channels(  # noqa: C901 (a loop for each axis)
    revenue: FloatArray, attraction: FloatArray, nest: IntArray, rate: FloatArray
) -> None:
    """Let some customers of a vendor go to the channel that they would choose now (equation 3.18), in place.

    R_j' = R_j + rate * (A_j / sum_k A_k * sum_k R_k - R_j),    k: the vendor's channels

    Parameters
    ----------
    revenue, attraction
        [channel, group, draw] R, spending under contract, bn a year, and A.
    nest
        [channel] as in `Nests`.
    rate
        [draw] part of the customers who look around this month.
    """
    channels, groups, draws = revenue.shape
    held, pull = np.empty(draws), np.empty(draws)
    for n in range(nest.max() + 1):
        for g in range(groups):
            held[:], pull[:] = 0.0, 0.0
            for k in range(channels):
                if nest[k] == n:
                    for d in range(draws):
                        held[d] += revenue[k, g, d]
                        pull[d] += attraction[k, g, d]
            for k in range(channels):
                if nest[k] == n:
                    for d in range(draws):
                        moves = attraction[k, g, d] / max(pull[d], LEAST) * held[d] - revenue[k, g, d]
                        revenue[k, g, d] += rate[d] * (moves if pull[d] > 0.0 else 0.0)


class Served(NamedTuple):
    """What the vendors of one market can deliver.

    Attributes
    ----------
    sales, total
        [channel, draw] and [group, draw] spending served, summed over groups and over channels, bn a year.
    """

    sales: FloatArray
    total: FloatArray


def ration(wanted: FloatArray, attraction: FloatArray, limit: FloatArray, nests: Nests | None = None) -> Served:
    """Cut sales to capacity; offer the rest once to channels with room, in proportion to their shares (equation 3.5).

    Parameters
    ----------
    wanted
        [channel, group, draw] spending wanted in each channel of a market, bn a year; then what is served of it.
    attraction
        [channel, group, draw] A, in proportion to which the rest is offered.
    limit
        [channel, draw] most each channel can serve at its price, bn a year.
    nests
        Vendors with several channels, whose customers turn to another of their own more readily; none if absent.
    """
    served = Served(np.empty(limit.shape), np.empty(wanted.shape[1:]))
    nest, kappa = (np.full(len(wanted), ALONE), served.total) if nests is None else (nests.nest, nests.kappa)
    _ration(wanted, attraction, limit, nest, kappa, served.sales, served.total)
    return served


@compiled
def _ration(
    wanted: FloatArray,
    attraction: FloatArray,
    limit: FloatArray,
    nest: IntArray,
    kappa: FloatArray,
    sales: FloatArray,
    total: FloatArray,
) -> None:
    channels, groups, draws = wanted.shape
    _add_up(wanted, sales, total)
    is_short = np.zeros(draws, np.bool_)
    for k in range(channels):
        for d in range(draws):
            is_short[d] |= sales[k, d] > limit[k, d]
    short = np.flatnonzero(is_short)
    if len(short) == 0:
        return
    asked, pull = _by_draw(wanted, short), _by_draw(attraction, short)
    most, load = np.ascontiguousarray(limit[:, short].T), np.ascontiguousarray(sales[:, short].T)
    alike = np.ascontiguousarray(kappa[:, short].T)
    for i in range(len(short)):
        _ration_draw(asked[i], pull[i], most[i], load[i], nest, alike[i])
    for k in range(channels):
        for g in range(groups):
            for i in range(len(short)):
                wanted[k, g, short[i]] = asked[i, k, g]
    _add_up(wanted, sales, total)


@compiled
def _by_draw(values: FloatArray, draws: IntArray) -> FloatArray:
    """Values of some draws, one draw after another: [row, column, draw] to [draw, row, column]."""
    rows, columns, _ = values.shape
    found = np.empty((len(draws), rows, columns))
    for row in range(rows):
        for column in range(columns):
            for i in range(len(draws)):
                found[i, row, column] = values[row, column, draws[i]]
    return found


@compiled
def _add_up(spending: FloatArray, sales: FloatArray, total: FloatArray) -> None:
    sales[:], total[:] = 0.0, 0.0
    channels, groups, draws = spending.shape
    for k in range(channels):
        for g in range(groups):
            for d in range(draws):
                sales[k, d] += spending[k, g, d]
                total[g, d] += spending[k, g, d]


@compiled
def _ration_draw(  # noqa: C901 (a loop for each axis)
    wanted: FloatArray, attraction: FloatArray, limit: FloatArray, load: FloatArray, nest: IntArray, kappa: FloatArray
) -> None:
    """Write what is served in one draw over what is wanted, [channel, group]."""
    channels, groups = wanted.shape
    turned_away, own, room = np.empty((channels, groups)), np.zeros((channels, groups)), limit > load
    for k in range(channels):
        fits = _part(limit[k], load[k])
        for g in range(groups):
            turned_away[k, g] = wanted[k, g] * (1.0 - fits)
            wanted[k, g] *= fits
    divert(turned_away, attraction, room, nest, kappa, own)
    for g in range(groups):
        excess, pull = 0.0, 0.0
        for k in range(channels):
            excess += turned_away[k, g]
            pull += attraction[k, g] * room[k]
        for k in range(channels):
            own[k, g] += attraction[k, g] * room[k] * (excess / max(pull, LEAST))
    for k in range(channels):
        offered = 0.0
        for g in range(groups):
            offered += own[k, g]
        fits = _part(max(limit[k] - load[k], 0.0), offered)
        for g in range(groups):
            wanted[k, g] += own[k, g] * fits


@compiled
def _part(most: float, asked: float) -> float:
    """Part of what is asked that can be given, min(1, most / asked)."""
    return min(most, asked) / max(asked, LEAST)


@compiled
def divert(  # noqa: C901 (a loop for each axis)
    excess: FloatArray, attraction: FloatArray, room: BoolArray, nest: IntArray, kappa: FloatArray, own: FloatArray
) -> None:
    """Send customers of full channels to other channels of the same vendor, in one draw (equation 3.19).

    Without the full ones the vendor would have the share P' in the market through its others, which now have P_o;
    so of customers of the full ones, P_f of the market, (P' - P_o) / P_f stay with the vendor; the rest turns to
    whoever has room, in proportion to attractions, as where channels are no more alike than vendors.

    Parameters
    ----------
    excess
        [channel, group] spending that each channel cannot serve, bn a year; then what of it does not stay.
    attraction
        [channel, group] attraction beside the vendor's others.
    room
        [channel] whether there is room left.
    nest, kappa
        [channel] and [group] as in `Nests`.
    own
        [channel, group] where to write what each channel is offered of what stays, bn a year; 0 so far.
    """
    channels, groups = excess.shape
    for g in range(groups):
        total, pool = 0.0, 0.0
        for k in range(channels):
            total += attraction[k, g]
            pool += attraction[k, g] * room[k]
        for n in range(nest.max() + 1):
            pull, whole, left, gone = 0.0, 0.0, 0.0, 0.0
            for k in range(channels):
                if nest[k] == n:
                    share = attraction[k, g] / max(total, LEAST)
                    whole += share
                    left += share * room[k]
                    pull += attraction[k, g] * room[k]
                    gone += excess[k, g]
            alike, kept = pull / max(pool, LEAST), 0.0
            if gone == 0.0 or whole <= left or alike >= 1.0:
                continue
            without = share_without(whole, left, kappa[g])
            for k in range(channels):
                if nest[k] == n:
                    kept += attraction[k, g] / max(total, LEAST) * room[k] / max(left, LEAST) * without
            stays = min(max(((kept - left) / (whole - left) - alike) / (1.0 - alike), 0.0), 1.0)
            for k in range(channels):
                if nest[k] == n:
                    own[k, g] = attraction[k, g] * room[k] / max(pull, LEAST) * (stays * gone)
                    excess[k, g] *= 1.0 - stays
