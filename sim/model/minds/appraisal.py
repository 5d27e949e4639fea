"""What governments see when they meet: rules that may come, where markets would settle, and goods trade."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.arithmetic.elementary import exp
from sim.ledger import weighed_accounts
from sim.model.channels import reviewed_pairs
from sim.model.minds.foresight import under
from sim.model.minds.goods_block import GoodsBlock, Limits, activity_of
from sim.model.minds.rules_in_force import in_force, rules_in, schedule_step
from sim.model.minds.settled_market import Places, Settled, settled_places, settled_with
from sim.model.presence_rules import leaked_to_vendors
from sim.model.world import World
from sim.policies import Levers, Policy
from sim.policies.levers import CLOUD_RULES, DECLARED, GOODS_RULES
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, ordered_sum, years_at
from sim.scenario.schema import Presence
from sim.timeline import Timeline
from sim.values import AfterDeal, schedules_in

Policies = frozenset[str]
"""Names of policies."""
GOODS_ACCOUNTS = tuple(held.name for held in weighed_accounts() if held.block == "goods")
"""Accounts of goods trade that governments may weigh."""
QUALITY_RULES = ("ip_protection", "quality_drift")
"""Rules of clouds that move what vendors learn; how they sell does not depend on it."""
PLACE_RULES = tuple(name for name in CLOUD_RULES if name not in QUALITY_RULES)
TRADE_RULES = tuple(name for name in GOODS_RULES if name != "purchases")
"""Rules that trade depends on before what is promised to be bought."""


@dataclass(frozen=True)
class Stage:
    """Rules that would be in force.

    Attributes
    ----------
    rules
        The levers.
    places, markets
        Fingerprints of all that depends on them in each cloud market: how vendors would sell there, and the whole.
    trade, goods
        Those of trade before purchases, and of goods trade with them.
    """

    rules: Levers
    places: tuple[bytes, ...]
    markets: tuple[bytes, ...]
    trade: bytes
    goods: bytes


@dataclass(frozen=True)
class Step:
    """A change of rules, and the years until it comes into force."""

    before: Stage
    after: Stage
    years: float


@dataclass(frozen=True)
class Goods:
    """Goods trade in the long run.

    Attributes
    ----------
    accounts
        [country, account, draw] by `GOODS_ACCOUNTS`, bn USD a year.
    activity
        [market, draw] activity of the day.
    """

    accounts: FloatArray
    activity: FloatArray


class _Cloud(NamedTuple):
    """Rules of clouds, and their fingerprints as in `Stage`."""

    rules: Levers
    places: tuple[bytes, ...]
    markets: tuple[bytes, ...]


class Appraisal:
    """What governments reckon with in one month: each distinct market and goods trade is worked out once.

    Parameters
    ----------
    timeline, world
        The run, in a month in which governments meet.
    month
        That month; market sizes and steps of schedules are those of it.
    before
        An earlier one of the same run, of which what has not changed is taken over.
    """

    def __init__(self, timeline: Timeline, world: World, month: int, before: Appraisal | None = None) -> None:
        self.timeline, self.world, self.month = timeline, world, month
        self.growth, self.spending = world.growth.copy(), ordered_sum(world.budget, axis=1)
        self.standing = _standing(timeline, world, month)
        alike = before is not None and before.standing == self.standing
        self.stages: dict[Policies, Stage] = before.stages if before and alike else {}
        self.clouds: dict[Policies, _Cloud] = before.clouds if before and alike else {}
        self.to_come: dict[tuple[Policies, int], list[Step]] = before.to_come if before and alike else {}
        self._places: dict[tuple[int, bytes], Places] = {}
        self._settled: dict[tuple[int, bytes], Settled] = {}
        self._goods: dict[bytes, Goods] = {}
        self.trade: dict[bytes, tuple[FloatArray, FloatArray]] = before.trade if before else {}
        self.long_run: dict[bytes, Goods] = before.long_run if before else {}
        self.block: GoodsBlock = before.block if before else GoodsBlock(world)
        self._writes = {name: writes for name, _, writes in world.policies_in_order}

    # Rules -----------------------------------------------------------------------------------------------------------

    def steps(self, policies: Policies, rung: int = 0) -> Iterator[Step]:
        """Steps from no deal to all that a package brings, each with what comes into force at the same time.

        The first one spares the countries what would come without a deal, from the last round on.

        Parameters
        ----------
        rung
            How many rungs of the escalation are in force, with a deal and without.
        """
        talks = self.world.scenario.talks
        last = self.timeline.calendar.month_of(talks.rounds[-1].date)
        before, after = self.stage(frozenset(talks.if_no_deal), rung), self.stage(frozenset(), rung)
        yield Step(before, after, max(last - self.month, 0) / MONTHS_PER_YEAR)
        yield from self.coming(policies, rung)

    def coming(self, policies: Policies, rung: int) -> list[Step]:
        """Steps from the rules now in force to those with some policies, each so many months after today."""
        if (policies, rung) not in self.to_come:
            self.to_come[policies, rung] = list(self._coming(policies, rung))
        return self.to_come[policies, rung]

    def _coming(self, policies: Policies, rung: int) -> Iterator[Step]:
        after = self.stage(frozenset(), rung)
        for lag in sorted({self._lag(name) for name in policies}):
            before, after = after, self.stage(frozenset(name for name in policies if self._lag(name) <= lag), rung)
            yield Step(before, after, lag / MONTHS_PER_YEAR)

    def of_goods(self, policies: Policies) -> Policies:
        """Those policies that write the rules of goods trade."""
        return self._about(policies, GOODS_RULES)

    def _about(self, policies: Policies, rules: Collection[str]) -> Policies:
        return frozenset(name for name in policies if not self._writes[name].isdisjoint(rules))

    def stage(self, policies: Policies, rung: int = 0) -> Stage:
        """Rules with some of the policies that wait for talks in force, and the lower rungs of the escalation."""
        climbed = frozenset(name for names in self.world.scenario.talks.rungs[:rung] for name in names)
        held = policies | climbed
        if held not in self.stages:
            rules, places, markets = self._cloud(self._about(held, CLOUD_RULES))
            whole = rules.with_those_of(self._rules(self.of_goods(held), GOODS_RULES), GOODS_RULES)
            self.stages[held] = Stage(whole, places, markets, *self._goods_fingerprints(whole))
        return self.stages[held]

    def under(self, rules: Levers) -> Stage:
        """Rules with their fingerprints."""
        return Stage(rules, *self._market_fingerprints(rules), *self._goods_fingerprints(rules))

    def _cloud(self, policies: Policies) -> _Cloud:
        """Rules of clouds, which most packages leave alone, with their fingerprints."""
        if policies not in self.clouds:
            rules = self._rules(policies, CLOUD_RULES)
            self.clouds[policies] = _Cloud(rules, *self._market_fingerprints(rules))
        return self.clouds[policies]

    def _market_fingerprints(self, rules: Levers) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Fingerprints of how vendors would sell in each market, and of the whole market."""
        base, learned = self.world.base.levers, _digest_of(self._learned(rules))
        places, whole = [], []
        for m in range(len(self.world.axes.markets)):
            places.append(_fingerprint(self._rows(rules, m, PLACE_RULES), self._rows(base, m, PLACE_RULES)))
            quality, usual = self._rows(rules, m, QUALITY_RULES), self._rows(base, m, QUALITY_RULES)
            whole.append(_fingerprint(quality, usual, places[m] + learned))
        return tuple(places), tuple(whole)

    def _goods_fingerprints(self, rules: Levers) -> tuple[bytes, bytes]:
        """Fingerprints of trade before purchases, and with them."""
        base = self.world.base.levers
        now, usual = ([getattr(held, name) for name in TRADE_RULES] for held in (rules, base))
        trade = _fingerprint(now, usual)
        return trade, _fingerprint([rules.purchases], [base.purchases], trade)

    def _rules(self, policies: Policies, only: Collection[str]) -> Levers:
        def forces(name: str, policy: Policy) -> BoolArray:
            if policy.by_deal:
                return self.world.everywhere if name in policies else self.world.nowhere
            return in_force(self.timeline, self.world, name, policy, self.month)

        return rules_in(self.timeline, self.world, self.month, forces, only)

    def _lag(self, name: str) -> int:
        """Months from a signature until a policy is in force; 0 for one that does not wait for one."""
        starts = self.world.scenario.policies[name].starts
        return starts.after_deal if isinstance(starts, AfterDeal) else 0

    def _rows(self, rules: Levers, m: int, names: Sequence[str]) -> Iterator[FloatArray]:
        """Some rules that a cloud market depends on directly, each [..., draw]: its own, and those of no market.

        Uncertainty is for those who reckon with moving; where nobody may, it changes nothing.
        """
        zones = [z for z, market in enumerate(self.world.axes.zone_markets) if market == m]
        moves = any(market == m for _, market in reviewed_pairs(self.world.scenario))
        for name in names if moves else [name for name in names if name != "uncertainty"]:
            here = {"market": m, "zone": zones}
            yield getattr(rules, name)[tuple(here.get(dim, slice(None)) for dim in DECLARED[name]["dims"])]

    # Cloud markets ---------------------------------------------------------------------------------------------------

    def grown(self, before: Appraisal, m: int) -> FloatArray:
        """Spending in a market against an earlier meeting, [draw]."""
        grown: FloatArray = self.spending[m] / before.spending[m]
        return grown

    def settled(self, stage: Stage, m: int) -> Settled:
        """A market settled under some rules."""
        key = (m, stage.markets[m])
        if key not in self._settled:
            seen, learned = under(self.world, stage.rules), self._learned(stage.rules)
            self._settled[key] = settled_with(seen, m, self.month, learned, self._places_in(stage, m))
        return self._settled[key]

    def _places_in(self, stage: Stage, m: int) -> Places:
        """How every vendor would sell in a market under some rules."""
        key = (m, stage.places[m])
        if key not in self._places:
            self._places[key] = settled_places(under(self.world, stage.rules), m, self.month)
        return self._places[key]

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
        world, partner = self.world, self.world.channels.of_kind(Presence.PARTNER)
        return np.stack([world.share_served(m, partner) for m in range(len(world.axes.markets))])

    # Goods trade -----------------------------------------------------------------------------------------------------

    def goods(self, stage: Stage) -> Goods:
        """Goods trade in the long run under some rules."""
        if stage.goods not in self._goods:
            self._goods[stage.goods] = self._grown(stage)
        return self._goods[stage.goods]

    def _grown(self, stage: Stage) -> Goods:
        """Trade of the day: as at the base date, grown, with what has been promised to be bought."""
        if stage.goods not in self.long_run:
            self.long_run[stage.goods] = self._long_run(stage)
        held, rules = self.long_run[stage.goods], stage.rules
        grown = exp(self.world.value(self.world.scenario.goods.growth) * years_at(self.month))
        accounts = held.accounts * grown
        accounts[:, GOODS_ACCOUNTS.index("exports")] += ordered_sum(rules.purchases, axis=1)
        accounts[:, GOODS_ACCOUNTS.index("imports")] += ordered_sum(rules.purchases)
        return Goods(accounts, held.activity)

    def _long_run(self, stage: Stage) -> Goods:
        """Trade at the size of the base date, before purchases, and activity with them."""
        if stage.trade not in self.trade:
            self.trade[stage.trade] = self._before_purchases(stage.rules)
        (accounts, lost), activity = self.trade[stage.trade], np.ones(self.world.axes.shape("market"))
        for m, share in activity_of(self.world, self.block, stage.rules, lost):
            activity[m] = share
        return Goods(accounts, activity)

    def _before_purchases(self, rules: Levers) -> tuple[FloatArray, FloatArray]:
        """Accounts, and exports that tariffs cost, [country, draw]."""
        tariff = self.world.base.base_tariff + rules.tariff_layer
        trade = self.block.at(tariff, self.block.target(tariff), limits=Limits.of(rules))
        return np.stack([trade.accounts[name] for name in GOODS_ACCOUNTS], axis=1), trade.lost


