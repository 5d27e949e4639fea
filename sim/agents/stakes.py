"""What packages are worth to governments: the cloud markets and goods trade that each would bring, against no deal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from sim.agents.customs import Trades, activity_of, trades_of, usual_trade
from sim.agents.government import in_force, rules_in
from sim.agents.market import share_served
from sim.agents.static_market import Settled, settled_market
from sim.economics.goods_trade import export_value, goods_welfare, long_run_log_response
from sim.economics.presence import mean_growth
from sim.economics.stakes import flow_value, moving_flow_value
from sim.policies import Levers, Policy
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, ordered_sum
from sim.scenario.schema import Presence, Stakes
from sim.timeline import Timeline
from sim.values import AfterDeal, Number
from sim.world.presence_rules import leaked_to_vendors
from sim.world.state import World

PARTS = (
    "vendor_profit",
    "partner_income",
    "customer_surplus",
    "exports",
    "tariff_revenue",
    "consumer_loss",
    "imports",
    "home_sales",
    "know_how",
    "foreign_data_centres",
)
"""Parts of what a package is worth to a government, in the order of tables."""
GOODS: Literal["goods"] = "goods"

Parts = dict[str, FloatArray]
"""Parts of a gain by name."""


Block = int | Literal["goods"]
"""What settles by itself: a cloud market, by its index, or goods trade."""


@dataclass(frozen=True)
class Prospect:
    """Rules that governments compare with those of no deal.

    Attributes
    ----------
    rules
        Rules in force once all that is brought has come into force.
    keys
        For each block a fingerprint of the rules that it depends on.
    years
        For each block the years until what changes there is in force, [draw].
    """

    rules: Levers
    keys: Mapping[Block, bytes]
    years: Mapping[Block, FloatArray]


@dataclass(frozen=True)
class Goods:
    """Goods trade in the long run under some tariffs, [country, draw] in bn USD a year; activity [market, draw]."""

    exports: FloatArray
    imports: FloatArray
    tariff_revenue: FloatArray
    consumer_loss: FloatArray
    activity: FloatArray


class Appraisal:
    """What governments reckon with in one month: each distinct market and goods trade is worked out once.

    Parameters
    ----------
    timeline, world
        The run, in a month in which governments meet.
    month
        That month; market sizes and steps of schedules are those of it.
    """

    def __init__(self, timeline: Timeline, world: World, month: int) -> None:
        self.timeline, self.world, self.month = timeline, world, month
        self.growth, self.spending = world.growth.copy(), ordered_sum(world.budget, axis=1)
        self._settled: dict[tuple[int, bytes], Settled] = {}
        self._goods: dict[bytes, Goods] = {}
        self._standing: dict[str, BoolArray] = {}
        self._touching: dict[str, dict[Block, BoolArray]] = {}

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All markets, and goods trade."""
        return (*range(len(self.world.axes.markets)), GOODS)

    @cached_property
    def no_deal(self) -> Prospect:
        """Rules if the talks end without a deal."""
        return self.prospect(self.world.scenario.talks.if_no_deal)

    @cached_property
    def _unchanged(self) -> Levers:
        """Rules under a deal that brings nothing, which only spares the countries what comes without one."""
        return self._rules(())

    def prospect(self, policies: Iterable[str], blocks: Sequence[Block] | None = None) -> Prospect:
        """Rules that policies would bring, and when, for some blocks or for all."""
        brought = frozenset(policies)
        years = {block: np.zeros(self.world.draws.count) for block in blocks or self.blocks}
        for name in sorted(brought):
            for block, latest in years.items():
                np.maximum(latest, self._touched(name)[block] * self._lag(name) / MONTHS_PER_YEAR, out=latest)
        return self.under(self._rules(brought), years)

    def under(self, rules: Levers, years: Mapping[Block, FloatArray]) -> Prospect:
        """Rules with their fingerprints, in force after some years."""
        return Prospect(rules, {block: _fingerprint(self._rows(rules, block)) for block in years}, years)

    def _rules(self, brought: Iterable[str]) -> Levers:
        """Rules with some of the policies that wait for a deal in force."""
        names = frozenset(brought)

        def forces(name: str, policy: Policy) -> BoolArray:
            if name in names:
                return self.world.everywhere
            if name not in self._standing:
                month = self.month + self._lag(name)
                self._standing[name] = in_force(self.timeline, self.world, name, policy, month)
            return self._standing[name]

        return rules_in(self.timeline, self.world, self.month, forces)

    def _lag(self, name: str) -> int:
        """Months from a signature until a policy is in force; 0 for one that does not wait for one."""
        starts = self.world.scenario.policies[name].starts
        return starts.after_deal if isinstance(starts, AfterDeal) else 0

    def _touched(self, name: str) -> dict[Block, BoolArray]:
        """Draws in which a policy that comes by itself changes the rules of each block."""
        if name not in self._touching:
            rules = self._rules([name])
            self._touching[name] = {
                block: _differs(self._rows(rules, block), self._rows(self._unchanged, block)) for block in self.blocks
            }
        return self._touching[name]

    def goods_policies(self, policies: frozenset[str]) -> frozenset[str]:
        """Those policies that touch goods trade."""
        return frozenset(name for name in policies if self._touched(name)[GOODS].any())

    def _rows(self, rules: Levers, block: Block) -> list[FloatArray]:
        """Rules that a block depends on, each [..., draw]."""
        if block == GOODS:
            return [rules.tariff_layer, rules.purchases]
        zones = [z for z, market in enumerate(self.world.axes.zone_markets) if market == block]
        return [
            rules.residency[block],
            rules.firewall[block],
            rules.equity_cap[block],
            rules.hardware_tariff[block],
            rules.ip_protection[block],
            rules.allowed_share[:, block],
            rules.zone_slots[zones],
            rules.zone_reach[zones],
            rules.cost_increase,
            rules.uncertainty,
            self._learned(rules),
        ]

    # Cloud markets ---------------------------------------------------------------------------------------------------

    def grown(self, before: Appraisal, m: int) -> FloatArray:
        """Spending in a market against an earlier meeting, [draw]."""
        grown: FloatArray = self.spending[m] / before.spending[m]
        return grown

    def settled(self, prospect: Prospect, m: int) -> Settled:
        """A market settled under some rules."""
        key = (m, prospect.keys[m])
        if key not in self._settled:
            seen = replace(self.world, levers=prospect.rules)
            self._settled[key] = settled_market(seen, m, self.month, self._learned(prospect.rules))
        return self._settled[key]

    def _learned(self, rules: Levers) -> FloatArray:
        """Quality that vendors gain from now until the middle of a vendor's horizon, [vendor, draw], log points.

        What leaks through partners at their present share of each market, less what export controls cost.
        """
        world, presence = self.world, self.world.scenario.presence
        years = world.value(presence.horizon_years) / 2.0
        leaked = world.value(presence.leak) * years * (1.0 - rules.ip_protection) * self._run_by_partners
        learned = leaked_to_vendors(leaked, world.base.market_country, world.base.home)
        drift = np.vstack([rules.quality_drift, np.zeros(world.draws.count)])[world.base.home]
        return learned + drift * years

    @cached_property
    def _run_by_partners(self) -> FloatArray:
        """Share of each market that partners run for foreigners, [market, draw]."""
        world = self.world
        partner = world.presence == Presence.PARTNER
        return np.stack([share_served(world, m, partner[:, m]) for m in range(len(world.axes.markets))])

    # Goods trade -----------------------------------------------------------------------------------------------------

    def goods(self, prospect: Prospect) -> Goods:
        """Goods trade in the long run under some rules."""
        key = prospect.keys[GOODS]
        if key not in self._goods:
            self._goods[key] = self._long_run_trade(prospect.rules)
        return self._goods[key]

    @cached_property
    def _trades(self) -> Trades:
        return trades_of(self.world)

    @cached_property
    def _usual(self) -> FloatArray:
        return usual_trade(self.world)

    def _long_run_trade(self, rules: Levers) -> Goods:
        world, goods = self.world, self.world.scenario.goods
        psi, elasticity = world.value(goods.pass_through), world.base.import_elasticity
        grown = np.exp(world.value(goods.growth) * (self.month / MONTHS_PER_YEAR))
        free_trade = world.base.free_trade * grown
        tariff = world.base.base_tariff + rules.tariff_layer
        quantity = free_trade * np.exp(long_run_log_response(tariff, psi, elasticity))
        welfare = goods_welfare(free_trade, quantity, tariff, psi, elasticity)
        value = export_value(quantity, tariff, psi)
        shape = world.axes.shape("country")
        exports, imports, revenue, loss = (np.zeros(shape) for _ in range(4))
        for c, (bought, sold) in self._trades.items():
            exports[c], imports[c] = ordered_sum(value[sold]), ordered_sum(value[bought])
            revenue[c], loss[c] = ordered_sum(welfare.revenue[bought]), ordered_sum(welfare.consumer_loss[bought])
        exports += ordered_sum(rules.purchases, axis=1)
        imports += ordered_sum(rules.purchases)
        activity = np.ones(world.axes.shape("market"))
        for m, share in activity_of(world, rules, self._usual - value / grown, self._trades):
            activity[m] = share
        return Goods(exports, imports, revenue, loss, activity)


