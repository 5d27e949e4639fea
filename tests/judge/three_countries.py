"""The United States, China and the rest of the world in 2018, and the tariffs of the two on each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sim.facts import find_fact
from sim.model.world import World
from tests.judge.armington import Array, Economy

COUNTRIES = ("us", "china", "rest")
US, CHINA, REST = range(3)
FILE = Path(__file__).parent / "world_2018.yaml"


def numbers() -> dict[str, float]:
    """Values of the file beside this module."""
    entries: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {name: float(entry["value"]) for name, entry in entries.items()}


def economy_of(world: World, theta: float | None = None) -> Economy:
    """World of 2018: trade between the two from facts and base rates from the scenario, the rest from the file."""
    given = numbers()
    to_us = float(find_fact("goods.2018.us_imports_from_china").value)
    to_china = float(find_fact("goods.2018.us_exports_to_china").value)
    us, china = (country.gdp_bn.central for country in (world.scenario.countries[name] for name in ("us", "china")))
    trade = np.array(
        [
            [us - given["us_exports"], to_china, given["us_exports"] - to_china],
            [to_us, china - given["china_exports"], given["china_exports"] - to_us],
            [given["us_imports"] - to_us, given["china_imports"] - to_china, 0.0],
        ]
    )
    trade[REST, REST] = given["world_output"] - us - china - trade[REST].sum()
    return Economy(trade, tariffs(world, world.base.base_tariff), theta or given["trade_elasticity"])


def tariffs(world: World, rates: Array) -> Array:
    """[origin, destination] rates between the two, averaged over goods lists by trade; none with others.

    Parameters
    ----------
    rates
        [list, draw] rates by goods list; the first draw counts.
    """
    result = np.zeros((3, 3))
    goods = world.scenario.goods.lists
    for destination, importer in enumerate(COUNTRIES[:REST]):
        both = [row for row, name in enumerate(world.axes.lists) if goods[name].exporter in world.axes.countries]
        rows = [row for row in both if goods[world.axes.lists[row]].importer == importer]
        weights = [goods[world.axes.lists[row]].value_bn.central for row in rows]
        result[1 - destination, destination] = np.average(rates[rows, 0], weights=weights)
    return result
