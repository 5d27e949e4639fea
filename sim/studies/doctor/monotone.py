"""Responses whose sign the model promises."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.model.channels import NOBODY, Channel
from sim.model.equations.costs import hardware_cost_factor, residency_cost_factor
from sim.model.equations.demand import Choice, appeal, at_price
from sim.model.equations.equilibrium import bertrand_nash_prices
from sim.model.equations.goods_trade import long_run_log_response
from sim.model.equations.nests import Nests
from sim.model.equations.pricing import best_response_price, price_elasticity_atkeson_burstein_2008
from sim.model.equations.terms import Terms
from sim.model.presence_rules import access_shares
from sim.model.world import World
from sim.policies import AnyPolicy
from sim.policies.tariff import Tariff
from sim.quantities import FloatArray, IntArray
from sim.scenario.schema import Presence
from sim.studies.doctor.finding import Claim, Finding, largest
from sim.studies.doctor.patient import Patient, selling, visited
from sim.studies.doctor.variants import with_policies, with_presence_fixed
from sim.values import named

ROUNDING = 1e-9
"""Moves in the wrong direction below this are rounding; the solver of prices stops at 1e-12."""
STEPS = (0.0, 0.05, 0.10, 0.20, 0.40)
"""Rises that are tried: of fees, tariffs, prices and shares."""


def dearer_partners_never_raise_revenue(patient: Patient) -> Finding:
    """Raise the fee of one channel at a time, with presence fixed, and let all vendors find their prices anew.

    Presence is fixed so that the response is the market's: with a dearer partner a vendor may leave it, open data
    centres of its own and sell more. Costs stay, as the calibration would take a fee of the base date out of the cost.
    """
    text = "A higher fee never raises the revenue of the vendor that pays it (presence and costs fixed)"
    claim = Claim("partner fee", text, ROUNDING)
    world, gaps = patient.start, []
    for row in selling(world, Presence.PARTNER):
        rises = _rises(np.stack([_revenue(world, row, step) for step in STEPS]))
        gaps.append(largest(rises, world.axes.channels[row]))
    return claim.judged(gaps) if gaps else claim.not_applicable("no vendor sells through a partner at the base date")


def _rises(values: FloatArray) -> FloatArray:
    """Rises from each step to the next, as a part of the first value."""
    rises: FloatArray = np.maximum(np.diff(values, axis=0), 0.0) / np.abs(values[0])
    return rises


def _revenue(world: World, row: int, more: float) -> FloatArray:
    """Revenue of a vendor at the market's prices once the fee of one channel takes more of what is left, [draw]."""
    base, m = world.base, world.channels.rows[row].market
    here = world.sellers[m][(base.sales[world.channels.vendor[world.sellers[m]], m] > 0.0).any(axis=1)]
    own, fee = here.tolist().index(row), base.fee[here].copy()
    fee[own] += more * (1.0 - fee[own])
    access, quality = _offers(world, here)
    quality = np.where(np.isfinite(quality), quality, 0.0)
    path, sigma = base.start_spending[m], base.sigma[: len(world.axes.segments)]
    nests, one = _nests(world, here), np.ones_like(fee)
    pull, terms = appeal(access, quality), Terms(fee, 0.0 * fee, one)
    price = bertrand_nash_prices(pull, path, base.cost[here], fee, sigma, base.eta, (nests, terms))
    choice = Choice.of(nests.attraction(at_price(pull, np.log(price), sigma)))
    index = choice.total ** (1.0 / (1.0 - sigma))
    all_own = world.channels.vendor[here] == world.channels.vendor[row]
    revenue: FloatArray = (choice.shares[all_own].sum(axis=0) * path * index ** (1.0 - base.eta)).sum(axis=0)
    return revenue


def _offers(world: World, here: IntArray) -> tuple[FloatArray, FloatArray]:
    """Access to customers at the base date, and quality, of some channels of one market, [channel, segment, draw]."""
    v, m = world.channels.vendor[here], world.channels.market[here]
    access = world.of_channels(world.access, here)[:, : len(world.axes.segments)]
    return access, world.owned_quality[v, m] - world.penalty[here][:, None]


def _nests(world: World, here: IntArray) -> Nests:
    """Vendors that some channels of one market belong to, beside the segments of customers at the base date."""
    base = world.base
    sigma = base.sigma[: len(world.axes.segments)]
    return Nests.of(world.channels.vendor[here], base.carries[here], base.mu, sigma)


def higher_tariffs_never_raise_imports(patient: Patient) -> Finding:
    """Run the scenario without talks, and again with each list taxed at ten points more from the first day on."""
    text = "Ten points more tariff never raise the imports of any list, and lower them in the end"
    claim = Claim("tariff", text, 0.0, "log points")
    scenario = with_presence_fixed(patient.centre)
    lists = scenario.goods.lists
    if not lists:
        return claim.not_applicable("the scenario trades no goods")
    dearer = with_policies(scenario, dict(_layers(patient)))
    before, after = patient.fixed.months, visited(dearer, range(1), patient.seed).months
    rises = np.maximum(after["log_response"] - before["log_response"], 0.0)
    taxed = after["tariff_layer"][-1] > before["tariff_layer"][-1]
    elastic = patient.fixed.world.base.import_elasticity * patient.fixed.world.value(scenario.goods.pass_through) > 0.0
    stuck = 1.0 * (taxed & elastic & (after["log_response"][-1] >= before["log_response"][-1]))
    dates = [scenario.calendar.date_of(month).isoformat() for month in range(scenario.months)]
    return claim.judged([largest(rises, "imports", dates, list(lists)), largest(stuck, "no response of", list(lists))])


