"""Demand and prices, written out from the text of the model: powers for logs, profit for first-order conditions."""

from __future__ import annotations

import numpy as np

from sim.model.start.base_sales import MOST_OF_A_MARKET, MOST_OF_A_VENDOR
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, BoolArray, FloatArray
from sim.scenario.schema import Presence
from sim.studies.doctor.finding import Claim, Finding, largest, relative
from sim.studies.doctor.patient import Patient, services_tax

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
        pull = _pull(world, m)
        total = pull.sum(axis=0)
        ways = f"in {market}"
        gaps.append(largest(np.abs(world.attraction[m] * world.per_attraction[m] - pull / total), f"shares {ways}"))
        index = total ** (1.0 / (1.0 - base.sigma)) * world.trend_price(last)
        gaps.append(largest(relative(np.exp(world.log_index[m]), index), f"price index {ways}"))
        response = (index / np.exp(base.trend_log_index[last, m])) ** (1.0 - base.eta)
        meant = base.spending_path[last, m] * patient.visit.months["activity"][last - 1, m] * response
        gaps.append(largest(relative(world.budget[m], meant), f"spending {ways}"))
    return claim.judged(gaps)


def _pull(world: World, m: int) -> FloatArray:
    """What draws customers to each vendor of a market that they can choose, [seller, segment, draw]."""
    here = world.base.sellers[m]
    quality = (world.drift - world.penalty)[here, m][:, None] + world.owned_quality[here, m]
    price = world.price[here, m][:, None] ** (1.0 - world.base.sigma)
    pull: FloatArray = world.access[here, m] * np.exp(quality) * price
    return pull


def base_prices_are_best(patient: Patient) -> Finding:
    """Move each vendor's price a little up and down at the base date, and look at its profit.

    Profit is written out from demand, cost and fee; the slope at the price that the model starts from has to be zero.
    """
    text = "At the base date no vendor earns more at a slightly other price (slope of profit per unit of revenue)"
    claim = Claim("best prices", text, QUADRATURE)
    world = patient.start
    nudge = NUDGE / float(world.base.sigma.max())
    slope = (_profit(world, 1.0 + nudge) - _profit(world, 1.0 - nudge)) / (2.0 * nudge)
    sales = world.base.sales
    part = np.divide(np.abs(slope), sales, out=np.zeros_like(slope), where=sales > 0.0)
    return claim.judged([largest(part, "slope", world.axes.vendors, world.axes.markets)])


NUDGE = 5e-4
"""Step by which shares are moved by a price; the error of the slope is of the order of its square."""


def _profit(world: World, price: float) -> FloatArray:
    """Profit of each vendor where it alone changes its price from 1, [vendor, market, draw], bn a year."""
    base = world.base
    own = base.attraction * price ** (1.0 - base.sigma)
    total = base.attraction.sum(axis=0) - base.attraction + own
    spending = base.spending_path[0] * total ** ((1.0 - base.eta) / (1.0 - base.sigma))
    revenue = (own / total * spending).sum(axis=2)
    profit: FloatArray = (1.0 - world.fee) * revenue - base.cost * revenue / price
    return profit


def prices_go_part_of_the_way(patient: Patient) -> Finding:
    """Work out every price that vendors set from their cost, fee, tax and elasticity of that day."""
    text = "Each quarter prices go a share theta of the way, in logs, to the best response to that day's market"
    claim = Claim("repricing", text, ROUNDING)
    settings, visit = patient.scenario.pricing, patient.visit
    if visit.world.value(settings.short_run_share).any():
        return claim.not_applicable("vendors reckon with the short-run elasticity too")
    seen, step = visit.before_prices, visit.world.value(settings.adjustment_share)
    markup = seen["elasticity"] / (seen["elasticity"] - 1.0)
    taken = seen["fee"] + services_tax(patient.scenario, seen)
    target = markup * seen["cost"] / (1.0 - taken)
    expected = seen["price"] ** (1.0 - step) * target**step
    apart = relative(visit.months["price"], expected) * (seen["presence"] != Presence.ABSENT) * visit.world.base.sells
    quarters, axes = patient.scenario.calendar.quarter_dates(), visit.world.axes
    return claim.judged([largest(apart[::MONTHS_PER_QUARTER], "price", quarters, axes.vendors, axes.markets)])


