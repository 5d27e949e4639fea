"""Checks of the routes by which goods avoid tariffs: they go by way of another country, and none twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.facts.world_trade import is_there, world_regions
from sim.scenario.rerouting_schema import Route
from sim.scenario.schema import Goods, Scenario
from sim.scenario.source_tree import Problem, Steps, did_you_mean


def routes_go_by_way_of_another_country(scenario: Scenario) -> Iterator[Problem]:
    """Check that there is a third country on each route, and one tariff of it."""
    for name, route in _routes(scenario.goods).items():
        path: Steps = ("goods", "rerouting", "routes", name)
        wrong = _no_way(scenario, route)
        if wrong is not None:
            yield Problem((*path, "through"), wrong)
            continue
        importer, there = _ends(scenario.goods, route)
        for place, listed in enumerate(route.lists):
            held = scenario.goods.lists[listed]
            if held.importer != importer:
                text = (
                    f"{held.importer} imports {listed}, and {importer} the goods before it; give it a route of its own"
                )
                yield Problem((*path, "lists", place), text)
            elif held.exporter == there:
                text = f"{listed} comes from {there}, which the route is through; expected goods of another country"
                yield Problem((*path, "lists", place), text)


def _no_way(scenario: Scenario, route: Route) -> str | None:
    """Say why goods cannot go through what a route names, if they cannot."""
    goods, importer = scenario.goods, scenario.goods.lists[route.lists[0]].importer
    if route.through in goods.lists:
        other = goods.lists[route.through].importer
        text = f"{other} imports {route.through}, and {importer} the goods that go round; expected a list of {importer}"
        return text if other != importer else None
    if route.through == importer:
        return f"{importer} imports the goods itself; expected a country or a list that they go through"
    lists = [name for name, held in goods.lists.items() if (held.importer, held.exporter) == (importer, route.through)]
    if lists:
        return f"{importer} has lists of goods from {route.through}; expected one of them: {', '.join(lists)}"
    known = (*_places(scenario), *(name for name, held in goods.lists.items() if held.importer == importer))
    if route.through not in known:
        return f"there is no list, country or region {route.through!r}{did_you_mean(route.through, known)}"
    return None


def no_list_takes_a_route_twice(scenario: Scenario) -> Iterator[Problem]:
    """Check that no two routes are the same for a list."""
    taken: dict[tuple[str, str], str] = {}
    for name, route in _routes(scenario.goods).items():
        for place, listed in enumerate(route.lists):
            first = taken.setdefault((listed, route.through), name)
            if first != name:
                text = f"{listed} goes through {route.through} on the route {first} already; leave it out of one"
                yield Problem(("goods", "rerouting", "routes", name, "lists", place), text)


REROUTING_CHECKS: tuple[Callable[[Scenario], Iterator[Problem]], ...] = (
    routes_go_by_way_of_another_country,
    no_list_takes_a_route_twice,
)
"""All checks of routes."""


def _routes(goods: Goods) -> dict[str, Route]:
    return {} if goods.rerouting is None else goods.rerouting.routes


def _ends(goods: Goods, route: Route) -> tuple[str, str]:
    """Country that imports what takes a route, and the one that it is through."""
    through = goods.lists[route.through].exporter if route.through in goods.lists else route.through
    return goods.lists[route.lists[0]].importer, through


def _places(scenario: Scenario) -> tuple[str, ...]:
    """Countries and regions that goods may go through: in the general form those of the tables alone."""
    world, general = scenario.goods.world, scenario.goods.form == "general"
    regions = world_regions(world.trade_tables) if world is not None and is_there(world.trade_tables) else ()
    return tuple(dict.fromkeys((*regions, *(() if general else scenario.countries))))
