"""Vendors' prices: Bertrand competition on two-level CES demand (docs/model.md, section 4)."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, in_compiled_code, of_numbers, spread
from sim.arithmetic.elementary import power
from sim.arithmetic.lanes import where
from sim.quantities import FloatArray, flat


@in_compiled_code
def elasticity_at_share(share: FloatArray, sigma: FloatArray, eta: FloatArray) -> FloatArray:
    """Elasticity of a vendor's quantity with some customers to its own price (equation 4.1): sigma (1 - P) + eta P.

    Parameters
    ----------
    share, sigma, eta
        Its share of their spending, substitution between vendors, and elasticity of the market's volume.
    """
    return sigma - (sigma - eta) * share


def price_elasticity_atkeson_burstein_2008(
    shares: FloatArray, revenue: FloatArray, sigma: FloatArray, eta: FloatArray
) -> FloatArray:
    """Elasticity of a vendor's quantity to its own price (equation 4.1; Atkeson and Burstein 2008, AER 98(5)).

    eps = sum_s w * (sigma * (1 - P) + eta * P),    w = revenue of the segment / revenue of all segments

    Parameters
    ----------
    shares, revenue
        [..., segment, draw] expenditure share P, and revenue that weighs the segments, bn a year.
    sigma
        [segment, draw] elasticity of substitution between vendors.
    eta
        [draw] elasticity of the market's volume.

    Returns
    -------
    [..., draw] elasticity as a positive number; the plain mean over segments where there is no revenue.
    """
    found, cells = np.empty((*shares.shape[:-2], shares.shape[-1])), (-1, *shares.shape[-2:])
    write_mean_elasticity(shares.reshape(cells), spread(revenue, shares.shape).reshape(cells), sigma, eta, flat(found))
    return found


@compiled
def write_mean_elasticity(
    shares: FloatArray, revenue: FloatArray, sigma: FloatArray, eta: FloatArray, found: FloatArray
) -> None:
    """Equation 4.1 for compiled code: [vendor, segment, draw], and [vendor, draw] for what is found."""
    vendors, segments, draws = shares.shape
    for v in range(vendors):
        found[v], total, plain = 0.0, np.zeros(draws), np.zeros(draws)
        for s in range(segments):
            for d in range(draws):
                by_segment = elasticity_at_share(shares[v, s, d], sigma[s, d], eta[d])
                found[v, d] += by_segment * revenue[v, s, d]
                total[d] += revenue[v, s, d]
                plain[d] += by_segment
        for d in range(draws):
            found[v, d] = mean_of_groups(found[v, d], total[d], plain[d] / segments)


@in_compiled_code
def mean_of_groups(weighed: FloatArray, weights: FloatArray, plain: FloatArray) -> FloatArray:
    """Mean over groups of customers by their weights (equation 4.1), and the plain mean where there are none.

    Parameters
    ----------
    weighed, weights, plain
        [..., draw] sum over groups times weight, sum of weights, and the plain mean.
    """
    return where(weights > 0.0, weighed / where(weights > 0.0, weights, 1.0), plain)


@of_numbers
def _best_response(cost: float, elasticity: float, taken: float) -> float:
    return elasticity / (elasticity - 1.0) * cost / (1.0 - taken)


@for_arrays(_best_response)
def best_response_price(out: FloatArray, cost: FloatArray, elasticity: FloatArray, taken: FloatArray) -> None:
    """Price that maximises one-period profit at a given elasticity (equation 4.2): eps / (eps - 1) * c / (1 - phi - t).

    Parameters
    ----------
    cost, elasticity, taken
        [..., draw] unit cost, elasticity above 1, and the share of revenue that others take below 1.
    """
    for i in range(len(out)):
        out[i] = _best_response(cost[i], elasticity[i], taken[i])


def cost_behind_price(price: FloatArray, elasticity: FloatArray, taken: FloatArray) -> FloatArray:
    """Unit cost at which a price is the best response (equation 9.2): the inverse of `best_response_price`."""
    return price * (1.0 - taken) * (elasticity - 1.0) / elasticity


@of_numbers
def _growth_discount(weight: float, most: float, growth: float) -> float:
    return 1.0 - min(weight * max(growth, 0.0), most)


@for_arrays(_growth_discount)
def growth_discount(out: FloatArray, weight: FloatArray, most: FloatArray, growth: FloatArray) -> None:
    """Factor on its unit cost in the eyes of a vendor that puts growth first (equation 4.22): 1 - min(w g, most).

    What a customer won today will bring counts as money now, and fades with the market's growth.

    Parameters
    ----------
    weight
        [..., draw] w, share of cost for each log point of growth a year.
    most
        [..., draw] share of cost that it gave up at the base date, and never more.
    growth
        [..., draw] the market's growth over twelve months, log share per year; a market that shrinks counts as still.
    """
    for i in range(len(out)):
        out[i] = _growth_discount(weight[i], most[i], growth[i])


MOST_FORGONE = 0.9
"""Largest part of its cost that a vendor gives away to grow."""


def forgone_at_base(best: FloatArray, cost: FloatArray) -> FloatArray:
    """Share of its cost that a vendor gives up where a base price of 1 is what it wants (equation 9.12): 1 - best / c.

    Parameters
    ----------
    best
        [..., draw] unit cost at which a price of 1 would be the best for the year (equation 9.2).
    cost
        [..., draw] unit cost that reported margins tell, at or above it.
    """
    return np.minimum(1.0 - best / cost, MOST_FORGONE)


@in_compiled_code
def adjusted_price(price: FloatArray, target: FloatArray, adjustment_share: FloatArray) -> FloatArray:
    """Price after moving part of the way to its target in logs (equation 4.3): p * (target / p) ** theta.

    Parameters
    ----------
    price, target
        [..., draw] p, and where it goes.
    adjustment_share
        [draw] theta, part of the way.
    """
    return price * power(target / price, adjustment_share)


@in_compiled_code
def free_part_of_sales(chosen: FloatArray, sales: FloatArray) -> FloatArray:
    """Part of a seller's sales that was chosen this month (free in equation 4.4); all where it has sold nothing.

    Parameters
    ----------
    chosen, sales
        [..., draw] spending up for choice that it has won, and all of its sales, bn a year.
    """
    return np.minimum(where(sales > 0.0, chosen / where(sales > 0.0, sales, 1.0), 1.0), 1.0)


@in_compiled_code
def short_run_elasticity(long_run: FloatArray, free_share: FloatArray, short_run_share: FloatArray) -> FloatArray:
    """Mix the elasticity of all spending with that of the part now up for choice (equation 4.4).

    Customers under contract spend what they have signed for (elasticity of value 0, of quantity 1), so

    eps = (1 - weight) * eps_long + weight * (free * eps_long + (1 - free))

    kept above 1.05 so that a price exists; without weight it is the long-run elasticity as it is.
    """
    short = free_share * long_run + (1.0 - free_share)
    mixed = np.maximum((1.0 - short_run_share) * long_run + short_run_share * short, LEAST_ELASTICITY)
    kept: FloatArray = where(short_run_share > 0.0, mixed, long_run)
    return kept


LEAST_ELASTICITY = 1.05
"""Floor of the elasticity a vendor reckons with: at 1 and below no finite price is best."""


@of_numbers
def _margin(price: float, cost: float, taken: float) -> float:
    return 1.0 - taken - cost / price


@for_arrays(_margin)
def margin(out: FloatArray, price: FloatArray, cost: FloatArray, taken: FloatArray) -> None:
    """Part of revenue that is left after cost and what others take (equation 4.15): 1 - phi - t - c / p.

    Parameters
    ----------
    price, cost, taken
        [..., draw] price, unit cost, and the share of revenue that others take.
    """
    for i in range(len(out)):
        out[i] = _margin(price[i], cost[i], taken[i])


@of_numbers
def _profit(sales: float, margin: float, fixed_cost: float) -> float:
    return margin * sales - fixed_cost


@for_arrays(_profit)
def profits(out: FloatArray, sales: FloatArray, margins: FloatArray, fixed_cost: FloatArray) -> None:
    """Profit that falls to an owner (equation 4.15, services for own customers apart).

    stake * ((1 - phi - t - c / p) * sales - fixed cost)

    Parameters
    ----------
    sales
        [..., draw] bn a year.
    margins, fixed_cost
        [..., draw] `margin` and fixed cost (bn a year), each times the owner's stake.
    """
    for i in range(len(out)):
        out[i] = _profit(sales[i], margins[i], fixed_cost[i])
