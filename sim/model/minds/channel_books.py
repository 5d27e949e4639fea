"""What vendors reckon with in a market: their channels, its customers, and what plans would earn."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp
from sim.model.channels import NOBODY
from sim.model.equations.present_value import (
    Contracts,
    Earning,
    Moves,
    Outlook,
    Plans,
    contracts_when_live,
    growth_until_live,
    profit_value,
    revenue_value,
    within_limits,
)
from sim.model.equations.prospects import Offers, Rivals, Ways, as_set, prospect
from sim.model.equations.terms import Terms, fee_markup
from sim.model.minds.channel_changes import Cells
from sim.model.minds.own_services import captive_cost
from sim.model.minds.zone_room import part_of_zone
from sim.model.presence_rules import write_access, write_penalty
from sim.model.world import World
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence


class Books:
    """What vendors reckon with in one market under the rules of `world.levers`.

    Parameters
    ----------
    world, cells, month
        The run, who reckons, and the month.
    """

    def __init__(self, world: World, cells: Cells, month: int) -> None:
        self.world, self.cells, self.month = world, cells, month
        segments, groups = len(world.axes.segments), world.base.groups[cells.m]
        held: BoolArray = np.any(world.base.width[cells.m, :groups] > 0.0, axis=-1)
        held[:segments] |= not world.divided[cells.m].all()
        self.groups = np.flatnonzero(held)  # nobody is in the others

    def _by_group(self, values: FloatArray) -> FloatArray:
        """Values [group, draw] of the groups that somebody is in, [group, cell]."""
        return values[self.groups[:, None], self.cells.draw]

    def _of_sellers(self, values: FloatArray, places: IntArray, divides: BoolArray) -> FloatArray:
        """Values of sellers, [seller, group, draw], by their places, [slot, cell]: [slot, group, cell]."""
        found = np.empty((len(places), len(self.groups), len(self.cells.of)))
        segments, width = len(self.world.axes.segments), self.world.base.width[self.cells.m]
        _write_of_sellers(values, places, (self.groups, self.cells.draw), segments, (divides, width), found)
        return found

    @cached_property
    def _places(self) -> IntArray:
        """Place of each channel among those in use in the market, [slot, cell]; -1 where it is not in use."""
        here = self.world.sellers[self.cells.m]
        places = np.full(len(self.world.channels.rows) + 1, -1)
        places[here] = np.arange(len(here))
        return places[self.cells.rows]

    @cached_property
    def active(self) -> BoolArray:
        """Whether each channel is in use now, [slot, cell]."""
        return self.cells.active(self.world)

    @cached_property
    def access(self) -> FloatArray:
        """Share of each group of customers that each channel may serve, [slot, group, cell]."""
        world, cells = self.world, self.cells
        found = np.empty((len(cells.rows), len(self.groups), len(cells.of)))
        write_access(world.reach, world.base.within[cells.m], self.groups, cells.rows, cells.draw, found)
        return found

    @cached_property
    def pull(self) -> FloatArray:
        """Attraction of each channel at a price of 1, [slot, group, cell]."""
        world, cells = self.world, self.cells
        lost, found = np.empty(cells.rows.shape), np.empty(self.access.shape)
        write_penalty(world.losses, cells.rows, cells.draw, lost)
        moving = world.drift[cells.v, cells.m, cells.draw] - lost
        quality = world.owned_quality[cells.v, cells.m, :, cells.draw].T
        _write_appeal(self.access, self.groups, np.ascontiguousarray(quality), moving, found)
        return found

    @cached_property
    def price(self) -> FloatArray:
        """Price that each channel charges, or, where it is not in use, the vendor's others do, [slot, cell]."""
        asked = self.world.price[self.cells.rows, self.cells.draw]
        count = self.active.sum(axis=0)
        mean = np.where(count > 0, ordered_sum(np.where(self.active, asked, 0.0)) / np.maximum(count, 1), 1.0)
        return np.where(self.active, asked, mean)

    @cached_property
    def limit(self) -> FloatArray:
        """Most that each channel can sell at a price of 1, [slot, cell], bn a year; infinite outside of zones."""
        zones = self._zones
        found = np.full(zones.shape, np.inf)
        for z in np.unique(zones[zones != NOBODY]):
            limit = part_of_zone(self.world, int(z), self.month) * self.world.trend_price(self.month)
            np.copyto(found, limit[self.cells.draw], where=zones == z)
        return found

    @cached_property
    def _zones(self) -> IntArray:
        """Zone of each channel, `NOBODY` for none, [slot, cell]."""
        cells = self.cells
        found: IntArray = np.where(cells.rows == NOBODY, NOBODY, self.world.channels.zone[cells.rows])
        return found

    @cached_property
    def terms(self) -> Terms:
        """What of a customer's dollar would go to whom, [slot, cell]."""
        world, rows, draw = self.world, self.cells.rows, self.cells.draw
        return Terms(world.base.fee[rows, draw], world.services_tax[rows, draw], stakes(world, rows, draw))

    @cached_property
    def offers(self) -> Offers:
        """All channels of the vendors, in use or not."""
        base, rows, draw = self.world.base, self.cells.rows, self.cells.draw
        mu, sigma = base.mu[draw], self.rivals.sigma
        cost, carries = self.world.cost[rows, draw], base.carries[rows, draw]
        return Offers(self.pull, cost, self.limit, self.terms, carries, (mu - 1.0) / (sigma - 1.0), mu)

    @cached_property
    def contracts(self) -> Contracts:
        """What is under contract in each channel, and who may go on serving it."""
        world, m, places = self.world, self.cells.m, self._places
        spending = self._of_sellers(world.revenue[m], places, self._divides)
        return Contracts(spending, self._of_sellers(world.access[m], places, world.nowhere), self.access)

    @cached_property
    def _divides(self) -> BoolArray:
        """Draws in which the rules reckoned with divide the customers of the market for the first time."""
        return self.world.divides(self.cells.m)

    @cached_property
    def rivals(self) -> Rivals:
        """The market that the vendors face."""
        world, m, whole = self.world, self.cells.m, np.zeros((1, len(self.cells.of)), dtype=np.int64)
        [budget] = self._of_sellers(world.budget[None, m], whole, self._divides)
        own = ordered_sum(self._of_sellers(world.attraction[m], self._places, world.nowhere))
        total, sigma = self._by_group(world.attraction_total[m]), self._by_group(world.base.sigma)
        return Rivals(np.maximum(total - own, 0.0), total, budget, sigma, world.base.eta[self.cells.draw])

    def plans(self, sets: IntArray, cell: IntArray) -> tuple[Plans, IntArray]:
        """Ways of using the channels, each worked out once, and for each case its place among them.

        Parameters
        ----------
        sets
            [case] channels that would be in use (`as_set`).
        cell
            [case] which of the cells.
        """
        ways, index, unlimited = Ways.distinct(cell, sets, as_set(self._zones != NOBODY))
        return Plans(ways, unlimited, prospect(self.rivals, self.offers, self.price, ways)), index

    def worth(self, plans: Plans, moves: Moves, outlook: Outlook) -> FloatArray:
        """Present value of what plans earn from the day on which they are live (equation 5.3), [move].

        Parameters
        ----------
        plans, moves
            The plans, and the changes that lead to them.
        outlook
            How the vendors look ahead, [horizon] in the place of [draw].
        """
        base, rows, draw = self.world.base, self.cells.rows, self.cells.draw
        fixed = self.terms.stake * base.fixed_cost[rows, draw]
        markup = fee_markup(self.terms.fee)
        earning = Earning(plans.prospects.margin, fixed, self.offers.weights, markup, self._captive)
        return profit_value(outlook, plans.ways, moves, earning, self._revenue(plans, moves, outlook))

    @cached_property
    def _captive(self) -> FloatArray:
        """Cost of running services for own customers, without a partner's fee, [cell], bn a year."""
        found = np.zeros(len(self.cells.of))
        for v in self.captive_vendors:
            here = self.cells.v == v
            found[here] = captive_cost(self.world, v, self.cells.m, self.month)[self.cells.draw[here]]
        return found

    @property
    def captive_vendors(self) -> list[int]:
        """Vendors among them with services for own customers in the market."""
        own = self.world.runs_for_own_customers
        return [v for v in self.cells.vendors.tolist() if (v, self.cells.m) in own]

    def _revenue(self, plans: Plans, moves: Moves, outlook: Outlook) -> FloatArray:
        """Present value of what the channels of plans sell, [slot, move], bn."""
        sales, growth = plans.prospects.sales, growth_until_live(outlook)
        begins = contracts_when_live(self.contracts, plans, moves, growth[moves.horizon])
        found = revenue_value(outlook, moves.horizon, begins, np.take(sales, moves.after, axis=1))
        some = np.flatnonzero(plans.unlimited[moves.after] != moves.after)
        if len(some):
            full = moves.some(some)
            limit, asked = (np.take(values, full.after, axis=1) for values in (plans.prospects.limit, sales))
            instead = self._without_limited(plans, full, limit, sales, outlook)
            found[:, some] = within_limits(outlook, full.horizon, np.take(begins, some, axis=1), asked, limit, instead)
        return found

    def _without_limited(
        self, plans: Plans, moves: Moves, limit: FloatArray, sales: FloatArray, outlook: Outlook
    ) -> FloatArray:
        """What the others would sell if there were none of the channels with a limit, [slot, move], bn."""
        rest = moves._replace(after=plans.unlimited[moves.after])
        begins = contracts_when_live(self.contracts, plans, rest, growth_until_live(outlook)[moves.horizon])
        value = revenue_value(outlook, moves.horizon, begins, np.take(sales, rest.after, axis=1))
        others = plans.ways.used[:, moves.after] & np.isinf(limit)
        slots = np.maximum(np.cumsum(others, axis=0) - 1, 0)
        return np.where(others, np.take_along_axis(value, slots, axis=0), 0.0)


