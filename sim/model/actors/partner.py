"""Partners: they hold licences, earn fees on what they run for foreign vendors, and can lose them."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.model.channels import NOBODY
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray
from sim.timeline import Phase, Process, Timeline


def partners(timeline: Timeline, world: World) -> Process:
    """Collect the fees of partners (equation 4.16), and note when one loses or wins a vendor.

    Customers pay for sales; the vendor for services for its own customers, which cost it the fee on top.
    """
    channels = world.channels
    rows = np.flatnonzero(channels.partner != NOBODY)
    serves = world.active[rows]
    while len(rows):
        month = yield timeline.turn(Phase.PARTNERS)
        now, of = world.active[rows], channels.partner[rows]
        _collect(rows, of, world.active, world.base.fee, world.sales, world.captive_cost, world.flows["partner"])
        for k in np.flatnonzero((now != serves).any(axis=1)):
            name, vendor = world.axes.partners[of[k]], world.axes.vendors[channels.vendor[rows[k]]]
            world.note(serves[k] & ~now[k], month, name, "loses vendor", vendor)
            world.note(now[k] & ~serves[k], month, name, "wins vendor", vendor)
        serves = now


@compiled
def _collect(
    rows: IntArray,
    partner: IntArray,
    active: BoolArray,
    fee: FloatArray,
    sales: FloatArray,
    captive_cost: FloatArray,
    flow: FloatArray,
) -> None:
    """Add a month of fees in some channels to what each partner earns, [partner, draw]."""
    for k in range(len(rows)):
        row, p = rows[k], partner[k]
        for d in range(flow.shape[1]):
            due = fee[row, d] * (sales[row, d] + captive_cost[row, d] / (1.0 - fee[row, d]))
            flow[p, d] += (due if active[row, d] else 0.0) / MONTHS_PER_YEAR
