"""Tariffs on any day, from the dated policies of a scenario alone: nothing is run."""

from __future__ import annotations

import datetime as dt

import numpy as np

from sim.errors import ModelError
from sim.model.world import World
from sim.policies import Policy, Turn
from sim.policies.tariff import Tariff, TariffCut
from sim.quantities import FloatArray, ordered_sum
from sim.values import Number, Schedule


def tariffs_on(world: World, date: dt.date) -> FloatArray:
    """Tariff on each goods list on one day, base rate and all layers, [list, draw], share of one.

    Raises
    ------
    ModelError
        If a tariff waits for a deal, so that it has no date of its own.
    """
    levers = world.base.levers.copy()
    for policy in _in_force(world, date):
        policy.apply(levers, _turn(world, date))
    tariff: FloatArray = world.base.base_tariff + levers.tariff_layer
    return tariff


def average_tariff(world: World, importer: str, date: dt.date, lists: frozenset[str] | None = None) -> FloatArray:
    """Average tariff that a country charges on one day, weighted by trade at the base rate, [draw], share of one.

    Parameters
    ----------
    importer
        Country that charges it.
    lists
        Goods lists to average over; all that the country imports from the other countries if absent.
    """
    chosen = lists_of(world, importer) if lists is None else lists
    rows = [i for i, name in enumerate(world.axes.lists) if name in chosen]
    weights = np.stack([world.value(world.scenario.goods.lists[world.axes.lists[i]].value_bn) for i in rows])
    average: FloatArray = ordered_sum(tariffs_on(world, date)[rows] * weights) / ordered_sum(weights)
    return average


def lists_of(world: World, importer: str) -> frozenset[str]:
    """Names of the goods lists that a country imports from the other countries."""
    rows = world.scenario.goods.rows(importer=importer, exporters=world.scenario.countries)
    return frozenset(world.axes.lists[row] for row in rows)


def lists_hit(world: World, importer: str, date: dt.date) -> frozenset[str]:
    """Names of the goods lists on which a country charges more than the base rate on one day."""
    layer = (tariffs_on(world, date) - world.base.base_tariff).max(axis=-1)
    return lists_of(world, importer) & {name for name, rate in zip(world.axes.lists, layer, strict=True) if rate > 0.0}


def _in_force(world: World, date: dt.date) -> list[Policy]:
    """Tariffs and cuts of them in force on one day, in the order in which they write."""
    found = []
    for name, policy in world.scenario.policies.items():
        if not isinstance(policy, Tariff | TariffCut):
            continue
        if not (policy.starts is None or isinstance(policy.starts, dt.date)):
            raise ModelError(f"policies.{name} waits for a deal; checks by date need a scenario with dated tariffs")
        if (policy.starts is None or policy.starts <= date) and (policy.ends is None or date < policy.ends):
            found.append(policy)
    return sorted(found, key=lambda policy: policy.phase)


def _turn(world: World, date: dt.date) -> Turn:
    """Let policies write as on that very day, not as in the month that it belongs to."""

    def step(schedule: Schedule) -> Number | None:
        current = None
        for start, number in schedule.steps:
            if start is None or start <= date:
                current = number
        return current

    return Turn(0, world.everywhere, world.value, step, world.nowhere)
