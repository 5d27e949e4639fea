"""What a vendor reckons each change of how it sells in a market to be worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
from sim.arithmetic.elementary import exp, log
from sim.model.channels import NOBODY
from sim.model.equations.nests import parts_of_whole
from sim.model.equations.present_value import (
    Contracts,
    Earning,
    Moves,
    Outlook,
    Plans,
    contracts_when_live,
    growth_until_live,
    mean_growth,
    profit_value,
    revenue_value,
    within_limits,
)
from sim.model.equations.prospects import Offers, Rivals, Ways, as_set, prospect
from sim.model.equations.terms import Terms, fee_markup
from sim.model.equations.trend import continued_log_growth
from sim.model.minds.foresight import as_expected, under
from sim.model.minds.zone_room import part_of_zone
from sim.model.presence_rules import PRESENCE_TERMS, terms_of, write_access, write_penalty
from sim.model.world import AWAY, World
from sim.policies import Levers
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray, ordered_sum, years_at
from sim.scenario.schema import Fading, Presence


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


@dataclass(frozen=True)
class Reckoning:
    """What a review finds.

    Attributes
    ----------
    options
        What was compared; the first is to stay.
    gain
        [option, draw] present value above that of staying, less sunk cost and hurdle, bn; 0 for staying, -inf where not
        allowed.
    price
        [option, draw] price planned in the channel that is opened; 1 where none is.
    waits
        [option, draw] months until the option is open under rules announced; 0 where it is open now, or not allowed.
    """

    options: tuple[Option, ...]
    gain: FloatArray
    price: FloatArray
    waits: IntArray


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


WAYS = 3
"""What may be done with a channel: to open it beside others, or in the place of all, or to close it."""


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


def reckon(
    today: World, v: int, m: int, month: int, ahead: Sequence[Levers] = (), due: BoolArray | None = None
) -> Reckoning:
    """Compare the ways in which vendor `v` could sell in market `m` (equations 5.1 to 5.5, 5.8 and 5.14).

    Parameters
    ----------
    ahead
        Rules of the next months as far as vendors know them; without any they reckon with today's.
    due
        [draw] where the vendor reviews how it sells; everywhere if absent.
    """
    where = today.everywhere if due is None else due
    [found] = reckonings(today, [v], m, month, where[None], ahead)
    return found


def reckonings(
    today: World, vendors: Sequence[int], m: int, month: int, due: BoolArray, ahead: Sequence[Levers] = ()
) -> list[Reckoning]:
    """`reckon` for several vendors; `due` says where they review how they sell, [vendor, draw]."""
    found = review(today, m, vendors, month, due, ahead)
    return [_of_vendor(today, found, i, v) for i, v in enumerate(vendors)]


def _of_vendor(world: World, found: Reviews, i: int, v: int) -> Reckoning:
    """What one of the vendors that review finds."""
    rows, here = world.channels.of(v, found.cells.m), found.cells.of == i
    places = [0, *(1 + WAYS * k + way for k in range(len(rows)) for way in range(len(rows) == 1, WAYS))]
    gain = found.gain[:, here]
    some = [k for k, place in enumerate(places) if not k or np.isfinite(gain[place]).any()]
    options, shape, kept = options_of(rows), (len(some), world.draws.count), [places[k] for k in some]
    held = Reckoning(
        tuple(options[k] for k in some), np.full(shape, -np.inf), np.ones(shape), np.zeros(shape, dtype=np.int64)
    )
    held.gain[0], draw = 0.0, found.cells.draw[here]
    held.gain[:, draw] = gain[kept]
    held.price[:, draw], held.waits[:, draw] = found.price[:, here][kept], found.waits[:, here][kept]
    return held


class Reviews(NamedTuple):
    """What vendors find that review how they sell in a market.

    Attributes
    ----------
    cells
        Who reviews, in which draws, as far as some change is allowed.
    gain, price, waits
        [option, cell] as in `Reckoning`, for the changes of `allowed_changes`.
    """

    cells: Cells
    gain: FloatArray
    price: FloatArray
    waits: IntArray


def review(
    today: World, m: int, vendors: Sequence[int], month: int, due: BoolArray, ahead: Sequence[Levers] = ()
) -> Reviews:
    """Let vendors compare the ways in which they could sell in a market; `due` says in which draws, [vendor, draw]."""
    world = as_expected(today, ahead)
    cells = Cells.where(world, m, vendors, due & world.base.willing[list(vendors)])
    allowed = allowed_changes(under(world, ahead[-1] if ahead else world.levers), cells)
    some: BoolArray = np.asarray(allowed[1:].any(axis=0))
    cells, allowed = cells.some(some), allowed[:, some]
    found = Reviews(cells, np.where(allowed, 0.0, -np.inf), np.ones(allowed.shape), np.zeros(allowed.shape, np.int64))
    if len(cells.of):
        books = Books(world, cells, month)
        if ahead:
            found.waits[:] = _months_until_open(today, books, allowed, ahead)
        _reckon_with(books, allowed, found)
    return found


def _reckon_with(books: Books, allowed: BoolArray, found: Reviews) -> None:
    """Write the gain of each change (equation 5.8), and the price planned in what it opens."""
    world, cells = books.world, books.cells
    lags = np.zeros(len(Presence))
    for kind in PRESENCE_TERMS:
        lags[kind] = _years_until_live(world, kind)
    now = as_set(books.active)
    option, cell, horizon, sets, begins = _list_cases(allowed, lags[world.channels.kind[cells.rows]], found.waits, now)
    plans, after = books.plans(sets, cell)
    stays = option == 0
    stay = np.flatnonzero(stays)[horizon]
    outlook = _outlook(books, cell[stays], begins)
    worth = books.worth(plans, Moves(after[stay], after, horizon), outlook)
    changes = np.flatnonzero(~stays)
    stay, after, option, cell = (values[changes] for values in (stay, after, option, cell))
    slot, way = np.divmod(option - 1, WAYS)
    gain = worth[changes] - worth[stay]
    opens = way < WAYS - 1
    draw = cells.draw[cell]
    kinds = world.channels.kind[cells.rows[slot, cell]]
    hurdle = 1.0 + world.value(world.scenario.presence.hurdle)
    gain -= np.where(opens, sunk_costs(world, kinds[opens])[kinds, draw], 0.0) * hurdle[draw]
    opened = plans.ways.used[:, after] & (plans.ways.channels[:, after] == slot)
    price = plans.prospects.price[opened.argmax(axis=0), after]
    found.gain[option, cell] = gain
    found.price[option, cell] = np.where(opens, price, 1.0)


@compiled
def _list_cases(  # noqa: C901 (a loop for each axis)
    allowed: BoolArray, lags: FloatArray, waits: IntArray, now: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, FloatArray]:
    """List what vendors compare, horizon after horizon: to stay, and the changes that begin at the same time.

    Parameters
    ----------
    allowed, waits
        [option, cell] which changes are allowed, and months until they are.
    lags
        [slot, cell] years from an application until each channel is live.
    now
        [cell] set of the channels in use.

    Returns
    -------
    Option, cell, horizon and set of channels in use afterwards, [case] each, and years until a change is live,
    [horizon].
    """
    options, cells = allowed.shape
    most = 2 * allowed.sum()
    option, cell, horizon = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    sets, begins, at = np.empty(most, np.int64), np.empty(most), np.empty(options)
    cases, horizons = 0, 0
    for c in range(cells):
        first = horizons
        for o in range(1, options):
            if allowed[o, c]:
                lag = 0.0 if o % WAYS == 0 else lags[(o - 1) // WAYS, c]
                at[o] = max(lag, waits[o, c] / MONTHS_PER_YEAR)
                h = first
                while h < horizons and begins[h] != at[o]:
                    h += 1
                if h == horizons:
                    begins[h], horizons = at[o], horizons + 1
        for h in range(first, horizons):
            option[cases], cell[cases], horizon[cases], sets[cases] = 0, c, h, now[c]
            cases += 1
            for o in range(1, options):
                if allowed[o, c] and at[o] == begins[h]:
                    option[cases], cell[cases], horizon[cases] = o, c, h
                    sets[cases] = _used_after(now[c], (o - 1) // WAYS, (o - 1) % WAYS)
                    cases += 1
    return option[:cases], cell[:cases], horizon[:cases], sets[:cases], begins[:horizons]


@of_numbers
def _used_after(now: int, slot: int, way: int) -> int:
    """Set of the channels in use after something has been done with one of them (`WAYS`)."""
    this = 1 << slot
    return now | this if way == 0 else this if way == 1 else now & ~this


class Books:
    """What vendors reckon with in one market under the rules of `world.levers`.

    Parameters
    ----------
    world, cells, month
        The run, who reckons, and the month.
    """

    def __init__(self, world: World, cells: Cells, month: int) -> None:
        self.world, self.cells, self.month = world, cells, month
        segments, groups = len(world.axes.segments), world.base.groups[cells.m]
        held: BoolArray = np.any(world.base.width[cells.m, :groups] > 0.0, axis=-1)
        held[:segments] |= not world.divided[cells.m].all()
        self.groups = np.flatnonzero(held)  # nobody is in the others

    def _by_group(self, values: FloatArray) -> FloatArray:
        """Values [group, draw] of the groups that somebody is in, [group, cell]."""
        return values[self.groups[:, None], self.cells.draw]

    def _of_sellers(self, values: FloatArray, places: IntArray, divides: BoolArray) -> FloatArray:
        """Values of sellers, [seller, group, draw], by their places, [slot, cell]: [slot, group, cell]."""
        found = np.empty((len(places), len(self.groups), len(self.cells.of)))
        segments, width = len(self.world.axes.segments), self.world.base.width[self.cells.m]
        _write_of_sellers(values, places, (self.groups, self.cells.draw), segments, (divides, width), found)
        return found

    @cached_property
    def _places(self) -> IntArray:
        """Place of each channel among those in use in the market, [slot, cell]; -1 where it is not in use."""
        here = self.world.sellers[self.cells.m]
        places = np.full(len(self.world.channels.rows) + 1, -1)
        places[here] = np.arange(len(here))
        return places[self.cells.rows]

    @cached_property
    def active(self) -> BoolArray:
        """Whether each channel is in use now, [slot, cell]."""
        return self.cells.active(self.world)

    @cached_property
    def access(self) -> FloatArray:
        """Share of each group of customers that each channel may serve, [slot, group, cell]."""
        world, cells = self.world, self.cells
        found = np.empty((len(cells.rows), len(self.groups), len(cells.of)))
        write_access(world.reach, world.base.within[cells.m], self.groups, cells.rows, cells.draw, found)
        return found

    @cached_property
    def pull(self) -> FloatArray:
        """Attraction of each channel at a price of 1, [slot, group, cell]."""
        world, cells = self.world, self.cells
        lost, found = np.empty(cells.rows.shape), np.empty(self.access.shape)
        write_penalty(world.losses, cells.rows, cells.draw, lost)
        moving = world.drift[cells.v, cells.m, cells.draw] - lost
        quality = world.owned_quality[cells.v, cells.m, :, cells.draw].T
        _write_appeal(self.access, self.groups, np.ascontiguousarray(quality), moving, found)
        return found

    @cached_property
    def price(self) -> FloatArray:
        """Price that each channel charges, or, where it is not in use, the vendor's others do, [slot, cell]."""
        asked = self.world.price[self.cells.rows, self.cells.draw]
        count = self.active.sum(axis=0)
        mean = np.where(count > 0, ordered_sum(np.where(self.active, asked, 0.0)) / np.maximum(count, 1), 1.0)
        return np.where(self.active, asked, mean)

    @cached_property
    def limit(self) -> FloatArray:
        """Most that each channel can sell at a price of 1, [slot, cell], bn a year; infinite outside of zones."""
        zones = self._zones
        found = np.full(zones.shape, np.inf)
        for z in np.unique(zones[zones != NOBODY]):
            limit = part_of_zone(self.world, int(z), self.month) * self.world.trend_price(self.month)
            np.copyto(found, limit[self.cells.draw], where=zones == z)
        return found

    @cached_property
    def _zones(self) -> IntArray:
        """Zone of each channel, `NOBODY` for none, [slot, cell]."""
        cells = self.cells
        found: IntArray = np.where(cells.rows == NOBODY, NOBODY, self.world.channels.zone[cells.rows])
        return found

    @cached_property
    def terms(self) -> Terms:
        """What of a customer's dollar would go to whom, [slot, cell]."""
        world, rows, draw = self.world, self.cells.rows, self.cells.draw
        return Terms(world.base.fee[rows, draw], world.services_tax[rows, draw], stakes(world, rows, draw))

    @cached_property
    def offers(self) -> Offers:
        """All channels of the vendors, in use or not."""
        base, rows, draw = self.world.base, self.cells.rows, self.cells.draw
        mu, sigma = base.mu[draw], self.rivals.sigma
        cost, carries = self.world.cost[rows, draw], base.carries[rows, draw]
        return Offers(self.pull, cost, self.limit, self.terms, carries, (mu - 1.0) / (sigma - 1.0), mu)

    @cached_property
    def contracts(self) -> Contracts:
        """What is under contract in each channel, and who may go on serving it."""
        world, m, places = self.world, self.cells.m, self._places
        spending = self._of_sellers(world.revenue[m], places, self._divides)
        return Contracts(spending, self._of_sellers(world.access[m], places, world.nowhere), self.access)

    @cached_property
    def _divides(self) -> BoolArray:
        """Draws in which the rules reckoned with divide the customers of the market for the first time."""
        return self.world.divides(self.cells.m)

    @cached_property
    def rivals(self) -> Rivals:
        """The market that the vendors face."""
        world, m, whole = self.world, self.cells.m, np.zeros((1, len(self.cells.of)), dtype=np.int64)
        [budget] = self._of_sellers(world.budget[None, m], whole, self._divides)
        own = ordered_sum(self._of_sellers(world.attraction[m], self._places, world.nowhere))
        total, sigma = self._by_group(world.attraction_total[m]), self._by_group(world.base.sigma)
        return Rivals(np.maximum(total - own, 0.0), total, budget, sigma, world.base.eta[self.cells.draw])

    def plans(self, sets: IntArray, cell: IntArray) -> tuple[Plans, IntArray]:
        """Ways of using the channels, each worked out once, and for each case its place among them.

        Parameters
        ----------
        sets
            [case] channels that would be in use (`as_set`).
        cell
            [case] which of the cells.
        """
        ways, index, unlimited = Ways.distinct(cell, sets, as_set(self._zones != NOBODY))
        return Plans(ways, unlimited, prospect(self.rivals, self.offers, self.price, ways)), index

    def worth(self, plans: Plans, moves: Moves, outlook: Outlook) -> FloatArray:
        """Present value of what plans earn from the day on which they are live (equation 5.3), [move].

        Parameters
        ----------
        plans, moves
            The plans, and the changes that lead to them.
        outlook
            How the vendors look ahead, [horizon] in the place of [draw].
        """
        base, rows, draw = self.world.base, self.cells.rows, self.cells.draw
        fixed = self.terms.stake * base.fixed_cost[rows, draw]
        markup = fee_markup(self.terms.fee)
        earning = Earning(plans.prospects.margin, fixed, self.offers.weights, markup, self._captive)
        return profit_value(outlook, plans.ways, moves, earning, self._revenue(plans, moves, outlook))

    @cached_property
    def _captive(self) -> FloatArray:
        """Cost of running services for own customers, without a partner's fee, [cell], bn a year."""
        found = np.zeros(len(self.cells.of))
        for v in self.captive_vendors:
            here = self.cells.v == v
            found[here] = captive_cost(self.world, v, self.cells.m, self.month)[self.cells.draw[here]]
        return found

    @property
    def captive_vendors(self) -> list[int]:
        """Vendors among them with services for own customers in the market."""
        own = self.world.runs_for_own_customers
        return [v for v in self.cells.vendors.tolist() if (v, self.cells.m) in own]

    def _revenue(self, plans: Plans, moves: Moves, outlook: Outlook) -> FloatArray:
        """Present value of what the channels of plans sell, [slot, move], bn."""
        sales, growth = plans.prospects.sales, growth_until_live(outlook)
        begins = contracts_when_live(self.contracts, plans, moves, growth[moves.horizon])
        found = revenue_value(outlook, moves.horizon, begins, np.take(sales, moves.after, axis=1))
        some = np.flatnonzero(plans.unlimited[moves.after] != moves.after)
        if len(some):
            full = moves.some(some)
            limit, asked = (np.take(values, full.after, axis=1) for values in (plans.prospects.limit, sales))
            instead = self._without_limited(plans, full, limit, sales, outlook)
            found[:, some] = within_limits(outlook, full.horizon, np.take(begins, some, axis=1), asked, limit, instead)
        return found

    def _without_limited(
        self, plans: Plans, moves: Moves, limit: FloatArray, sales: FloatArray, outlook: Outlook
    ) -> FloatArray:
        """What the others would sell if there were none of the channels with a limit, [slot, move], bn."""
        rest = moves._replace(after=plans.unlimited[moves.after])
        begins = contracts_when_live(self.contracts, plans, rest, growth_until_live(outlook)[moves.horizon])
        value = revenue_value(outlook, moves.horizon, begins, np.take(sales, rest.after, axis=1))
        others = plans.ways.used[:, moves.after] & np.isinf(limit)
        slots = np.maximum(np.cumsum(others, axis=0) - 1, 0)
        return np.where(others, np.take_along_axis(value, slots, axis=0), 0.0)


