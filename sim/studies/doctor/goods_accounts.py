"""Checks of the goods trade: duties, areas beside demand curves, and parts of real income, each worked out anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray
from sim.studies.doctor.conservation import ROUNDING, months_of, of_month, quarters_of
from sim.studies.doctor.finding import Claim, Finding, largest, relative
from sim.studies.doctor.patient import Patient, Visit
from sim.studies.doctor.rerouted_goods import on_detours, who_keeps
from sim.values import Number


def one_countrys_exports_are_anothers_imports(patient: Patient) -> Finding:
    """Add up exports and imports of all countries."""
    claim = Claim("trade", "What the countries export to each other they import from each other", ROUNDING)
    countries = patient.visit.paths.countries
    exports, imports = countries["exports_bn"].sum(axis=1), countries["imports_bn"].sum(axis=1)
    if not imports.any():
        return claim.not_applicable("the scenario trades no goods")
    return claim.judged([largest(relative(exports, imports), "exports of all countries", quarters_of(patient))])


def tariff_revenue_is_rate_times_imports(patient: Patient) -> Finding:
    """Work out each country's duties from what it is reported to import, list by list.

    Where exporters absorb a part of the tariff, customs values fall by it, and the duty is the difference between the
    prices of buyers and exporters.
    """
    claim = Claim("duties", "Tariff revenue is the rate times imports, and imports are those of the lists", ROUNDING)
    visit, goods = patient.visit, patient.scenario.goods
    if not goods.lists:
        return claim.not_applicable("the scenario trades no goods")
    added, rows = added_by_the_world(visit), visit.world.axes.trade_rows
    _, rate = traded(visit)
    passed, under, detours = visit.world.value(goods.pass_through), under_limits(visit), on_detours(visit)
    quantity = wanted_now(visit) * under.part
    value = quantity * (1.0 + passed * rate - rate) + under.fee + np.where(under.of_sellers, under.rent, 0.0)
    duties = quantity * (rate - (detours.kept + detours.wasted).sum(axis=1))
    gaps = []
    for c, country in enumerate(patient.scenario.countries):
        own = goods.rows(importer=country)
        bought = visit.months["purchases"][:, :, c].sum(axis=1)
        others = goods.rows(importer=country, exporters=patient.scenario.countries)
        duty, imports = duties[:, own].sum(axis=1), value[:, others].sum(axis=1) + bought
        if rows.size:
            duty = duty + added[:, rows.revenue][:, c] * _grown(visit)
        months = of_month(visit.months["tariff_revenue_flow"][:, c]) * MONTHS_PER_YEAR
        gaps.append(largest(relative(months, duty), f"revenue of {country}", months_of(patient)))
        months = of_month(visit.months["imports_flow"][:, c]) * MONTHS_PER_YEAR
        gaps.append(largest(relative(months, imports), f"imports of {country}", months_of(patient)))
    return claim.judged(gaps)


def limits_bring_the_gap_of_prices(patient: Patient) -> Finding:
    """Work out each country's rents and fees from the prices at which buyers want no more than there is."""
    text = "Rents and fees of limits on goods are the gap between buyers' and sellers' prices, times what is traded"
    claim = Claim("rents", text, QUADRATURE)
    visit, goods = patient.visit, patient.scenario.goods
    under = under_limits(visit)
    if (under.part == 1.0).all():
        return claim.not_applicable("nothing limits the trade in goods")
    gaps, most = [], float((under.rent + under.fee).max())
    for c, country in enumerate(patient.scenario.countries):
        bought, sold = goods.rows(importer=country), goods.rows(exporters=(country,))
        own = np.where(under.of_sellers, 0.0, under.rent)[:, bought].sum(axis=1)
        own += np.where(under.of_sellers, under.rent, 0.0)[:, sold].sum(axis=1)
        for name, expected in (("licence_rent", own), ("export_fees", under.fee[:, sold].sum(axis=1))):
            months = of_month(visit.months[f"{name}_flow"][:, c]) * MONTHS_PER_YEAR
            apart, what = relative(months, expected, most), f"{name.replace('_', ' ')} of {country}"
            gaps.append(largest(apart, what, months_of(patient)))
    return claim.judged(gaps)


