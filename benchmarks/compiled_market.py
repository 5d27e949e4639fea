# numba finds out the types of what it compiles.
# mypy: ignore-errors
"""Customers of the compiled bound: quality, choice, contracts, rationing and surplus (docs/model.md, section 3)."""

from __future__ import annotations

from benchmarks.lanes import alike, any_positive, compiled, exp, if_positive, load, log, maximum, minimum, store
from sim.quantities import MONTHS_PER_YEAR

PER_YEAR = 1.0 / MONTHS_PER_YEAR


@compiled
def customers(layout, begin, now, rate, month, trend):
    """Let customers choose in all markets."""
    drift_quality(layout, begin, now, month)
    add_attractions(layout, now)
    set_budgets(begin, now, rate, month)
    for m in range(now.unmet_flow.shape[0]):
        over = renew_contracts(layout, now, trend, m)
        if any_positive(over):
            cut_to_capacity(layout, now, m)
            offer_the_rest(layout, now, m)
            serve_what_is_taken(layout, now, m)
    count_surplus(now, rate)
    count_sales(now, trend)
    remember(now, month)


@compiled
def drift_quality(layout, begin, now, month):
    """Let know-how leak, and quality follow trend and luck."""
    if month > 0:
        leak(layout, begin, now)
    for i in range(now.quality.shape[0]):
        store(load(now.leaked, layout.home[i]), now.quality, i)
    for i in range(now.quality.shape[0]):
        store(exp(load(begin.gained, month, i) + load(now.quality, i)), now.quality, i)


@compiled
def leak(layout, begin, now):
    """Let know-how pass from vendors run by partners to the vendors of the market's country."""
    for m in range(now.unmet_flow.shape[0]):
        first, last, country = layout.first[m], layout.first[m + 1], layout.country[m]
        if country < now.leaked.shape[0] - 1:
            total = load(now.sales, first)
            for i in range(first + 1, last):
                total = total + load(now.sales, i)
            by_partners = alike(total, 0.0)
            for i in range(first, last):
                if layout.partner_run[i]:
                    by_partners = by_partners + load(now.sales, i)
            leaked = load(begin.leak_rate, m) * PER_YEAR * by_partners / total
            store(load(now.leaked, country) + leaked, now.leaked, country)


@compiled
def add_attractions(layout, now):
    """Add up what attracts the customers of each cell."""
    segments = now.appeal.shape[0]
    for m in range(now.unmet_flow.shape[0]):
        first, last = layout.first[m], layout.first[m + 1]
        for s in range(segments):
            total = load(now.appeal, s, first) * load(now.quality, first)
            for i in range(first + 1, last):
                total = total + load(now.appeal, s, i) * load(now.quality, i)
            store(total, now.attraction, m * segments + s)


@compiled
def set_budgets(begin, now, rate, month):
    """Work out price index and budget of each cell, what goes on under contract, and what is up for choice."""
    stays = rate.stays if month > 0 else exp(0.5 * log(rate.stays))
    # From one record to another first: within one, the compiler knows what can be done side by side for single draws.
    for c in range(now.budget.shape[0]):
        store(load(begin.spending_path, month, c), now.budget, c)
        store(load(begin.trend_log_index, month, c), now.log_index, c)
    for c in range(now.budget.shape[0]):
        per_attraction = 1.0 / load(now.attraction, c)
        log_index = log(load(now.attraction, c)) / load(now.slope, c) - rate.decline * (month * PER_YEAR)
        above_trend = log_index - load(now.log_index, c)
        budget = load(now.budget, c) * exp(above_trend * -rate.power)
        before = load(now.served, c)
        contracted = stays * before
        carried = minimum(contracted, budget)
        store(per_attraction, now.per_attraction, c)
        store(log_index, now.log_index, c)
        store(budget, now.budget, c)
        store(budget, now.served, c)
        store(before, now.before, c)
        store(carried, now.carried, c)
        store(carried / before, now.keeps, c)
        store((budget - carried) * per_attraction, now.gains, c)


