# numba finds out the types of what it compiles.
# mypy: ignore-errors
"""The market, pricing and capacity part of the model, compiled: a bound of what a program for it could do.

One source, two shapes: with vectors of draws for numbers it plays blocks of draws, with plain numbers one draw at a
time. All state of a draw, or of a block of eight, stays in the nearest caches from its beginning to its end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from benchmarks.compiled_market import PER_YEAR, customers
from benchmarks.compiled_state import SEEN, Seen, States, records
from benchmarks.lanes import (
    OPTIONS,
    add_later,
    alike,
    compiled,
    exp,
    if_positive,
    load,
    log,
    maximum,
    store,
    unless_positive,
)
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR

NOW = {
    "capacity": ("seller",),
    "on_order": ("seller",),
    "pipeline": ("month_ahead", "seller"),
    "price": ("seller",),
    "log_price": ("seller",),
    "target": ("seller",),
    "lasting_cost": ("seller",),
    "quality": ("seller",),
    "appeal": ("segment", "seller"),
    "revenue": ("segment", "seller"),
    "sales": ("seller",),
    "limit": ("seller",),
    "fits": ("seller",),
    "room": ("seller",),
    "takes": ("seller",),
    "slope": ("cell",),
    "attraction": ("cell",),
    "per_attraction": ("cell",),
    "log_index": ("cell",),
    "budget": ("cell",),
    "before": ("cell",),
    "carried": ("cell",),
    "keeps": ("cell",),
    "gains": ("cell",),
    "served": ("cell",),
    "unmet": ("cell",),
    "surplus": ("cell",),
    "history": ("year_of_months", "market"),
    "year_ago": ("market",),
    "made": ("vendor",),
    "log_experience": ("vendor",),
    "leaked": ("country_or_none",),
    "made_flow": ("seller",),
    "revenue_flow": ("seller",),
    "capex_flow": ("seller",),
    "unmet_flow": ("market",),
    "surplus_flow": ("market",),
}
"""State of the draw or the block in play. Attraction of a seller is appeal, which moves with prices, times quality."""


class Rates(NamedTuple):
    """Numbers of the draw or the block in play that never change."""

    power: Any
    decline: Any
    stays: Any
    keeps: Any
    surviving: Any
    run_off: Any
    price_ahead: Any


def run(states: States) -> Seen:
    """Play draws from the base date to the end, in the shape in which they are laid out."""
    work = records(1, NOW, states.sizes, states.lanes)
    seen = records(len(states.begin), SEEN, states.sizes, states.lanes)
    play(states.layout, states.begin, work, seen)
    return Seen(*(seen[name] for name in Seen._fields))


@njit(**OPTIONS)
def play(layout, begins, work, seens):
    """Play all draws or blocks, one after another, each from beginning to end."""
    now = work[0]
    for g in range(begins.shape[0]):
        begin, seen = begins[g], seens[g]
        rate = rates(begin, layout.order_horizon_years)
        set_sellers(begin, now)
        set_markets(layout, begin, now)
        for month in range(layout.months):
            trend = exp(rate.decline * (-(month + 0.5) * PER_YEAR))
            supply(now, rate, month)
            if month % MONTHS_PER_QUARTER == 0:
                prices(layout, begin, now, month)
            customers(layout, begin, now, rate, month, trend)
            if month % layout.order_every_months == 0:
                orders(layout, begin, now, rate, month, trend)
            if month % MONTHS_PER_QUARTER == MONTHS_PER_QUARTER - 1:
                look(layout, now, seen, month // MONTHS_PER_QUARTER, trend)


@compiled
def rates(begin, years):
    """Work out what never changes; orders look some years ahead."""
    decline, log_keeps = load(begin.decline), log(1.0 - load(begin.retirement))
    return Rates(
        power=load(begin.eta) - 1.0,
        decline=decline,
        stays=1.0 - load(begin.churn_month),
        keeps=exp(log_keeps * PER_YEAR),
        surviving=exp(log_keeps * years),
        run_off=exp(load(begin.churn_rate) * -years),
        price_ahead=exp(decline * -years),
    )


@compiled
def set_sellers(begin, now):
    """Set sellers' state at the base date; appeal of quality 1 that gives the shares of that date."""
    for i in range(now.price.shape[0]):
        store(load(begin.capacity, i), now.capacity, i)
        store(load(begin.on_order, i), now.on_order, i)
        store(load(begin.cost, i) / (1.0 - load(begin.fee, i)), now.lasting_cost, i)
        for ones in (now.price, now.quality):
            store(1.0, ones, i)
        for zeros in (now.log_price, now.sales, now.made_flow, now.revenue_flow, now.capex_flow):
            store(0.0, zeros, i)
    for s in range(now.revenue.shape[0]):
        for i in range(now.revenue.shape[1]):
            store(load(begin.contracts, s, i), now.revenue, s, i)
            store(load(begin.shares, s, i), now.appeal, s, i)
            store(load(now.sales, i) + load(begin.contracts, s, i), now.sales, i)
    for month in range(now.pipeline.shape[0]):
        for i in range(now.pipeline.shape[1]):
            store(load(begin.pipeline, month, i), now.pipeline, month, i)


