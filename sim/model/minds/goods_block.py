"""Goods trade under tariffs: where it goes in the end, and what a month of it is worth to whom (docs/model.md, 6).

There is a partial and a general form. In the partial one every list stands alone; in the general one wages, third
countries and the elasticity of trade itself settle in time. Who uses the block cannot tell which it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.arithmetic.elementary import exp
from sim.ledger import ACCOUNTS
from sim.model.equations.goods_trade import (
    GoodsWelfare,
    buyer_price,
    export_value,
    limited_trade,
    log_buyer_price,
    long_run_log_response,
    trade_at,
)
from sim.model.equations.trade_accounts import COUNTED, Lists, Moment, Response, count_trade, rows_alone, some_of
from sim.model.minds.detours import Detours
from sim.model.minds.world_responses import WorldResponses
from sim.model.world import World
from sim.policies import Levers
from sim.quantities import BoolArray, FloatArray, ordered_sum

OF_GOODS = (*COUNTED, *(held.name for held in ACCOUNTS if held.block == "goods" and held.name not in COUNTED))
"""Accounts that goods trade writes."""
LOST_EXPORTS = "lost"
"""Name of exports that tariffs cost, which no account holds."""
LEAST_ACTIVITY = 0.1
"""Floor of cloud spending, so that an absurd multiplier leaves a market to reckon with."""


@dataclass(frozen=True)
class Limits:
    """Limits of quantity and fees on exports, each [list, draw].

    Attributes
    ----------
    allowed
        Quantity that may be traded, as a part of that at the base rates; infinite where all may.
    fee
        Part of what is paid before duty that the exporter's treasury gets.
    of_sellers
        Whether the exporter's side has the rent.
    """

    allowed: FloatArray
    fee: FloatArray
    of_sellers: BoolArray

    @classmethod
    def of(cls, rules: Levers) -> Limits | None:
        """Give those of some rules; none where nothing is limited in any draw."""
        allowed = np.minimum(rules.limit_of_buyers, rules.limit_of_sellers)
        if np.isinf(allowed).all() and not rules.export_fee.any():
            return None
        return cls(allowed, rules.export_fee, rules.limit_of_sellers < rules.limit_of_buyers)


@dataclass(frozen=True)
class GoodsTrade:
    """Goods trade at one moment, bn USD a year at the size of the base date.

    Attributes
    ----------
    accounts
        [country, draw] by name of the account (`sim.ledger`), purchases promised apart.
    real_income
        [region, draw] equivalent variation of the tariffs above the base rates.
    imports
        [region of origin, country, draw] all goods before duty.
    declared
        The same by the origin that importers declare.
    lost
        [country, draw] exports to everybody that the tariffs above the base rates cost.
    """

    accounts: dict[str, FloatArray]
    real_income: FloatArray
    imports: FloatArray
    declared: FloatArray
    lost: FloatArray


class GoodsBlock:
    """Goods trade of some draws, in the form that the scenario names.

    Parameters
    ----------
    world
        The run, of which only what is known at the base date is read.

    Attributes
    ----------
    from_countries
        [country] places of the lists that it imports from the other countries.
    """

    def __init__(self, world: World) -> None:
        self._base, self._axes = world.base, world.axes
        self._psi = world.value(world.scenario.goods.pass_through)
        goods, countries = world.scenario.goods, world.axes.countries
        self._imports = [np.array(goods.rows(importer=country), dtype=np.int64) for country in countries]
        self._exports = [np.array(goods.rows(exporters=(country,)), dtype=np.int64) for country in countries]
        self._partners = [
            (countries.index(held.importer), countries.index(held.exporter) if held.exporter in countries else -1)
            for held in goods.lists.values()
        ]
        between = (goods.rows(importer=country, exporters=countries) for country in countries)
        self.from_countries = [np.array(rows, dtype=np.int64) for rows in between]
        self._rows = world.axes.trade_rows
        self._world = WorldResponses(world.scenario, world.axes, world.draws) if world.axes.regions else None
        self._priced: tuple[FloatArray, FloatArray] | None = None
        self._foreseen = np.full_like(self._base.free_trade, np.nan)
        self._target = Response(
            *(np.empty((size, world.draws.count)) for size in (len(goods.lists), *[self._rows.size] * 2))
        )
        self.detours = None if goods.rerouting is None else Detours(world, goods.rerouting)

    def target(self, tariff: FloatArray) -> Response:
        """Where trade goes under tariffs that stay, rates [list, draw] (equation 6.11); it holds until the next call.

        Only draws whose tariffs differ from those of the call before are worked out.
        """
        new = np.flatnonzero((tariff != self._foreseen).any(axis=0))
        self._foreseen, apart = tariff, None
        if self.detours is not None:
            tariff, apart = self.detours.foreseen(tariff)
        found = self._target
        rates, psi = some_of(tariff, new), some_of(self._psi, new)
        elasticity = some_of(self._base.import_elasticity, new)
        found.quick[:, new] = quick = long_run_log_response(rates, psi, elasticity)
        if self._world is not None:
            fixed, settled = (some_of(rows, new) for rows in self._world.at(tariff, apart))
            alone = trade_at(some_of(self._base.free_trade, new), quick, rates, psi, elasticity)
            found.slow[:, new] = fixed - self._as_rows(self._lists.some(new), alone, quick)
            found.wage[:, new] = settled - fixed
        return found

    def quantity(self, response: Response) -> FloatArray:
        """Goods wanted at some responses, [list, draw], bn USD a year at the base date and free-trade prices."""
        quantity = self._base.free_trade * exp(response.quick)
        if self._world is None:
            return quantity
        return quantity * exp((response.slow + response.wage)[self._rows.lists])

    def at(
        self,
        tariff: FloatArray,
        response: Response,
        bought_now: FloatArray | None = None,
        limits: Limits | None = None,
        turned: FloatArray | None = None,
    ) -> GoodsTrade:
        """Count trade at some tariffs and some responses to tariffs (equations 6.9, 6.18, 6.29 and 6.33).

        Parameters
        ----------
        tariff
            [list, draw] rates that are paid, share of one.
        response
            What trade has come to.
        bought_now
            [list, draw] purchases as a part of those that nobody puts off; as they are if absent.
        limits
            Limits of quantity, which hold at once and of which the world around the lists knows nothing.
        turned
            [route, turning, draw] part of the goods that has turned to each route (`Detours`); as in the end if absent.
        """
        detoured = None if self.detours is None else self.detours.at(tariff, turned)
        tariff = tariff if detoured is None else detoured.priced
        alone = self._alone(tariff, response.quick)
        now = Moment(tariff, self._on_time if bought_now is None else bought_now, response, alone)
        accounts = np.zeros((len(OF_GOODS) + 1, *self._axes.shape("country")))
        income, imports = (np.empty(self._axes.shape(*dims)) for dims in (("region",), ("region", "country")))
        count_trade(self._lists, now, self._as_rows(self._lists, alone, response.quick), accounts, income, imports)
        names = (*COUNTED, LOST_EXPORTS, *OF_GOODS[len(COUNTED) :])
        by_name = dict(zip(names, accounts, strict=True))
        trade = GoodsTrade(by_name, income, imports, imports, by_name.pop(LOST_EXPORTS))
        quantity = alone.quantity
        if limits is not None:
            quantity = quantity - self._limit(trade, quantity, tariff, limits)
        if self.detours is not None and detoured is not None:
            trade = replace(trade, declared=trade.imports.copy())
            self.detours.count(by_name, (trade.real_income, trade.declared), quantity, detoured)
        return trade

    def _limit(self, trade: GoodsTrade, wanted: FloatArray, tariff: FloatArray, limits: Limits) -> FloatArray:
        """Take off what is beyond the limits, and count what that costs whom and who has the rent (equation 6.29).

        Gives what is not traded, [list, draw].

        Parameters
        ----------
        trade
            Trade without limits, which is changed.
        wanted
            [list, draw] quantities of it.
        tariff, limits
            Rates that are paid, [list, draw], and the limits.
        """
        ones, usual = np.ones_like(wanted), self._base.free_trade * exp(self._usual_response)
        prices = (buyer_price(tariff, self._psi), export_value(ones, tariff, self._psi))
        held = limited_trade(wanted, limits.allowed * usual, limits.fee, prices, self._base.import_elasticity)
        duty, not_sold = tariff * held.gone, export_value(held.gone, tariff, self._psi)
        spared = (1.0 - self._psi) * duty
        abroad = np.where(limits.of_sellers, held.rent, 0.0)
        own, paid_more, accounts = held.rent - abroad, held.fee + abroad, trade.accounts
        wasted = held.loss + duty - spared - held.rent - held.fee
        for row, (importer, exporter) in enumerate(self._partners):
            accounts["consumer_loss"][importer] += held.loss[row]
            accounts["tariff_revenue"][importer] -= duty[row]
            accounts["licence_rent"][importer] += own[row]
            accounts["deadweight_loss"][importer] += wasted[row]
            if exporter >= 0:
                accounts["licence_rent"][exporter] += abroad[row]
                accounts["export_fees"][exporter] += held.fee[row]
                accounts["terms_of_trade"][exporter] += spared[row]
                accounts["exports"][exporter] += paid_more[row] - not_sold[row]
                accounts["imports"][importer] += paid_more[row] - not_sold[row]
                trade.lost[exporter] += not_sold[row] - paid_more[row]
            if self._world is not None:
                origin = self._world.economy.origin[row]
                trade.real_income[self._world.region[importer]] += own[row] - held.loss[row] - duty[row]
                trade.real_income[origin] += paid_more[row] + spared[row]
                trade.imports[origin, importer] += paid_more[row] - held.gone[row]
        return held.gone

    def _alone(self, tariff: FloatArray, quick: FloatArray) -> GoodsWelfare:
        """Lists that stand alone, at short-run elasticities."""
        if self._priced is None or self._priced[0] is not tariff:
            self._priced = tariff, log_buyer_price(tariff, self._psi)
        base, (_, log_price) = self._base, self._priced
        return trade_at(base.free_trade, quick, tariff, self._psi, base.import_elasticity, log_price)

    def _as_rows(self, lists: Lists, alone: GoodsWelfare, quick: FloatArray) -> FloatArray:
        """What lists that stand alone make of each row of trade, [row, draw]."""
        found = np.zeros((self._rows.size, quick.shape[-1]))
        if self._world is not None:
            rows_alone(lists, quick, alone, found)
        return found

    @cached_property
    def _lists(self) -> Lists:
        """What is known of the lists at the base date."""
        world, base, rows = self._world, self._base, self._rows
        usual = self._alone(base.base_tariff, self._usual_response)
        region = np.full(len(self._axes.countries), -1) if world is None else np.array(world.region)
        origin = np.full(len(self._partners), -1) if world is None else world.economy.origin
        borders = [
            (row, importer, exporter, region[importer], origin[row])
            for importer in range(len(region))
            for row, (buyer, exporter) in enumerate(self._partners)
            if buyer == importer
        ]
        return Lists(
            np.array(borders, dtype=np.int64).reshape(-1, 5),
            np.array([self.trades(c) for c in range(len(region))]),
            region,
            (rows.imports.start, rows.income.start, rows.revenue.start, rows.elsewhere.start),
            np.zeros(0) if world is None else world.part_of_imports,
            np.zeros((0, 0)) if world is None else world.imports,
            self._psi,
            self._usual_response,
            export_value(usual.quantity, base.base_tariff, self._psi),
            usual.revenue - usual.consumer_loss,
            usual.exporter_loss,
        )

    @cached_property
    def _on_time(self) -> FloatArray:
        """Stands for purchases of which none are put off, [list, draw]."""
        return np.zeros((0, self._base.free_trade.shape[1]))

    @cached_property
    def _usual_response(self) -> FloatArray:
        """Log change of quantities against free trade at the tariffs before the trade war, [list, draw]."""
        return long_run_log_response(self._base.base_tariff, self._psi, self._base.import_elasticity)

    def trades(self, country: int) -> bool:
        """Whether a country, by index, imports or exports goods."""
        return bool(len(self._imports[country]) or len(self._exports[country]))


def activity_of(world: World, block: GoodsBlock, rules: Levers, lost: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Give the activity of each market whose country trades; it falls with lost exports (equation 6.7).

    Parameters
    ----------
    rules
        Rules that say which purchases are kept.
    lost
        [country, draw] exports lost, bn USD a year at the size of the base date.
    """
    multiplier = world.value(world.scenario.goods.activity_multiplier)
    for m, c in enumerate(world.base.market_country):
        if c >= 0 and block.trades(c):
            gdp = world.value(world.scenario.countries[world.axes.countries[c]].gdp_bn)
            less = lost[c] - ordered_sum(rules.purchases[c])
            yield m, np.maximum(1.0 - multiplier * less / gdp, LEAST_ACTIVITY)
