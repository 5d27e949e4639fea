"""A static cloud market in the terms of PyBLP, a program for discrete choice among differentiated products.

PyBLP's firms choose prices to maximise (price - cost) * share of consumers, a consumer's utility being linear in
functions of the price, with an outside good. Our customers divide a sum of money instead of buying one unit, and the
sum answers to the price index. The two meet in other variables; `docs/judge.md` derives them:

- *price* of PyBLP: what a vendor keeps of a dollar it is paid, m = 1 - c / ((1 - phi) p), at a *cost* of nothing;
- utility of type s: (sigma_s - 1) * ln(1 - m), plus a constant for each vendor;
- types of consumers: our segments;
- *outside good* of type s: as large as makes the type spend more, when everything gets cheaper, by just as much as our
  segment does, a share of (eta - 1) / (sigma_s - 1).

The last holds at one set of prices only, so prices of PyBLP and the outside good are found in turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyblp

from tests.judge.first_principles import Array, Market

pyblp.options.verbose = False

NOWHERE = -300.0
"""Log attraction of a vendor that a type cannot choose."""
FIRST_MARGIN = 0.2
SETTLED = 1e-12
MOST_ROUNDS = 200
TIGHT = pyblp.Iteration("simple", {"atol": 1e-14, "max_evaluations": 100_000})


@dataclass(frozen=True)
class Types:
    """Consumers as PyBLP has them.

    Attributes
    ----------
    taste
        [vendor, type] utility apart from the price; that of the outside good is zero.
    response
        [type] coefficient of the price term.
    weight
        [type] share of consumers.
    """

    taste: Array
    response: Array
    weight: Array


def solve(types: Types, price_term: str, cost: Array, first_price: Array) -> tuple[Array, Array]:
    """Let PyBLP find Bertrand-Nash prices.

    Parameters
    ----------
    price_term
        Function of the price in utility, as a formula, for instance `log(1 - prices)`.
    cost, first_price
        [vendor] unit costs, and prices to start from.

    Returns
    -------
    [vendor] prices and shares of consumers.
    """
    vendors, kinds = types.taste.shape
    names = [f"taste{s}" for s in range(kinds)]
    products = {"market_ids": np.zeros(vendors), "firm_ids": np.arange(vendors)}
    products |= dict(zip(names, types.taste.T, strict=True))
    agents = {"market_ids": np.zeros(kinds), "weights": types.weight, "nodes": np.zeros((kinds, kinds + 1))}
    agents |= {f"is{s}": np.eye(kinds)[s] for s in range(kinds)}
    simulation = pyblp.Simulation(
        product_formulations=(pyblp.Formulation("1"), pyblp.Formulation(f"0 + {' + '.join(names)} + {price_term}")),
        product_data=products,
        beta=[0.0],
        sigma=np.zeros((kinds + 1, kinds + 1)),
        pi=np.vstack([np.eye(kinds), types.response]),
        agent_formulation=pyblp.Formulation("0 + " + " + ".join(f"is{s}" for s in range(kinds))),
        agent_data=agents,
        xi=np.zeros(vendors),
    )
    found = simulation.replace_endogenous(costs=cost, prices=first_price, iteration=TIGHT)
    return found.product_data.prices[:, 0], found.product_data.shares[:, 0]


def equilibrium(market: Market) -> tuple[Array, Array]:
    """[vendor] prices, our variables, at which PyBLP's firms set the margins they find best; and shares of sales."""
    margin = np.full_like(market.cost, FIRST_MARGIN)
    for _ in range(MOST_ROUNDS):
        found, shares = solve(matched(market, margin), "log(1 - prices)", np.zeros_like(margin), margin)
        if np.abs(found - margin).max() < SETTLED:
            return price_at(market, found), shares / shares.sum()
        margin = found
    raise RuntimeError(f"margins and outside goods have not settled within {MOST_ROUNDS} rounds")


def price_at(market: Market, margin: Array) -> Array:
    """[vendor] our price at a margin of PyBLP's."""
    return market.cost / ((1.0 - market.fee) * (1.0 - margin))


def matched(market: Market, margin: Array) -> Types:
    """Types whose spending answers to prices as our segments' does, at one set of margins."""
    return _types(market, *outside(market, price_at(market, margin)))


def outside(market: Market, price: Array) -> tuple[Array, Array]:
    """[type] log size of the outside good, and share of consumers, that match our segments at one set of prices."""
    return _sized(market, price, (market.eta - 1.0) / (market.sigma - 1.0))


def _sized(market: Market, price: Array, share: Array) -> tuple[Array, Array]:
    """[type] log size of outside goods that are to have a share, and weights that make spending inside that of ours."""
    log_price = np.log(price)
    total = market.attraction(log_price).sum(axis=0)
    weight = market.spending(log_price).sum(axis=0) / (1.0 - share)
    return np.log(total * share / (1.0 - share)), weight / weight.sum()


def _types(market: Market, log_outside: Array, weight: Array) -> Types:
    at_cost = np.outer(np.log(market.cost / (1.0 - market.fee)), 1.0 - market.sigma)
    return Types(_log_access(market) + market.quality + at_cost - log_outside, market.sigma - 1.0, weight)


def _log_access(market: Market) -> Array:
    return np.log(market.access, out=np.full_like(market.access, NOWHERE), where=market.access > 0.0)


def with_outside_held(before: Market, price_before: Array, after: Market) -> Array:
    """[vendor] prices after a change if the outside goods stay those that match the market before it."""
    types = _types(after, *outside(before, price_before))
    margin, _ = solve(types, "log(1 - prices)", np.zeros_like(after.cost), np.full_like(after.cost, FIRST_MARGIN))
    return price_at(after, margin)


def linear_logit(before: Market, price_before: Array, after: Market) -> Array:
    """[vendor] prices after a change of costs and fees in the usual logit, with utility linear in the price.

    It is set up to have our elasticities at the prices before, where those are all 1: coefficients of -sigma, outside
    goods with a share of eta / sigma.
    """
    log_outside, weight = _sized(before, price_before, before.eta / before.sigma)
    taste = _log_access(before) + before.quality + before.sigma - log_outside
    price, _ = solve(Types(taste, -before.sigma, weight), "prices", after.cost / (1.0 - after.fee), price_before)
    return price
