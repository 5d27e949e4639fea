"""Sellers and markets as objects that act, as frameworks for agents have them; the equations are in `equations.py`.

The framework brings the base class and `model`: the draw in play, with `terms`, `made`, `leaked`, `month` and `trend`.
What is collected has the names of the columns of `Quarter`.
"""

from __future__ import annotations

from typing import Any

from benchmarks.equations import (
    YEAR,
    Customers,
    buy,
    expected_sales,
    experience_factor,
    leaked_know_how,
    monthly_survival,
    next_price,
    order_cost,
    price_elasticity,
    price_index,
    trend_price,
    unit_cost,
    units_to_order,
)
from benchmarks.start import MarketStart, Start

SELLER_COLUMNS = ("revenue_bn", "share", "price", "capacity_units", "capex_bn")
MARKET_COLUMNS = ("total_bn", "unmet_bn", "price_index", "customer_surplus_bn")


class Draw:
    """What all agents of one draw share."""

    def begin(self, terms: Start) -> None:
        """Stand at the base date."""
        self.terms = terms
        self.made = terms.made.copy()
        self.leaked: dict[int, float] = {market.country: 0.0 for market in terms.markets}
        self.survives = monthly_survival(terms.retirement)
        self.go_to(0)

    def go_to(self, month: int) -> None:
        """Turn the calendar."""
        self.month = month
        self.trend = trend_price(self.terms.decline, month)


class MarketAgent:
    """A market and its customers."""

    model: Any

    def begin(self, start: MarketStart) -> None:
        """Stand at the base date."""
        self.start = start
        self.customers = Customers(start)
        self.sellers: list[SellerAgent] = []
        self.unmet_bn = 0.0
        self.customer_surplus_bn = 0.0

    def leak(self) -> None:
        """Let know-how pass from vendors run by partners to the vendors of the market's country."""
        if self.start.partner_run:
            self.model.leaked[self.start.country] += leaked_know_how(self.customers)

    def serve(self) -> None:
        """Let customers choose, and sellers sell."""
        model, sellers = self.model, self.sellers
        price = [seller.relative_price for seller in sellers]
        limit = [seller.capacity_units * seller.relative_price * model.trend for seller in sellers]
        quality = [seller.quality for seller in sellers]
        unmet = buy(model.terms, self.customers, price, limit, quality, model.month)
        self.unmet_bn += sum(unmet) / YEAR
        self.customer_surplus_bn += sum(self.customers.surplus) / YEAR
        for seller, sales in zip(sellers, self.customers.sales, strict=True):
            seller.sell(sales)

    @property
    def total_bn(self) -> float:
        """Revenue of all sellers in the quarter."""
        return sum(seller.revenue_bn for seller in self.sellers)

    @property
    def price_index(self) -> float:
        """Price index of the market."""
        return price_index(self.customers)

    def forget_flows(self) -> None:
        """Begin a new quarter."""
        self.unmet_bn = self.customer_surplus_bn = 0.0


class SellerAgent:
    """What one vendor does in one market."""

    model: Any

    def begin(self, market: MarketAgent, i: int) -> None:
        """Stand at the base date, as seller `i` of a market."""
        start = market.start
        self.market, self.i = market, i
        self.vendor, self.home = start.vendors[i], start.homes[i]
        self.cost_at_base, self.fee = start.cost[i], start.fee[i]
        self.relative_price = 1.0
        self.capacity_units = start.capacity[i]
        self.on_order = start.on_order[i]
        self.arriving = [units[i] for units in start.pipeline]
        self.gained = [month[i] for month in start.gained]
        self.sales = market.customers.sales[i]
        self.forget_flows()
        market.sellers.append(self)

    def receive_capacity(self) -> None:
        """Retire old capacity and bring on line what was ordered."""
        month = self.model.month
        arriving = self.arriving[month]
        self.capacity_units = self.capacity_units * (self.model.survives if month else 1.0) + arriving
        self.on_order = max(self.on_order - arriving, 0.0)

    def set_price(self) -> None:
        """Move the price towards the best one."""
        model, market = self.model, self.market
        experience = experience_factor(model.terms, model.made, self.vendor)
        cost = unit_cost(model.terms, self.cost_at_base, market.start.hardware_tariff[model.month], experience)
        elasticity = price_elasticity(model.terms, market.customers, self.i)
        self.relative_price = next_price(model.terms, self.relative_price, cost, self.fee, elasticity)

    def improve(self) -> None:
        """Take what trend, luck and know-how bring."""
        self.quality = self.gained[self.model.month] + self.model.leaked.get(self.home, 0.0)

    def sell(self, sales: float) -> None:
        """Count the month's sales, bn a year, and what was made for them."""
        self.sales = sales
        self.revenue_bn += sales / YEAR
        self.model.made[self.vendor] += sales / (self.price * YEAR)

    def order(self) -> None:
        """Order capacity for the sales that are expected when it arrives."""
        model, terms, market = self.model, self.model.terms, self.market
        expected = expected_sales(terms, market.customers, self.i)
        units = units_to_order(terms, expected, self.price, self.capacity_units, self.on_order)
        number = model.month // terms.order_every_months
        self.arriving[model.month + terms.lead_months[self.vendor][number]] += units
        self.on_order += units
        self.capex_bn += order_cost(terms, units, model.trend, market.start.hardware_tariff[model.month])

    @property
    def price(self) -> float:
        """Price of the day."""
        return float(self.relative_price * self.model.trend)

    @property
    def share(self) -> float:
        """Share of the market's sales."""
        return self.sales / sum(self.market.customers.sales)

    def forget_flows(self) -> None:
        """Begin a new quarter."""
        self.revenue_bn = self.capex_bn = 0.0
