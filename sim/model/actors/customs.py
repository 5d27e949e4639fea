"""Goods trade: flows adjust to tariffs, and each country's revenue and losses are counted."""

from __future__ import annotations

import numpy as np

from sim.model.equations.goods_trade import moved_towards
from sim.model.minds.goods_block import GoodsBlock, Response, activity_of
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum, years_at
from sim.timeline import Phase, Process, Timeline


def customs(timeline: Timeline, world: World) -> Process:
    """Count one month's trade in all goods lists, and what it does to the world (values by equation 6.9)."""
    base, goods, block = world.base, world.scenario.goods, GoodsBlock(world)
    growth, speeds = world.value(goods.growth), _speeds(world)
    tariff, target = base.base_tariff, block.target(base.base_tariff)
    while True:
        month = yield timeline.turn(Phase.GOODS)
        before, tariff = tariff, base.base_tariff + world.levers.tariff_layer
        if not np.array_equal(tariff, before):
            target = block.target(tariff)
        now = Response(world.log_response, world.slow_response, world.wage_response)
        middle, end = (_moved(now, target, speeds, months) for months in (0.5, 1.0))
        world.log_response, world.slow_response, world.wage_response = end.quick, end.slow, end.wage
        grown, trade = np.exp(growth * years_at(month)), block.at(tariff - world.levers.tariff_at_sea, middle)
        flows = trade.accounts | {"real_income": trade.real_income, "trade": trade.imports}
        for name, yearly in flows.items():
            world.flows[name] += yearly * grown / MONTHS_PER_YEAR
        for c, bought in enumerate(block.from_countries):
            if len(bought):
                weights = base.free_trade[bought]
                world.average_tariff[c] = ordered_sum(tariff[bought] * weights) / ordered_sum(weights)
        _buy_what_was_promised(world)
        for m, activity in activity_of(world, block, world.levers, trade.lost):
            world.activity[m] = activity


def _speeds(world: World) -> tuple[FloatArray, ...]:
    """Speeds of the parts of a response, [draw] each, log rates per year."""
    quick, around = world.scenario.goods.adjustment, world.scenario.goods.world
    others = (quick, quick) if around is None else (around.elasticity_speed, around.wage_speed)
    return tuple(world.value(speed) for speed in (quick, *others))


def _moved(now: Response, target: Response, speeds: tuple[FloatArray, ...], months: float) -> Response:
    parts = zip((now.quick, now.slow, now.wage), (target.quick, target.slow, target.wage), speeds, strict=True)
    return Response(*(moved_towards(held, goal, speed, months) for held, goal, speed in parts))


def _buy_what_was_promised(world: World) -> None:
    """Purchases kept add to the exporter's sales and to the buyer's imports."""
    bought = world.levers.purchases / MONTHS_PER_YEAR
    world.flows["exports"] += ordered_sum(bought, axis=1)
    world.flows["imports"] += ordered_sum(bought)
