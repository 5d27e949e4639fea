"""Checks of the world's trade around the lists of goods: its tables, and that the lists are a part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.facts.world_trade import World, is_there, world_names, world_regions, world_sectors, world_traded_bn
from sim.scenario.schema import Goods, GoodsList, Scenario
from sim.scenario.source_tree import Problem, Steps, did_you_mean

PARTS_TOLERANCE = 1e-6
"""How far the parts of a list may be from the whole, as they are written with few decimals."""
MOST_OF_THE_TABLE = 1.01
"""What the lists may have of the trade of a table, which rounds its numbers."""


def goods_come_from_somewhere(scenario: Scenario) -> Iterator[Problem]:
    """Check that the goods of a list come from a country, or from a region of the tables."""
    world = scenario.goods.world
    if world is not None and not is_there(world.trade_tables):
        return
    known = tuple(
        dict.fromkeys((*scenario.countries, *(world_regions(world.trade_tables) if world is not None else ())))
    )
    for name, held in scenario.goods.lists.items():
        if held.exporter not in known:
            text = f"there is no country or region {held.exporter!r}{did_you_mean(held.exporter, known)}"
            yield Problem(("goods", "lists", name, "exporter"), text)


def general_form_has_a_world(scenario: Scenario) -> Iterator[Problem]:
    """Check that the general form knows the world's trade."""
    if scenario.goods.form == "general" and scenario.goods.world is None:
        text = "general needs the trade of the world around the lists: give goods.world, or write `form: partial`"
        yield Problem(("goods", "form"), text)


def world_is_in_the_facts(scenario: Scenario) -> Iterator[Problem]:
    """Check that the tables of the world's trade exist, and that rivals are regions of them."""
    world = scenario.goods.world
    if world is None:
        return
    if not is_there(world.trade_tables):
        called = str(world.trade_tables)
        text = f"there are no tables of the world's trade {called!r}{did_you_mean(called, world_names())}"
        yield Problem(("goods", "world", "data"), text)
        return
    for place, rival in enumerate(world.rivals):
        yield from _unknown_region(rival, world.trade_tables, ("goods", "world", "rivals", place))


def lists_are_between_regions_of_the_world(scenario: Scenario) -> Iterator[Problem]:
    """Check that who sells and who buys the goods of a list are regions of the tables."""
    data = _data(scenario.goods)
    if data is None:
        return
    for name, held in scenario.goods.lists.items():
        yield from _unknown_region(held.importer, data, ("goods", "lists", name, "importer"))
        if held.exporter in scenario.countries:
            yield from _unknown_region(held.exporter, data, ("goods", "lists", name, "exporter"))


def sectors_make_up_each_list(scenario: Scenario) -> Iterator[Problem]:
    """Check that a list is divided up between sectors of the tables."""
    data = _data(scenario.goods)
    if data is None:
        return
    for name, held in scenario.goods.lists.items():
        path, known = ("goods", "lists", name, "sectors"), world_sectors(data)
        if not held.sectors:
            continue
        for sector in held.sectors:
            if sector not in known:
                text = f"{data} has no sector {sector!r}{did_you_mean(sector, known)}"
                yield Problem((*path, sector), text)
        total = sum(part.central for part in held.sectors.values())
        if abs(total - 1.0) > PARTS_TOLERANCE:
            yield Problem(path, f"the parts of a list must add up to 1, but add up to {total:.6g}")


def lists_fit_into_the_worlds_trade(scenario: Scenario) -> Iterator[Problem]:
    """Check that the lists of one direction have no more of a sector's goods than the tables."""
    data = _data(scenario.goods)
    if data is None:
        return
    together: dict[tuple[str, str, str], dict[str, float]] = {}
    for (name, held), listed in zip(scenario.goods.lists.items(), scenario.goods.listed, strict=True):
        for sector, part in listed.parts if _is_between(held, world_regions(data)) else ():
            if sector in world_sectors(data):
                value = held.value_bn.central * part
                together.setdefault((held.exporter, held.importer, sector), {})[name] = value
    for (exporter, importer, sector), by_list in together.items():
        of_lists, traded = sum(by_list.values()), world_traded_bn(data).get((exporter, importer, sector), 0.0)
        if of_lists > MOST_OF_THE_TABLE * traded:
            has = f"only {traded:.4g}" if traded else "none"
            text = (
                f"lists of goods from {exporter} to {importer} have {of_lists:.4g} bn USD a year of {sector} together, "
                f"and {data} has {has}; lower their value_bn or this part of them"
            )
            largest_first = sorted(by_list, key=by_list.__getitem__, reverse=True)
            paths: list[Steps] = [
                ("goods", "lists", name, *field)
                for name in largest_first
                for field in (("sectors", sector), ("value_bn",))
            ]
            yield Problem(paths[0], text, tuple(paths[1:]))


WORLD_TRADE_CHECKS: tuple[Callable[[Scenario], Iterator[Problem]], ...] = (
    general_form_has_a_world,
    goods_come_from_somewhere,
    world_is_in_the_facts,
    lists_are_between_regions_of_the_world,
    sectors_make_up_each_list,
    lists_fit_into_the_worlds_trade,
)
"""All checks of the world's trade."""


def _data(goods: Goods) -> str | World | None:
    """Tables that the lists must fit into: those of the general form, if there are any of their name."""
    data = None if goods.world is None or goods.form == "partial" else goods.world.trade_tables
    return data if data is not None and is_there(data) else None


def _unknown_region(name: str, data: str | World, path: Steps) -> Iterator[Problem]:
    if name not in world_regions(data):
        yield Problem(path, f"{data} has no region {name!r}{did_you_mean(name, world_regions(data))}")


def _is_between(held: GoodsList, regions: tuple[str, ...]) -> bool:
    return held.exporter in regions and held.importer in regions and held.exporter != held.importer
