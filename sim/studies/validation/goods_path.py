"""Goods trade month by month, and in the long run, from the equations alone: the part that the trade war adds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from sim.model.equations.goods_trade import (
    export_value,
    long_run_log_response,
    moved_towards,
    trade_at,
)
from sim.model.world import World
from sim.quantities import FloatArray, years_at
from sim.studies.validation.dated_tariffs import tariffs_on
from sim.timeline import SETTLEMENT_DAY


@dataclass(frozen=True)
class GoodsFlows:
    """Goods trade under some tariffs, each array [list, draw], bn a year.

    Attributes
    ----------
    trade
        Value of imports without the tariff.
    revenue
        Tariff revenue.
    consumer_loss
        Loss of the buyers, the tariff they pay included, against no tariff at all.
    deadweight_loss
        Part of that loss which nobody gains.
    """

    trade: FloatArray
    revenue: FloatArray
    consumer_loss: FloatArray
    deadweight_loss: FloatArray

    def minus(self, other: GoodsFlows) -> GoodsFlows:
        """Difference to other flows."""
        return GoodsFlows(
            self.trade - other.trade,
            self.revenue - other.revenue,
            self.consumer_loss - other.consumer_loss,
            self.deadweight_loss - other.deadweight_loss,
        )


@dataclass(frozen=True)
class GoodsMonth:
    """One month of goods trade.

    Attributes
    ----------
    date
        First day of the month.
    actual
        Flows under the tariffs of the scenario.
    at_base
        Flows had tariffs stayed at their base rates.
    """

    date: dt.date
    actual: GoodsFlows
    at_base: GoodsFlows

    @property
    def trade_war(self) -> GoodsFlows:
        """What the tariffs above the base rates change."""
        return self.actual.minus(self.at_base)


def monthly_path(world: World, last: dt.date) -> tuple[GoodsMonth, ...]:
    """Months from the base date to the one that holds the day `last`, with trade moving to each new tariff in time."""
    calendar = world.scenario.calendar
    speed = world.value(world.scenario.goods.adjustment)
    yearly_growth = world.value(world.scenario.goods.growth)
    usual = response = _long_run(world, world.base.base_tariff)
    months = []
    for month in range(calendar.month_of(last.replace(day=1)) + 1):
        date = calendar.date_of(month)
        tariff = tariffs_on(world, date.replace(day=SETTLEMENT_DAY))
        target = _long_run(world, tariff)
        middle = moved_towards(response, target, speed, 0.5)
        response = moved_towards(response, target, speed)
        grown = np.exp(yearly_growth * years_at(month))
        actual = _flows(world, tariff, middle, grown)
        months.append(GoodsMonth(date, actual, _flows(world, world.base.base_tariff, usual, grown)))
    return tuple(months)


def settled(world: World, tariff: FloatArray) -> GoodsFlows:
    """What tariffs above the base rates change once trade has moved all the way, at the trade of the base date.

    Parameters
    ----------
    tariff
        [list, draw] rates, share of one.
    """
    base = world.base.base_tariff
    before = _flows(world, base, _long_run(world, base), np.ones(world.draws.count))
    return _flows(world, tariff, _long_run(world, tariff), np.ones(world.draws.count)).minus(before)


def _long_run(world: World, tariff: FloatArray) -> FloatArray:
    psi = world.value(world.scenario.goods.pass_through)
    return long_run_log_response(tariff, psi, world.base.import_elasticity)


def _flows(world: World, tariff: FloatArray, response: FloatArray, grown: FloatArray) -> GoodsFlows:
    """Flows at a tariff and a log response of quantities to it."""
    psi = world.value(world.scenario.goods.pass_through)
    parts = trade_at(world.base.free_trade * grown, response, tariff, psi, world.base.import_elasticity)
    return GoodsFlows(
        export_value(parts.quantity, tariff, psi), parts.revenue, parts.consumer_loss, parts.deadweight_loss
    )
