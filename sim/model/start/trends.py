"""What vendors' qualities gain by themselves, and the price index with nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arithmetic.elementary import exp, expm1, log, power
from sim.model.equations.demand import log_price_index
from sim.model.equations.pricing import growth_discount
from sim.model.equations.trend import (
    ABSENT,
    UNPRICED,
    CatchUp,
    Jumps,
    LuckOfQuality,
    attraction_on_trend,
    bring_news,
    catch_up_share,
    drift_of_jumps,
    wandering,
)
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
    news, luck = np.zeros((months, *gap.shape)), _Luck(scenario, draws, months)
    turns = [(month, *turn) for month, held in sorted(turns_of(scenario, axes).items()) for turn in held]
    for v, (name, vendor) in enumerate(scenario.vendors.items()):
        drifts: dict[str, FloatArray] = {}
        for m, market in enumerate(axes.markets):
            catch_up = scenario.catch_up_of(name, market)
            if catch_up is not None:
                gap[v, m], tau[v, m] = draws.number(catch_up.gap), draws.number(catch_up.tau_years)
            opens = [
                (month, draws.number(more)) for month, *pair, more in turns if pair == [v, m] and month < months - 1
            ]
            wider = np.array([more for _, more in opens]).reshape(-1, draws.count)
            path = CatchUp(gap[v, m], catch_up_share(tau[v, m]), np.array([month for month, _ in opens], int), wider)
            lucky = market in vendor.sales or market in vendor.reviews
            trend = f"{name}.{market}" if _has_own(vendor, market) else name
            if lucky and trend not in drifts:
                drifts[trend] = luck.drift(trend)
            bring_news(luck.of(f"{name}.{market}", drifts[trend]) if lucky else luck.none, path, news, v, m)
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
        self._draws, self._months, settings = draws, months, scenario.demand.wandering
        self._no_months, self._jumps = np.zeros((0, draws.count)), None
        early = late = draws.number(scenario.demand.quality_shock_sd)
        begins = months
        if settings is not None:
            late, begins = draws.number(settings.sd), min(max(scenario.calendar.month_of(settings.after), 1), months)
            self._jumps = Jumps(
                begins,
                chance=-expm1(-draws.number(settings.jumps_per_year) / MONTHS_PER_YEAR),
                size=draws.number(settings.jump_size),
                left=exp(-draws.number(settings.fading) / MONTHS_PER_YEAR),
            )
        self.none = LuckOfQuality(self._no_months, self._no_months, np.stack([early, late]), begins)
        """Luck where there is none."""

    def drift(self, trend: str) -> FloatArray:
        """What jumps bring to a trend, by the name of its stream, [month, draw] log points a month."""
        if self._jumps is None:
            return self._no_months
        found = self._draws.uniform(f"shock.trend.{trend}", self._months)
        drift_of_jumps(found, self._jumps)
        return found

    def of(self, name: str, drift: FloatArray) -> LuckOfQuality:
        """Luck of a vendor in a market.

        Parameters
        ----------
        name
            Name of the stream of its shocks.
        drift
            [month, draw] `drift` of its trend.
        """
        scores = self._draws.standard_normal(f"shock.quality.{name}", self._months)
        return self.none._replace(scores=scores, drift=drift)


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
    decline, months = draws.number(scenario.costs.decline), len(spent.market_path)
    index = np.empty((months, *spent.weights.shape))
    potential = np.empty((months_of_potential, *start.sales.shape))
    at_start = who.channels.by_pair(start.attraction)
    asking = _AskingPrices(scenario, draws, who, spent, start, sigma)
    asking.places[~at_start.any(axis=(2, 3))] = ABSENT
    attraction, total = np.zeros_like(at_start), np.empty_like(spent.weights)
    for month in range(months):
        years = month / MONTHS_PER_YEAR
        learned = leaked_to_vendors(start.leak * years, who.market_country, who.home)
        quality, prices = (qualities.gained[month], learned), (asking.places, asking.factors(month))
        is_wanted = month < months_of_potential
        attraction_on_trend(at_start, quality, prices, attraction if is_wanted else attraction[:0], total)
        if is_wanted:
            plain = spent.market_path[month, :, None] * spent.weights
            potential[month] = ordered_sum(attraction * (plain / total), axis=2)
        np.subtract(log_price_index(total, sigma), decline * years, out=index[month])
    return MarketTrend(index, potential)


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
        rows = [row for row, forgone in enumerate(start.forgone) if forgone.any()]
        self._weight, self._most = start.growth_weight[rows], start.forgone[rows]
        self._markets, self._which = np.unique(who.channels.market[rows], return_inverse=True)
        self._log_price = np.zeros((len(rows), draws.count))
        self._before = {m: draws.number(scenario.growth_of(name).before) for m, name in enumerate(scenario.markets)}
        self._spent, self._sigma = spent, sigma
        self._factors = np.ones((len(rows), *sigma.shape))
        self.places = np.full(start.sales.shape[:2], UNPRICED)
        """[vendor, market] which factor holds."""
        self.places[who.channels.vendor[rows], who.channels.market[rows]] = range(len(rows))

    def factors(self, month: int) -> FloatArray:
        """What prices do to attraction, [factor, segment, draw]; months in their order."""
        if month % MONTHS_PER_QUARTER == 0:
            growth = np.array([self._growth(month, m) for m in self._markets]).reshape(-1, self._weight.shape[1])
            wanted = log(growth_discount(self._weight, self._most, growth[self._which]) / (1.0 - self._most))
            self._log_price += self._adjustment * (wanted - self._log_price)
            self._factors = exp((1.0 - self._sigma) * self._log_price[:, None])
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
