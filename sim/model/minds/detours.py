"""Goods that go by way of other countries: what each route saves, and who has it (docs/model.md, 6.30 to 6.33)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sim.model.equations.rerouting import Detoured, detoured, rerouted_in_the_end, rerouted_later
from sim.model.world import World
from sim.policies.levers import Axes
from sim.quantities import BoolArray, FloatArray, IntArray
from sim.scenario.rerouting_schema import Rerouting, Route
from sim.scenario.schema import Goods

NOBODY = -1
"""Stands for who has no account here."""


class Detours:
    """Routes by which goods avoid tariffs, in some draws.

    Parameters
    ----------
    world
        The run, of which only what is known at the base date is read.
    settings
        What the scenario says of it.

    Attributes
    ----------
    rows
        [turning] places of the lists that take some route.
    """

    def __init__(self, world: World, settings: Rerouting) -> None:
        routes, axes = tuple(settings.routes.values()), world.axes
        self._base_tariff, self._through = world.base.base_tariff, [_place(axes.lists, held.through) for held in routes]
        self._ways = tuple(_ways(world.scenario.goods, axes, routes))
        self.rows: IntArray = np.array(sorted({way.row for way in self._ways}), dtype=np.int64)
        self._place = {row: place for place, row in enumerate(self.rows.tolist())}
        self._limit, self._response = np.zeros((2, len(routes), len(self.rows), world.draws.count))
        for way in self._ways:
            self._limit[way.route, self._place[way.row]] = world.value(routes[way.route].limit)
            self._response[way.route, self._place[way.row]] = world.value(routes[way.route].response)
        self._known: list[tuple[FloatArray, tuple[FloatArray, FloatArray]]] = []
        self._speed = world.value(settings.speed)
        self._split = (world.value(settings.real_cost), world.value(settings.passed_on))
        numbers = (settings.passed_on, *(number for route in routes for number in (route.limit, route.response)))
        self._uncertain = any(number.is_uncertain for number in numbers)

    def at(self, tariff: FloatArray, shares: FloatArray | None = None) -> Detoured:
        """What detours make of tariffs (equation 6.32).

        Parameters
        ----------
        tariff
            [list, draw] rates, share of one.
        shares
            [route, turning, draw] part of the goods that has turned to each route, of which none goes that does not
            pay; as it is in the end if absent.
        """
        gap, goal = self._in_the_end(tariff)
        share = goal if shares is None else np.minimum(shares, goal)
        found, priced = detoured(tariff[self.rows], gap, share, self._response, self._split), tariff.copy()
        priced[self.rows] = found.priced
        return found._replace(priced=priced)

    def foreseen(self, tariff: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Tariffs that make goods as dear as they are in the end, [list, draw], and draws with some of their own."""
        held = self.at(tariff)
        return held.priced, self._uncertain & (held.priced != tariff).any(axis=0)

    def later(self, now: FloatArray, tariff: FloatArray, months: float) -> FloatArray:
        """Parts of goods on each route some months after `now`, [route, turning, draw], under tariffs in force."""
        return rerouted_later(now, self._in_the_end(tariff)[1], self._speed, months)

    def _in_the_end(self, tariff: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Rate that each route saves, above the base rates, and the part of goods that takes it for that.

        Tariffs stand for months, so that those asked for last are known.
        """
        for known, found in self._known:
            if known is tariff:
                return found
        layer = tariff - self._base_tariff
        there = np.stack([layer[row] if row != NOBODY else np.zeros_like(layer[0]) for row in self._through])
        gap = layer[None, self.rows] - there[:, None]
        found = gap, rerouted_in_the_end(gap, self._response, self._limit)
        self._known = [(tariff, found), *self._known[:1]]
        return found

    def count(
        self,
        accounts: dict[str, FloatArray],
        regions: tuple[FloatArray, FloatArray],
        quantity: FloatArray,
        held: Detoured,
    ) -> None:
        """Take what is avoided from the treasury, and give it to those who have it (equation 6.33).

        Parameters
        ----------
        accounts
            [country, draw] by name, of trade of which all pays `held.priced` to the treasury; changed.
        regions
            Real income [region, draw] and declared imports [region, country, draw] of that, changed too; empty in the
            partial form.
        quantity
            [list, draw] goods that are traded, bn USD a year.
        held
            Prices, duties and shares.
        """
        income, declared = regions
        for way in self._ways:
            at = (way.route, self._place[way.row])
            moved, avoided, kept, wasted = (
                of[at] * quantity[way.row] for of in (held.shares, held.avoided, held.kept, held.wasted)
            )
            accounts["rerouted"][way.importer] += moved
            accounts["avoided_duty"][way.importer] += avoided
            accounts["tariff_revenue"][way.importer] -= kept + wasted
            accounts["deadweight_loss"][way.importer] += wasted
            if way.keeper != NOBODY:
                accounts["rerouting_gain"][way.keeper] += kept
            if len(income):
                income[way.regions.importer] -= kept + wasted
                income[way.regions.keeper] += kept
                declared[way.regions.origin, way.importer] -= moved
                declared[way.regions.through, way.importer] += moved


class Places(NamedTuple):
    """Indices of the regions that a way has to do with; all -1 in the partial form."""

    origin: int
    through: int
    importer: int
    keeper: int


class Way(NamedTuple):
    """A list that takes a route: indices of both, of the countries that import and that keep what is saved, regions."""

    route: int
    row: int
    importer: int
    keeper: int
    regions: Places


def _ways(goods: Goods, axes: Axes, routes: Sequence[Route]) -> Iterator[Way]:
    """List by which ways goods go."""
    for r, route in enumerate(routes):
        through = goods.lists[route.through].exporter if route.through in goods.lists else route.through
        for name in route.lists:
            held = goods.lists[name]
            keeper = {"exporter": held.exporter, "through": through, "importer": held.importer}[route.kept_by]
            places = (_place(axes.regions, region) for region in (held.exporter, through, held.importer, keeper))
            importer, keeper_at = (_place(axes.countries, country) for country in (held.importer, keeper))
            yield Way(r, list(goods.lists).index(name), importer, keeper_at, Places(*places))


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else NOBODY
