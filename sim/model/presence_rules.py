"""What each way of selling allows, loses and costs (docs/model.md, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.model.channels import NOBODY, Channel
from sim.model.luck import Draws
from sim.policies.levers import Levers
from sim.quantities import BoolArray, FloatArray, IntArray
from sim.scenario.schema import Presence, PresenceTerms, Scenario

PRESENCE_TERMS = {
    Presence.CROSS_BORDER: "cross_border",
    Presence.PARTNER: "partner",
    Presence.ZONE: "zone",
    Presence.OWNED: "owned",
}
CROSS_BORDER, PARTNER, ZONE, OWNED = (int(kind) for kind in PRESENCE_TERMS)


def terms_of(scenario: Scenario, presence: Presence) -> PresenceTerms:
    """Terms of one way of selling."""
    terms: PresenceTerms = getattr(scenario.presence, PRESENCE_TERMS[presence])
    return terms


class Reach(NamedTuple):
    """Whom ways of selling may serve, by rules on data, zones and vendors.

    Attributes
    ----------
    kind, zone, market, sender
        [channel] how each sells, its zone (`NOBODY` for none) and its market, and the country whose vendors are
        restricted there (`NOBODY` for who is at home, or of no country).
    residency, zone_reach, allowed_share
        Levers, [market, segment, draw], [zone, segment, draw] and [country, market, segment, draw].
    """

    kind: IntArray
    zone: IntArray
    market: IntArray
    sender: IntArray
    residency: FloatArray
    zone_reach: FloatArray
    allowed_share: FloatArray


def _of(rows: Sequence[Channel], field: str) -> IntArray:
    """A field of channels, [channel]."""
    return np.array([getattr(row, field) for row in rows], dtype=np.int64)


def access_shares(rows: Sequence[Channel], home: IntArray, levers: Levers, within: FloatArray) -> FloatArray:
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
    """
    groups, draws = within.shape
    found, each = np.empty((len(rows), groups, draws)), np.arange(draws)
    channels = np.repeat(np.arange(len(rows))[:, None], draws, axis=1)
    sender = np.array([NOBODY if row.at_home else home[row.vendor] for row in rows], dtype=np.int64)
    held = (levers.residency, levers.zone_reach, levers.allowed_share)
    rules = Reach(_of(rows, "kind"), _of(rows, "zone"), _of(rows, "market"), sender, *held)
    write_access(rules, within, np.arange(groups), channels, each, found)
    return found


@compiled
def write_access(
    rules: Reach, within: FloatArray, groups: IntArray, channels: IntArray, draw: IntArray, found: FloatArray
) -> None:
    """Write `access_shares` of some channels to some groups in some cases, [channel, group, case].

    Parameters
    ----------
    rules
        Rules on all channels.
    within
        [group, draw] as in `access_shares`, of all groups of the market: as many of each segment, ring after ring.
    groups
        Those to look at.
    channels, draw
        [channel, case] and [case] channel and draw of each case; `NOBODY` for a channel that is not there.
    """
    segments, cases = rules.residency.shape[1], len(draw)
    for k in range(len(channels)):
        first = 0
        while first < cases:
            row, last = channels[k, first], first
            while last < cases and channels[k, last] == row:
                last += 1
            for i in range(len(groups)):
                g, s = groups[i], groups[i] % segments
                found[k, i, first:last] = 0.0 if row == NOBODY else 1.0
                if row != NOBODY:
                    _restrict(rules, row, s, within[g], draw[first:last], found[k, i, first:last])
            first = last


@compiled
def _restrict(rules: Reach, row: int, s: int, within: FloatArray, draw: IntArray, share: FloatArray) -> None:
    """Cut the share of a segment's customers that a channel may serve, [case], to what rules allow."""
    m, sender = rules.market[row], rules.sender[row]
    if rules.kind[row] == CROSS_BORDER:
        for c in range(len(draw)):
            share[c] = 1.0 - rules.residency[m, s, draw[c]]
    elif rules.kind[row] == ZONE:
        for c in range(len(draw)):
            reach = rules.zone_reach[rules.zone[row], s, draw[c]]
            share[c] = 1.0 if reach >= within[draw[c]] and reach > 0.0 else 0.0
    if sender >= 0:
        for c in range(len(draw)):
            share[c] *= rules.allowed_share[sender, m, s, draw[c]]


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


class Losses(NamedTuple):
    """What ways of selling lose in quality.

    Attributes
    ----------
    kind, vendor, market, at_home
        [channel] how each sells, its vendor and its market, and whether it is at home there.
    own
        [kind, draw] quality lost by each way of selling, log points.
    gap
        [vendor, market, draw] quality lost by selling through partners.
    firewall, before
        [market, draw] the firewall under the rules in force, and at the base date.
    """

    kind: IntArray
    vendor: IntArray
    market: IntArray
    at_home: BoolArray
    own: FloatArray
    gap: FloatArray
    firewall: FloatArray
    before: FloatArray


def own_losses(scenario: Scenario, draws: Draws, rows: Sequence[Channel]) -> FloatArray:
    """Quality lost by each way in which some channels sell, but through partners, [kind, draw], log points."""
    found = np.zeros((len(Presence), draws.count))
    for kind in {row.kind for row in rows if not row.at_home and row.kind is not Presence.PARTNER}:
        found[kind] = draws.number(terms_of(scenario, kind).quality_penalty)
    return found


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
    found = np.empty((len(rows), draws.count))
    at_home, own = np.array([row.at_home for row in rows], dtype=np.bool_), own_losses(scenario, draws, rows)
    held = (own, partner_gap, levers.firewall, base.firewall)
    losses = Losses(_of(rows, "kind"), _of(rows, "vendor"), _of(rows, "market"), at_home, *held)
    channels = np.repeat(np.arange(len(rows))[:, None], draws.count, axis=1)
    write_penalty(losses, channels, np.arange(draws.count), found)
    return found


@compiled
def write_penalty(losses: Losses, channels: IntArray, draw: IntArray, found: FloatArray) -> None:
    """Write `presence_penalty` of some channels in some cases, [channel, case], as `write_access` takes them."""
    for k in range(len(channels)):
        first = 0
        while first < len(draw):
            row, last = channels[k, first], first
            while last < len(draw) and channels[k, last] == row:
                last += 1
            found[k, first:last] = 0.0
            if row != NOBODY and not losses.at_home[row]:
                _lose(losses, row, draw[first:last], found[k, first:last])
            first = last


@compiled
def _lose(losses: Losses, row: int, draw: IntArray, found: FloatArray) -> None:
    """Write what a channel abroad loses, [case]."""
    m, kind = losses.market[row], losses.kind[row]
    gap, own = losses.gap[losses.vendor[row], m], losses.own[kind]
    firewall, before = losses.firewall[m], losses.before[m]
    for c in range(len(draw)):
        found[c] = gap[draw[c]] if kind == PARTNER else own[draw[c]]
    if kind == CROSS_BORDER:
        for c in range(len(draw)):
            d = draw[c]
            found[c] = found[c] + firewall[d] + (firewall[d] / before[d] if before[d] > 0.0 else 1.0) * gap[d]


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
