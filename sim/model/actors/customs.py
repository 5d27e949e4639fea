"""Goods trade: flows adjust to tariffs, and each country's revenue and losses are counted."""

from __future__ import annotations

import numpy as np

from sim.model.equations.goods_trade import (
    adjusted_log_response,
    long_run_log_response,
    trade_at,
)
from sim.model.minds.goods_flows import activity_of, trade_accounts, trades_of, usual_trade
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, ordered_sum, years_at
from sim.timeline import Phase, Process, Timeline


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
        middle = adjusted_log_response(world.log_response, target, speed, 0.5)
        world.log_response = adjusted_log_response(world.log_response, target, speed)
        grown = np.exp(growth * years_at(month))
        value, parts = trade_at(base.free_trade * grown, middle, tariff, psi, base.import_elasticity)
        for name, yearly in trade_accounts(world, trades, value, parts).items():
            world.flows[name] += yearly / MONTHS_PER_YEAR
        for c, (imports, _) in trades.items():
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
    world.flows["exports"] += ordered_sum(bought, axis=1)
    world.flows["imports"] += ordered_sum(bought)
