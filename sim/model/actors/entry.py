"""How a vendor sells abroad: yearly reviews, applications, changes that go live, and retreats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from sim.model.actors.vendor import Plan, capacity_price
from sim.model.equations.capacity import expected_sales
from sim.model.equations.nests import parts_of_whole
from sim.model.equations.present_value import Moves, contracts_when_live
from sim.model.minds.reckoning import Books, Reckoning, is_open, reckon, stakes, sunk_cost
from sim.model.minds.zone_room import zone_limit
from sim.model.world import AWAY, World
from sim.quantities import NEVER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def entry(timeline: Timeline, world: World, v: int, m: int) -> Process:
    """Let vendor `v` review how it sells in market `m`, apply for what is worth it, and go live when due."""
    every, plan = world.scenario.presence.review_every_months, Plan.of(world)
    while True:
        month = yield timeline.turn(Phase.ENTRY)
        changed, live = world.rules_changed.any(), world.live_month[v, m] == month
        if month % every and not changed and not live.any():
            continue
        moved = _go_live(world, v, m, month, plan) | _retreat(world, v, m, month)
        if changed or moved.any():
            _follow_rules(world, v, m)
        reviews = world.everywhere if month and month % every == 0 else world.rules_changed
        due = reviews & (world.live_month[v, m] == NEVER)
        if due.any():
            _apply(world, v, m, month, due, reckon(world, v, m, month, world.ahead, due))


def _apply(world: World, v: int, m: int, month: int, due: BoolArray, found: Reckoning) -> None:
    """Apply where the best change gains, and write down the price planned for what it opens."""
    best = found.gain.argmax(axis=0)
    moves = due & (best > 0)
    if not moves.any():
        return
    draws = np.arange(world.draws.count)
    waits = found.waits[best, draws]
    plans = {
        "next_channel": np.array([option.opens for option in found.options])[best],
        "next_opens": np.where(waits > 0, month + waits, 0),
        "next_price": found.price[best, draws],
    }
    for name, planned in plans.items():
        np.copyto(getattr(world, name)[v, m], planned, where=moves)
    world.applied[v, m] = moves
    for index, option in enumerate(found.options):
        here = moves & (best == index)
        for row in world.channels.of(v, m):
            closes = world.active[row] & (row in option.closes)
            world.leaving[row] = np.where(here, closes, world.leaving[row])
        _note(world, v, m, month, here, "applies", option.opens)


def _note(world: World, v: int, m: int, month: int, where: BoolArray, event: str, opens: int) -> None:
    """Record a change of what a vendor has in a market by what it opens, or, if nothing, by what it closes."""
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


def _go_live(world: World, v: int, m: int, month: int, plan: Plan) -> BoolArray:
    """Change channels where a change is due and still allowed; give the draws where one was due."""
    due = world.live_month[v, m] == month
    if not due.any():
        return due
    world.live_month[v, m, due] = NEVER
    live = {row: due & (world.next_channel[v, m] == row) for row in (AWAY, *world.channels.of(v, m))}
    opens = np.full(world.draws.count, AWAY)
    for row, here in live.items():
        if row != AWAY and here.any():
            np.logical_and(here, _may_go_live(world, v, m, row), out=here)
            opens[here] = row
    expected, price = _expected(world, v, m, month, opens, plan)
    for row, here in live.items():
        if here.any():
            _note(world, v, m, month, here, "goes live", row)
            _settle(world, v, m, here, row)
            if row != AWAY:
                wanted = partial(plan.order, expected, price * world.trend_price(month))
                _first_data_centre(world, here, row, month, wanted)
    lapsed = due & ~np.any(list(live.values()), axis=0)
    world.note(lapsed, month, world.axes.vendors[v], "move lapses", "no longer allowed")
    return due


def _may_go_live(world: World, v: int, m: int, row: int) -> BoolArray:
    """Draws in which a channel is open: a zone with as many slots as were announced to who waited for them."""
    if world.channels.rows[row].kind is not Presence.ZONE:
        return is_open(world, row)
    z = world.channels.rows[row].zone
    slots, taken = world.levers.zone_slots[z], world.slots_taken[z]
    return (slots > 0.0) & ((world.next_opens[v, m] == 0) | (taken <= slots))


def _settle(world: World, v: int, m: int, where: BoolArray, opens: int) -> None:
    """Open a channel, and close those that leave, with its customers and capacity in the hands of what is left."""
    world.moved.add(m)
    rows = list(world.channels.of(v, m))
    leaving = world.active[rows] & world.leaving[rows] & where
    if opens != AWAY:
        fresh = where & ~world.active[opens]
        count = leaving.sum(axis=0)
        before = ordered_sum(np.where(leaving, world.price[rows], 0.0)) / np.maximum(count, 1)
        planned = np.where(count > 0, before, world.next_price[v, m])
        _begin_at(world, opens, planned, fresh)
        world.open(opens, where)
    _close(world, v, m, leaving)


def _begin_at(world: World, row: int, price: FloatArray, where: BoolArray) -> None:
    """Give a channel that opens in some draws its first price, from which on customers see it move."""
    for held in (world.price, world.price_before):
        held[row] = np.where(where, price, held[row])


def _close(world: World, v: int, m: int, leaving: BoolArray) -> None:
    """Close channels; what they have goes to the others in use, as customers would now choose between these.

    Parameters
    ----------
    leaving
        [channel, draw] where each channel of the vendor closes.
    """
    rows, groups = list(world.channels.of(v, m)), world.base.groups[m]
    stays = world.active[rows] & ~leaving
    for k in np.flatnonzero(leaving.any(axis=1)):
        heirs = stays & leaving[k]
        pull = np.where(stays[:, None], world.of_channels(world.attraction, rows)[:, :groups], 0.0)
        alike = parts_of_whole(np.broadcast_to(stays[:, None], pull.shape).astype(np.float64))
        inside = np.where((pull > 0.0).any(axis=0), parts_of_whole(pull), alike)
        some = {rows[j]: inside[j] for j in np.flatnonzero(heirs.any(axis=1))}
        world.hand_over(rows[k], some, leaving[k])


def _first_data_centre(
    world: World, where: BoolArray, row: int, month: int, order: Callable[[FloatArray, FloatArray], FloatArray]
) -> None:
    """Bring on line what a vendor would order for a channel that opens; pay for it and for setting up.

    It is an order like any other, but built along with the move. In a zone no more than its part can be kept. Setting
    up is a loss of the quarter in which the change goes live.

    Parameters
    ----------
    order
        Gives the units to order where there are so many, and so many on order, [draw] each.
    """
    limit = zone_limit(world, row, month)
    kept, on_order = np.minimum(world.capacity[row], limit), world.on_order[row]
    added = np.where(where, np.clip(limit - kept - on_order, 0.0, order(kept, on_order)), 0.0)
    world.capacity[row] = np.where(where, kept, world.capacity[row]) + added
    world.flows["capex"][row] += added * capacity_price(world, month)[world.channels.market[row]]
    world.flows["profit"][row] -= np.where(where, sunk_cost(world, row), 0.0)


def _expected(world: World, v: int, m: int, month: int, opens: IntArray, plan: Plan) -> tuple[FloatArray, FloatArray]:
    """Sales expected in the channels that go live, bn a year, and their prices, [draw] each.

    Parameters
    ----------
    opens
        [draw] channel that goes live, `AWAY` for none.
    """
    sales, price, here = np.zeros(world.draws.count), np.ones(world.draws.count), np.flatnonzero(opens != AWAY)
    if not len(here):
        return sales, price
    books, draw = Books(world, v, m, month, here), np.arange(len(here))
    new = np.array(books.rows)[:, None] == opens[here]
    stays = books.active & ~books.here(world.leaving[list(books.rows)])
    alone = ~(stays & ~new).any(axis=0)
    used = new | (books.active & ~alone)
    plans, index = books.plans(np.concatenate([used, books.active], axis=1), np.tile(draw, 2))
    after, before = np.split(index, 2)
    slot = (plans.ways.channels[:, after] == new.argmax(axis=0)).argmax(axis=0)
    contracts = contracts_when_live(books.contracts, plans, Moves(before, after), np.ones(len(here)))[slot, draw]
    churn, growth, years = world.base.churn_rate[here], world.growth[m, here], plan.years[here]
    sales[here] = expected_sales(contracts, plans.prospects.sales[slot, after], churn, growth, years)
    price[here] = plans.prospects.price[slot, after]
    return sales, price


def _retreat(world: World, v: int, m: int, month: int) -> BoolArray:
    """Close what is no longer allowed; who has nothing left goes back to its partners, or leaves.

    What goes live is allowed (`_may_go_live`), so that nothing is lost but where rules change.
    """
    if month and not world.rules_changed.any():
        return world.nowhere
    rows = list(world.channels.of(v, m))
    lost = np.stack([no_longer_allowed(world, row) for row in rows])
    where: BoolArray = np.asarray(lost.any(axis=0))
    if not where.any():
        return where
    world.moved.add(m)
    nothing_left = where & ~(world.active[rows] & ~lost).any(axis=0)
    partners = world.channels.through_partners(v, m)
    for k in np.flatnonzero(lost.any(axis=1)):
        for row in partners:
            _begin_at(world, row, world.price[rows[k]], nothing_left & lost[k])
    for row in partners:
        world.open(row, nothing_left)
    vendor = world.axes.vendors[v]
    fallback = describe(world, partners[0]) if partners else f"absent in {world.axes.markets[m]}"
    world.note(nothing_left, month, vendor, "falls back", fallback)
    for k in np.flatnonzero(lost.any(axis=1)):
        world.note(lost[k] & ~nothing_left, month, vendor, "loses", describe(world, rows[k]))
    _close(world, v, m, lost)
    return where


def no_longer_allowed(world: World, row: int) -> BoolArray:
    """Draws in which a channel is in use against the rules."""
    channel = world.channels.rows[row]
    if channel.kind is Presence.OWNED and channel.reviewed:
        return world.active[row] & (world.levers.equity_cap[channel.market] <= 0.0)
    if channel.kind is Presence.ZONE:
        return world.active[row] & (world.levers.zone_slots[channel.zone] <= 0.0)
    return world.nowhere


def _follow_rules(world: World, v: int, m: int) -> None:
    """Bring stakes in line with rules."""
    world.moved.add(m)
    rows = list(world.channels.of(v, m))
    world.stake[rows] = stakes(world, rows)