def _layers(patient: Patient) -> Iterator[tuple[str, AnyPolicy]]:
    for name, held in patient.scenario.goods.lists.items():
        layer = {"kind": "tariff", "by": held.importer, "lists": (name,), "rate": STEPS[2], "source": "the doctor's"}
        key = f"doctor_{name}"
        yield key, named(Tariff.model_validate(layer), f"policies.{key}")


def closer_substitutes_lower_markups(patient: Patient) -> Finding:
    """Raise substitution and the elasticity of the market, at given shares, and look at prices and at trade."""
    text = "Higher elasticities never raise a markup at given shares, nor trade under a given tariff"
    claim = Claim("elasticities", text, ROUNDING)
    world, base, channels = patient.start, patient.start.base, patient.start.channels
    shares, revenue = base.attraction, base.attraction * base.start_spending[channels.market]
    substitution = base.sigma[: len(world.axes.segments)]

    def price(more: float, eta: float) -> FloatArray:
        sigma = substitution * (1.0 + more)
        elasticity = price_elasticity_atkeson_burstein_2008(shares, revenue, sigma, base.eta * (1.0 + eta))
        return best_response_price(base.cost, elasticity, base.fee)

    sells = channels.at_start[:, None] & (base.sales[channels.vendor, channels.market] > 0.0)
    room = float((substitution / base.eta).min()) - 1.0
    closer = np.stack([price(step, 0.0) for step in STEPS])
    larger = np.stack([price(0.0, min(step, room)) for step in STEPS])
    gaps = [largest(np.where(sells, _rises(closer), 0.0), "price at closer substitutes", STEPS[1:])]
    gaps.append(largest(np.where(sells, _rises(larger), 0.0), "price at a larger elasticity of the market", STEPS[1:]))
    if patient.scenario.goods.lists:
        passed = world.value(patient.scenario.goods.pass_through)
        rate = np.full_like(base.base_tariff, STEPS[2])
        trade = np.stack([long_run_log_response(rate, passed, base.import_elasticity * (1 + more)) for more in STEPS])
        gaps.append(largest(np.maximum(np.diff(trade, axis=0), 0.0), "trade at a larger elasticity", STEPS[1:]))
    return claim.judged(gaps)


def dearer_vendors_lose_customers(patient: Patient) -> Finding:
    """Raise the price of one channel at a time at the base date."""
    text = "A higher price in one channel lowers its share, and its vendor's, in every segment that it serves"
    claim = Claim("own price", text, ROUNDING, "share")
    world, gaps = patient.start, []
    sigma = world.base.sigma[: len(world.axes.segments)]
    for here in world.sellers:
        pull, nests = appeal(*_offers(world, here)), _nests(world, here)
        for place, row in enumerate(here):
            own = world.channels.vendor[here] == world.channels.vendor[row]
            shares = []
            for step in STEPS:
                log_price = np.zeros_like(pull[:, 0])
                log_price[place] = np.log1p(step)
                found = Choice.of(nests.attraction(at_price(pull, log_price, sigma))).shares
                shares.append([found[place], found[own].sum(axis=0)])
            asked = np.array(shares)
            served = (asked[0] > ROUNDING) & (asked[0] < 1.0 - ROUNDING)
            wrong = np.maximum(np.diff(asked, axis=0), 0.0) + served * (asked[0] <= asked[-1])
            gaps.append(largest(wrong, world.axes.channels[row], STEPS[1:]))
    return claim.judged(gaps)


def stricter_rules_never_help_who_they_bind(patient: Patient) -> Finding:
    """Make residency stricter and hardware dearer, and look at access and unit cost of foreign vendors."""
    text = "Stricter residency never widens a foreign vendor's access nor lowers its cost; nor do hardware tariffs"
    claim = Claim("rules", text, ROUNDING)
    world, costs, value = patient.start, patient.scenario.costs, patient.start.value
    rules = world.base.levers
    spending = world.base.start_spending
    mean = (rules.residency * spending).sum(axis=1) / spending.sum(axis=1)
    strict = [mean + (1.0 - mean) * step for step in STEPS]
    cost = np.stack([residency_cost_factor(value(costs.residency_cost), level, mean) for level in strict])
    tariff = rules.hardware_tariff
    hardware = np.stack([hardware_cost_factor(value(costs.hardware_share), tariff + step, tariff) for step in STEPS])
    access = np.stack([_access_from_abroad(world, step) for step in STEPS])
    markets = world.axes.markets
    return claim.judged([
        largest(np.maximum(-np.diff(cost, axis=0), 0.0), "cost under residency", STEPS[1:], markets),
        largest(np.maximum(-np.diff(hardware, axis=0), 0.0), "cost under hardware tariffs", STEPS[1:], markets),
        largest(np.maximum(np.diff(access, axis=0), 0.0), "access under residency", STEPS[1:]),
    ])  # fmt: skip


def _access_from_abroad(world: World, stricter: float) -> FloatArray:
    """Access of every vendor, were all of them to serve every market from abroad, [market, vendor, group, draw]."""
    rules, base = world.base.levers.copy(), world.base
    rules.residency[:] += (1.0 - rules.residency) * stricter
    found = []
    for m, within in enumerate(base.within):
        abroad = [
            Channel(v, m, Presence.CROSS_BORDER, NOBODY, NOBODY, at_home=False, reviewed=False, at_start=False)
            for v in range(len(world.axes.vendors))
        ]
        found.append(access_shares(abroad, base.home, rules, within))
    return np.stack(found)
