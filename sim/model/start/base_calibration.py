"""Qualities and costs that reproduce the base date, and the standing of vendors that are absent at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sim.model.equations.demand import LEAST, appeal
from sim.model.equations.nests import LEAST_COST_SHARE, joint_margins
from sim.model.equations.open_market import log_odds_without_fee, partner_gap
from sim.model.equations.pricing import (
    cost_behind_price,
    elasticity_at_share,
    forgone_at_base,
    price_elasticity_atkeson_burstein_2008,
)
from sim.model.equations.share_inversion import quality_from_sales
from sim.model.luck import Draws
from sim.model.presence_rules import access_shares, fixed_costs, presence_penalty
from sim.model.start.base_sales import base_sales
from sim.model.start.parties import Parties
from sim.model.start.spending import Spending
from sim.policies.levers import Axes, Levers
from sim.quantities import FloatArray, ordered_sum
from sim.scenario.schema import BaseSales, Presence, Scenario


@dataclass(frozen=True)
class Calibration:
    """What the base date implies.

    Attributes
    ----------
    sales
        [vendor, market, draw] sales, bn a year.
    leak
        [market, draw] know-how that leaks through partners, log points a year.
    access, attraction
        [channel, segment, draw] share of the segment that may choose the channel, and expenditure share; 0 where it is
        not in use.
    partner_gap
        [vendor, market, draw] quality lost by selling through partners, log points.
    penalty
        [channel, draw] quality lost, log points.
    fixed_cost
        [channel, draw] fixed cost where the channel is a choice, bn USD a year.
    cost
        [channel, draw] unit cost that makes a price of 1 the best response.
    growth_weight, forgone, overhead
        [channel, draw] what growth is worth to the vendor, share of cost per log point a year, share of cost that it
        gives up for it at the base date, and cost that sales do not move, bn USD a year.
    owned_quality
        [vendor, market, segment, draw] log quality with data centres of its own; -inf where the vendor does not sell.
    """

    sales: FloatArray
    leak: FloatArray
    access: FloatArray
    attraction: FloatArray
    partner_gap: FloatArray
    penalty: FloatArray
    fixed_cost: FloatArray
    cost: FloatArray
    growth_weight: FloatArray
    forgone: FloatArray
    overhead: FloatArray
    owned_quality: FloatArray


def calibrated(
    scenario: Scenario, axes: Axes, draws: Draws, who: Parties, spent: Spending, rules: Levers
) -> Calibration:
    """Recover qualities from sales, and costs from prices of 1."""
    channels, carries = who.channels, who.carries
    sigma, _ = elasticities(scenario, draws)
    totals = spent.start_size
    sales = base_sales(scenario, axes, draws, totals)
    pairs, used = (channels.vendor, channels.market), channels.at_start
    nowhere_near = np.ones(axes.shape("segment"))
    access_of = np.zeros(axes.shape("channel", "segment"))
    for here in channels.in_market:
        access_of[here] = access_shares(channels.rows[here], who.home, rules, nowhere_near)
    access_of *= used[:, None, None]

    def over_channels(values: FloatArray) -> FloatArray:
        """Mean over the channels in use of each vendor and market, by what each carries."""
        weights = np.where(used[:, None], carries, 0.0)
        return channels.by_pair(weights.reshape(*weights.shape[:1], *[1] * (values.ndim - 2), -1) * values)

    by_partners = over_channels(channels.of_kind(Presence.PARTNER)[:, None] * sales[pairs])
    budget = spent.start_spending
    taste, gap = _taste(scenario, axes, draws), _partner_gap(scenario, axes, draws)
    for m, country, shares in _open_shares(scenario, axes, draws):
        own = who.home == axes.countries.index(country)
        partnered = np.where(own[:, None], by_partners[:, m], 0.0)
        sold = ordered_sum(partnered)
        paid = ordered_sum(partnered * over_channels(who.fee)[:, m]) / np.maximum(sold, LEAST)
        odds = log_odds_without_fee(shares, paid, sigma)
        taste[own, m], gap[own, m] = odds, partner_gap(odds, spent.weights[m], sold / totals[m])
    access = over_channels(access_of)
    quality = quality_from_sales(sales, budget, taste, access)
    sells = (sales > 0.0)[:, :, None]
    attraction = np.where(sells, appeal(access, quality), 0.0)
    penalty = presence_penalty(scenario, draws, channels.rows, rules, rules, gap)
    cost = _costs(scenario, draws, who, attraction, budget)
    growth = np.stack([draws.number(scenario.growth_of(market).before) for market in axes.markets])
    cost, forgone, overhead_share = _growth_first(scenario, draws, who, cost, growth[channels.market])
    weight = np.divide(forgone, growth[channels.market], out=np.zeros_like(forgone), where=forgone > 0.0)
    mean_cost = over_channels(cost)
    owned_quality = np.where(sells, quality + over_channels(penalty)[:, :, None], -np.inf)
    _place_entrants(scenario, axes, draws, sales, owned_quality, mean_cost)
    leak = draws.number(scenario.presence.leak) * (1.0 - rules.ip_protection) * (ordered_sum(by_partners) / totals)
    return Calibration(
        sales,
        leak,
        access_of,
        np.where(used[:, None, None], carries[:, None] * attraction[pairs], 0.0),
        gap,
        penalty,
        fixed_costs(scenario, draws, channels.rows),
        np.where(used[:, None], cost, mean_cost[pairs]),
        weight,
        forgone,
        overhead_share * sales[pairs],
        owned_quality,
    )


def _costs(scenario: Scenario, draws: Draws, who: Parties, attraction: FloatArray, budget: FloatArray) -> FloatArray:
    """Unit costs at which prices of 1 are each vendor's best (equation 9.2), [channel, draw].

    Parameters
    ----------
    attraction, budget
        [vendor, market, segment, draw] expenditure shares, and [market, segment, draw] spending in bn a year.
    """
    sigma, eta = elasticities(scenario, draws)
    channels, mu = who.channels, draws.number(scenario.demand.channel_elasticity)
    one = np.ones_like(who.fee)
    pairs = (channels.vendor, channels.market)
    elasticity = price_elasticity_atkeson_burstein_2008(attraction, attraction * budget, sigma, eta)
    cost = cost_behind_price(one, elasticity[pairs], who.fee)
    for v, m in sorted(set(zip(*pairs, strict=True))):
        rows = [row for row in channels.of(v, m) if channels.rows[row].at_start]
        if len(rows) > 1:
            inside = np.broadcast_to(who.carries[rows][:, None], (len(rows), *budget[m].shape))
            in_market = elasticity_at_share(attraction[v, m], sigma, eta)
            left, sold = 1.0 - who.fee[rows], attraction[v, m] * budget[m]
            together = left - joint_margins(inside, sold, in_market, mu, left)
            sells = ordered_sum(sold) > 0.0
            cost[rows] = np.where(sells, np.maximum(together, LEAST_COST_SHARE), cost[rows])
    return cost


def _growth_first(
    scenario: Scenario, draws: Draws, who: Parties, best: FloatArray, growth: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Costs, parts of them given up for growth, and overhead as a share of sales, [channel, draw] (equation 9.12).

    Parameters
    ----------
    best, growth
        [channel, draw] costs at which prices of 1 are best for the year, and growth of the market at the base date.
    """
    settings, channels = scenario.pricing.growth_first, who.channels
    nothing = np.zeros_like(best)
    if settings is None:
        return best, nothing, nothing
    names = list(scenario.vendors)
    first = np.isin(channels.vendor, [names.index(name) for name in settings.vendors])
    where = (first & channels.at_home & channels.at_start)[:, None] & (growth > 0.0)
    overhead = draws.number(settings.overhead_share)
    told = np.maximum(1.0 - draws.number(settings.operating_margin) - overhead, best)
    return (
        np.where(where, told, best),
        np.where(where, forgone_at_base(best, told), 0.0),
        np.where(where, overhead, 0.0),
    )


