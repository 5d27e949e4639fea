"""How far the numbers of a peer lie from those of `sim`."""

from __future__ import annotations

import numpy as np

from benchmarks.plain_simpy import Quarter
from benchmarks.start import Start
from sim.quantities import FloatArray
from sim.recorder import Paths

BY_SELLER = ("revenue_bn", "share", "price", "capacity_units", "capex_bn")
BY_MARKET = ("total_bn", "unmet_bn", "price_index", "customer_surplus_bn")
SCALES = {"unmet_bn": "total_bn"}
"""Columns that may be zero to rounding, and the column whose size they are measured by."""


def largest_differences(paths: Paths, d: int, start: Start, quarters: list[list[Quarter]]) -> dict[str, float]:
    """Give the largest relative difference in each column, over all quarters, markets and sellers.

    Parameters
    ----------
    paths, d
        What `sim` recorded, and the position of the draw in it.
    start, quarters
        The same draw at the base date, and what the peer saw of it, [quarter][market].
    """
    differences = {}
    for name in (*BY_SELLER, *BY_MARKET):
        ours, theirs = _recorded(paths, d, start, name), _seen(quarters, name)
        scale = _recorded(paths, d, start, SCALES[name]) if name in SCALES else np.abs(ours)
        differences[name] = float(np.max(np.abs(ours - theirs) / np.where(scale > 0.0, scale, 1.0)))
    return differences


def _recorded(paths: Paths, d: int, start: Start, name: str) -> FloatArray:
    """Column of `sim` for one draw, flat in the order quarter, market, seller."""
    if name in BY_MARKET:
        return paths.markets[name][..., d].ravel()
    column = paths.vendors[name][..., d]
    by_market = [column[:, market.vendors, m] for m, market in enumerate(start.markets)]
    return np.concatenate(by_market, axis=1).ravel()


def _seen(quarters: list[list[Quarter]], name: str) -> FloatArray:
    """Column of a peer, in the same order."""
    return np.concatenate([np.ravel(getattr(seen, name)) for quarter in quarters for seen in quarter])
