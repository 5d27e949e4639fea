"""Who is at home where, who runs whose services, and what firms run for themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.channels import NOBODY, Channels
from sim.model.luck import Draws
from sim.model.start.reach import rings
from sim.model.start.world_economy import regions_of
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
        channels=Channels.of_scenario(scenario).names(scenario),
        regions=regions_of(scenario.goods),
        zone_markets=tuple(markets.index(zone.market) for zone in scenario.zones.values()),
        rungs=len(scenario.talks.rungs),
        rings=rings(scenario),
        draws=draws,
        goods=scenario.goods.listed,
        routes=scenario.goods.routes,
    )


@dataclass(frozen=True)
class Parties:
    """Vendors, markets and partners as the scenario lists them.

    Attributes
    ----------
    channels
        Ways of selling.
    home, market_country
        [vendor] and [market] index of the country, -1 for none.
    domestic
        [vendor, market] whether the vendor is at home.
    carries, fee
        [channel, draw] share of the vendor's sales that it carries where all its channels are as good, 1 for one that
        can carry all; and the part of revenue which its partner keeps, shares of one.
    willing
        [vendor, draw] whether the vendor would change how it is present where that pays.
    captive, captive_growth
        [vendor, market, draw] services for own customers, compute units, and their growth, log share per year.
    """

    channels: Channels
    home: IntArray
    market_country: IntArray
    domestic: BoolArray
    willing: BoolArray
    carries: FloatArray
    fee: FloatArray
    captive: FloatArray
    captive_growth: FloatArray


def parties(scenario: Scenario, axes: Axes, draws: Draws) -> Parties:
    """List who is who."""
    index = {name: i for i, name in enumerate(axes.countries)}
    vendors, markets = scenario.vendors.values(), scenario.markets.values()
    channels = Channels.of_scenario(scenario)
    carries, fee = _contracts(scenario, draws, channels)
    captive, growth = _captive(scenario, axes, draws)
    return Parties(
        channels=channels,
        home=np.array([index.get(vendor.home, -1) for vendor in vendors]),
        market_country=np.array([index.get(market.country, -1) for market in markets]),
        domestic=np.array([[vendor.home == market.country for market in markets] for vendor in vendors]),
        willing=np.stack([_willing(name, vendor, draws) for name, vendor in scenario.vendors.items()]),
        carries=carries,
        fee=fee,
        captive=captive,
        captive_growth=growth,
    )


def _willing(name: str, vendor: Vendor, draws: Draws) -> BoolArray:
    if vendor.willing is None:
        return np.ones(draws.count, dtype=np.bool_)
    return draws.uniform(f"presence.willing.{name}", 1)[0] < draws.number(vendor.willing)


def _contracts(scenario: Scenario, draws: Draws, channels: Channels) -> tuple[FloatArray, FloatArray]:
    """Share of the vendor's sales that each channel carries, and its partner's fee, [channel, draw]."""
    carries, fee = np.ones((len(channels.rows), draws.count)), np.zeros((len(channels.rows), draws.count))
    names, partners = list(scenario.vendors), list(scenario.partners.values())
    for index, row in enumerate(channels.rows):
        if row.partner != NOBODY:
            contract = partners[row.partner].contracts[names[row.vendor]]
            carries[index], fee[index] = draws.number(contract.share), draws.number(contract.fee)
    run = channels.of_kind(Presence.PARTNER)
    whole = channels.by_pair(np.where(run[:, None], carries, 0.0))[channels.vendor, channels.market]
    return np.where(run[:, None], carries / np.where(whole > 0.0, whole, 1.0), carries), fee


def _captive(scenario: Scenario, axes: Axes, draws: Draws) -> tuple[FloatArray, FloatArray]:
    units, growth = np.zeros(axes.shape("vendor", "market")), np.zeros(axes.shape("vendor", "market"))
    for v, vendor in enumerate(scenario.vendors.values()):
        for market, captive in vendor.captive.items():
            m = axes.markets.index(market)
            units[v, m], growth[v, m] = draws.number(captive.units), draws.number(captive.growth)
    return units, growth
