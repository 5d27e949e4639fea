"""Quality trends and shocks, and the price index with nothing but trends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.equations.demand import log_price_index
from sim.model.equations.trend import catch_up_share, catch_up_step
from sim.model.luck import Draws
from sim.model.presence_rules import leaked_to_vendors
from sim.model.start.base_calibration import Calibration, elasticities
from sim.model.start.parties import Parties
from sim.model.start.spending import Spending
from sim.policies.levers import Axes
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class QualityTrends:
    """How qualities move by themselves.

    Attributes
    ----------
    gap, tau
        [vendor, market, draw] catch-up in the end, log points, and its time constant, years.
    quality_walk
        [month, vendor, market, draw] shocks so far, log points.
    """

    gap: FloatArray
    tau: FloatArray
    quality_walk: FloatArray


def quality_trends(scenario: Scenario, axes: Axes, draws: Draws, months: int) -> QualityTrends:
    """Catch-up and random walk of every vendor in every market (equation 3.13)."""
    gap, tau = np.zeros(axes.shape("vendor", "market")), np.ones(axes.shape("vendor", "market"))
    walk = np.zeros((months, *axes.shape("vendor", "market")))
    step = draws.number(scenario.demand.quality_shock_sd) / np.sqrt(MONTHS_PER_YEAR)
    for v, (name, vendor) in enumerate(scenario.vendors.items()):
        for m, market in enumerate(axes.markets):
            catch_up = scenario.catch_up_of(name, market)
            if catch_up is not None:
                gap[v, m], tau[v, m] = draws.number(catch_up.gap), draws.number(catch_up.tau_years)
            if market in vendor.sales or market in vendor.reviews:
                noise = draws.standard_normal(f"shock.quality.{name}.{market}", months)
                np.multiply(noise[1:], step, out=walk[1:, v, m])
    for month in range(1, months):
        walk[month] += walk[month - 1]
    return QualityTrends(gap, tau, walk)


@dataclass(frozen=True)
class MarketTrend:
    """Where the market goes without agents.

    Attributes
    ----------
    trend_log_index
        [month, market, segment, draw] ln Pi on trend.
    trend_potential
        [month, vendor, market, draw] P * E on trend in the first months, bn a year.
    """

    trend_log_index: FloatArray
    trend_potential: FloatArray


def market_trend(
    scenario: Scenario,
    draws: Draws,
    who: Parties,
    spent: Spending,
    start: Calibration,
    qualities: QualityTrends,
    months_of_potential: int,
) -> MarketTrend:
    """Pass over the months with base presence and markups, without shocks (equation 3.9)."""
    sigma, _ = elasticities(scenario, draws)
    decline = draws.number(scenario.costs.decline)
    gained, closes = np.zeros_like(qualities.gap), catch_up_share(qualities.tau)
    plain = spent.market_path[:, :, None] * spent.weights
    index = np.empty_like(plain)
    potential = np.empty((months_of_potential, *gained.shape))
    at_start = who.channels.by_pair(start.attraction)
    attraction = np.empty_like(at_start)
    for month in range(len(plain)):
        if month:
            gained = catch_up_step(gained, qualities.gap, closes)
        learned = leaked_to_vendors(start.leak * (month / MONTHS_PER_YEAR), who.market_country, who.home)
        np.multiply(at_start, np.exp(gained + learned[:, None])[:, :, None], out=attraction)
        total = ordered_sum(attraction)
        index[month] = log_price_index(total, sigma) - decline * (month / MONTHS_PER_YEAR)
        if month < months_of_potential:
            potential[month] = ordered_sum(attraction * (plain[month] / total), axis=2)
    return MarketTrend(index, potential)
