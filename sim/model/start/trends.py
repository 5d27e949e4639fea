"""What vendors' qualities gain by themselves, and the price index with nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arithmetic.elementary import exp, expm1, log, power
from sim.model.equations.demand import log_price_index
from sim.model.equations.pricing import growth_discount
from sim.model.equations.trend import catch_up_share, catch_up_step, jumps, left_of_jumps, wandering
from sim.model.luck import Draws
from sim.model.presence_rules import leaked_to_vendors
from sim.model.start.base_calibration import Calibration, elasticities
from sim.model.start.parties import Parties
from sim.model.start.spending import Spending
from sim.policies.levers import Axes
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray, ordered_sum, years_at
from sim.scenario.schema import Scenario, Vendor
from sim.values import Number


@dataclass(frozen=True)
class QualityTrends:
    """How qualities move by themselves.

    Attributes
    ----------
    gap, tau
        [vendor, market, draw] catch-up in the end, log points, and its time constant, years.
    gained
        [month, vendor, market, draw] quality gained by trend and luck from the base date to the beginning of each
        month, log points.
    """

    gap: FloatArray
    tau: FloatArray
    gained: FloatArray


def quality_trends(
    scenario: Scenario, axes: Axes, draws: Draws, months: int, spent: Spending, sales: FloatArray
) -> QualityTrends:
    """Catch-up, luck and reversion of every vendor in every market (equations 3.8, 3.13 and 3.15).

    All of it is worked out before the run, in a market in which nothing else moves, so that what policies make a vendor
    gain is never taken back.

    Parameters
    ----------
    sales
        [vendor, market, draw] sales at the base date, bn a year.
    """
    gap, tau = np.zeros(axes.shape("vendor", "market")), np.ones(axes.shape("vendor", "market"))
    news, luck = np.zeros((months, *axes.shape("vendor", "market"))), _Luck(scenario, draws, months)
    for v, (name, vendor) in enumerate(scenario.vendors.items()):
        for m, market in enumerate(axes.markets):
            catch_up = scenario.catch_up_of(name, market)
            if catch_up is not None:
                gap[v, m], tau[v, m] = draws.number(catch_up.gap), draws.number(catch_up.tau_years)
            if market in vendor.sales or market in vendor.reviews:
                trend = f"{name}.{market}" if _has_own(vendor, market) else name
                news[1:, v, m] = luck.of(f"{name}.{market}", trend)[1:]
    caught, open_gap, closes, turns = np.zeros_like(gap), gap.copy(), catch_up_share(tau), turns_of(scenario, axes)
    for month in range(1, months):
        for v, m, number in turns.get(month - 1, ()):
            open_gap[v, m] += draws.number(number)
        before, caught = caught, catch_up_step(caught, open_gap, closes)
        news[month] += caught - before
    rate, churn = scenario.demand.reversion, draws.number(scenario.demand.contract_churn)
    back = np.zeros(draws.count) if rate is None else -expm1(-draws.number(rate) / MONTHS_PER_YEAR)
    spending = ordered_sum(spent.spending_path, axis=2)
    stays = np.tile(power(1.0 - churn, 1.0 / MONTHS_PER_YEAR), (months, 1, 1))
    stays[0] = np.sqrt(stays[0])
    keeps = np.minimum(stays * np.concatenate([spent.start_size[None], spending[:-1]]) / spending, 1.0)
    gained, sells = wandering(news, sales / ordered_sum(sales), back, keeps), np.any(sales > 0.0, axis=2)
    for v, m in zip(*np.nonzero(~sells & np.any(sells, axis=1)[:, None]), strict=True):
        elsewhere = np.flatnonzero(sells[v])
        gained[:, v, m] = ordered_sum(gained[:, v, elsewhere], axis=1) / len(elsewhere)
    return QualityTrends(gap, tau, gained)


def turns_of(scenario: Scenario, axes: Axes) -> dict[int, list[tuple[int, int, Number]]]:
    """Give vendor, market and size of the gaps that open in a month."""
    found: dict[int, list[tuple[int, int, Number]]] = {}
    for v, (name, vendor) in enumerate(scenario.vendors.items()):
        for m, market in enumerate(axes.markets):
            schedule = scenario.demand.turns_in.get(market, {}) if _has_own(vendor, market) else scenario.demand.turns
            for date, number in schedule[name].steps if name in schedule else ():
                month = max(scenario.calendar.month_of(date or scenario.start), 0)
                found.setdefault(month, []).append((v, m, number))
    return found


def _has_own(vendor: Vendor, market: str) -> bool:
    """Whether a vendor has a trend of its own in a market."""
    return market in vendor.sales and vendor.sales[market].catch_up is not None


class _Luck:
    """What luck brings to qualities: small shocks, and after what is known larger ones and jumps of the trend."""

    def __init__(self, scenario: Scenario, draws: Draws, months: int) -> None:
        self._draws, self._months, self._jumps = draws, months, scenario.demand.wandering
        self._sd = np.broadcast_to(draws.number(scenario.demand.quality_shock_sd), (months, draws.count)).copy()
        self._begins = months
        if self._jumps is not None:
            self._begins = min(max(scenario.calendar.month_of(self._jumps.after), 1), months)
            self._sd[self._begins :] = draws.number(self._jumps.sd)

    def of(self, name: str, trend: str) -> FloatArray:
        """Quality that a vendor gains by luck in a market in each month, [month, draw], log points.

        Parameters
        ----------
        name, trend
            Names of the streams of its shocks, and of its trend's jumps.
        """
        shocks = self._draws.standard_normal(f"shock.quality.{name}", self._months) * self._sd
        return shocks / np.sqrt(MONTHS_PER_YEAR) + self._drift(trend) / MONTHS_PER_YEAR

    def _drift(self, trend: str) -> FloatArray:
        """Yearly gain that jumps have brought and that is left of them (equation 3.15), [month, draw]."""
        if self._jumps is None:
            return np.zeros((self._months, self._draws.count))
        chance = -expm1(-self._draws.number(self._jumps.jumps_per_year) / MONTHS_PER_YEAR)
        uniforms = self._draws.uniform(f"shock.trend.{trend}", self._months)
        new = jumps(uniforms, chance, self._draws.number(self._jumps.jump_size))
        left = exp(-self._draws.number(self._jumps.fading) / MONTHS_PER_YEAR)
        return left_of_jumps(new, left, self._begins)


@dataclass(frozen=True)
class MarketTrend:
    """Where the market goes without agents.

    Attributes
    ----------
    trend_log_index
        [month, market, segment, draw] ln Pi on trend at the beginning of each month.
    trend_potential
        [month, vendor, market, draw] P * E on trend in the first months, bn a year.
    """

    trend_log_index: FloatArray
    trend_potential: FloatArray


def market_trend(
    scenario: Scenario,
    draws: Draws,
    who: Parties,
    spent: Spending,
    start: Calibration,
    qualities: QualityTrends,
    months_of_potential: int,
) -> MarketTrend:
    """Pass over the months with base presence and markups, growth-first prices rising (equation 3.9)."""
    sigma, _ = elasticities(scenario, draws)
    decline = draws.number(scenario.costs.decline)
    plain = spent.market_path[:, :, None] * spent.weights
    total = np.empty_like(plain)
    potential = np.empty((months_of_potential, *start.sales.shape))
    at_start = who.channels.by_pair(start.attraction)
    attraction, asking = np.empty_like(at_start), _AskingPrices(scenario, draws, who, spent, start, sigma)
    for month in range(len(plain)):
        learned = leaked_to_vendors(start.leak * (month / MONTHS_PER_YEAR), who.market_country, who.home)
        np.multiply(at_start, exp(qualities.gained[month] + learned[:, None])[:, :, None], out=attraction)
        for (v, m), cheaper in asking.at(month).items():
            attraction[v, m] *= cheaper
        total[month] = ordered_sum(attraction)
        if month < months_of_potential:
            potential[month] = ordered_sum(attraction * (plain[month] / total[month]), axis=2)
    years = np.arange(len(plain))[:, None, None, None] / MONTHS_PER_YEAR
    return MarketTrend(log_price_index(total, sigma) - decline * years, potential)


class _AskingPrices:
    """Prices of vendors that put growth first as the growth of their market fades (equation 4.22), markups constant."""

    def __init__(
        self,
        scenario: Scenario,
        draws: Draws,
        who: Parties,
        spent: Spending,
        start: Calibration,
        sigma: FloatArray,
    ) -> None:
        self._adjustment = draws.number(scenario.pricing.adjustment_share)
        self._weights = {
            (int(who.channels.vendor[row]), int(who.channels.market[row])): (start.growth_weight[row], forgone)
            for row, forgone in enumerate(start.forgone)
            if forgone.any()
        }
        self._log_price = {pair: np.zeros(draws.count) for pair in self._weights}
        self._before = {m: draws.number(scenario.growth_of(name).before) for m, name in enumerate(scenario.markets)}
        self._spent, self._sigma = spent, sigma
        self._factors: dict[tuple[int, int], FloatArray] = {}

    def at(self, month: int) -> dict[tuple[int, int], FloatArray]:
        """What prices do to attraction by vendor and market, [segment, draw]; months in their order."""
        if month % MONTHS_PER_QUARTER == 0:
            for (v, m), (weight, most) in self._weights.items():
                wanted = log(growth_discount(weight, most, self._growth(month, m)) / (1.0 - most))
                log_price = self._log_price[v, m]
                self._log_price[v, m] = log_price + self._adjustment * (wanted - log_price)
                self._factors[v, m] = exp((1.0 - self._sigma) * self._log_price[v, m])
        return self._factors

    def _growth(self, month: int, m: int) -> FloatArray:
        """Growth of a market over twelve months as vendors see it when they set prices, [draw], log share."""
        if month == 0:
            return self._before[m]
        path, year_ago = self._spent.market_path[:, m], month - 1 - MONTHS_PER_YEAR
        earlier = (
            path[year_ago] if year_ago >= 0 else self._spent.start_size[m] * exp(self._before[m] * years_at(year_ago))
        )
        return log(path[month - 1] / earlier)
