"""Goods trade: flows adjust to tariffs, and each country's revenue and losses are counted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.agents import Process
from sim.economics.goods_trade import (
    adjusted_log_response,
    export_value,
    goods_welfare,
    long_run_log_response,
    short_run_elasticity,
)
from sim.policies import Levers
from sim.quantities import MONTHS_PER_YEAR, FloatArray, IntArray, ordered_sum
from sim.timeline import Phase, Timeline
from sim.world.state import World

Side = slice | IntArray
"""Goods lists, as a range where they stand side by side: a range copies nothing."""
Trades = dict[int, tuple[Side, Side]]
"""Goods lists that each country imports and exports."""


def trades_of(world: World) -> Trades:
    """Sort the goods lists by country; one that trades in none is left out."""
    lists, trades = list(world.scenario.goods.lists.values()), {}
    for c, country in enumerate(world.axes.countries):
        imports = [i for i, item in enumerate(lists) if item.importer == country]
        exports = [i for i, item in enumerate(lists) if item.exporter == country]
        if imports or exports:
            trades[c] = (_side(imports), _side(exports))
    return trades


def _side(lists: list[int]) -> Side:
    if lists and lists == list(range(lists[0], lists[-1] + 1)):
        return slice(lists[0], lists[-1] + 1)
    return np.array(lists, dtype=np.int64)


def customs(timeline: Timeline, world: World) -> Process:
    """Count one month's trade in all goods lists (values by equation 6.9)."""
    goods, base = world.scenario.goods, world.base
    trades, usual = trades_of(world), usual_trade(world)
    psi, speed, growth = world.value(goods.pass_through), world.value(goods.adjustment), world.value(goods.growth)
    tariff, target = base.base_tariff, long_run_log_response(base.base_tariff, psi, base.import_elasticity)
    while True:
        month = yield timeline.turn(Phase.GOODS)
        before, tariff = tariff, base.base_tariff + world.levers.tariff_layer
        if not np.array_equal(tariff, before):
            target = long_run_log_response(tariff, psi, base.import_elasticity)
        world.log_response = adjusted_log_response(world.log_response, target, speed)
        grown = np.exp(growth * (month / MONTHS_PER_YEAR))
        free_trade = base.free_trade * grown
        quantity = free_trade * np.exp(world.log_response)
        elasticity = short_run_elasticity(world.log_response, tariff, psi, base.import_elasticity)
        parts = goods_welfare(free_trade, quantity, tariff, psi, elasticity)
        value = export_value(quantity, tariff, psi)
        for c, (imports, exports) in trades.items():
            world.exports_flow[c] += ordered_sum(value[exports]) / MONTHS_PER_YEAR
            world.imports_flow[c] += ordered_sum(value[imports]) / MONTHS_PER_YEAR
            world.tariff_revenue_flow[c] += ordered_sum(parts.revenue[imports]) / MONTHS_PER_YEAR
            world.consumer_loss_flow[c] += ordered_sum(parts.consumer_loss[imports]) / MONTHS_PER_YEAR
            world.exporter_loss_flow[c] += ordered_sum(parts.exporter_loss[exports]) / MONTHS_PER_YEAR
            world.deadweight_loss_flow[c] += ordered_sum(parts.deadweight_loss[imports]) / MONTHS_PER_YEAR
            weights = base.free_trade[imports]
            if len(weights):
                world.average_tariff[c] = ordered_sum(tariff[imports] * weights) / ordered_sum(weights)
        _buy_what_was_promised(world)
        lost = usual - value / grown
        for m, activity in activity_of(world, world.levers, lost, trades):
            world.activity[m] = activity


def _buy_what_was_promised(world: World) -> None:
    """Purchases kept add to the exporter's sales and to the buyer's imports."""
    bought = world.levers.purchases / MONTHS_PER_YEAR
    world.exports_flow += ordered_sum(bought, axis=1)
    world.imports_flow += ordered_sum(bought)


def activity_of(world: World, rules: Levers, lost: FloatArray, trades: Trades) -> Iterator[tuple[int, FloatArray]]:
    """Give the activity of each market whose country trades; it falls with lost exports (equation 6.7).

    Parameters
    ----------
    rules
        Rules that say which purchases are kept.
    lost
        [list, draw] `usual_trade` less trade now, growth taken out, bn a year.
    """
    multiplier = world.value(world.scenario.goods.activity_multiplier)
    for m, c in enumerate(world.base.market_country):
        if c in trades:
            exports = trades[c][1]
            exports_lost = ordered_sum(lost[exports]) - ordered_sum(rules.purchases[c])
            gdp = world.value(world.scenario.countries[world.axes.countries[c]].gdp_bn)
            yield m, np.maximum(1.0 - multiplier * exports_lost / gdp, LEAST_ACTIVITY)


def usual_trade(world: World) -> FloatArray:
    """Trade at the tariffs before the trade war, [list, draw], bn a year at the base date."""
    base, psi = world.base, world.value(world.scenario.goods.pass_through)
    quantity = base.free_trade * np.exp(long_run_log_response(base.base_tariff, psi, base.import_elasticity))
    return export_value(quantity, base.base_tariff, psi)


LEAST_ACTIVITY = 0.1
"""Floor of cloud spending, so that an absurd multiplier leaves a market to reckon with."""
