"""What goods on detours save, month by month, worked out anew from tariffs and the parts on each route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.quantities import MONTHS_PER_YEAR, FloatArray
from sim.studies.doctor.patient import Visit


class OnDetours(NamedTuple):
    """What detours come to, shares of one of the value of all goods of a list.

    Attributes
    ----------
    priced
        [month, list, draw] tariff that would make goods as dear as they are.
    moved, avoided, kept, wasted
        [month, route, list, draw] goods on each route, duty that they avoid, what traders keep and what is used up.
    """

    priced: FloatArray
    moved: FloatArray
    avoided: FloatArray
    kept: FloatArray
    wasted: FloatArray


def on_detours(visit: Visit) -> OnDetours:
    """Work out prices, duties and gains in the middle of each month, at the rates that are paid."""
    layer, turned = visit.months["tariff_layer"], visit.months["rerouted"]
    before, goal = np.concatenate([np.zeros_like(turned[:1]), turned[:-1]]), _goal(visit, layer)
    left = np.exp(-_half_a_month(visit))
    paid = layer - visit.months["tariff_at_sea"]
    return _divided(visit, paid, np.minimum(np.minimum(goal + (before - goal) * left, goal), _goal(visit, paid)))


def tariff_in_the_price(visit: Visit) -> FloatArray:
    """Give the tariff that makes goods as dear as they are once all have turned to what pays, [month, list, draw]."""
    layer = visit.months["tariff_layer"]
    return _divided(visit, layer, _goal(visit, layer)).priced


def _divided(visit: Visit, layer: FloatArray, moved: FloatArray) -> OnDetours:
    """Divide up what is saved where parts `moved` of the goods take routes, [month, route, list, draw]."""
    held, response = visit.world.scenario.goods.rerouting, _of_routes(visit)[0]
    passed_on, real = (visit.world.value(share) for share in (held.passed_on, held.real_cost)) if held else (0.0, 0.0)
    dearest = np.divide(moved, response, out=np.zeros_like(moved), where=response > 0.0)
    avoided, cost = moved * _gap(visit, layer), moved * dearest / 2.0
    to_buyers, wasted = passed_on * (avoided - cost), real * cost
    priced = visit.world.base.base_tariff + layer - to_buyers.sum(axis=1)
    return OnDetours(priced, moved, avoided, avoided - to_buyers - wasted, wasted)


def _goal(visit: Visit, layer: FloatArray) -> FloatArray:
    """Part of goods that takes each route in the end, [month, route, list, draw]."""
    response, most = _of_routes(visit)
    alone = np.minimum(most, response * np.maximum(_gap(visit, layer), 0.0))
    goal: FloatArray = alone / np.maximum(alone.sum(axis=1, keepdims=True), 1.0)
    return goal


def _gap(visit: Visit, layer: FloatArray) -> FloatArray:
    """Layers on each list less those of each route, [month, route, list, draw]."""
    goods = visit.world.scenario.goods
    lists, found = list(goods.lists), np.zeros((len(layer), *visit.world.axes.shape("route", "list")))
    for r, route in enumerate(goods.rerouting.routes.values() if goods.rerouting else ()):
        there = layer[:, lists.index(route.through)] if route.through in lists else np.zeros_like(layer[:, 0])
        found[:, r] = layer - there[:, None]
    return found


def _half_a_month(visit: Visit) -> FloatArray:
    """How far goods turn in half a month, in logs, [draw]."""
    held = visit.world.scenario.goods.rerouting
    return visit.world.value(held.speed) / (2 * MONTHS_PER_YEAR) if held else np.zeros(visit.world.draws.count)


def _of_routes(visit: Visit) -> tuple[FloatArray, FloatArray]:
    """How goods answer on each route, and most of them that take it, [route, list, draw]; 0 for lists that do not."""
    goods = visit.world.scenario.goods
    response, most = np.zeros((2, *visit.world.axes.shape("route", "list")))
    for r, route in enumerate(goods.rerouting.routes.values() if goods.rerouting else ()):
        for name in route.lists:
            row = list(goods.lists).index(name)
            response[r, row], most[r, row] = visit.world.value(route.response), visit.world.value(route.limit)
    return response, most


def who_keeps(visit: Visit) -> Iterator[tuple[int, int, str]]:
    """Give route and list, by their places, and the country or region whose traders keep what goods there save."""
    goods = visit.world.scenario.goods
    for r, route in enumerate(goods.rerouting.routes.values() if goods.rerouting else ()):
        through = goods.lists[route.through].exporter if route.through in goods.lists else route.through
        for name in route.lists:
            held = goods.lists[name]
            keeper = {"exporter": held.exporter, "importer": held.importer, "through": through}[route.kept_by]
            yield r, list(goods.lists).index(name), keeper
