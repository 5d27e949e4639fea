"""Output columns, each declared once: table, unit, title, level or flow, how it is read off the world, how counted.

The recorder keeps them quarter by quarter, the tables of a result have them, and bands or frequencies are made of those
that are counted. A new column is one more entry in `COLUMNS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.arithmetic.compiling import compiled, for_arrays, of_numbers
from sim.arithmetic.elementary import exp
from sim.ledger import ACCOUNTS, BLOCKS, BY_CHANNEL, FLOWS, WELFARE
from sim.model.equations.welfare import herfindahl
from sim.model.minds.zone_room import part_of_zone
from sim.model.world import INDEX, UNITS, World
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum

DIMS: dict[str, tuple[str, ...]] = {
    "vendors": ("vendor", "market"),
    "channels": ("channel",),
    "markets": ("market",),
    "countries": ("country",),
    "partners": ("partner",),
    "zones": ("zone",),
    "regions": ("region",),
    "trade": ("region", "country"),
}
"""Tables of what is recorded, and the axes of their columns between quarter and draw."""
BAND_AXES = ("vendor", "market", "country", "region")
"""Axes of columns of which all draws are summed up at each date."""
PATH_TABLES = ("vendors", "channels", "countries", "markets")
"""Those that are kept for the first draws."""
AXES = {"vendor": "vendors", "market": "markets", "country": "countries", "partner": "partners", "zone": "zones"} | {
    "channel": "channels",
    "region": "regions",
}
"""Attribute of `Axes` that names the members of each of these axes."""
Arrays = dict[str, "np.ndarray | pd.Categorical[Any]"]
"""A table as it is made: an array for each column. A table of pandas is made of it only where somebody reads it."""


class View:
    """The world in the last month of a quarter, and what several columns need of it.

    Parameters
    ----------
    world, month
        The world, and that month.
    """

    def __init__(self, world: World, month: int) -> None:
        self.world, self.month = world, month

    def of_vendors(self, values: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """Sum values [channel, draw] over each vendor's channels, [vendor, market, draw]."""
        return self.world.channels.by_pair(values, out)

    def write_presence(self, out: np.ndarray) -> None:
        """How each vendor is present: the one of its ways of selling that goes furthest, [vendor, market, draw]."""
        channels = self.world.channels
        _furthest(self.world.active, channels.kind, channels.pairs, out.reshape(-1, out.shape[-1]))

    @cached_property
    def sales(self) -> FloatArray:
        """Sales of each vendor in each market, [vendor, market, draw], bn USD a year."""
        return self.of_vendors(self.world.sales)

    def write_price(self, out: FloatArray) -> None:
        """Price that each vendor charges, weighted by sales; 1 where it does not sell, [vendor, market, draw]."""
        world = self.world
        held = (world.sales, world.price, world.active)
        _mean_price(held, world.channels.pairs, world.trend_price(self.month), out.reshape(-1, out.shape[-1]))

    def write_channel_price(self, out: FloatArray) -> None:
        """Price in each channel in use, [channel, draw]; not a number in others."""
        np.multiply(self.world.price, self.world.trend_price(self.month), out=out)
        out[~self.world.active] = np.nan

    @cached_property
    def shares(self) -> FloatArray:
        """Share of each vendor in the sales of each market, [vendor, market, draw]."""
        return _share(self.sales, ordered_sum(self.sales))

    @cached_property
    def accounts(self) -> dict[str, FloatArray]:
        """A country's accounts by name, welfare last, each [country, draw], bn USD in the quarter (equation 8.1)."""
        world, countries = self.world, self._countries
        held = np.zeros((len(ACCOUNTS), *world.axes.shape("country")))
        found = {account.name: values for account, values in zip(ACCOUNTS, held, strict=True)}
        for flow in FLOWS:
            if flow.account is not None:
                values = world.flows[flow.name]
                if flow.dims == ("country",):
                    found[flow.account] += values
                else:
                    parts = self.of_vendors(values) if flow.dims == BY_CHANNEL else values[:, None]
                    _add_up(parts, countries[flow.dims[0]], found[flow.account])
        blocks = np.zeros((len(BLOCKS), *held.shape[1:]))
        for account in ACCOUNTS:
            if account.sign:
                blocks[BLOCKS.index(account.block)] += account.sign * found[account.name]
        return found | {WELFARE: ordered_sum(blocks)}

    @property
    def _countries(self) -> dict[str, IntArray]:
        """Country of each member of an axis, -1 for none, by the name of the axis."""
        base, axes = self.world.base, self.world.axes
        markets = [axes.markets.index(partner.market) for partner in self.world.scenario.partners.values()]
        return {
            "channel": base.home,
            "market": base.market_country,
            "partner": base.market_country[markets],
        }

    @cached_property
    def price_index(self) -> FloatArray:
        """Price index at the end of the quarter, segments weighed by their spending, [market, draw]."""
        weights = self.world.budget / ordered_sum(self.world.budget, axis=1)[:, None]
        return exp(ordered_sum(weights * self.world.log_index, axis=1))

    @cached_property
    def zone_use(self) -> FloatArray:
        """Share of each zone's power and land in use, [zone, draw]."""
        world = self.world
        used = np.zeros(world.axes.shape("zone"))
        for z in range(len(world.axes.zones)):
            inside = world.channels.zone == z
            whole = part_of_zone(world, z, self.month) * np.maximum(world.levers.zone_slots[z], 1.0)
            if inside.any():
                used[z] = ordered_sum(np.where(world.active[inside], world.capacity[inside], 0.0)) / whole
        return used


