"""What packages are worth to governments: present values of the cloud markets and goods trade that each would bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp
from sim.ledger import follows_vendors_home, weighed_accounts
from sim.model.equations.demand import kept_contracts
from sim.model.equations.present_value import flow_value, mean_growth, moving_flow_value
from sim.model.minds.appraisal import GOODS_ACCOUNTS, Appraisal, Policies, Stage, Step
from sim.model.world import World
from sim.quantities import FloatArray, IntArray, ordered_sum
from sim.scenario.talks_schema import Stakes
from sim.timeline import Timeline
from sim.values import Number

CARRYING_OUT = "carrying_out"
"""Part of what a package is worth: what it costs to carry out what the government promises itself."""
PARTS = (
    *(account.name for account in weighed_accounts()), "home_sales", "know_how", "foreign_data_centres", CARRYING_OUT
)  # fmt: skip
"""Parts of what a package is worth to a government, in the order of tables."""

Parts = dict[str, FloatArray]
"""Parts of a gain by name."""
_WEIGHTS = frozenset(Stakes.model_fields)
_POINTS = 100.0
"""Percentage points of the whole."""


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
        self._flow_values: dict[float, FloatArray] = {}

    def weighted(self, parts: Parts) -> Iterator[tuple[str, FloatArray]]:
        """Weigh parts, and leave out those without weight; what is worth a sum a year holds its weight already."""
        for name, value in parts.items():
            if name not in _WEIGHTS:
                yield name, value
            elif (weight := getattr(self.stakes, name)) is not None:
                yield name, value * self.world.value(weight)

    def _value(self, number: Number | None) -> FloatArray | float:
        """Values of what the scenario gives; nothing where it gives none."""
        return 0.0 if number is None else self.world.value(number)

    # Goods trade -----------------------------------------------------------------------------------------------------

    def in_goods(self, now: Appraisal, step: Step) -> Parts:
        """Gains in goods trade, and in cloud spending that moves with activity, each [draw], bn USD (equation 7.3)."""
        if step.before.goods == step.after.goods:
            return {}
        names, draws = (*GOODS_ACCOUNTS, *self._flows_of_no_deal[0]), np.arange(self.world.draws.count)
        found = np.zeros((len(names), len(draws)))
        self._add(found, now, [[step]], draws, _Weights(np.arange(len(names)), np.ones_like(found)))
        return dict(zip(names, found, strict=True))

    def add_goods(self, total: FloatArray, now: Appraisal, steps: Sequence[Sequence[Step]], draws: IntArray) -> None:
        """Add what some changes of rules are worth in goods trade, weighed and summed, in some draws.

        Parameters
        ----------
        total
            [set, draw] what it is added to, for each set of changes.
        now
            Trade of the day.
        steps
            The changes of each set.
        draws
            Draws, by their place in the batch.
        """
        self._add(total, now, steps, draws, self._goods_weights)

    def _add(
        self, found: FloatArray, now: Appraisal, steps: Sequence[Sequence[Step]], draws: IntArray, weighed: _Weights
    ) -> None:
        stages = {held.goods: held for listed in steps for step in listed for held in (step.before, step.after)}
        begins = list(dict.fromkeys(step.years for listed in steps for step in listed))
        if not stages:
            return
        place, goods = {name: k for k, name in enumerate(stages)}, [now.goods(stage) for stage in stages.values()]
        changes = [
            (k, place[step.before.goods], place[step.after.goods], begins.index(step.years))
            for k, listed in enumerate(steps)
            for step in listed
        ]
        size = now.spending[:, draws] / self.first.spending[:, draws]
        years = np.stack([self._years(after)[:, draws] for after in begins])
        accounts = np.stack([held.accounts[self.country][:, draws] for held in goods])
        activity = np.stack([held.activity[:, draws] for held in goods])
        worth = _Worth(_DIRECTIONS, self._flows_of_no_deal[1][..., draws], size, years)
        weights = _Weights(weighed.rows, weighed.weights[:, draws])
        _add_goods(found, np.array(changes), _Moments(accounts, activity), worth, weights)

    @cached_property
    def _goods_weights(self) -> _Weights:
        """Weights of what goods trade brings, all of which goes into one sum."""
        names, flows = self._flows_of_no_deal
        weights = dict(self.weighted({name: np.ones(flows.shape[-1]) for name in (*GOODS_ACCOUNTS, *names)}))
        rows = np.array([0 if name in weights else _LEFT_OUT for name in (*GOODS_ACCOUNTS, *names)])
        nothing = np.zeros(flows.shape[-1])
        return _Weights(rows, np.stack([weights.get(name, nothing) for name in (*GOODS_ACCOUNTS, *names)]))

    def _years(self, begins: float) -> FloatArray:
        """Value now of 1 a year from some time on: of goods trade, and then of each market, [1 + market, draw]."""
        if begins not in self._flow_values:
            goods = self.world.value(self.world.scenario.goods.growth)
            growth = (goods, *(self._growth(m) for m in range(len(self.world.axes.markets))))
            values = [flow_value(self.discount - rate, begins, self.horizon) for rate in growth]
            self._flow_values[begins] = np.stack(values)
        return self._flow_values[begins]

    @cached_property
    def _flows_of_no_deal(self) -> tuple[tuple[str, ...], FloatArray]:
        """Parts that move with activity, and what they come to in each market now, [market, part, draw]."""
        nothing, markets = self.first.stage(frozenset()), range(len(self.world.axes.markets))
        held = [self._flows(nothing, m) for m in markets]
        names = tuple(dict.fromkeys(name for flows in held for name in flows))
        none = np.zeros(self.world.draws.count)
        return names, np.array([[flows.get(name, none) for name in names] for flows in held])

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
        once = np.where(live < self.horizon, exp(-self.discount * live), 0.0)
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


class _Moments(NamedTuple):
    """Goods trade of a country under some rules: accounts [rules, account, draw], activity [rules, market, draw]."""

    accounts: FloatArray
    activity: FloatArray


class _Worth(NamedTuple):
    """What changes of goods trade are worth.

    Attributes
    ----------
    directions
        [account] what counts for the country, 1 or -1.
    flows
        [market, part, draw] what moves with activity in a market of the first size, bn USD a year.
    size
        [market, draw] size of each market against the first one.
    years
        [beginning, 1 + market, draw] value of 1 a year from some time on, of goods trade and of each market.
    """

    directions: FloatArray
    flows: FloatArray
    size: FloatArray
    years: FloatArray


class _Weights(NamedTuple):
    """Row of the result, after that of the set, which each part is added to, [part], and its weight, [part, draw]."""

    rows: IntArray
    weights: FloatArray


_LEFT_OUT = -1
"""Stands for the row of a part that does not count."""
_DIRECTIONS = np.array([float(held.direction) for held in weighed_accounts() if held.name in GOODS_ACCOUNTS])


@compiled
def _add_goods(found: FloatArray, changes: IntArray, moments: _Moments, worth: _Worth, weighed: _Weights) -> None:
    """Add present values of changes in accounts of goods trade, and in what moves with activity, [row, draw].

    Each change is the number of its set, the rules before and after it, and when it begins.
    """
    accounts, (markets, _, draws) = len(worth.directions), worth.flows.shape
    for c in range(len(changes)):
        row, old, new, begins = changes[c, 0], changes[c, 1], changes[c, 2], changes[c, 3]
        for part in range(len(weighed.rows)):
            if weighed.rows[part] == _LEFT_OUT:
                continue
            for d in range(draws):
                if part < accounts:
                    change = moments.accounts[new, part, d] - moments.accounts[old, part, d]
                    value = worth.directions[part] * change * worth.years[begins, 0, d]
                else:
                    value = 0.0
                    for m in range(markets):
                        more = (moments.activity[new, m, d] - moments.activity[old, m, d]) * worth.size[m, d]
                        value += worth.flows[m, part - accounts, d] * more * worth.years[begins, 1 + m, d]
                found[row + weighed.rows[part], d] += value * weighed.weights[part, d]


class Pricing:
    """Prices packages for the governments that bargain, at one round after another.

    Cloud markets are settled once, under the rules of the first round, and grow from round to round with their
    spending; goods trade is worked out at each round, under the tariffs of the day and on every rung of the escalation.

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
        self.first = self.now = Appraisal(timeline, world, month)
        self.ledgers = [Ledger(self.first, country) for country in self.countries]
        alone = [[self._without_the_other(country, held) for held in packages] for country in self.countries]
        self._sets = list(dict.fromkeys([*packages, *alone[0], *alone[1]]))
        self._package, *self._alone = (
            np.array([self._sets.index(held) for held in listed], dtype=np.int64) for listed in (packages, *alone)
        )
        of_goods = [self.first.of_goods(policies) for policies in self._sets]
        self._goods_sets = list(dict.fromkeys(of_goods))
        self._goods = np.array([self._goods_sets.index(held) for held in of_goods], dtype=np.int64)
        for m in range(len(world.axes.markets)):  # while the world is that of the first round
            self.first.settled(self.first.stage(frozenset()), m)
        of_cloud = [policies - held for policies, held in zip(self._sets, of_goods, strict=True)]
        self._cloud = [_Cloud(ledger, of_cloud, len(world.axes.markets)) for ledger in self.ledgers]
        self._all_draws = np.arange(world.draws.count)

    def parts(self, month: int, rung: int = 0) -> Parts:
        """Price all packages at a round, part by part.

        Parameters
        ----------
        month
            Month of the round.
        rung
            How many rungs of the escalation are in force, with a deal and without.

        Returns
        -------
        For each of `PARTS` an array [country, package, draw]: weight times present value over the government's horizon
        of the difference to no deal, bn USD, as far as it counts on the other side (equation 7.3). They add up to the
        gain.
        """
        self._at(month)
        steps, draws = self._steps_in_goods(rung), self._all_draws
        whole = [self._in_trade(i, steps, draws) + self._in_clouds(i, draws) for i in range(len(self.ledgers))]
        found = {name: np.zeros((len(self.ledgers), len(self.packages), self.world.draws.count)) for name in PARTS}
        for i in range(len(self.ledgers)):
            for name, values in self._by_part(i, steps).items():
                found[name][i] = self._counted(i, values, draws)
            found[CARRYING_OUT][i] = self._carrying_out(i, whole[1 - i], draws)
        return found

    def gains(self, month: int, draws: IntArray | None = None) -> FloatArray:
        """Give what all packages are worth at a round on each rung of the escalation, [party, package, rung, draw].

        Parameters
        ----------
        month
            Month of the round.
        draws
            Draws, by their place in the batch, in which it is asked for; all if absent.
        """
        self._at(month)
        here = self._all_draws if draws is None else draws
        clouds = [self._in_clouds(i, here) for i in range(len(self.ledgers))]
        rungs = len(self.world.scenario.talks.rungs) + 1
        found = np.empty((len(self.ledgers), len(self.packages), rungs, len(here)))
        for rung in range(rungs):
            steps = self._steps_in_goods(rung)
            whole = [self._in_trade(i, steps, here) + cloud for i, cloud in enumerate(clouds)]
            for i, values in enumerate(whole):
                found[i, :, rung] = self._counted(i, values, here) + self._carrying_out(i, whole[1 - i], here)
        return found

    def climbs(self, month: int, draws: IntArray | None = None) -> FloatArray:
        """Give what it is worth to each party to be a rung higher, [party, rung, draw]; 0 on the last one.

        Goods trade only; the higher tariffs come so many months after a failed round as the rung's policies say.
        Parameters are those of `gains`.
        """
        self._at(month)
        rungs, here = self.world.scenario.talks.rungs, self._all_draws if draws is None else draws
        found = np.zeros((len(self.ledgers), len(rungs) + 1, len(here)))
        steps = [
            self._in_goods(self.now.coming(self.first.of_goods(frozenset(policies)), rung))
            for rung, policies in enumerate(rungs)
        ]
        for i, ledger in enumerate(self.ledgers):
            ledger.add_goods(found[i], self.now, steps, here)
        return found

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
        gain = _weighed(ledger, _sum(ledger.in_goods(self.first, step) for step in steps))
        for step in self.first.steps(policies - held):
            for m in range(len(self.world.axes.markets)):
                growing, fixed = ledger.in_market(step, m)
                gain += _weighed(ledger, growing) + _weighed(ledger, fixed)
        return gain

    def worth_of_a_point(self, party: int) -> FloatArray:
        """What it is worth to a party that tariffs on its goods fall by a point on average, [draw], bn USD (7.11).

        All layers above the base rates are cut alike; not a number where there are none.
        """
        own, other = self.countries[party], self.countries[1 - party]
        rows = self.world.scenario.goods.rows(importer=other, exporters=(own,))
        traded, layer = self.world.base.free_trade[rows], self.first.stage(frozenset()).rules.tariff_layer[rows]
        whole = ordered_sum(traded) if rows else np.zeros(self.world.draws.count)
        points = _POINTS * ordered_sum(traded * layer) / np.where(whole > 0.0, whole, np.inf) if rows else whole
        gain = self.gain_with_cut(frozenset(), party, 1.0) - self.gain_with_cut(frozenset(), party, 0.0)
        return np.divide(gain, points, out=np.full_like(gain, np.nan), where=points > 0.0)

    def _without_the_other(self, country: str, policies: Policies) -> Policies:
        """What is left of a package for a country if the other side does not carry out what it promises."""
        held = self.world.scenario.policies
        return frozenset(name for name in policies if held[name].by in {country, None})

    def _at(self, month: int) -> None:
        """Look at the day of a round."""
        if month != self.now.month:
            self.now = Appraisal(self.timeline, self.world, month, self.now)

    def _steps_in_goods(self, rung: int) -> list[list[Step]]:
        """Steps of each set of policies by which goods trade changes."""
        return [self._in_goods(self.now.steps(policies, rung)) for policies in self._goods_sets]

    @staticmethod
    def _in_goods(steps: Iterable[Step]) -> list[Step]:
        return [step for step in steps if step.before.goods != step.after.goods]

    def _by_part(self, i: int, steps: Sequence[Sequence[Step]]) -> Parts:
        """What each set of policies is worth to one party if all of it is carried out, by part, [set, draw]."""
        shape = (len(self._goods_sets), self.world.draws.count)
        goods: Parts = {}
        for k, held in enumerate(steps):
            for step in held:
                for name, value in self.ledgers[i].weighted(self.ledgers[i].in_goods(self.now, step)):
                    goods.setdefault(name, np.zeros(shape))[k] += value
        sizes = self._sizes(self._all_draws)
        cloud = {name: self._cloud[i].worth(name, sizes, self._all_draws) for name in self._cloud[i].names}
        named = {name: held[self._goods] for name, held in goods.items()}
        for name, values in cloud.items():
            named[name] = named[name] + values if name in named else values
        return named

    def _in_trade(self, i: int, steps: Sequence[Sequence[Step]], draws: IntArray) -> FloatArray:
        """What each set of policies is worth to one party in goods trade if all of it is carried out, [set, draw]."""
        total = np.zeros((len(self._goods_sets), len(draws)))
        self.ledgers[i].add_goods(total, self.now, steps, draws)
        return total[self._goods]

    def _in_clouds(self, i: int, draws: IntArray) -> FloatArray:
        """What each set of policies is worth to one party in cloud markets of the day, [set, draw], in some draws."""
        sizes, cloud = self._sizes(draws), self._cloud[i]
        return ordered_sum(np.stack([cloud.worth(name, sizes, draws) for name in cloud.names]))

    def _sizes(self, draws: IntArray) -> list[FloatArray]:
        """Spending in each market against the first round, [market][draw]."""
        return [self.now.grown(self.first, m)[draws] for m in range(len(self.world.axes.markets))]

    def _counted(self, i: int, values: FloatArray, draws: IntArray) -> FloatArray:
        """What each package is worth as far as a party counts on the other one, [package, draw]; `values` by set."""
        delivery = self.ledgers[i].stakes.delivery
        if delivery is None:
            return values[self._package]
        alone = values[self._alone[i]]
        return alone + self.world.value(delivery)[draws] * (values[self._package] - alone)

    def _carrying_out(self, i: int, other: FloatArray, draws: IntArray) -> FloatArray:
        """What it costs a party to carry out its promises, [package, draw], by what they are worth to the other one."""
        cost = self.ledgers[i].stakes.concession_cost
        if cost is None:
            return np.zeros((len(self.packages), len(draws)))
        promised = other[self._package] - other[self._alone[1 - i]]
        return -self.world.value(cost)[draws] * np.maximum(promised, 0.0)


