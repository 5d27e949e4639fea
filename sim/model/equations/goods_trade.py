"""Goods trade under tariffs: flows, revenue, and who loses what (docs/model.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, of_numbers
from sim.arithmetic.elementary import exp, expm1, log, power
from sim.quantities import MONTHS_PER_YEAR, FloatArray, flat, quotient


@dataclass(frozen=True)
class GoodsWelfare:
    """Welfare parts of a tariff, each [list, draw], bn a year.

    Attributes
    ----------
    consumer_loss
        Loss of the importing country's buyers, revenue they pay included.
    exporter_loss
        Part of the tariff that exporters absorb.
    revenue
        Tariff revenue of the importing country.
    deadweight_loss
        What is lost to everybody: consumer loss + exporter loss - revenue.
    """

    consumer_loss: FloatArray
    exporter_loss: FloatArray
    revenue: FloatArray
    deadweight_loss: FloatArray


def buyer_price(tariff: FloatArray, pass_through: FloatArray) -> FloatArray:
    """Price to buyers relative to no tariff (equation 6.1): 1 + psi * tau."""
    return 1.0 + pass_through * tariff


def export_value(quantity_bn: FloatArray, tariff: FloatArray, pass_through: FloatArray) -> FloatArray:
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
    return quantity_bn * (1.0 - (1.0 - pass_through) * tariff)


def long_run_log_response(tariff: FloatArray, pass_through: FloatArray, elasticity: FloatArray) -> FloatArray:
    """Log change of quantity in the long run (equation 6.2): ln(X / X0) = -e * ln(1 + psi * tau)."""
    return -elasticity * log(buyer_price(tariff, pass_through))


def moved_towards(now: FloatArray, target: FloatArray, speed: FloatArray, months: float = 1.0) -> FloatArray:
    """What adjusts, some time later (equation 6.3): it has moved to the target by 1 - exp(-speed * months / 12).

    Parameters
    ----------
    now, target
        [..., draw] where it is, and where it goes.
    speed
        [draw] log share per year.
    months
        How much later.
    """
    moved = np.empty(target.shape)
    _move(flat(now), flat(target), speed, months, flat(moved))
    return moved


@compiled
def _move(now: FloatArray, target: FloatArray, speed: FloatArray, months: float, moved: FloatArray) -> None:
    rows, draws = now.shape
    step = np.empty(draws)
    for d in range(draws):
        step[d] = -expm1(-speed[d] * months / MONTHS_PER_YEAR)
    for row in range(rows):
        for d in range(draws):
            moved[row, d] = now[row, d] + (target[row, d] - now[row, d]) * step[d]


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


def short_run_elasticity(
    response: FloatArray, tariff: FloatArray, pass_through: FloatArray, elasticity: FloatArray
) -> FloatArray:
    """Elasticity that joins free trade and today's point on one demand curve (equation 6.8), at most the long-run one.

    While trade is still moving, buyers stand on a steeper curve; measuring their loss on it keeps the deadweight loss
    at or above zero at every moment. Where trade lags behind a tariff that has fallen, the long-run curve is used.
    """
    return _on_one_curve(response, buyer_price(tariff, pass_through), elasticity)


@of_numbers
def _elasticity_so_far(response: float, price: float, elasticity: float) -> float:
    log_price = float(log(price))
    return min(max(-response / log_price, 0.0), elasticity) if log_price > 0.0 else min(0.0, elasticity)


@for_arrays(_elasticity_so_far)
def _on_one_curve(out: FloatArray, response: FloatArray, price: FloatArray, elasticity: FloatArray) -> None:
    for i in range(len(out)):
        out[i] = _elasticity_so_far(response[i], price[i], elasticity[i])


@of_numbers
def _area(free_trade_bn: float, price: float, elasticity: float) -> float:
    exponent, log_price = 1.0 - elasticity, float(log(price))
    times = float(expm1(exponent * log_price)) / exponent if abs(exponent) > SMALL_EXPONENT else log_price
    return free_trade_bn * times


@for_arrays(_area)
def consumer_loss(out: FloatArray, free_trade_bn: FloatArray, price: FloatArray, elasticity: FloatArray) -> None:
    """Area left of the demand curve between prices 1 and p (equation 6.4): X0 * (p ** (1 - e) - 1) / (1 - e).

    Parameters
    ----------
    free_trade_bn
        [list, draw] X0, value without tariff, bn a year.
    price
        [list, draw] buyer's price relative to no tariff.
    elasticity
        [list, draw] e, at or above 0; the limit X0 * ln(p) is used at 1.
    """
    for i in range(len(out)):
        out[i] = _area(free_trade_bn[i], price[i], elasticity[i])


SMALL_EXPONENT = 1e-9
"""Below this distance of an elasticity from 1 the logarithmic limit is exact to rounding."""


def goods_welfare(
    free_trade_bn: FloatArray,
    quantity_bn: FloatArray,
    tariff: FloatArray,
    pass_through: FloatArray,
    elasticity: FloatArray,
) -> GoodsWelfare:
    """Parts of a tariff's welfare effect (equations 6.4 to 6.6); they add up by construction.

    Parameters
    ----------
    free_trade_bn, quantity_bn
        [list, draw] value without tariff and quantity now at the free-trade price, bn a year.
    tariff
        [list, draw] rate, share of one.
    pass_through
        [draw] psi.
    elasticity
        [list, draw] elasticity of the demand curve that buyers stand on now.
    """
    loss = consumer_loss(free_trade_bn, buyer_price(tariff, pass_through), elasticity)
    revenue = tariff * quantity_bn
    absorbed = (1.0 - pass_through) * revenue
    return GoodsWelfare(loss, absorbed, revenue, loss + absorbed - revenue)


def trade_at(
    free_trade_bn: FloatArray,
    response: FloatArray,
    tariff: FloatArray,
    pass_through: FloatArray,
    elasticity: FloatArray,
) -> tuple[FloatArray, GoodsWelfare]:
    """Value of trade before duty, and parts of its welfare, while trade is still moving (equations 6.4 to 6.10).

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
    """
    quantity = free_trade_bn * exp(response)
    now = short_run_elasticity(response, tariff, pass_through, elasticity)
    parts = goods_welfare(free_trade_bn, quantity, tariff, pass_through, now)
    return export_value(quantity, tariff, pass_through), parts


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
    return Limited(wanted_bn - left, consumer_loss(wanted_bn * price, dearer, elasticity), rent, fee)
