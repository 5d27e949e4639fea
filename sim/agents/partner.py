"""A partner: holds the licence, earns its fee on what it runs for foreign vendors, and can lose them."""

from __future__ import annotations

import numpy as np

from sim.agents import Process
from sim.agents.reckoning import captive_cost
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.scenario.schema import Presence
from sim.timeline import Phase, Timeline
from sim.world.state import World


def partner(timeline: Timeline, world: World, p: int) -> Process:
    """Collect the fees of partner `p`, and note when it loses or wins a vendor."""
    plan = list(world.scenario.partners.values())[p]
    m = world.axes.markets.index(plan.market)
    vendors = [world.axes.vendors.index(name) for name in plan.contracts]
    serves = {v: world.presence[v, m] == Presence.PARTNER for v in vendors}
    while True:
        month = yield timeline.turn(Phase.PARTNERS)
        for v in vendors:
            world.partner_flow[p] += _income(world, p, v, m, month) / MONTHS_PER_YEAR
            now = world.presence[v, m] == Presence.PARTNER
            if not np.array_equal(now, serves[v]):
                world.note(serves[v] & ~now, month, world.axes.partners[p], "loses vendor", world.axes.vendors[v])
                world.note(now & ~serves[v], month, world.axes.partners[p], "wins vendor", world.axes.vendors[v])
                serves[v] = now


def _income(world: World, p: int, v: int, m: int, month: int) -> FloatArray:
    """Fee on the vendor's sales and on services for its own customers (equation 4.16), [draw], bn a year."""
    paid = ordered_sum(world.revenue[v, m])
    if (world.base.captive[v, m] > 0.0).any():
        paid = paid + captive_cost(world, v, m, month) / (1.0 - world.fee[v, m])
    fee = world.base.contract_share[p, v] * world.base.contract_fee[p, v]
    return np.where(world.presence[v, m] == Presence.PARTNER, fee * paid, 0.0)