class Ledger:
    """Present values for one government.

    Parameters
    ----------
    appraisal
        Rules, cloud markets and trade when governments first meet.
    country
        Name of the country.
    """

    def __init__(self, appraisal: Appraisal, country: str) -> None:
        world = appraisal.world
        self.first, self.world = appraisal, world
        self.stakes: Stakes = world.scenario.talks.stakes[country]
        self.country = world.axes.countries.index(country)
        self.discount, self.horizon = world.value(self.stakes.discount), world.value(self.stakes.horizon_years)
        self._markets: dict[tuple[object, ...], Parts] = {}

    def weighted(self, parts: Mapping[str, FloatArray]) -> Parts:
        """Parts times their weights; what is worth a sum a year holds it already."""
        return {name: value * self._weight(name) for name, value in parts.items()}

    def _weight(self, part: str) -> FloatArray | float:
        return self._value(getattr(self.stakes, part)) if part in Stakes.model_fields else 1.0

    def _value(self, number: Number | None) -> FloatArray | float:
        """Values of what the scenario gives; nothing where it gives none."""
        return 0.0 if number is None else self.world.value(number)

    def in_goods(self, now: Appraisal, prospect: Prospect) -> Parts:
        """Gains in goods trade, and in cloud spending that moves with activity, each [draw], bn USD (equation 7.3)."""
        begins = prospect.years[GOODS]
        old, new = now.goods(now.no_deal), now.goods(prospect)
        growth = self.world.value(self.world.scenario.goods.growth)
        years = flow_value(self.discount - growth, begins, self.horizon)
        c = self.country
        parts = {
            "exports": (new.exports[c] - old.exports[c]) * years,
            "imports": (new.imports[c] - old.imports[c]) * years,
            "tariff_revenue": (new.tariff_revenue[c] - old.tariff_revenue[c]) * years,
            "consumer_loss": (old.consumer_loss[c] - new.consumer_loss[c]) * years,
        }
        for m in range(len(self.world.axes.markets)):
            more = (new.activity[m] - old.activity[m]) * now.grown(self.first, m)
            if more.any():
                years = flow_value(self.discount - self._growth(m), begins, self.horizon)
                _add(parts, {name: flow * more * years for name, flow in self._flows(m, self.first.no_deal).items()})
        return parts

    def in_market(self, prospect: Prospect, m: int) -> Parts:
        """Gains in one cloud market at the size of the first meeting, each [draw], bn USD (equation 7.3)."""
        key = (m, prospect.keys[m], prospect.years[m].tobytes())
        if key not in self._markets:
            self._markets[key] = self._market(prospect, m)
        return self._markets[key]

    def _market(self, prospect: Prospect, m: int) -> Parts:
        no_deal, begins = self.first.no_deal, prospect.years[m]
        if prospect.keys[m] == no_deal.keys[m]:
            return {}
        new, old = self.first.settled(prospect, m), self.first.settled(no_deal, m)
        live = begins + np.maximum(new.years_until_live, old.years_until_live)
        shifting = moving_flow_value(self.discount, self._growth(m), self.world.base.churn_rate, live, self.horizon)
        flat = flow_value(self.discount, live, self.horizon)
        before = self._flows(m, no_deal)
        parts = {name: (flow - before[name]) * shifting for name, flow in self._flows(m, prospect).items()}
        parts["vendor_profit"] += (self._own(old.fixed) - self._own(new.fixed)) * flat
        parts["vendor_profit"] += (self._own(old.sunk) - self._own(new.sunk)) * np.exp(-self.discount * live)
        if self._is_home(m):
            parts["partner_income"] += (new.partners_fixed - old.partners_fixed) * flat
            rate = self._value(self.stakes.foreign_data_centres_bn)
            parts["foreign_data_centres"] = rate * (new.foreign_owned - old.foreign_owned) * flat
        _add(parts, self._know_how(prospect, m))
        return parts

    def _flows(self, m: int, prospect: Prospect) -> Parts:
        """What the country gets from a settled market in a year, in proportion to its size, bn USD."""
        held = self.first.settled(prospect, m)
        flows = {"vendor_profit": self._own(held.profit)}
        if self._is_home(m):
            flows |= {
                "partner_income": held.partners,
                "customer_surplus": held.surplus,
                "home_sales": held.home_sales,
            }
        return flows

    def _know_how(self, prospect: Prospect, m: int) -> Parts:
        """Worth of protection of know-how, in the other country's market and at home."""
        if self.world.base.market_country[m] < 0:
            return {}
        protected = prospect.rules.ip_protection[m] - self.first.no_deal.rules.ip_protection[m]
        rate = self._value(self.stakes.protection_bn if self._is_home(m) else self.stakes.know_how_bn)
        return {"know_how": rate * protected * flow_value(self.discount, prospect.years[m], self.horizon)}

    def _is_home(self, m: int) -> bool:
        return bool(self.world.base.market_country[m] == self.country)

    def _own(self, by_vendor: FloatArray) -> FloatArray:
        """Sum over the country's vendors."""
        own = by_vendor[self.world.base.home == self.country]
        return ordered_sum(own) if len(own) else np.zeros(self.world.draws.count)

    def _growth(self, m: int) -> FloatArray:
        """Mean growth of a market's spending over the government's horizon, [draw], log rate per year."""
        after, world = self.world.scenario.growth_of(self.world.axes.markets[m]).after, self.world
        now = self.first.growth[m]
        return mean_growth(now, world.value(after.lasting), world.value(after.half_life_years), self.horizon)


