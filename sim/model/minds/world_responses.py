"""What the world's trade comes to under tariffs, by draw: solved at nodes, once for each vector of tariffs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
from sim.arithmetic.elementary import log
from sim.model.equations.node_grid import interpolated, nodes_between, on_grid, weights_at
from sim.model.equations.world_trade import Cases, Settled, WorldEconomy, settled_world
from sim.model.luck import Draws
from sim.model.start.world_economy import world_economy
from sim.policies.levers import Axes
from sim.policies.stacking import Cap
from sim.quantities import NEVER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Scenario
from sim.values import Number, Schedule

ELASTICITIES, RATIOS = 9, 5
"""Nodes of the two uncertain numbers."""
SAME_TARIFF = 1e-4
"""Tariffs closer than that are one."""
VECTORS_HELD = 2048
"""Solved vectors of tariffs that a process keeps; each is some 50 kB."""


class WorldResponses:
    """The world's trade for some draws.

    Parameters
    ----------
    scenario
        One with `goods.world`, in the general form.
    axes, draws
        Names along the axes, and the draws.

    Attributes
    ----------
    region
        [country] index of the region that a country is; -1 for one that is none.
    imports
        [region, country] goods that each country imports from each region at the base date, bn USD a year before duty.
    part_of_imports
        [list] part of the imports of its country from its region.
    """

    def __init__(self, scenario: Scenario, axes: Axes, draws: Draws) -> None:
        held = scenario.goods.world
        if held is None:
            raise TypeError("the scenario knows nothing of the world's trade")
        self.economy, self._count = world_economy(scenario.goods), axes.trade_rows.size
        self.region = tuple(axes.regions.index(name) if name in axes.regions else -1 for name in axes.countries)
        self.imports = _imports(self.economy.trade[..., None], self.region)[..., 0]
        importers = [self.region.index(n) for n in self.economy.destination.tolist()]
        listed = (self.economy.listed / self.economy.list_tariff[:, None]).sum(axis=1)
        self.part_of_imports = listed / self.imports[self.economy.origin, importers]
        self._values = (draws.number(held.elasticity), draws.number(held.others))
        self._nodes = tuple(
            nodes_between(*number.support, count)
            for number, count in ((held.elasticity, ELASTICITIES), (held.others, RATIOS))
        )
        self._weights = on_grid(
            *(weights_at(nodes, drawn) for nodes, drawn in zip(self._nodes, self._values, strict=True))
        )
        self._by_draw = rates_differ_by_draw(scenario)
        self._steps: IntArray = np.full((len(self.economy.listed), draws.count), NEVER)
        self._apart = np.zeros(draws.count, dtype=np.bool_)
        self._found = np.empty((2, self._count, draws.count))

    def at(self, tariff: FloatArray, apart: BoolArray | None = None) -> tuple[FloatArray, FloatArray]:
        """Rows with wages of before, and with wages settled, [row, draw]; they hold until the next call.

        Only draws whose tariffs differ from those of the call before are worked out.

        Parameters
        ----------
        tariff
            [list, draw] rates, share of one.
        apart
            [draw] draws that have tariffs of their own and are solved alone, where other draws are not.
        """
        steps = np.rint((tariff - _before(self.economy)) / SAME_TARIFF).astype(np.int64)
        apart = np.full(tariff.shape[-1], self._by_draw) if apart is None else apart | self._by_draw
        new = (steps != self._steps).any(axis=0) | (apart != self._apart)
        self._steps, self._apart = steps, apart
        fixed, settled = self._found
        alone, shared = np.flatnonzero(new & apart), np.flatnonzero(new & ~apart)
        if alone.size:
            rates = _before(self.economy) + steps[:, alone] * SAME_TARIFF
            both = settled_world(self.economy, Cases(rates, *(values[alone] for values in self._values)))
            fixed[:, alone], settled[:, alone] = (_rows(self.economy, held, rates, self.region) for held in both)
        if shared.size:
            vectors, which = _distinct(steps[:, shared])
            nodes = [tuple(held.tolist()) for held in self._nodes]
            known = np.stack([_at_nodes(self.economy, vector, *nodes, self.region) for vector in vectors])
            found = interpolated(known, which, np.take(self._weights, shared, axis=1))
            fixed[:, shared], settled[:, shared] = np.split(found, 2)
        return fixed, settled


def rates_differ_by_draw(scenario: Scenario) -> bool:
    """Whether a rate of some tariff is uncertain itself, so that hardly two draws have the same tariffs."""
    acts = [act for policy in scenario.policies.values() for act in policy.acts() if act.rule == "tariff_layer"]
    held = [value for act in acts for value in (act.value, act.times, act.exempt)]
    rates = [step for value in held for step in (_steps(value) if isinstance(value, Schedule) else (value,))]
    caps = (rule.cap for rule in scenario.goods.stacking.values() if isinstance(rule, Cap))
    rates += [step for cap in caps for step in _steps(cap)]
    rates += [held.base_rate for held in scenario.goods.lists.values()]
    return any(isinstance(rate, Number) and rate.is_uncertain for rate in rates)


def _steps(schedule: Schedule) -> Iterator[Number]:
    return (number for _, number in schedule.steps)


def _distinct(steps: IntArray) -> tuple[list[tuple[int, ...]], IntArray]:
    """Give the distinct columns of an array, and which of them stands in each draw."""
    columns = np.ascontiguousarray(steps.T)
    first, which = np.empty((2, len(columns)), dtype=np.int64)
    count = _compare(columns, first, which)
    return [tuple(columns[k].tolist()) for k in first[:count]], which


@compiled
def _compare(rows: IntArray, first: IntArray, which: IntArray) -> int:
    """Write where each distinct row stands first, and which of them each row is; tell how many there are."""
    count = 0
    for i in range(len(rows)):
        k = 0
        while k < count and _differ(rows[i], rows[first[k]]):
            k += 1
        which[i], first[k] = k, i if k == count else first[k]
        count = max(count, k + 1)
    return count


@of_numbers
def _differ(one: IntArray, other: IntArray) -> bool:
    for j in range(len(one)):  # noqa: SIM110 (numba knows no generators)
        if one[j] != other[j]:
            return True
    return False


@lru_cache(maxsize=VECTORS_HELD)
def _at_nodes(
    economy: WorldEconomy,
    vector: tuple[int, ...],
    elasticities: tuple[float, ...],
    ratios: tuple[float, ...],
    countries: tuple[int, ...],
) -> FloatArray:
    """Rows at all nodes with wages of before, and after them with wages settled, [node, row].

    The vector counts steps of `SAME_TARIFF` above the rates of before.
    """
    grid = np.meshgrid(elasticities, ratios, indexing="ij")
    tariff = np.repeat(_before(economy) + np.array(vector)[:, None] * SAME_TARIFF, grid[0].size, axis=1)
    both = settled_world(economy, Cases(tariff, grid[0].ravel(), grid[1].ravel()))
    return np.ascontiguousarray(np.concatenate([_rows(economy, held, tariff, countries) for held in both]).T)


def _before(economy: WorldEconomy) -> FloatArray:
    """Rates of before, [list, 1], share of one."""
    rates: FloatArray = economy.list_tariff[:, None] - 1.0
    return rates


def _rows(economy: WorldEconomy, held: Settled, tariff: FloatArray, countries: tuple[int, ...]) -> FloatArray:
    """What the world has come to, [row, case] (`sim.policies.levers.TradeRows`)."""
    listed = (economy.listed / economy.list_tariff[:, None]).sum(axis=1)[:, None]
    imports, before = _imports(held.trade, countries), _imports(economy.trade[..., None], countries)
    grown = np.divide(imports, before, out=np.ones_like(imports), where=before > 0.0)
    more = np.divide(held.listed, listed, out=np.ones_like(held.listed), where=listed > 0.0)
    duties, less = held.listed * tariff - listed * _before(economy), held.listed - listed
    sold = _exports(held.trade) - _exports(economy.trade[..., None])
    revenue, elsewhere = np.zeros((2, len(countries), tariff.shape[-1]))
    for c, n in enumerate(countries):
        if n >= 0:
            bought, exported = np.flatnonzero(economy.destination == n), np.flatnonzero(economy.origin == n)
            revenue[c] = held.revenue[n] - economy.revenue[n] - ordered_sum(duties[bought])
            elsewhere[c] = sold[n] - ordered_sum(less[exported])
    flat = log(grown).reshape(-1, tariff.shape[-1])
    return np.concatenate([log(more), flat, held.gain, revenue, elsewhere])


def _imports(trade: FloatArray, countries: tuple[int, ...]) -> FloatArray:
    """Imports by origin, [region, country, case], all sectors; of itself a country imports nothing."""
    total = ordered_sum(trade, axis=2)
    found = np.zeros((len(total), len(countries), trade.shape[-1]))
    for c, n in enumerate(countries):
        if n >= 0:
            found[:, c] = total[:, n]
            found[n, c] = 0.0
    return found


def _exports(trade: FloatArray) -> FloatArray:
    """Sales abroad, [region, case]."""
    total = ordered_sum(trade, axis=2)
    return ordered_sum(total, axis=1) - np.stack([total[n, n] for n in range(len(total))])