def elasticities(scenario: Scenario, draws: Draws) -> tuple[FloatArray, FloatArray]:
    """Substitution between vendors, [segment, draw], and elasticity of a market's volume, [draw]."""
    sigma = np.stack([draws.number(segment.substitution_elasticity) for segment in scenario.segments.values()])
    return sigma, draws.number(scenario.demand.market_elasticity)


def _partner_gap(scenario: Scenario, axes: Axes, draws: Draws) -> FloatArray:
    """Quality lost by partners where no share in an open market says it, [vendor, market, draw]."""
    return np.broadcast_to(
        draws.number(scenario.presence.partner.quality_penalty), axes.shape("vendor", "market")
    ).copy()


def _open_shares(scenario: Scenario, axes: Axes, draws: Draws) -> Iterator[tuple[int, str, FloatArray]]:
    """Give market, country and [segment, draw] share of its vendors if the market were open."""
    for m, market in enumerate(scenario.markets.values()):
        for country, by_segment in market.open_shares.items():
            yield m, country, np.stack([draws.number(by_segment[segment]) for segment in axes.segments])


def _taste(scenario: Scenario, axes: Axes, draws: Draws) -> FloatArray:
    """Log quality particular to a segment, from a vendor's home country, [vendor, market, segment, draw]."""
    taste = np.zeros(axes.shape("vendor", "market", "segment"))
    for m, market in enumerate(scenario.markets.values()):
        for v, vendor in enumerate(scenario.vendors.values()):
            for segment, value in market.taste.get(vendor.home, {}).items():
                taste[v, m, axes.segments.index(segment)] = draws.number(value)
    return taste


