"""The world at the base date, put together from its parts."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np

from sim.arithmetic.elementary import exp, expm1, log, log1p, power
from sim.model.channels import Channels
from sim.model.equations.capacity import expected_sales
from sim.model.equations.goods_trade import buyer_price, export_value, long_run_log_response
from sim.model.luck import Draws
from sim.model.presence_rules import over_groups
from sim.model.start.base_calibration import Calibration, calibrated, elasticities
from sim.model.start.base_rules import base_rules
from sim.model.start.parties import Parties, axes_of, parties
from sim.model.start.reach import Reach, reach_of_zones
from sim.model.start.spending import Spending, spending
from sim.model.start.trends import MarketTrend, QualityTrends, market_trend, quality_trends
from sim.model.world import MONTHS_HELD, Base, World, blank_arrays
from sim.policies.levers import Levers
from sim.quantities import MONTHS_PER_YEAR, FloatArray, IntArray, middles, ordered_sum, years_at
from sim.scenario.schema import Scenario
from sim.values import OPEN

Part = Parties | Spending | Calibration | QualityTrends | MarketTrend | Reach
"""Parts of what is known at the base date; each array of `Base` comes from one of them."""


def build_world(scenario: Scenario, draws: Draws) -> World:
    """Build the world at the base date for a batch of draws.

    Paths are made as long as orders placed before the base date reach, and cut to the run in the end: a shorter run
    is the beginning of a longer one.
    """
    axes = axes_of(scenario, draws.count)
    on_order = _months_on_order(scenario)
    months = max(scenario.months, on_order)
    who, rules = parties(scenario, axes, draws), base_rules(scenario, axes, draws)
    channels = who.channels
    spent = spending(scenario, axes, draws, months)
    start = calibrated(scenario, axes, draws, who, spent, rules)
    qualities = quality_trends(scenario, axes, draws, months, spent, start.sales)
    reach = reach_of_zones(scenario, axes, draws)
    trend = market_trend(scenario, draws, who, spent, start, qualities, on_order)
    base = _base(scenario, draws, rules, who, spent, start, qualities, trend, reach)
    arrays = blank_arrays(axes)
    sellers = [np.flatnonzero(channels.at_start & (channels.market == m)) for m in range(channels.markets)]
    _set_start(arrays, scenario, draws, channels, sellers, base, start)
    pipeline = _set_capacity(arrays, scenario, draws, channels, base, spent, trend)
    return World(scenario, axes, draws, base, channels, sellers, rules.copy(), pipeline, **arrays)


def _base(scenario: Scenario, draws: Draws, rules: Levers, *parts: Part) -> Base:
    """Put what is known at the base date together, paths cut to the months of the run."""
    sigma, eta = elasticities(scenario, draws)
    yearly = draws.number(scenario.demand.contract_churn)
    held: dict[str, Any] = {name: value for part in parts for name, value in vars(part).items()}
    held |= _goods(scenario, draws)
    held["sells"] = np.isfinite(held["owned_quality"]).any(axis=2)
    held["mu"] = draws.number(scenario.demand.channel_elasticity)
    held |= {"sigma": over_groups(sigma, held["width"].shape[1]), "eta": eta, "levers": rules}
    held |= {"churn_rate": -log1p(-yearly), "churn_month": -expm1(log1p(-yearly) / MONTHS_PER_YEAR)}
    return Base(**{item.name: _cut(scenario, item.metadata["dims"], held[item.name]) for item in fields(Base)})


def _cut(scenario: Scenario, dims: tuple[str, ...], values: Any) -> Any:
    return values[: scenario.months] if dims and dims[0] == "month" else values


def _goods(scenario: Scenario, draws: Draws) -> dict[str, FloatArray]:
    """Goods trade without tariffs, from what it is at the base rate (equation 9.6), each [list, draw]."""
    lists, psi = list(scenario.goods.lists.values()), draws.number(scenario.goods.pass_through)
    base = np.stack([draws.number(item.base_rate) for item in lists])
    elasticity = np.stack([draws.number(scenario.goods.import_elasticity[item.importer]) for item in lists])
    value = np.stack([draws.number(item.value_bn) for item in lists])
    free_trade = value * power(buyer_price(base, psi), elasticity) / export_value(np.ones_like(base), base, psi)
    return {"base_tariff": base, "import_elasticity": elasticity, "free_trade": free_trade}


def _set_start(
    arrays: dict[str, Any],
    scenario: Scenario,
    draws: Draws,
    channels: Channels,
    sellers: list[IntArray],
    base: Base,
    start: Calibration,
) -> None:
    """Set the state at the base date."""
    for name in ("price", "price_before", "activity", "stake", "attraction_total", "per_attraction", "bought_now"):
        arrays[name][:] = 1.0
    arrays["cost"][:] = base.cost
    arrays["active"][:] = channels.at_start[:, None]
    for name in ("owned_quality", "penalty"):
        arrays[name][:] = getattr(start, name)
    arrays["package"][:] = -1
    revenue = base.attraction * base.start_spending[channels.market]
    arrays["sales"][:] = ordered_sum(revenue, axis=1)
    segments = revenue.shape[1]
    arrays["budget"][:, :segments] = base.start_spending
    arrays["served"][:, :segments] = np.stack([ordered_sum(revenue[here]) for here in channels.in_market])
    access = start.access * base.sells[channels.vendor, channels.market][:, None]
    for name, values in {"access": access, "attraction": base.attraction}.items():
        arrays[name] = [over_groups(values[here], base.groups[m]) for m, here in enumerate(sellers)]
    arrays["revenue"] = [np.zeros_like(values) for values in arrays["attraction"]]
    for m, here in enumerate(sellers):
        arrays["revenue"][m][:, :segments] = revenue[here]
    arrays["made"][:] = ordered_sum(base.sales, axis=1) * draws.number(scenario.costs.experience_years)
    arrays["made_share_base"][:] = arrays["made"] / ordered_sum(arrays["made"])
    psi = draws.number(scenario.goods.pass_through)
    arrays["log_response"][:] = long_run_log_response(base.base_tariff, psi, base.import_elasticity)
    arrays["expected_price"][:] = buyer_price(base.base_tariff, psi)
    growth = np.stack([draws.number(scenario.growth_of(market).before) for market in scenario.markets])
    arrays["growth"][:] = growth
    arrays["asking_cost"][:] = base.cost * (1.0 - base.forgone)
    months_ago = middles(MONTHS_HELD)[::-1, None, None]
    arrays["spending_history"][:] = base.start_size * exp(-growth * months_ago / MONTHS_PER_YEAR)


def _set_capacity(
    arrays: dict[str, Any],
    scenario: Scenario,
    draws: Draws,
    channels: Channels,
    base: Base,
    spent: Spending,
    trend: MarketTrend,
) -> FloatArray:
    """Set capacity at the base date, and give what was ordered before it by month of arrival.

    Those orders foresaw the trend: equation 4.13.
    """
    settings = scenario.capacity
    headroom = 1.0 + draws.number(settings.headroom)
    keeps = power(1.0 - draws.number(settings.retirement), 1.0 / MONTHS_PER_YEAR)
    decline = draws.number(scenario.costs.decline)
    pairs, used = (channels.vendor, channels.market), channels.at_start[:, None]
    planned = base.sales * headroom
    arrays["capacity"][:] = np.where(used, base.carries * planned[pairs], 0.0)
    pipeline = np.zeros((_months_in_pipeline(scenario), *arrays["capacity"].shape))
    for month in range(1, len(trend.trend_potential)):
        years = np.full_like(decline, years_at(month))
        grown = spent.market_path[month] / spent.start_size
        wanted = expected_sales(
            base.sales, trend.trend_potential[month] / grown, base.churn_rate, log(grown) / years, years
        )
        planned *= keeps
        added = np.maximum(wanted * headroom * exp(decline * years) - planned, 0.0)
        planned += added
        pipeline[month] = np.where(used, base.carries * added[pairs], 0.0)
    arrays["on_order"][:] = ordered_sum(pipeline)
    return pipeline


def _months_in_pipeline(scenario: Scenario) -> int:
    """Months that the pipeline holds: no order, of now or of before the base date, arrives later than that."""
    lead = scenario.capacity.lead_months
    longest = lead.high if lead.kind in OPEN else lead.support[1]
    return max(math.ceil(longest) + 1, _months_on_order(scenario))


def _months_on_order(scenario: Scenario) -> int:
    """Months that capacity ordered before the base date covers: a lead time and the time between orders, from now."""
    settings = scenario.capacity
    return round(settings.lead_months.central) + settings.order_every_months + 1
