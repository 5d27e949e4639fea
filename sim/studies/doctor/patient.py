"""What all checks look at: a scenario, its runs, and its world at the base date; each is made once, when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from sim.ledger import FLOWS
from sim.model.channels import NOBODY
from sim.model.equations.nests import LEAST_COST_SHARE
from sim.model.luck import Draws
from sim.model.recorder import Paths
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.policies.levers import DECLARED
from sim.quantities import FloatArray
from sim.runs.batch_task import Batch
from sim.runs.run_many import Job, run_one
from sim.scenario.schema import Presence, Scenario
from sim.studies.doctor.variants import at_its_centre, with_presence_fixed
from sim.timeline import Phase, Process, Timeline

WATCHED = (
    "access",
    "active",
    "activity",
    "bought_now",
    "budget",
    "capacity",
    "cost",
    "divided",
    "export_fee",
    "free",
    "home_services_tax",
    "limit_of_buyers",
    "limit_of_sellers",
    "log_index",
    "log_response",
    "price",
    "purchases",
    "rerouted",
    "sales",
    "services_tax",
    "slow_response",
    "surplus",
    "tariff_at_sea",
    "tariff_layer",
    "unmet",
    "wage_response",
    *(f"{flow.name}_flow" for flow in FLOWS),
)
"""Arrays of the world or of its levers that are copied at the end of every month, and all flows of money."""
PRICING = (
    "active",
    "asking_cost",
    "cost",
    "cost_increase",
    "growth",
    "hardware_tariff",
    "home_services_tax",
    "made",
    "residency",
    "services_tax",
)
"""Arrays that are copied when vendors set prices; their prices before are copied a phase earlier."""
ORDERING = ("active", "capacity", "growth", "on_order", "price", "sales")
"""Arrays that are copied in the phase before vendors order."""


def potential(world: World) -> FloatArray:
    """Sales if all spending were up for choice now, [channel, draw], bn a year."""
    rows = range(len(world.channels.rows))
    won: FloatArray = (world.shares(rows) * world.budget[world.channels.market]).sum(axis=1)
    return won


def margin(world: World) -> FloatArray:
    """Margin over price at which each channel's vendor earns most, [channel, draw], share of one.

    That of a channel alone is what fee and tax leave, over the elasticity of its sales. Of several in one market each
    loses to the market, and to the vendor's others, so the conditions for all of them are solved together.
    """
    kept = 1.0 - world.base.fee - world.services_tax
    found: FloatArray = kept / elasticity(world, alone=True)
    for m in range(len(world.axes.markets)):
        for v in range(len(world.axes.vendors)):
            rows = list(world.channels.of(v, m))
            several = world.active[rows].sum(axis=0) > 1
            if several.any():
                found[rows] = np.where(several, _joint_margin(world, rows, kept[rows]), found[rows])
    return found


def _joint_margin(world: World, rows: list[int], kept: FloatArray) -> FloatArray:
    """Solve sum_k stake_k m_k sum_g R_kg (mu [j = k] - (mu - eps_g) s_jg) = stake_j kept_j sum_g R_jg for all j."""
    base, share = world.base, world.shares(rows)
    whole, segments = share.sum(axis=0), len(world.axes.segments)
    eps = base.sigma * (1.0 - whole) + base.eta * whole
    inside = np.divide(share, whole, out=np.zeros_like(share), where=whole > 0.0)
    spent = world.of_channels(world.revenue, rows).sum(axis=0)
    spent[:segments] += spent.sum(axis=0) <= 0.0
    revenue = inside * spent
    conditions = -np.einsum("kgd,jgd->djk", revenue * (base.mu - eps), inside)
    sales, stake = revenue.sum(axis=1), world.stake[rows]
    for j in range(len(rows)):
        conditions[:, j, j] += np.where(sales[j] > 0.0, base.mu * sales[j], 1.0)
    solved = np.linalg.solve(conditions, (stake * kept * sales).T[..., None])[..., 0].T / stake
    return np.minimum(solved, kept - LEAST_COST_SHARE)


def elasticity(world: World, *, alone: bool = False) -> FloatArray:
    """Elasticity of what is sold in each channel to its price, [channel, draw].

    Parameters
    ----------
    alone
        Whether as if it were its vendor's only one, weighted by its revenue; segments count alike where there is none.
        Else beside the vendor's others, weighted by what customers would now buy.
    """
    base, segments = world.base, len(world.axes.segments)
    found = np.zeros_like(world.price) + base.eta
    for m, here in enumerate(world.sellers):
        groups, vendors = slice(base.groups[m]), world.channels.vendor[here]
        share = world.attraction[m] * world.per_attraction[m, groups]
        whole = share if alone else np.stack([share[vendors == vendor].sum(axis=0) for vendor in vendors])
        weight = world.revenue[m] if alone else share * world.budget[m, groups]
        alike = np.zeros_like(weight)
        alike[:, :segments] = 1.0
        weight = np.where(weight.sum(axis=1, keepdims=True) > 0.0, weight, alike)
        weight = weight / weight.sum(axis=1, keepdims=True)
        of_vendor = base.sigma[groups] * (1.0 - whole) + base.eta * whole
        inside = np.divide(share, whole, out=np.ones_like(share), where=whole > 0.0)
        found[here] = (weight * (base.mu * (1.0 - inside) + of_vendor * inside)).sum(axis=1)
    return found


def asked_of_room(world: World) -> FloatArray:
    """What customers would now buy of each channel in a zone over what it has room for, both at a price of 1."""
    found, slots = np.zeros_like(world.price), np.maximum(world.levers.zone_slots, 1.0)
    plans, wanted = list(world.scenario.zones.values()), potential(world)
    for row, channel in enumerate(world.channels.rows):
        if channel.zone != NOBODY:
            found[row] = wanted[row] * slots[channel.zone] / world.value(plans[channel.zone].capacity_units)
    return found


def revenue(world: World) -> FloatArray:
    """Spending served in each channel, [channel, group, draw], bn a year."""
    return world.of_channels(world.revenue, range(len(world.channels.rows)))


Look = Callable[[World], FloatArray]
"""Takes something down from the world."""
PRICED: dict[str, Look] = {"margin": margin, "elasticity": elasticity, "asked_of_room": asked_of_room}
"""What vendors reckon with when they set prices."""


def looks_at(names: Sequence[str]) -> dict[str, Look]:
    """Look at arrays of the world or of its levers."""

    def look(name: str) -> Look:
        if name.endswith("_flow"):
            return lambda world: world.flows[name.removesuffix("_flow")].copy()
        if name == "access":
            return lambda world: world.of_channels(world.access, range(len(world.channels.rows)))
        return lambda world: getattr(world.levers if name in DECLARED else world, name).copy()

    return {name: look(name) for name in names}


class Observer:
    """A guest of a run who takes things down in one phase of every month.

    Others may already have acted in that phase, so the looks are at what nobody writes in it.

    Parameters
    ----------
    phase
        When to look.
    looks
        What to look at, by name.
    """

    def __init__(self, phase: Phase, looks: Mapping[str, Look]) -> None:
        self.phase = phase
        self.looks = looks
        self.worlds: list[World] = []
        self._seen: dict[str, list[FloatArray]] = {name: [] for name in looks}

    def __call__(self, timeline: Timeline, world: World) -> Process:
        """Look on."""
        self.worlds.append(world)
        while True:
            yield timeline.turn(self.phase)
            for name, look in self.looks.items():
                self._seen[name].append(look(world))

    def months(self) -> dict[str, FloatArray]:
        """Give what was seen, [month, ..., draw] by name."""
        return {name: np.stack(copies) for name, copies in self._seen.items()}


@dataclass(frozen=True)
class Visit:
    """One run that was looked at month by month.

    Attributes
    ----------
    paths
        What the run reports.
    world
        The world at the end.
    months
        [month, ..., draw] what was seen at the end of every month, by name.
    before_prices
        The same for what prices depend on, just before vendors set them.
    before_orders, after_orders
        The same for what orders depend on, just before vendors order, and for what is on order just after.
    """

    paths: Paths
    world: World
    months: dict[str, FloatArray]
    before_prices: dict[str, FloatArray]
    before_orders: dict[str, FloatArray]
    after_orders: dict[str, FloatArray]


def visited(scenario: Scenario, draws: range, seed: int) -> Visit:
    """Run a scenario and look at it month by month."""
    [visit] = run_one(Job(scenario, draws, seed, _visited, batch=len(draws)))
    return cast("Visit", visit)


def _visited(batch: Batch) -> Visit:
    end = Observer(Phase.RECORD, looks_at(WATCHED) | {"revenue": revenue})
    # who acts only every few months comes before a guest who looks every month, so looks are taken a phase earlier
    old = Observer(Phase.SUPPLY, looks_at(("price",)))
    prices = Observer(Phase.PRICING, {**looks_at(PRICING), **PRICED})
    before = Observer(Phase.PARTNERS, looks_at(ORDERING) | {"potential": potential})
    after = Observer(Phase.GOODS, looks_at(("on_order",)))
    paths = batch.paths(guests=(end, old, prices, before, after))
    return Visit(paths, end.worlds[0], end.months(), old.months() | prices.months(), before.months(), after.months())


def services_tax(world: World, seen: Mapping[str, FloatArray]) -> FloatArray:
    """Tax on revenue in each channel, out of rates that were seen, [month, channel, draw]."""
    vendors, markets = list(world.scenario.vendors.values()), list(world.scenario.markets.values())
    at_home = np.array([vendors[row.vendor].home == markets[row.market].country for row in world.channels.rows])
    m = world.channels.market
    return np.where(at_home[:, None], seen["home_services_tax"][:, m], seen["services_tax"][:, m])


def by_pair(world: World, seen: FloatArray) -> FloatArray:
    """Sum what was seen of channels over those of each vendor and market, [month, vendor, market, ..., draw]."""
    return np.stack([world.channels.by_pair(values) for values in seen])


def selling(world: World, *kinds: Presence) -> list[int]:
    """Give the channels in use at the base date whose vendor sells there in every draw; of some kinds, or of all."""
    channels, sales = world.channels, world.base.sales
    sells = channels.at_start & (sales[channels.vendor, channels.market] > 0.0).all(axis=1)
    found: list[int] = np.flatnonzero(sells & channels.of_kind(*(kinds or Presence))).tolist()
    return found


MANY = 256
"""Draws in which rare things are looked for; whole blocks of random numbers."""


@dataclass(frozen=True)
class Patient:
    """A scenario that is examined.

    Attributes
    ----------
    scenario
        The user's.
    draws
        Draws of the run that is looked at.
    seed
        Its seed.
    """

    scenario: Scenario
    draws: range
    seed: int

    @cached_property
    def visit(self) -> Visit:
        """The scenario as it stands."""
        return visited(self.scenario, self.draws, self.seed)

    @cached_property
    def start(self) -> World:
        """The world at the base date, in all draws."""
        return build_world(self.scenario, Draws(self.seed, self.draws))

    @cached_property
    def many(self) -> World:
        """The world at the base date in more draws, to see what is rare."""
        return build_world(self.scenario, Draws(self.seed, range(max(MANY, len(self.draws)))))

    @cached_property
    def centre(self) -> Scenario:
        """The scenario with each distribution at its central value and without shocks."""
        return at_its_centre(self.scenario)

    @cached_property
    def fixed(self) -> Visit:
        """The scenario with constants, without talks, and with every vendor present as at the base date."""
        return visited(with_presence_fixed(self.centre), range(1), self.seed)
