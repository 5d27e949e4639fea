"""Who is at home where, who runs whose services, and what firms run for themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.luck import Draws
from sim.policies.levers import Axes
from sim.quantities import BoolArray, FloatArray, IntArray
from sim.scenario.schema import Presence, Scenario, Vendor


def axes_of(scenario: Scenario, draws: int) -> Axes:
    """Names along each axis."""
    markets = tuple(scenario.markets)
    return Axes(
        countries=tuple(scenario.countries),
        vendors=tuple(scenario.vendors),
        markets=markets,
        segments=tuple(scenario.segments),
        zones=tuple(scenario.zones),
        lists=tuple(scenario.goods.lists),
        partners=tuple(scenario.partners),
        zone_markets=tuple(markets.index(zone.market) for zone in scenario.zones.values()),
        rungs=len(scenario.talks.rungs),
        draws=draws,
    )


def reviewed_pairs(scenario: Scenario) -> list[tuple[int, int]]:
    """Pairs of vendor and market in which the vendor chooses how it is present."""
    markets = list(scenario.markets)
    return [
        (v, markets.index(market)) for v, vendor in enumerate(scenario.vendors.values()) for market in vendor.reviews
    ]


@dataclass(frozen=True)
class Parties:
    """Vendors, markets and partners as the scenario lists them.

    Attributes
    ----------
    home, market_country
        [vendor] and [market] index of the country, -1 for none.
    domestic
        [vendor, market] whether the vendor is at home.
    presence
        [vendor, market, draw] presence at the base date.
    contract_share, contract_fee
        [partner, vendor, draw] sales through a partner, and its fee, shares of one.
    willing
        [vendor, draw] whether the vendor would change how it is present where that pays.
    fee
        [vendor, market, draw] fee over all partners where the vendor runs through partners.
    captive, captive_growth
        [vendor, market, draw] services for own customers, compute units, and their growth, log share per year.
    """

    home: IntArray
    market_country: IntArray
    domestic: BoolArray
    presence: IntArray
    willing: BoolArray
    contract_share: FloatArray
    contract_fee: FloatArray
    fee: FloatArray
    captive: FloatArray
    captive_growth: FloatArray


def parties(scenario: Scenario, axes: Axes, draws: Draws) -> Parties:
    """List who is who."""
    index = {name: i for i, name in enumerate(axes.countries)}
    vendors, markets = scenario.vendors.values(), scenario.markets.values()
    share, fee, total = _contracts(scenario, axes, draws)
    captive, growth = _captive(scenario, axes, draws)
    return Parties(
        home=np.array([index.get(vendor.home, -1) for vendor in vendors]),
        market_country=np.array([index.get(market.country, -1) for market in markets]),
        domestic=np.array([[vendor.home == market.country for market in markets] for vendor in vendors]),
        presence=_presence(scenario, axes),
        willing=np.stack([_willing(name, vendor, draws) for name, vendor in scenario.vendors.items()]),
        contract_share=share,
        contract_fee=fee,
        fee=total,
        captive=captive,
        captive_growth=growth,
    )


def _presence(scenario: Scenario, axes: Axes) -> IntArray:
    presence = np.zeros(axes.shape("vendor", "market"), dtype=np.int64)
    for v, vendor in enumerate(scenario.vendors.values()):
        for market, sales in vendor.sales.items():
            presence[v, axes.markets.index(market)] = Presence[sales.presence.upper()]
        for market in vendor.captive:
            m = axes.markets.index(market)
            presence[v, m] = np.maximum(presence[v, m], Presence.PARTNER)
    return presence


def _willing(name: str, vendor: Vendor, draws: Draws) -> BoolArray:
    if vendor.willing is None:
        return np.ones(draws.count, dtype=np.bool_)
    return draws.uniform(f"presence.willing.{name}", 1)[0] < draws.number(vendor.willing)


def _contracts(scenario: Scenario, axes: Axes, draws: Draws) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Share and fee of each contract, and the fee each vendor pays in each market over all its partners."""
    share, fee = np.zeros(axes.shape("partner", "vendor")), np.zeros(axes.shape("partner", "vendor"))
    total = np.zeros(axes.shape("vendor", "market"))
    for p, partner in enumerate(scenario.partners.values()):
        m = axes.markets.index(partner.market)
        for vendor, contract in partner.contracts.items():
            v = axes.vendors.index(vendor)
            share[p, v], fee[p, v] = draws.number(contract.share), draws.number(contract.fee)
            total[v, m] += share[p, v] * fee[p, v]
    return share, fee, total


def _captive(scenario: Scenario, axes: Axes, draws: Draws) -> tuple[FloatArray, FloatArray]:
    units, growth = np.zeros(axes.shape("vendor", "market")), np.zeros(axes.shape("vendor", "market"))
    for v, vendor in enumerate(scenario.vendors.values()):
        for market, captive in vendor.captive.items():
            m = axes.markets.index(market)
            units[v, m], growth[v, m] = draws.number(captive.units), draws.number(captive.growth)
    return units, growth
