"""Trade of the world in exact changes, with inputs, outputs and tariff revenue (docs/model.md, section 6).

Caliendo and Parro (2015, Review of Economic Studies 82(1)) without their draws of productivity: customers divide their
spending between origins (Armington), those of close rivals first among each other. A hat is after over before.

Arrays end with cases: combinations of tariffs and elasticities that are solved side by side and know nothing of each
other, so that a case has the same bits whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp, log, log1p
from sim.arithmetic.linear_systems import eliminate, solve
from sim.errors import ModelError
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum

CLOSE_PRICES, CLOSE_MARKETS = 1e-13, 1e-10
"""Gaps, in logs and as shares, below which prices and the markets for labour count as settled."""
MOST_ROUNDS, PRICE_ROUNDS, SAME_SLOPES = 500, 6, 30
"""Rounds after which nothing will settle any more, of prices between two of wages, and with the same slopes.

Only tariffs that leave next to no trade need slopes other than those of before.
"""
AT_A_TIME = 128
"""Cases that are solved side by side: as many as fit into the processor's memory with all that is between them."""
TINY = 1e-300
LONGEST_STEP, NUDGE = 0.2, 1e-5
"""Log points by which wages move at most in a round, and in which their effect is measured."""


@dataclass(frozen=True, eq=False)
class WorldEconomy:
    """The world before a change of tariffs; bn USD a year.

    Attributes
    ----------
    regions, sectors
        Names along the axes.
    spending
        [origin, destination, sector] what customers pay, duty included, for goods on no list.
    kept
        [origin, destination, sector] part of it that sellers get: 1 / (1 + rate).
    listed
        [list, sector] what customers pay, duty included, for the goods of each list.
    list_tariff
        [list] 1 + rate.
    origin, destination
        [list] indexes of regions.
    value_added
        [sector, region] part of output that is wages and profits.
    inputs
        [sector bought, sector that buys, region] parts of what is spent on materials; they sum to one.
    rivals
        [origin, destination] whether goods compete in the nest of close rivals.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    spending: FloatArray
    kept: FloatArray
    listed: FloatArray
    list_tariff: FloatArray
    origin: IntArray
    destination: IntArray
    value_added: FloatArray
    inputs: FloatArray
    rivals: BoolArray

    @cached_property
    def paid(self) -> FloatArray:
        """[origin, destination, sector] what customers pay, duty included."""
        paid = self.spending.copy()
        np.add.at(paid, (self.origin, self.destination), self.listed)
        return paid

    @cached_property
    def trade(self) -> FloatArray:
        """[origin, destination, sector] value before duty."""
        trade = self.spending * self.kept
        np.add.at(trade, (self.origin, self.destination), self.listed / self.list_tariff[:, None])
        return trade

    @cached_property
    def output(self) -> FloatArray:
        """[sector, region] sales of what is made there."""
        return self.trade.sum(axis=1).T

    @cached_property
    def earned(self) -> FloatArray:
        """[region] value added."""
        return (self.value_added * self.output).sum(axis=0)

    @cached_property
    def revenue(self) -> FloatArray:
        """[region] tariff revenue."""
        return (self.paid - self.trade).sum(axis=(0, 2))

    @cached_property
    def mix(self) -> FloatArray:
        """[sector bought, sector that buys, region] materials per unit of output."""
        return self.inputs * (1.0 - self.value_added)[None]

    @cached_property
    def final(self) -> FloatArray:
        """[sector, region] what households and the state buy."""
        return self.paid.sum(axis=0).T - (self.mix * self.output[None]).sum(axis=1)

    @cached_property
    def close_share(self) -> FloatArray:
        """[destination, sector] share of close rivals in spending."""
        close: FloatArray = np.where(self.rivals[:, :, None], self.paid, 0.0).sum(axis=0)
        return close / np.maximum(self.paid.sum(axis=0), TINY)

    @cached_property
    def income(self) -> FloatArray:
        """[region] what they spend."""
        return self.final.sum(axis=0)

    @cached_property
    def borrowed(self) -> FloatArray:
        """[region] what they spend beyond value added and tariff revenue; fixed against the world's value added."""
        return self.income - self.earned - self.revenue


