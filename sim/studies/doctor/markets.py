"""Demand and prices, written out from the text of the model: powers for logs, profit for first-order conditions."""

from __future__ import annotations

import numpy as np

from sim.model.presence_rules import over_groups
from sim.model.start.base_sales import MOST_OF_A_MARKET, MOST_OF_A_VENDOR
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, BoolArray, FloatArray
from sim.studies.doctor.finding import Claim, Finding, largest, relative
from sim.studies.doctor.patient import Patient, selling, services_tax

ROUNDING = 1e-9
"""Two ways to the same figure agree to this."""
QUADRATURE = 1e-6
"""Areas by Simpson's rule, and slopes by small steps, are right to this."""


def customers_choose_by_price_and_quality(patient: Patient) -> Finding:
    """Work out every share, index and budget of the last month by powers of prices."""
    text = "Shares, price index and budgets of the last month follow from access, quality and prices"
    claim = Claim("demand", text, ROUNDING)
    world, base = patient.visit.world, patient.visit.world.base
    last = patient.scenario.months - 1
    gaps = []
    for m, market in enumerate(world.axes.markets):
        pull, groups = _pull(world, m), base.groups[m]
        total, ways = pull.sum(axis=0), f"in {market}"
        shares = world.attraction[m] * world.per_attraction[m, :groups]
        gaps.append(largest(np.abs(shares - pull / total), f"shares {ways}"))
        cheaper = np.exp(-world.value(patient.scenario.costs.decline) * last / MONTHS_PER_YEAR)
        index = total ** (1.0 / (1.0 - base.sigma[:groups])) * cheaper
        gaps.append(largest(relative(np.exp(world.log_index[m, :groups]), index), f"price index {ways}"))
        path, trend = (over_groups(held[last, m], groups) for held in (base.spending_path, base.trend_log_index))
        response = (index / np.exp(trend)) ** (1.0 - base.eta)
        meant = path * _parts(world, m) * patient.visit.months["activity"][last - 1, m] * response
        gaps.append(largest(relative(world.budget[m, :groups], meant), f"spending {ways}"))
        gaps.append(largest(world.budget[m, groups:], f"spending of nobody {ways}"))
    return claim.judged(gaps)


def _pull(world: World, m: int) -> FloatArray:
    """What draws customers to each channel of a market that they can choose, [seller, group, draw].

    A vendor draws them as the best of its channels would, times a power mean over all of them; they are divided over
    channels as parts of that mean.
    """
    here, base = world.sellers[m], world.base
    v, groups = world.channels.vendor[here], base.groups[m]
    sigma = base.sigma[:groups]
    quality = (world.drift[v, m] - world.penalty[here])[:, None] + world.owned_quality[v, m]
    alone = world.access[m] * over_groups(np.exp(quality), groups) * world.price[here][:, None] ** (1.0 - sigma)
    kappa, found = (base.mu - 1.0) / (sigma - 1.0), np.zeros_like(alone)
    for vendor in np.unique(v):
        own = np.flatnonzero(v == vendor)
        best = alone[own].max(axis=0)
        beside = np.divide(alone[own], best, out=np.zeros_like(alone[own]), where=best > 0.0)
        parts = base.carries[here[own]][:, None] * beside**kappa
        mean = parts.sum(axis=0)
        inside = np.divide(parts, mean, out=np.zeros_like(parts), where=mean > 0.0)
        found[own] = inside * best * mean ** (1.0 / kappa)
    return found


def _parts(world: World, m: int) -> FloatArray:
    """Part of its segment that each group of a market is, [group, draw]: the first all of it until a zone opens."""
    groups, segments = world.base.groups[m], len(world.axes.segments)
    whole = (np.arange(groups) < segments)[:, None]
    return np.where(world.divided[m], world.base.width[m, :groups], whole)


def base_prices_are_best(patient: Patient) -> Finding:
    """Move the price of one channel at a time a little up and down at the base date, and look at its vendor's profit.

    Profit is written out from demand, cost (less what growth is worth to the vendor) and fee and added up over all of
    the vendor's channels in the market; the slope at the price that the model starts from has to be zero.
    """
    text = "At the base date no vendor earns more at a slightly other price (slope of profit per unit of revenue)"
    claim = Claim("best prices", text, QUADRATURE)
    world, channels = patient.start, patient.start.channels
    nudge = NUDGE / float(max(world.base.sigma.max(), world.base.mu.max()))
    slope = np.zeros_like(world.price)
    for row in selling(world):
        up, down = (_profit(world, row, 1.0 + step) for step in (nudge, -nudge))
        slope[row] = (up - down) / (2.0 * nudge)
    sales = world.base.sales[channels.vendor, channels.market]
    part = np.divide(np.abs(slope), sales, out=np.zeros_like(slope), where=sales > 0.0)
    return claim.judged([largest(part, "slope", world.axes.channels)])


