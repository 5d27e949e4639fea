"""What one side pays the other receives, in every quarter of the user's own run."""

from __future__ import annotations

import numpy as np

from sim.ledger import ACCOUNTS, FLOWS
from sim.model.minds.reckoning import captive_log_growth
from sim.model.presence_rules import PRESENCE_TERMS, terms_of
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray
from sim.studies.doctor.finding import Claim, Finding, Gap, largest, relative
from sim.studies.doctor.patient import Patient, Visit, by_pair, services_tax

ROUNDING = 1e-9
"""Sums of some hundred numbers agree to this, as a part of the sum."""


def by_quarter(yearly: FloatArray) -> FloatArray:
    """Add up monthly values that are given by the year, [quarter, ..., draw]."""
    quarters = len(yearly) // MONTHS_PER_QUARTER
    total: FloatArray = yearly.reshape(quarters, MONTHS_PER_QUARTER, *yearly.shape[1:]).sum(axis=1)
    return total / MONTHS_PER_YEAR


def quarter_ends(months: FloatArray) -> FloatArray:
    """Flows as they stand in the last month of each quarter, [quarter, ..., draw]."""
    return months[MONTHS_PER_QUARTER - 1 :: MONTHS_PER_QUARTER]


def of_month(flow: FloatArray) -> FloatArray:
    """Flow of each month alone, out of flows that add up over a quarter, [month, ..., draw]."""
    alone = np.diff(flow, axis=0, prepend=0.0)
    alone[::MONTHS_PER_QUARTER] = flow[::MONTHS_PER_QUARTER]
    return alone


def spending_goes_to_vendors(patient: Patient) -> Finding:
    """Add up what customers mean to spend, month by month, and what vendors are paid."""
    claim = Claim("spending", "What customers mean to spend is vendors' revenue or unmet demand", ROUNDING)
    visit, quarters, markets = patient.visit, _quarters(patient), list(patient.scenario.markets)
    meant = by_quarter(visit.months["budget"].sum(axis=2))
    paid = visit.paths.vendors["revenue_bn"].sum(axis=1) + visit.paths.markets["unmet_bn"]
    total = visit.paths.vendors["share"].sum(axis=1)
    return claim.judged([
        largest(relative(paid, meant), "revenue and unmet demand", quarters, markets),
        largest(np.abs(total - 1.0) * (total > 0.0), "sum of shares", quarters, markets),
    ])  # fmt: skip


def nobody_serves_more_than_it_can(patient: Patient) -> Finding:
    """Set the units sold in each month beside the capacity of that month."""
    claim = Claim("capacity", "No vendor sells more through a channel than the data centres there can serve", ROUNDING)
    months, world = patient.visit.months, patient.visit.world
    trend = np.stack([world.trend_price(month) for month in range(patient.scenario.months)])[:, None]
    units, capacity = months["sales"] / (months["price"] * trend), months["capacity"]
    excess = np.maximum(units - capacity, 0.0) / np.maximum(capacity, capacity.max(initial=0.0) * ROUNDING)
    return claim.judged([largest(excess, "units over capacity", _months(patient), world.axes.channels)])


def money_earned_is_money_paid(patient: Patient) -> Finding:
    """Compare what vendors, co-owners, partners and treasuries get with revenue less cost, over the whole world.

    Fees and taxes leave no trace in the sum: what a vendor pays its partner or a treasury earns.
    """
    text = "What vendors, co-owners, partners and treasuries get is revenue less all cost, that of setting up included"
    claim = Claim("money", text, ROUNDING)
    visit = patient.visit
    months = visit.months
    earned = quarter_ends(months["profit_flow"]).sum(axis=1) + visit.paths.partners["income_bn"].sum(axis=1)
    earned = earned + quarter_ends(months["co_owner_flow"] + months["services_tax_flow"]).sum(axis=1)
    fixed = visit.world.base.fixed_cost * months["active"]
    overhead = _overhead(visit)
    cost = by_quarter((months["sales"] / months["price"] * months["cost"] + fixed).sum(axis=1) + overhead)
    revenue = visit.paths.vendors["revenue_bn"].sum(axis=(1, 2))
    left = revenue - cost - _setting_up(visit)
    apart = np.abs(earned - left) / revenue
    return claim.judged([largest(apart, "part of revenue", _quarters(patient))])


