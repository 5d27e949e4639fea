"""Time: steps of half a month, and what happens month by month beside the solution in continuous time."""

from __future__ import annotations

import numpy as np

from sim.ledger import ACCOUNTS
from sim.model.equations.capacity import expected_sales
from sim.model.equations.demand import renewed_contract, up_for_choice
from sim.model.equations.trend import continued_log_growth, growth_shocks
from sim.model.equations.welfare import surplus_of_spending
from sim.model.recorder import Paths
from sim.model.start.trends import turns_of
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray
from sim.scenario.schema import Presence
from sim.studies.doctor.finding import Claim, Finding, Gap, largest, relative
from sim.studies.doctor.patient import Patient, Visit, by_pair, visited
from sim.studies.doctor.rerouted_goods import tariff_in_the_price
from sim.studies.doctor.variants import on_half_steps, with_presence_fixed, with_values
from sim.values import MOST

ROUNDING = 1e-9
"""Two ways to the same figure agree to this."""
ONE_PERCENT = 0.01
"""Difference that half the step may make."""
AMPLE = 100.0
"""Headroom with which capacity never binds."""
SMALL_BESIDE = 0.05
"""Figures below this part of the largest of their kind are compared with that part."""
MAIN = {
    "vendors": ("revenue_bn", "profit_bn"),
    "markets": ("total_bn", "customer_surplus_bn"),
    "countries": tuple(account.column for account in ACCOUNTS if account.name != "customer_surplus"),
}
"""Figures that are compared, as totals over the whole run; customers' surplus by market, beside what they spend."""


def half_the_step_changes_little(patient: Patient) -> Finding:
    """Run the scenario on a clock of half months and compare the totals of the main figures.

    All rates, lags and dates are rescaled. Constants only, presence fixed and no talks: reviews and rounds are calendar
    events. Capacity is made ample and nobody puts growth first, as the growth that vendors look at is that of their
    last twelve steps, whatever their length.
    """
    text = "Totals differ by less than 1 % on a clock of half months (constants, presence fixed, ample capacity)"
    claim = Claim("step size", text, ONE_PERCENT)
    plain = with_values(with_presence_fixed(patient.centre), {"capacity.headroom": AMPLE, "pricing.growth_first": None})
    if 2 * plain.months > MOST:
        return claim.not_applicable(f"the run is longer than {MOST // 2} months")
    whole, half = (visited(scenario, range(1), patient.seed).paths for scenario in (plain, on_half_steps(plain)))
    gaps = []
    for family, names in MAIN.items():
        for name in names:
            coarse, fine = _total(whole, family, name), 0.5 * _total(half, family, name)
            scale = np.maximum(np.abs(coarse), SMALL_BESIDE * _size(whole, family, name))
            apart = np.divide(np.abs(fine - coarse), scale, out=np.zeros_like(scale), where=scale > 0.0)
            gaps.append(largest(apart, f"{name.removesuffix('_bn').replace('_', ' ')}", *_names(whole, family)))
    return claim.judged(gaps)


def _total(paths: Paths, family: str, name: str) -> FloatArray:
    total: FloatArray = getattr(paths, family)[name].sum(axis=0)
    return total


def _size(paths: Paths, family: str, name: str) -> float:
    """Size beside which a figure is small: the largest of its kind, for customers' surplus their spending."""
    return float(np.abs(_total(paths, family, "total_bn" if name == "customer_surplus_bn" else name)).max(initial=0.0))


def _names(paths: Paths, family: str) -> list[tuple[str, ...]]:
    axes = paths.axes
    return {"vendors": [axes.vendors, axes.markets], "markets": [axes.markets], "countries": [axes.countries]}[family]


def catch_up_follows_its_curve(patient: Patient) -> Finding:
    """Set the quality gained in each month beside what gaps have given and what went back to shares, luck apart.

    A gap gives gap * (1 - exp(-t / tau)), t years after it opened; what all vendors of a market gain counts not.
    """
    text = "Catch-up closes 63 % of a gap in tau years, and win rates go back to shares at their rate (log points)"
    claim = Claim("catch-up", text, ROUNDING, "log points")
    world, months = patient.fixed.world, patient.scenario.months
    base, axes, turns = world.base, world.axes, turns_of(world.scenario, world.axes)
    if not base.gap.any() and not turns:
        return claim.not_applicable("no vendor catches up")
    years = np.arange(months)[:, None, None, None] / MONTHS_PER_YEAR
    found = base.gap * (1.0 - np.exp(-years / base.tau))
    for opens, opened in turns.items():
        for v, m, gap in opened:
            since = np.maximum(years[:, 0, 0] - opens / MONTHS_PER_YEAR, 0.0)
            found[:, v, m] += world.value(gap) * (1.0 - np.exp(-since / base.tau[v, m]))
    sells = (base.sales > 0.0)[None]
    gaps = [
        Gap(float(np.abs((base.sales * np.exp(base.gained)).sum(axis=1) / base.sales.sum(axis=0) - 1.0).max()), "all")
    ]
    apart = np.where(sells, base.gained - found + _gone_back(world, found), 0.0)
    apart = np.where(sells, apart - apart.sum(axis=1, keepdims=True) / sells.sum(axis=1, keepdims=True), 0.0)
    gaps.append(largest(np.abs(apart), "quality gained on others", _months(patient), axes.vendors, axes.markets))
    return claim.judged(gaps)


