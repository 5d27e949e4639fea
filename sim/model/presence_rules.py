"""What each way of selling allows, loses and costs (docs/model.md, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from sim.model.channels import Channel
from sim.model.luck import Draws
from sim.policies.levers import Levers
from sim.quantities import FloatArray, IntArray, quotient
from sim.scenario.schema import Presence, PresenceTerms, Scenario

PRESENCE_TERMS = {
    Presence.CROSS_BORDER: "cross_border",
    Presence.PARTNER: "partner",
    Presence.ZONE: "zone",
    Presence.OWNED: "owned",
}


def terms_of(scenario: Scenario, presence: Presence) -> PresenceTerms:
    """Terms of one way of selling."""
    terms: PresenceTerms = getattr(scenario.presence, PRESENCE_TERMS[presence])
    return terms


def access_shares(
    rows: Sequence[Channel],
    home: IntArray,
    levers: Levers,
    within: FloatArray,
    over: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """Share of each group of customers that may choose each channel (equation 5.9), [channel, group, draw].

    cross-border 1 - residency; zone 1 or 0, as it reaches the group or not; partner and owned 1; for foreigners times
    what is allowed.

    Parameters
    ----------
    rows
        Channels of one market.
    home
        [vendor] country index, -1 for none.
    levers
        Rules in force.
    within
        [group, draw] least reach of a zone that serves the group.
    over
        Gives these groups what holds for their segments, `over_groups` if absent.
    """
    over = over or partial(over_groups, groups=len(within))
    access = np.ones((len(rows), *within.shape))
    for k, row in enumerate(rows):
        if row.kind is Presence.CROSS_BORDER:
            access[k] = 1.0 - over(levers.residency[row.market])
        elif row.kind is Presence.ZONE:
            reach = over(levers.zone_reach[row.zone])
            access[k] = (reach >= within) & (reach > 0.0)
        if home[row.vendor] >= 0 and not row.at_home:
            access[k] *= over(levers.allowed_share[home[row.vendor], row.market])
    return access


def over_groups(by_segment: FloatArray, groups: int) -> FloatArray:
    """Give the groups of customers what holds for their segments, [..., group, draw].

    Parameters
    ----------
    by_segment
        [..., segment, draw] values.
    groups
        How many groups there are: as many of each segment, ring after ring.
    """
    times = groups // by_segment.shape[-2]
    return by_segment if times == 1 else np.concatenate([by_segment] * times, axis=-2)


def presence_penalty(
    scenario: Scenario, draws: Draws, rows: Sequence[Channel], levers: Levers, base: Levers, partner_gap: FloatArray
) -> FloatArray:
    """Quality that each channel loses (equation 5.10), [channel, draw], log points; none at home.

    At the base date supply across the border loses what partners lose, and the firewall. Where the firewall falls, all
    of that falls with it.

    Parameters
    ----------
    rows
        The channels.
    levers, base
        Rules in force, and those of the base date.
    partner_gap
        [vendor, market, draw] quality lost by selling through partners.
    """
    penalty = np.zeros((len(rows), draws.count))
    for k, row in enumerate(rows):
        if row.at_home:
            continue
        gap = partner_gap[row.vendor, row.market]
        penalty[k] = gap if row.kind is Presence.PARTNER else draws.number(terms_of(scenario, row.kind).quality_penalty)
        if row.kind is Presence.CROSS_BORDER:
            firewall, before = levers.firewall[row.market], base.firewall[row.market]
            standing = quotient(firewall, before, before > 0.0, np.ones_like(firewall))
            penalty[k] = penalty[k] + firewall + standing * gap
    return penalty


def fixed_costs(scenario: Scenario, draws: Draws, rows: Sequence[Channel]) -> FloatArray:
    """Fixed cost of channels that are a choice, [channel, draw], bn USD a year; elsewhere unit cost holds it."""
    cost = np.zeros((len(rows), draws.count))
    for k, row in enumerate(rows):
        if row.reviewed:
            cost[k] = draws.number(terms_of(scenario, row.kind).fixed_cost_bn)
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
