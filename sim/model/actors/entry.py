"""A vendor's presence abroad: yearly reviews, applications, moves that go live, and retreats."""

from __future__ import annotations

import numpy as np

from sim.model.actors.vendor import Plan, capacity_price
from sim.model.equations.capacity import expected_sales
from sim.model.minds.reckoning import (
    Choice,
    Reckoning,
    choices_in,
    has_partner,
    is_allowed,
    reckon,
    sales_when_live,
    sunk_cost,
    terms_offered,
)
from sim.model.minds.zone_room import part_of_zone
from sim.model.presence_rules import fixed_costs, in_zone
from sim.model.world import World
from sim.quantities import NEVER, BoolArray
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def entry(timeline: Timeline, world: World, v: int, m: int) -> Process:
    """Let vendor `v` review its presence in market `m`, apply for what is worth it, and go live when due."""
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
    choices, draws = found.choices, np.arange(world.draws.count)
    waits = found.waits[best, draws]
    plans = {
        "next_presence": np.array([choice.presence for choice in choices])[best],
        "next_zone": np.array([choice.zone for choice in choices])[best],
        "next_opens": np.where(waits > 0, month + waits, 0),
        "next_price": found.prospects.price[best, draws],
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


def _go_live(world: World, v: int, m: int, month: int, plan: Plan) -> BoolArray:
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
            if choice.presence is not Presence.ABSENT:
                _first_data_centre(world, v, m, here, choice, month, plan)
            _settle(world, v, m, here, choice)
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


def _first_data_centre(world: World, v: int, m: int, where: BoolArray, choice: Choice, month: int, plan: Plan) -> None:
    """Bring on line what the vendor would order for its new way of being present; pay for it and for setting up.

    It is an order like any other, but built along with the move. In a zone no more than its part can be kept. Setting
    up is a loss of the quarter in which the move goes live.
    """
    contracts, prospects = sales_when_live(world, v, m, month, choice)
    [potential], [price], churn, growth = prospects.sales, prospects.price, world.base.churn_rate, world.growth[m]
    expected = expected_sales(contracts, potential, churn, growth, plan.years)
    limit = part_of_zone(world, choice.zone, month) if choice.presence is Presence.ZONE else np.inf
    kept, on_order = np.minimum(world.capacity[v, m], limit), world.on_order[v, m]
    wanted = plan.order(expected, price * world.trend_price(month), kept, on_order)
    added = np.where(where, np.clip(limit - kept - on_order, 0.0, wanted), 0.0)
    world.capacity[v, m] = np.where(where, kept, world.capacity[v, m]) + added
    world.flows["capex"][v, m] += added * capacity_price(world, month)[m]
    world.flows["profit"][v, m] -= np.where(where, sunk_cost(world, choice.presence), 0.0)


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
