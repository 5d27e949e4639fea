"""What the goods block of the program says of the tariffs of a day, once trade has moved all the way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

import sim
from sim.model.equations.goods_trade import long_run_log_response, trade_at
from sim.model.equations.world_trade import Cases, Settled, settled_world
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.model.start.world_economy import world_economy
from sim.studies.validation.dated_tariffs import lists_of, tariffs_on
from sim.studies.validation.goods_path import settled
from tests.judge.armington import Array, Economy

END_OF_2018, END_OF_2019 = dt.date(2018, 12, 31), dt.date(2019, 12, 31)
HISTORY = "phase_one_2020"
ALL_DRAWS = 200


@dataclass(frozen=True)
class Loss:
    """One country's side: mean over draws.

    Attributes
    ----------
    imports
        Change of imports from the other, share of what they were.
    revenue, welfare
        Changes, bn USD a year.
    """

    imports: float
    revenue: float
    welfare: float


def by_lists(date: dt.date, elasticity: float | None = None) -> tuple[Loss, Loss]:
    """United States and China under the goods lists of the scenario.

    Parameters
    ----------
    elasticity
        Import elasticity of both; those of the scenario if absent.
    """
    names = [f"goods.import_elasticity.{name}" for name in ("us", "china")]
    changes = {} if elasticity is None else dict.fromkeys(names, elasticity)
    world = build_world(sim.load(HISTORY, changes), Draws(1, range(ALL_DRAWS if elasticity is None else 1)))
    flows = settled(world, tariffs_on(world, date))
    goods = world.scenario.goods.lists

    def loss(importer: str) -> Loss:
        mine = lists_of(world, importer)
        rows = [row for row, name in enumerate(world.axes.lists) if name in mine]
        total = sum(goods[name].value_bn.central for name in mine)
        parts = (flows.trade, flows.revenue, -flows.deadweight_loss)
        imports, revenue, welfare = (float(part[rows].sum(axis=0).mean()) for part in parts)
        return Loss(imports / total, revenue, welfare)

    return loss("us"), loss("china")


def in_the_world(date: dt.date, elasticity: float) -> tuple[tuple[Loss, Loss], tuple[Loss, Loss]]:
    """United States and China in the general form in the end: with wages of before, and with wages settled.

    Parameters
    ----------
    elasticity
        Trade elasticity of all origins alike.
    """
    world = build_world(sim.load(HISTORY), Draws(1, range(1)))
    economy = world_economy(world.scenario.goods)
    held = Cases(tariffs_on(world, date), np.array([elasticity]), np.ones(1))

    def loss(then: Settled, importer: int, exporter: int) -> Loss:
        before, after = (trade[exporter, importer].sum() for trade in (economy.trade, then.trade[..., 0]))
        revenue = then.revenue[importer, 0] - economy.revenue[importer]
        return Loss(float(after / before - 1), float(revenue), float(then.gain[importer, 0]))

    us, china = (economy.regions.index(name) for name in ("us", "china"))
    fixed, settled = ((loss(then, us, china), loss(then, china, us)) for then in settled_world(economy, held))
    return fixed, settled


def on_average(economy: Economy, tariff: Array, importer: int) -> Loss:
    """One country under one average tariff on all that it buys from the other, with elasticity theta + 1."""
    exporter = 1 - importer
    rates = np.array([[economy.tariff[exporter, importer]], [tariff[exporter, importer]]])
    psi, elasticity = np.ones(1), np.full((2, 1), economy.theta + 1.0)
    response = long_run_log_response(rates, psi, elasticity)
    free_trade = economy.trade[exporter, importer] / np.exp(response[0])
    parts = trade_at(np.full_like(rates, free_trade), response, rates, psi, elasticity)
    change = parts.quantity[1, 0] / parts.quantity[0, 0] - 1.0
    revenue, lost = (float((part[1] - part[0]).item()) for part in (parts.revenue, parts.deadweight_loss))
    return Loss(float(change), revenue, -lost)