@compiled
def _write_of_sellers(
    values: FloatArray,
    places: IntArray,
    cells: tuple[IntArray, IntArray],
    segments: int,
    parts: tuple[BoolArray, FloatArray],
    found: FloatArray,
) -> None:
    """Write values of sellers, [slot, group, cell]: 0 for who is none, parts of their segment's where this divides."""
    (groups, draw), (divides, width) = cells, parts
    for k in range(len(places)):
        for i in range(len(groups)):
            g = groups[i]
            for c in range(len(draw)):
                place, d = places[k, c], draw[c]
                if place < 0:
                    found[k, i, c] = 0.0
                elif divides[d]:
                    found[k, i, c] = values[place, g % segments, d] * width[g, d]
                else:
                    found[k, i, c] = values[place, g, d]


@compiled
def _write_appeal(
    access: FloatArray, groups: IntArray, quality: FloatArray, moving: FloatArray, found: FloatArray
) -> None:
    """Write `appeal` of channels, [slot, group, cell], whose quality is that of the segment.

    Parameters
    ----------
    quality, moving
        [segment, cell] quality if a vendor owned its data centres, and [slot, cell] what is added to it.
    """
    segments, cells = quality.shape
    pull = np.empty(cells)
    for k in range(len(moving)):
        for s in range(segments):
            for c in range(cells):
                pull[c] = exp(quality[s, c] + moving[k, c])
            for i in range(len(groups)):
                if groups[i] % segments == s:
                    for c in range(cells):
                        found[k, i, c] = access[k, i, c] * pull[c]


def stakes(world: World, rows: IntArray, draw: IntArray) -> FloatArray:
    """Share of profit that vendors have in channels.

    A foreign owner has the stake that the national rule allows; all where the rule allows none, as its data centres
    then close.

    Parameters
    ----------
    rows, draw
        Channels and draws that fit each other.
    """
    channels = world.channels
    cap = world.levers.equity_cap[channels.market[rows], draw]
    capped = (channels.reviewed & (channels.kind == Presence.OWNED))[rows] & (cap > 0.0)
    return np.where(capped, cap, 1.0)
