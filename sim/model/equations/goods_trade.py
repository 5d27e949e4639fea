"""Goods trade under tariffs: flows, revenue, and who loses what (docs/model.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, of_numbers, spread
from sim.arithmetic.elementary import exp, expm1, log, power
from sim.quantities import MONTHS_PER_YEAR, FloatArray, flat, quotient


class GoodsWelfare(NamedTuple):
    """Trade under a tariff, and welfare parts of it (equations 6.4 to 6.6), each [list, draw], bn a year.

    Attributes
    ----------
    quantity
        At the free-trade price.
    consumer_loss
        Loss of the importing country's buyers, revenue they pay included.
    exporter_loss
        Part of the tariff that exporters absorb.
    revenue
        Tariff revenue of the importing country.
    """

    quantity: FloatArray
    consumer_loss: FloatArray
    exporter_loss: FloatArray
    revenue: FloatArray

    @property
    def deadweight_loss(self) -> FloatArray:
        """What is lost to everybody (equation 6.6)."""
        return self.consumer_loss + self.exporter_loss - self.revenue


def buyer_price(tariff: FloatArray, pass_through: FloatArray) -> FloatArray:
    """Price to buyers relative to no tariff (equation 6.1): 1 + psi * tau."""
    return 1.0 + pass_through * tariff


@of_numbers
def _export_value(quantity_bn: float, tariff: float, pass_through: float) -> float:
    return quantity_bn * (1.0 - (1.0 - pass_through) * tariff)


@for_arrays(_export_value)
def export_value(out: FloatArray, quantity_bn: FloatArray, tariff: FloatArray, pass_through: FloatArray) -> None:
    """Value of trade before duty (equation 6.10): quantity at the exporters' price, who absorb (1 - psi) * tau.

    Parameters
    ----------
    quantity_bn
        [list, draw] quantity at the free-trade price, bn a year.
    tariff
        [list, draw] rate, share of one.
    pass_through
        [draw] psi.
    """
    for i in range(len(out)):
        out[i] = _export_value(quantity_bn[i], tariff[i], pass_through[i])


def long_run_log_response(tariff: FloatArray, pass_through: FloatArray, elasticity: FloatArray) -> FloatArray:
    """Log change of quantity in the long run (equation 6.2): ln(X / X0) = -e * ln(1 + psi * tau)."""
    return -elasticity * log_buyer_price(tariff, pass_through)


def part_moved(speed: FloatArray, months: float = 1.0) -> FloatArray:
    """Part of the way to its target that what adjusts has moved after some months: 1 - exp(-speed * months / 12).

    Parameters
    ----------
    speed
        [draw] log share per year.
    months
        How much later.
    """
    return -expm1(-speed * months / MONTHS_PER_YEAR)


def moved_towards(now: FloatArray, target: FloatArray, speed: FloatArray, months: float = 1.0) -> FloatArray:
    """What adjusts, some time later (equation 6.3): now + (target - now) * `part_moved`.

    Parameters
    ----------
    now, target
        [..., draw] where it is, and where it goes.
    speed, months
        As in `part_moved`.
    """
    return _towards(now, target, part_moved(speed, months))


@of_numbers
def _moved(now: float, target: float, part: float) -> float:
    return now + (target - now) * part


@for_arrays(_moved)
def _towards(out: FloatArray, now: FloatArray, target: FloatArray, part: FloatArray) -> None:
    for i in range(len(out)):
        out[i] = _moved(now[i], target[i], part[i])


@compiled
def move_on(now: FloatArray, target: FloatArray, half: FloatArray, whole: FloatArray, middle: FloatArray) -> None:
    """Let what adjusts move on by a month, in place (equation 6.3).

    Parameters
    ----------
    now, target
        [row, draw] where it is at the beginning of the month, then at its end; and where it goes.
    half, whole
        [draw] `part_moved` in half a month, and in a month.
    middle
        [row, draw] gets where it is in the middle of the month.
    """
    rows, draws = now.shape
    for row in range(rows):
        for d in range(draws):
            before = now[row, d]
            middle[row, d] = _moved(before, target[row, d], half[d])
            now[row, d] = _moved(before, target[row, d], whole[d])


def part_put_off(price: FloatArray, expected: FloatArray, elasticity: FloatArray) -> FloatArray:
    """Part of a month's purchases that wait (equation 6.24): 1 - (p / p_expected) ** -w where the price is above it.

    Parameters
    ----------
    price, expected
        [list, draw] buyers' price now, and the one that importers expect to hold, relative to no tariff.
    elasticity
        [draw] w, at or above 0.
    """
    return -expm1(-elasticity * log(np.maximum(price / expected, 1.0)))


@of_numbers
def _elasticity_so_far(response: float, log_price: float, elasticity: float) -> float:
    return min(max(-response / log_price, 0.0), elasticity) if log_price > 0.0 else min(0.0, elasticity)


@for_arrays(_elasticity_so_far)
def short_run_elasticity(out: FloatArray, response: FloatArray, log_price: FloatArray, elasticity: FloatArray) -> None:
    """Elasticity that joins free trade and today's point on one demand curve (equation 6.8), at most the long-run one.

    While trade is still moving, buyers stand on a steeper curve; measuring their loss on it keeps the deadweight loss
    at or above zero at every moment. Where trade lags behind a tariff that has fallen, the long-run curve is used.

    Parameters
    ----------
    response, log_price
        [list, draw] log change of quantity so far, and log of the buyer's price relative to no tariff.
    elasticity
        [list, draw] long-run elasticity of demand.
    """
    for i in range(len(out)):
        out[i] = _elasticity_so_far(response[i], log_price[i], elasticity[i])


@of_numbers
def _area(free_trade_bn: float, log_price: float, elasticity: float) -> float:
    exponent = 1.0 - elasticity
    times = float(expm1(exponent * log_price)) / exponent if abs(exponent) > SMALL_EXPONENT else log_price
    return free_trade_bn * times


@for_arrays(_area)
def consumer_loss(out: FloatArray, free_trade_bn: FloatArray, log_price: FloatArray, elasticity: FloatArray) -> None:
    """Area left of the demand curve between prices 1 and p (equation 6.4): X0 * (p ** (1 - e) - 1) / (1 - e).

    Parameters
    ----------
    free_trade_bn
        [list, draw] X0, value without tariff, bn a year.
    log_price
        [list, draw] log of p, the buyer's price relative to no tariff.
    elasticity
        [list, draw] e, at or above 0; the limit X0 * ln(p) is used at 1.
    """
    for i in range(len(out)):
        out[i] = _area(free_trade_bn[i], log_price[i], elasticity[i])


SMALL_EXPONENT = 1e-9
"""Below this distance of an elasticity from 1 the logarithmic limit is exact to rounding."""


def log_buyer_price(tariff: FloatArray, pass_through: FloatArray) -> FloatArray:
    """Log of the price to buyers relative to no tariff."""
    return log(buyer_price(tariff, pass_through))


def trade_at(
    free_trade_bn: FloatArray,
    response: FloatArray,
    tariff: FloatArray,
    pass_through: FloatArray,
    elasticity: FloatArray,
    log_price: FloatArray | None = None,
) -> GoodsWelfare:
    """Trade and parts of its welfare while trade is still moving (equations 6.4 to 6.8); they add up by construction.

    Parameters
    ----------
    free_trade_bn
        [list, draw] value without tariff, bn a year.
    response
        [list, draw] log change of quantity so far.
    tariff, pass_through
        [list, draw] rate, share of one, and [draw] psi.
    elasticity
        [list, draw] long-run elasticity of demand.
    log_price
        [list, draw] `log_buyer_price`, where that is known.
    """
    shape, log_price = response.shape, log_buyer_price(tariff, pass_through) if log_price is None else log_price
    found = GoodsWelfare(*np.empty((4, *shape)))
    given = (free_trade_bn, response, log_price, elasticity, tariff)
    _trade_at(tuple(flat(spread(held, shape)) for held in given), pass_through, GoodsWelfare(*map(flat, found)))
    return found


@compiled
def _trade_at(given: tuple[FloatArray, ...], pass_through: FloatArray, found: GoodsWelfare) -> None:
    """Write each part in a loop of its own, which the compiler can lay side by side."""
    free_trade, response, log_price, elasticity, tariff = given
    quantity, loss, absorbed, revenue = found
    lists, draws = response.shape
    curve = np.empty(draws)
    for row in range(lists):
        for d in range(draws):
            curve[d] = _elasticity_so_far(response[row, d], log_price[row, d], elasticity[row, d])
        for d in range(draws):
            loss[row, d] = _area(free_trade[row, d], log_price[row, d], curve[d])
        for d in range(draws):
            quantity[row, d] = free_trade[row, d] * exp(response[row, d])
        for d in range(draws):
            revenue[row, d] = tariff[row, d] * quantity[row, d]
        for d in range(draws):
            absorbed[row, d] = (1.0 - pass_through[d]) * revenue[row, d]


@dataclass(frozen=True)
class Limited:
    """What is left of trade under limits and fees, and what these are worth, each [list, draw], bn a year.

    Attributes
    ----------
    gone
        Quantity that is not traded, at the free-trade price.
    loss
        What that, and the higher price of the rest, costs buyers.
    rent
        What those have who may trade: the gap of prices on what is traded, less the fee.
    fee
        What the exporter's treasury gets.
    """

    gone: FloatArray
    loss: FloatArray
    rent: FloatArray
    fee: FloatArray


def limited_trade(
    wanted_bn: FloatArray,
    allowed_bn: FloatArray,
    fee_share: FloatArray,
    prices: tuple[FloatArray, FloatArray],
    elasticity: FloatArray,
) -> Limited:
    """Trade under limits of quantity and fees on exports (equations 6.26 to 6.28).

    Parameters
    ----------
    wanted_bn, allowed_bn
        [list, draw] quantity without limit and fee, and that allowed (infinite where there is no limit), at the
        free-trade price.
    fee_share
        [list, draw] part of what is paid for the goods before duty that goes to the exporter's treasury.
    prices
        [list, draw] those of buyers and of exporters without limit and fee, relative to free trade.
    elasticity
        [list, draw] elasticity of demand, above 0 where there is a limit.
    """
    price, received = prices
    binds = wanted_bn > allowed_bn
    times = quotient(wanted_bn, allowed_bn, binds, np.ones_like(wanted_bn))
    scarcity = price * power(times, 1.0 / np.where(binds, elasticity, 1.0)) - price
    received = np.maximum(received, 0.0)
    passed_on = received * fee_share / (1.0 - fee_share)
    gap = np.maximum(scarcity, passed_on)
    dearer = 1.0 + gap / price
    scarce = binds & (scarcity >= passed_on)
    left = np.where(scarce, allowed_bn, wanted_bn * power(dearer, -elasticity))
    fee = fee_share * (received + gap) * left
    rent = np.where(scarce, gap * left - fee, 0.0)
    return Limited(wanted_bn - left, consumer_loss(wanted_bn * price, log(dearer), elasticity), rent, fee)
