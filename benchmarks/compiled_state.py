"""Draws at the base date as records, laid out as the compiled bound reads them, and what it writes.

A record holds all numbers of one draw, or of a block of draws that stand side by side in its innermost axis. All its
arrays have lengths that the compiler knows, so that it finds everything at a fixed place from the record's beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.start import SellerStart, Start
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, IntArray
from sim.scenario.schema import Presence

Records = NDArray[np.void]
"""[draw] or [block] records of numbers."""

BEGIN = {
    "eta": (),
    "churn_month": (),
    "churn_rate": (),
    "decline": (),
    "adjustment_share": (),
    "hardware_share": (),
    "experience_exponent": (),
    "headroom": (),
    "retirement": (),
    "capex_per_unit": (),
    "hardware_share_of_capex": (),
    "sigma": ("segment",),
    "made": ("vendor",),
    "made_share": ("vendor",),
    "lead_months": ("order", "vendor"),
    "leak_rate": ("market",),
    "spending_history": ("year_of_months", "market"),
    "hardware_tariff": ("month", "market"),
    "spending_path": ("month", "cell"),
    "trend_log_index": ("month", "cell"),
    "cost": ("seller",),
    "growth_weight": ("seller",),
    "forgone": ("seller",),
    "fee": ("seller",),
    "capacity": ("seller",),
    "on_order": ("seller",),
    "strength": ("segment", "seller"),
    "contracts": ("segment", "seller"),
    "shares": ("segment", "seller"),
    "gained": ("month", "seller"),
    "pipeline": ("month_ahead", "seller"),
}
"""What a draw begins with, see `start.py`.

