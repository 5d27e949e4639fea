"""How vendors may change the way in which they sell in a market, and where they may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from sim.model.channels import NOBODY
from sim.model.world import AWAY, World
from sim.quantities import BoolArray, IntArray
from sim.scenario.schema import Presence


class Option(NamedTuple):
    """A change of how a vendor sells in a market.

    Attributes
    ----------
    opens
        Channel that is opened; `AWAY` for none.
    closes
        Channels that are closed where they are in use.
    """

    opens: int
    closes: tuple[int, ...]


STAY = Option(AWAY, ())


@cache
def options_of(rows: tuple[int, ...]) -> tuple[Option, ...]:
    """All changes: to stay; for each channel to open it beside those in use, or in the place of all, or to close it."""
    return (STAY, *(option for row in rows for option in _of_channel(rows, row)))


def _of_channel(rows: Sequence[int], row: int) -> Iterator[Option]:
    others = tuple(other for other in rows if other != row)
    if others:
        yield Option(row, ())
    yield Option(row, others)
    yield Option(AWAY, (row,))


@dataclass(frozen=True)
class Cells:
    """Vendors that look at one market together: a cell for each of them in each of its draws, vendor after vendor.

    Attributes
    ----------
    m
        The market.
    vendors
        [vendor] their indices.
    channels
        [slot, vendor] their channels, `NOBODY` beyond those of a vendor.
    of, draw
        [cell] place of the vendor among them, and the draw.
    """

    m: int
    vendors: IntArray
    channels: IntArray
    of: IntArray
    draw: IntArray

    @classmethod
    def where(cls, world: World, m: int, vendors: Sequence[int], where: BoolArray) -> Cells:
        """Look at vendors in some draws, [vendor, draw]."""
        held = [world.channels.of(v, m) for v in vendors]
        channels = np.full((max(map(len, held)), len(held)), NOBODY)
        for i, rows in enumerate(held):
            channels[: len(rows), i] = rows
        of, draw = np.nonzero(where)
        return cls(m, np.array(vendors), channels, of, draw)

    def some(self, which: BoolArray | IntArray) -> Cells:
        """Some of them: whether, [cell], or which."""
        return replace(self, of=self.of[which], draw=self.draw[which])

    @cached_property
    def rows(self) -> IntArray:
        """Channels of each cell's vendor, [slot, cell]."""
        return self.channels.take(self.of, axis=1)

    @cached_property
    def v(self) -> IntArray:
        """Index of each cell's vendor, [cell]."""
        return self.vendors.take(self.of)

    def active(self, world: World) -> BoolArray:
        """Whether each channel is in use, [slot, cell]."""
        return world.active[self.rows, self.draw] & (self.rows != NOBODY)


WAYS = 3

"""What may be done with a channel: to open it beside others, or in the place of all, or to close it."""


def allowed_changes(world: World, cells: Cells) -> BoolArray:
    """Whether a vendor may make each of its changes under the rules in force (the table of section 5).

    Services for own customers stay in one place in the country.

    Returns
    -------
    [option, cell]: to stay; and for each channel to open it beside others, or in the place of all, and to close it.
    """
    rows, v, active = cells.rows, cells.vendors, cells.active(world)
    opens = ~active & (rows != NOBODY) & is_open(world, rows, cells.draw)
    exclusive = _exclusive(world)[rows]
    moves = ~(world.base.captive[v, cells.m] > 0.0).any(axis=1)[cells.of]
    beside = opens & ~exclusive & active.any(axis=0) & ~(active & exclusive).any(axis=0)
    changes = np.empty((1 + WAYS * len(rows), len(cells.of)), dtype=np.bool_)
    changes[0] = True
    changes[1::WAYS], changes[2::WAYS], changes[3::WAYS] = beside & moves, opens, active & moves
    return changes


def _exclusive(world: World) -> BoolArray:
    """Whether each channel is run by a partner that demands to be the only one, [channel]."""
    demands = np.array([*(partner.exclusive for partner in world.scenario.partners.values()), False])
    return demands[world.channels.partner]


def is_open(world: World, rows: IntArray | int, draw: IntArray) -> BoolArray:
    """Whether vendors may sell, or go on selling, through channels under the rules in force.

    Parameters
    ----------
    rows, draw
        Channels and draws that fit each other.
    """
    levers, kind, zone = world.levers, world.channels.kind[rows], world.channels.zone[rows]
    found: BoolArray = (kind == Presence.CROSS_BORDER) | (kind == Presence.PARTNER) & world.channels.licensed[rows]
    found = found | (kind == Presence.OWNED) & (levers.equity_cap[world.channels.market[rows], draw] > 0.0)
    inside = kind == Presence.ZONE
    if inside.any():
        slots, taken = levers.zone_slots[zone, draw], world.slots_taken[zone, draw]
        found = found | inside & (slots > 0.0) & (world.active[rows, draw] | (taken < slots))
    return found


def used_after(active: BoolArray, rows: Sequence[int], option: Option) -> BoolArray:
    """Channels that are in use once a change has been made, [channel, draw].

    Parameters
    ----------
    active
        [channel, draw] whether each is in use now.
    rows
        The channels.
    """
    used = active.copy()
    for k, row in enumerate(rows):
        if row == option.opens:
            used[k] = True
        elif row in option.closes:
            used[k] = False
    return used