@compiled
def set_markets(layout, begin, now):
    """Set the state of markets, vendors and countries at the base date."""
    segments = now.revenue.shape[0]
    for m in range(now.unmet_flow.shape[0]):
        for s in range(segments):
            total = load(begin.contracts, s, layout.first[m])
            for i in range(layout.first[m] + 1, layout.first[m + 1]):
                total = total + load(begin.contracts, s, i)
            store(total, now.served, m * segments + s)
            store(1.0 - load(begin.sigma, s), now.slope, m * segments + s)
            store(1.0, now.per_attraction, m * segments + s)
            store(0.0, now.surplus, m * segments + s)
        for month in range(MONTHS_PER_YEAR):
            store(load(begin.spending_history, month, m), now.history, month, m)
        # The history begins half a month after the year ended that vendors look back on at the base date.
        last = log(load(begin.spending_history, MONTHS_PER_YEAR - 1, m))
        per_month = (last - log(load(begin.spending_history, 0, m))) * (1.0 / (MONTHS_PER_YEAR - 1))
        store(exp(last - per_month * MONTHS_PER_YEAR), now.year_ago, m)
        store(0.0, now.unmet_flow, m)
        store(0.0, now.surplus_flow, m)
    for v in range(now.made.shape[0]):
        store(load(begin.made, v), now.made, v)
    for country in range(now.leaked.shape[0]):
        store(0.0, now.leaked, country)


@compiled
def supply(now, rate, month):
    """Retire old capacity and bring on line what was ordered."""
    slot = month % now.pipeline.shape[0]
    survives = rate.keeps if month > 0 else alike(rate.keeps, 1.0)
    for i in range(now.capacity.shape[0]):
        arriving = load(now.pipeline, slot, i)
        store(load(now.capacity, i) * survives + arriving, now.capacity, i)
        store(maximum(load(now.on_order, i) - arriving, 0.0), now.on_order, i)
        store(0.0, now.pipeline, slot, i)


@compiled
def prices(layout, begin, now, month):
    """Set all prices, the appeal that sellers have at them, and what customers under contract gain as they fall."""
    gain_experience(layout, begin, now)
    set_targets(layout, begin, now, month)
    adjustment, segments = load(begin.adjustment_share), now.revenue.shape[0]
    for m in range(now.unmet_flow.shape[0]):
        for i in range(layout.first[m], layout.first[m + 1]):
            before = load(now.log_price, i)
            fall = adjustment * (before - load(now.target, i))
            store(before - fall, now.log_price, i)
            store(exp(before - fall), now.price, i)
            for s in range(segments):
                c = m * segments + s
                store(load(now.surplus, c) + load(now.revenue, s, i) * fall, now.surplus, c)
    for s in range(now.appeal.shape[0]):
        slope = 1.0 - load(begin.sigma, s)
        for i in range(now.appeal.shape[1]):
            store(load(begin.strength, s, i) * exp(slope * load(now.log_price, i)), now.appeal, s, i)


@compiled
def gain_experience(layout, begin, now):
    """Count what was made in the last quarter, and work out what vendors' experience does to the log of their costs."""
    for i in range(now.price.shape[0]):
        v = layout.vendor[i]
        store(load(now.made, v) + load(now.made_flow, i) / load(now.price, i), now.made, v)
        store(0.0, now.made_flow, i)
    total = load(now.made, 0)
    for v in range(1, now.made.shape[0]):
        total = total + load(now.made, v)
    exponent = load(begin.experience_exponent)
    for v in range(now.made.shape[0]):
        share = load(begin.made_share, v)
        log_ratio = log(load(now.made, v) / (total * unless_positive(share, 1.0)))
        store(if_positive(share, log_ratio) * -exponent, now.log_experience, v)