def _overhead(visit: Visit) -> FloatArray:
    """Cost that sales do not move: overhead of the base date with the trend of its vendor's sales, [month, draw]."""
    world, base = visit.world, visit.world.base
    total = np.zeros((len(base.market_path), world.draws.count))
    for row, (v, m) in enumerate(zip(world.channels.vendor, world.channels.market, strict=True)):
        trend = base.market_path[:, m] / base.sales[:, m].sum(axis=0) * np.exp(base.gained[:, v, m])
        total += base.overhead[row] * trend
    return total


def _setting_up(visit: Visit) -> FloatArray:
    """Sunk cost of all moves that went live, by their events, [quarter, draw]."""
    world, paths = visit.world, visit.paths
    cost = np.zeros(paths.vendors["revenue_bn"].shape[::3])
    names = {presence.name.lower(): presence for presence in PRESENCE_TERMS}
    for draws, month, _, event, detail in paths.events:
        presence = names.get(detail.split()[0]) if event == "goes live" else None
        if presence is not None and month // MONTHS_PER_QUARTER < len(cost):
            here = np.asarray(draws) - paths.draws[0]
            sunk = world.value(terms_of(world.scenario, presence).sunk_cost_bn)[here]
            cost[month // MONTHS_PER_QUARTER, here] += sunk
    return cost


def partners_earn_their_fees(patient: Patient) -> Finding:
    """Work out fees from sales, month by month, and set them beside partners' income."""
    claim = Claim("fees", "Partners earn their share of what they sell for others, once", ROUNDING)
    visit = patient.visit
    if not patient.scenario.partners:
        return claim.not_applicable("no vendor sells through a partner")
    months, base = visit.months, visit.world.base
    paid = (base.fee * months["sales"]).sum(axis=1)
    for v, m in np.argwhere((base.captive > 0.0).any(axis=2)):
        years = (np.arange(patient.scenario.months)[:, None] + 0.5) / MONTHS_PER_YEAR
        decline = visit.world.value(patient.scenario.costs.decline)
        grown = np.stack([captive_log_growth(visit.world, v, m, month) for month in range(patient.scenario.months)])
        own = base.captive[v, m] * np.exp(grown - decline * years)
        for row in visit.world.channels.of(int(v), int(m)):
            markup = base.fee[row] / (1.0 - base.fee[row])
            paid = paid + own * months["cost"][:, row] * markup * months["active"][:, row]
    earned = visit.paths.partners["income_bn"].sum(axis=1)
    return claim.judged([largest(relative(earned, by_quarter(paid)), "partners' income", _quarters(patient))])


def taxes_are_rates_times_sales(patient: Patient) -> Finding:
    """Work out each market's revenue from taxes on cloud services from sales, month by month."""
    claim = Claim("services tax", "Taxes on cloud services are the rate of the day times what the taxed sell", ROUNDING)
    months, scenario = patient.visit.months, patient.scenario
    if not (months["services_tax"].any() or months["home_services_tax"].any()):
        return claim.not_applicable("no policy taxes cloud services")
    world = patient.visit.world
    due = by_pair(world, services_tax(world, months) * months["sales"]).sum(axis=1)
    paid = of_month(months["services_tax_flow"]) * MONTHS_PER_YEAR
    return claim.judged([largest(relative(paid, due), "tax revenue", _months(patient), list(scenario.markets))])


def welfare_is_the_sum_of_its_parts(patient: Patient) -> Finding:
    """Add welfare up from the flows of the ledger, each given to the country of its vendor, market or partner."""
    claim = Claim("welfare", "A country's welfare is the sum of its parts", ROUNDING)
    visit, scenario = patient.visit, patient.scenario
    signs, axes = {account.name: account.sign for account in ACCOUNTS}, visit.world.axes
    homes = {
        "channel": [scenario.vendors[axes.vendors[row.vendor]].home for row in visit.world.channels.rows],
        "market": [market.country for market in scenario.markets.values()],
        "partner": [scenario.markets[partner.market].country for partner in scenario.partners.values()],
        "country": list(scenario.countries),
    }
    counted = [flow for flow in FLOWS if flow.account is not None and signs[flow.account]]
    gaps = []
    for c, country in enumerate(scenario.countries):
        parts = []
        for flow in counted:
            own = np.array([home == country for home in homes[flow.dims[0]]], dtype=np.bool_)
            values = quarter_ends(visit.months[f"{flow.name}_flow"])[:, own]
            parts.append(signs[str(flow.account)] * values.sum(axis=tuple(range(1, values.ndim - 1))))
        size = np.abs(np.stack(parts)).sum(axis=0)
        apart = np.abs(sum(parts) - visit.paths.countries["welfare_bn"][:, c])
        share = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0.0)
        gaps.append(largest(share, f"welfare of {country}", _quarters(patient)))
    return claim.judged(gaps)


