"""Spending on trend: sizes of markets, segments' weights, and shocks to budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arithmetic.elementary import exp, power
from sim.model.equations.trend import continued_log_growth, growth_shocks, interpolated_path, spend_on_trend
from sim.model.luck import Draws
from sim.model.start.base_sales import market_observations
from sim.policies.levers import Axes
from sim.quantities import MONTHS_PER_YEAR, FloatArray, middles, ordered_sum
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Spending:
    """Spending by month if nothing but trends and shocks moved it.

    Attributes
    ----------
    start_size
        [market, draw] size of each market at the base date, bn a year.
    market_path
        [month, market, draw] size of each market in the middle of each month, bn a year.
    weights
        [market, segment, draw] share of each segment.
    start_spending
        [market, segment, draw] spending of each segment at the base date, bn a year.
    spending_path
        [month, market, segment, draw] spending of each segment in the middle of each month, shocks included, bn a year.
    """

    start_size: FloatArray
    market_path: FloatArray
    weights: FloatArray
    start_spending: FloatArray
    spending_path: FloatArray


def spending(scenario: Scenario, axes: Axes, draws: Draws, months: int) -> Spending:
    """Continue each market's observed size, and split it over segments."""
    observed = market_observations(scenario, draws)
    times = np.append(0.0, middles(months))
    path = np.empty((len(times), *axes.shape("market")))
    for m, name in enumerate(axes.markets):
        after = scenario.growth_of(name).after
        years = np.maximum(times - observed[name][-1][0], 0.0)[:, None] / MONTHS_PER_YEAR
        rates = (draws.number(number) for number in (after.first, after.lasting, after.half_life_years))
        path[:, m] = interpolated_path(observed[name], times) * exp(continued_log_growth(years, *rates))
    weights = _weights(scenario, axes, draws)
    last = [observed[name][-1][0] for name in axes.markets]
    growth = _growth_shocks(scenario, axes, draws, months, last)
    start, path = path[0], path[1:]
    spent, keeps, half_variance = _budget_shocks(scenario, axes, draws, months)
    spend_on_trend(spent, keeps, (half_variance, growth), path, weights)
    return Spending(start, path, weights, start[:, None] * weights, spent)


def _weights(scenario: Scenario, axes: Axes, draws: Draws) -> FloatArray:
    """Share of each segment, [market, segment, draw]; they sum to one in every draw."""
    weights = np.stack(
        [
            np.stack([draws.number(market.segment_weights[segment]) for segment in axes.segments])
            for market in scenario.markets.values()
        ]
    )
    return weights / ordered_sum(weights, axis=1)[:, None]


def _growth_shocks(scenario: Scenario, axes: Axes, draws: Draws, months: int, last: Sequence[int]) -> FloatArray:
    """Shocks to the growth of each market after its last observation (equation 3.14), [month, market, draw] in logs.

    Years are those of the run, so that a part of the luck is shared whenever markets were observed last.
    """
    found, settings = np.zeros((months, *axes.shape("market"))), scenario.demand.growth_shocks
    if settings is None:
        return found
    sd, persistence, common = map(draws.number, (settings.sd, settings.persistence, settings.common))
    begins = [max(month, 0) for month in last]
    length = (months + max(begins)) // MONTHS_PER_YEAR + 2
    shared = np.sqrt(common) * draws.standard_normal("shock.growth", length)
    once = np.zeros((length, draws.count))
    once[0] = 1.0
    for m, market in enumerate(axes.markets):
        own = np.sqrt(1.0 - common) * draws.standard_normal(f"shock.growth.{market}", length)
        years = np.maximum(middles(months) - begins[m], 0.0) / MONTHS_PER_YEAR
        variance = growth_shocks(years, once, persistence) ** 2
        for month in range(MONTHS_PER_YEAR, months):
            variance[month] += variance[month - MONTHS_PER_YEAR]
        shocks = growth_shocks(years, (shared + own)[begins[m] // MONTHS_PER_YEAR :], persistence)
        found[:, m] = sd * shocks - 0.5 * sd**2 * variance
    return found


def _budget_shocks(
    scenario: Scenario, axes: Axes, draws: Draws, months: int
) -> tuple[FloatArray, tuple[FloatArray, FloatArray], FloatArray]:
    """Shocks to budgets in logs, AR(1) from zero, with a mean factor of 1 (equation 3.12).

    Returns
    -------
    [month, market, segment, draw] standard normal scores; [draw] what is left of a shock a month later, and size of
    what is new; and [month, draw] half of the variance that shocks have come to.
    """
    sd = draws.number(scenario.demand.budget_shock_sd)
    monthly = power(draws.number(scenario.demand.budget_shock_persistence), 1.0 / MONTHS_PER_YEAR)
    scores = np.empty((months, *axes.shape("market", "segment")))
    for m, market in enumerate(axes.markets):
        for s, segment in enumerate(axes.segments):
            scores[:, m, s] = draws.standard_normal(f"shock.budget.{market}.{segment}", months)
    variance = sd**2 * (1.0 - power(monthly, np.arange(0.0, 2.0 * months, 2.0)[:, None]))
    return scores, (monthly, sd * np.sqrt(1.0 - monthly * monthly)), 0.5 * variance
