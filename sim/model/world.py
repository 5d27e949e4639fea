# ruff: noqa: RUF009 (`array` declares a field)
"""World: each array declared once, with its dimensions, unit, writer and meaning. The last axis is always draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from sim.ledger import FLOWS
from sim.model.equations.kernels import Kernels
from sim.model.equations.terms import Terms
from sim.model.luck import Draws
from sim.policies.levers import Axes, Levers
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Scenario
from sim.timeline import Phase
from sim.values import Number


def array(*dims: str, unit: str, set_in: Phase | None, doc: str) -> Any:
    """Declare one array of the world: its dimensions before draws, unit, the phase that writes it, and meaning."""
    return field(metadata={"dims": dims, "unit": unit, "set_in": set_in, "doc": doc})


BySeller = list[FloatArray]
"""For each market an array [seller, ...] over the vendors that sell there (`Base.sellers`)."""

BN = "bn USD a year"
UNITS = "compute units (bn USD a year at base prices)"
INDEX = "index, 1 at the base date"
SHARE = "share of one"
LOG = "log points"


@dataclass(frozen=True)
class Base:
    """What is known at the base date and does not change during a run."""

    sigma: FloatArray = array("segment", unit="elasticity", set_in=None, doc="Substitution between vendors.")
    eta: FloatArray = array(unit="elasticity", set_in=None, doc="Elasticity of a market's volume.")
    churn_month: FloatArray = array(unit=SHARE, set_in=None, doc="Contracts up for choice each month.")
    churn_rate: FloatArray = array(unit="log share per year", set_in=None, doc="Contract run-off.")
    domestic: BoolArray = array("vendor", "market", unit="true or false", set_in=None, doc="Vendor is at home here.")
    home: IntArray = array("vendor", unit="country index, -1 for none", set_in=None, doc="Country of a vendor.")
    market_country: IntArray = array("market", unit="country index, -1", set_in=None, doc="Country of a market.")
    presence: IntArray = array("vendor", "market", unit="Presence", set_in=None, doc="Presence at the base date.")
    cost: FloatArray = array("vendor", "market", unit=INDEX, set_in=None, doc="Unit cost at the base date.")
    attraction: FloatArray = array(
        "vendor", "market", "segment", unit=SHARE, set_in=None, doc="Base expenditure shares."
    )
    sales: FloatArray = array("vendor", "market", unit=BN, set_in=None, doc="Sales at the base date.")
    sells: BoolArray = array(
        "vendor", "market", unit="true or false", set_in=None, doc="Whether it has customers or may win some."
    )
    gap: FloatArray = array("vendor", "market", unit=LOG, set_in=None, doc="Catch-up in the end.")
    tau: FloatArray = array("vendor", "market", unit="years", set_in=None, doc="Time constant of catch-up.")
    spending_path: FloatArray = array(
        "month", "market", "segment", unit=BN, set_in=None, doc="Spending on trend, shocks in."
    )
    market_path: FloatArray = array("month", "market", unit=BN, set_in=None, doc="Market size on trend.")
    trend_log_index: FloatArray = array(
        "month", "market", "segment", unit="log index", set_in=None, doc="ln Pi on trend."
    )
    gained: FloatArray = array(
        "month", "vendor", "market", unit=LOG, set_in=None, doc="Quality gained by trend and luck."
    )
    willing: BoolArray = array("vendor", unit="true or false", set_in=None, doc="Changes its presence where that pays.")
    partner_gap: FloatArray = array("vendor", "market", unit=LOG, set_in=None, doc="Quality lost by partners.")
    fee: FloatArray = array("vendor", "market", unit=SHARE, set_in=None, doc="Fee where run by partners.")
    contract_share: FloatArray = array("partner", "vendor", unit=SHARE, set_in=None, doc="Sales through a partner.")
    contract_fee: FloatArray = array("partner", "vendor", unit=SHARE, set_in=None, doc="Fee of that partner.")
    captive: FloatArray = array("vendor", "market", unit=UNITS, set_in=None, doc="Services for own customers.")
    captive_growth: FloatArray = array("vendor", "market", unit="log share per year", set_in=None, doc="Their growth.")
    free_trade: FloatArray = array("list", unit=BN, set_in=None, doc="Goods trade without tariff, base date.")
    base_tariff: FloatArray = array("list", unit=SHARE, set_in=None, doc="Tariff before the trade war.")
    import_elasticity: FloatArray = array("list", unit="elasticity", set_in=None, doc="Import demand.")
    levers: Levers = array(unit="", set_in=None, doc="Rules at the base date.")

    @cached_property
    def sellers(self) -> tuple[IntArray, ...]:
        """Vendors that have customers, or may win some, in at least one draw: for each market [seller]."""
        markets = range(self.sells.shape[1])
        return tuple(np.flatnonzero(self.sells[:, m].any(axis=1)) for m in markets)

    def by_seller(self, values: FloatArray) -> BySeller:
        """Cut values [vendor, market, ...] to those who sell."""
        return [values[here, m] for m, here in enumerate(self.sellers)]


@dataclass(frozen=True)
class RoundHeld:
    """What happened at a round between governments that bargain.

    Attributes
    ----------
    number, month
        Index of the round, and the month in which it was held.
    proposer
        Index of the party that made the offer, in the order of `talks.stakes`.
    package
        [draw] index of the package that is best for it, in the order of `talks.choices`; -1 where no talks were held.
    chance
        [draw] chance that it was offered and accepted; 0 where nothing was offered.
    held, agreed, broke_off
        [draw] whether the talks were still going on, ended with a signature, and broke off.
    """

    number: int
    month: int
    proposer: int
    package: IntArray
    chance: FloatArray
    held: BoolArray
    agreed: BoolArray
    broke_off: BoolArray


@dataclass
class World:
    """Everything that changes during a run."""

    scenario: Scenario
    axes: Axes
    draws: Draws
    base: Base
    kernels: Kernels
    """How the hottest equations are computed; never changes a bit."""
    levers: Levers
    """Written by governments in the phases POLICY and AMENDMENT."""
    pipeline: FloatArray
    """[month, vendor, market, draw] capacity that arrives in a month, compute units; months go round in it."""
    flows: dict[str, FloatArray]
    """Money of the quarter so far, by flow of the ledger (`sim.ledger.FLOWS`), [..., draw], bn USD."""

    price: FloatArray = array(
        "vendor", "market", unit=INDEX, set_in=Phase.PRICING, doc="Price relative to the common decline of cost."
    )
    cost: FloatArray = array(
        "vendor", "market", unit=INDEX, set_in=Phase.SUPPLY, doc="Unit cost relative to the common decline of cost."
    )
    fee: FloatArray = array(
        "vendor", "market", unit=SHARE, set_in=Phase.ENTRY, doc="Partner's share of revenue in the present presence."
    )
    fixed_cost: FloatArray = array("vendor", "market", unit=BN, set_in=Phase.ENTRY, doc="Fixed cost of presence.")
    stake: FloatArray = array(
        "vendor", "market", unit=SHARE, set_in=Phase.ENTRY, doc="Vendor's share of profit in the present presence."
    )
    presence: IntArray = array(
        "vendor", "market", unit="Presence", set_in=Phase.ENTRY, doc="How the vendor is present."
    )
    zone: IntArray = array("vendor", "market", unit="zone index", set_in=Phase.ENTRY, doc="Zone, where present in one.")
    next_presence: IntArray = array(
        "vendor", "market", unit="Presence", set_in=Phase.ENTRY, doc="Presence applied for."
    )
    next_zone: IntArray = array("vendor", "market", unit="zone index", set_in=Phase.ENTRY, doc="Zone applied for.")
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
        doc="When the next presence goes live; NEVER without one.",
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
    capacity: FloatArray = array("vendor", "market", unit=UNITS, set_in=Phase.SUPPLY, doc="Most the vendor can serve.")
    on_order: FloatArray = array("vendor", "market", unit=UNITS, set_in=Phase.ORDERS, doc="Ordered, not yet arrived.")
    access: FloatArray = array(
        "vendor",
        "market",
        "segment",
        unit=SHARE,
        set_in=Phase.MARKET,
        doc="Share of the segment that may choose the vendor.",
    )
    owned_quality: FloatArray = array(
        "vendor",
        "market",
        "segment",
        unit=LOG,
        set_in=None,
        doc="Base quality if it owned its data centres; -inf where it does not sell.",
    )
    penalty: FloatArray = array("vendor", "market", unit=LOG, set_in=Phase.MARKET, doc="Quality lost by presence.")
    leaked: FloatArray = array("country", unit=LOG, set_in=Phase.MARKET, doc="Know-how a country gained from partners.")
    controlled: FloatArray = array("country", unit=LOG, set_in=Phase.MARKET, doc="Quality lost to export controls.")
    drift: FloatArray = array(
        "vendor", "market", unit=LOG, set_in=Phase.MARKET, doc="Quality gained since the base date, presence apart."
    )
    attraction: BySeller = array("market", "seller", "segment", unit=INDEX, set_in=Phase.MARKET, doc="A.")
    attraction_total: FloatArray = array("market", "segment", unit=INDEX, set_in=Phase.MARKET, doc="Sum of A.")
    per_attraction: FloatArray = array(
        "market", "segment", unit="share of one", set_in=Phase.MARKET, doc="1 / sum of A, so that P = A * this."
    )
    log_index: FloatArray = array(
        "market",
        "segment",
        unit="log index",
        set_in=Phase.MARKET,
        doc="ln Pi against the base date, decline of cost included.",
    )
    budget: FloatArray = array("market", "segment", unit=BN, set_in=Phase.MARKET, doc="E.")
    free: FloatArray = array("market", "segment", unit=BN, set_in=Phase.MARKET, doc="Spending up for choice.")
    revenue: BySeller = array("market", "seller", "segment", unit=BN, set_in=Phase.MARKET, doc="R, served.")
    sales: FloatArray = array("vendor", "market", unit=BN, set_in=Phase.MARKET, doc="R over all segments.")
    served: FloatArray = array("market", "segment", unit=BN, set_in=Phase.MARKET, doc="R over all vendors.")
    unmet: FloatArray = array("market", "segment", unit=BN, set_in=Phase.MARKET, doc="Spending nobody could serve.")
    surplus: FloatArray = array("market", "segment", unit=BN, set_in=Phase.MARKET, doc="U, customers' surplus.")
    made: FloatArray = array("vendor", unit="compute units times years", set_in=Phase.MARKET, doc="Output made so far.")
    made_share_base: FloatArray = array("vendor", unit=SHARE, set_in=None, doc="Share in all output, base date.")
    growth: FloatArray = array("market", unit="log share per year", set_in=Phase.MARKET, doc="Growth of spending.")
    spending_history: FloatArray = array(
        "year_of_months", "market", unit=BN, set_in=Phase.MARKET, doc="Spending in the last twelve months."
    )
    activity: FloatArray = array("market", unit=INDEX, set_in=Phase.GOODS, doc="Spending lost with goods exports.")
    log_response: FloatArray = array("list", unit="log points", set_in=Phase.GOODS, doc="ln(X / X0).")

    average_tariff: FloatArray = array(
        "country", unit=SHARE, set_in=Phase.GOODS, doc="Average tariff the country charges, weighted by free trade."
    )
    ahead: list[Levers] = field(default_factory=list)
    """Rules of the next months as vendors know them at reviews; empty where they are those of today."""
    moved: bool = False
    """Whether some vendor's presence, or its terms, have changed since customers last looked."""
    events: list[tuple[IntArray, int, str, str, str]] = field(default_factory=list)
    """Draw numbers, month, actor, event and detail, in the order of play."""
    rounds: list[RoundHeld] = field(default_factory=list)
    """What happened at each round between governments that bargain."""

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
        """What of a customer's dollar goes to whom in the present way of selling, [vendor, market, draw]."""
        return Terms(self.fee, self.services_tax, self.stake)

    @property
    def services_tax(self) -> FloatArray:
        """Tax on revenue that each vendor pays in each market, [vendor, market, draw], share of one."""
        if not self.raises_services_tax:
            return np.broadcast_to(0.0, self.fee.shape)
        return np.where(self.base.domestic[:, :, None], self.levers.home_services_tax, self.levers.services_tax)

    @cached_property
    def raises_services_tax(self) -> bool:
        """Whether some policy of the scenario taxes revenue."""
        return not {"services_tax", "home_services_tax"}.isdisjoint(self.written_levers)

    @cached_property
    def written_levers(self) -> tuple[str, ...]:
        """Levers that some policy of the scenario may write; all others stay as they are at the base date."""
        return tuple(dict.fromkeys(name for policy in self.scenario.policies.values() for name in policy.writes))

    def base_rules(self, names: Iterable[str]) -> dict[str, FloatArray]:
        """Copy those of some levers, as they are at the base date, that policies may write."""
        return {name: getattr(self.base.levers, name).copy() for name in names if name in self.written_levers}

    def of_vendor(self, values: BySeller, v: int, markets: Sequence[int] | IntArray) -> FloatArray:
        """Values of one vendor in some markets, [market, segment, draw]; zero where it does not sell."""
        rows, found = self._rows[v], np.zeros((len(markets), *self.budget.shape[1:]))
        for k, m in enumerate(markets):
            if rows[m] >= 0:
                found[k] = values[m][rows[m]]
        return found

    def shares(self, v: int, markets: Sequence[int] | IntArray) -> FloatArray:
        """P of one vendor in some markets (equation 3.1), [market, segment, draw]; zero where it does not sell."""
        return self.of_vendor(self.attraction, v, markets) * self.per_attraction[list(markets)]

    def at(self, values: BySeller, v: int, m: int) -> FloatArray:
        """Values of one vendor in one market, [segment, draw]; zero where it does not sell."""
        row = self._rows[v][m]
        return values[m][row] if row >= 0 else np.zeros_like(self.budget[m])

    def share_served(self, m: int, who: BoolArray) -> FloatArray:
        """Share of a market's spending that some vendors serve, [draw].

        Parameters
        ----------
        who
            [vendor, draw] or [vendor, 1] whether the vendor counts.
        """
        by_vendor, some = self.sales[:, m], np.flatnonzero(who.any(axis=1))
        return ordered_sum(np.where(who[some], by_vendor[some], 0.0)) / ordered_sum(by_vendor)

    @cached_property
    def _rows(self) -> list[list[int]]:
        """Place of each vendor among the sellers of each market, [vendor][market]; -1 where it does not sell."""
        rows = np.full(self.base.sells.shape[:2], -1)
        for m, here in enumerate(self.base.sellers):
            rows[here, m] = np.arange(len(here))
        found: list[list[int]] = rows.tolist()
        return found

    def value(self, number: Number) -> FloatArray:
        """Values of one of the scenario's numbers, [draw]."""
        return self.draws.number(number)

    def note(self, where: BoolArray, month: int, actor: str, event: str, detail: str = "") -> None:
        """Record an event in the draws where it happened."""
        if where.any():
            self.events.append((np.asarray(self.draws.draws)[where], month, actor, event, detail))

    def trend_price(self, month: int) -> FloatArray:
        """Common decline of cost and price since the base date (equation 4.17), [draw], index."""
        return self._trend_prices[month]

    @cached_property
    def _trend_prices(self) -> FloatArray:
        """`trend_price` of all months, [month, draw]."""
        years = -np.arange(self.scenario.months)[:, None] / MONTHS_PER_YEAR
        return np.exp(self.value(self.scenario.costs.decline) * years)


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
    if unit in {"Presence", "zone index", "package index", "resumption"}:
        return np.zeros(shape, dtype=np.int64)
    return np.zeros(shape)


MONTHS_HELD = 12


def blank_arrays(axes: Axes) -> dict[str, Any]:
    """Make all declared arrays of the world, blank, but those by seller."""
    declared = [item for item in fields(World) if "seller" not in item.metadata.get("dims", ("seller",))]
    flows = {flow.name: np.zeros(axes.shape(*flow.dims)) for flow in FLOWS}
    return {item.name: blank(axes, item.name) for item in declared} | {"flows": flows}