@dataclass(frozen=True)
class Cases:
    """Tariffs and elasticities of several cases.

    Attributes
    ----------
    tariff
        [list, case] rates, share of one.
    elasticity
        [case] trade elasticity between close rivals: how much the spending on an origin falls, in percent, with a
        percent more of its price.
    others
        [case] that between all other goods, as a ratio to it; 1 for no nest.
    """

    tariff: FloatArray
    elasticity: FloatArray
    others: FloatArray

    def __len__(self) -> int:
        return len(self.elasticity)

    def some(self, which: slice) -> Cases:
        """Give some of them."""
        return Cases(np.ascontiguousarray(self.tariff[:, which]), self.elasticity[which], self.others[which])


@dataclass(frozen=True)
class Settled:
    """The world under other tariffs, bn USD a year at the money of before.

    Attributes
    ----------
    wages
        [region, case] wages and profits per unit of labour and capital, over those before.
    prices
        [sector, region, case] price indexes of customers, over those before.
    listed
        [list, case] value of the lists' trade before duty.
    trade
        [origin, destination, sector, case] value before duty.
    revenue, income
        [region, case] tariff revenue, and what households and the state spend.
    cost_of_living
        [region, case] price index of what they buy, over that before.
    gain
        [region, case] what the change is worth to them: equivalent variation.
    excess
        [region, case] demand for labour and capital beyond what there is, as a share of it.
    """

    wages: FloatArray
    prices: FloatArray
    listed: FloatArray
    trade: FloatArray
    revenue: FloatArray
    income: FloatArray
    cost_of_living: FloatArray
    gain: FloatArray
    excess: FloatArray


