"""Spending on trend: sizes of markets, segments' weights, and shocks to budgets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.equations.trend import continued_log_growth, interpolated_path
from sim.model.luck import Draws
from sim.model.start.base_sales import market_observations
from sim.policies.levers import Axes
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Spending:
    """Spending by month if nothing but trends and shocks moved it.

    Attributes
    ----------
    market_path
        [month, market, draw] size of each market, bn a year.
    weights
        [market, segment, draw] share of each segment.
    spending_path
        [month, market, segment, draw] spending of each segment, shocks included, bn a year.
    """

    market_path: FloatArray
    weights: FloatArray
    spending_path: FloatArray


def spending(scenario: Scenario, axes: Axes, draws: Draws, months: int) -> Spending:
    """Continue each market's observed size, and split it over segments."""
    observed = market_observations(scenario, draws)
    path = np.empty((months, *axes.shape("market")))
    for m, name in enumerate(axes.markets):
        after = scenario.growth_of(name).after
        years = np.maximum(np.arange(months) - observed[name][-1][0], 0)[:, None] / MONTHS_PER_YEAR
        rates = (draws.number(number) for number in (after.first, after.lasting, after.half_life_years))
        path[:, m] = interpolated_path(observed[name], months) * np.exp(continued_log_growth(years, *rates))
    weights = _weights(scenario, axes, draws)
    return Spending(path, weights, path[:, :, None] * weights * np.exp(_budget_shocks(scenario, axes, draws, months)))


def _weights(scenario: Scenario, axes: Axes, draws: Draws) -> FloatArray:
    """Share of each segment, [market, segment, draw]; they sum to one in every draw."""
    weights = np.stack(
        [
            np.stack([draws.number(market.segment_weights[segment]) for segment in axes.segments])
            for market in scenario.markets.values()
        ]
    )
    return weights / ordered_sum(weights, axis=1)[:, None]


def _budget_shocks(scenario: Scenario, axes: Axes, draws: Draws, months: int) -> FloatArray:
    """Shocks to budgets (equation 3.12) in logs, AR(1) from zero, mean factor 1, [month, market, segment, draw]."""
    sd = draws.number(scenario.demand.budget_shock_sd)
    monthly = draws.number(scenario.demand.budget_shock_persistence) ** (1.0 / MONTHS_PER_YEAR)
    innovation = sd * np.sqrt(1.0 - monthly * monthly)
    shocks = np.zeros((months, *axes.shape("market", "segment")))
    for m, market in enumerate(axes.markets):
        for s, segment in enumerate(axes.segments):
            shocks[:, m, s] = draws.standard_normal(f"shock.budget.{market}.{segment}", months)
    shocks[0] = 0.0
    for month in range(1, months):
        shocks[month] = monthly * shocks[month - 1] + innovation * shocks[month]
    variance = sd**2 * (1.0 - monthly ** (2 * np.arange(months)[:, None]))
    return shocks - 0.5 * variance[:, None, None]
