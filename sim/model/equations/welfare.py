"""Customers' surplus in the cloud market and countries' welfare (docs/model.md, section 4)."""

from __future__ import annotations

from sim.arithmetic.compiling import in_compiled_code
from sim.arithmetic.elementary import expm1
from sim.quantities import FloatArray


@in_compiled_code
def surplus_stock(
    stock: FloatArray, carried: FloatArray, new_bn: FloatArray, log_index: FloatArray, eta: FloatArray
) -> FloatArray:
    """Surplus of customers against the base date, which follows their contracts (equation 4.11).

    U' = carried * U + new * (1 - Pi ** (eta - 1)) / (eta - 1)

    The last factor is the exact area under the demand curve per unit of spending at the price index Pi: a market in
    which everybody has chosen at Pi has the surplus of equation 4.12.

    Parameters
    ----------
    stock
        [market, segment, draw] U, bn a year.
    carried
        [market, segment, draw] part of last month's spending that goes on under its contract, share of one.
    new_bn
        [market, segment, draw] spending newly chosen and served, bn a year.
    log_index
        [market, segment, draw] ln Pi against the base date.
    eta
        [draw] elasticity of the market's volume, above 1.
    """
    return carried * stock + new_bn * surplus_of_spending(log_index, eta)


@in_compiled_code
def eased_by_price(revenue: FloatArray, log_fall: FloatArray) -> FloatArray:
    """Surplus that a falling price brings to customers under contract, who pay the price of the day (equation 4.19).

    R * (ln price before - ln price): what they spend stays, and buys more; to be scaled to contracts that go on

    Parameters
    ----------
    revenue, log_fall
        [..., draw] R, spending under contract, bn a year, and the fall of the price in logs.
    """
    return revenue * log_fall


@in_compiled_code
def surplus_of_spending(log_index: FloatArray, eta: FloatArray) -> FloatArray:
    """Surplus per unit of spending at a price index (equation 4.18): (1 - Pi ** (eta - 1)) / (eta - 1).

    Parameters
    ----------
    log_index
        [..., draw] ln Pi against the base date.
    eta
        [draw] elasticity of the market's volume, above 1.
    """
    return -expm1((eta - 1.0) * log_index) / (eta - 1.0)


def exact_surplus(budget_at_base: FloatArray, log_index: FloatArray, eta: FloatArray) -> FloatArray:
    """Exact surplus in a static market (equation 4.12): E * (Pi ** (1 - eta) - 1) / (eta - 1)."""
    return budget_at_base * expm1((1.0 - eta) * log_index) / (eta - 1.0)


def herfindahl(shares: FloatArray) -> FloatArray:
    """Herfindahl-Hirschman index: sum of squared shares, 0 to 1.

    Parameters
    ----------
    shares
        [vendor, ..., draw] market shares.
    """
    total = shares[0] * shares[0]
    for share in shares[1:]:
        total = total + share * share
    return total