@dataclass
class Demand:
    """How customers divide their spending under the tariffs of some cases: what does not move with wages and prices.

    Attributes
    ----------
    pull, net
        [origin, destination, sector, case] spending at the tariffs, had costs and price indexes stayed, and the part of
        spending that sellers get.
    on_lists
        [list, sector, case] spending on each list, had costs and price indexes stayed.
    """

    economy: WorldEconomy
    cases: Cases
    pull: FloatArray = field(init=False)
    net: FloatArray = field(init=False)
    on_lists: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        economy, cases = self.economy, self.cases
        near = economy.rivals[economy.origin, economy.destination]
        exponent = np.where(near[:, None], cases.elasticity, cases.elasticity * cases.others)
        dearer = log1p(cases.tariff) - log(economy.list_tariff)[:, None]
        self.on_lists = economy.listed[:, :, None] * exp(-exponent * dearer)[:, None]
        shape = (*economy.spending.shape, len(cases))
        self.pull = np.broadcast_to(economy.spending[..., None], shape).copy()
        sold = np.broadcast_to((economy.spending * economy.kept)[..., None], shape).copy()
        for row, place in enumerate(zip(economy.origin, economy.destination, strict=True)):
            self.pull[place] += self.on_lists[row]
            sold[place] += self.on_lists[row] / (1.0 + cases.tariff[row])
        self.net = np.divide(sold, self.pull, out=np.ones_like(sold), where=self.pull > 0.0)
        self.pull /= np.maximum(economy.paid.sum(axis=0), TINY)[None, ..., None]

    def settled_prices(
        self, log_wages: FloatArray, log_prices: FloatArray, most: int | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Price indexes and shares of spending at given wages, and the last gap; starts from prices that are close.

        Raises
        ------
        ModelError
            If prices do not settle and no most rounds are given.
        """
        economy, prices, share = self.economy, log_prices.copy(), np.empty(self.pull.shape)
        known = (economy.value_added, economy.mix, economy.rivals, economy.close_share)
        demand = (self.pull, self.cases.elasticity, self.cases.others)
        settled, gap = _settle_prices(known, demand, log_wages, prices, most or MOST_ROUNDS, share)
        if most is None and not settled:
            raise ModelError("no prices were found at which sectors cover their costs: are tariffs absurd?")
        return prices, share, gap


@compiled
def unit_costs(
    value_added: FloatArray, mix: FloatArray, log_wages: FloatArray, log_prices: FloatArray, cost: FloatArray
) -> None:
    """Log change of unit costs, [sector, region, case] (equation 6.12).

    Parameters
    ----------
    value_added, mix
        As in `WorldEconomy`.
    log_wages, log_prices
        [region, case] and [sector, region, case] log changes of wages and of price indexes.
    cost
        Gets them.
    """
    sectors, regions, cases = log_prices.shape
    for j in range(sectors):
        for o in range(regions):
            cost[j, o] = 0.0
            for k in range(sectors):
                for c in range(cases):
                    cost[j, o, c] += mix[k, j, o] * log_prices[k, o, c]
            for c in range(cases):
                cost[j, o, c] = value_added[j, o] * log_wages[o, c] + cost[j, o, c]


@compiled
def divide_spending(  # noqa: C901, PLR0912 (a loop for each axis, and for each step)
    rivals: tuple[BoolArray, FloatArray],
    pull: FloatArray,
    powers: tuple[FloatArray, FloatArray],
    log_cost: FloatArray,
    index: FloatArray,
    share: FloatArray,
) -> None:
    """Price indexes, and how customers divide their spending (equation 6.13).

    Parameters
    ----------
    rivals
        Who close rivals are, [origin, destination], and their share in spending before, [destination, sector].
    pull, powers
        As in `Demand`, and the elasticities of its cases.
    log_cost
        [sector, region, case] log change of unit costs.
    index
        [sector, region, case] gets the log change of price indexes.
    share
        [origin, destination, sector, case] gets shares of spending, if it has room for any.
    """
    (near, before), (elasticity, others) = rivals, powers
    origins, destinations, sectors, cases = pull.shape
    cheap = np.empty((2, sectors, origins, cases))
    for j in range(sectors):
        for o in range(origins):
            for c in range(cases):
                cheap[0, j, o, c] = exp(others[c] * (-elasticity[c] * log_cost[j, o, c]))
            for c in range(cases):
                cheap[1, j, o, c] = exp(-elasticity[c] * log_cost[j, o, c])
    close, total, within = np.empty(cases), np.empty(cases), np.empty(cases)
    for n in range(destinations):
        for j in range(sectors):
            close[:], total[:], within[:] = 0.0, 0.0, 0.0
            for o in range(origins):
                if near[o, n]:
                    for c in range(cases):
                        close[c] += pull[o, n, j, c] * cheap[1, j, o, c]
                else:
                    for c in range(cases):
                        total[c] += pull[o, n, j, c] * cheap[0, j, o, c]
            if before[n, j] > 0.0:
                for c in range(cases):
                    nest = before[n, j] * exp(log(close[c] / before[n, j]) * others[c])
                    total[c] += nest
                    within[c] = nest / close[c]
            for c in range(cases):
                index[j, n, c] = log(total[c]) / -(elasticity[c] * others[c])
            for o in range(len(share)):
                if near[o, n]:
                    for c in range(cases):
                        share[o, n, j, c] = pull[o, n, j, c] * cheap[1, j, o, c] * within[c] / total[c]
                else:
                    for c in range(cases):
                        share[o, n, j, c] = pull[o, n, j, c] * cheap[0, j, o, c] / total[c]


@compiled
def _settle_prices(
    known: tuple[FloatArray, FloatArray, BoolArray, FloatArray],
    demand: tuple[FloatArray, FloatArray, FloatArray],
    log_wages: FloatArray,
    log_prices: FloatArray,
    most: int,
    share: FloatArray,
) -> tuple[bool, FloatArray]:
    """Let prices settle in some rounds, in place, each case until it has.

    Parameters
    ----------
    known, demand
        Value added, mix, close rivals and their share before; and pull and elasticities.
    log_wages
        [region, case] log change of wages.
    log_prices
        [sector, region, case] where they start, and where they end.
    most
        Rounds at most.
    share
        [origin, destination, sector, case] gets shares of spending.

    Returns
    -------
    Whether all have settled, and [case] the last change of a log price.
    """
    (value_added, mix, near, before), (pull, elasticity, others) = known, demand
    powers = elasticity, others
    sectors, regions, cases = log_prices.shape
    cost, found, no_share = np.empty(log_prices.shape), np.empty(log_prices.shape), share[:0]
    moving, change, gap = np.ones(cases, np.bool_), np.empty(cases), np.zeros(cases)
    for _ in range(most):
        unit_costs(value_added, mix, log_wages, log_prices, cost)
        divide_spending((near, before), pull, powers, cost, found, no_share)
        change[:] = 0.0
        for j in range(sectors):
            for n in range(regions):
                for c in range(cases):
                    change[c] = max(change[c], abs(found[j, n, c] - log_prices[j, n, c]))
                for c in range(cases):
                    log_prices[j, n, c] = found[j, n, c] if moving[c] else log_prices[j, n, c]
        for c in range(cases):
            gap[c] = change[c] if moving[c] else gap[c]
            moving[c] &= change[c] > CLOSE_PRICES
        if not moving.any():
            break
    unit_costs(value_added, mix, log_wages, log_prices, cost)
    divide_spending((near, before), pull, powers, cost, found, share)
    return not moving.any(), gap


def settled_world(economy: WorldEconomy, cases: Cases) -> tuple[Settled, Settled]:
    """Give the world under other tariffs, with wages of before and once wages have settled (equations 6.15 to 6.17).

    Raises
    ------
    ModelError
        If no settled world is found.
    """
    if len(cases) > AT_A_TIME:
        blocks = [slice(begin, begin + AT_A_TIME) for begin in range(0, len(cases), AT_A_TIME)]
        both = [settled_world(economy, cases.some(block)) for block in blocks]
        return _together([fixed for fixed, _ in both]), _together([settled for _, settled in both])
    if len(cases) == 1:  # a lone case would be added up in another order
        twice = Cases(*(np.repeat(values, 2, axis=-1) for values in (cases.tariff, cases.elasticity, cases.others)))
        first, second = settled_world(economy, twice)
        return _first(first), _first(second)
    demand = Demand(economy, cases)
    log_wages = np.zeros((len(economy.regions), len(cases)))
    fixed = _at_wages(demand, log_wages, np.zeros((len(economy.sectors), *log_wages.shape)))
    inverse = _steps_of_before(economy, tuple(cases.elasticity.tolist()), tuple(cases.others.tolist()))
    prices, excess = log(fixed.prices), fixed.excess
    open_ = np.abs(excess).max(axis=0) > CLOSE_MARKETS
    for done in range(MOST_ROUNDS):
        if not open_.any():
            return fixed, _at_wages(demand, log_wages, prices)
        if done and done % SAME_SLOPES == 0:
            inverse = _wage_steps(demand, log_wages, prices)
        moved = log_wages.copy()
        step = ordered_sum(np.moveaxis(inverse * excess[None, :-1], 1, 0))
        moved[:-1] += np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        log_wages = np.where(open_, moved - _of_world(economy, moved), log_wages)
        found, share, gap = demand.settled_prices(log_wages, prices, PRICE_ROUNDS)
        prices = np.where(open_, found, prices)
        excess = spent_at(demand, log_wages, share).excess
        open_ = open_ & (np.maximum(np.abs(excess).max(axis=0), gap) > CLOSE_MARKETS)
    raise ModelError("no wages were found at which the world's goods are all sold: are tariffs or elasticities absurd?")


def _together(parts: Sequence[Settled]) -> Settled:
    return Settled(**{name: np.concatenate([vars(part)[name] for part in parts], axis=-1) for name in vars(parts[0])})


def _first(settled: Settled) -> Settled:
    return Settled(**{name: values[..., :1] for name, values in vars(settled).items()})


def _of_world(economy: WorldEconomy, log_wages: FloatArray) -> FloatArray:
    """Log of the world's value added over that before, in which all money is counted (equation 6.16)."""
    parts = exp(log_wages) * economy.earned[:, None]
    total: FloatArray = log(ordered_sum(parts) / economy.earned.sum())
    return total


@lru_cache(maxsize=256)
def _steps_of_before(economy: WorldEconomy, elasticity: tuple[float, ...], others: tuple[float, ...]) -> FloatArray:
    """Steps of wages at the wages and tariffs of before, as `_wage_steps` gives them."""
    regions, count = len(economy.regions), len(elasticity)
    before = np.repeat((economy.list_tariff - 1.0)[:, None], count, axis=1)
    still = Demand(economy, Cases(before, np.array(elasticity), np.array(others)))
    return _wage_steps(still, np.zeros((regions, count)), np.zeros((len(economy.sectors), regions, count)))


def _wage_steps(demand: Demand, log_wages: FloatArray, prices: FloatArray) -> FloatArray:
    """Steps of log wages that close a gap, [region, region with the gap, case], the last region left out.

    Minus the inverse of how demand for labour moves with wages.
    """
    regions, count = log_wages.shape
    rest = _at_wages(demand, log_wages, prices).excess
    slopes: FloatArray = np.empty((regions - 1, regions - 1, count))
    for region in range(regions - 1):
        nudged = log_wages.copy()
        nudged[region] += NUDGE
        moved = _at_wages(demand, nudged, prices).excess
        slopes[:, region] = (moved - rest)[:-1] / NUDGE
    return -solve(slopes, np.broadcast_to(np.eye(regions - 1)[..., None], slopes.shape))


@dataclass(frozen=True)
class Spent:
    """Spending and sales at given wages, bn USD a year.

    Attributes
    ----------
    spending, taxed
        [sector, region, case] what is spent, and the part of it that is duty.
    trade
        [origin, destination, sector, case] value before duty.
    earned, excess
        [region, case] value added, and demand for labour and capital beyond what there is, as a share of it.
    """

    spending: FloatArray
    trade: FloatArray
    taxed: FloatArray
    earned: FloatArray
    excess: FloatArray


def spent_at(demand: Demand, log_wages: FloatArray, share: FloatArray) -> Spent:
    """Spending at given wages: materials, and what households earn and get back of the duties (equation 6.14).

    Parameters
    ----------
    log_wages
        [region, case] log change of wages.
    share
        [origin, destination, sector, case] shares of spending.
    """
    economy, regions, sectors = demand.economy, len(demand.economy.regions), len(demand.economy.sectors)
    net = share * demand.net
    taxed = np.moveaxis(1.0 - ordered_sum(net), 1, 0)
    earned = exp(log_wages) * economy.earned[:, None]
    parts, size, count = economy.final / economy.income, sectors * regions, log_wages.shape[-1]
    matrix = np.empty((sectors, regions, sectors, regions, count))
    spending = parts[..., None] * (earned + economy.borrowed[:, None])[None]
    _write_calls(economy.mix, parts, net, taxed, matrix)
    eliminate(matrix.reshape(size, size, count), spending.reshape(size, 1, count))
    trade = net * np.moveaxis(spending, 0, 1)[None]
    output = np.moveaxis(ordered_sum(np.moveaxis(trade, 1, 0)), 1, 0)
    excess = ordered_sum(economy.value_added[..., None] * output) / earned - 1.0
    return Spent(spending, trade, taxed, earned, excess)


@compiled
def _write_calls(mix: FloatArray, parts: FloatArray, net: FloatArray, taxed: FloatArray, matrix: FloatArray) -> None:
    """Write what a dollar spent somewhere lacks of what it brings elsewhere (equation 6.14).

    Parameters
    ----------
    mix, parts
        Materials per unit of output as in `WorldEconomy`, and [sector, region] parts of income spent on each sector.
    net, taxed
        [origin, destination, sector, case] and [sector, region, case] parts of spending that sellers and states get.
    matrix
        [sector bought, region, sector that buys, destination, case] gets one on the diagonal, less what it brings.
    """
    sectors, regions, _, _, cases = matrix.shape
    for j in range(sectors):
        for o in range(regions):
            for k in range(sectors):
                for n in range(regions):
                    own = 1.0 if j == k and o == n else 0.0
                    if o == n:
                        for c in range(cases):
                            brings = mix[j, k, o] * net[o, n, k, c] + parts[j, n] * taxed[k, n, c]
                            matrix[j, o, k, n, c] = own - brings
                    else:
                        for c in range(cases):
                            matrix[j, o, k, n, c] = own - mix[j, k, o] * net[o, n, k, c]


def _at_wages(demand: Demand, log_wages: FloatArray, log_prices: FloatArray) -> Settled:
    """Work out the world at given wages, [region, case]; labour markets need not clear."""
    economy = demand.economy
    log_prices, share, _ = demand.settled_prices(log_wages, log_prices)
    spent = spent_at(demand, log_wages, share)
    revenue = ordered_sum(spent.taxed * spent.spending)
    income = spent.earned + revenue + economy.borrowed[:, None]
    parts = (economy.final / economy.income)[..., None]
    living = exp(ordered_sum(parts * log_prices))
    gain = income / living - economy.income[:, None]
    pulled = demand.pull * np.maximum(economy.paid.sum(axis=0), TINY)[None, ..., None]
    of_pair = demand.on_lists / np.maximum(pulled[economy.origin, economy.destination], TINY)
    paid = (share * np.moveaxis(spent.spending, 0, 1)[None])[economy.origin, economy.destination]
    listed = ordered_sum(np.moveaxis(paid * of_pair, 1, 0)) / (1.0 + demand.cases.tariff)
    wages, prices = exp(log_wages), exp(log_prices)
    return Settled(wages, prices, listed, spent.trade, revenue, income, living, gain, spent.excess)
