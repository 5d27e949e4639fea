# ruff: noqa: RUF009 (`array` declares a field)
"""World: each array declared once, with its dimensions, unit, writer and meaning. The last axis is always draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from sim.arithmetic.elementary import exp, expm1, log1p
from sim.ledger import FLOWS
from sim.model.channels import NOBODY, Channels
from sim.model.equations.closing import Customers, Means, close_channels
from sim.model.equations.nests import Nests
from sim.model.equations.terms import Terms
from sim.model.luck import Draws
from sim.model.presence_rules import Losses, Reach, over_groups, own_losses, write_access, write_penalty
from sim.policies import Policy
from sim.policies.levers import ALWAYS, Axes, Levers
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray, middles, ordered_sum
from sim.scenario.schema import Scenario
from sim.timeline import Phase
from sim.values import Number


def array(*dims: str, unit: str, set_in: Phase | None, doc: str) -> Any:
    """Declare one array of the world: its dimensions before draws, unit, the phase that writes it, and meaning."""
    return field(metadata={"dims": dims, "unit": unit, "set_in": set_in, "doc": doc})


BySeller = list[FloatArray]
"""For each market an array [seller, ...] over the channels in use there (`World.sellers`)."""

AWAY = -1
"""Stands for no channel: what a vendor applies for that closes one and opens none."""

BN = "bn USD a year"
UNITS = "compute units (bn USD a year at base prices)"
INDEX = "index, 1 at the base date"
SHARE = "share of one"
LOG = "log points"
ROWS = "log points, or bn USD a year at the size of the base date"


@dataclass(frozen=True)
class Base:
    """What is known at the base date and does not change during a run."""

    sigma: FloatArray = array("group", unit="elasticity", set_in=None, doc="Substitution between vendors.")
    eta: FloatArray = array(unit="elasticity", set_in=None, doc="Elasticity of a market's volume.")
    churn_month: FloatArray = array(unit=SHARE, set_in=None, doc="Contracts up for choice each month.")
    churn_rate: FloatArray = array(unit="log share per year", set_in=None, doc="Contract run-off.")
    domestic: BoolArray = array("vendor", "market", unit="true or false", set_in=None, doc="Vendor is at home here.")
    home: IntArray = array("vendor", unit="country index, -1 for none", set_in=None, doc="Country of a vendor.")
    market_country: IntArray = array("market", unit="country index, -1", set_in=None, doc="Country of a market.")
    cost: FloatArray = array("channel", unit=INDEX, set_in=None, doc="Unit cost at the base date.")
    attraction: FloatArray = array("channel", "segment", unit=SHARE, set_in=None, doc="Base expenditure shares.")
    sales: FloatArray = array("vendor", "market", unit=BN, set_in=None, doc="Sales at the base date.")
    sells: BoolArray = array(
        "vendor", "market", unit="true or false", set_in=None, doc="Whether it has customers or may win some."
    )
    gap: FloatArray = array("vendor", "market", unit=LOG, set_in=None, doc="Catch-up in the end.")
    tau: FloatArray = array("vendor", "market", unit="years", set_in=None, doc="Time constant of catch-up.")
    start_size: FloatArray = array("market", unit=BN, set_in=None, doc="Market size at the base date.")
    start_spending: FloatArray = array("market", "segment", unit=BN, set_in=None, doc="Spending at the base date.")
    spending_path: FloatArray = array(
        "month", "market", "segment", unit=BN, set_in=None, doc="Spending on trend in mid-month, shocks in."
    )
    width: FloatArray = array("market", "group", unit=SHARE, set_in=None, doc="Part of its segment in a group.")
    within: FloatArray = array("market", "group", unit=SHARE, set_in=None, doc="Least reach of a zone that serves it.")
    market_path: FloatArray = array("month", "market", unit=BN, set_in=None, doc="Market size on trend in mid-month.")
    trend_log_index: FloatArray = array(
        "month", "market", "segment", unit="log index", set_in=None, doc="ln Pi on trend."
    )
    gained: FloatArray = array(
        "month", "vendor", "market", unit=LOG, set_in=None, doc="Quality gained by trend and luck."
    )
    willing: BoolArray = array("vendor", unit="true or false", set_in=None, doc="Changes its presence where that pays.")
    partner_gap: FloatArray = array("vendor", "market", unit=LOG, set_in=None, doc="Quality lost by partners.")
    fee: FloatArray = array("channel", unit=SHARE, set_in=None, doc="Partner's share of revenue.")
    fixed_cost: FloatArray = array("channel", unit=BN, set_in=None, doc="Fixed cost where it is a choice.")
    growth_weight: FloatArray = array(
        "channel", unit="share of cost per log point of growth", set_in=None, doc="What growth is worth to the vendor."
    )
    forgone: FloatArray = array(
        "channel", unit="share of cost", set_in=None, doc="What the vendor gives up for growth at the base date."
    )
    overhead: FloatArray = array("channel", unit=BN, set_in=None, doc="Cost that sales do not move, base date.")
    carries: FloatArray = array(
        "channel", unit=SHARE, set_in=None, doc="Part of the vendor's sales that it carries where all are as good."
    )
    mu: FloatArray = array(unit="elasticity", set_in=None, doc="Substitution between channels of a vendor.")
    captive: FloatArray = array("vendor", "market", unit=UNITS, set_in=None, doc="Services for own customers.")
    captive_growth: FloatArray = array("vendor", "market", unit="log share per year", set_in=None, doc="Their growth.")
    free_trade: FloatArray = array("list", unit=BN, set_in=None, doc="Goods trade without tariff, base date.")
    base_tariff: FloatArray = array("list", unit=SHARE, set_in=None, doc="Tariff before the trade war.")
    import_elasticity: FloatArray = array("list", unit="elasticity", set_in=None, doc="Import demand.")
    levers: Levers = array(unit="", set_in=None, doc="Rules at the base date.")

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Number of groups of customers in each market: its segments, times the rings around its zones."""
        most, segments = self.width.shape[1], len(self.levers.axes.segments)
        return tuple(most if (width[segments:] > 0.0).any() else segments for width in self.width)


