"""A partner: holds the licence, earns its fee on what it runs for foreign vendors, and can lose them."""

from __future__ import annotations

import numpy as np

from sim.model.minds.reckoning import captive_costs
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray
from sim.timeline import Phase, Process, Timeline


def partner(timeline: Timeline, world: World, p: int) -> Process:
    """Collect the fees of partner `p` (equation 4.16), and note when it loses or wins a vendor."""
    rows = np.flatnonzero(world.channels.partner == p).tolist()
    serves = {row: world.active[row].copy() for row in rows}
    while True:
        month = yield timeline.turn(Phase.PARTNERS)
        for row in rows:
            now, vendor = world.active[row].copy(), world.axes.vendors[world.channels.vendor[row]]
            fees = world.base.fee[row] * _paid_by_customers(world, row, month)
            world.flows["partner"][p] += np.where(now, fees, 0.0) / MONTHS_PER_YEAR
            if not np.array_equal(now, serves[row]):
                world.note(serves[row] & ~now, month, world.axes.partners[p], "loses vendor", vendor)
                world.note(now & ~serves[row], month, world.axes.partners[p], "wins vendor", vendor)
                serves[row] = now


def _paid_by_customers(world: World, row: int, month: int) -> FloatArray:
    """Sales, and what services for the vendor's own customers cost with the fee, [draw], bn a year."""
    v, m = world.channels.rows[row].vendor, world.channels.rows[row].market
    if not (world.base.captive[v, m] > 0.0).any():
        return world.sales[row]
    return world.sales[row] + dict(captive_costs(world, v, m, month))[row] / (1.0 - world.base.fee[row])