@compiled
def _write_of_sellers(
    values: FloatArray,
    places: IntArray,
    cells: tuple[IntArray, IntArray],
    segments: int,
    parts: tuple[BoolArray, FloatArray],
    found: FloatArray,
) -> None:
    """Write values of sellers, [slot, group, cell]: 0 for who is none, parts of their segment's where this divides."""
    (groups, draw), (divides, width) = cells, parts
    for k in range(len(places)):
        for i in range(len(groups)):
            g = groups[i]
            for c in range(len(draw)):
                place, d = places[k, c], draw[c]
                if place < 0:
                    found[k, i, c] = 0.0
                elif divides[d]:
                    found[k, i, c] = values[place, g % segments, d] * width[g, d]
                else:
                    found[k, i, c] = values[place, g, d]


@compiled
def _write_appeal(
    access: FloatArray, groups: IntArray, quality: FloatArray, moving: FloatArray, found: FloatArray
) -> None:
    """Write `appeal` of channels, [slot, group, cell], whose quality is that of the segment.

    Parameters
    ----------
    quality, moving
        [segment, cell] quality if a vendor owned its data centres, and [slot, cell] what is added to it.
    """
    segments, cells = quality.shape
    pull = np.empty(cells)
    for k in range(len(moving)):
        for s in range(segments):
            for c in range(cells):
                pull[c] = exp(quality[s, c] + moving[k, c])
            for i in range(len(groups)):
                if groups[i] % segments == s:
                    for c in range(cells):
                        found[k, i, c] = access[k, i, c] * pull[c]


