"""The licence desk: a queue with several officers, slots in zones, and the months a licence takes."""

from __future__ import annotations

import numpy as np

from sim.model.channels import reviewed_pairs
from sim.model.equations.queueing import served_first_come
from sim.model.presence_rules import terms_of
from sim.model.world import World
from sim.quantities import NEVER, BoolArray, FloatArray, IntArray
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
        self.pairs = pairs
        settings = world.scenario.licensing
        names = [f"{world.axes.vendors[v]}.{world.axes.markets[m]}" for v, m in pairs]
        self.free_at = np.zeros((settings.officers, world.draws.count))
        self.service = [
            world.draws.path(settings.service_months, f"licence.service.{name}", timeline.calendar.months)
            for name in names
        ]
        lots = np.stack([world.draws.uniform(f"licence.lot.{name}", 1)[0] for name in names])
        self.order = lots.argsort(axis=0, kind="stable")

    def take_in(self, month: int) -> None:
        """Serve this month's applicants in the order of their lots."""
        for position in range(len(self.pairs)):
            for index, (v, m) in enumerate(self.pairs):
                here = (self.order[position] == index) & self.world.applied[v, m]
                if here.any():
                    self._decide(month, index, v, m, here)

    def _decide(self, month: int, index: int, v: int, m: int, applies: BoolArray) -> None:
        """Refuse where a zone is full; else work on the application and set the month of going live."""
        world = self.world
        refused = applies & self._has_no_slot(v, m)
        accepted = applies & ~refused
        needs_licence, build = self._terms(v, m)
        queues = accepted & needs_licence
        finish = served_first_come(self.free_at, float(month), self.service[index][month], queues)
        granted = np.where(queues, np.ceil(finish), float(month)).astype(np.int64)
        live = np.maximum(granted + build, month + 1)
        if world.ahead:
            self._await_slot(month, v, m, accepted)
            live = np.maximum(live, world.next_opens[v, m])
        world.live_month[v, m] = np.where(accepted, live, world.live_month[v, m])
        self._take_slot(v, m, accepted)
        world.applied[v, m] &= ~applies
        world.note(refused, month, world.axes.vendors[v], "licence refused", "no slot left")

    def _terms(self, v: int, m: int) -> tuple[BoolArray, IntArray]:
        """Whether each draw's next channel needs a licence, and how long it takes to build."""
        wanted = self.world.next_channel[v, m]
        needs, build = np.zeros(wanted.shape, dtype=np.bool_), np.zeros(wanted.shape, dtype=np.int64)
        for row in self.world.channels.of(v, m):
            terms = terms_of(self.world.scenario, self.world.channels.rows[row].kind)
            needs |= (wanted == row) & terms.needs_licence
            build += (wanted == row) * terms.build_months
        return needs, build

    def _has_no_slot(self, v: int, m: int) -> BoolArray:
        """Draws in which the zone applied for is full, or will be with the slots announced."""
        world = self.world
        levers = world.ahead[-1] if world.ahead else world.levers
        full = np.zeros(world.draws.count, dtype=np.bool_)
        for z in range(len(world.axes.zones)):
            full |= self._wants(v, m, z) & (world.slots_taken[z] >= levers.zone_slots[z])
        return full

    def _await_slot(self, month: int, v: int, m: int, accepted: BoolArray) -> None:
        """Put off going live to the month in which the zone applied for has a slot beyond those taken."""
        world = self.world
        for z in range(len(world.axes.zones)):
            waits = accepted & self._wants(v, m, z)
            for ahead, rules in enumerate((world.levers, *world.ahead)):
                waits &= rules.zone_slots[z] <= world.slots_taken[z]
                np.copyto(world.next_opens[v, m], np.maximum(world.next_opens[v, m], month + ahead + 1), where=waits)

    def _take_slot(self, v: int, m: int, accepted: BoolArray) -> None:
        for z in range(len(self.world.axes.zones)):
            self.world.slots_taken[z] += accepted & self._wants(v, m, z)

    def _wants(self, v: int, m: int, z: int) -> BoolArray:
        """Draws in which the channel last applied for is one in zone `z`."""
        row = self._in_zone(v, m, z)
        wants: BoolArray = self.world.nowhere if row is None else self.world.next_channel[v, m] == row
        return wants

    def _in_zone(self, v: int, m: int, z: int) -> int | None:
        """Channel of a vendor in a zone."""
        channels = self.world.channels
        return next((row for row in channels.of(v, m) if channels.rows[row].zone == z), None)

    def count_slots(self) -> None:
        """Count licences held or pending in each zone."""
        world = self.world
        if not world.levers.zone_slots.any() and not world.slots_taken.any():
            return
        for z in range(len(world.axes.zones)):
            taken: FloatArray = np.zeros(world.draws.count)
            for v, m in self.pairs:
                row = self._in_zone(v, m, z)
                holds = world.nowhere if row is None else world.active[row]
                taken += holds | (self._wants(v, m, z) & (world.live_month[v, m] < NEVER))
            world.slots_taken[z] = taken