def _gone_back(world: World, came: FloatArray) -> FloatArray:
    """Quality that reversion of win rates to shares has taken so far, [month, vendor, market, draw].

    Parameters
    ----------
    came
        The same of what gaps have given so far.
    """
    base, rate = world.base, world.scenario.demand.reversion
    gone = np.zeros_like(base.gained)
    if rate is None:
        return gone
    sold = base.sales / base.sales.sum(axis=0)
    won, spending = sold * np.exp(base.gained), base.spending_path.sum(axis=2)
    stays = (1.0 - world.value(world.scenario.demand.contract_churn)) ** (1.0 / MONTHS_PER_YEAR)
    carried = np.minimum(stays**0.5 * base.start_size, spending[0])
    held = (carried * sold + (spending[0] - carried) * won[0]) / spending[0]
    for month in range(1, len(gone)):
        distance = np.log(np.where(sold > 0.0, won[month - 1], 1.0) / np.where(sold > 0.0, held, 1.0))
        distance += 0.5 * (came[month] - came[month - 1])
        gone[month] = gone[month - 1] + distance * (1.0 - np.exp(-world.value(rate) / MONTHS_PER_YEAR))
        carried = np.minimum(stays * spending[month - 1], spending[month])
        held = (carried * held + (spending[month] - carried) * won[month]) / spending[month]
    return gone


def contracts_run_off_at_their_rate(patient: Patient) -> Finding:
    """Renew contracts for some years in a market whose customers choose all alike, from very unequal sales.

    The distance from the shares of free spending falls by the yearly churn, whatever the number of months.
    """
    claim = Claim("contracts", "A year leaves the part of contracts that the yearly churn leaves", ROUNDING)
    world, eta = patient.start, patient.start.base.eta
    yearly = world.value(patient.scenario.demand.contract_churn)
    alike = np.ones((2, 1, len(eta)))
    revenue = np.stack([np.full((1, len(eta)), 0.9), np.full((1, len(eta)), 0.1)])
    gaps, budget = [], np.ones((1, len(eta)))
    for month in range(1, MONTHS_PER_YEAR * YEARS + 1):
        moves = up_for_choice(revenue.sum(axis=0), budget, world.base.churn_month)
        revenue = renewed_contract(revenue, moves.keeps, alike, 0.5 * moves.free)
        left = 0.5 + 0.4 * (1.0 - yearly) ** (month / MONTHS_PER_YEAR)
        gaps.append(largest(np.abs(revenue[0, 0] - left), f"share after {month} months"))
    return claim.judged(gaps)


YEARS = 5
"""Years for which contracts and expectations are followed."""


def free_spending_is_growth_and_churn(patient: Patient) -> Finding:
    """Work out what is up for choice from what customers mean to spend and what was served a month before.

    Months in which rules or presence change count only afterwards: contracts with customers who may no longer be served
    end then.
    """
    text = "What is up for choice each month is what the budget has beyond contracts that stay"
    claim = Claim("free spending", text, ROUNDING)
    visit = patient.visit
    months, before = visit.months, _before(visit, _served(visit))
    stays = (1.0 - visit.world.value(patient.scenario.demand.contract_churn)) ** (1.0 / MONTHS_PER_YEAR)
    expected = np.maximum(months["budget"][1:] - stays * before, 0.0)
    apart = _beside(months["budget"], np.abs(months["free"][1:] - expected))
    return claim.judged([largest(apart * _undisturbed(visit)[1:], "free spending", _months(patient)[1:])])


def _served(visit: Visit) -> FloatArray:
    served: FloatArray = visit.months["budget"] - visit.months["unmet"]
    return served


def _beside(budget: FloatArray, values: FloatArray) -> FloatArray:
    """Values as parts of the most that their group means to spend in a month; as they are in a group of nobody."""
    most = np.broadcast_to(budget[1:].max(axis=0), values.shape)
    return np.divide(values, most, out=values.copy(), where=most > 0.0)


