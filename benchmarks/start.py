"""Base-date state of single draws as plain Python numbers: where every peer of `benchmarks/` starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.policies.tariff import HardwareTariff
from sim.quantities import FloatArray
from sim.scenario.schema import Presence, Scenario
from sim.values import Number

WITHOUT_EFFECT_HERE = frozenset({"tariff", "uncertainty"})
"""Kinds of policy that reach the market only through goods trade or through reviews of presence."""


@dataclass(frozen=True)
class MarketStart:
    """One market of one draw at the base date; [seller] runs over the vendors that sell there."""

    vendors: list[int]
    """[seller] vendor number."""
    homes: list[int]
    """[seller] country of the vendor, -1 for none."""
    partner_run: list[int]
    """Positions of the sellers that local partners run."""
    country: int
    leak_rate: float
    """Know-how that leaks to local vendors if partners run the whole market, log points a year."""
    strength: list[list[float]]
    """[segment][seller] access * exp(quality)."""
    gained: list[list[float]]
    """[month][seller] quality gained by trend and luck since the base date, log points."""
    cost: list[float]
    fee: list[float]
    capacity: list[float]
    on_order: list[float]
    pipeline: list[list[float]]
    """[month][seller] capacity that arrives, compute units."""
    revenue: list[list[float]]
    shares: list[list[float]]
    spending_path: list[list[float]]
    """[month][segment] bn a year."""
    trend_log_index: list[list[float]]
    hardware_tariff: list[float]
    """[month] share of one, above that of the base date."""
    growth: float
    spending_history: list[float]
    """[month of the year] spending in the last twelve months, bn a year."""


@dataclass(frozen=True)
class Start:
    """One draw at the base date."""

    months: int
    order_every_months: int
    order_horizon_years: float
    lead_months: list[list[int]]
    """[vendor][order]"""
    made: list[float]
    """[vendor] output made so far, compute units times years."""
    made_share: list[float]
    sigma: list[float]
    eta: float
    churn_month: float
    churn_rate: float
    decline: float
    adjustment_share: float
    hardware_share: float
    experience_exponent: float
    headroom: float
    retirement: float
    capex_per_unit: float
    hardware_share_of_capex: float
    markets: list[MarketStart]


def starts(scenario: Scenario, seed: int, draws: range) -> Iterator[Start]:
    """Give the start of each draw of a scenario that changes nothing but hardware tariffs.

    Raises
    ------
    ValueError
        If the scenario uses a part of the model that the peers do not play.
    """
    _refuse_what_peers_do_not_play(scenario)
    world = build_world(scenario, Draws(seed, draws))
    tariffs = _hardware_tariffs(world)
    for d in range(len(draws)):
        yield _start(world, tariffs, d)


def _refuse_what_peers_do_not_play(scenario: Scenario) -> None:
    kinds = {policy.kind for policy in scenario.policies.values()}
    if other := kinds - WITHOUT_EFFECT_HERE - {"hardware_tariff"}:
        raise ValueError(f"{scenario.name}: peers do not know policies of kind {', '.join(sorted(other))}")
    if dated := [name for name, policy in scenario.policies.items() if policy.starts or policy.ends]:
        raise ValueError(
            f"{scenario.name}: peers know policies by their rates alone; {', '.join(dated)} starts or ends"
        )
    if reviewing := [name for name, vendor in scenario.vendors.items() if vendor.reviews]:
        raise ValueError(f"{scenario.name}: peers play without reviews of presence; {', '.join(reviewing)} has some")
    for path, number in (
        ("goods.activity_multiplier", scenario.goods.activity_multiplier),
        ("pricing.short_run_share", scenario.pricing.short_run_share),
    ):
        if number.is_uncertain or number.central != 0.0:
            raise ValueError(f"{scenario.name}: peers need {path} to be 0, not {number}")


def _hardware_tariffs(world: World) -> FloatArray:
    """Hardware tariff of each month, [month, market, draw], share of one."""
    calendar, axes = world.scenario.calendar, world.axes
    tariffs = np.zeros((calendar.months, *axes.shape("market")))
    for policy in world.scenario.policies.values():
        if isinstance(policy, HardwareTariff):
            m, origin = axes.markets.index(policy.market), world.value(policy.origin_share)
            for date, rate in policy.rate.steps:
                first = calendar.month_of(date) if date else 0
                tariffs[max(first, 0) :, m] = world.value(rate) * origin
    return tariffs


def _start(world: World, tariffs: FloatArray, d: int) -> Start:
    """Read one draw out of the world at the base date."""
    base, costs, capacity = world.base, world.scenario.costs, world.scenario.capacity

    def value(number: Number) -> float:
        return float(world.value(number)[d])

    return Start(
        months=world.scenario.months,
        order_every_months=capacity.order_every_months,
        order_horizon_years=(capacity.lead_months.central + capacity.order_every_months) / 12,
        lead_months=_lead_months(world, d),
        made=world.made[:, d].tolist(),
        made_share=world.made_share_base[:, d].tolist(),
        sigma=base.sigma[:, d].tolist(),
        eta=float(base.eta[d]),
        churn_month=float(base.churn_month[d]),
        churn_rate=float(base.churn_rate[d]),
        decline=value(costs.decline),
        adjustment_share=value(world.scenario.pricing.adjustment_share),
        hardware_share=value(costs.hardware_share),
        experience_exponent=value(costs.experience_exponent),
        headroom=value(capacity.headroom),
        retirement=value(capacity.retirement),
        capex_per_unit=value(capacity.capex_per_unit),
        hardware_share_of_capex=value(capacity.hardware_share_of_capex),
        markets=[_market_start(world, tariffs, m, d) for m in range(len(world.axes.markets))],
    )


def _lead_months(world: World, d: int) -> list[list[int]]:
    """Months from order to arrival, [vendor][order], drawn as vendors of `sim` draw them."""
    settings = world.scenario.capacity
    orders = -(-world.scenario.months // settings.order_every_months)
    drawn = [world.draws.path(settings.lead_months, f"lead.{name}", orders)[:, d] for name in world.axes.vendors]
    return [np.maximum(np.ceil(lead), 1).astype(np.int64).tolist() for lead in drawn]


def _pipeline(world: World) -> FloatArray:
    """Capacity that was ordered before the base date by month of arrival, with room for all that will be ordered."""
    held = world.pipeline
    missing = max(world.scenario.months + int(world.scenario.capacity.lead_months.high) + 1 - len(held), 0)
    return np.concatenate([held, np.zeros((missing, *held.shape[1:]))])


def _market_start(world: World, tariffs: FloatArray, m: int, d: int) -> MarketStart:
    base = world.base
    sellers = np.flatnonzero(base.sales[:, m, d] > 0.0)
    quality = world.owned_quality[sellers, m, :, d] - world.penalty[sellers, m, d][:, None]
    by_partner = (base.presence[sellers, m, d] == Presence.PARTNER) & ~base.domestic[sellers, m]
    leak = world.value(world.scenario.presence.leak)[d] * (1.0 - base.levers.ip_protection[m, d])
    return MarketStart(
        vendors=sellers.tolist(),
        homes=base.home[sellers].tolist(),
        partner_run=np.flatnonzero(by_partner).tolist(),
        country=int(base.market_country[m]),
        leak_rate=float(leak),
        strength=(world.access[sellers, m, :, d] * np.exp(quality)).T.tolist(),
        gained=base.gained[:, sellers, m, d].tolist(),
        cost=base.cost[sellers, m, d].tolist(),
        fee=world.fee[sellers, m, d].tolist(),
        capacity=world.capacity[sellers, m, d].tolist(),
        on_order=world.on_order[sellers, m, d].tolist(),
        pipeline=_pipeline(world)[:, sellers, m, d].tolist(),
        revenue=np.stack([world.at(world.revenue, v, m)[:, d] for v in sellers], axis=1).tolist(),
        shares=np.stack([world.shares(v, [m])[0][:, d] for v in sellers], axis=1).tolist(),
        spending_path=base.spending_path[:, m, :, d].tolist(),
        trend_log_index=base.trend_log_index[:, m, :, d].tolist(),
        hardware_tariff=tariffs[:, m, d].tolist(),
        growth=float(world.growth[m, d]),
        spending_history=world.spending_history[:, m, d].tolist(),
    )
