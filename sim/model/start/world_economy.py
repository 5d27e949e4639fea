"""The world's trade at the base date, from its tables and a scenario's lists of goods (equation 9.13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from sim.facts.world_trade import EVERY, Row, World, world_regions, world_sectors, world_table, world_traded_bn
from sim.model.equations.world_trade import WorldEconomy
from sim.quantities import FloatArray
from sim.scenario.schema import Goods

LEAST_AT_HOME = 0.02
"""Part of its output that a sector sells at home at least; tables that leave less have forgotten some output."""
MOST_MATERIALS = 0.95
"""Part of a sector's goods that firms buy as materials at most, where tables would leave nothing for households."""
BALANCED, ROUNDS = 1e-12, 1000


def world_economy(goods: Goods) -> WorldEconomy:
    """Put the world at the base date together; needs `goods.world`."""
    if goods.world is None:
        raise TypeError("the scenario knows nothing of the world's trade")
    lists = tuple(
        (listed.exporter, listed.importer, held.value_bn.central, held.base_rate.central, listed.parts)
        for listed, held in zip(goods.listed, goods.lists.values(), strict=True)
    )
    return _economy(goods.world.trade_tables, goods.world.rivals, lists)


def regions_of(goods: Goods) -> tuple[str, ...]:
    """Names of the regions, in order; none in the partial form."""
    if goods.world is None or goods.form == "partial":
        return ()
    return world_regions(goods.world.trade_tables)


Listed = tuple[str, str, float, float, tuple[tuple[str, float], ...]]
"""Exporter, importer, value and base rate of a list, and parts of it by sector."""


@cache
def _economy(data: str | World, rivals: tuple[str, ...], lists: tuple[Listed, ...]) -> WorldEconomy:
    regions, sectors = world_regions(data), world_sectors(data)
    trade, kept = _trade(data, regions, sectors), 1.0 / (1.0 + _tariffs(data, regions, sectors))
    listed = np.array([[value * dict(parts).get(sector, 0.0) for sector in sectors] for *_, value, _, parts in lists])
    list_tariff = 1.0 + np.array([rate for *_, rate, _ in lists])
    origin = np.array([regions.index(exporter) for exporter, *_ in lists], dtype=np.int64)
    destination = np.array([regions.index(importer) for _, importer, *_ in lists], dtype=np.int64)
    on_lists = np.zeros_like(trade)
    np.add.at(on_lists, (origin, destination), listed)
    rest = np.maximum(trade - on_lists, 0.0)
    value_added, inputs, output = _technology(data, regions, sectors)
    sold = (rest + on_lists).sum(axis=1).T
    home = np.maximum(output - sold, LEAST_AT_HOME * output)
    for n in range(len(regions)):
        rest[n, n] = home[:, n]
    near = np.array([region in rivals for region in regions])
    paid = rest / kept
    np.add.at(paid, (origin, destination), listed * list_tariff[:, None])
    inputs = _affordable(inputs, (1.0 - value_added) * (sold + home), paid.sum(axis=0).T)
    return WorldEconomy(
        regions,
        sectors,
        rest / kept,
        kept,
        listed * list_tariff[:, None],
        list_tariff,
        origin,
        destination,
        value_added,
        inputs,
        near[:, None] & ~np.eye(len(regions), dtype=np.bool_),
    )


def _trade(data: str | World, regions: Sequence[str], sectors: Sequence[str]) -> FloatArray:
    """[origin, destination, sector] value before duty, nothing at home."""
    trade, known = np.zeros((len(regions), len(regions), len(sectors))), world_traded_bn(data)
    for (origin, destination, sector), value in known.items():
        trade[regions.index(origin), regions.index(destination), sectors.index(sector)] = value
    return trade


def _tariffs(data: str | World, regions: Sequence[str], sectors: Sequence[str]) -> FloatArray:
    """[origin, destination, sector] rates of before, share of one; services, and goods made at home, pay none."""
    rates, traded = np.zeros((len(regions), len(regions), len(sectors))), _trade(data, regions, sectors) > 0.0
    for row in world_table(data, "tariffs"):
        for place in _places(row, regions, sectors):
            rates[place] = row.number("rate_pct") / 100.0
    return np.where(traded, rates, 0.0)


def _places(row: Row, regions: Sequence[str], sectors: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Cells that a row is about."""
    wanted = ((row["origin"], regions), (row["destination"], regions), (row["sector"], sectors))
    origins, destinations, rows = (
        range(len(names)) if name == EVERY else (names.index(name),) for name, names in wanted
    )
    return ((o, n, j) for o in origins for n in destinations for j in rows if o != n)


def _technology(
    data: str | World, regions: Sequence[str], sectors: Sequence[str]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """[sector, region] value added as a part of output, [bought, buying, region] materials, [sector, region] output."""
    gdp = np.array([row.number("gdp_usd_bn") for row in world_table(data, "regions")])
    value_added, part = np.zeros((2, len(sectors), len(regions)))
    inputs = np.zeros((len(sectors), len(sectors), len(regions)))
    for row in world_table(data, "technology"):
        j, n = sectors.index(row["sector"]), regions.index(row["region"])
        value_added[j, n], part[j, n] = row.number("value_added_share"), row.number("share_of_gdp")
        inputs[:, j, n] = [row.number(bought) for bought in sectors]
    return value_added, inputs / inputs.sum(axis=0), part / part.sum(axis=0) * gdp / value_added


def _affordable(inputs: FloatArray, materials: FloatArray, spending: FloatArray) -> FloatArray:
    """Change parts of materials until firms buy no more of a sector's goods than nearly all that is sold.

    Trade is kept as the tables have it; what firms buy is known least.

    Parameters
    ----------
    inputs
        [sector bought, sector that buys, region] parts that sum to one.
    materials, spending
        [sector, region] what firms spend on materials, and what is spent on the sector's goods, bn USD a year.
    """
    for _ in range(ROUNDS):
        bought = (inputs * materials[None]).sum(axis=1)
        too_much = np.minimum(MOST_MATERIALS * spending / bought, 1.0)
        if too_much.min() > 1.0 - BALANCED:
            break
        inputs = inputs * too_much[:, None]
        inputs = inputs / inputs.sum(axis=0)
    return inputs