@compiled
def _add_up(values: FloatArray, countries: IntArray, found: FloatArray) -> None:
    """Add what the members of an axis have, [member, part, draw], to what their countries have, [country, draw]."""
    members, parts, draws = values.shape
    for member in range(members):
        if countries[member] >= 0:
            for d in range(draws):
                whole = 0.0
                for part in range(parts):
                    whole += values[member, part, d]
                found[countries[member], d] += whole


@compiled
def _furthest(active: BoolArray, kinds: IntArray, places: IntArray, found: np.ndarray) -> None:
    """Largest kind among the channels in use that have the same place, [place, draw]; 0 for none."""
    rows, draws = active.shape
    found[:] = 0
    for row in range(rows):
        place, kind = places[row], kinds[row]
        for d in range(draws):
            found[place, d] = max(found[place, d], kind if active[row, d] else 0)


@compiled
def _mean_price(  # noqa: C901 (a loop for each sum, which the compiler can lay side by side)
    channels: tuple[FloatArray, FloatArray, BoolArray], places: IntArray, trend: FloatArray, found: FloatArray
) -> None:
    """Mean of prices over the channels that have the same place, [place, draw], against the base date.

    Parameters
    ----------
    channels
        [channel, draw] sales, prices, and whether each is in use.
    places, trend
        [channel] place of each, and [draw] the common decline of prices.
    found
        [place, draw] gets sales by units; the price itself of one that is alone in use, and 1 of none.
    """
    sales, price, active = channels
    rows, draws = sales.shape
    sold, units, alone, used = np.empty(draws), np.empty(draws), np.empty(draws), np.empty(draws, np.int64)
    for place in range(len(found)):
        sold[:], units[:], alone[:], used[:] = 0.0, 0.0, 0.0, 0
        for row in range(rows):
            if places[row] == place:
                for d in range(draws):
                    sold[d] += sales[row, d]
                for d in range(draws):
                    units[d] += sales[row, d] / price[row, d]
                for d in range(draws):
                    alone[d] += price[row, d] if active[row, d] else 0.0
                for d in range(draws):
                    used[d] += active[row, d]
        for d in range(draws):
            mean = sold[d] / units[d] if units[d] > 0.0 else 1.0
            found[place, d] = (alone[d] if used[d] == 1 else mean) * trend[d]


@of_numbers
def _part(sales: float, total: float) -> float:
    return sales / total if total > 0.0 else 0.0


@for_arrays(_part)
def _share(out: FloatArray, sales: FloatArray, total: FloatArray) -> None:
    for i in range(len(out)):
        out[i] = _part(sales[i], total[i])


@dataclass(frozen=True)
class Column:
    """An output column.

    Attributes
    ----------
    table, name
        Where it stands; see `DIMS`.
    unit, title
        Unit, and what people call it.
    kind
        `flow` of the quarter, or `level` at its end.
    write
        Puts its values into an array [members of the table's axes, draw].
    counted
        How all draws are summed up at each date: as a `band`, as `frequency` of its few values, or not at all.
    """

    table: str
    name: str
    unit: str
    title: str
    kind: Literal["flow", "level"]
    write: Callable[[View, np.ndarray], object]
    counted: Literal["band", "frequency"] | None = None
    dtype: type = np.float64