def _standing(timeline: Timeline, world: World, month: int) -> bytes:
    """Digest of what else than the policies of a deal decides the rules of a month: two alike make the same rules."""
    digest = hashlib.blake2b(digest_size=16)
    for held in (world.zone_closed, world.zone_nationwide):
        digest.update((held <= month).tobytes())
    for name, policy in world.scenario.policies.items():
        digest.update(b"" if policy.by_deal else in_force(timeline, world, name, policy, month).tobytes())
    for part in (world.scenario.policies, world.scenario.goods.stacking):
        steps = (schedule_step(timeline, schedule, month) for schedule in schedules_in(part))
        digest.update(repr([step and step.name for step in steps]).encode())
    return digest.digest()


def _fingerprint(arrays: Iterable[FloatArray], usual: Iterable[FloatArray], more: bytes = b"") -> bytes:
    """Digest of arrays, of those that are as usual only that they are, and of what else is given."""
    pairs = zip(arrays, usual, strict=True)
    held = [b"as usual" if np.array_equal(values, before) else _digest_of(values) for values, before in pairs]
    return hashlib.sha256(b"".join([*held, more])).digest()


def _digest_of(values: FloatArray) -> bytes:
    """Digest of the bits of an array; zeros of either sign are alike."""
    return hashlib.sha256((values + 0.0).tobytes()).digest()