class Brought(NamedTuple):
    """How far talks have brought a policy that waits for them.

    Attributes
    ----------
    begins
        [draw] month in which it begins, NEVER where nothing has brought it.
    first
        The first of these months.
    by_deal
        [draw] whether the package that was signed brings it, so that it ends with the deal.
    """

    begins: IntArray
    first: int
    by_deal: BoolArray


@dataclass(frozen=True)
class RoundHeld:
    """What happened at a round.

    Attributes
    ----------
    number, month
        Index of the round, and the month in which it was held.
    proposer
        Index of the party that made the offer, in the order of `talks.stakes`; -1 where nobody bargains.
    package
        [draw] index of the package offered, in the order of `talks.choices`; -1 where none was, or no talks were held.
    chance
        [draw] chance that it was offered and accepted; 0 where nothing was offered.
    held, agreed, broke_off
        [draw] whether the talks were still going on, ended with a signature, and broke off.
    walked
        [party, draw] who walked away.
    lacking
        [party, draw] what each side lacked to sign a package that suits the other, bn USD; not a number where no talks
        were held, or nobody bargains.
    """

    number: int
    month: int
    proposer: int
    package: IntArray
    chance: FloatArray
    held: BoolArray
    agreed: BoolArray
    broke_off: BoolArray
    walked: BoolArray
    lacking: FloatArray