def _months_until_open(today: World, books: Books, allowed: BoolArray, ahead: Sequence[Levers]) -> IntArray:
    """Months until changes are allowed and their channels as attractive as reckoned with, [option, cell]."""
    option, cell = np.nonzero(allowed[1:])
    slot, way = np.divmod(option, WAYS)
    opens = way < WAYS - 1
    waits, ready = np.where(opens, len(ahead), 0), opens
    rules = (today.levers, *ahead)
    for months in reversed(range(len(ahead))):
        if rules[months] is not rules[months + 1]:
            then = Books(under(today, rules[months]), books.cells, books.month)
            now = allowed_changes(then.world, books.cells)[1:][option, cell]
            pull, wanted = (held.pull[slot, :, cell] for held in (then, books))
            ready = opens & now & (pull >= wanted).all(axis=-1)
        waits[ready] = months
    found = np.zeros(allowed.shape, dtype=np.int64)
    found[1:][option, cell] = waits
    return found


def captive_cost(world: World, v: int, m: int, month: int) -> FloatArray:
    """Cost of running the services for the vendor's own customers, without a partner's fee, [draw], bn a year.

    These services are not sold. They are worth to the firm what running them itself would cost, so that only what a
    partner takes on top (`fee_markup`) counts as a loss.
    """
    if not (world.base.captive[v, m] > 0.0).any():
        return np.zeros(world.draws.count)
    grown = exp(captive_log_growth(world, v, m, month))
    return world.base.captive[v, m] * grown * world.cost[world.channels.of(v, m)[0]] * world.trend_price(month)