@compiled
def set_targets(layout, begin, now, month):
    """Work out the log of each seller's best price."""
    segments = now.revenue.shape[0]
    for m in range(now.unmet_flow.shape[0]):
        hardware = 1.0 + load(begin.hardware_share) * load(begin.hardware_tariff, month, m)
        last = (month + MONTHS_PER_YEAR - 1) % MONTHS_PER_YEAR
        growth = maximum(log(load(now.history, last, m) / load(now.year_ago, m)), 0.0)
        for i in range(layout.first[m], layout.first[m + 1]):
            weighted = alike(hardware, 0.0)
            for s in range(segments):
                sigma = load(begin.sigma, s)
                share = load(now.appeal, s, i) * load(now.quality, i) * load(now.per_attraction, m * segments + s)
                weighted = weighted + (sigma - (sigma - load(begin.eta)) * share) * load(now.revenue, s, i)
            markup = weighted / (weighted - load(now.sales, i))
            asked = maximum(1.0 - load(begin.growth_weight, i) * growth, 1.0 - load(begin.forgone, i))
            store(markup * load(now.lasting_cost, i) * hardware * asked, now.target, i)
    for i in range(now.target.shape[0]):
        store(log(load(now.target, i)), now.target, i)
    for i in range(now.target.shape[0]):
        store(load(now.target, i) + load(now.log_experience, layout.vendor[i]), now.target, i)


@compiled
def orders(layout, begin, now, rate, month, trend):
    """Order capacity for all vendors."""
    years, number, segments = layout.order_horizon_years, month // layout.order_every_months, now.revenue.shape[0]
    for m in range(now.unmet_flow.shape[0]):
        growth = log(load(now.history, month % MONTHS_PER_YEAR, m) / load(now.year_ago, m))
        grows = maximum(exp(growth * years) - rate.run_off, 0.0)
        tariff = 1.0 + load(begin.hardware_share_of_capex) * load(begin.hardware_tariff, month, m)
        capex_per_unit = load(begin.capex_per_unit) * trend * tariff
        for i in range(layout.first[m], layout.first[m + 1]):
            potential = alike(trend, 0.0)
            for s in range(segments):
                c = m * segments + s
                share = load(now.appeal, s, i) * load(now.quality, i) * load(now.per_attraction, c)
                potential = potential + share * load(now.budget, c)
            expected = load(now.sales, i) * rate.run_off + potential * grows
            price_then = load(now.price, i) * trend * rate.price_ahead
            there_anyway = load(now.capacity, i) * rate.surviving + load(now.on_order, i)
            units = maximum(expected / price_then * (1.0 + load(begin.headroom)) - there_anyway, 0.0)
            add_later(now.pipeline, month, load(begin.lead_months, number, layout.vendor[i]), i, units)
            store(load(now.on_order, i) + units, now.on_order, i)
            store(load(now.capex_flow, i) + units * capex_per_unit, now.capex_flow, i)


@compiled
def look(layout, now, seen, quarter, trend):
    """Note what is seen at the end of a quarter, and begin a new one."""
    for m in range(now.unmet_flow.shape[0]):
        look_at_market(layout, now, seen, quarter, m)
    for i in range(now.price.shape[0]):
        store(load(now.revenue_flow, i), seen.revenue_bn, quarter, i)
        store(load(now.price, i) * trend, seen.price, quarter, i)
        store(load(now.capacity, i), seen.capacity_units, quarter, i)
        store(load(now.capex_flow, i), seen.capex_bn, quarter, i)
        store(0.0, now.revenue_flow, i)
        store(0.0, now.capex_flow, i)


@compiled
def look_at_market(layout, now, seen, quarter, m):
    """Note shares, and what is seen of the whole market."""
    first, last, segments = layout.first[m], layout.first[m + 1], now.revenue.shape[0]
    sales, revenue = load(now.sales, first), load(now.revenue_flow, first)
    for i in range(first + 1, last):
        sales = sales + load(now.sales, i)
        revenue = revenue + load(now.revenue_flow, i)
    per_sales = 1.0 / sales
    for i in range(first, last):
        store(load(now.sales, i) * per_sales, seen.share, quarter, i)
    spending = weighted = alike(sales, 0.0)
    for c in range(m * segments, (m + 1) * segments):
        spending = spending + load(now.budget, c)
        weighted = weighted + load(now.budget, c) * load(now.log_index, c)
    store(revenue, seen.total_bn, quarter, m)
    store(load(now.unmet_flow, m), seen.unmet_bn, quarter, m)
    store(exp(weighted / spending), seen.price_index, quarter, m)
    store(load(now.surplus_flow, m), seen.customer_surplus_bn, quarter, m)
    store(0.0, now.unmet_flow, m)
    store(0.0, now.surplus_flow, m)