def _given(read: Callable[[View], np.ndarray]) -> Callable[[View, np.ndarray], None]:
    """Write what a function gives."""

    def write(view: View, out: np.ndarray) -> None:
        out[...] = read(view)

    return write


def _flow(table: str, name: str, flow: str, counted: Literal["band"] | None = None) -> Column:
    """Declare the column of a flow of the ledger."""
    declared = next(held for held in FLOWS if held.name == flow)

    def write(view: View, out: np.ndarray) -> None:
        values = view.world.flows[flow]
        if DIMS[table] == declared.dims:
            out[...] = values
        else:
            view.of_vendors(values, out)

    return Column(table, name, "bn USD", declared.title, "flow", write, counted)


def _account(name: str, title: str) -> Column:
    """Declare the column of a country's account."""
    return Column("countries", f"{name}_bn", "bn USD", title, "flow", _given(lambda view: view.accounts[name]), "band")


def _countries() -> tuple[Column, ...]:
    """Columns of countries: their accounts in order, the average tariff after what is imported, welfare last."""
    accounts = [_account(held.name, held.title) for held in ACCOUNTS]
    place = [held.name for held in ACCOUNTS].index("imports") + 1
    title = "average tariff on goods of the other countries, weighted by free trade"
    rates = _given(lambda view: view.world.average_tariff)
    tariff = Column("countries", "average_tariff", "share of one", title, "level", rates, "band")
    return (*accounts[:place], tariff, *accounts[place:], _account(WELFARE, "welfare"))


COLUMNS: tuple[Column, ...] = (
    Column(
        "vendors",
        "presence",
        "Presence",
        "how the vendor is present",
        "level",
        View.write_presence,
        "frequency",
        np.int8,
    ),
    Column(
        "vendors",
        "share",
        "share of one",
        "share of the market's sales",
        "level",
        _given(lambda view: view.shares),
        "band",
    ),
    _flow("vendors", "revenue_bn", "revenue"),
    _flow("vendors", "profit_bn", "profit"),
    _flow("vendors", "capex_bn", "capex"),
    Column(
        "vendors",
        "price",
        INDEX,
        "price",
        "level",
        View.write_price,
    ),
    Column(
        "vendors",
        "capacity_units",
        UNITS,
        "capacity of data centres",
        "level",
        lambda view, out: view.of_vendors(view.world.capacity, out),
    ),
    Column(
        "channels", "in_use", "1 or 0", "whether the vendor sells so", "level", _given(lambda view: view.world.active)
    ),
    _flow("channels", "revenue_bn", "revenue"),
    _flow("channels", "profit_bn", "profit"),
    Column(
        "channels",
        "price",
        INDEX,
        "price",
        "level",
        View.write_channel_price,
    ),
    Column(
        "channels",
        "capacity_units",
        UNITS,
        "capacity of data centres",
        "level",
        _given(lambda view: view.world.capacity),
    ),
    _flow("markets", "total_bn", "spending", "band"),
    _flow("markets", "unmet_bn", "unmet", "band"),
    Column(
        "markets",
        "price_index",
        INDEX,
        "price index of cloud services",
        "level",
        _given(lambda view: view.price_index),
        "band",
    ),
    Column(
        "markets",
        "foreign_share",
        "share of one",
        "share of foreign vendors",
        "level",
        _given(lambda view: ordered_sum(view.shares * ~view.world.base.domestic[:, :, None])),
        "band",
    ),
    Column(
        "markets",
        "hhi",
        "index, 0 to 1",
        "concentration (Herfindahl)",
        "level",
        _given(lambda view: herfindahl(view.shares)),
        "band",
    ),
    _flow("markets", "customer_surplus_bn", "surplus", "band"),
    *_countries(),
    _flow("partners", "income_bn", "partner"),
    _flow("regions", "real_income_bn", "real_income", "band"),
    _flow("trade", "imports_bn", "trade", "band"),
    _flow("trade", "declared_bn", "declared", "band"),
    Column(
        "zones", "used_share", "share of one", "share of the zone in use", "level", _given(lambda view: view.zone_use)
    ),
)
"""All that is recorded, in the order of tables."""


def columns_of(table: str) -> tuple[str, ...]:
    """Names of a table's columns in order."""
    return tuple(column.name for column in COLUMNS if column.table == table)


def money_of(table: str) -> tuple[str, ...]:
    """Names of those of a table's columns that are flows of money."""
    return tuple(column.name for column in COLUMNS if column.table == table and column.kind == "flow")
