"""Goods trade: flows adjust to tariffs, and each country's revenue and losses are counted."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.model.equations.goods_trade import buyer_price, moved_towards, part_put_off
from sim.model.minds.detours import Detours
from sim.model.minds.goods_block import GoodsBlock, Limits, Response, activity_of
from sim.model.minds.rules_in_force import schedule_step
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum, quotient, years_at
from sim.timeline import Phase, Process, Timeline


def customs(timeline: Timeline, world: World) -> Process:
    """Count one month's trade in all goods lists, and what it does to the world (values by equation 6.9)."""
    base, goods, block = world.base, world.scenario.goods, GoodsBlock(world)
    growth, speeds = world.value(goods.growth), _speeds(world)
    tariff, target = base.base_tariff, block.target(base.base_tariff)
    _average(world, block, tariff)
    while True:
        month = yield timeline.turn(Phase.GOODS)
        before, tariff = tariff, base.base_tariff + world.levers.tariff_layer
        if not np.array_equal(tariff, before):
            target = block.target(tariff)
            _average(world, block, tariff)
        now = Response(world.log_response, world.slow_response, world.wage_response)
        middle, end = (_moved(now, target, speeds, months) for months in (0.5, 1.0))
        world.log_response, world.slow_response, world.wage_response = end.quick, end.slow, end.wage
        turned = _turn(world, block.detours, tariff)
        if goods.postponement is not None:
            priced = tariff if block.detours is None else block.detours.at(tariff, turned).priced
            _put_off(timeline, world, priced, block.quantity(middle), month)
        grown, paid = exp(growth * years_at(month)), tariff - world.levers.tariff_at_sea
        bought_now = None if goods.postponement is None else world.bought_now
        trade = block.at(paid, middle, bought_now, Limits.of(world.levers), turned)
        flows = trade.accounts | {"real_income": trade.real_income, "trade": trade.imports, "declared": trade.declared}
        for name, yearly in flows.items():
            world.flows[name] += yearly * grown / MONTHS_PER_YEAR
        _buy_what_was_promised(world)
        for m, activity in activity_of(world, block, world.levers, trade.lost):
            world.activity[m] = activity


def _average(world: World, block: GoodsBlock, tariff: FloatArray) -> None:
    """Average the tariffs of each country on goods of the others, by free trade."""
    for c, bought in enumerate(block.from_countries):
        if len(bought):
            weights = world.base.free_trade[bought]
            world.average_tariff[c] = ordered_sum(tariff[bought] * weights) / ordered_sum(weights)


def _speeds(world: World) -> tuple[FloatArray, ...]:
    """Speeds of the parts of a response, [draw] each, log rates per year."""
    quick, around = world.scenario.goods.adjustment, world.scenario.goods.world
    others = (quick, quick) if around is None else (around.elasticity_speed, around.wage_speed)
    return tuple(world.value(speed) for speed in (quick, *others))


def _moved(now: Response, target: Response, speeds: tuple[FloatArray, ...], months: float) -> Response:
    parts = zip((now.quick, now.slow, now.wage), (target.quick, target.slow, target.wage), speeds, strict=True)
    return Response(*(moved_towards(held, goal, speed, months) for held, goal, speed in parts))


def _turn(world: World, detours: Detours | None, tariff: FloatArray) -> FloatArray | None:
    """Let goods turn to routes by other countries that pay, and back; gives the part of them that has by mid-month."""
    if detours is None:
        return None
    before = world.rerouted
    world.rerouted = detours.later(before, tariff, 1.0)
    return detours.later(before, tariff, 0.5)


def _put_off(timeline: Timeline, world: World, tariff: FloatArray, wanted: FloatArray, month: int) -> None:
    """Let importers wait where a tariff is above what they expect to hold, and make up for it later (equation 6.24).

    Parameters
    ----------
    tariff
        [list, draw] rates in force, or those that make goods as dear as they are, share of one.
    wanted
        [list, draw] goods that would be bought on time, bn USD a year at the size of the base date.
    """
    settings = world.scenario.goods.postponement
    if settings is None:
        return
    price, speed = buyer_price(tariff, world.value(world.scenario.goods.pass_through)), world.value(settings.speed)
    expected = np.minimum(world.expected_price, price)
    elasticity = schedule_step(timeline, settings.elasticity, month)
    waits = np.zeros_like(price)
    if elasticity is not None:
        waits = part_put_off(price, expected, world.value(elasticity))
    made_up = world.put_off - moved_towards(world.put_off, np.zeros_like(price), speed)
    put_off = waits * wanted / MONTHS_PER_YEAR
    world.put_off = world.put_off + put_off - made_up
    world.bought_now = 1.0 + quotient((made_up - put_off) * MONTHS_PER_YEAR, wanted, wanted > 0.0, np.zeros_like(price))
    world.expected_price = exp(moved_towards(log(expected), log(price), speed))


def _buy_what_was_promised(world: World) -> None:
    """Purchases kept add to the exporter's sales and to the buyer's imports."""
    bought = world.levers.purchases / MONTHS_PER_YEAR
    world.flows["exports"] += ordered_sum(bought, axis=1)
    world.flows["imports"] += ordered_sum(bought)