def what_goods_avoid_is_the_gap_of_tariffs(patient: Patient) -> Finding:
    """Work out duties avoided and what traders keep of them; declared imports are as many as true ones."""
    text = "Duties avoided by re-routing are the gap of tariffs times what is re-routed, and traders keep their part"
    claim = Claim("re-routing", text, QUADRATURE)
    visit, goods, countries = patient.visit, patient.scenario.goods, list(patient.scenario.countries)
    detours, quantity = on_detours(visit), wanted_now(visit) * under_limits(visit).part
    moved, avoided, kept = (part * quantity[:, None] for part in (detours.moved, detours.avoided, detours.kept))
    if not moved.any():
        return claim.not_applicable("no goods avoid tariffs by way of other countries")
    gaps = []
    for c, country in enumerate(countries):
        bought = goods.rows(importer=country)
        gained = (kept[:, r, row] for r, row, keeper in who_keeps(visit) if keeper == country)
        for name, expected in (
            ("rerouted", moved[:, :, bought].sum(axis=(1, 2))),
            ("avoided_duty", avoided[:, :, bought].sum(axis=(1, 2))),
            ("rerouting_gain", sum(gained, np.zeros_like(kept[:, 0, 0]))),
        ):
            months = of_month(visit.months[f"{name}_flow"][:, c]) * MONTHS_PER_YEAR
            apart, what = relative(months, expected, avoided.max()), f"{name.replace('_', ' ')} of {country}"
            gaps.append(largest(apart, what, months_of(patient)))
    true, declared = (visit.months[f"{name}_flow"].sum(axis=1) for name in ("trade", "declared"))
    gaps.append(largest(relative(declared, true), "declared imports", months_of(patient), countries))
    return claim.judged(gaps)


class UnderLimits(NamedTuple):
    """Trade under limits of quantity and fees, each [month, list, draw], bn a year.

    Attributes
    ----------
    part
        What is bought, as a part of what would be without them.
    loss
        What they cost buyers: the area beside the demand curve.
    rent, fee
        What those earn who may trade, and the exporter's treasury.
    of_sellers
        Whether the rent is the exporter's.
    """

    part: FloatArray
    loss: FloatArray
    rent: FloatArray
    fee: FloatArray
    of_sellers: BoolArray


def under_limits(visit: Visit) -> UnderLimits:
    """Look for the price at which buyers want what may be traded, and sellers have theirs after the fee."""
    base, passed = visit.world.base, visit.world.value(visit.world.scenario.goods.pass_through)
    (_, rate), wanted = traded(visit), wanted_now(visit)
    limit, share = (
        np.minimum(visit.months["limit_of_buyers"], visit.months["limit_of_sellers"]),
        visit.months["export_fee"],
    )
    if np.isinf(limit).all() and not share.any():
        nothing = np.zeros_like(wanted)
        return UnderLimits(nothing + 1.0, nothing, nothing, nothing, _of_sellers(visit))
    usual = base.free_trade * (1.0 + passed * base.base_tariff) ** -base.import_elasticity * _grown(visit)[:, None]
    allowed = limit * usual
    price, received = 1.0 + passed * rate, np.maximum(1.0 - (1.0 - passed) * rate, 0.0)
    elasticity = base.import_elasticity
    low, high = np.zeros_like(price), np.log(np.full_like(price, HIGHEST_PRICE))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        gap = price * np.expm1(middle)
        dear = (wanted * np.exp(-elasticity * middle) <= allowed) & ((1.0 - share) * (received + gap) >= received)
        low, high = np.where(dear, low, middle), np.where(dear, middle, high)
    gap = price * np.expm1(high) * ((wanted > allowed) | (share > 0.0))
    left = wanted * (1.0 + gap / price) ** -elasticity
    fee = share * (received + gap) * left
    loss = wanted * price * _area(np.log(left / wanted), gap / price, elasticity)
    return UnderLimits(left / wanted, loss, gap * left - fee, fee, _of_sellers(visit))


def _of_sellers(visit: Visit) -> BoolArray:
    sellers: BoolArray = visit.months["limit_of_sellers"] < visit.months["limit_of_buyers"]
    return sellers


HIGHEST_PRICE, HALVINGS = 1e4, 60
"""Times by which limits make goods dearer at most, and steps of the search for the price."""


def traded(visit: Visit) -> tuple[FloatArray, FloatArray]:
    """Quantity of lists that stand alone, bn a year, and tariff that is in their price, each [month, list, draw]."""
    base, response = visit.world.base, response_in_mid_month(visit)
    return base.free_trade * _grown(visit)[:, None] * np.exp(response), on_detours(visit).priced


def wanted_now(visit: Visit) -> FloatArray:
    """Quantity of lists that buyers want without limits, [month, list, draw]: as the world is around, and on time."""
    quantity, rows = traded(visit)[0], visit.world.axes.trade_rows
    more = np.exp(added_by_the_world(visit)[:, rows.lists]) if rows.size else 1.0
    wanted: FloatArray = quantity * more * visit.months["bought_now"]
    return wanted


def _grown(visit: Visit) -> FloatArray:
    """Growth of trade from the base date to the middle of each month, [month, draw]."""
    years = (np.arange(len(visit.months["log_response"]))[:, None] + 0.5) / MONTHS_PER_YEAR
    grown: FloatArray = np.exp(visit.world.value(visit.world.scenario.goods.growth) * years)
    return grown


def response_in_mid_month(visit: Visit) -> FloatArray:
    """Log response of trade half-way through each month, [month, list, draw], from those at its ends."""
    world, goods = visit.world, visit.world.scenario.goods
    untaxed = -world.base.import_elasticity * np.log1p(world.value(goods.pass_through) * world.base.base_tariff)
    return _in_mid_month(visit, "log_response", untaxed, goods.adjustment)