def _undisturbed(visit: Visit) -> FloatArray:
    """Where nobody's access to customers has changed since the month before, [month, market, group, draw]."""
    access = by_pair(visit.world, visit.months["access"])
    same = np.ones((len(access), *access.shape[2:]))
    same[1:] = (access[1:] == access[:-1]).all(axis=1)
    return same


def _same_channels(visit: Visit) -> FloatArray:
    """Where no channel has opened or closed since the month before, [month, market, 1, draw]."""
    active = visit.months["active"]
    same = np.ones((len(active), len(visit.world.axes.markets), 1, active.shape[-1]))
    for m, rows in enumerate(visit.world.channels.in_market):
        same[1:, m, 0] = (active[1:, rows] == active[:-1, rows]).all(axis=1)
    return same


def _before(visit: Visit, values: FloatArray) -> FloatArray:
    """What every group of customers had in the month before, [month, market, group, draw], from the second month on.

    Where a zone has opened since, customers of a segment had all of it together, and each group its part.
    """
    world, divided = visit.world, visit.months["divided"]
    together = world.over_groups(values[:-1, :, : len(world.axes.segments)]) * world.base.width
    return np.where((divided[1:] > divided[:-1])[:, :, None], together, values[:-1])


def surplus_follows_contracts(patient: Patient) -> Finding:
    """Carry customers' surplus from month to month, each contract at the worth of its day and what got cheaper since.

    Months in which rules, presence or channels change count only afterwards: contracts then go from one channel to
    another, each with a price of its own.
    """
    text = "Surplus of contracts that stay follows their prices; what is newly chosen is worth today's price index"
    claim = Claim("surplus over time", text, ROUNDING)
    visit, months, served = patient.visit, patient.visit.months, _served(patient.visit)
    stays = (1.0 - visit.world.value(patient.scenario.demand.contract_churn)) ** (1.0 / MONTHS_PER_YEAR)
    before = _before(visit, served)
    carried = np.minimum(np.minimum(months["budget"][1:], stays * before), served[1:])
    part = np.divide(carried, before, out=np.zeros_like(carried), where=before > 0.0)
    worth = surplus_of_spending(months["log_index"][1:], visit.world.base.eta)
    eased = np.zeros_like(months["surplus"])
    cheaper = np.log(months["price"][:-1] / months["price"][1:])[:, :, None]
    for m, rows in enumerate(visit.world.channels.in_market):
        eased[:-1, m] = (months["revenue"][:-1, rows] * cheaper[:, rows]).sum(axis=1)
    expected = part * _before(visit, months["surplus"] + eased) + (served[1:] - carried) * worth
    apart = _beside(months["budget"], np.abs(months["surplus"][1:] - expected))
    apart *= (_undisturbed(visit) * _same_channels(visit))[1:]
    return claim.judged([largest(apart, "surplus", _months(patient)[1:])])


def trade_moves_at_its_speed(patient: Patient) -> Finding:
    """Set trade in each month beside the solution of dX/dt = kappa * (long run - X), in logs, while tariffs stay."""
    text = "Trade in goods moves to (1 + psi tau) ** -e of free trade, a share 1 - exp(-kappa) a year"
    claim = Claim("trade over time", text, ROUNDING, "log points")
    visit, goods = patient.visit, patient.scenario.goods
    if not goods.lists:
        return claim.not_applicable("the scenario trades no goods")
    world, response = visit.world, visit.months["log_response"]
    long_run = np.log(
        (1.0 + world.value(goods.pass_through) * tariff_in_the_price(visit)) ** -world.base.import_elasticity
    )
    before = np.concatenate([_untaxed(visit)[None], response[:-1]])
    left = np.exp(-world.value(goods.adjustment)) ** (1.0 / MONTHS_PER_YEAR)
    apart = np.abs(response - (long_run + (before - long_run) * left))
    return claim.judged([largest(apart, "trade", _months(patient), list(goods.lists))])


def _untaxed(visit: Visit) -> FloatArray:
    """Log response of trade to the tariffs before the trade war, [list, draw]."""
    world = visit.world
    price = 1.0 + world.value(world.scenario.goods.pass_through) * world.base.base_tariff
    response: FloatArray = np.log(price**-world.base.import_elasticity)
    return response


