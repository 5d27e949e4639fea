"""How vendors sell abroad: yearly reviews, applications, changes that go live, and retreats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.model.actors.vendor import Plan, capacity_price
from sim.model.channels import NOBODY
from sim.model.equations.capacity import expected_sales
from sim.model.equations.present_value import Moves, contracts_when_live
from sim.model.equations.prospects import as_set
from sim.model.minds.channel_books import Books, stakes
from sim.model.minds.channel_changes import WAYS, Cells, is_open
from sim.model.minds.reckoning import Reviews, review, sunk_costs
from sim.model.minds.zone_room import part_of_zone
from sim.model.world import AWAY, World
from sim.quantities import NEVER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def entry(timeline: Timeline, world: World, pairs: Sequence[tuple[int, int]]) -> Process:
    """Let vendors review how they sell in markets, apply for what is worth it, and go live when due.

    Parameters
    ----------
    pairs
        Vendors and markets, each vendor looking at its own alone.
    """
    every, plan = world.scenario.presence.review_every_months, Plan.of(world)
    vendors = {m: [v for v, market in pairs if market == m] for m in dict.fromkeys(m for _, m in pairs)}
    while True:
        month = yield timeline.turn(Phase.ENTRY)
        changed, yearly = bool(world.rules_changed.any()), month > 0 and month % every == 0
        for m, who in vendors.items():
            _go_live(world, m, who, month, plan)
            if changed or month == 0:
                _retreat(world, m, who, month)
            if changed:
                _follow_rules(world, m, who)
            if changed or yearly:
                reviews = world.everywhere if yearly else world.rules_changed
                due = reviews & (world.live_month[who, m] == NEVER)
                _apply(world, review(world, m, who, month, due, world.ahead), month)


def _apply(world: World, found: Reviews, month: int) -> None:
    """Apply where the best change gains, and write down the price planned for what it opens."""
    best = found.gain.argmax(axis=0)
    moves = np.flatnonzero(best > 0)
    if not len(moves):
        return
    cells, best = found.cells.some(moves), best[moves]
    slot, way = np.divmod(best - 1, WAYS)
    closes = way == WAYS - 1
    at, waits = (cells.v, cells.m, cells.draw), found.waits[best, moves]
    world.next_channel[at] = np.where(closes, AWAY, cells.rows[slot, np.arange(len(moves))])
    world.next_opens[at] = np.where(waits > 0, month + waits, 0)
    world.next_price[at] = found.price[best, moves]
    world.applied[at] = True
    this = np.arange(len(cells.rows))[:, None] == slot
    leaves = cells.active(world) & np.where(closes, this, (way == 1) & ~this)
    held = cells.rows != NOBODY
    world.leaving[cells.rows[held], np.broadcast_to(cells.draw, held.shape)[held]] = leaves[held]
    for i, v in enumerate(cells.vendors.tolist()):
        for option in np.unique(best[cells.of == i]).tolist():
            here = cells.some((cells.of == i) & (best == option))
            _note(world, v, here, month, "applies", int(world.next_channel[v, here.m, here.draw[0]]))


def _note(world: World, v: int, here: Cells, month: int, event: str, opens: int) -> None:
    """Record a change of what a vendor has in a market by what it opens, or, if nothing, by what it closes.

    Parameters
    ----------
    here
        Cells of this vendor.
    """
    m, where = here.m, _mask(world, here.draw)
    vendor, rows = world.axes.vendors[v], world.channels.of(v, m)
    if opens != AWAY:
        world.note(where, month, vendor, event, describe(world, opens))
        return
    stays = (world.active[list(rows)] & ~world.leaving[list(rows)]).any(axis=0)
    world.note(where & ~stays, month, vendor, event, f"absent in {world.axes.markets[m]}")
    for row in rows:
        world.note(where & stays & world.leaving[row], month, vendor, event, f"without {describe(world, row)}")


def describe(world: World, row: int) -> str:
    """Words for a channel."""
    channel = world.channels.rows[row]
    place = world.axes.zones[channel.zone] if channel.kind is Presence.ZONE else world.axes.markets[channel.market]
    return f"{channel.kind.name.lower()} in {place}"


def _go_live(world: World, m: int, vendors: Sequence[int], month: int, plan: Plan) -> None:
    """Change channels where a change is due and still allowed."""
    due = world.live_month[vendors, m] == month
    if not due.any():
        return
    world.moved.add(m)
    cells = Cells.where(world, m, vendors, due)
    world.live_month[cells.v, m, cells.draw] = NEVER
    opens = world.next_channel[cells.v, m, cells.draw]
    lapses = (opens != AWAY) & ~_may_go_live(world, cells, opens)
    for i, v in enumerate(vendors if lapses.any() else ()):
        lapsed = _mask(world, cells.draw[lapses & (cells.of == i)])
        world.note(lapsed, month, world.axes.vendors[v], "move lapses", "no longer allowed")
    cells, opens = cells.some(~lapses), opens[~lapses]
    for i, v in enumerate(vendors):
        for row in np.unique(opens[cells.of == i]).tolist():
            _note(world, v, cells.some((cells.of == i) & (opens == row)), month, "goes live", row)
    new = opens != AWAY
    fresh = cells.some(new)
    expected, price = _expected(world, fresh, opens[new], month, plan)
    _settle(world, cells, opens)
    _first_data_centres(world, opens[new], fresh.draw, month, (expected, price), plan)


def _may_go_live(world: World, cells: Cells, opens: IntArray) -> BoolArray:
    """Whether a channel is open, [cell]: a zone with as many slots as were announced to who waited for them."""
    found, zone = is_open(world, opens, cells.draw), world.channels.zone[opens]
    for c in np.flatnonzero((zone != NOBODY) & (opens != AWAY)):
        z, v, d = zone[c], cells.v[c], cells.draw[c]
        slots, taken = world.levers.zone_slots[z, d], world.slots_taken[z, d]
        found[c] = slots > 0.0 and (world.next_opens[v, cells.m, d] == 0 or taken <= slots)
    return found


def _settle(world: World, cells: Cells, opens: IntArray) -> None:
    """Open channels, and close those that leave, with their customers and capacity in the hands of what is left."""
    m, rows, draw = cells.m, cells.rows, cells.draw
    leaving = cells.active(world) & world.leaving[rows, draw]
    count = leaving.sum(axis=0)
    before = ordered_sum(np.where(leaving, world.price[rows, draw], 0.0)) / np.maximum(count, 1)
    planned = np.where(count > 0, before, world.next_price[cells.v, m, draw])
    fresh = (opens != AWAY) & ~world.active[opens, draw]
    _begin_at(world, opens[fresh], draw[fresh], planned[fresh])
    world.open_in(m, opens[fresh], draw[fresh])
    world.close_in(m, rows, draw, leaving)


def _begin_at(world: World, rows: IntArray, draw: IntArray, price: FloatArray) -> None:
    """Give channels that open, [case], their first price, from which on customers see it move."""
    for held in (world.price, world.price_before):
        held[rows, draw] = price


def _first_data_centres(
    world: World, rows: IntArray, draw: IntArray, month: int, wanted: tuple[FloatArray, FloatArray], plan: Plan
) -> None:
    """Bring on line what vendors would order for channels that open; pay for it and for setting up.

    It is an order like any other, but built along with the move. In a zone no more than its part can be kept. Setting
    up is a loss of the quarter in which the change goes live.

    Parameters
    ----------
    rows, draw
        [case] channels that go live, and in which draw.
    wanted
        Sales expected in them, bn a year, and their prices relative to the common decline, [case] each.
    """
    expected, price = wanted
    limit, zone = np.full(len(rows), np.inf), world.channels.zone[rows]
    for z in np.unique(zone[zone != NOBODY]).tolist():
        limit = np.where(zone == z, part_of_zone(world, z, month)[draw], limit)
    kept, on_order = np.minimum(world.capacity[rows, draw], limit), world.on_order[rows, draw]
    order = plan.of_draws(draw).order(expected, price * world.trend_price(month)[draw], kept, on_order)
    added = np.clip(limit - kept - on_order, 0.0, order)
    world.capacity[rows, draw] = kept + added
    world.flows["capex"][rows, draw] += added * capacity_price(world, month)[world.channels.market[rows], draw]
    kinds = world.channels.kind[rows]
    world.flows["profit"][rows, draw] -= sunk_costs(world, kinds)[kinds, draw]


def _expected(world: World, cells: Cells, opens: IntArray, month: int, plan: Plan) -> tuple[FloatArray, FloatArray]:
    """Sales expected in the channels that go live, bn a year, and their prices, [cell] each.

    Parameters
    ----------
    opens
        [cell] channel that goes live.
    """
    m, draw, each = cells.m, cells.draw, np.arange(len(cells.of))
    if not len(each):
        return np.zeros(0), np.zeros(0)
    books = Books(world, cells, month)
    new, now = as_set(cells.rows == opens), as_set(books.active)
    stays = as_set(books.active & ~world.leaving[cells.rows, draw]) & ~new
    used = np.where(stays == 0, new, new | now)
    plans, index = books.plans(np.concatenate([used, now]), np.tile(each, 2))
    after, before = np.split(index, 2)
    slot = np.bitwise_count(used & (new - 1)).astype(np.int64)
    contracts = contracts_when_live(books.contracts, plans, Moves(before, after, each), np.ones(len(each)))[slot, each]
    potential, years = plans.prospects.sales[slot, after], plan.years[draw]
    expected = expected_sales(contracts, potential, world.base.churn_rate[draw], world.growth[m, draw], years)
    return expected, plans.prospects.price[slot, after]


def _retreat(world: World, m: int, vendors: Sequence[int], month: int) -> None:
    """Close what is no longer allowed; who has nothing left goes back to its partners, or leaves.

    What goes live is allowed (`_may_go_live`), so that nothing is lost but where rules change.
    """
    where = world.rules_changed if month else world.everywhere
    cells = Cells.where(world, m, vendors, np.broadcast_to(where, (len(vendors), len(where))))
    lost = no_longer_allowed(world, cells.rows, cells.draw) & cells.active(world)
    some: BoolArray = np.asarray(lost.any(axis=0))
    if not some.any():
        return
    world.moved.add(m)
    cells, lost = cells.some(some), lost[:, some]
    nothing_left = ~(cells.active(world) & ~lost).any(axis=0)
    last = len(lost) - 1 - lost[::-1].argmax(axis=0)
    price = world.price[cells.rows[last, np.arange(len(last))], cells.draw]
    for i, v in enumerate(vendors):
        partners, own = world.channels.through_partners(v, m), nothing_left & (cells.of == i)
        for row in partners:
            rows, draw = np.full(own.sum(), row), cells.draw[own]
            _begin_at(world, rows, draw, price[own])
            world.open_in(m, rows, draw)
        fallback = describe(world, partners[0]) if partners else f"absent in {world.axes.markets[m]}"
        world.note(_mask(world, cells.draw[own]), month, world.axes.vendors[v], "falls back", fallback)
        for k, row in enumerate(world.channels.of(v, m)):
            loses = _mask(world, cells.draw[lost[k] & ~nothing_left & (cells.of == i)])
            world.note(loses, month, world.axes.vendors[v], "loses", describe(world, row))
    world.close_in(m, cells.rows, cells.draw, lost)


def no_longer_allowed(world: World, rows: IntArray | int, draw: IntArray) -> BoolArray:
    """Whether channels, if in use, are so against the rules; `rows` and `draw` fit each other."""
    channels, levers, zone = world.channels, world.levers, world.channels.zone[rows]
    owned = (channels.reviewed & (channels.kind == Presence.OWNED))[rows]
    found: BoolArray = owned & (levers.equity_cap[channels.market[rows], draw] <= 0.0)
    if (zone != NOBODY).any():
        found = found | (zone != NOBODY) & (levers.zone_slots[zone, draw] <= 0.0)
    return found


def _mask(world: World, draw: IntArray) -> BoolArray:
    found = np.zeros(world.draws.count, dtype=np.bool_)
    found[draw] = True
    return found


def _follow_rules(world: World, m: int, vendors: Sequence[int]) -> None:
    """Bring stakes in line with rules."""
    world.moved.add(m)
    rows = np.concatenate([world.channels.of(v, m) for v in vendors])
    world.stake[rows] = stakes(world, rows[:, None], np.arange(world.draws.count))
