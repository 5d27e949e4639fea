"""Vendors and markets as objects that act, for all peers that play one draw; the equations are in `equations.py`.

A framework brings a base class and `model`: the draw in play, with `terms`, `made`, `leaked`, `month` and `trend`.
What is collected has the names of the columns of `Quarter`.
"""

from __future__ import annotations

from typing import Any

from benchmarks.equations import (
    YEAR,
    Channel,
    Customers,
    buy,
    expected_sales,
    experience_factor,
    leaked_know_how,
    monthly_survival,
    order_cost,
    price_index,
    set_prices,
    trend_price,
    units_to_order,
)
from benchmarks.start import MarketStart, Start


class Draw:
    """What all agents of one draw share."""

    def begin(self, terms: Start) -> None:
        """Stand at the base date."""
        self.terms = terms
        self.made = terms.made.copy()
        self.leaked: dict[int, float] = {}
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
        self.forget_flows()

    def leak(self) -> None:
        """Let know-how pass from vendors run by partners to the vendors of the market's country."""
        leaked, country = self.model.leaked, self.start.country
        if country >= 0:
            leaked[country] = leaked.get(country, 0.0) + leaked_know_how(self.customers)

    def serve(self) -> None:
        """Let customers choose, and sellers sell."""
        quality = [seller.quality for seller in self.sellers for _ in seller.channels]
        unmet = buy(self.model.terms, self.customers, quality, self.model.month)
        self.unmet_bn += sum(unmet) / YEAR
        self.customer_surplus_bn += sum(self.customers.surplus) / YEAR
        for seller in self.sellers:
            seller.count_sales()

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
        for channel in self.customers.channels:
            channel.revenue_bn = channel.capex_bn = 0.0


class SellerAgent:
    """What one vendor does in one market, through all its channels there."""

    model: Any

    def begin(self, market: MarketAgent, i: int) -> None:
        """Stand at the base date, as seller `i` of a market."""
        self.market, self.start = market, market.start.sellers[i]
        self.channels: list[Channel] = market.customers.channels[market.customers.by_vendor[i]]
        market.sellers.append(self)

    def receive_capacity(self) -> None:
        """Retire old capacity and bring on line what was ordered."""
        month = self.model.month
        for channel in self.channels:
            arriving = channel.arriving[month]
            channel.capacity = channel.capacity * (self.model.survives if month else 1.0) + arriving
            channel.on_order = max(channel.on_order - arriving, 0.0)

    def set_prices(self) -> None:
        """Move the prices of all channels towards the best ones."""
        model = self.model
        experience = experience_factor(model.terms, model.made, self.start.vendor)
        growth, tariff = self.market.customers.growth, self.market.start.hardware_tariff[model.month]
        set_prices(model.terms, self.channels, growth, tariff, experience)

    def improve(self) -> None:
        """Take what trend, luck and know-how bring."""
        start = self.start
        self.quality = start.gained[self.model.month] + self.model.leaked.get(start.home, 0.0)

    def count_sales(self) -> None:
        """Count the month's sales, and what was made for them."""
        model = self.model
        for channel in self.channels:
            channel.revenue_bn += channel.sales / YEAR
            model.made[self.start.vendor] += channel.sales / (channel.price * model.trend * YEAR)

    def order(self) -> None:
        """Order capacity for the sales that are expected when it arrives."""
        model, terms, market = self.model, self.model.terms, self.market
        arrival = model.month + terms.lead_months[self.start.vendor][model.month // terms.order_every_months]
        for channel in self.channels:
            expected = expected_sales(terms, market.customers, channel)
            units = units_to_order(terms, expected, channel.price * model.trend, channel.capacity, channel.on_order)
            channel.arriving[arrival] += units
            channel.on_order += units
            channel.capex_bn += order_cost(terms, units, model.trend, market.start.hardware_tariff[model.month])

    @property
    def revenue_bn(self) -> float:
        """Revenue of the quarter."""
        return sum([channel.revenue_bn for channel in self.channels])

    @property
    def capex_bn(self) -> float:
        """Capital expenditure of the quarter."""
        return sum([channel.capex_bn for channel in self.channels])

    @property
    def capacity_units(self) -> float:
        """Capacity of all channels."""
        return sum([channel.capacity for channel in self.channels])

    @property
    def price(self) -> float:
        """Price of the day; of several channels what customers pay for a unit."""
        if len(self.channels) == 1:
            return float(self.channels[0].price * self.model.trend)
        units = sum(channel.sales / channel.price for channel in self.channels)
        return float(self.sales / units * self.model.trend)

    @property
    def sales(self) -> float:
        """Sales of all channels, bn a year."""
        return sum([channel.sales for channel in self.channels])

    @property
    def share(self) -> float:
        """Share of the market's sales."""
        return self.sales / self.market.customers.sales
