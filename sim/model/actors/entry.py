"""How a vendor sells abroad: yearly reviews, applications, moves that go live, and retreats."""

from __future__ import annotations

import numpy as np

from sim.model.actors.vendor import Plan, capacity_price
from sim.model.equations.capacity import expected_sales
from sim.model.minds.reckoning import AWAY, Reckoning, is_allowed, reckon, sales_when_live, stakes, sunk_cost
from sim.model.minds.zone_room import zone_limit
from sim.model.world import World
from sim.quantities import NEVER, BoolArray
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def entry(timeline: Timeline, world: World, v: int, m: int) -> Process:
    """Let vendor `v` review how it sells in market `m`, apply for what is worth it, and go live when due."""
    every, plan = world.scenario.presence.review_every_months, Plan.of(world)
    while True:
        month = yield timeline.turn(Phase.ENTRY)
        moved = _go_live(world, v, m, month, plan) | _retreat(world, v, m, month)
        if moved.any() or world.rules_changed.any():
            _follow_rules(world, v, m)
        reviews = world.everywhere if month and month % every == 0 else world.rules_changed
        due = reviews & (world.live_month[v, m] == NEVER)
        if due.any():
            _apply(world, v, m, month, due, reckon(world, v, m, month, world.ahead))


def _apply(world: World, v: int, m: int, month: int, due: BoolArray, found: Reckoning) -> None:
    """Apply where the best choice gains, and write down the price planned for it."""
    best = found.gain.argmax(axis=0)
    moves = due & (best != found.current)
    if not moves.any():
        return
    draws = np.arange(world.draws.count)
    waits = found.waits[best, draws]
    plans = {
        "next_channel": np.array(found.choices)[best],
        "next_opens": np.where(waits > 0, month + waits, 0),
        "next_price": found.prospects.price[best, draws],
    }
    for name, planned in plans.items():
        np.copyto(getattr(world, name)[v, m], planned, where=moves)
    world.applied[v, m] = moves
    for index, row in enumerate(found.choices):
        world.note(moves & (best == index), month, world.axes.vendors[v], "applies", _describe(world, m, row))


def _describe(world: World, m: int, row: int) -> str:
    if row == AWAY:
        return f"absent in {world.axes.markets[m]}"
    channel = world.channels.rows[row]
    place = world.axes.zones[channel.zone] if channel.kind is Presence.ZONE else world.axes.markets[m]
    return f"{channel.kind.name.lower()} in {place}"


def _go_live(world: World, v: int, m: int, month: int, plan: Plan) -> BoolArray:
    """Change channels where a move is due and still allowed; give the draws where one was due."""
    due = world.live_month[v, m] == month
    if not due.any():
        return due
    world.live_month[v, m, due] = NEVER
    lapsed = due.copy()
    for row in (AWAY, *world.channels.of(v, m)):
        here = due & (world.next_channel[v, m] == row)
        if here.any():
            here &= _may_go_live(world, v, m, row)
        if here.any():
            lapsed &= ~here
            if row == AWAY:
                _settle(world, v, m, here, row)
            else:
                _first_data_centre(world, v, m, here, row, month, plan)
            world.note(here, month, world.axes.vendors[v], "goes live", _describe(world, m, row))
    world.note(lapsed, month, world.axes.vendors[v], "move lapses", "no longer allowed")
    return due


def _may_go_live(world: World, v: int, m: int, row: int) -> BoolArray:
    """Draws in which a channel is allowed: a zone open, with as many slots as were announced to who waited for them."""
    if row == AWAY or world.channels.rows[row].kind is not Presence.ZONE:
        return is_allowed(world, v, m, row)
    z = world.channels.rows[row].zone
    slots, taken = world.levers.zone_slots[z], world.slots_taken[z]
    return (slots > 0.0) & ((world.next_opens[v, m] == 0) | (taken <= slots))


def _settle(world: World, v: int, m: int, where: BoolArray, new: int) -> None:
    """Close all other channels, and open the new one with what they had."""
    world.moved = True
    rows = world.channels.of(v, m)
    if new == AWAY:
        for row in rows:
            world.active[row] &= ~where
            world.capacity[row] = np.where(where, 0.0, world.capacity[row])
        return
    entrant = where & ~world.active[list(rows)].any(axis=0)
    world.open(new, where)
    world.price[new] = np.where(entrant, world.next_price[v, m], world.price[new])
    for row in rows:
        leaves = where & world.active[row]
        if row != new and leaves.any():
            world.carry_over(row, new, leaves)


def _first_data_centre(world: World, v: int, m: int, where: BoolArray, row: int, month: int, plan: Plan) -> None:
    """Open a channel, and bring on line what the vendor would order for it; pay for it and for setting up.

    It is an order like any other, but built along with the move. In a zone no more than its part can be kept. Setting
    up is a loss of the quarter in which the move goes live.
    """
    contracts, prospects = sales_when_live(world, v, m, month, row)
    [potential], [price], churn, growth = prospects.sales, prospects.price, world.base.churn_rate, world.growth[m]
    expected = expected_sales(contracts, potential, churn, growth, plan.years)
    _settle(world, v, m, where, row)
    limit = zone_limit(world, row, month)
    kept, on_order = np.minimum(world.capacity[row], limit), world.on_order[row]
    wanted = plan.order(expected, price * world.trend_price(month), kept, on_order)
    added = np.where(where, np.clip(limit - kept - on_order, 0.0, wanted), 0.0)
    world.capacity[row] = np.where(where, kept, world.capacity[row]) + added
    world.flows["capex"][row] += added * capacity_price(world, month)[m]
    world.flows["profit"][row] -= np.where(where, sunk_cost(world, row), 0.0)


def _retreat(world: World, v: int, m: int, month: int) -> BoolArray:
    """Go back to the partner, or leave, where the present way is no longer allowed; give the draws that do."""
    lost = _no_longer_allowed(world, v, m)
    if not lost.any():
        return lost
    partner = world.channels.partner_of(v, m)
    fallback = AWAY if partner is None else partner
    _settle(world, v, m, lost, fallback)
    world.note(lost, month, world.axes.vendors[v], "falls back", _describe(world, m, fallback))
    return lost


def _no_longer_allowed(world: World, v: int, m: int) -> BoolArray:
    """Draws in which the vendor's data centres are against the rules."""
    lost = world.nowhere
    for row in world.channels.of(v, m):
        channel = world.channels.rows[row]
        if channel.kind is Presence.OWNED:
            lost = lost | (world.active[row] & (world.levers.equity_cap[m] <= 0.0))
        elif channel.kind is Presence.ZONE:
            lost = lost | (world.active[row] & (world.levers.zone_slots[channel.zone] <= 0.0))
    return lost


def _follow_rules(world: World, v: int, m: int) -> None:
    """Bring stakes in line with rules."""
    world.moved = True
    rows = list(world.channels.of(v, m))
    world.stake[rows] = stakes(world)[rows]
