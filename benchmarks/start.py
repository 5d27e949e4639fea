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
class ChannelStart:
    """One way in which a vendor sells in a market, at the base date; lists by group of customers but `pipeline`."""

    kind: Presence
    weight: float
    """Part of the vendor's sales that it carries where all its channels are as good."""
    strength: list[float]
    """access * exp(quality)"""
    cost: float
    growth_weight: float
    """Part of its cost that the vendor gives up in prices for each log point of yearly growth."""
    forgone: float
    """What it gives up at the base date, and never more."""
    fee: float
    capacity: float
    on_order: float
    pipeline: list[float]
    """[month] capacity that arrives, compute units."""
    contracts: list[float]
    """Revenue, bn a year."""
    shares: list[float]


@dataclass(frozen=True)
class SellerStart:
    """One vendor in one market at the base date."""

    vendor: int
    home: int
    """Country of the vendor, -1 for none."""
    gained: list[float]
    """[month] quality gained by trend and luck since the base date, log points."""
    channels: list[ChannelStart]


@dataclass(frozen=True)
class MarketStart:
    """One market of one draw at the base date."""

    sellers: list[SellerStart]
    """Vendors that sell there."""
    country: int
    leak_rate: float
    """Know-how that leaks to local vendors if partners run the whole market, log points a year."""
    spending_path: list[list[float]]
    """[month][group] bn a year."""
    trend_log_index: list[list[float]]
    hardware_tariff: list[float]
    """[month] share of one, above that of the base date."""
    growth: float
    spending_history: list[float]
    """[month of the year] spending in the last twelve months, bn a year."""

    @property
    def vendors(self) -> list[int]:
        """Numbers of the vendors that sell there."""
        return [seller.vendor for seller in self.sellers]


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
    """[group] between vendors."""
    mu: float
    """Between a vendor's own channels in a market."""
    eta: float
    channel_churn: float
    """Contracts that customers take to another channel of their vendor in a year, share of one."""
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
        mu=float(base.mu[d]),
        channel_churn=value(world.scenario.demand.channel_churn),
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


def _pipeline(world: World, row: int, d: int) -> list[float]:
    """Capacity that was ordered before the base date by month of arrival, with room for all that will be ordered."""
    held: list[float] = world.pipeline[:, row, d].tolist()
    months = world.scenario.months + int(world.scenario.capacity.lead_months.high) + 1
    return held + [0.0] * (months - len(held))


def _market_start(world: World, tariffs: FloatArray, m: int, d: int) -> MarketStart:
    base = world.base
    rows = [row for row in world.sellers[m] if world.active[row, d] and world.sales[row, d] > 0.0]
    leak = world.value(world.scenario.presence.leak)[d] * (1.0 - base.levers.ip_protection[m, d])
    by_vendor: dict[int, list[int]] = {}
    for row in rows:
        by_vendor.setdefault(world.channels.rows[row].vendor, []).append(row)
    return MarketStart(
        sellers=[
            SellerStart(
                vendor=v,
                home=int(base.home[v]),
                gained=base.gained[:, v, m, d].tolist(),
                channels=[_channel_start(world, row, d) for row in own],
            )
            for v, own in by_vendor.items()
        ],
        country=int(base.market_country[m]),
        leak_rate=float(leak),
        spending_path=base.spending_path[:, m, :, d].tolist(),
        trend_log_index=base.trend_log_index[:, m, :, d].tolist(),
        hardware_tariff=tariffs[:, m, d].tolist(),
        growth=float(world.growth[m, d]),
        spending_history=world.spending_history[:, m, d].tolist(),
    )


def _channel_start(world: World, row: int, d: int) -> ChannelStart:
    channel = world.channels.rows[row]
    quality = world.owned_quality[channel.vendor, channel.market, :, d] - world.penalty[row, d]
    return ChannelStart(
        kind=channel.kind,
        weight=float(world.base.carries[row, d]),
        strength=(world.of_channels(world.access, [row])[0, :, d] * np.exp(quality)).tolist(),
        cost=float(world.base.cost[row, d]),
        growth_weight=float(world.base.growth_weight[row, d]),
        forgone=float(world.base.forgone[row, d]),
        fee=float(world.base.fee[row, d]),
        capacity=float(world.capacity[row, d]),
        on_order=float(world.on_order[row, d]),
        pipeline=_pipeline(world, row, d),
        contracts=world.of_channels(world.revenue, [row])[0, :, d].tolist(),
        shares=world.shares([row])[0, :, d].tolist(),
    )