def _place_entrants(
    scenario: Scenario, axes: Axes, draws: Draws, sales: FloatArray, quality: FloatArray, cost: FloatArray
) -> None:
    """Give vendors absent at the base date quality and cost where they may enter; writes into both arrays.

    A vendor has its standing against its home rivals in the markets where all of them sell, with an error: equations
    9.3 and 9.4.
    """
    sd = draws.number(scenario.presence.entrant_quality_sd)
    for v, m in _entrants(scenario, axes):
        rivals = _home_rivals(scenario, v, axes.markets[m])
        if not rivals:
            continue
        common = [k for k in range(len(axes.markets)) if k != m and (sales[[v, *rivals], k] > 0.0).all()]
        standing = np.zeros_like(quality[v, m])
        for k in common:
            standing += (quality[v, k] - ordered_sum(quality[rivals, k]) / len(rivals)) / len(common)
        error = draws.standard_normal(f"presence.entrant_quality.{axes.vendors[v]}.{axes.markets[m]}", 1)[0]
        quality[v, m] = ordered_sum(quality[rivals, m]) / len(rivals) + standing + sd * error
        cost[v, m] = ordered_sum(cost[rivals, m]) / len(rivals)


def _entrants(scenario: Scenario, axes: Axes) -> list[tuple[int, int]]:
    """Pairs of vendor and market that the vendor may enter, though it is absent at the base date."""
    return [
        (v, axes.markets.index(market))
        for v, vendor in enumerate(scenario.vendors.values())
        for market in vendor.reviews
        if market not in vendor.captive and not _is_present(vendor.sales, market)
    ]


def _is_present(sales: Mapping[str, BaseSales], market: str) -> bool:
    return market in sales and sales[market].presence != "absent"


def _home_rivals(scenario: Scenario, v: int, market: str) -> list[int]:
    """Vendors of the same country that sell in a market at the base date by a share or split of their own."""
    vendors = list(scenario.vendors.values())
    return [
        r
        for r, rival in enumerate(vendors)
        if r != v and rival.home == vendors[v].home and _sells(rival.sales.get(market))
    ]


def _sells(sales: BaseSales | None) -> bool:
    return sales is not None and (sales.share is not None or sales.split is not None)