def orders_fill_what_will_be_missing(patient: Patient) -> Finding:
    """Look at what is on order just before and just after vendors order.

    With what it orders a vendor has the capacity that it expects to need, headroom added, after retirement; it orders
    nothing where it has that already. Channels in zones, which may have no room, are left out, and so are others
    of a vendor that it has beside one: there vendors reckon with customers whom a full zone turns away.
    """
    text = "Outside of zones capacity less retirement, and what is on order, is what vendors expect to need, or more"
    claim = Claim("orders", text, ROUNDING)
    visit, settings = patient.visit, patient.scenario.capacity
    seen, value, m = visit.before_orders, visit.world.value, visit.world.channels.market
    years = (settings.lead_months.central + settings.order_every_months) / MONTHS_PER_YEAR
    decline, churn = value(patient.scenario.costs.decline), value(patient.scenario.demand.contract_churn)
    gaps = []
    for month in range(0, patient.scenario.months, settings.order_every_months):
        left = (1.0 - churn) ** years
        won = np.maximum(np.exp(seen["growth"][month][m] * years) - left, 0.0)
        sales = seen["sales"][month] * left + seen["potential"][month] * won
        price = seen["price"][month] * np.exp(-decline * ((month + 0.5) / MONTHS_PER_YEAR + years))
        need = sales / price * (1.0 + value(settings.headroom))
        have = seen["capacity"][month] * (1.0 - value(settings.retirement)) ** years
        expected = np.maximum(need - have, seen["on_order"][month])
        apart = relative(visit.after_orders["on_order"][month], expected)
        in_zones = seen["active"][month] * visit.world.channels.of_kind(Presence.ZONE)[:, None]
        beside = visit.world.channels.by_pair(in_zones)[visit.world.channels.vendor, m]
        outside = seen["active"][month] * (beside == 0.0)
        gaps.append(largest(apart * outside, f"on order in {_months(patient)[month]}", visit.world.axes.channels))
    return claim.judged(gaps)


def expectations_solve_their_equation(patient: Patient) -> Finding:
    """Integrate dR/dt = -lambda R + P * (dE/dt + lambda E) in small steps and compare with what vendors expect."""
    text = "Expected sales solve the equation of contracts in a growing market, in small steps"
    claim = Claim("expected sales", text, STEP_ERROR)
    world, gaps = patient.start, []
    rate = world.base.churn_rate
    for m, market in enumerate(patient.scenario.markets):
        growth = world.growth[m]
        sales, step = np.full_like(rate, 2.0), 1.0 / STEPS_PER_YEAR
        for k in range(STEPS_PER_YEAR * YEARS):
            middle = np.exp(growth * (k + 0.5) * step)
            gain = np.maximum(growth + rate, 0.0) * middle
            sales = (sales * (1.0 - 0.5 * rate * step) + gain * step) / (1.0 + 0.5 * rate * step)
        found = expected_sales(np.full_like(rate, 2.0), np.ones_like(rate), rate, growth, np.full_like(rate, YEARS))
        gaps.append(largest(relative(found, sales), f"in {market} after {YEARS} years"))
    return claim.judged(gaps)


STEPS_PER_YEAR = 200
"""Steps in which equations are integrated."""
STEP_ERROR = 1e-4
"""Error of that integration."""


def growth_fades_by_halves(patient: Patient) -> Finding:
    """Add up the growth of many short steps, its excess over the lasting rate halving in each half-life.

    Besides, what one year's surprise has added up to is a sum of powers of its persistence.
    """
    text = (
        "Growth after the last observation halves its distance from the lasting rate in each half-life, surprises fade"
    )
    claim = Claim("growth", text, STEP_ERROR, "log points")
    value, gaps = patient.start.value, []
    for market in patient.scenario.markets:
        after = patient.scenario.growth_of(market).after
        first, lasting, half = (value(number) for number in (after.first, after.lasting, after.half_life_years))
        middles = (np.arange(STEPS_PER_YEAR * YEARS)[:, None] + 0.5) / STEPS_PER_YEAR
        summed = (lasting + (first - lasting) * 0.5 ** (middles / half)).sum(axis=0) / STEPS_PER_YEAR
        found = continued_log_growth(np.array([[float(YEARS)]]), first, lasting, half)[0]
        gaps.append(Gap(float(np.abs(found - summed).max()), f"growth of {market} over {YEARS} years"))
    if (shocks := patient.scenario.demand.growth_shocks) is not None:
        persistence = value(shocks.persistence)
        surprise = np.vstack([np.ones_like(persistence), np.zeros((YEARS, len(persistence)))])
        summed = np.sum([persistence**year for year in range(YEARS)], axis=0)
        found = growth_shocks(np.array([float(YEARS)]), surprise, persistence)[0]
        gaps.append(Gap(float(np.abs(found - summed).max()), f"a surprise after {YEARS} years"))
    return claim.judged(gaps)


def _months(patient: Patient) -> list[str]:
    return [patient.scenario.calendar.date_of(month).isoformat() for month in range(patient.scenario.months)]