class Pricing:
    """Prices packages for the governments that bargain, at one round after another.

    Cloud markets are settled once, under the rules of the first round, and grow from round to round with their
    spending; goods trade is worked out at each round, under the tariffs of the day.

    Parameters
    ----------
    timeline, world
        The run, in the month of the first round.
    month
        That month.
    packages
        Names of the policies that each package brings.
    """

    def __init__(self, timeline: Timeline, world: World, month: int, packages: Sequence[frozenset[str]]) -> None:
        self.timeline, self.world, self.packages = timeline, world, packages
        self.countries = tuple(world.scenario.talks.stakes)
        self.first = Appraisal(timeline, world, month)
        self.ledgers = [Ledger(self.first, country) for country in self.countries]
        self._prospects = [self.first.prospect(policies) for policies in packages]

    def worth(self, month: int) -> Parts:
        """Price all packages at a round.

        Returns
        -------
        For each of `PARTS` an array [country, package, draw]: weight times present value over the government's horizon
        of the difference to no deal, bn USD. They add up to the gain.
        """
        shape = (len(self.countries), len(self.packages), self.world.draws.count)
        parts = {name: np.zeros(shape) for name in PARTS}
        now = self.first if month == self.first.month else Appraisal(self.timeline, self.world, month)
        sizes = [now.grown(self.first, m) for m in range(len(self.world.axes.markets))]
        of_goods = [now.goods_policies(policies) for policies in self.packages]
        trades = {policies: now.prospect(policies, (GOODS,)) for policies in set(of_goods)}
        for i, ledger in enumerate(self.ledgers):
            goods = {policies: ledger.weighted(ledger.in_goods(now, trade)) for policies, trade in trades.items()}
            for p, prospect in enumerate(self._prospects):
                blocks = [goods[of_goods[p]]]
                for m, size in enumerate(sizes):
                    held = ledger.weighted(ledger.in_market(prospect, m))
                    blocks.append({name: value * size for name, value in held.items()})
                for block in blocks:
                    for name, value in block.items():
                        parts[name][i, p] += value
        return parts

    def gain_with_cut(self, policies: frozenset[str], party: int, cut: float) -> FloatArray:
        """Gain of one party by some policies if the others also cut their tariffs on its goods, [draw], bn USD.

        Parameters
        ----------
        party
            Index of the party in `countries`.
        cut
            Part of the layers above the base rate that goes, share of one.
        """
        ledger, prospect = self.ledgers[party], self.first.prospect(policies)
        rules = prospect.rules.copy()
        for i, goods in enumerate(self.world.scenario.goods.lists.values()):
            if goods.exporter == self.countries[party]:
                rules.tariff_layer[i] *= 1.0 - cut
        blocks = [ledger.in_market(prospect, m) for m in range(len(self.world.axes.markets))]
        blocks.append(ledger.in_goods(self.first, self.first.under(rules, prospect.years)))
        gain = np.zeros(self.world.draws.count)
        for block in blocks:
            for value in ledger.weighted(block).values():
                gain += value
        return gain


def _add(parts: Parts, more: Mapping[str, FloatArray]) -> None:
    for name, value in more.items():
        parts[name] = parts[name] + value if name in parts else value


def _fingerprint(arrays: Iterable[FloatArray]) -> bytes:
    """Digest of the bits of arrays; zeros of either sign are alike."""
    digest = hashlib.blake2b(digest_size=16)
    for values in arrays:
        digest.update((values + 0.0).tobytes())
    return digest.digest()


def _differs(rows: Iterable[FloatArray], others: Iterable[FloatArray]) -> BoolArray:
    """Draws in which some row differs from its fellow."""
    found = [(row != other).reshape(-1, row.shape[-1]).any(axis=0) for row, other in zip(rows, others, strict=True)]
    return np.logical_or.reduce(found)
