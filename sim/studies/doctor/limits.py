"""Limits in which theory gives the answer: one vendor, perfect substitutes, unit elasticity, areas under demand."""

from __future__ import annotations

import numpy as np

from sim.model.equations.demand import budgets, log_price_index
from sim.model.equations.equilibrium import bertrand_nash_prices
from sim.model.equations.pricing import best_response_price, price_elasticity_atkeson_burstein_2008
from sim.model.equations.welfare import surplus_of_spending
from sim.model.world import World
from sim.quantities import FloatArray
from sim.studies.doctor.finding import Claim, Finding, largest, relative
from sim.studies.doctor.patient import Patient, selling

ROUNDING = 1e-9
"""Two ways to the same figure agree to this; the solver of prices stops at 1e-12."""
LARGE_SIGMA = 2000.0
"""Elasticity of substitution that stands for perfect substitutes."""
NEARLY_PERFECT = 1e-2
"""At `LARGE_SIGMA` prices are some logarithms over sigma from their limit."""
INDICES = (0.5, 0.8, 0.95, 1.05, 1.25, 2.0)
"""Price indices, as ratios to the base date, at which demand is looked at."""
PANELS = 200
"""Even number of strips into which an area is cut."""
QUADRATURE = 1e-6
"""Simpson's rule on so smooth a curve is better than this."""


def one_vendor_takes_the_monopoly_markup(patient: Patient) -> Finding:
    """Leave each vendor alone in its market, and let the model set its price."""
    claim = Claim("monopoly", "A vendor alone takes the markup eta / (eta - 1) over its cost and its fee", ROUNDING)
    world, base = patient.start, patient.start.base
    gaps = []
    for row in selling(world):
        cost, fee = base.cost[[row]], base.fee[[row]]
        expected = base.eta / (base.eta - 1.0) * cost / (1.0 - fee)
        found = _equilibrium(world, world.channels.rows[row].market, cost, fee)
        gaps.append(largest(relative(found, expected), f"{world.axes.channels[row]} alone"))
    return claim.judged(gaps)


def _equilibrium(world: World, m: int, cost: FloatArray, fee: FloatArray) -> FloatArray:
    """Prices that the model gives vendors who are equally good in all segments of a market, [vendor, draw]."""
    sigma = world.base.sigma[: len(world.axes.segments)]
    alike = np.zeros((len(cost), *sigma.shape))
    return bertrand_nash_prices(alike + 1.0, world.base.start_spending[m], cost, fee, sigma, world.base.eta)


def perfect_substitutes_sell_at_the_second_lowest_cost(patient: Patient) -> Finding:
    """Make the two cheapest vendors of each market equally good and nearly perfect substitutes, and find their prices.

    The cheaper one sells at the cost of the other, or at its monopoly price where that is lower. The prices that are
    best responses to each other are found by halving an interval of shares, which works for any elasticity.
    """
    text = f"With sigma at {LARGE_SIGMA:.0f} the cheapest vendor sells at the second-lowest cost"
    claim = Claim("perfect substitutes", text, NEARLY_PERFECT)
    world, base = patient.start, patient.start.base
    gaps = []
    for m, market in enumerate(world.axes.markets):
        here = [row for row in selling(world) if world.channels.rows[row].market == m]
        cost = np.sort(base.cost[here] / (1.0 - base.fee[here]), axis=0)[:2]
        if len(cost) > 1:
            limit = np.minimum(cost[1], base.eta / (base.eta - 1.0) * cost[0])
            gaps.append(largest(relative(_duopoly(cost, base.eta)[0], limit), f"cheapest vendor in {market}"))
    return claim.judged(gaps)


def _duopoly(cost: FloatArray, eta: FloatArray) -> FloatArray:
    """Prices of two vendors that are best responses to each other, [vendor, draw]; the first one is cheaper."""
    sigma, none = np.full((1, cost.shape[-1]), LARGE_SIGMA), np.zeros_like(cost)
    low, high = np.zeros(cost.shape[-1]), np.ones(cost.shape[-1])
    price = cost
    for _ in range(HALVINGS):
        share = 0.5 * (low + high)
        shares = np.stack([share, 1.0 - share])[:, None]
        elasticity = price_elasticity_atkeson_burstein_2008(shares, np.ones_like(shares), sigma, eta)
        price = best_response_price(cost, elasticity, none)
        # at these prices customers give the first one this share
        won = 1.0 / (1.0 + np.exp(np.clip((LARGE_SIGMA - 1.0) * np.log(price[0] / price[1]), -BEYOND, BEYOND)))
        low, high = np.where(won > share, share, low), np.where(won > share, high, share)
    return price


HALVINGS = 60
"""Halvings of an interval of length one down to rounding."""
BEYOND = 700.0
"""Exponents beyond this are as good as infinite."""


def spending_ignores_prices_at_unit_elasticity(patient: Patient) -> Finding:
    """Let the price index of every segment rise and fall at eta = 1, and at a volume elasticity above it."""
    text = "With eta = 1 spending is the same at any price; above it a dearer market never spends more"
    claim = Claim("unit elasticity", text, ROUNDING)
    world = patient.start
    path, one = world.base.start_spending, np.ones(world.draws.count)
    indices = np.log(np.array(INDICES))
    fixed = np.stack([budgets(path, np.full_like(path, index), one) for index in indices])
    answer = np.stack([budgets(path, np.full_like(path, index), world.base.eta) for index in indices])
    rises = np.maximum(np.diff(answer, axis=0), 0.0) / path
    return claim.judged([
        largest(relative(fixed, path[None]), "spending at index", INDICES, world.axes.markets),
        largest(rises, "spending rises after index", INDICES, world.axes.markets),
    ])  # fmt: skip


def surplus_is_the_area_under_demand(patient: Patient) -> Finding:
    """Integrate the quantity that customers buy, spending over price, between the index of the base date and others."""
    text = "Customers' surplus is the area beside their demand curve, for cheaper and dearer markets"
    claim = Claim("surplus", text, QUADRATURE)
    eta, gaps = patient.start.base.eta, []
    for index in INDICES:
        area = np.zeros_like(eta)
        for point in range(PANELS + 1):
            price = 1.0 + (index - 1.0) * point / PANELS
            weight = 1.0 if point in {0, PANELS} else 2.0 + 2.0 * (point % 2)
            area -= weight * price**-eta * (index - 1.0) / (3.0 * PANELS)
        worth = surplus_of_spending(np.full_like(eta, np.log(index)), eta)
        gaps.append(largest(np.abs(worth - area / index ** (1.0 - eta)), f"surplus per unit of spending at {index}"))
    return claim.judged(gaps)


def index_falls_with_variety(patient: Patient) -> Finding:
    """Double the vendors of each segment, all alike: the index falls by the power that the theory of variety gives."""
    text = "Twice as many equal vendors lower the price index by the factor 2 ** (1 / (1 - sigma))"
    claim = Claim("variety", text, ROUNDING)
    sigma = patient.start.base.sigma[: len(patient.scenario.segments)]
    found = np.exp(log_price_index(np.full_like(sigma, 2.0), sigma) - log_price_index(np.ones_like(sigma), sigma))
    return claim.judged(
        [largest(relative(found, 2.0 ** (1.0 / (1.0 - sigma))), "index", list(patient.scenario.segments))]
    )