@compiled
def renew_contracts(layout, now, trend, m):
    """Renew the contracts of a market; by how much, at most, sales wanted exceed what a seller can serve."""
    segments = now.revenue.shape[0]
    over = alike(trend, 0.0)
    for i in range(layout.first[m], layout.first[m + 1]):
        asked = alike(trend, 0.0)
        for s in range(segments):
            c = m * segments + s
            chosen = load(now.appeal, s, i) * load(now.quality, i) * load(now.gains, c)
            wanted = load(now.revenue, s, i) * load(now.keeps, c) + chosen
            store(wanted, now.revenue, s, i)
            asked = asked + wanted
        limit = load(now.capacity, i) * load(now.price, i) * trend
        store(asked, now.sales, i)
        store(limit, now.limit, i)
        over = maximum(over, asked - limit)
    return over


@compiled
def cut_to_capacity(layout, now, m):
    """Work out what part of its sales each seller can serve, and by what it takes part in offers of the rest."""
    for i in range(layout.first[m], layout.first[m + 1]):
        asked, limit = load(now.sales, i), load(now.limit, i)
        room = maximum(limit - asked, 0.0)
        store(minimum(limit / asked, 1.0), now.fits, i)
        store(room, now.room, i)
        store(if_positive(room, load(now.quality, i)), now.takes, i)


@compiled
def offer_the_rest(layout, now, m):
    """Divide what could not be served among sellers with room, by their attraction."""
    segments = now.revenue.shape[0]
    for s in range(segments):
        excess = alike(load(now.sales, 0), 0.0)
        attraction = excess
        for i in range(layout.first[m], layout.first[m + 1]):
            excess = excess + load(now.revenue, s, i) * (1.0 - load(now.fits, i))
            attraction = attraction + load(now.appeal, s, i) * load(now.takes, i)
        store(if_positive(attraction, excess / attraction), now.gains, m * segments + s)
        store(0.0, now.served, m * segments + s)


@compiled
def serve_what_is_taken(layout, now, m):
    """Let sellers take of the rest what they have room for."""
    segments = now.revenue.shape[0]
    for i in range(layout.first[m], layout.first[m + 1]):
        takes, room = load(now.takes, i), load(now.room, i)
        offered = alike(room, 0.0)
        for s in range(segments):
            offered = offered + load(now.appeal, s, i) * load(now.gains, m * segments + s)
        offered = offered * takes
        taken = if_positive(offered, minimum(room / offered, 1.0)) * takes
        sales = alike(room, 0.0)
        for s in range(segments):
            c = m * segments + s
            more = load(now.appeal, s, i) * load(now.gains, c) * taken
            revenue = load(now.revenue, s, i) * load(now.fits, i) + more
            store(revenue, now.revenue, s, i)
            store(load(now.served, c) + revenue, now.served, c)
            sales = sales + revenue
        store(sales, now.sales, i)


@compiled
def count_surplus(now, rate):
    """Let customers' surplus follow their contracts."""
    for c in range(now.budget.shape[0]):
        served, budget = load(now.served, c), load(now.budget, c)
        goes_on = minimum(load(now.carried, c), served)
        per_new = (1.0 - exp(rate.power * load(now.log_index, c))) / rate.power
        surplus = goes_on / load(now.before, c) * load(now.surplus, c) + (served - goes_on) * per_new
        store(maximum(budget - served, 0.0), now.unmet, c)
        store(surplus, now.surplus, c)
    segments = now.revenue.shape[0]
    for m in range(now.unmet_flow.shape[0]):
        unmet, surplus = load(now.unmet_flow, m), load(now.surplus_flow, m)
        for s in range(segments):
            unmet = unmet + load(now.unmet, m * segments + s) * PER_YEAR
            surplus = surplus + load(now.surplus, m * segments + s) * PER_YEAR
        store(unmet, now.unmet_flow, m)
        store(surplus, now.surplus_flow, m)


@compiled
def count_sales(now, trend):
    """Add the month's sales to the quarter's, and what was made for them at the common decline of prices."""
    per_trend = PER_YEAR / trend
    for i in range(now.sales.shape[0]):
        sales = load(now.sales, i)
        store(load(now.revenue_flow, i) + sales * PER_YEAR, now.revenue_flow, i)
        store(load(now.made_flow, i) + sales * per_trend, now.made_flow, i)


@compiled
def remember(now, month):
    """Keep each market's spending for a year."""
    segments, slot = now.revenue.shape[0], month % MONTHS_PER_YEAR
    for m in range(now.unmet_flow.shape[0]):
        spending = load(now.budget, m * segments)
        for s in range(1, segments):
            spending = spending + load(now.budget, m * segments + s)
        store(load(now.history, slot, m), now.year_ago, m)
        store(spending, now.history, slot, m)
