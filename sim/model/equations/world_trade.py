"""Trade of the world in exact changes, with inputs, outputs and tariff revenue (docs/model.md, section 6).

Caliendo and Parro (2015, Review of Economic Studies 82(1)) without their draws of productivity: customers divide their
spending between origins (Armington), those of close rivals first among each other. A hat is after over before.

Arrays end with cases: combinations of tariffs and elasticities that are solved side by side and know nothing of each
other, so that a case has the same bits whatever stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from sim.arithmetic.elementary import exp, log, log1p
from sim.arithmetic.linear_systems import solve
from sim.errors import ModelError
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum

CLOSE_PRICES, CLOSE_MARKETS = 1e-13, 1e-10
"""Gaps, in logs and as shares, below which prices and the markets for labour count as settled."""
MOST_ROUNDS, PRICE_ROUNDS, SAME_SLOPES = 500, 6, 30
"""Rounds after which nothing will settle any more, of prices between two of wages, and with the same slopes.

Only tariffs that leave next to no trade need slopes other than those of before.
"""
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

    def divided(self, log_cost: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Price indexes, and how customers divide their spending (equation 6.13).

        Parameters
        ----------
        log_cost
            [sector, region, case] log change of unit costs.

        Returns
        -------
        [sector, region, case] log change of price indexes, and [origin, destination, sector, case] shares of spending.
        """
        elasticity, others = self.cases.elasticity, self.cases.others
        cheap = -elasticity * np.moveaxis(log_cost, 0, 1)[:, None]
        near = self.economy.rivals[:, :, None, None]
        power = self.pull * np.where(near, exp(cheap), exp(others * cheap))
        close = ordered_sum(np.where(near, power, 0.0))
        before = self._close_share
        some = before > 0.0
        index = np.divide(close, before, out=np.ones_like(close), where=some)
        nest = before * exp(log(index) * others)
        total = ordered_sum(np.where(near, 0.0, power)) + nest
        within = np.divide(nest, close, out=np.zeros_like(close), where=some)
        share = np.where(near, power * within, power) / total
        return np.moveaxis(log(total) / -(elasticity * others), 1, 0), share

    @cached_property
    def _close_share(self) -> FloatArray:
        """[destination, sector, 1] share of close rivals in spending before."""
        economy = self.economy
        close: FloatArray = np.where(economy.rivals[:, :, None], economy.paid, 0.0).sum(axis=0)
        return (close / np.maximum(economy.paid.sum(axis=0), TINY))[..., None]


TINY = 1e-300


def settled_world(economy: WorldEconomy, cases: Cases) -> tuple[Settled, Settled]:
    """Give the world under other tariffs, with wages of before and once wages have settled (equations 6.15 to 6.17).

    Raises
    ------
    ModelError
        If no settled world is found.
    """
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
        found, share, gap = _prices(demand, log_wages, prices, PRICE_ROUNDS)
        prices = np.where(open_, found, prices)
        excess = spent_at(demand, log_wages, share).excess
        open_ = open_ & (np.maximum(np.abs(excess).max(axis=0), gap) > CLOSE_MARKETS)
    raise ModelError("no wages were found at which the world's goods are all sold: are tariffs or elasticities absurd?")


def _first(settled: Settled) -> Settled:
    return Settled(**{name: values[..., :1] for name, values in vars(settled).items()})


def _of_world(economy: WorldEconomy, log_wages: FloatArray) -> FloatArray:
    """Log of the world's value added over that before, in which all money is counted (equation 6.16)."""
    parts = exp(log_wages) * economy.earned[:, None]
    total: FloatArray = log(ordered_sum(parts) / economy.earned.sum())
    return total


@lru_cache(maxsize=16)
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


def unit_costs(economy: WorldEconomy, log_wages: FloatArray, log_prices: FloatArray) -> FloatArray:
    """Log change of unit costs, [sector, region, case] (equation 6.12).

    Parameters
    ----------
    log_wages, log_prices
        [region, case] and [sector, region, case] log changes of wages and of price indexes.
    """
    labour = economy.value_added[..., None] * log_wages[None]
    return labour + ordered_sum(economy.mix[..., None] * log_prices[:, None])


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
    # [sector bought, region, sector that buys, destination, case]: what a dollar spent there brings here
    calls = economy.mix.transpose(0, 2, 1)[..., None, None] * np.moveaxis(net, 2, 1)[None]
    parts = economy.final / economy.income
    for n in range(regions):
        calls[:, n, :, n] += parts[:, n, None, None] * taxed[None, :, n]
    size, count = sectors * regions, log_wages.shape[-1]
    own = (parts[..., None] * (earned + economy.borrowed[:, None])[None]).reshape(size, 1, count)
    spending = solve(np.eye(size)[..., None] - calls.reshape(size, size, count), own).reshape(sectors, regions, count)
    trade = net * np.moveaxis(spending, 0, 1)[None]
    output = np.moveaxis(ordered_sum(np.moveaxis(trade, 1, 0)), 1, 0)
    excess = ordered_sum(economy.value_added[..., None] * output) / earned - 1.0
    return Spent(spending, trade, taxed, earned, excess)


def _at_wages(demand: Demand, log_wages: FloatArray, log_prices: FloatArray) -> Settled:
    """Work out the world at given wages, [region, case]; labour markets need not clear."""
    economy = demand.economy
    log_prices, share, _ = _prices(demand, log_wages, log_prices)
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


def _prices(
    demand: Demand, log_wages: FloatArray, log_prices: FloatArray, most: int | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Price indexes and shares of spending at given wages, and the last gap; starts from prices that are close already.

    Raises
    ------
    ModelError
        If prices do not settle and no most rounds are given.
    """
    economy = demand.economy
    moving, last = np.ones(log_wages.shape[-1], dtype=np.bool_), np.zeros(log_wages.shape[-1])
    for _ in range(MOST_ROUNDS if most is None else most):
        found, _ = demand.divided(unit_costs(economy, log_wages, log_prices))
        gap = np.abs(found - log_prices).max(axis=(0, 1))
        log_prices, last = np.where(moving, found, log_prices), np.where(moving, gap, last)
        moving = moving & (gap > CLOSE_PRICES)
        if not moving.any():
            break
    else:
        if most is None:
            raise ModelError("no prices were found at which sectors cover their costs: are tariffs absurd?")
    return log_prices, demand.divided(unit_costs(economy, log_wages, log_prices))[1], last