def concentration_is_that_of_the_shares(patient: Patient) -> Finding:
    """Square the reported shares of every market, and add up those of foreign vendors."""
    text = "Concentration is the sum of squared shares, and the foreign share that of vendors from elsewhere"
    claim = Claim("concentration", text, ROUNDING)
    paths, scenario = patient.visit.paths, patient.scenario
    share = paths.vendors["share"]
    foreign = np.array([[v.home != m.country for m in scenario.markets.values()] for v in scenario.vendors.values()])
    quarters, markets = _quarters(patient), list(scenario.markets)
    squared = np.einsum("qvmd,qvmd->qmd", share, share)
    abroad = np.einsum("qvmd,vm->qmd", share, foreign.astype(np.float64))
    return claim.judged([
        largest(relative(paths.markets["hhi"], squared), "concentration", quarters, markets),
        largest(np.abs(paths.markets["foreign_share"] - abroad), "foreign share", quarters, markets),
    ])  # fmt: skip


# Goods ----------------------------------------------------------------------------------------------------------------


def one_countrys_exports_are_anothers_imports(patient: Patient) -> Finding:
    """Add up exports and imports of all countries."""
    claim = Claim("trade", "What the countries export to each other they import from each other", ROUNDING)
    countries = patient.visit.paths.countries
    exports, imports = countries["exports_bn"].sum(axis=1), countries["imports_bn"].sum(axis=1)
    if not imports.any():
        return claim.not_applicable("the scenario trades no goods")
    return claim.judged([largest(relative(exports, imports), "exports of all countries", _quarters(patient))])


def tariff_revenue_is_rate_times_imports(patient: Patient) -> Finding:
    """Work out each country's duties from what it is reported to import, list by list.

    Where exporters absorb a part of the tariff, customs values fall by it, and the duty is the difference between the
    prices of buyers and exporters.
    """
    claim = Claim("duties", "Tariff revenue is the rate times imports, and imports are those of the lists", ROUNDING)
    visit, goods = patient.visit, patient.scenario.goods
    if not goods.lists:
        return claim.not_applicable("the scenario trades no goods")
    quantity, rate = traded(visit)
    passed = visit.world.value(goods.pass_through)
    value = quantity * (1.0 + passed * rate - rate)
    gaps = []
    for c, country in enumerate(patient.scenario.countries):
        own = [n for n, held in enumerate(goods.lists.values()) if held.importer == country]
        bought = visit.months["purchases"][:, :, c].sum(axis=1)
        duty, imports = (rate * quantity)[:, own].sum(axis=1), value[:, own].sum(axis=1) + bought
        months = of_month(visit.months["tariff_revenue_flow"][:, c]) * MONTHS_PER_YEAR
        gaps.append(largest(relative(months, duty), f"revenue of {country}", _months(patient)))
        months = of_month(visit.months["imports_flow"][:, c]) * MONTHS_PER_YEAR
        gaps.append(largest(relative(months, imports), f"imports of {country}", _months(patient)))
    return claim.judged(gaps)


def traded(visit: Visit) -> tuple[FloatArray, FloatArray]:
    """Quantity at free-trade prices, bn a year, and tariff rate of each goods list, each [month, list, draw]."""
    base, response = visit.world.base, response_in_mid_month(visit)
    years = (np.arange(len(response))[:, None, None] + 0.5) / MONTHS_PER_YEAR
    grown = base.free_trade * np.exp(visit.world.value(visit.world.scenario.goods.growth) * years)
    return grown * np.exp(response), base.base_tariff + visit.months["tariff_layer"]


