"""What of a customer's dollar goes to whom (docs/model.md, section 4): for prices, books, reviews and appraisals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.model.equations.pricing import margin
from sim.quantities import FloatArray


@dataclass(frozen=True)
class Terms:
    """What others take of a customer's dollar, and whose the rest is, each [..., draw], share of one.

    Attributes
    ----------
    fee
        The partner's share of revenue.
    tax
        The treasury's share of revenue.
    stake
        The vendor's share of profit; local co-owners have the rest.
    """

    fee: FloatArray
    tax: FloatArray
    stake: FloatArray

    @property
    def taken(self) -> FloatArray:
        """Share of revenue that others take before cost."""
        return self.fee + self.tax

    def __getitem__(self, key: Any) -> Terms:
        """Terms of some of the ways of selling."""
        return Terms(self.fee[key], self.tax[key], self.stake[key])


@dataclass(frozen=True)
class Split:
    """A dollar of revenue by who gets it, each [..., draw]; vendor, hosts, treasury and cost add up to one.

    Attributes
    ----------
    owners
        Profit of all owners.
    vendor
        The vendor's part of it.
    treasury
        What the market's country taxes away.
    cost
        Unit cost.
    """

    owners: FloatArray
    vendor: FloatArray
    treasury: FloatArray
    cost: FloatArray

    @property
    def hosts(self) -> FloatArray:
        """What partners and co-owners in the market's country get: fee, and their stake in profit."""
        return 1.0 - self.cost - self.treasury - self.vendor

    @property
    def by_account(self) -> dict[str, FloatArray]:
        """The parts by the account of the ledger in which they stand."""
        return {"vendor_profit": self.vendor, "partner_income": self.hosts} | self.taxes

    @property
    def taxes(self) -> dict[str, FloatArray]:
        """The parts that treasuries get, by flow of the ledger."""
        return {"services_tax": self.treasury}


def split(terms: Terms, cost: FloatArray, price: FloatArray) -> Split:
    """Divide a dollar of revenue (equation 4.15): stake * (1 - phi - t - c / p), t, and phi + the rest of the profit.

    Parameters
    ----------
    terms
        Fee phi, tax t and stake.
    cost, price
        [..., draw] unit cost and price.
    """
    owners = margin(price, cost, terms.taken)
    return Split(owners, terms.stake * owners, terms.tax, cost / price)


def fee_markup(fee: FloatArray) -> FloatArray:
    """What a partner takes per unit of cost when it keeps a share of revenue (equation 5.5): phi / (1 - phi)."""
    return fee / (1.0 - fee)