@dataclass
class World:
    """Everything that changes during a run."""

    scenario: Scenario
    axes: Axes
    draws: Draws
    base: Base
    channels: Channels
    sellers: list[IntArray]
    """Channels that are in use in at least one draw, for each market [seller]."""
    levers: Levers
    """Written by governments in the phases POLICY and AMENDMENT."""
    pipeline: FloatArray
    """[month, channel, draw] capacity that arrives in a month, compute units; months go round in it."""
    flows: dict[str, FloatArray]
    """Money of the quarter so far, by flow of the ledger (`sim.ledger.FLOWS`), [..., draw], bn USD."""

    active: BoolArray = array("channel", unit="true or false", set_in=Phase.ENTRY, doc="Whether it is in use.")
    price: FloatArray = array(
        "channel", unit=INDEX, set_in=Phase.PRICING, doc="Price relative to the common decline of cost."
    )
    price_before: FloatArray = array(
        "channel", unit=INDEX, set_in=Phase.MARKET, doc="Price last month; of what has opened since, its first."
    )
    cost: FloatArray = array(
        "channel", unit=INDEX, set_in=Phase.SUPPLY, doc="Unit cost relative to the common decline of cost."
    )
    asking_cost: FloatArray = array(
        "channel",
        unit=INDEX,
        set_in=Phase.SUPPLY,
        doc="Unit cost as vendors count it in prices, less what growth is worth.",
    )
    stake: FloatArray = array("channel", unit=SHARE, set_in=Phase.ENTRY, doc="Vendor's share of profit.")
    next_channel: IntArray = array(
        "vendor", "market", unit="channel index", set_in=Phase.ENTRY, doc="Channel applied for; `AWAY` to leave."
    )
    leaving: BoolArray = array(
        "channel", unit="true or false", set_in=Phase.ENTRY, doc="Closes when what its vendor applied for is live."
    )
    applied: BoolArray = array("vendor", "market", unit="true or false", set_in=Phase.ENTRY, doc="Applied this month.")
    next_price: FloatArray = array("vendor", "market", unit=INDEX, set_in=Phase.ENTRY, doc="Price planned there.")
    next_opens: IntArray = array(
        "vendor",
        "market",
        unit="month",
        set_in=Phase.ENTRY,
        doc="When what was applied for opens; 0 where it is open already.",
    )
    live_month: IntArray = array(
        "vendor",
        "market",
        unit="month",
        set_in=Phase.LICENSING,
        doc="When the next channel goes live; NEVER without one.",
    )
    slots_taken: FloatArray = array(
        "zone", unit="vendors", set_in=Phase.LICENSING, doc="Zone licences held or pending."
    )
    zone_opened: IntArray = array("zone", unit="month", set_in=Phase.ZONES, doc="When the zone opened.")
    zone_closed: IntArray = array("zone", unit="month", set_in=Phase.ZONES, doc="When the zone closed.")
    zone_nationwide: IntArray = array("zone", unit="month", set_in=Phase.ZONES, doc="When it went nationwide.")
    incidents: FloatArray = array("zone", unit="incidents", set_in=Phase.ZONES, doc="Incidents since the last review.")
    rules_changed: BoolArray = array(unit="true or false", set_in=Phase.NEWS, doc="Rules on presence have changed.")
    rung_month: IntArray = array(
        "rung", unit="month", set_in=Phase.TALKS, doc="When failed rounds brought each rung of the escalation."
    )
    resume_month: IntArray = array(
        unit="resumption", set_in=Phase.TALKS, doc="When talks that broke off are taken up again; 0 while they go on."
    )
    deal_month: IntArray = array(unit="month", set_in=Phase.TALKS, doc="When a package was signed; NEVER without.")
    no_deal_month: IntArray = array(unit="month", set_in=Phase.TALKS, doc="When the talks ended without one.")
    broken_month: IntArray = array(unit="month", set_in=Phase.TALKS, doc="When the deal was broken.")
    package: IntArray = array(unit="package index", set_in=Phase.TALKS, doc="Package signed; -1 without.")
    capacity: FloatArray = array("channel", unit=UNITS, set_in=Phase.SUPPLY, doc="Most it can serve.")
    on_order: FloatArray = array("channel", unit=UNITS, set_in=Phase.ORDERS, doc="Ordered, not yet arrived.")
    access: BySeller = array(
        "market", "seller", "group", unit=SHARE, set_in=Phase.MARKET, doc="Share of the group that may choose it."
    )
    divided: BoolArray = array(
        "market", unit="true or false", set_in=Phase.MARKET, doc="Whether a zone has opened, and divided the customers."
    )
    owned_quality: FloatArray = array(
        "vendor",
        "market",
        "segment",
        unit=LOG,
        set_in=None,
        doc="Base quality if it owned its data centres; -inf where it does not sell.",
    )
    penalty: FloatArray = array("channel", unit=LOG, set_in=Phase.MARKET, doc="Quality that it loses.")
    leaked: FloatArray = array("country", unit=LOG, set_in=Phase.MARKET, doc="Know-how a country gained from partners.")
    controlled: FloatArray = array("country", unit=LOG, set_in=Phase.MARKET, doc="Quality lost to export controls.")
    drift: FloatArray = array(
        "vendor", "market", unit=LOG, set_in=Phase.MARKET, doc="Quality gained since the base date, presence apart."
    )
    attraction: BySeller = array("market", "seller", "group", unit=INDEX, set_in=Phase.MARKET, doc="A.")
    attraction_total: FloatArray = array("market", "group", unit=INDEX, set_in=Phase.MARKET, doc="Sum of A.")
    per_attraction: FloatArray = array(
        "market", "group", unit="share of one", set_in=Phase.MARKET, doc="1 / sum of A, so that P = A * this."
    )
    log_index: FloatArray = array(
        "market",
        "group",
        unit="log index",
        set_in=Phase.MARKET,
        doc="ln Pi against the base date, decline of cost included.",
    )
    budget: FloatArray = array("market", "group", unit=BN, set_in=Phase.MARKET, doc="E.")
    free: FloatArray = array("market", "group", unit=BN, set_in=Phase.MARKET, doc="Spending up for choice.")
    revenue: BySeller = array("market", "seller", "group", unit=BN, set_in=Phase.MARKET, doc="R, served.")
    sales: FloatArray = array("channel", unit=BN, set_in=Phase.MARKET, doc="R over all segments.")
    captive_cost: FloatArray = array(
        "channel", unit=BN, set_in=Phase.MARKET, doc="Cost of the services for the vendor's own customers run in it."
    )
    served: FloatArray = array("market", "group", unit=BN, set_in=Phase.MARKET, doc="R over all vendors.")
    unmet: FloatArray = array("market", "group", unit=BN, set_in=Phase.MARKET, doc="Spending nobody could serve.")
    surplus: FloatArray = array("market", "group", unit=BN, set_in=Phase.MARKET, doc="U, customers' surplus.")
    made: FloatArray = array("vendor", unit="compute units times years", set_in=Phase.MARKET, doc="Output made so far.")
    made_share_base: FloatArray = array("vendor", unit=SHARE, set_in=None, doc="Share in all output, base date.")
    growth: FloatArray = array("market", unit="log share per year", set_in=Phase.MARKET, doc="Growth of spending.")
    spending_history: FloatArray = array(
        "year_of_months", "market", unit=BN, set_in=Phase.MARKET, doc="Spending in the last twelve months."
    )
    activity: FloatArray = array("market", unit=INDEX, set_in=Phase.GOODS, doc="Spending lost with goods exports.")
    log_response: FloatArray = array(
        "list", unit="log points", set_in=Phase.GOODS, doc="ln(X / X0) at short-run elasticities."
    )
    slow_response: FloatArray = array(
        "row", unit=ROWS, set_in=Phase.GOODS, doc="What the long-run elasticity and third countries add."
    )
    wage_response: FloatArray = array("row", unit=ROWS, set_in=Phase.GOODS, doc="What wages that settle add.")

    expected_price: FloatArray = array(
        "list", unit=INDEX, set_in=Phase.GOODS, doc="Buyers' price against free trade that importers expect to hold."
    )
    put_off: FloatArray = array(
        "list", unit="bn USD", set_in=Phase.GOODS, doc="Purchases put off so far, at the size of the base date."
    )
    bought_now: FloatArray = array(
        "list", unit=SHARE, set_in=Phase.GOODS, doc="Purchases as a part of those that nobody puts off."
    )
    rerouted: FloatArray = array(
        "route", "list", unit=SHARE, set_in=Phase.GOODS, doc="Goods that are declared as of another origin than theirs."
    )
    average_tariff: FloatArray = array(
        "country",
        unit=SHARE,
        set_in=Phase.GOODS,
        doc="Average tariff on goods of the other countries, weighted by free trade.",
    )
    ahead: list[Levers] = field(default_factory=list)
    """Rules of clouds in the next months as vendors know them at reviews; empty where they are those of today."""
    moved: set[int] = field(default_factory=set)
    """Markets in which channels have been opened or closed, or their terms have changed, since customers looked."""
    rules_stand: bool = False
    """Whether the rules of the month are those of the month before in every draw."""
    events: list[tuple[IntArray, int, str, str, str]] = field(default_factory=list)
    """Draw numbers, month, actor, event and detail, in the order of play."""
    rounds: list[RoundHeld] = field(default_factory=list)
    """What happened at each round between governments that bargain."""
    brought: dict[str, Brought] = field(default_factory=dict)
    """Policies that wait for talks by name, as far as they were asked for; another one once talks have brought more."""
    luck: dict[str, FloatArray] = field(default_factory=dict)
    """Uniforms of streams that are asked for again and again, [draw] by name."""
    captive_sizes: dict[tuple[int, int], FloatArray] = field(default_factory=dict, init=False)
    """Services that a vendor runs for its own customers, by vendor and market, as far as they were asked for, [month,
    draw] bn a year at the unit cost of the base date."""

    @cached_property
    def everywhere(self) -> BoolArray:
        """True in all draws, [draw]."""
        return np.ones(self.draws.count, dtype=np.bool_)

    @cached_property
    def nowhere(self) -> BoolArray:
        """False in all draws, [draw]."""
        return np.zeros(self.draws.count, dtype=np.bool_)

    @property
    def terms(self) -> Terms:
        """What of a customer's dollar goes to whom, [channel, draw]."""
        return Terms(self.base.fee, self.services_tax, self.stake)

    @property
    def services_tax(self) -> FloatArray:
        """Tax on revenue in each channel, [channel, draw], share of one."""
        if not self.raises_services_tax:
            return self._untaxed
        at_home, m = self.channels.at_home[:, None], self.channels.market
        return np.where(at_home, self.levers.home_services_tax[m], self.levers.services_tax[m])

    @cached_property
    def _untaxed(self) -> FloatArray:
        return np.zeros_like(self.base.fee)

    @cached_property
    def raises_services_tax(self) -> bool:
        """Whether some policy of the scenario taxes revenue."""
        return not {"services_tax", "home_services_tax"}.isdisjoint(self.written_levers)

    @cached_property
    def written_levers(self) -> tuple[str, ...]:
        """Levers that some policy of the scenario may write; all others stay as they are at the base date."""
        return tuple(dict.fromkeys(name for policy in self.scenario.policies.values() for name in policy.writes))

    @cached_property
    def policies_in_order(self) -> list[tuple[str, Policy, frozenset[str]]]:
        """Policies in the order in which governments write them: name, policy, and the levers that it may write."""
        held = self.scenario.policies.items()
        return [
            (name, policy, policy.writes)
            for phase in (Phase.POLICY, Phase.AMENDMENT)
            for country in (*self.scenario.countries, None)
            for name, policy in held
            if policy.by == country and policy.phase is phase
        ]

    def base_rules(self, names: Iterable[str]) -> dict[str, FloatArray]:
        """Copy those of some levers, as they are at the base date, that policies may write."""
        return {name: getattr(self.base.levers, name).copy() for name in names if name in self.written_levers}

    def of_channels(self, values: BySeller, rows: Sequence[int] | IntArray) -> FloatArray:
        """Values of some channels, [channel, group, draw]; zero where one is not in use, and beyond its groups."""
        found = np.zeros((len(rows), *self.budget.shape[1:]))
        for k, row in enumerate(rows):
            m, place = self._places[row]
            if place >= 0:
                found[k, : self.base.groups[m]] = values[m][place]
        return found

    def over_groups(self, by_segment: FloatArray) -> FloatArray:
        """Give groups of customers what holds for their segments, [..., group, draw]."""
        return over_groups(by_segment, self.base.width.shape[1])

    @property
    def weight(self) -> FloatArray:
        """Part of its segment that each group is, [market, group, draw]; the first is all until a zone has opened."""
        whole = np.zeros_like(self.base.width)
        whole[:, : len(self.axes.segments)] = 1.0
        return np.where(self.divided[:, None], self.base.width, whole)

    def shares(self, rows: Sequence[int] | IntArray) -> FloatArray:
        """P of some channels (equation 3.1), [channel, group, draw]; zero where one is not in use."""
        found = np.zeros((len(rows), *self.budget.shape[1:]))
        for k, row in enumerate(rows):
            m, place = self._places[row]
            if place >= 0:
                groups = self.base.groups[m]
                np.multiply(self.attraction[m][place], self.per_attraction[m, :groups], out=found[k, :groups])
        return found

    def shares_in(self, m: int) -> FloatArray:
        """P of all channels in use in a market (equation 3.1), [seller, group, draw]."""
        return self.attraction[m] * self.per_attraction[m, : self.base.groups[m]]

    def shared_out(self, m: int, values: FloatArray, where: BoolArray) -> FloatArray:
        """Divide what is of whole segments over their groups in some draws, [..., group, draw].

        Parameters
        ----------
        m
            The market.
        values
            [..., group, draw] amounts, all in the first ring where customers are not divided yet.
        """
        segments, groups = len(self.axes.segments), values.shape[-2]
        whole = over_groups(values[..., :segments, :], groups)
        return np.where(where, whole * self.base.width[m, :groups], values)

    @property
    def reach(self) -> Reach:
        """Whom channels may serve under the rules in force."""
        channels, rules = self.channels, self.levers
        held = (rules.residency, rules.zone_reach, rules.allowed_share)
        return Reach(channels.kind, channels.zone, channels.market, self._senders, *held)

    @cached_property
    def _senders(self) -> IntArray:
        senders: IntArray = np.where(self.channels.at_home, NOBODY, self.base.home[self.channels.vendor])
        return senders

    @property
    def losses(self) -> Losses:
        """What channels lose in quality under the rules in force."""
        channels, before = self.channels, self.base.levers.firewall
        held = (self._own_losses, self.base.partner_gap, self.levers.firewall, before)
        return Losses(channels.kind, channels.vendor, channels.market, channels.at_home, *held)

    @cached_property
    def _own_losses(self) -> FloatArray:
        return own_losses(self.scenario, self.draws, self.channels.rows)

    def access_to(self, m: int, rows: Sequence[int] | IntArray) -> FloatArray:
        """Share of each group of customers that may choose some channels (equation 5.9), [channel, group, draw]."""
        groups = self.base.groups[m]
        found = np.empty((len(rows), groups, self.draws.count))
        write_access(self.reach, self.base.within[m], np.arange(groups), *self._in_all_draws(rows), found)
        return found

    def penalty_of(self, rows: Sequence[int] | IntArray) -> FloatArray:
        """Quality that some channels lose under the rules in force (equation 5.10), [channel, draw], log points."""
        found = np.empty((len(rows), self.draws.count))
        write_penalty(self.losses, *self._in_all_draws(rows), found)
        return found

    def _in_all_draws(self, rows: Sequence[int] | IntArray) -> tuple[IntArray, IntArray]:
        return np.repeat(np.array(rows)[:, None], self.draws.count, axis=1), np.arange(self.draws.count)

    def divides(self, m: int) -> BoolArray:
        """Draws in which the rules in force divide the customers of a market for the first time (equation 3.16)."""
        zones = [z for z, market in enumerate(self.axes.zone_markets) if market == m]
        return (self.levers.zone_slots[zones] > 0.0).any(axis=0) & ~self.divided[m]

    def nests(self, m: int, rows: Sequence[int] | IntArray) -> Nests:
        """Vendors that some channels of a market belong to."""
        sigma = self.base.sigma[: self.base.groups[m]]
        return Nests.of(self.channels.vendor[list(rows)], self.base.carries[list(rows)], self.base.mu, sigma)

    @cached_property
    def channel_churn_month(self) -> FloatArray:
        """Part of the customers of a vendor with several channels who look around each month, [draw]."""
        return -expm1(log1p(-self.value(self.scenario.demand.channel_churn)) / MONTHS_PER_YEAR)

    def share_served(self, m: int, who: BoolArray) -> FloatArray:
        """Share of a market's spending that some channels serve, [draw].

        Parameters
        ----------
        who
            [channel] whether each counts.
        """
        here = self.channels.in_market[m]
        sales = self.sales[here]
        some = sales[who[here]]
        return ordered_sum(some) / ordered_sum(sales) if len(some) else np.zeros(self.draws.count)

    def open(self, row: int, where: BoolArray) -> None:
        """Put a channel into use in some draws, for all customers whom the rules in force let it serve."""
        draw = np.flatnonzero(where)
        self.open_in(self.channels.rows[row].market, np.full(len(draw), row), draw)

    def open_in(self, m: int, rows: IntArray, draw: IntArray) -> None:
        """Put channels of a market into use, each in one draw; `rows` and `draw` are [case]."""
        fresh = ~self.active[rows, draw]
        rows, draw = rows[fresh], draw[fresh]
        self.active[rows, draw] = True
        for row in np.unique(rows):
            self._find_place(int(row))
        groups, base = self.base.groups[m], self.base
        access = np.empty((1, groups, len(rows)))
        write_access(self.reach, base.within[m], np.arange(groups), rows[None], draw, access)
        sells = base.sells[self.channels.vendor[rows], m, draw]
        self.access[m][self.places(m)[rows], :, draw] = (access[0] * sells).T

    def places(self, m: int) -> IntArray:
        """Place of each channel among those in use in a market, -1 where it is not, [channel], and for none."""
        found = np.full(len(self.channels.rows) + 1, -1)
        found[self.sellers[m]] = np.arange(len(self.sellers[m]))
        return found

    def _find_place(self, row: int) -> None:
        """Put a channel among those in use."""
        m, place = self._places[row]
        if place >= 0:
            return
        at = int(np.searchsorted(self.sellers[m], row))
        self.sellers[m] = np.insert(self.sellers[m], at, row)
        for held in (self.access, self.attraction, self.revenue):
            held[m] = np.insert(held[m], at, 0.0, axis=0)
        self._places = places_of(self.channels, self.sellers)

    def close_in(self, m: int, rows: IntArray, draw: IntArray, leaving: BoolArray) -> None:
        """Close channels of a market; what they have goes to their vendors' others (`close_channels`).

        Parameters
        ----------
        rows, draw
            [slot, case] and [case] channels of one vendor in one draw each, `NOBODY` for none.
        leaving
            [slot, case] which of them close.
        """
        customers = Customers(self.access[m], self.attraction[m], self.revenue[m])
        means = Means(self.active, self.capacity, self.on_order, self.sales, self.pipeline)
        places = np.ascontiguousarray(self.places(m)[rows].T)
        close_channels(np.ascontiguousarray(leaving.T), np.ascontiguousarray(rows.T), places, draw, customers, means)

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return places_of(self.channels, self.sellers)

    @cached_property
    def first_months(self) -> dict[str, int]:
        """Month of the first day of each policy that waits for no deal; `ALWAYS` for one that is always there."""
        calendar = self.scenario.calendar
        days = {name: policy.first_day for name, policy in self.scenario.policies.items()}
        return {name: ALWAYS if day is None else calendar.month_of(day) for name, day in days.items()}

    @property
    def rungs_climbed(self) -> IntArray:
        """How many rungs of the escalation have been climbed, [draw]."""
        climbed: IntArray = (self.rung_month < NEVER).sum(axis=0)
        return climbed

    def value(self, number: Number) -> FloatArray:
        """Values of one of the scenario's numbers, [draw]."""
        return self.draws.number(number)

    def luck_of(self, name: str) -> FloatArray:
        """One uniform number for each draw from a named stream, [draw], drawn once."""
        if name not in self.luck:
            self.luck[name] = self.draws.uniform(name, 1)[0]
        return self.luck[name]

    def note(self, where: BoolArray, month: int, actor: str, event: str, detail: str = "") -> None:
        """Record an event in the draws where it happened."""
        if where.any():
            self.events.append((self.draws.numbers[where], month, actor, event, detail))

    def overhead(self, month: int) -> FloatArray:
        """Cost that sales do not move in the channels `with_overhead`, [channel, draw], bn a year (equation 4.23).

        It follows what the vendor would sell on trend, whatever policies make of its sales.
        """
        return self._overheads[month]

    @cached_property
    def _overheads(self) -> FloatArray:
        """`overhead` of all months, [month, channel, draw]."""
        base, rows = self.base, self.with_overhead
        v, m = self.channels.vendor[rows], self.channels.market[rows]
        return base.overhead[rows] * (base.market_path[:, m] / base.start_size[m] * exp(base.gained[:, v, m]))

    @cached_property
    def with_overhead(self) -> IntArray:
        """Channels with cost that their sales do not move."""
        return np.flatnonzero(self.base.overhead.any(axis=1))

    @cached_property
    def runs_for_own_customers(self) -> list[tuple[int, int]]:
        """Vendor and market of all services for a vendor's own customers."""
        v, m = np.nonzero((self.base.captive > 0.0).any(axis=-1))
        return list(zip(v.tolist(), m.tolist(), strict=True))

    def trend_price(self, month: int) -> FloatArray:
        """Common decline of cost and price from the base date to mid-month (equation 4.17), [draw], index."""
        return self._trend_prices[month]

    @cached_property
    def _trend_prices(self) -> FloatArray:
        """`trend_price` of all months, [month, draw]."""
        years = middles(self.scenario.months)[:, None] / MONTHS_PER_YEAR
        return exp(-self.value(self.scenario.costs.decline) * years)