Sellers are numbered through all markets, and so are the segments of markets: those are the cells.
"""

SEEN = {
    "revenue_bn": ("quarter", "seller"),
    "share": ("quarter", "seller"),
    "price": ("quarter", "seller"),
    "capacity_units": ("quarter", "seller"),
    "capex_bn": ("quarter", "seller"),
    "total_bn": ("quarter", "market"),
    "unmet_bn": ("quarter", "market"),
    "price_index": ("quarter", "market"),
    "customer_surplus_bn": ("quarter", "market"),
}
"""What is seen at the end of each quarter."""


class Layout(NamedTuple):
    """What all draws have in common."""

    months: int
    order_every_months: int
    order_horizon_years: float
    first: IntArray
    """[market + 1] first seller of each market."""
    vendor: IntArray
    """[seller]"""
    home: IntArray
    """[seller] country of the vendor; the number of countries for none."""
    country: IntArray
    """[market] country of the market; the number of countries for none."""
    partner_run: IntArray
    """[seller] 1 where local partners run the seller, else 0."""


class States(NamedTuple):
    """Some draws at the base date."""

    layout: Layout
    sizes: dict[str, int]
    begin: Records
    lanes: int | None


class Seen(NamedTuple):
    """What was seen: [draw, quarter, seller] and [draw, quarter, market], or [block, quarter, ..., draw of block]."""

    revenue_bn: FloatArray
    share: FloatArray
    price: FloatArray
    capacity_units: FloatArray
    capex_bn: FloatArray
    total_bn: FloatArray
    unmet_bn: FloatArray
    price_index: FloatArray
    customer_surplus_bn: FloatArray


def laid_out(starts: Sequence[Start], lanes: int | None = None) -> States:
    """Lay out draws one after another, or in blocks with `lanes` draws innermost, the last block filled up.

    Raises
    ------
    ValueError
        If not all draws have the same sellers, or one sells through several channels in a market.
    """
    if len({sellers(start) for start in starts}) > 1:
        raise ValueError("the compiled bound needs the same sellers in all draws")
    if any(len(kinds) > 1 for _, kinds in sellers(starts[0])):
        raise ValueError("the compiled bound needs vendors with one channel in a market")
    common, sizes = layout(starts[0]), lengths(starts)
    blocks = -(-len(starts) // (lanes or 1))
    begin = records(blocks, BEGIN, sizes, lanes)
    for d in range(blocks * (lanes or 1)):
        place = (d // lanes, ..., d % lanes) if lanes else (d, ...)
        for name, values in numbers(starts[min(d, len(starts) - 1)], sizes).items():
            begin[name][place] = values
    return States(common, sizes, begin, lanes)


def columns(seen: Seen, lanes: int | None, d: int) -> dict[str, FloatArray]:
    """Give what was seen of one draw, flat in the order quarter, market, seller."""
    place = (d // lanes, ..., d % lanes) if lanes else (d, ...)
    return {name: column[place].ravel() for name, column in seen._asdict().items()}


def sellers(start: Start) -> tuple[tuple[int, tuple[Presence, ...]], ...]:
    """Give vendor and kinds of channel of each seller."""
    return tuple((own.vendor, tuple(held.kind for held in own.channels)) for own in all_sellers(start))


def all_sellers(start: Start) -> list[SellerStart]:
    """Give the sellers of all markets."""
    return [seller for market in start.markets for seller in market.sellers]


def layout(start: Start) -> Layout:
    """Give what all draws have in common."""
    markets, own, none = start.markets, all_sellers(start), countries(start)
    return Layout(
        months=start.months,
        order_every_months=start.order_every_months,
        order_horizon_years=start.order_horizon_years,
        first=np.cumsum([0] + [len(market.sellers) for market in markets]),
        vendor=np.array([seller.vendor for seller in own]),
        home=np.array([seller.home if seller.home >= 0 else none for seller in own]),
        country=np.array([market.country if market.country >= 0 else none for market in markets]),
        partner_run=np.array([seller.channels[0].kind is Presence.PARTNER for seller in own], dtype=np.int64),
    )


def countries(start: Start) -> int:
    return max(*(seller.home for seller in all_sellers(start)), *(market.country for market in start.markets)) + 1


def lengths(starts: Sequence[Start]) -> dict[str, int]:
    """Give the length of each axis."""
    start = starts[0]
    return {
        "month": start.months,
        "quarter": start.months // MONTHS_PER_QUARTER,
        "year_of_months": MONTHS_PER_YEAR,
        "month_ahead": months_ahead(starts),
        "order": len(start.lead_months[0]),
        "vendor": len(start.made),
        "market": len(start.markets),
        "segment": len(start.sigma),
        "cell": len(start.markets) * len(start.sigma),
        "seller": len(all_sellers(start)),
        "country_or_none": countries(start) + 1,
    }


def months_ahead(starts: Sequence[Start]) -> int:
    """Months that orders can be on their way, this one included: those of before the base date, and those to come."""
    longest = max(lead for start in starts for leads in start.lead_months for lead in leads)
    pipelines = [seller.channels[0].pipeline for start in starts for seller in all_sellers(start)]
    return 1 + max(longest, *(month for month, row in enumerate(zip(*pipelines, strict=True)) if any(row)))


CACHE_LINE = 64


def records(count: int, fields: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int], lanes: int | None) -> Records:
    """Make blank records that begin with a line of the cache, so that no vector lies across two of them."""
    innermost = (lanes,) if lanes else ()
    kind = np.dtype(
        [(name, np.float64, (*(sizes[axis] for axis in axes), *innermost)) for name, axes in fields.items()]
    )
    held = np.zeros(count * kind.itemsize + CACHE_LINE, dtype=np.uint8)
    first = -held.ctypes.data % CACHE_LINE
    return held[first : first + count * kind.itemsize].view(kind)


def numbers(start: Start, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Give the numbers of one draw by their names in a record."""
    found = {name: getattr(start, name) for name in BEGIN if hasattr(start, name)}
    found |= {name: joined(name, start) for name in BEGIN if name not in found}
    found["lead_months"] = np.transpose(start.lead_months)
    found["pipeline"] = found["pipeline"][: sizes["month_ahead"]]
    return found


def joined(name: str, start: Start) -> FloatArray:
    """Put one field of all sellers or markets together, in the order of its axes."""
    if "seller" in BEGIN[name]:
        held = [seller if hasattr(seller, name) else seller.channels[0] for seller in all_sellers(start)]
        return np.stack([getattr(one, name) for one in held], axis=-1)
    fields = [np.array(getattr(market, name)) for market in start.markets]
    return np.concatenate(fields, axis=-1) if "cell" in BEGIN[name] else np.stack(fields, axis=-1)
