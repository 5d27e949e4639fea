"""How far the numbers of a peer lie from those of `sim`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.equations import BY_MARKET, BY_SELLER, Quarter
from benchmarks.start import Start
from sim.model.recorder import Paths
from sim.quantities import FloatArray

SCALES = {"unmet_bn": "total_bn", "capex_bn": "revenue_bn"}
"""Columns that are small differences of large numbers, and the column whose size they are measured by."""


def column_differences(paths: Paths, d: int, start: Start, seen: Mapping[str, FloatArray]) -> dict[str, float]:
    """Give the largest relative difference in each column, over all quarters, markets and sellers.

    What is not a number is infinitely far from any.

    Parameters
    ----------
    paths, d
        What `sim` recorded, and the position of the draw in it.
    start, seen
        The same draw at the base date, and what the peer saw of it, flat in the order quarter, market, seller.
    """
    differences = {}
    for name in (*BY_SELLER, *BY_MARKET):
        ours, theirs = _recorded(paths, d, start, name), seen[name]
        scale = _recorded(paths, d, start, SCALES[name]) if name in SCALES else np.abs(ours)
        apart = np.abs(ours - theirs) / np.where(scale > 0.0, scale, 1.0)
        differences[name] = float(np.max(np.where(np.isnan(apart), np.inf, apart)))
    return differences


def _recorded(paths: Paths, d: int, start: Start, name: str) -> FloatArray:
    """Column of `sim` for one draw, flat in the order quarter, market, seller."""
    if name in BY_MARKET:
        return paths.markets[name][..., d].ravel()
    column = paths.vendors[name][..., d]
    by_market = [column[:, market.vendors, m] for m, market in enumerate(start.markets)]
    return np.concatenate(by_market, axis=1).ravel()


def columns_of(quarters: list[list[Quarter]]) -> dict[str, FloatArray]:
    """Give each column of a draw, flat in the order quarter, market, seller."""
    flat = [seen for quarter in quarters for seen in quarter]
    return {name: np.concatenate([np.ravel(getattr(seen, name)) for seen in flat]) for name in Quarter._fields}
