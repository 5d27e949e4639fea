"""Contracts that change channel, and who is served where capacity is short (docs/model.md, section 3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
from sim.model.equations.demand import LEAST
from sim.model.equations.nests import ALONE, Nests, share_without
from sim.quantities import FloatArray, IntArray


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
    turned_away, own, room = np.empty(wanted.shape), np.zeros(wanted.shape), np.empty(limit.shape)
    _turn_away(wanted, limit, sales, turned_away, room)
    divert(turned_away, attraction, room, nest, kappa, own)
    _offer_rest(turned_away, attraction, room, own)
    _serve_rest(wanted, own, limit, sales, total)


@compiled
def _turn_away(
    wanted: FloatArray, limit: FloatArray, sales: FloatArray, turned_away: FloatArray, room: FloatArray
) -> None:
    """Serve alike all who want a channel; `sales` are what they want, `room` is 1 where it has some left, else 0."""
    channels, groups, draws = wanted.shape
    fits, sales[:] = np.empty(draws), 0.0
    for k in range(channels):
        for g in range(groups):
            for d in range(draws):
                sales[k, d] += wanted[k, g, d]
        for d in range(draws):
            fits[d] = _part(limit[k, d], sales[k, d])
            room[k, d] = 1.0 if limit[k, d] > sales[k, d] else 0.0
        for g in range(groups):
            for d in range(draws):
                turned_away[k, g, d] = wanted[k, g, d] * (1.0 - fits[d])
                wanted[k, g, d] *= fits[d]


@compiled
def _offer_rest(turned_away: FloatArray, attraction: FloatArray, room: FloatArray, own: FloatArray) -> None:
    """Add to what each channel is offered its part of the rest, in proportion to attractions."""
    channels, groups, draws = own.shape
    excess, pull = np.empty(draws), np.empty(draws)
    for g in range(groups):
        excess[:], pull[:] = 0.0, 0.0
        for k in range(channels):
            for d in range(draws):
                excess[d] += turned_away[k, g, d]
                pull[d] += attraction[k, g, d] * room[k, d]
        for d in range(draws):
            excess[d] /= max(pull[d], LEAST)
        for k in range(channels):
            for d in range(draws):
                own[k, g, d] += attraction[k, g, d] * room[k, d] * excess[d]


@compiled
def _serve_rest(  # noqa: C901 (a loop for each axis)
    wanted: FloatArray, own: FloatArray, limit: FloatArray, sales: FloatArray, total: FloatArray
) -> None:
    """Serve alike all who are offered to a channel, as far as its room goes; sums are those of what is served then.

    Each has a loop of its own, which the compiler can lay side by side.
    """
    channels, groups, draws = own.shape
    fits, total[:] = np.empty(draws), 0.0
    for k in range(channels):
        fits[:] = 0.0
        for g in range(groups):
            for d in range(draws):
                fits[d] += own[k, g, d]
        for d in range(draws):
            fits[d] = _part(max(limit[k, d] - sales[k, d], 0.0), fits[d])
            sales[k, d] = 0.0
        for g in range(groups):
            for d in range(draws):
                wanted[k, g, d] += own[k, g, d] * fits[d]
            for d in range(draws):
                sales[k, d] += wanted[k, g, d]
            for d in range(draws):
                total[g, d] += wanted[k, g, d]


@of_numbers
def _part(most: float, asked: float) -> float:
    """Part of what is asked that can be given, min(1, most / asked)."""
    return min(most, asked) / max(asked, LEAST)


@compiled
def divert(  # noqa: C901 (a loop for each axis)
    excess: FloatArray, attraction: FloatArray, room: FloatArray, nest: IntArray, kappa: FloatArray, own: FloatArray
) -> None:
    """Send customers of full channels to other channels of the same vendor (equation 3.19).

    Without the full ones the vendor would have the share P' in the market through its others, which now have P_o;
    so of customers of the full ones, P_f of the market, (P' - P_o) / P_f stay with the vendor; the rest turns to
    whoever has room, in proportion to attractions, as where channels are no more alike than vendors.

    Parameters
    ----------
    excess
        [channel, group, draw] spending that each channel cannot serve, bn a year; then what of it does not stay.
    attraction
        [channel, group, draw] attraction beside the vendor's others.
    room
        [channel, draw] 1 where there is room left, else 0.
    nest, kappa
        [channel] and [group, draw] as in `Nests`.
    own
        [channel, group, draw] where to write what each channel is offered of what stays, bn a year; 0 so far.
    """
    channels, groups, draws = excess.shape
    total, pool, stays, pull = np.empty(draws), np.empty(draws), np.empty(draws), np.empty(draws)
    whole, left, gone, kept = np.empty(draws), np.empty(draws), np.empty(draws), np.empty(draws)
    for g in range(groups if nest.max() != ALONE else 0):
        total[:], pool[:] = 0.0, 0.0
        for k in range(channels):
            for d in range(draws):
                total[d] += attraction[k, g, d]
                pool[d] += attraction[k, g, d] * room[k, d]
        for n in range(nest.max() + 1):
            own_channels = np.flatnonzero(nest == n)
            pull[:], whole[:], left[:], gone[:], kept[:] = 0.0, 0.0, 0.0, 0.0, 0.0
            for j in own_channels:
                for d in range(draws):
                    share = attraction[j, g, d] / max(total[d], LEAST)
                    whole[d] += share
                    left[d] += share * room[j, d]
                    pull[d] += attraction[j, g, d] * room[j, d]
                    gone[d] += excess[j, g, d]
            for d in range(draws):
                stays[d] = share_without(whole[d], left[d], kappa[g, d])
            for j in own_channels:
                for d in range(draws):
                    share = attraction[j, g, d] / max(total[d], LEAST)
                    kept[d] += share * room[j, d] / max(left[d], LEAST) * stays[d]
            for d in range(draws):
                alike = pull[d] / max(pool[d], LEAST)
                part = min(max(((kept[d] - left[d]) / (whole[d] - left[d]) - alike) / (1.0 - alike), 0.0), 1.0)
                stays[d] = part if gone[d] != 0.0 and whole[d] > left[d] and alike < 1.0 else 0.0
            for j in own_channels:
                for d in range(draws):
                    own[j, g, d] = attraction[j, g, d] * room[j, d] / max(pull[d], LEAST) * (stays[d] * gone[d])
                    excess[j, g, d] *= 1.0 - stays[d]
