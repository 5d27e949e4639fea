"""What one side pays the other receives, in every quarter of the user's own run."""

from __future__ import annotations

import numpy as np

from sim.ledger import ACCOUNTS, FLOWS
from sim.model.columns import DIMS
from sim.model.minds.own_services import captive_log_growth
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
    visit, quarters, markets = patient.visit, quarters_of(patient), list(patient.scenario.markets)
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
    return claim.judged([largest(excess, "units over capacity", months_of(patient), world.axes.channels)])


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
    return claim.judged([largest(apart, "part of revenue", quarters_of(patient))])


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
        grown = captive_log_growth(visit.world, v, m, years)
        own = base.captive[v, m] * np.exp(grown - decline * years)
        for row in visit.world.channels.of(int(v), int(m)):
            markup = base.fee[row] / (1.0 - base.fee[row])
            paid = paid + own * months["cost"][:, row] * markup * months["active"][:, row]
    earned = visit.paths.partners["income_bn"].sum(axis=1)
    return claim.judged([largest(relative(earned, by_quarter(paid)), "partners' income", quarters_of(patient))])


def taxes_are_rates_times_sales(patient: Patient) -> Finding:
    """Work out each market's revenue from taxes on cloud services from sales, month by month."""
    claim = Claim("services tax", "Taxes on cloud services are the rate of the day times what the taxed sell", ROUNDING)
    months, scenario = patient.visit.months, patient.scenario
    if not (months["services_tax"].any() or months["home_services_tax"].any()):
        return claim.not_applicable("no policy taxes cloud services")
    world = patient.visit.world
    due = by_pair(world, services_tax(world, months) * months["sales"]).sum(axis=1)
    paid = of_month(months["services_tax_flow"]) * MONTHS_PER_YEAR
    return claim.judged([largest(relative(paid, due), "tax revenue", months_of(patient), list(scenario.markets))])


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
        gaps.append(largest(share, f"welfare of {country}", quarters_of(patient)))
    return claim.judged(gaps)


def concentration_is_that_of_the_shares(patient: Patient) -> Finding:
    """Square the reported shares of every market, and add up those of foreign vendors."""
    text = "Concentration is the sum of squared shares, and the foreign share that of vendors from elsewhere"
    claim = Claim("concentration", text, ROUNDING)
    paths, scenario = patient.visit.paths, patient.scenario
    share = paths.vendors["share"]
    foreign = np.array([[v.home != m.country for m in scenario.markets.values()] for v in scenario.vendors.values()])
    quarters, markets = quarters_of(patient), list(scenario.markets)
    squared = np.einsum("qvmd,qvmd->qmd", share, share)
    abroad = np.einsum("qvmd,vm->qmd", share, foreign.astype(np.float64))
    return claim.judged([
        largest(relative(paths.markets["hhi"], squared), "concentration", quarters, markets),
        largest(np.abs(paths.markets["foreign_share"] - abroad), "foreign share", quarters, markets),
    ])  # fmt: skip


def all_figures_are_numbers(patient: Patient) -> Finding:
    """Look for infinities and for what is no number in everything recorded; a channel not in use has no price."""
    claim = Claim("numbers", "Everything recorded is a finite number", 0.0, "figures")
    paths, gaps = patient.visit.paths, []
    for family in DIMS:
        if family == "channels":
            continue
        for name, values in getattr(paths, family).items():
            gaps.append(Gap(float((~np.isfinite(values)).sum()), f"{name} of {family}"))
    unused = paths.channels["in_use"] == 0.0
    for name, values in paths.channels.items():
        meant = np.isfinite(values) | (unused if name == "price" else False)
        gaps.append(Gap(float((~meant).sum()), f"{name} of channels"))
    return claim.judged(gaps)


def quarters_of(patient: Patient) -> list[str]:
    """First days of a run's quarters, in words."""
    return [date.isoformat() for date in patient.scenario.calendar.quarter_dates()]


def months_of(patient: Patient) -> list[str]:
    """First days of a run's months, in words."""
    return [patient.scenario.calendar.date_of(month).isoformat() for month in range(patient.scenario.months)]