def response_in_mid_month(visit: Visit) -> FloatArray:
    """Log response of trade half-way through each month, [month, list, draw], from those at its ends."""
    world, goods, at_ends = visit.world, visit.world.scenario.goods, visit.months["log_response"]
    untaxed = -world.base.import_elasticity * np.log1p(world.value(goods.pass_through) * world.base.base_tariff)
    before = np.concatenate([untaxed[None], at_ends[:-1]])
    left = np.exp(-world.value(goods.adjustment) / MONTHS_PER_YEAR)
    return before + (at_ends - before) / (1.0 + np.sqrt(left))


def tariff_losses_are_areas(patient: Patient) -> Finding:
    """Integrate under the demand curve that joins free trade and today's point, by Simpson's rule.

    Buyers lose the area between the prices with and without the tariff; what of it and of the exporters' loss is no
    revenue is lost to everybody.
    """
    text = "Buyers' loss is the area beside the demand curve; deadweight loss is what of it is no revenue"
    claim = Claim("tariff losses", text, QUADRATURE)
    visit, goods = patient.visit, patient.scenario.goods
    if not goods.lists:
        return claim.not_applicable("the scenario trades no goods")
    quantity, rate = traded(visit)
    passed = visit.world.value(goods.pass_through)
    response = response_in_mid_month(visit)
    free = quantity / np.exp(response)
    loss = free * _area(response, passed * rate, visit.world.base.import_elasticity)
    dead = loss + (1.0 - passed) * rate * quantity - rate * quantity
    gaps = []
    for c, country in enumerate(patient.scenario.countries):
        own = [n for n, held in enumerate(goods.lists.values()) if held.importer == country]
        for name, values in (("consumer_loss_flow", loss), ("deadweight_loss_flow", dead)):
            months = of_month(visit.months[name][:, c]) * MONTHS_PER_YEAR
            apart, size = np.abs(months - values[:, own].sum(axis=1)), loss[:, own].sum(axis=1)
            gap = np.divide(apart, size, out=apart.copy(), where=size > 0.0)
            gaps.append(largest(gap, f"{name.removesuffix('_flow').replace('_', ' ')} of {country}", _months(patient)))
    return claim.judged(gaps)


QUADRATURE = 1e-6
"""Simpson's rule on so smooth a curve is better than this."""
PANELS = 64
"""Even number of strips into which an area is cut."""


def _area(response: FloatArray, rise: FloatArray, elasticity: FloatArray) -> FloatArray:
    """Area beside a demand curve of unit quantity at price 1, from there to the price 1 + rise."""
    slope = np.divide(-response, np.log1p(rise), out=np.zeros_like(response), where=rise > 0.0)
    slope = np.clip(slope, 0.0, elasticity)
    area = np.zeros_like(response)
    for point in range(PANELS + 1):
        weight = 1.0 if point in {0, PANELS} else 2.0 + 2.0 * (point % 2)
        area += weight * (1.0 + rise * (point / PANELS)) ** -slope
    return area * rise / (3.0 * PANELS)


def all_figures_are_numbers(patient: Patient) -> Finding:
    """Look for infinities and for what is no number in everything recorded; a channel not in use has no price."""
    claim = Claim("numbers", "Everything recorded is a finite number", 0.0, "figures")
    paths, gaps = patient.visit.paths, []
    for family in ("vendors", "markets", "countries", "partners", "zones"):
        for name, values in getattr(paths, family).items():
            gaps.append(Gap(float((~np.isfinite(values)).sum()), f"{name} of {family}"))
    unused = paths.channels["in_use"] == 0.0
    for name, values in paths.channels.items():
        meant = np.isfinite(values) | (unused if name == "price" else False)
        gaps.append(Gap(float((~meant).sum()), f"{name} of channels"))
    return claim.judged(gaps)


def _quarters(patient: Patient) -> list[str]:
    return [date.isoformat() for date in patient.scenario.calendar.quarter_dates()]


def _months(patient: Patient) -> list[str]:
    return [patient.scenario.calendar.date_of(month).isoformat() for month in range(patient.scenario.months)]
