"""Who is served where capacity is short (docs/model.md, section 3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, in_compiled_code, of_draws
from sim.arithmetic.lanes import WIDTH, load, store, where
from sim.model.equations.demand import LEAST
from sim.model.equations.nests import ALONE, Nests, share_without
from sim.quantities import FloatArray, IntArray, ordered_sum


class Served(NamedTuple):
    """What the vendors of one market can deliver.

    Attributes
    ----------
    sales, total
        [channel, draw] and [group, draw] spending served, summed over groups and over channels, bn a year.
    """

    sales: FloatArray
    total: FloatArray


class Turned(NamedTuple):
    """What becomes of customers who are turned away in some draws, [channel, group, draw]; written anew each time.

    Attributes
    ----------
    away
        Spending that each channel cannot serve, bn a year.
    back
        What each channel is offered of its vendor's own, bn a year.
    room
        [channel, draw] 1 where there is some left, else 0.
    per_attraction
        [group, draw] what is offered to all, by attraction, bn a year.
    """

    away: FloatArray
    back: FloatArray
    room: FloatArray
    per_attraction: FloatArray

    @classmethod
    def blank(cls, channels: int, groups: int) -> Turned:
        """Make room for it."""
        each = (channels, groups, WIDTH)
        return cls(np.zeros(each), np.zeros(each), np.zeros((channels, WIDTH)), np.zeros((groups, WIDTH)))


def ration(wanted: FloatArray, attraction: FloatArray, limit: FloatArray, nests: Nests | None = None) -> Served:
    """Cut sales to capacity; offer the rest once to channels with room, in proportion to their shares (equation 3.5).

    Parameters
    ----------
    wanted
        [channel, group, draw] spending wanted in each channel of a market, bn a year; then what is served of it. All
        arrays here are contiguous.
    attraction
        [channel, group, draw] A, in proportion to which the rest is offered.
    limit
        [channel, draw] most each channel can serve at its price, bn a year.
    nests
        Vendors with several channels, whose customers turn to another of their own more readily; none if absent.
    """
    served = Served(ordered_sum(wanted, axis=1), np.empty(wanted.shape[1:]))
    nest, kappa = (np.full(len(wanted), ALONE), served.total) if nests is None else (nests.nest, nests.kappa)
    asked = Asked(wanted, attraction, kappa, nest, limit, served.sales, served.total)
    _ration_all(asked, Turned.blank(*wanted.shape[:2]))
    return served


class Asked(NamedTuple):
    """What the channels of a market are asked for, and what they serve of it.

    Attributes
    ----------
    wanted, attraction, limit
        As in `ration`; `wanted` becomes what is served of it.
    kappa, nest
        [group, draw] and [channel] as in `Nests`.
    sales, total
        As in `Served`; `sales` are what is wanted in each channel, then what is served of it.
    """

    wanted: FloatArray
    attraction: FloatArray
    kappa: FloatArray
    nest: IntArray
    limit: FloatArray
    sales: FloatArray
    total: FloatArray


@compiled
def _ration_all(asked: Asked, turned: Turned) -> None:
    draws = asked.wanted.shape[-1]
    rest = draws - draws % WIDTH
    for d in range(0, rest, WIDTH):
        ration_some(asked, turned, d, d, WIDTH)
    if rest < draws:
        ration_some(asked, turned, rest, rest, draws - rest)


@of_draws
def ration_some(asked: Asked, turned: Turned, d: int, at: int, width: int) -> None:
    """`ration` in some draws, for compiled code.

    Parameters
    ----------
    asked, turned
        What there is, and what becomes of it.
    d, at
        Where these draws begin, and where they begin in `limit` and `sales`.
    width
        How many there are, `WIDTH` at most.
    """
    _turn_away(asked, turned, d, at, width)
    offer_back(asked, turned, d, width)
    _offer_to_all(asked.attraction, turned, d, width)
    _serve_rest(asked, turned, d, at, width)


@of_draws
def _turn_away(asked: Asked, turned: Turned, d: int, at: int, width: int) -> None:
    """Serve alike all who want a channel."""
    channels, groups, _ = asked.wanted.shape
    for k in range(channels):
        most, wants = load(asked.limit, k, at, width), load(asked.sales, k, at, width)
        fits = _part(most, wants)
        store(where(most > wants, 1.0, 0.0), turned.room, k, 0, width)
        for g in range(groups):
            wanted = load(asked.wanted, k, g, d, width)
            store(wanted * (1.0 - fits), turned.away, k, g, 0, width)
            store(wanted * fits, asked.wanted, k, g, d, width)


@of_draws
def offer_back(asked: Asked, turned: Turned, d: int, width: int) -> None:
    """Send customers of full channels to other channels of the same vendor (equation 3.19).

    Without the full ones the vendor would have the share P' in the market through its others, which now have P_o;
    so of customers of the full ones, P_f of the market, (P' - P_o) / P_f stay with the vendor; the rest turns to
    whoever has room, in proportion to attractions, as where channels are no more alike than vendors.
    """
    channels, groups, _ = asked.wanted.shape
    vendors = 0
    for k in range(channels):
        vendors = max(vendors, asked.nest[k] + 1)
    for g in range(groups if vendors else 0):
        total = with_room = np.zeros_like(load(asked.attraction, 0, g, d, width))
        for k in range(channels):
            pull = load(asked.attraction, k, g, d, width)
            total, with_room = total + pull, with_room + pull * load(turned.room, k, 0, width)
        for n in range(vendors):
            _offer_to_own(asked, turned, (total, with_room), n, g, d, width)


@of_draws
def _offer_to_own(
    asked: Asked, turned: Turned, pulls: tuple[FloatArray, FloatArray], n: int, g: int, d: int, width: int
) -> None:
    """Offer one vendor's other channels what stays with it; `pulls`: of all sellers, and of those with room."""
    total, with_room = pulls
    pull = held = left = gone = kept = np.zeros_like(total)
    for k in range(len(asked.nest)):
        if asked.nest[k] == n:
            attraction, room = load(asked.attraction, k, g, d, width), load(turned.room, k, 0, width)
            share = attraction / np.maximum(total, LEAST)
            held, left, pull = held + share, left + share * room, pull + attraction * room
            gone = gone + load(turned.away, k, g, 0, width)
    others = share_without(held, left, load(asked.kappa, g, d, width))
    for k in range(len(asked.nest)):
        if asked.nest[k] == n:
            share = load(asked.attraction, k, g, d, width) / np.maximum(total, LEAST)
            kept = kept + share * load(turned.room, k, 0, width) / np.maximum(left, LEAST) * others
    alike = pull / np.maximum(with_room, LEAST)
    full, apart = held > left, alike < 1.0
    stays = ((kept - left) / where(full, held - left, 1.0) - alike) / where(apart, 1.0 - alike, 1.0)
    stays = where(full, where(apart, np.minimum(np.maximum(stays, 0.0), 1.0), 0.0), 0.0)
    for k in range(len(asked.nest)):
        if asked.nest[k] == n:
            takes = load(asked.attraction, k, g, d, width) * load(turned.room, k, 0, width) / np.maximum(pull, LEAST)
            store(takes * (stays * gone), turned.back, k, g, 0, width)
            store(load(turned.away, k, g, 0, width) * (1.0 - stays), turned.away, k, g, 0, width)


@of_draws
def _offer_to_all(attraction: FloatArray, turned: Turned, d: int, width: int) -> None:
    """Offer the rest to whoever has room, in proportion to attractions."""
    channels, groups, _ = attraction.shape
    for g in range(groups):
        excess = pull = np.zeros_like(load(attraction, 0, g, d, width))
        for k in range(channels):
            excess = excess + load(turned.away, k, g, 0, width)
            pull = pull + load(attraction, k, g, d, width) * load(turned.room, k, 0, width)
        store(excess / np.maximum(pull, LEAST), turned.per_attraction, g, 0, width)


@of_draws
def _serve_rest(asked: Asked, turned: Turned, d: int, at: int, width: int) -> None:
    """Serve alike all who are offered to a channel, as far as its room goes; sums are those of what is served then."""
    channels, groups, _ = asked.wanted.shape
    for g in range(groups):
        store(0.0, asked.total, g, d, width)
    for k in range(channels):
        room = load(turned.room, k, 0, width)
        offered = sales = np.zeros_like(room)
        for g in range(groups):
            share = load(asked.attraction, k, g, d, width) * room
            offer = load(turned.back, k, g, 0, width) + share * load(turned.per_attraction, g, 0, width)
            store(offer, turned.back, k, g, 0, width)
            offered = offered + offer
        left = np.maximum(load(asked.limit, k, at, width) - load(asked.sales, k, at, width), 0.0)
        fits = _part(left, offered)
        for g in range(groups):
            served = load(asked.wanted, k, g, d, width) + load(turned.back, k, g, 0, width) * fits
            store(0.0, turned.back, k, g, 0, width)
            store(served, asked.wanted, k, g, d, width)
            store(load(asked.total, g, d, width) + served, asked.total, g, d, width)
            sales = sales + served
        store(sales, asked.sales, k, at, width)


@in_compiled_code
def _part(most: FloatArray, asked: FloatArray) -> FloatArray:
    """Part of what is asked that can be given, min(1, most / asked)."""
    return np.minimum(most, asked) / np.maximum(asked, LEAST)
