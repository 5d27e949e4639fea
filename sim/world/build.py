"""The world at the base date: calibration, trends, shocks, rules, and capacity already on order."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from sim.economics.calibration import quality_from_sales
from sim.economics.capacity import expected_sales
from sim.economics.demand import log_price_index
from sim.economics.goods_trade import buyer_price, export_value
from sim.economics.pricing import cost_behind_price, price_elasticity_atkeson_burstein_2008
from sim.economics.trend import catch_up_step, continued_log_growth, interpolated_path
from sim.policies.levers import Axes, Levers
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.scenario.schema import Presence, Scenario
from sim.values import Number
from sim.world.base_sales import base_sales, market_observations
from sim.world.draws import Draws
from sim.world.presence_rules import AccessRules, access_shares, fixed_costs, leaked_to_vendors, presence_penalty
from sim.world.state import MONTHS_HELD, Base, World, blank_arrays

LONGEST_LEAD_MONTHS = 60
"""Orders that would take longer arrive after this time: beyond any lead time on record."""


def axes_of(scenario: Scenario, draws: int) -> Axes:
    """Names along each axis."""
    markets = tuple(scenario.markets)
    return Axes(
        countries=tuple(scenario.countries),
        vendors=tuple(scenario.vendors),
        markets=markets,
        segments=tuple(scenario.segments),
        zones=tuple(scenario.zones),
        lists=tuple(scenario.goods.lists),
        partners=tuple(scenario.partners),
        zone_markets=tuple(markets.index(zone.market) for zone in scenario.zones.values()),
        draws=draws,
    )


def reviewed_pairs(scenario: Scenario) -> list[tuple[int, int]]:
    """Pairs of vendor and market in which the vendor chooses how it is present."""
    markets = list(scenario.markets)
    return [
        (v, markets.index(market)) for v, vendor in enumerate(scenario.vendors.values()) for market in vendor.reviews
    ]


def build_world(scenario: Scenario, draws: Draws) -> World:
    """Build the world at the base date for a batch of draws."""
    return _Builder(scenario, draws).world()


class _Builder:
    """Steps from scenario to world; each method fills one part.

    Paths are made as long as orders placed before the base date reach, and cut to the run in the end: a shorter run
    is the beginning of a longer one.
    """

    def __init__(self, scenario: Scenario, draws: Draws) -> None:
        self.scenario = scenario
        self.draws = draws
        self.axes = axes_of(scenario, draws.count)
        self.months = max(scenario.months, _months_on_order(scenario) + 1)

    def world(self) -> World:
        held: dict[str, Any] = {}
        self._people(held)
        self._rules(held)
        self._contracts(held)
        self._market_paths(held)
        self._sales(held)
        self._quality(held)
        self._trends(held)
        self._goods(held)
        base = Base(**{item.name: self._cut(item.metadata["dims"], held[item.name]) for item in fields(Base)})
        arrays = blank_arrays(self.axes)
        self._start(arrays, base, held)
        pipeline = self._capacity(arrays, base, held["market_path"])
        return World(self.scenario, self.axes, self.draws, base, base.levers.copy(), pipeline, **arrays)

    def _cut(self, dims: tuple[str, ...], values: Any) -> Any:
        """Cut a path to the months of the run."""
        return values[: self.scenario.months] if dims and dims[0] == "month" else values

    def _value(self, number: Number) -> FloatArray:
        return self.draws.number(number)

    def _people(self, held: dict[str, Any]) -> None:
        """Who is at home where, and how customers choose."""
        scenario, countries = self.scenario, self.axes.countries
        index = {name: i for i, name in enumerate(countries)}
        held["home"] = np.array([index.get(vendor.home, -1) for vendor in scenario.vendors.values()])
        held["market_country"] = np.array([index.get(market.country, -1) for market in scenario.markets.values()])
        held["domestic"] = np.array(
            [
                [vendor.home == market.country for market in scenario.markets.values()]
                for vendor in scenario.vendors.values()
            ]
        )
        held["sigma"] = np.stack([self._value(s.substitution_elasticity) for s in scenario.segments.values()])
        held["eta"] = self._value(scenario.demand.market_elasticity)
        yearly = self._value(scenario.demand.contract_churn)
        held["churn_rate"] = -np.log1p(-yearly)
        held["churn_month"] = -np.expm1(np.log1p(-yearly) / MONTHS_PER_YEAR)

    def _rules(self, held: dict[str, Any]) -> None:
        """Rules at the base date, before any policy."""
        axes, markets = self.axes, list(self.scenario.markets.values())
        residency = np.zeros(axes.shape("market", "segment"))
        for m, market in enumerate(markets):
            for segment, share in market.rules.residency.items():
                residency[m, axes.segments.index(segment)] = self._value(share)
        held["levers"] = Levers(
            axes=axes,
            tariff_layer=np.zeros(axes.shape("list")),
            hardware_tariff=np.zeros(axes.shape("market")),
            equity_cap=np.stack([self._value(market.rules.equity_cap) for market in markets]),
            residency=residency,
            firewall=np.stack([self._value(market.firewall) for market in markets]),
            ip_protection=np.stack([self._value(market.rules.ip_protection) for market in markets]),
            allowed_share=np.ones(axes.shape("home", "market", "segment")),
            zone_slots=np.zeros(axes.shape("zone")),
            zone_reach=np.zeros(axes.shape("zone", "segment")),
            quality_drift=np.zeros(axes.shape("home")),
            cost_increase=np.zeros(axes.shape("home")),
            purchases=np.zeros(axes.shape("country", "country")),
            uncertainty=np.zeros(axes.draws),
        )

    def _contracts(self, held: dict[str, Any]) -> None:
        """Partners' contracts, and the fee that each vendor pays in each market."""
        axes = self.axes
        share, fee = np.zeros(axes.shape("partner", "vendor")), np.zeros(axes.shape("partner", "vendor"))
        total = np.zeros(axes.shape("vendor", "market"))
        for p, partner in enumerate(self.scenario.partners.values()):
            m = axes.markets.index(partner.market)
            for vendor, contract in partner.contracts.items():
                v = axes.vendors.index(vendor)
                share[p, v] = self._value(contract.share)
                fee[p, v] = self._value(contract.fee)
                total[v, m] += share[p, v] * fee[p, v]
        held |= {"contract_share": share, "contract_fee": fee, "fee": total}
        units, growth = np.zeros(axes.shape("vendor", "market")), np.zeros(axes.shape("vendor", "market"))
        for v, vendor_plan in enumerate(self.scenario.vendors.values()):
            for market, captive in vendor_plan.captive.items():
                m = axes.markets.index(market)
                units[v, m], growth[v, m] = self._value(captive.units), self._value(captive.growth)
        held |= {"captive": units, "captive_growth": growth}

    def _market_paths(self, held: dict[str, Any]) -> None:
        """Size of each market on trend, and spending by segment with budget shocks."""
        scenario, axes = self.scenario, self.axes
        observed = market_observations(scenario, self.draws)
        path = np.empty((self.months, *axes.shape("market")))
        for m, (name, market) in enumerate(scenario.markets.items()):
            after = market.growth_after
            last = observed[name][-1][0]
            years = np.maximum(np.arange(self.months) - last, 0)[:, None] / MONTHS_PER_YEAR
            rates = (self._value(after.first), self._value(after.lasting), self._value(after.half_life_years))
            path[:, m] = interpolated_path(observed[name], self.months) * np.exp(continued_log_growth(years, *rates))
        held["market_path"] = path
        weights = np.stack(
            [
                np.stack([self._value(market.segment_weights[segment]) for segment in axes.segments])
                for market in scenario.markets.values()
            ]
        )
        weights /= ordered_sum(weights, axis=1)[:, None]
        held["weights"] = weights
        held["spending_path"] = path[:, :, None] * weights * np.exp(self._budget_shocks())

    def _budget_shocks(self) -> FloatArray:
        """Shocks to budgets (equation 3.12) in logs, AR(1) from zero, mean factor 1, [month, market, segment, draw]."""
        demand = self.scenario.demand
        monthly = self._value(demand.budget_shock_persistence) ** (1.0 / MONTHS_PER_YEAR)
        innovation = self._value(demand.budget_shock_sd) * np.sqrt(1.0 - monthly * monthly)
        shocks = np.zeros((self.months, *self.axes.shape("market", "segment")))
        for m, market in enumerate(self.axes.markets):
            for s, segment in enumerate(self.axes.segments):
                noise = self.draws.standard_normal(f"shock.budget.{market}.{segment}", self.months)
                for month in range(1, self.months):
                    shocks[month, m, s] = monthly * shocks[month - 1, m, s] + innovation * noise[month]
        age = np.arange(self.months)[:, None]
        variance = self._value(demand.budget_shock_sd) ** 2 * (1.0 - monthly ** (2 * age))
        return shocks - 0.5 * variance[:, None, None]

    def _sales(self, held: dict[str, Any]) -> None:
        """Sales and presence at the base date."""
        axes = self.axes
        held["sales"] = base_sales(self.scenario, axes, self.draws, held["market_path"][0])
        presence = np.zeros(axes.shape("vendor", "market"), dtype=np.int64)
        for v, vendor in enumerate(self.scenario.vendors.values()):
            for market, of_market in vendor.sales.items():
                presence[v, axes.markets.index(market)] = Presence[of_market.presence.upper()]
            for market in vendor.captive:
                m = axes.markets.index(market)
                presence[v, m] = np.maximum(presence[v, m], Presence.PARTNER)
        held["presence"] = presence
        partner_run = np.where(presence == Presence.PARTNER, held["sales"], 0.0)
        held["partner_share"] = ordered_sum(partner_run) / held["market_path"][0]

    def _quality(self, held: dict[str, Any]) -> None:
        """Qualities that reproduce base sales, costs that make base prices best responses, and entrants' standing."""
        levers = held["levers"]
        no_zone = np.zeros_like(held["presence"])
        rules = AccessRules.everywhere(levers)
        access = access_shares(held["presence"], no_zone, held["domestic"], held["home"], rules)
        taste = self._taste()
        budget = held["market_path"][0][:, None] * held["weights"]
        quality = quality_from_sales(held["sales"], budget, taste, access)
        sells = (held["sales"] > 0.0)[:, :, None]
        attraction = np.where(sells, access * np.exp(quality), 0.0)
        penalty = presence_penalty(self.scenario, self.draws, held["presence"], held["domestic"], levers.firewall)
        fee = np.where(held["presence"] == Presence.PARTNER, held["fee"], 0.0)
        elasticity = price_elasticity_atkeson_burstein_2008(attraction, attraction * budget, held["sigma"], held["eta"])
        cost = cost_behind_price(np.ones_like(fee), elasticity, fee)
        owned = np.where(sells, quality + penalty[:, :, None], -np.inf)
        held |= {"access": access, "attraction": attraction, "penalty": penalty, "base_fee": fee}
        held |= {"cost": cost, "owned_quality": owned}
        self._entrants(held)

    def _taste(self) -> FloatArray:
        """Log quality particular to a segment, from a vendor's home country."""
        taste = np.zeros(self.axes.shape("vendor", "market", "segment"))
        for m, market in enumerate(self.scenario.markets.values()):
            for v, vendor in enumerate(self.scenario.vendors.values()):
                for segment, value in market.taste.get(vendor.home, {}).items():
                    taste[v, m, self.axes.segments.index(segment)] = self._value(value)
        return taste

    def _entrants(self, held: dict[str, Any]) -> None:
        """Give a vendor absent at the base date its standing against its home rivals where all of them sell."""
        vendors, markets = list(self.scenario.vendors.items()), self.axes.markets
        for v, (name, vendor) in enumerate(vendors):
            for market in vendor.reviews:
                m = markets.index(market)
                sells_already = market in vendor.sales and vendor.sales[market].presence != "absent"
                if sells_already or market in vendor.captive:
                    continue
                rivals = [
                    r
                    for r, (other, rival) in enumerate(vendors)
                    if other != name and rival.home == vendor.home and _sells(rival.sales, market)
                ]
                if rivals:
                    self._entrant(held, v, m, rivals)

    def _entrant(self, held: dict[str, Any], v: int, m: int, rivals: list[int]) -> None:
        """Set quality and cost of one entrant: equations 9.3 and 9.4."""
        quality, sales = held["owned_quality"], held["sales"]
        count = len(rivals)
        common = [
            k for k in range(len(self.axes.markets)) if k != m and all((sales[r, k] > 0).all() for r in [v, *rivals])
        ]
        standing = np.zeros_like(quality[v, m])
        for k in common:
            standing += (quality[v, k] - ordered_sum(quality[rivals, k]) / count) / len(common)
        name = f"presence.entrant_quality.{self.axes.vendors[v]}.{self.axes.markets[m]}"
        error = self._value(self.scenario.presence.entrant_quality_sd) * self.draws.standard_normal(name, 1)[0]
        quality[v, m] = ordered_sum(quality[rivals, m]) / count + standing + error
        held["cost"][v, m] = ordered_sum(held["cost"][rivals, m]) / count

    def _trends(self, held: dict[str, Any]) -> None:
        """Catch-up, quality shocks (equation 3.13), and the price index on trend."""
        scenario, axes = self.scenario, self.axes
        gap, tau = np.zeros(axes.shape("vendor", "market")), np.ones(axes.shape("vendor", "market"))
        walk = np.zeros((self.months, *axes.shape("vendor", "market")))
        step = self._value(scenario.demand.quality_shock_sd) / np.sqrt(MONTHS_PER_YEAR)
        for v, (name, vendor) in enumerate(scenario.vendors.items()):
            for m, market in enumerate(axes.markets):
                catch_up = vendor.sales[market].catch_up if market in vendor.sales else None
                if catch_up is not None:
                    gap[v, m], tau[v, m] = self._value(catch_up.gap), self._value(catch_up.tau_years)
                if market in vendor.sales or market in vendor.reviews:
                    noise = self.draws.standard_normal(f"shock.quality.{name}.{market}", self.months)
                    np.multiply(noise[1:], step, out=walk[1:, v, m])
        for month in range(1, self.months):
            walk[month] += walk[month - 1]
        held |= {"gap": gap, "tau": tau, "quality_walk": walk}
        self._trend_index(held)

    def _trend_index(self, held: dict[str, Any]) -> None:
        """Pass over the months without agents (equation 3.9): ln Pi, and sales for capacity already on order."""
        scenario = self.scenario
        decline = self._value(scenario.costs.decline)
        leak = self._value(scenario.presence.leak) * (1.0 - held["levers"].ip_protection) * held["partner_share"]
        gained = np.zeros_like(held["gap"])
        index = np.empty((self.months, *self.axes.shape("market", "segment")))
        self.trend_potential = np.empty((_months_on_order(self.scenario) + 1, *self.axes.shape("vendor", "market")))
        plain = held["market_path"][:, :, None] * held["weights"]
        for month in range(self.months):
            if month:
                gained = catch_up_step(gained, held["gap"], held["tau"])
            learned = leaked_to_vendors(leak * (month / MONTHS_PER_YEAR), held["market_country"], held["home"])
            attraction = held["attraction"] * np.exp(gained + learned[:, None])[:, :, None]
            total = ordered_sum(attraction)
            index[month] = log_price_index(total, held["sigma"]) - decline * (month / MONTHS_PER_YEAR)
            if month < len(self.trend_potential):
                self.trend_potential[month] = ordered_sum(attraction * (plain[month] / total), axis=2)
        held["trend_log_index"] = index

    def _goods(self, held: dict[str, Any]) -> None:
        """Goods trade without tariffs, from what it is at the base rate (equation 9.6)."""
        lists = list(self.scenario.goods.lists.values())
        psi = self._value(self.scenario.goods.pass_through)
        base = np.stack([self._value(item.base_rate) for item in lists])
        elasticity = np.stack([self._value(self.scenario.goods.import_elasticity[item.importer]) for item in lists])
        value = np.stack([self._value(item.value_bn) for item in lists])
        held |= {"base_tariff": base, "import_elasticity": elasticity}
        held["free_trade"] = value * buyer_price(base, psi) ** elasticity / export_value(np.ones_like(base), base, psi)

    def _start(self, arrays: dict[str, Any], base: Base, held: dict[str, Any]) -> None:
        """State at the base date."""
        budget = base.spending_path[0]
        arrays["price"][:] = 1.0
        arrays["activity"][:] = 1.0
        arrays["stake"][:] = 1.0
        arrays["package"][:] = -1
        for name in ("cost", "presence"):
            arrays[name][:] = getattr(base, name)
        for name in ("access", "owned_quality", "penalty"):
            arrays[name][:] = held[name]
        arrays["fee"][:] = held["base_fee"]
        for v, m in reviewed_pairs(self.scenario):
            arrays["fixed_cost"][v, m] = fixed_costs(self.scenario, self.draws, base.presence[v, m])
        arrays["attraction"][:] = arrays["shares"][:] = base.attraction
        arrays["attraction_total"][:] = 1.0
        arrays["budget"][:] = budget
        arrays["revenue"][:] = base.attraction * budget
        years = self._value(self.scenario.costs.experience_years)
        arrays["made"][:] = ordered_sum(base.sales, axis=1) * years
        arrays["made_share_base"][:] = arrays["made"] / ordered_sum(arrays["made"])
        arrays["log_response"][:] = -base.import_elasticity * np.log(
            buyer_price(base.base_tariff, self._value(self.scenario.goods.pass_through))
        )
        growth = np.stack([self._value(market.growth_before) for market in self.scenario.markets.values()])
        arrays["growth"][:] = growth
        months_ago = np.arange(MONTHS_HELD, 0, -1)[:, None, None]
        arrays["spending_history"][:] = base.market_path[0] * np.exp(-growth * months_ago / MONTHS_PER_YEAR)

    def _capacity(self, arrays: dict[str, Any], base: Base, market_path: FloatArray) -> FloatArray:
        """Capacity at the base date, and what was ordered before it to arrive in the first lead time.

        Those orders foresaw the trend: equation 4.13.
        """
        settings = self.scenario.capacity
        headroom = 1.0 + self._value(settings.headroom)
        keeps = (1.0 - self._value(settings.retirement)) ** (1.0 / MONTHS_PER_YEAR)
        decline = self._value(self.scenario.costs.decline)
        arrays["capacity"][:] = base.sales * headroom
        pipeline = np.zeros((self.months + LONGEST_LEAD_MONTHS + 1, *self.axes.shape("vendor", "market")))
        planned = arrays["capacity"].copy()
        for month in range(1, len(self.trend_potential)):
            years = np.full_like(decline, month / MONTHS_PER_YEAR)
            grown = np.log(market_path[month] / market_path[0]) / years
            potential = self.trend_potential[month] / (market_path[month] / market_path[0])
            wanted = expected_sales(base.sales, potential, base.churn_rate, grown, years)
            planned *= keeps
            pipeline[month] = np.maximum(wanted * headroom * np.exp(decline * years) - planned, 0.0)
            planned += pipeline[month]
        arrays["on_order"][:] = ordered_sum(pipeline)
        return pipeline


def _months_on_order(scenario: Scenario) -> int:
    """Months that capacity ordered before the base date covers: a lead time and the time between orders."""
    settings = scenario.capacity
    return round(settings.lead_months.central) + settings.order_every_months


def _sells(sales: Any, market: str) -> bool:
    """Whether a vendor sells in a market at the base date by a share, split or residual of its own."""
    held = sales.get(market)
    return held is not None and (held.share is not None or held.split is not None)
