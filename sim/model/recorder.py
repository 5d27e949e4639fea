"""The recorder: copies what is reported at the end of every quarter, and turns it into long tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.model.columns import AXES, COLUMNS, DIMS, Arrays, View, columns_of
from sim.model.start.parties import axes_of
from sim.model.world import RoundHeld, World
from sim.policies.levers import Axes
from sim.quantities import MONTHS_PER_QUARTER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence, Scenario, Vendor
from sim.timeline import Phase, Process, Timeline
from sim.values import Number

OUTCOMES = ("deal_month", "broken_month", "no_deal_month", "package")
"""What the talks come to, as the world holds it."""


@dataclass(frozen=True)
class Paths:
    """What was recorded for some draws.

    Attributes
    ----------
    scenario
        The scenario run.
    seed
        Seed of the run.
    draws
        [draw] draw numbers.
    vendors, channels, markets, countries, partners, zones, regions, trade
        For each column an array [quarter, member, (market,) draw]; vendors have both vendor and market.
    outcomes
        For each outcome of the talks an array [draw].
    events
        Draw numbers, month, actor, event, detail, in the order of play.
    uncertain
        Uncertain numbers that some draw needed, by dotted path.
    rounds
        What happened at each round between governments that bargain.
    """

    scenario: Scenario
    seed: int
    draws: IntArray
    vendors: dict[str, FloatArray]
    channels: dict[str, FloatArray]
    markets: dict[str, FloatArray]
    countries: dict[str, FloatArray]
    partners: dict[str, FloatArray]
    zones: dict[str, FloatArray]
    regions: dict[str, FloatArray]
    trade: dict[str, FloatArray]
    outcomes: dict[str, IntArray]
    events: tuple[tuple[IntArray, int, str, str, str], ...]
    uncertain: dict[str, Number]
    rounds: tuple[RoundHeld, ...] = ()

    @cached_property
    def axes(self) -> Axes:
        """Names along the axes."""
        return axes_of(self.scenario, len(self.draws))

    @cached_property
    def world_ranks(self) -> FloatArray:
        """Place of each vendor by world revenue in each quarter, [quarter, vendor, draw]; 1 is the largest.

        Vendors that stand for the rest of a market, and those without sales, are left out (not a number).
        """
        revenue = ordered_sum(self.vendors["revenue_bn"], axis=2)
        named = named_vendors(self.scenario)
        ranked = np.where(named[None, :, None], revenue, -np.inf)
        order = (-ranked).argsort(axis=1, kind="stable")
        ranks = np.empty_like(revenue)
        places = np.broadcast_to(np.arange(1.0, revenue.shape[1] + 1)[None, :, None], revenue.shape)
        np.put_along_axis(ranks, order, places, axis=1)
        return np.where(named[None, :, None], ranks, np.nan)


def named_vendors(scenario: Scenario) -> BoolArray:
    """Whether each vendor is one firm with sales of its own, [vendor]."""
    return np.array([_is_one_firm(vendor) for vendor in scenario.vendors.values()])


def _is_one_firm(vendor: Vendor) -> bool:
    sales = vendor.sales.values()
    return any(held.share is not None or held.split is not None for held in sales) and not any(
        held.residual for held in sales
    )


POLICY_RATE, OWN_RATE = "policy_rate", "own_rate"
"""Outcomes that are rates at which present values are taken, [draw], log rates per year."""
PATH_FAMILIES = (*DIMS, "outcomes")


def first_draws(paths: Paths, below: int) -> Paths | None:
    """Cut paths to the draws below a number, events left out; None if there are none, the same if these are all."""
    count = int(np.searchsorted(paths.draws, below))
    if count == 0:
        return None
    if count == len(paths.draws):
        return paths
    families: dict[str, Any] = {
        family: {name: values[..., :count] for name, values in getattr(paths, family).items()}
        for family in PATH_FAMILIES
    }
    return replace(paths, draws=paths.draws[:count], events=(), rounds=(), **families)


class Recorder:
    """Copies the world at the end of each quarter."""

    def __init__(self, world: World) -> None:
        self.world = world
        quarters, shape = world.scenario.calendar.quarters, world.axes.shape
        self._held: dict[str, dict[str, FloatArray]] = {family: {} for family in DIMS}
        for column in COLUMNS:
            self._held[column.table][column.name] = np.empty((quarters, *shape(*DIMS[column.table])), column.dtype)

    def watch(self, timeline: Timeline) -> Process:
        """Look at the world in the last month of every quarter, then set its flows back to zero."""
        while True:
            month = yield timeline.turn(Phase.RECORD)
            if (month + 1) % MONTHS_PER_QUARTER == 0:
                view = View(self.world, month)
                for column in COLUMNS:
                    column.write(view, self._held[column.table][column.name][month // MONTHS_PER_QUARTER])
                for flow in self.world.flows.values():
                    flow[:] = 0.0

    def paths(self) -> Paths:
        """Give all that was recorded."""
        world = self.world
        outcomes = {name: getattr(world, name).copy() for name in OUTCOMES}
        outcomes[OWN_RATE] = world.value(world.scenario.presence.discount)
        if world.scenario.focus.discount is not None:
            outcomes[POLICY_RATE] = world.value(world.scenario.focus.discount)
        draws = world.draws.numbers.copy()
        return Paths(
            world.scenario,
            world.draws.seed,
            draws,
            outcomes=outcomes,
            events=tuple(world.events),
            uncertain=world.draws.uncertain,
            rounds=tuple(world.rounds),
            **self._held,
        )


def path_table(paths: Paths, table: str) -> Arrays:
    """Row per draw, quarter and member of the table's axes, sorted by them; a column for each that is recorded.

    Each column moves into the memory of the one before it: fresh memory costs about as much as the whole table.

    Parameters
    ----------
    paths
        Paths that nobody else needs: the arrays of the table are taken out of them.
    table
        "vendors", "channels", "markets" or "countries".
    """
    arrays, names = getattr(paths, table), {axis: getattr(paths.axes, AXES[axis]) for axis in DIMS[table]}
    dates = np.array(paths.scenario.calendar.quarter_dates(), dtype="datetime64[ns]")
    draws, inner = len(paths.draws), math.prod(len(members) for members in names.values())
    found: Arrays = {
        "draw": np.repeat(paths.draws, len(dates) * inner),
        "date": np.tile(np.repeat(dates, inner), draws),
    }
    outer = draws * len(dates)
    for name, members in names.items():
        inner //= len(members)
        codes = np.tile(np.repeat(np.arange(len(members), dtype=np.int32), inner), outer)
        found[name] = pd.Categorical.from_codes(codes, categories=pd.Index(members))
        outer *= len(members)
    free = np.empty(outer)
    for column in columns_of(table):
        values = arrays.pop(column)
        found[column] = laid = free if values.dtype == free.dtype else np.empty(outer, values.dtype)
        laid.reshape(draws, -1)[:] = values.reshape(-1, draws).T
        if values.dtype == free.dtype:
            free = values.reshape(-1) if values.flags.c_contiguous else np.empty(outer)
    if "presence" in found:
        kinds = pd.Index([presence.name.lower() for presence in Presence])
        found["presence"] = pd.Categorical.from_codes(np.asarray(found["presence"]), categories=kinds)
    return found


def events_table(paths: Paths) -> Arrays:
    """Row per event and draw, sorted by draw, date, actor, event and detail."""
    calendar = paths.scenario.calendar
    events = sorted(paths.events, key=lambda event: event[1:])
    draws = np.concatenate([np.empty(0, dtype=np.int64), *(event[0] for event in events)])
    order = np.argsort(draws, kind="stable")
    rows = np.repeat(np.arange(len(events)), [len(event[0]) for event in events])[order]
    dates = np.array([calendar.date_of(event[1]) for event in events], dtype="datetime64[ns]")
    table: Arrays = {"draw": draws[order], "date": dates[rows]}
    for k, column in enumerate(("actor", "event", "detail"), start=2):
        words, codes = np.unique(np.array([event[k] for event in events], dtype=object), return_inverse=True)
        table[column] = pd.Categorical.from_codes(codes[rows], categories=pd.Index(words.tolist()))
    return table