def captive_costs(world: World, v: int, m: int, month: int) -> tuple[list[int], FloatArray]:
    """Give the vendor's channels and `captive_cost` of what each runs, [channel, draw]; several share it as sales."""
    rows = list(world.channels.of(v, m))
    return rows, captive_cost(world, v, m, month) * parts_of_whole(world.active[rows] * world.base.carries[rows])


def captive_log_growth(world: World, v: int, m: int, month: int) -> FloatArray:
    """Log growth of a vendor's services for its own customers from the base date to mid-month, [draw]."""
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    if fades is None:
        return first * years_at(month)
    start = max(world.scenario.calendar.month_of(fades.after), 0) / MONTHS_PER_YEAR
    faded = np.array(max(years_at(month) - start, 0.0))
    later = continued_log_growth(faded, first, world.value(fades.lasting), world.value(fades.half_life_years))
    return first * min(years_at(month), start) + later


def _captive_growth_ahead(books: Books, v: int, draws: IntArray, years: FloatArray) -> FloatArray:
    """Yearly growth of those services that a vendor reckons with: the first rate until it begins to fade, [case].

    Parameters
    ----------
    draws, years
        [case] draws, and years until the horizon.
    """
    world, m = books.world, books.cells.m
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    faded = 0 if fades is None else books.month - max(world.scenario.calendar.month_of(fades.after), 0)
    if fades is None or faded <= 0:
        return first[draws]
    lasting, half_life = world.value(fades.lasting), world.value(fades.half_life_years)
    present = lasting + (first - lasting) * exp(-log(2.0) * faded / MONTHS_PER_YEAR / half_life)
    return mean_growth(present[draws], lasting[draws], half_life[draws], years)