def places_of(channels: Channels, sellers: Sequence[IntArray]) -> list[tuple[int, int]]:
    """Market of each channel, and its place among those in use there; -1 where it is not in use."""
    places = np.full(len(channels.rows), -1)
    for here in sellers:
        places[here] = np.arange(len(here))
    return list(zip(channels.market.tolist(), places.tolist(), strict=True))


def blank(axes: Axes, name: str) -> Any:
    """Make an array of zeros (false, 0, or NEVER for months) in the shape that the declaration of `name` gives."""
    declared = {item.name: item for item in fields(World)}[name]
    dims, unit = declared.metadata["dims"], declared.metadata["unit"]
    lengths = [MONTHS_HELD if dim == "year_of_months" else axes.sizes[dim] for dim in dims]
    shape = (*lengths, axes.draws)
    if unit == "true or false":
        return np.zeros(shape, dtype=np.bool_)
    if unit == "month":
        return np.full(shape, NEVER, dtype=np.int64)
    if unit in {"channel index", "package index", "resumption"}:
        return np.zeros(shape, dtype=np.int64)
    return np.zeros(shape)


MONTHS_HELD = 12


def blank_arrays(axes: Axes) -> dict[str, Any]:
    """Make all declared arrays of the world, blank, but those by seller."""
    declared = [item for item in fields(World) if "seller" not in item.metadata.get("dims", ("seller",))]
    flows = {flow.name: np.zeros(axes.shape(*flow.dims)) for flow in FLOWS}
    return {item.name: blank(axes, item.name) for item in declared} | {"flows": flows}
