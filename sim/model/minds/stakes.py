"""What packages are worth to governments: present values of the cloud markets and goods trade that each would bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.ledger import follows_vendors_home, weighed_accounts
from sim.model.equations.demand import kept_contracts
from sim.model.equations.present_value import flow_value, mean_growth, moving_flow_value
from sim.model.minds.appraisal import Appraisal, Policies, Stage, Step
from sim.model.world import World
from sim.quantities import FloatArray, ordered_sum
from sim.scenario.talks_schema import Stakes
from sim.timeline import Timeline
from sim.values import Number

PARTS = (*(account.name for account in weighed_accounts()), "home_sales", "know_how", "foreign_data_centres")
"""Parts of what a package is worth to a government, in the order of tables."""

Parts = dict[str, FloatArray]
"""Parts of a gain by name."""


class MarketGains(NamedTuple):
    """Gains in a cloud market, each [draw], bn USD: those that are in proportion to its size, and the others."""

    growing: Parts
    fixed: Parts


class Ledger:
    """Present values for one government.

    Parameters
    ----------
    first
        Rules, cloud markets and trade when governments first meet.
    country
        Name of the country.
    """

    def __init__(self, first: Appraisal, country: str) -> None:
        world = first.world
        self.first, self.world = first, world
        self.stakes: Stakes = world.scenario.talks.stakes[country]
        self.country = world.axes.countries.index(country)
        self.discount, self.horizon = world.value(self.stakes.discount), world.value(self.stakes.horizon_years)
        self._markets: dict[tuple[int, bytes, bytes, float], MarketGains] = {}

    def weighted(self, part: str, value: FloatArray) -> FloatArray:
        """Weigh a part; what is worth a sum a year holds its weight already."""
        return value * self._value(getattr(self.stakes, part)) if part in Stakes.model_fields else value

    def _value(self, number: Number | None) -> FloatArray | float:
        """Values of what the scenario gives; nothing where it gives none."""
        return 0.0 if number is None else self.world.value(number)

    # Goods trade -----------------------------------------------------------------------------------------------------

    def in_goods(self, now: Appraisal, step: Step) -> Parts:
        """Gains in goods trade, and in cloud spending that moves with activity, each [draw], bn USD (equation 7.3)."""
        if step.before.goods == step.after.goods:
            return {}
        old, new, c = now.goods(step.before), now.goods(step.after), self.country
        growth = self.world.value(self.world.scenario.goods.growth)
        years = flow_value(self.discount - growth, step.years, self.horizon)
        parts = {
            held.name: held.direction * (new.accounts[held.name][c] - old.accounts[held.name][c]) * years
            for held in weighed_accounts()
            if held.block == "goods"
        }
        nothing = self.first.stage(frozenset())
        for m in range(len(self.world.axes.markets)):
            more = (new.activity[m] - old.activity[m]) * now.grown(self.first, m)
            years = flow_value(self.discount - self._growth(m), step.years, self.horizon)
            _add(parts, {name: flow * more * years for name, flow in self._flows(nothing, m).items()})
        return parts

    # Cloud markets ---------------------------------------------------------------------------------------------------

    def in_market(self, step: Step, m: int) -> MarketGains:
        """Gains in one cloud market at the size of the first meeting (equation 7.3)."""
        key = (m, step.before.markets[m], step.after.markets[m], step.years)
        if key not in self._markets:
            same = step.before.markets[m] == step.after.markets[m]
            self._markets[key] = MarketGains({}, {}) if same else self._market(step, m)
        return self._markets[key]

    def _market(self, step: Step, m: int) -> MarketGains:
        old, new = self.first.settled(step.before, m), self.first.settled(step.after, m)
        live = step.years + np.maximum(new.years_until_live, old.years_until_live)
        growth = self._growth(m)
        shifting = moving_flow_value(self.discount, growth, self.world.base.churn_rate, live, self.horizon)
        at_once = flow_value(self.discount - growth, live, self.horizon)
        flat = flow_value(self.discount, live, self.horizon)
        kept = ordered_sum(kept_contracts(old.access, new.access) * old.revenue, axis=1)

        def profit(before: FloatArray, after: FloatArray) -> FloatArray:
            """Contracts that are kept earn the new margin at once; the rest follows what is chosen anew."""
            carried = after * kept
            return (carried - before * old.sales) * at_once + (after * new.sales - carried) * shifting

        growing: Parts = {}
        for account, before in old.kept.items():
            growing |= self._accrued(m, account, profit(before, new.kept[account]))
        once = np.where(live < self.horizon, np.exp(-self.discount * live), 0.0)
        costs = (self._own(old.fixed) - self._own(new.fixed)) * flat + (
            self._own(old.sunk) - self._own(new.sunk)
        ) * once
        fixed = {"vendor_profit": costs} | self._know_how(step, m)
        if self._is_home(m):
            growing["customer_surplus"] = (new.surplus - old.surplus) * shifting
            growing["home_sales"] = (new.home_sales - old.home_sales) * shifting
            fixed["partner_income"] = (new.partners_fixed - old.partners_fixed) * flat
            rate = self._value(self.stakes.foreign_data_centres_bn)
            fixed["foreign_data_centres"] = rate * (new.foreign_owned - old.foreign_owned) * flat
        return MarketGains(growing, fixed)

    def _flows(self, stage: Stage, m: int) -> Parts:
        """What the country gets from a settled market in a year, in proportion to its size, bn USD."""
        held = self.first.settled(stage, m)
        flows: Parts = {}
        for account, kept in held.kept.items():
            flows |= self._accrued(m, account, kept * held.sales)
        if self._is_home(m):
            flows |= {"customer_surplus": held.surplus, "home_sales": held.home_sales}
        return flows

    def _accrued(self, m: int, account: str, by_vendor: FloatArray) -> Parts:
        """Part of an account in a market that is the country's: its vendors', or all of it in its own market."""
        if follows_vendors_home(account):
            return {account: self._own(by_vendor)}
        return {account: ordered_sum(by_vendor)} if self._is_home(m) else {}

    def _know_how(self, step: Step, m: int) -> Parts:
        """Worth of protection of know-how, in the other country's market and at home."""
        if self.world.base.market_country[m] < 0:
            return {}
        protected = step.after.rules.ip_protection[m] - step.before.rules.ip_protection[m]
        rate = self._value(self.stakes.protection_bn if self._is_home(m) else self.stakes.know_how_bn)
        return {"know_how": rate * protected * flow_value(self.discount, step.years, self.horizon)}

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

    def __init__(self, timeline: Timeline, world: World, month: int, packages: Sequence[Policies]) -> None:
        self.timeline, self.world, self.packages = timeline, world, packages
        self.countries = tuple(world.scenario.talks.stakes)
        self.first = Appraisal(timeline, world, month)
        self.ledgers = [Ledger(self.first, country) for country in self.countries]
        self._of_goods = [self.first.of_goods(policies) for policies in packages]
        for m in range(len(world.axes.markets)):  # while the world is that of the first round
            self.first.settled(self.first.stage(frozenset()), m)

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
        sizes = self._sizes(now)
        for i, ledger in enumerate(self.ledgers):
            goods = {held: _sum(ledger.in_goods(now, step) for step in now.steps(held)) for held in set(self._of_goods)}
            for p, (policies, held) in enumerate(zip(self.packages, self._of_goods, strict=True)):
                for block in (goods[held], self._cloud(ledger, sizes, policies - held)):
                    for name, value in block.items():
                        parts[name][i, p] += ledger.weighted(name, value)
        return parts

    def gain_with_cut(self, policies: Policies, party: int, cut: float) -> FloatArray:
        """Gain of one party by some policies if the others also cut their tariffs on its goods, [draw], bn USD.

        Parameters
        ----------
        party
            Index of the party in `countries`.
        cut
            Part of the layers above the base rate that goes, share of one.
        """
        ledger, held = self.ledgers[party], self.first.of_goods(policies)
        steps = list(self.first.steps(held))
        rules = steps[-1].after.rules.copy()
        rules.tariff_layer[self.world.scenario.goods.rows(exporters=(self.countries[party],))] *= 1.0 - cut
        is_goods = len(steps) > 1  # the first step only spares what would come without a deal
        years = steps[-1].years if is_goods else 0.0
        steps.append(Step(steps[-1].after, self.first.under(rules), years))
        parts = _sum(ledger.in_goods(self.first, step) for step in steps)
        _add(parts, self._cloud(ledger, self._sizes(self.first), policies - held))
        gain = np.zeros(self.world.draws.count)
        for name in PARTS:
            if name in parts:
                gain += ledger.weighted(name, parts[name])
        return gain

    def _sizes(self, now: Appraisal) -> list[FloatArray]:
        """Spending in each market against the first round, [market][draw]."""
        return [now.grown(self.first, m) for m in range(len(self.world.axes.markets))]

    def _cloud(self, ledger: Ledger, sizes: Sequence[FloatArray], policies: Policies) -> Parts:
        """Gains in all cloud markets at their present size, not weighted."""
        return _sum(self._blocks(ledger, sizes, policies))

    def _blocks(self, ledger: Ledger, sizes: Sequence[FloatArray], policies: Policies) -> Iterator[Parts]:
        for step in self.first.steps(policies):
            for m, size in enumerate(sizes):
                growing, fixed = ledger.in_market(step, m)
                yield {name: value * size for name, value in growing.items()}
                yield fixed


def _add(parts: Parts, more: Mapping[str, FloatArray]) -> None:
    for name, value in more.items():
        parts[name] = parts[name] + value if name in parts else value


def _sum(blocks: Iterable[Parts]) -> Parts:
    """Add up parts."""
    parts: Parts = {}
    for block in blocks:
        _add(parts, block)
    return parts