def _fading(world: World, v: int, m: int) -> Fading | None:
    captive = list(world.scenario.vendors.values())[v].captive.get(world.axes.markets[m])
    return None if captive is None else captive.fades


def stakes(world: World, rows: IntArray, draw: IntArray) -> FloatArray:
    """Share of profit that vendors have in channels.

    A foreign owner has the stake that the national rule allows; all where the rule allows none, as its data centres
    then close.

    Parameters
    ----------
    rows, draw
        Channels and draws that fit each other.
    """
    channels = world.channels
    cap = world.levers.equity_cap[channels.market[rows], draw]
    capped = (channels.reviewed & (channels.kind == Presence.OWNED))[rows] & (cap > 0.0)
    return np.where(capped, cap, 1.0)


def _outlook(books: Books, cell: IntArray, begins: FloatArray) -> Outlook:
    """Discounting, growth and delays as vendors see them.

    Parameters
    ----------
    cell, begins
        [horizon] whose outlook it is, and years until a change is live.
    """
    world, cells, draws = books.world, books.cells, books.cells.draw[cell]
    settings, later = world.scenario.presence, world.scenario.growth_of(world.axes.markets[cells.m]).after
    premium = world.value(settings.uncertainty_premium) * world.levers.uncertainty
    ends = begins + world.value(settings.horizon_years)[draws]
    now, lasting, half_life = world.growth[cells.m], world.value(later.lasting), world.value(later.half_life_years)
    captive, who = np.zeros(len(cell)), cells.v[cell]
    for v in books.captive_vendors:
        here = np.flatnonzero(who == v)
        captive[here] = _captive_growth_ahead(books, v, draws[here], ends[here])
    return Outlook(
        discount=(world.value(settings.discount) + premium)[draws],
        growth=mean_growth(now[draws], lasting[draws], half_life[draws], ends),
        churn=world.base.churn_rate[draws],
        captive_growth=captive - world.value(world.scenario.costs.decline)[draws],
        begins=begins,
        ends=ends,
        fade=world.value(settings.fade_half_life_years)[draws],
    )


def years_until_live(world: World, row: int) -> float:
    """Years from an application until a channel is live: the licence's usual time plus building."""
    if row == AWAY:
        return 0.0
    return _years_until_live(world, world.channels.rows[row].kind)


def _years_until_live(world: World, kind: Presence) -> float:
    terms = terms_of(world.scenario, kind)
    waiting = world.scenario.licensing.service_months.central if terms.needs_licence else 0.0
    return (terms.build_months + waiting) / MONTHS_PER_YEAR


def sunk_costs(world: World, kinds: IntArray) -> FloatArray:
    """Cost of setting up, bn, for some ways of selling, [kind, draw]; 0 for the others."""
    found = np.zeros((len(Presence), world.draws.count))
    for kind in np.unique(kinds):
        found[kind] = world.value(terms_of(world.scenario, Presence(kind)).sunk_cost_bn)
    return found


def sunk_cost(world: World, row: int) -> FloatArray:
    """Cost of setting up a channel, [draw], bn; none for `AWAY`."""
    if row == AWAY:
        return np.zeros(world.draws.count)
    return world.value(terms_of(world.scenario, world.channels.rows[row].kind).sunk_cost_bn)
