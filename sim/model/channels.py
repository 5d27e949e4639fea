"""Channels: the ways in which each vendor sells, or may come to sell, in each market; a row of the arrays each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.quantities import BoolArray, FloatArray, IntArray
from sim.scenario.schema import Presence, Scenario, Vendor

NOBODY = -1
"""Index of a zone or partner where there is none."""


class Channel(NamedTuple):
    """One way in which a vendor sells in a market.

    Attributes
    ----------
    vendor, market
        Their indices.
    kind
        How it sells.
    zone, partner
        Index of the zone that its data centres stand in, and of the partner that runs it; `NOBODY` for none.
    at_home
        Whether the vendor is at home in the market.
    reviewed
        Whether the vendor chooses how it sells there.
    at_start
        Whether it sells so at the base date.
    licensed
        Whether it is run by a partner that holds a licence.
    """

    vendor: int
    market: int
    kind: Presence
    zone: int
    partner: int
    at_home: bool
    reviewed: bool
    at_start: bool
    licensed: bool = False


@dataclass(frozen=True)
class Channels:
    """All channels, market after market, and in a market vendor after vendor."""

    rows: tuple[Channel, ...]
    vendors: int
    markets: int

    @classmethod
    def of_scenario(cls, scenario: Scenario) -> Channels:
        """List the ways of selling that a scenario allows for."""
        rows = [
            channel
            for m, market in enumerate(scenario.markets)
            for v, (name, vendor) in enumerate(scenario.vendors.items())
            for channel in _of_pair(scenario, v, name, vendor, m, market)
        ]
        return cls(tuple(rows), len(scenario.vendors), len(scenario.markets))

    def names(self, scenario: Scenario) -> tuple[str, ...]:
        """Name of each: vendor, market, and the zone, the partner or the kind, joined by dots."""
        vendors, markets = list(scenario.vendors), list(scenario.markets)
        zones, partners = list(scenario.zones), list(scenario.partners)

        def way(row: Channel) -> str:
            if row.zone != NOBODY:
                return zones[row.zone]
            return row.kind.name.lower() if row.partner == NOBODY else partners[row.partner]

        return tuple(f"{vendors[row.vendor]}.{markets[row.market]}.{way(row)}" for row in self.rows)

    @cached_property
    def vendor(self) -> IntArray:
        """Index of each one's vendor, [channel]."""
        return self._indices("vendor")

    @cached_property
    def market(self) -> IntArray:
        """Index of each one's market, [channel]."""
        return self._indices("market")

    @cached_property
    def zone(self) -> IntArray:
        """Index of each one's zone, `NOBODY` for none, [channel]."""
        return self._indices("zone")

    @cached_property
    def partner(self) -> IntArray:
        """Index of each one's partner, `NOBODY` for none, [channel]."""
        return self._indices("partner")

    @cached_property
    def kind(self) -> IntArray:
        """Code of how each sells (`Presence`), [channel]."""
        return self._indices("kind")

    @cached_property
    def at_start(self) -> BoolArray:
        """Whether each is in use at the base date, [channel]."""
        return self._indices("at_start") > 0

    @cached_property
    def at_home(self) -> BoolArray:
        """Whether each one's vendor is at home in its market, [channel]."""
        return self._indices("at_home") > 0

    @cached_property
    def reviewed(self) -> BoolArray:
        """Whether each is a choice of its vendor, [channel]."""
        return self._indices("reviewed") > 0

    @cached_property
    def licensed(self) -> BoolArray:
        """Whether each is run by a partner that holds a licence, [channel]."""
        return self._indices("licensed") > 0

    def _indices(self, field: str) -> IntArray:
        return np.array([getattr(row, field) for row in self.rows], dtype=np.int64)

    def of_kind(self, *kinds: Presence) -> BoolArray:
        """Whether each is of one of some kinds, [channel]."""
        return np.logical_or.reduce([self.kind == kind for kind in kinds])

    @cached_property
    def in_market(self) -> tuple[slice, ...]:
        """Rows of each market."""
        ends = np.searchsorted(self.market, np.arange(self.markets + 1))
        return tuple(slice(int(begin), int(end)) for begin, end in itertools.pairwise(ends))

    @cached_property
    def of_vendor(self) -> tuple[IntArray, ...]:
        """Rows of each vendor."""
        return tuple(np.flatnonzero(self.vendor == v) for v in range(self.vendors))

    def of(self, v: int, m: int) -> tuple[int, ...]:
        """Rows of one vendor in one market."""
        return self._of_pair[v, m]

    @cached_property
    def _of_pair(self) -> dict[tuple[int, int], tuple[int, ...]]:
        found: dict[tuple[int, int], tuple[int, ...]] = {
            (v, m): () for v in range(self.vendors) for m in range(self.markets)
        }
        for index, row in enumerate(self.rows):
            found[row.vendor, row.market] += (index,)
        return found

    def through_partners(self, v: int, m: int) -> tuple[int, ...]:
        """Rows in which a vendor may sell through licensed partners."""
        return tuple(row for row in self.of(v, m) if self.rows[row].licensed)

    def by_pair(self, values: FloatArray) -> FloatArray:
        """Sum values [channel, ..., draw] over the channels of each vendor and market, [vendor, market, ..., draw]."""
        found = np.zeros((self.vendors, self.markets, *values.shape[1:]))
        numbers = values.astype(np.float64, copy=False).reshape(len(values), -1)
        _add_rows(numbers, self._pairs, found.reshape(self.vendors * self.markets, -1))
        return found.astype(values.dtype, copy=False)

    @cached_property
    def _pairs(self) -> IntArray:
        """Place of each channel's vendor and market among all pairs, [channel]."""
        return self.vendor * self.markets + self.market


