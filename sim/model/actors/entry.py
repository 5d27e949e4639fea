"""A vendor's presence abroad: yearly reviews, applications, moves that go live, and retreats."""

from __future__ import annotations

import numpy as np

from sim.model.actors.vendor import capacity_price
from sim.model.minds.reckoning import (
    Choice,
    Reckoning,
    choices_in,
    has_partner,
    is_allowed,
    reckon,
    sunk_cost,
    terms_offered,
)
from sim.model.minds.zone_room import zone_limit
from sim.model.presence_rules import fixed_costs, in_zone
from sim.model.world import World
from sim.quantities import NEVER, BoolArray
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def entry(timeline: Timeline, world: World, v: int, m: int) -> Process:
    """Let vendor `v` review its presence in market `m`, apply for what is worth it, and go live when due."""
    every = world.scenario.presence.review_every_months
    while True:
        month = yield timeline.turn(Phase.ENTRY)
        moved = _go_live(world, v, m, month) | _retreat(world, v, m, month)
        if moved.any() or world.rules_changed.any():
            _follow_rules(world, v, m)
        reviews = world.everywhere if month and month % every == 0 else world.rules_changed
        due = reviews & (world.live_month[v, m] == NEVER)
        if due.any():
            _apply(world, v, m, month, due, reckon(world, v, m, month, world.ahead))


def _apply(world: World, v: int, m: int, month: int, due: BoolArray, found: Reckoning) -> None:
    """Apply where the best choice gains, and write down the price and capacity planned for it."""
    best = found.gain.argmax(axis=0)
    moves = due & (best != found.current)
    if not moves.any():
        return
    choices, draws = found.choices, np.arange(world.draws.count)
    price = found.prospects.price[best, draws]
    waits = found.waits[best, draws]
    units = found.prospects.sales[best, draws] / (price * world.trend_price(month))
    plans = {
        "next_presence": np.array([choice.presence for choice in choices])[best],
        "next_zone": np.array([choice.zone for choice in choices])[best],
        "next_opens": np.where(waits > 0, month + waits, 0),
        "next_price": price,
        "next_units": units * (1.0 + world.value(world.scenario.capacity.headroom)),
    }
    for name, planned in plans.items():
        row = getattr(world, name)[v, m]
        np.copyto(row, planned, where=moves)
    world.applied[v, m] = moves
    for index, choice in enumerate(choices):
        world.note(moves & (best == index), month, world.axes.vendors[v], "applies", _describe(world, m, choice))


def _describe(world: World, m: int, choice: Choice) -> str:
    place = world.axes.zones[choice.zone] if choice.presence is Presence.ZONE else world.axes.markets[m]
    return f"{choice.presence.name.lower()} in {place}"


def _go_live(world: World, v: int, m: int, month: int) -> BoolArray:
    """Change presence where a move is due and still allowed; give the draws where one was due."""
    due = world.live_month[v, m] == month
    if not due.any():
        return due
    world.live_month[v, m, due] = NEVER
    lapsed = due.copy()
    for choice in choices_in(world, m):
        here = due & (world.next_presence[v, m] == choice.presence)
        if choice.presence is Presence.ZONE:
            here &= world.next_zone[v, m] == choice.zone
            here &= _zone_takes_in(world, v, m, choice.zone)
        elif here.any():
            here &= is_allowed(world, v, m, choice)
        if here.any():
            lapsed &= ~here
            _settle(world, v, m, here, choice)
            _first_data_centre(world, v, m, here, choice.presence, month)
            world.note(here, month, world.axes.vendors[v], "goes live", _describe(world, m, choice))
    world.note(lapsed, month, world.axes.vendors[v], "move lapses", "no longer allowed")
    return due


def _zone_takes_in(world: World, v: int, m: int, z: int) -> BoolArray:
    """Draws in which a zone is open, with as many slots as were announced to who applied for one of those."""
    slots, taken = world.levers.zone_slots[z], world.slots_taken[z]
    return (slots > 0.0) & ((world.next_opens[v, m] == 0) | (taken <= slots))


def _settle(world: World, v: int, m: int, where: BoolArray, choice: Choice) -> None:
    """Write the new presence and what follows from it."""
    world.moved = True
    was_absent = where & (world.presence[v, m] == Presence.ABSENT)
    world.price[v, m] = np.where(was_absent, world.next_price[v, m], world.price[v, m])
    world.presence[v, m, where] = choice.presence
    world.zone[v, m, where] = choice.zone
    if choice.presence is Presence.ABSENT:
        world.capacity[v, m, where] = 0.0


def _first_data_centre(world: World, v: int, m: int, where: BoolArray, presence: Presence, month: int) -> None:
    """Bring on line what the move planned and present capacity lacks; pay for it and for setting up.

    In a zone no more than its part can be kept. Setting up is a loss of the quarter in which the move goes live.
    """
    limit = zone_limit(world, m, world.presence[v, m], world.zone[v, m], month)
    kept = np.where(where, np.minimum(world.capacity[v, m], limit), world.capacity[v, m])
    missing = np.minimum(world.next_units[v, m], limit) - kept - world.on_order[v, m]
    added = np.where(where, np.maximum(missing, 0.0), 0.0)
    world.capacity[v, m] = kept + added
    world.flows["capex"][v, m] += added * capacity_price(world, month)[m]
    world.flows["profit"][v, m] -= np.where(where, sunk_cost(world, presence), 0.0)


def _retreat(world: World, v: int, m: int, month: int) -> BoolArray:
    """Go back to the partner, or leave, where the present way is no longer allowed; give the draws that do."""
    lost = _no_longer_allowed(world, v, m)
    if not lost.any():
        return lost
    fallback = Choice(Presence.PARTNER if has_partner(world, v, m) else Presence.ABSENT)
    _settle(world, v, m, lost, fallback)
    world.note(lost, month, world.axes.vendors[v], "falls back", _describe(world, m, fallback))
    return lost


def _no_longer_allowed(world: World, v: int, m: int) -> BoolArray:
    """Draws in which the vendor's present data centres are against the rules."""
    presence = world.presence[v, m]
    if (presence <= Presence.PARTNER).all():
        return world.nowhere
    lost = (presence == Presence.OWNED) & (world.levers.equity_cap[m] <= 0.0)
    for z, market in enumerate(world.axes.zone_markets):
        if market == m:
            lost |= in_zone(presence, world.zone[v, m], z) & (world.levers.zone_slots[z] <= 0.0)
    return lost


def _follow_rules(world: World, v: int, m: int) -> None:
    """Bring fee, stake and fixed cost in line with presence and rules."""
    world.moved = True
    world.fixed_cost[v, m] = fixed_costs(world.scenario, world.draws, world.presence[v, m])
    terms = terms_offered(world, v, m, world.presence[v, m])
    world.fee[v, m], world.stake[v, m] = terms.fee, terms.stake