NUDGE = 5e-4
"""Step by which shares are moved by a price; the error of the slope is of the order of its square."""


def _profit(world: World, row: int, price: float) -> FloatArray:
    """Profit of a vendor in all its channels of a market where the price of one of them alone is not 1, [draw]."""
    base, channel = world.base, world.channels.rows[row]
    sigma, m = base.sigma[: len(world.axes.segments)], channel.market
    own = [k for k in world.channels.of(channel.vendor, m) if world.channels.at_start[k]]
    asked = np.where(np.array(own) == row, price, 1.0)[:, None, None]
    whole = base.attraction[own].sum(axis=0)
    parts = np.divide(base.attraction[own], whole, out=np.zeros_like(base.attraction[own]), where=whole > 0.0)
    parts = parts * asked ** (1.0 - base.mu)
    mean = parts.sum(axis=0)
    vendor = whole * mean ** ((sigma - 1.0) / (base.mu - 1.0))
    total = 1.0 - whole + vendor
    spending = base.start_spending[m] * total ** ((1.0 - base.eta) / (1.0 - sigma))
    inside = np.divide(parts, mean, out=np.zeros_like(parts), where=mean > 0.0)
    revenue = (inside * vendor / total * spending).sum(axis=1)
    profit: FloatArray = ((1.0 - base.fee[own]) * revenue - world.asking_cost[own] * revenue / asked[:, 0]).sum(axis=0)
    return profit


def prices_go_part_of_the_way(patient: Patient) -> Finding:
    """Work out every price that vendors set from their cost, fee, tax and margin of that day.

    Vendors that put growth first reckon with a cost that is lower by what the growth of their market is worth to them.
    In a zone the best price is not below the one at which customers ask for what there is room for.
    """
    text = "Each quarter prices go a share theta of the way, in logs, to the best response to that day's market"
    claim = Claim("repricing", text, ROUNDING)
    settings, visit = patient.scenario.pricing, patient.visit
    if visit.world.value(settings.short_run_share).any():
        return claim.not_applicable("vendors reckon with the short-run elasticity too")
    seen, step = visit.before_prices, visit.world.value(settings.adjustment_share)
    world, channels = visit.world, visit.world.channels
    target = seen["asking_cost"] / (1.0 - world.base.fee - services_tax(world, seen) - seen["margin"])
    clears = seen["price"] * (seen["asked_of_room"] / seen["price"]) ** (1.0 / seen["elasticity"])
    expected = seen["price"] ** (1.0 - step) * np.maximum(target, clears) ** step
    apart = relative(visit.months["price"], expected) * seen["active"]
    apart *= world.base.sells[channels.vendor, channels.market]
    quarters = patient.scenario.calendar.quarter_dates()
    return claim.judged([largest(apart[::MONTHS_PER_QUARTER], "price", quarters, world.axes.channels)])


def costs_follow_rules_and_experience(patient: Patient) -> Finding:
    """Work out every unit cost from tariffs, residency, controls and experience of that day, in logs."""
    text = "Unit cost is that of the base date times what tariffs, residency, experience and controls make of it"
    claim = Claim("unit cost", text, ROUNDING)
    scenario, visit = patient.scenario, patient.visit
    world, base, value = visit.world, visit.world.base, visit.world.value
    seen = {name: values[::MONTHS_PER_QUARTER] for name, values in visit.before_prices.items()}
    rise = (seen["hardware_tariff"] - base.levers.hardware_tariff) / (1.0 + base.levers.hardware_tariff)
    v, m = world.channels.vendor, world.channels.market
    log_cost = np.log1p(value(scenario.costs.hardware_share) * rise)[:, m] + np.log(base.cost)
    weight = base.start_spending / base.start_spending.sum(axis=1, keepdims=True)
    extra = [
        value(scenario.costs.residency_cost) * (held * weight).sum(axis=-2)
        for held in (seen["residency"], base.levers.residency)
    ]
    abroad = (np.log1p(extra[0]) - np.log1p(extra[1]))[:, m]
    log_cost = log_cost + np.where(base.domestic[v, m][:, None], 0.0, abroad)
    made = seen["made"] / seen["made"].sum(axis=1, keepdims=True)
    known = world.made_share_base > 0.0
    ratio = np.where(known, made, 1.0) / np.where(known, world.made_share_base, 1.0)
    log_cost = log_cost - (value(scenario.costs.experience_exponent) * np.log(ratio))[:, v]
    controls = np.concatenate([seen["cost_increase"], np.zeros_like(seen["cost_increase"][:, :1])], axis=1)
    log_cost = log_cost + np.log1p(controls[:, base.home[v]])
    apart = relative(seen["cost"], np.exp(log_cost)) * (base.cost > 0.0)
    forgone = 1.0 - seen["asking_cost"] / seen["cost"]
    worth = np.clip(base.growth_weight * seen["growth"][:, m], 0.0, base.forgone)
    quarters = scenario.calendar.quarter_dates()
    return claim.judged([
        largest(apart, "cost", quarters, world.axes.channels),
        largest(np.abs(forgone - worth), "part of cost given up to grow", quarters, world.axes.channels),
    ])  # fmt: skip