@compiled
def _add_rows(values: FloatArray, places: IntArray, found: FloatArray) -> None:
    """Add each row of values to the row at its place."""
    rows, columns = values.shape
    for row in range(rows):
        total = found[places[row]]
        for column in range(columns):
            total[column] += values[row, column]


def reviewed_pairs(scenario: Scenario) -> list[tuple[int, int]]:
    """Pairs of vendor and market in which the vendor chooses how it sells."""
    markets = list(scenario.markets)
    return [
        (v, markets.index(market)) for v, vendor in enumerate(scenario.vendors.values()) for market in vendor.reviews
    ]


def presence_at_start(vendor: Vendor, market: str) -> Presence:
    """How a vendor is present in a market at the base date."""
    sales = vendor.sales.get(market)
    presence = Presence.ABSENT if sales is None else Presence[sales.presence.upper()]
    return max(presence, Presence.PARTNER) if market in vendor.captive else presence


def _of_pair(scenario: Scenario, v: int, name: str, vendor: Vendor, m: int, market: str) -> Iterator[Channel]:
    """Give the channels of one vendor in one market: those of the base date, and those it may choose."""
    start, reviewed = presence_at_start(vendor, market), market in vendor.reviews
    plain = Channel(
        v, m, start, NOBODY, NOBODY, vendor.home == scenario.markets[market].country, reviewed, start != Presence.ABSENT
    )
    if start is Presence.PARTNER or reviewed:
        yield from _through_partners(scenario, name, market, plain)
    if not reviewed and start not in {Presence.ABSENT, Presence.PARTNER}:
        yield plain
    if reviewed:
        for kind in (Presence.CROSS_BORDER, Presence.OWNED):
            if kind is start or kind is Presence.OWNED or market not in vendor.captive:
                yield plain._replace(kind=kind, at_start=kind is start)
        for z, zone in enumerate(scenario.zones.values()):
            if zone.market == market:
                yield plain._replace(kind=Presence.ZONE, zone=z, at_start=False)


def _through_partners(scenario: Scenario, vendor: str, market: str, plain: Channel) -> Iterator[Channel]:
    """Give a channel for each partner that serves a vendor, or stands ready to."""
    at_start, found = plain.kind is Presence.PARTNER, False
    for p, partner in enumerate(scenario.partners.values()):
        if partner.market == market and vendor in partner.contracts and (partner.licence or at_start):
            found = True
            yield plain._replace(kind=Presence.PARTNER, partner=p, at_start=at_start, licensed=partner.licence)
    if at_start and not found:
        yield plain
