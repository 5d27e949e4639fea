"""What each way of being present allows, loses and costs (docs/model.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.luck import Draws
from sim.policies.levers import Levers
from sim.quantities import BoolArray, FloatArray, IntArray, quotient
from sim.scenario.schema import Presence, PresenceTerms, Scenario

PRESENCE_TERMS = {
    Presence.CROSS_BORDER: "cross_border",
    Presence.PARTNER: "partner",
    Presence.ZONE: "zone",
    Presence.OWNED: "owned",
}


def terms_of(scenario: Scenario, presence: Presence) -> PresenceTerms:
    """Terms of one way of being present."""
    terms: PresenceTerms = getattr(scenario.presence, PRESENCE_TERMS[presence])
    return terms


@dataclass(frozen=True)
class AccessRules:
    """Rules that decide which customers a vendor may serve.

    Attributes
    ----------
    residency
        [market, segment, draw] share of the segment whose data must stay in the country.
    zone_reach
        [zone, segment, draw] share of the segment that a zone may serve.
    allowed_share
        [home, market, segment, draw] share of the segment open to vendors of a country.
    """

    residency: FloatArray
    zone_reach: FloatArray
    allowed_share: FloatArray

    @classmethod
    def everywhere(cls, levers: Levers) -> AccessRules:
        """Rules of all markets."""
        return cls(levers.residency, levers.zone_reach, levers.allowed_share)

    @classmethod
    def in_market(cls, levers: Levers, m: int) -> AccessRules:
        """Rules of one market, which keeps its axis."""
        here = slice(m, m + 1)
        return cls(levers.residency[here], levers.zone_reach, levers.allowed_share[:, here])


def in_zone(presence: IntArray, zone: IntArray, z: int) -> BoolArray:
    """Where a vendor has its own data centres in zone `z`; `presence` and `zone` have any one shape."""
    return (presence == Presence.ZONE) & (zone == z)


def access_shares(
    presence: IntArray, zone: IntArray, domestic: BoolArray, home: IntArray, rules: AccessRules
) -> FloatArray:
    """Share of each segment that may choose each vendor (equation 5.9), [vendor, market, segment, draw].

    absent 0; cross-border 1 - residency; zone its reach; partner and owned 1; for foreigners times what is allowed.

    Parameters
    ----------
    presence, zone
        [vendor, market, draw] presence and zone index.
    domestic
        [vendor, market] whether the vendor is at home.
    home
        [vendor] country index, -1 for none.
    rules
        Rules in force.
    """
    everybody = (presence == Presence.PARTNER) | (presence == Presence.OWNED)
    access = np.repeat(everybody[:, :, None].astype(np.float64), rules.residency.shape[1], axis=2)
    access += np.where((presence == Presence.CROSS_BORDER)[:, :, None], 1.0 - rules.residency, 0.0)
    for z, reach in enumerate(rules.zone_reach):
        inside = in_zone(presence, zone, z)
        if inside.any():
            access += np.where(inside[:, :, None], reach, 0.0)
    for v, country in enumerate(home):
        if country >= 0:
            access[v, ~domestic[v]] *= rules.allowed_share[country, ~domestic[v]]
    return access


def presence_penalty(
    scenario: Scenario,
    draws: Draws,
    presence: IntArray,
    domestic: BoolArray,
    firewall: FloatArray,
    base_firewall: FloatArray,
    partner_gap: FloatArray,
) -> FloatArray:
    """Quality lost by how each vendor is present (equation 5.10), [vendor, market, draw], log points; none at home.

    At the base date supply across the border loses what partners lose, and the firewall. Where the firewall falls, all
    of that falls with it.

    Parameters
    ----------
    partner_gap
        [vendor, market, draw] quality lost by selling through partners.
    firewall, base_firewall
        [market, draw] quality lost by serving the market from abroad, now and at the base date.
    """
    penalty = np.zeros(presence.shape)
    for kind in PRESENCE_TERMS:
        loss = np.broadcast_to(draws.number(terms_of(scenario, kind).quality_penalty), penalty.shape)
        if kind is Presence.PARTNER:
            loss = np.broadcast_to(partner_gap, penalty.shape)
        elif kind is Presence.CROSS_BORDER:
            standing = quotient(firewall, base_firewall, base_firewall > 0.0, np.ones_like(firewall))
            loss = loss + firewall + standing * partner_gap
        np.copyto(penalty, loss, where=presence == kind)
    penalty[domestic] = 0.0
    return penalty


def fixed_costs(scenario: Scenario, draws: Draws, presence: IntArray) -> FloatArray:
    """Fixed cost of presence where it is a choice, [..., draw], bn USD a year; elsewhere unit cost holds it."""
    cost = np.zeros(presence.shape)
    for kind in PRESENCE_TERMS:
        np.copyto(cost, draws.number(terms_of(scenario, kind).fixed_cost_bn), where=presence == kind)
    return cost


def leaked_to_vendors(gain: FloatArray, market_country: IntArray, home: IntArray) -> FloatArray:
    """Know-how leaked in each market, given to the vendors of that market's country, [vendor, draw].

    Parameters
    ----------
    gain
        [market, draw] quality leaked by partner-run foreign vendors, log points.
    """
    learned = np.zeros((len(home), gain.shape[-1]))
    for m, country in enumerate(market_country):
        if country >= 0:
            learned[home == country] += gain[m]
    return learned
