"""The licence desk: a queue with several officers, slots in zones, and the months a licence takes."""

from __future__ import annotations

import numpy as np

from sim.model.channels import NOBODY, reviewed_pairs
from sim.model.equations.queueing import served_first_come
from sim.model.presence_rules import PRESENCE_TERMS, terms_of
from sim.model.world import AWAY, World
from sim.quantities import NEVER, BoolArray, IntArray
from sim.scenario.schema import Presence
from sim.timeline import Phase, Process, Timeline


def licence_desk(timeline: Timeline, world: World) -> Process:
    """Take in each month's applications; by lot where several come in the same month."""
    pairs = reviewed_pairs(world.scenario)
    if not pairs:
        return
    desk = _Desk(timeline, world, pairs)
    while True:
        month = yield timeline.turn(Phase.LICENSING)
        applications = any(world.applied[v, m].any() for v, m in pairs)
        if applications:
            desk.take_in(month)
        if applications or world.moved:
            desk.count_slots()


class _Desk:
    """Officers' time and the order of applicants."""

    def __init__(self, timeline: Timeline, world: World, pairs: list[tuple[int, int]]) -> None:
        self.world = world
        self.v, self.m = np.array(pairs).T
        settings = world.scenario.licensing
        names = [f"{world.axes.vendors[v]}.{world.axes.markets[m]}" for v, m in pairs]
        self.free_at = np.zeros((settings.officers, world.draws.count))
        months = timeline.calendar.months
        self.service = np.stack([
            world.draws.path(settings.service_months, f"licence.service.{name}", months) for name in names
        ])  # fmt: skip
        lots = np.stack([world.draws.uniform(f"licence.lot.{name}", 1)[0] for name in names])
        self.order = lots.argsort(axis=0, kind="stable")
        self.needs_licence, self.build_months = np.zeros(len(Presence), np.bool_), np.zeros(len(Presence), np.int64)
        for kind in PRESENCE_TERMS:
            terms = terms_of(world.scenario, kind)
            self.needs_licence[kind], self.build_months[kind] = terms.needs_licence, terms.build_months

    def take_in(self, month: int) -> None:
        """Serve this month's applicants in the order of their lots."""
        applied, each = self.world.applied[self.v, self.m], np.arange(self.world.draws.count)
        for pairs in self.order:
            draw = np.flatnonzero(applied[pairs, each])
            if len(draw):
                self._decide(month, pairs[draw], draw)

    def _decide(self, month: int, pairs: IntArray, draw: IntArray) -> None:
        """Refuse where a zone is full; else work on applications and set the month of going live.

        Parameters
        ----------
        pairs, draw
            [case] who applies, one in each draw.
        """
        world, v, m = self.world, self.v[pairs], self.m[pairs]
        opens = world.next_channel[v, m, draw]
        kinds = np.where(opens == AWAY, Presence.ABSENT, world.channels.kind[opens])
        zone = np.where(opens == AWAY, NOBODY, world.channels.zone[opens])
        refused = self._has_no_slot(zone, draw)
        free_at = self.free_at[:, draw]
        queues = self.needs_licence[kinds] & ~refused
        finish = served_first_come(free_at, float(month), self.service[pairs, month, draw], queues)
        self.free_at[:, draw] = free_at
        granted = np.where(queues, np.ceil(finish), float(month)).astype(np.int64)
        live = np.maximum(granted + self.build_months[kinds], month + 1)
        world.applied[v, m, draw] = False
        for pair in np.unique(pairs[refused]):
            where = np.zeros(world.draws.count, dtype=np.bool_)
            where[draw[refused & (pairs == pair)]] = True
            world.note(where, month, world.axes.vendors[self.v[pair]], "licence refused", "no slot left")
        if world.ahead:
            opens_on = np.maximum(world.next_opens[v, m, draw], self._months_with_slot(month, zone, draw))
            world.next_opens[v, m, draw] = np.where(refused, world.next_opens[v, m, draw], opens_on)
            live = np.maximum(live, opens_on)
        some = ~refused
        world.live_month[v[some], m[some], draw[some]] = live[some]
        inside = some & (zone != NOBODY)
        world.slots_taken[zone[inside], draw[inside]] += 1

    def _has_no_slot(self, zone: IntArray, draw: IntArray) -> BoolArray:
        """Whether the zone applied for is full, or will be with the slots announced, [case]."""
        world, full = self.world, zone != NOBODY
        levers = world.ahead[-1] if world.ahead else world.levers
        z, d = zone[full], draw[full]
        full[full] = world.slots_taken[z, d] >= levers.zone_slots[z, d]
        return full

    def _months_with_slot(self, month: int, zone: IntArray, draw: IntArray) -> IntArray:
        """Month in which the zone applied for has a slot beyond those taken, [case]; 0 where it has one now."""
        world, waits = self.world, zone != NOBODY
        found = np.zeros(len(zone), dtype=np.int64)
        for later, rules in enumerate((world.levers, *world.ahead)):
            z, d = zone[waits], draw[waits]
            waits[waits] = rules.zone_slots[z, d] <= world.slots_taken[z, d]
            found[waits] = month + later + 1
        return found

    def count_slots(self) -> None:
        """Count licences held or pending in each zone."""
        world = self.world
        if not world.levers.zone_slots.any() and not world.slots_taken.any():
            return
        for z in range(len(world.axes.zones)):
            rows = np.flatnonzero((world.channels.zone == z) & world.channels.reviewed)
            at = world.channels.vendor[rows], world.channels.market[rows]
            pending = (world.next_channel[at] == rows[:, None]) & (world.live_month[at] < NEVER)
            world.slots_taken[z] = (world.active[rows] | pending).sum(axis=0)
