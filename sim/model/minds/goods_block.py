"""Goods trade under tariffs: where it goes in the end, and what a month of it is worth to whom (docs/model.md, 6).

There is a partial and a general form. In the partial one every list stands alone; in the general one wages, third
countries and the elasticity of trade itself settle in time. Who uses the block cannot tell which it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp, expm1, log1p
from sim.ledger import ACCOUNTS
from sim.model.equations.goods_trade import (
    GoodsWelfare,
    buyer_price,
    export_value,
    limited_trade,
    long_run_log_response,
    trade_at,
)
from sim.model.minds.detours import Detours
from sim.model.minds.world_responses import WorldResponses
from sim.model.world import World
from sim.policies import Levers
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum

OF_GOODS = tuple(account.name for account in ACCOUNTS if account.block == "goods")
"""Accounts that goods trade writes."""
LEAST_ACTIVITY = 0.1
"""Floor of cloud spending, so that an absurd multiplier leaves a market to reckon with."""


@dataclass(frozen=True)
class Response:
    """What trade has come to, or will, in parts that move at speeds of their own.

    Attributes
    ----------
    quick
        [list, draw] log change of quantities against free trade, at short-run elasticities.
    slow, wage
        [row, draw] what the long-run elasticity, and wages that settle, add to that: rows of `Axes.trade_rows`.
    """

    quick: FloatArray
    slow: FloatArray
    wage: FloatArray


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
        self._by_country = world.axes.shape("country")
        self.detours = None if goods.rerouting is None else Detours(world, goods.rerouting)

    def target(self, tariff: FloatArray) -> Response:
        """Where trade goes under tariffs that stay, rates [list, draw] (equation 6.11)."""
        apart = None
        if self.detours is not None:
            tariff, apart = self.detours.foreseen(tariff)
        quick = long_run_log_response(tariff, self._psi, self._base.import_elasticity)
        if self._world is None:
            nothing = np.zeros((0, quick.shape[-1]))
            return Response(quick, nothing, nothing)
        fixed, settled = self._world.at(tariff, apart)
        return Response(quick, fixed - self._as_rows(self._world, self._alone(tariff, quick), quick), settled - fixed)

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
            [route, list, draw] part of the goods that has turned to each route; as in the end if absent.
        """
        rows, world = self._rows, self._world
        detoured = None if self.detours is None else self.detours.at(tariff, turned)
        tariff = tariff if detoured is None else detoured.priced
        alone = self._alone(tariff, response.quick)
        quantity, added = self.quantity(response), response.slow + response.wage
        quantity = quantity if bought_now is None else quantity * bought_now
        value, revenue = export_value(quantity, tariff, self._psi), tariff * quantity
        *held, lost = np.zeros((len(OF_GOODS) + 1, *self._by_country))
        accounts, less = dict(zip(OF_GOODS, held, strict=True)), self._usual - value
        for c, (bought, sold) in enumerate(zip(self._imports, self._exports, strict=True)):
            if not self.trades(c):
                continue
            paid = _sum_of(revenue, bought)
            loss = _sum_of(alone.consumer_loss, bought) + (paid - _sum_of(alone.revenue, bought))
            terms, lost[c] = -_sum_of(alone.exporter_loss, sold), _sum_of(less, sold)
            if world is not None:
                region, other = world.region[c], added[rows.revenue][c]
                paid, loss = paid + other, loss + other - response.slow[rows.income][region]
                terms, lost[c] = terms + response.wage[rows.income][region], lost[c] - added[rows.elsewhere][c]
            accounts["exports"][c] = _sum_of(value, sold)
            accounts["imports"][c] = _sum_of(value, self.from_countries[c])
            accounts["tariff_revenue"][c], accounts["consumer_loss"][c] = paid, loss
            accounts["terms_of_trade"][c] = terms
            accounts["deadweight_loss"][c] = loss + _sum_of(alone.exporter_loss, bought) - paid
        if world is None:
            none = self._no_imports
            trade = GoodsTrade(accounts, np.zeros(self._axes.shape("region")), none, none, lost)
        else:
            total = self._as_rows(world, alone, response.quick) + added
            imports = world.imports[..., None] * exp(total[rows.imports]).reshape(self._no_imports.shape)
            if bought_now is not None:
                self._move_in_time(world, imports, exp(total[rows.lists]) * (bought_now - 1.0))
            trade = GoodsTrade(accounts, total[rows.income], imports, imports, lost)
        if limits is not None:
            quantity = quantity - self._limit(trade, quantity, tariff, limits)
        if self.detours is not None and detoured is not None:
            trade = replace(trade, declared=trade.imports.copy())
            self.detours.count(accounts, (trade.real_income, trade.declared), quantity, detoured)
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

    def _move_in_time(self, world: WorldResponses, imports: FloatArray, more: FloatArray) -> None:
        """Add to imports, [region, country, draw], what is not bought on time, [list, draw] as a part of each list."""
        for c, listed in enumerate(self._imports):
            for row in listed:
                origin = world.economy.origin[row]
                imports[origin, c] += world.part_of_imports[row] * world.imports[origin, c] * more[row]

    def _alone(self, tariff: FloatArray, quick: FloatArray) -> GoodsWelfare:
        """Lists that stand alone, at short-run elasticities."""
        return trade_at(self._base.free_trade, quick, tariff, self._psi, self._base.import_elasticity)[1]

    def _as_rows(self, world: WorldResponses, alone: GoodsWelfare, quick: FloatArray) -> FloatArray:
        """What lists that stand alone make of each row of trade, [row, draw]."""
        rows, found = self._rows, np.zeros((self._rows.size, quick.shape[-1]))
        net, borne = (
            (alone.revenue - alone.consumer_loss) - self._usual_net,
            alone.exporter_loss - self._usual_parts.exporter_loss,
        )
        found[rows.lists] = quick - self._usual_response
        more = world.part_of_imports[:, None] * expm1(found[rows.lists])
        imports = np.zeros_like(self._no_imports)
        _over_borders(net, borne, more, self._borders, found[rows.income], imports)
        found[rows.imports] = log1p(imports).reshape(-1, quick.shape[-1])
        return found

    @cached_property
    def _borders(self) -> IntArray:
        """Each list, by importers: its place, and the importer's region, the region of origin and the importer."""
        world = self._world
        if world is None:
            return np.zeros((0, 4), dtype=np.int64)
        listed = [(row, c) for c, bought in enumerate(self._imports) for row in bought.tolist()]
        return np.array([(row, world.region[c], int(world.economy.origin[row]), c) for row, c in listed])

    @cached_property
    def _usual_response(self) -> FloatArray:
        """Log change of quantities against free trade at the tariffs before the trade war, [list, draw]."""
        return long_run_log_response(self._base.base_tariff, self._psi, self._base.import_elasticity)

    @cached_property
    def _usual_parts(self) -> GoodsWelfare:
        """Revenue and losses then, each [list, draw], bn USD a year at the base date."""
        return self._alone(self._base.base_tariff, self._usual_response)

    @cached_property
    def _usual_net(self) -> FloatArray:
        """What importers had of those tariffs, [list, draw]."""
        return self._usual_parts.revenue - self._usual_parts.consumer_loss

    @cached_property
    def _usual(self) -> FloatArray:
        """Trade at those tariffs, [list, draw], bn USD a year at the base date."""
        quantity = self._base.free_trade * exp(self._usual_response)
        return export_value(quantity, self._base.base_tariff, self._psi)

    @cached_property
    def _no_imports(self) -> FloatArray:
        return np.zeros(self._axes.shape("region", "country"))

    def trades(self, country: int) -> bool:
        """Whether a country, by index, imports or exports goods."""
        return bool(len(self._imports[country]) or len(self._exports[country]))


@compiled
def _sum_of(values: FloatArray, rows: IntArray) -> FloatArray:
    """Sum some lists, [draw]."""
    total = np.zeros(values.shape[1])
    for row in rows:
        for d in range(len(total)):
            total[d] += values[row, d]
    return total


@compiled
def _over_borders(
    net: FloatArray, borne: FloatArray, more: FloatArray, borders: IntArray, income: FloatArray, imports: FloatArray
) -> None:
    """Add what each list brings its importer and costs its exporter to their incomes, and its growth to imports."""
    for b in range(len(borders)):
        row, importer, origin, country = borders[b, 0], borders[b, 1], borders[b, 2], borders[b, 3]
        for d in range(net.shape[1]):
            income[importer, d] += net[row, d]
            income[origin, d] -= borne[row, d]
            imports[origin, country, d] += more[row, d]


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