def costs_follow_rules_and_experience(patient: Patient) -> Finding:
    """Work out every unit cost from tariffs, residency, controls and experience of that day, in logs."""
    text = "Unit cost is that of the base date times what tariffs, residency, experience and controls make of it"
    claim = Claim("unit cost", text, ROUNDING)
    scenario, visit = patient.scenario, patient.visit
    world, base, value = visit.world, visit.world.base, visit.world.value
    seen = {name: values[::MONTHS_PER_QUARTER] for name, values in visit.before_prices.items()}
    rise = (seen["hardware_tariff"] - base.levers.hardware_tariff) / (1.0 + base.levers.hardware_tariff)
    log_cost = np.log1p(value(scenario.costs.hardware_share) * rise)[:, None] + np.log(base.cost)
    weight = base.spending_path[0] / base.spending_path[0].sum(axis=1, keepdims=True)
    extra = [
        value(scenario.costs.residency_cost) * (held * weight).sum(axis=-2)
        for held in (seen["residency"], base.levers.residency)
    ]
    log_cost = log_cost + np.where(base.domestic[:, :, None], 0.0, (np.log1p(extra[0]) - np.log1p(extra[1]))[:, None])
    made = seen["made"] / seen["made"].sum(axis=1, keepdims=True)
    known = world.made_share_base > 0.0
    ratio = np.where(known, made, 1.0) / np.where(known, world.made_share_base, 1.0)
    log_cost = log_cost - (value(scenario.costs.experience_exponent) * np.log(ratio))[:, :, None]
    controls = np.concatenate([seen["cost_increase"], np.zeros_like(seen["cost_increase"][:, :1])], axis=1)
    log_cost = log_cost + np.log1p(controls[:, base.home])[:, :, None]
    apart = relative(seen["cost"], np.exp(log_cost)) * (base.cost > 0.0)
    axes = world.axes
    return claim.judged([largest(apart, "cost", scenario.calendar.quarter_dates(), axes.vendors, axes.markets)])


def base_date_is_reproduced(patient: Patient) -> Finding:
    """Let customers choose at the base date at prices of 1, and compare what vendors sell with what they sold."""
    claim = Claim("calibration", "Customers' choices at the base date give the sales of the base date", ROUNDING)
    world, gaps = patient.start, []
    for m, market in enumerate(world.axes.markets):
        pull, here = _pull(world, m), world.base.sellers[m]
        names = [world.axes.vendors[v] for v in here]
        won = (pull / pull.sum(axis=0) * world.base.spending_path[0, m]).sum(axis=1)
        known, whole = world.base.sales[here, m], world.base.market_path[0, m]
        gaps.append(largest(np.abs(won - known) / whole, f"sales in {market}", names))
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
                apart = np.abs(sales[m] / world.base.market_path[0, m] - world.value(held.share))
                counts = ~(fills_a_market(world).any(axis=0) | oversold(world, v))
                gaps.append(largest(np.where(counts, apart, 0.0), f"{name} in {market}"))
    return claim.judged(gaps)


def fills_a_market(world: World) -> BoolArray:
    """Where named vendors are scaled down to leave something for all others, [market, draw]."""
    named = np.zeros_like(world.base.market_path[0])
    for vendor in world.scenario.vendors.values():
        for market, held in vendor.sales.items():
            m = world.axes.markets.index(market)
            if held.share is not None:
                named[m] += world.value(held.share) * world.base.market_path[0, m]
    residual = np.zeros_like(named)
    for v, vendor in enumerate(world.scenario.vendors.values()):
        for market, held in vendor.sales.items():
            m = world.axes.markets.index(market)
            residual[m] += world.base.sales[v, m] * held.residual
    least = (1.0 - MOST_OF_A_MARKET) * world.base.market_path[0]
    full: BoolArray = (named > MOST_OF_A_MARKET * world.base.market_path[0]) | (residual <= least * (1.0 + ROUNDING))
    return full


def oversold(world: World, v: int) -> BoolArray:
    """Where the shares of a vendor come to more than it sells in the world, [draw]."""
    vendor = list(world.scenario.vendors.values())[v]
    if vendor.world_revenue_bn is None:
        return world.nowhere
    known = np.zeros(world.draws.count)
    for market, held in vendor.sales.items():
        if held.share is not None:
            known += world.value(held.share) * world.base.market_path[0, world.axes.markets.index(market)]
    more: BoolArray = known > MOST_OF_A_VENDOR * world.value(vendor.world_revenue_bn)
    return more
