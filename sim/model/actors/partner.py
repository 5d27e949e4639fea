"""A partner: holds the licence, earns its fee on what it runs for foreign vendors, and can lose them."""

from __future__ import annotations

import numpy as np

from sim.model.minds.reckoning import captive_cost
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray
from sim.timeline import Phase, Process, Timeline


def partner(timeline: Timeline, world: World, p: int) -> Process:
    """Collect the fees of partner `p` (equation 4.16), and note when it loses or wins a vendor."""
    plan = list(world.scenario.partners.values())[p]
    m = world.axes.markets.index(plan.market)
    vendors = [world.axes.vendors.index(name) for name in plan.contracts]
    fees = {v: world.base.contract_share[p, v] * world.base.contract_fee[p, v] for v in vendors}
    captive = {v: bool((world.base.captive[v, m] > 0.0).any()) for v in vendors}
    rows = {v: row for v in vendors if (row := world.channels.partner_of(v, m)) is not None}
    serves = {v: world.active[row].copy() for v, row in rows.items()}
    while True:
        month = yield timeline.turn(Phase.PARTNERS)
        for v, row in rows.items():
            now = world.active[row].copy()
            paid = _paid_by_customers(world, v, m, row, month) if captive[v] else world.sales[row]
            world.flows["partner"][p] += np.where(now, fees[v] * paid, 0.0) / MONTHS_PER_YEAR
            if not np.array_equal(now, serves[v]):
                world.note(serves[v] & ~now, month, world.axes.partners[p], "loses vendor", world.axes.vendors[v])
                world.note(now & ~serves[v], month, world.axes.partners[p], "wins vendor", world.axes.vendors[v])
                serves[v] = now


def _paid_by_customers(world: World, v: int, m: int, row: int, month: int) -> FloatArray:
    """Sales, and what services for the vendor's own customers cost with the fee, [draw], bn a year."""
    return world.sales[row] + captive_cost(world, v, m, month) / (1.0 - world.base.fee[row])