def base_date_is_reproduced(patient: Patient) -> Finding:
    """Let customers choose at the base date at prices of 1, and compare what vendors sell with what they sold."""
    claim = Claim("calibration", "Customers' choices at the base date give the sales of the base date", ROUNDING)
    world, gaps, segments = patient.start, [], len(patient.scenario.segments)
    for m, market in enumerate(world.axes.markets):
        pull, won = _pull(world, m)[:, :segments], np.zeros_like(world.price)
        won[world.sellers[m]] = (pull / pull.sum(axis=0) * world.base.start_spending[m]).sum(axis=1)
        known, whole = world.base.sales[:, m], world.base.start_size[m]
        apart = np.abs(world.channels.by_pair(won)[:, m] - known) / whole
        gaps.append(largest(apart, f"sales in {market}", world.axes.vendors))
        gaps.append(largest(np.abs(pull.sum(axis=0) - 1.0), f"price index in {market}"))
        gaps.append(largest(relative(known.sum(axis=0), whole), f"all sales in {market}"))
    return claim.judged(gaps)


def stated_shares_are_kept(patient: Patient) -> Finding:
    """Compare shares at the base date with those that the scenario states.

    Draws in which the named vendors together would fill a market, or sell more than they do in the world, do not count:
    there the model scales them down, and the check of assumptions says how often.
    """
    claim = Claim("base shares", "Vendors have the shares at the base date that the scenario states", ROUNDING)
    world, gaps = patient.start, []
    for v, (name, vendor) in enumerate(patient.scenario.vendors.items()):
        sales = world.base.sales[v]
        for market, held in vendor.sales.items():
            if held.share is not None:
                m = world.axes.markets.index(market)
                apart = np.abs(sales[m] / world.base.start_size[m] - world.value(held.share))
                counts = ~(fills_a_market(world).any(axis=0) | oversold(world, v))
                gaps.append(largest(np.where(counts, apart, 0.0), f"{name} in {market}"))
    return claim.judged(gaps)


def fills_a_market(world: World) -> BoolArray:
    """Where named vendors are scaled down to leave something for all others, [market, draw]."""
    named = np.zeros_like(world.base.start_size)
    for vendor in world.scenario.vendors.values():
        for market, held in vendor.sales.items():
            m = world.axes.markets.index(market)
            if held.share is not None:
                named[m] += world.value(held.share) * world.base.start_size[m]
    residual = np.zeros_like(named)
    for v, vendor in enumerate(world.scenario.vendors.values()):
        for market, held in vendor.sales.items():
            m = world.axes.markets.index(market)
            residual[m] += world.base.sales[v, m] * held.residual
    least = (1.0 - MOST_OF_A_MARKET) * world.base.start_size
    full: BoolArray = (named > MOST_OF_A_MARKET * world.base.start_size) | (residual <= least * (1.0 + ROUNDING))
    return full


def oversold(world: World, v: int) -> BoolArray:
    """Where the shares of a vendor come to more than it sells in the world, [draw]."""
    vendor = list(world.scenario.vendors.values())[v]
    if vendor.world_revenue_bn is None:
        return world.nowhere
    known = np.zeros(world.draws.count)
    for market, held in vendor.sales.items():
        if held.share is not None:
            known += world.value(held.share) * world.base.start_size[world.axes.markets.index(market)]
    more: BoolArray = known > MOST_OF_A_VENDOR * world.value(vendor.world_revenue_bn)
    return more
