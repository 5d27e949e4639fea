"""What goods trade is worth to countries and regions, list after list (docs/model.md, 6.9 and 6.18)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp, expm1, log1p
from sim.model.equations.goods_trade import GoodsWelfare, export_value
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray

COUNTED = ("exports", "imports", "tariff_revenue", "consumer_loss", "terms_of_trade", "deadweight_loss")
"""Accounts that are counted here, in this order; after them exports that tariffs cost."""
EXPORTS, IMPORTS, REVENUE, LOSS, TERMS, DEADWEIGHT, LOST = range(len(COUNTED) + 1)


class Lists(NamedTuple):
    """What is known of lists of goods beforehand; amounts in bn USD a year.

    Attributes
    ----------
    borders
        [list, 5] by importers: place of the list, countries that import and export it, and the regions that these are;
        -1 for an exporter that is no country of the scenario, and for regions where nothing is known of any.
    trades
        [country] whether it imports or exports anything.
    region
        [country] index of the region that it is.
    starts
        First rows, among those of the world, of imports, incomes, revenue and exports elsewhere.
    part_of_imports
        [list] part of the imports of its country from its region.
    imports
        [region, country] goods that each country imports from each region at the base date.
    pass_through
        [draw] psi.
    response, value, net, absorbed
        [list, draw] at the base rates: log change of quantity against free trade, value before duty, what importers
        have of the tariff, and what exporters absorb.
    """

    borders: IntArray
    trades: BoolArray
    region: IntArray
    starts: tuple[int, int, int, int]
    part_of_imports: FloatArray
    imports: FloatArray
    pass_through: FloatArray
    response: FloatArray
    value: FloatArray
    net: FloatArray
    absorbed: FloatArray

    def some(self, draws: IntArray) -> Lists:
        """The same in some draws, by their places."""
        return self._replace(
            pass_through=some_of(self.pass_through, draws),
            response=some_of(self.response, draws),
            value=some_of(self.value, draws),
            net=some_of(self.net, draws),
            absorbed=some_of(self.absorbed, draws),
        )


def some_of(values: FloatArray, draws: IntArray) -> FloatArray:
    """Values in some draws, [..., draw], by their rising places; the same array where these are all."""
    return values if len(draws) == values.shape[-1] else np.take(values, draws, axis=-1)


class Response(NamedTuple):
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


class Moment(NamedTuple):
    """Trade at one moment.

    Attributes
    ----------
    tariff, bought_now
        [list, draw] rates that are paid, and purchases as a part of those that nobody puts off; no lists where nobody
        puts off any.
    response
        What trade has come to.
    alone
        Lists that stand alone; what the world and time do to their quantities is counted in here.
    """

    tariff: FloatArray
    bought_now: FloatArray
    response: Response
    alone: GoodsWelfare


@compiled
def rows_alone(lists: Lists, quick: FloatArray, alone: GoodsWelfare, found: FloatArray) -> None:
    """What lists that stand alone make of each row of the world's trade, against the base rates.

    Parameters
    ----------
    lists, quick, alone
        Lists, log change of their quantities against free trade, [list, draw], and what that comes to.
    found
        [row, draw] zeros; then log changes of quantities and of imports, and real incomes in bn USD a year.
    """
    draws, countries = quick.shape[1], len(lists.trades)
    imports, incomes = lists.starts[:2]
    for b in range(len(lists.borders)):
        row, importer = lists.borders[b, 0], lists.borders[b, 1]
        at_home, origin = incomes + lists.borders[b, 3], incomes + lists.borders[b, 4]
        goods = imports + lists.borders[b, 4] * countries + importer
        for d in range(draws):
            found[row, d] = quick[row, d] - lists.response[row, d]
        for d in range(draws):
            found[goods, d] += lists.part_of_imports[row] * expm1(found[row, d])
        for d in range(draws):
            found[at_home, d] += (alone.revenue[row, d] - alone.consumer_loss[row, d]) - lists.net[row, d]
        for d in range(draws):
            found[origin, d] -= alone.exporter_loss[row, d] - lists.absorbed[row, d]
    for row in range(imports, incomes):
        for d in range(draws):
            found[row, d] = log1p(found[row, d])


@compiled
def count_trade(  # noqa: C901, PLR0912 (a loop for each part, which the compiler can lay side by side)
    lists: Lists, now: Moment, rows: FloatArray, accounts: FloatArray, income: FloatArray, imports: FloatArray
) -> None:
    """Count trade at one moment by countries and regions (equations 6.9 and 6.18), bn USD a year.

    Parameters
    ----------
    lists, now
        Lists, and trade in them.
    rows
        [row, draw] `rows_alone`; none where nothing is known of the world.
    accounts
        [account, country, draw] zeros; then `COUNTED` accounts, and exports that the tariffs cost.
    income, imports
        [region, draw] and [region, country, draw] get real income, and imports before duty.
    """
    (quick, slow, wage), alone = now.response, now.alone
    draws, countries, general = quick.shape[1], len(lists.trades), len(rows) > 0
    value, usual, borne = np.empty(draws), np.zeros((countries, draws)), np.zeros((countries, draws))
    for b in range(len(lists.borders)):
        row, buyer, seller = lists.borders[b, 0], lists.borders[b, 1], lists.borders[b, 2]
        if general:
            for d in range(draws):
                alone.quantity[row, d] *= exp(slow[row, d] + wage[row, d])
        if len(now.bought_now):
            for d in range(draws):
                alone.quantity[row, d] *= now.bought_now[row, d]
        for d in range(draws):
            value[d] = export_value(alone.quantity[row, d], now.tariff[row, d], lists.pass_through[d])
        for d in range(draws):
            accounts[REVENUE, buyer, d] += now.tariff[row, d] * alone.quantity[row, d]
        for d in range(draws):
            accounts[LOSS, buyer, d] += alone.consumer_loss[row, d]
        for d in range(draws):
            usual[buyer, d] += alone.revenue[row, d]
        for d in range(draws):
            borne[buyer, d] += alone.exporter_loss[row, d]
        if seller >= 0:
            for d in range(draws):
                accounts[EXPORTS, seller, d] += value[d]
            for d in range(draws):
                accounts[IMPORTS, buyer, d] += value[d]
            for d in range(draws):
                accounts[LOST, seller, d] += lists.value[row, d] - value[d]
            for d in range(draws):
                accounts[TERMS, seller, d] += alone.exporter_loss[row, d]
    first, incomes, revenue, elsewhere = lists.starts
    for c in range(countries):
        if lists.trades[c]:
            for d in range(draws):
                accounts[TERMS, c, d] = -accounts[TERMS, c, d]
            for d in range(draws):
                accounts[LOSS, c, d] += accounts[REVENUE, c, d] - usual[c, d]
            if general:
                own, beyond, abroad = incomes + lists.region[c], revenue + c, elsewhere + c
                for d in range(draws):
                    accounts[REVENUE, c, d] += slow[beyond, d] + wage[beyond, d]
                for d in range(draws):
                    accounts[LOSS, c, d] += slow[beyond, d] + wage[beyond, d]
                for d in range(draws):
                    accounts[LOSS, c, d] -= slow[own, d]
                for d in range(draws):
                    accounts[TERMS, c, d] += wage[own, d]
                for d in range(draws):
                    accounts[LOST, c, d] -= slow[abroad, d] + wage[abroad, d]
            for d in range(draws):
                accounts[DEADWEIGHT, c, d] = (accounts[LOSS, c, d] + borne[c, d]) - accounts[REVENUE, c, d]
    for n in range(len(income)):
        row = incomes + n
        for d in range(draws):
            income[n, d] = rows[row, d] + (slow[row, d] + wage[row, d])
        for c in range(countries):
            row = first + n * countries + c
            for d in range(draws):
                imports[n, c, d] = lists.imports[n, c] * exp(rows[row, d] + (slow[row, d] + wage[row, d]))
    if general and len(now.bought_now):
        for b in range(len(lists.borders)):
            row, buyer, origin = lists.borders[b, 0], lists.borders[b, 1], lists.borders[b, 4]
            part = lists.part_of_imports[row] * lists.imports[origin, buyer]
            for d in range(draws):
                value[d] = exp(rows[row, d] + (slow[row, d] + wage[row, d])) * (now.bought_now[row, d] - 1.0)
            for d in range(draws):
                imports[origin, buyer, d] += part * value[d]


@compiled
def add_month(flows: tuple[FloatArray, ...], yearly: tuple[FloatArray, ...], grown: FloatArray) -> None:
    """Add a month's part of what is traded in a year to flows, each [row, draw].

    Parameters
    ----------
    flows, yearly
        Money so far, bn USD, and what a year brings at the size of the base date.
    grown
        [draw] growth since then.
    """
    for k in range(len(flows)):
        flow, a_year = flows[k], yearly[k]
        rows, draws = flow.shape
        for row in range(rows):
            for d in range(draws):
                flow[row, d] += a_year[row, d] * grown[d] / MONTHS_PER_YEAR