class _Cloud:
    """Weighted gains of one government in all cloud markets as of the first round, for each set of policies."""

    def __init__(self, ledger: Ledger, sets: Sequence[Policies], markets: int) -> None:
        draws = ledger.world.draws.count
        self.growing: dict[str, FloatArray] = {}
        self.fixed: dict[str, FloatArray] = {}
        self.nothing = np.zeros((len(sets), draws))
        for k, policies in enumerate(sets):
            for step in ledger.first.steps(policies):
                for m in range(markets):
                    growing, fixed = ledger.in_market(step, m)
                    for name, value in ledger.weighted(growing):
                        if name not in self.growing:
                            self.growing[name] = np.zeros((markets, len(sets), draws))
                        self.growing[name][m, k] += value
                    for name, value in ledger.weighted(fixed):
                        if name not in self.fixed:
                            self.fixed[name] = self.nothing.copy()
                        self.fixed[name][k] += value

    @property
    def names(self) -> list[str]:
        """Parts that there are, in their order; one at least."""
        return [name for name in PARTS if name in self.growing or name in self.fixed] or [PARTS[0]]

    def worth(self, part: str, sizes: Sequence[FloatArray], draws: IntArray) -> FloatArray:
        """Give a part at the present size of each market, [set, draw], bn USD, in some draws."""
        total = self.fixed.get(part, self.nothing)[:, draws]
        for size, growing in zip(sizes, self.growing.get(part, ()), strict=False):
            total += growing[:, draws] * size
        return total


def _weighed(ledger: Ledger, parts: Parts) -> FloatArray:
    gain, weighted = np.zeros(ledger.world.draws.count), dict(ledger.weighted(parts))
    for name in PARTS:
        if name in weighted:
            gain += weighted[name]
    return gain


def _add(parts: Parts, more: Mapping[str, FloatArray]) -> None:
    for name, value in more.items():
        parts[name] = parts[name] + value if name in parts else value


def _sum(blocks: Iterable[Parts]) -> Parts:
    """Add up parts."""
    parts: Parts = {}
    for block in blocks:
        _add(parts, block)
    return parts
