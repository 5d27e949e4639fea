"""A partner: holds the licence, earns its fee on what it runs for foreign vendors, and can lose them."""

from __future__ import annotations

import numpy as np

from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR
from sim.timeline import Phase, Process, Timeline


def partner(timeline: Timeline, world: World, p: int) -> Process:
    """Collect the fees of partner `p` (equation 4.16), and note when it loses or wins a vendor.

    Customers pay for sales; the vendor for services for its own customers, which cost it the fee on top.
    """
    rows, name = np.flatnonzero(world.channels.partner == p), world.axes.partners[p]
    vendors = [world.axes.vendors[v] for v in world.channels.vendor[rows]]
    fee, serves = world.base.fee[rows], world.active[rows]
    while True:
        month = yield timeline.turn(Phase.PARTNERS)
        now = world.active[rows]
        fees = fee * (world.sales[rows] + world.captive_cost[rows] / (1.0 - fee))
        for collected in np.where(now, fees, 0.0) / MONTHS_PER_YEAR:
            world.flows["partner"][p] += collected
        if (now != serves).any():
            for vendor, before, after in zip(vendors, serves, now, strict=True):
                world.note(before & ~after, month, name, "loses vendor", vendor)
                world.note(after & ~before, month, name, "wins vendor", vendor)
            serves = now
