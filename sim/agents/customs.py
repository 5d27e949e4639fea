"""Goods trade: flows adjust to tariffs, and each country's revenue and losses are counted."""

from __future__ import annotations

import numpy as np

from sim.agents import Process
from sim.economics.goods_trade import (
    adjusted_log_response,
    goods_welfare,
    long_run_log_response,
    short_run_elasticity,
)
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.timeline import Phase, Timeline
from sim.world.state import World


def customs(timeline: Timeline, world: World) -> Process:
    """Count one month's trade in all goods lists."""
    goods, base = world.scenario.goods, world.base
    psi, speed, growth = world.value(goods.pass_through), world.value(goods.adjustment), world.value(goods.growth)
    while True:
        month = yield timeline.turn(Phase.GOODS)
        tariff = base.base_tariff + world.levers.tariff_layer
        target = long_run_log_response(tariff, psi, base.import_elasticity)
        world.log_response = adjusted_log_response(world.log_response, target, speed)
        grown = np.exp(growth * (month / MONTHS_PER_YEAR))
        free_trade = base.free_trade * grown
        quantity = free_trade * np.exp(world.log_response)
        elasticity = short_run_elasticity(world.log_response, tariff, psi, base.import_elasticity)
        parts = goods_welfare(free_trade, quantity, tariff, psi, elasticity)
        value = quantity * (1.0 - (1.0 - psi) * tariff)
        for item, lists in enumerate(goods.lists.values()):
            importer = world.axes.countries.index(lists.importer)
            exporter = world.axes.countries.index(lists.exporter)
            world.exports_flow[exporter] += value[item] / MONTHS_PER_YEAR
            world.imports_flow[importer] += value[item] / MONTHS_PER_YEAR
            world.tariff_revenue_flow[importer] += parts.revenue[item] / MONTHS_PER_YEAR
            world.consumer_loss_flow[importer] += parts.consumer_loss[item] / MONTHS_PER_YEAR
            world.exporter_loss_flow[exporter] += parts.exporter_loss[item] / MONTHS_PER_YEAR
            world.deadweight_loss_flow[importer] += parts.deadweight_loss[item] / MONTHS_PER_YEAR
        _buy_what_was_promised(world)
        _average_tariffs(world, tariff)
        _move_activity(world, value, grown)


def _buy_what_was_promised(world: World) -> None:
    """Purchases kept add to the exporter's sales and to the other countries' imports."""
    bought = world.levers.purchases / MONTHS_PER_YEAR
    world.exports_flow += bought
    for item in {(lists.importer, lists.exporter) for lists in world.scenario.goods.lists.values()}:
        importer, exporter = (world.axes.countries.index(name) for name in item)
        world.imports_flow[importer] += bought[exporter]


def _average_tariffs(world: World, tariff: FloatArray) -> None:
    """Average tariff of each country, weighted by trade at base rates."""
    weights = world.base.free_trade
    for c, country in enumerate(world.axes.countries):
        own = [i for i, lists in enumerate(world.scenario.goods.lists.values()) if lists.importer == country]
        if own:
            world.average_tariff[c] = ordered_sum(tariff[own] * weights[own]) / ordered_sum(weights[own])


def _move_activity(world: World, value: FloatArray, grown: FloatArray) -> None:
    """Spending on cloud falls with lost goods exports as a share of GDP (equation 6.7), from next month on."""
    lists, base = list(world.scenario.goods.lists.values()), world.base
    psi = world.value(world.scenario.goods.pass_through)
    usual = base.free_trade * np.exp(long_run_log_response(base.base_tariff, psi, base.import_elasticity))
    multiplier = world.value(world.scenario.goods.activity_multiplier)
    for m, country in enumerate(base.market_country):
        if country < 0:
            continue
        name = world.axes.countries[country]
        lost = np.zeros(world.draws.count)
        for i, item in enumerate(lists):
            if item.exporter == name:
                lost += usual[i] - value[i] / grown
        lost -= world.levers.purchases[country] / grown
        gdp = world.value(world.scenario.countries[name].gdp_bn)
        world.activity[m] = np.maximum(1.0 - multiplier * lost / gdp, LEAST_ACTIVITY)


LEAST_ACTIVITY = 0.1
"""Floor of cloud spending, so that an absurd multiplier leaves a market to reckon with."""
