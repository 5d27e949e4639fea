"""Who trades which goods, what is usual, and what lost exports do to cloud spending."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.ledger import ACCOUNTS
from sim.model.equations.goods_trade import GoodsWelfare, export_value, long_run_log_response
from sim.model.world import World
from sim.policies import Levers
from sim.quantities import FloatArray, IntArray, ordered_sum

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


def trade_accounts(world: World, trades: Trades, value: FloatArray, welfare: GoodsWelfare) -> dict[str, FloatArray]:
    """Count goods trade in each country's accounts (`sim.ledger`), purchases promised apart.

    Parameters
    ----------
    value
        [list, draw] value of trade before duty, bn a year.
    welfare
        Parts of the tariffs' welfare effect.

    Returns
    -------
    For each account of goods [country, draw], bn USD a year.
    """
    bought = {
        "imports": value,
        "tariff_revenue": welfare.revenue,
        "consumer_loss": welfare.consumer_loss,
        "deadweight_loss": welfare.deadweight_loss,
    }
    sold = {"exports": value, "exporter_loss": welfare.exporter_loss}
    accounts = {held.name: np.zeros(world.axes.shape("country")) for held in ACCOUNTS if held.block == "goods"}
    for c, sides in trades.items():
        for parts, lists in zip((bought, sold), sides, strict=True):
            for name, values in parts.items():
                accounts[name][c] = ordered_sum(values[lists])
    return accounts


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
