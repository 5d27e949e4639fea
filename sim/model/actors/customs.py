"""Goods trade: flows adjust to tariffs, and each country's revenue and losses are counted."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.model.equations.goods_trade import buyer_price, move_on, moved_towards, part_moved, part_put_off
from sim.model.equations.trade_accounts import Response, add_month
from sim.model.minds.detours import Detours
from sim.model.minds.goods_block import GoodsBlock, Limits, activity_of
from sim.model.minds.rules_in_force import schedule_step
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray, flat, ordered_sum, quotient, years_at
from sim.timeline import Phase, Process, Timeline


def customs(timeline: Timeline, world: World) -> Process:
    """Count one month's trade in all goods lists, and what it does to the world (values by equation 6.9)."""
    base, goods, block = world.base, world.scenario.goods, GoodsBlock(world)
    growth, adjusts = world.value(goods.growth), _Adjustment(world)
    tariff, target = base.base_tariff, block.target(base.base_tariff)
    paid, limits = tariff, Limits.of(world.levers)
    _average(world, block, tariff)
    while True:
        month = yield timeline.turn(Phase.GOODS)
        if not world.rules_stand:
            before, tariff = tariff, base.base_tariff + world.levers.tariff_layer
            paid, limits = tariff - world.levers.tariff_at_sea, Limits.of(world.levers)
            if not np.array_equal(tariff, before):
                target = block.target(tariff)
                _average(world, block, tariff)
        middle = adjusts.moved_on(world, target)
        turned = _turn(world, block.detours, tariff)
        if goods.postponement is not None:
            priced = tariff if block.detours is None else block.detours.at(tariff, turned).priced
            _put_off(timeline, world, priced, block.quantity(middle), month)
        bought_now = None if goods.postponement is None else world.bought_now
        trade = block.at(paid, middle, bought_now, limits, turned)
        yearly = trade.accounts | {"real_income": trade.real_income, "trade": trade.imports, "declared": trade.declared}
        flows = (flat(world.flows[name]) for name in yearly)
        add_month(tuple(flows), tuple(map(flat, yearly.values())), exp(growth * years_at(month)))
        if world.levers.purchases.any():
            _buy_what_was_promised(world)
        for m, activity in activity_of(world, block, world.levers, trade.lost):
            world.activity[m] = activity


def _average(world: World, block: GoodsBlock, tariff: FloatArray) -> None:
    """Average the tariffs of each country on goods of the others, by free trade."""
    for c, bought in enumerate(block.from_countries):
        if len(bought):
            weights = world.base.free_trade[bought]
            world.average_tariff[c] = ordered_sum(tariff[bought] * weights) / ordered_sum(weights)


class _Adjustment:
    """How the parts of a response move to where trade goes (equation 6.11), each at its speed."""

    def __init__(self, world: World) -> None:
        quick, around = world.scenario.goods.adjustment, world.scenario.goods.world
        others = (quick, quick) if around is None else (around.elasticity_speed, around.wage_speed)
        speeds = [world.value(speed) for speed in (quick, *others)]
        self._parts = [(part_moved(speed, 0.5), part_moved(speed)) for speed in speeds]
        held = (world.log_response, world.slow_response, world.wage_response)
        self._middle = Response(*map(np.empty_like, held))

    def moved_on(self, world: World, target: Response) -> Response:
        """Let the world's responses move on by a month; gives those of mid-month, which hold until the next call."""
        held = (world.log_response, world.slow_response, world.wage_response)
        for now, goal, parts, middle in zip(held, target, self._parts, self._middle, strict=True):
            move_on(now, goal, *parts, middle)
        return self._middle


def _turn(world: World, detours: Detours | None, tariff: FloatArray) -> FloatArray | None:
    """Let goods turn to routes by other countries that pay, and back; gives the part of them that has by mid-month."""
    if detours is None:
        return None
    before = world.rerouted[:, detours.rows]
    world.rerouted[:, detours.rows] = detours.later(before, tariff, 1.0)
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