def added_by_the_world(visit: Visit) -> FloatArray:
    """What the general form adds to lists that stand alone, half-way through each month, [month, row, draw]."""
    held, nothing = visit.world.scenario.goods.world, np.zeros(visit.world.axes.shape("row"))
    if held is None or not len(nothing):
        return np.zeros((len(visit.months["log_response"]), *nothing.shape))
    slow = _in_mid_month(visit, "slow_response", nothing, held.elasticity_speed)
    return slow + _in_mid_month(visit, "wage_response", nothing, held.wage_speed)


def _in_mid_month(visit: Visit, name: str, start: FloatArray, speed: Number) -> FloatArray:
    at_ends = visit.months[name]
    before = np.concatenate([start[None], at_ends[:-1]])
    left = np.exp(-visit.world.value(speed) / MONTHS_PER_YEAR)
    middle: FloatArray = before + (at_ends - before) / (1.0 + np.sqrt(left))
    return middle


def parts_of_real_income_add_up(patient: Patient) -> Finding:
    """Take a country's revenue, its buyers' loss and its terms of trade together, against those at the base rates."""
    text = "Revenue, buyers' loss, terms of trade, rents, fees and traders' gains are the real income of the region"
    claim = Claim("real income", text, QUADRATURE)
    visit, goods = patient.visit, patient.scenario.goods
    regions = visit.world.axes.regions
    if not regions:
        return claim.not_applicable("every list of goods stands alone")
    base, passed = visit.world.base, visit.world.value(goods.pass_through)
    untaxed = -base.import_elasticity * np.log1p(passed * base.base_tariff)
    duty = base.free_trade * np.exp(untaxed) * base.base_tariff
    area = base.free_trade * _area(untaxed, passed * base.base_tariff, base.import_elasticity)
    gaps = []
    for c, country in enumerate(patient.scenario.countries):
        if country not in regions:
            continue
        bought = goods.rows(importer=country)
        sold = goods.rows(exporters=(country,))
        usual = (duty - area)[bought].sum(axis=0) - ((1.0 - passed) * duty)[sold].sum(axis=0)
        signs = {
            "tariff_revenue": 1.0,
            "consumer_loss": -1.0,
            "terms_of_trade": 1.0,
            "licence_rent": 1.0,
            "export_fees": 1.0,
            "rerouting_gain": 1.0,
        }
        found = sum(
            sign * of_month(visit.months[f"{name}_flow"][:, c]) for name, sign in signs.items()
        ) * MONTHS_PER_YEAR - usual * _grown(visit)
        told = of_month(visit.months["real_income_flow"][:, regions.index(country)]) * MONTHS_PER_YEAR
        size = of_month(visit.months["consumer_loss_flow"][:, c]) * MONTHS_PER_YEAR
        gaps.append(largest(np.abs(found - told) / size, f"real income of {country}", months_of(patient)))
    return claim.judged(gaps)


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
    rows, added, slow = visit.world.axes.trade_rows, added_by_the_world(visit), _slow_income(visit)
    under, gaps = under_limits(visit), []
    gone = wanted_now(visit) * (1.0 - under.part)
    beyond = under.loss + passed * rate * gone - under.rent - under.fee
    beyond = beyond + on_detours(visit).wasted.sum(axis=1) * (wanted_now(visit) - gone)
    for c, country in enumerate(patient.scenario.countries):
        own = goods.rows(importer=country)
        wanted = np.exp(added[:, rows.lists]) if rows.size else 1.0
        duties = (rate * quantity * (wanted * visit.months["bought_now"] - 1.0))[:, own].sum(axis=1)
        lost, wasted = (loss + under.loss)[:, own].sum(axis=1) + duties, (dead + beyond)[:, own].sum(axis=1)
        if country in visit.world.axes.regions:
            gained = slow[:, visit.world.axes.regions.index(country)] * _grown(visit)
            lost, wasted = lost + added[:, rows.revenue][:, c] * _grown(visit) - gained, wasted - gained
        for name, values in (("consumer_loss_flow", lost), ("deadweight_loss_flow", wasted)):
            months = of_month(visit.months[name][:, c]) * MONTHS_PER_YEAR
            apart, size = np.abs(months - values), loss[:, own].sum(axis=1)
            gap = np.divide(apart, size, out=apart.copy(), where=size > 0.0)
            gaps.append(
                largest(gap, f"{name.removesuffix('_flow').replace('_', ' ')} of {country}", months_of(patient))
            )
    return claim.judged(gaps)


def _slow_income(visit: Visit) -> FloatArray:
    """Real income that the long-run elasticity adds with wages of before, [month, region, draw], in mid-month."""
    held, rows = visit.world.scenario.goods.world, visit.world.axes.trade_rows
    if held is None or not rows.size:
        return np.zeros((len(visit.months["log_response"]), 0, visit.world.draws.count))
    nothing = np.zeros(visit.world.axes.shape("row"))
    return _in_mid_month(visit, "slow_response", nothing, held.elasticity_speed)[:, rows.income]


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
