"""The ledger: every flow of money, who pays it to whom, and in whose account it stands. Declared once, used everywhere.

The world's flows, the columns of countries, the parts of welfare and their chart, the sums that `doctor` checks, and
what governments weigh with which weight in `talks.stakes` all follow from the two tables of this module.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Flow:
    """Money that moves month by month; amounts add up over a quarter, bn USD.

    Attributes
    ----------
    name
        Name of its array among the flows of the world.
    dims
        Axes before draws; the first one says whose it is: a channel's country is the home of its vendor, a market's
        and a partner's the one that they are in.
    payer, receiver
        Who pays, and who receives; losses and surplus of customers are received from nobody.
    title
        What people call it.
    account
        Account of its country in which it stands; none for what is only reported.
    """

    name: str
    dims: tuple[str, ...]
    payer: str
    receiver: str
    title: str
    account: str | None = None


@dataclass(frozen=True)
class Account:
    """A line of a country's accounts, of which each is a column of the table of countries, bn USD a quarter.

    Attributes
    ----------
    name
        Name; the column is called `<name>_bn`.
    title
        What people call it.
    sign
        How it counts in the country's welfare: 1, -1, or 0 for what is only reported.
    block
        Which part of the model it comes from.
    weighed
        What a government's weight on it counts (`talks.stakes`), in words; none for what governments do not look at.
    has_size
        Whether it is something that somebody has, of which a change is so many percent; a gain or loss against the base
        date is not.
    """

    name: str
    title: str
    sign: int
    block: str
    weighed: str | None = None
    has_size: bool = True

    @property
    def column(self) -> str:
        """Name of its column in the table of countries."""
        return f"{self.name}_bn"

    @property
    def direction(self) -> int:
        """-1 where more of it is worse for the country, 1 elsewhere."""
        return -1 if self.sign < 0 else 1


BY_CHANNEL = ("channel",)
"""Axis of what each vendor earns and pays in each of its channels."""

FLOWS: tuple[Flow, ...] = (
    Flow("revenue", BY_CHANNEL, "customers", "vendors", "revenue"),
    Flow("profit", BY_CHANNEL, "customers", "vendors", "cloud vendors' profit", "vendor_profit"),
    Flow("capex", BY_CHANNEL, "vendors", "makers of equipment", "capital expenditure"),
    Flow("co_owner", ("market",), "vendors", "local co-owners", "profit of local co-owners", "partner_income"),
    Flow("partner", ("partner",), "vendors", "partners", "partner's income", "partner_income"),
    Flow("services_tax", ("market",), "vendors", "treasury", "revenue from taxes on cloud services", "services_tax"),
    Flow("spending", ("market",), "customers", "vendors", "spending"),
    Flow("unmet", ("market",), "nobody", "nobody", "unmet demand"),
    Flow("surplus", ("market",), "nobody", "customers", "cloud customers' surplus", "customer_surplus"),
    Flow("exports", ("country",), "buyers abroad", "exporters", "goods exports", "exports"),
    Flow("imports", ("country",), "buyers", "exporters abroad", "goods imports", "imports"),
    Flow("tariff_revenue", ("country",), "buyers", "treasury", "tariff revenue", "tariff_revenue"),
    Flow("consumer_loss", ("country",), "buyers", "nobody", "buyers' loss from tariffs", "consumer_loss"),
    Flow("terms_of_trade", ("country",), "buyers abroad", "country", "gain from the terms of trade", "terms_of_trade"),
    Flow("licence_rent", ("country",), "buyers", "who may trade", "rent of limits on goods", "licence_rent"),
    Flow("export_fees", ("country",), "buyers abroad", "treasury", "fees on goods exports", "export_fees"),
    Flow("rerouting_gain", ("country",), "buyers", "traders", "duties that traders keep", "rerouting_gain"),
    Flow("avoided_duty", ("country",), "nobody", "nobody", "duties avoided by re-routing", "avoided_duty"),
    Flow("rerouted", ("country",), "buyers", "exporters abroad", "imports declared as of another origin", "rerouted"),
    Flow(
        "deadweight_loss",
        ("country",),
        "nobody",
        "nobody",
        "loss to everybody from the country's own tariffs",
        "deadweight_loss",
    ),
    Flow("real_income", ("region",), "nobody", "households", "real income that tariffs bring or cost"),
    Flow(
        "trade", ("region", "country"), "buyers", "exporters abroad", "goods that the country imports from the region"
    ),
    Flow(
        "declared",
        ("region", "country"),
        "buyers",
        "exporters abroad",
        "goods that the country's importers declare as of the region",
    ),
)
"""All flows of money."""

ACCOUNTS: tuple[Account, ...] = (
    Account(
        "exports",
        "goods exports",
        0,
        "goods",
        "goods exports, purchases that are kept included: what a dollar of them is worth to the government",
    ),
    Account("imports", "goods imports", 0, "goods", "goods imports; below 0 where competing industries count"),
    Account("tariff_revenue", "tariff revenue", 1, "goods", "tariff revenue"),
    Account(
        "consumer_loss", "buyers' loss from tariffs", -1, "goods", "what tariffs cost the country's buyers of goods"
    ),
    Account(
        "terms_of_trade",
        "gain from the terms of trade",
        1,
        "goods",
        "what dearer exports and cheaper imports bring as wages and exchange rates settle",
        has_size=False,
    ),
    Account(
        "licence_rent",
        "rent of limits on goods",
        1,
        "goods",
        "what those of the country earn who may trade goods of which the quantity is limited",
    ),
    Account("export_fees", "fees on goods exports", 1, "goods", "fees on goods exports"),
    Account(
        "rerouting_gain",
        "duties that traders keep",
        1,
        "goods",
        "what traders of the country keep of duties that goods avoid by way of other countries",
    ),
    Account("avoided_duty", "duties avoided by re-routing", 0, "goods"),
    Account("rerouted", "imports declared as of another origin", 0, "goods"),
    Account("deadweight_loss", "loss to everybody", 0, "goods"),
    Account(
        "vendor_profit", "cloud vendors' profit", 1, "cloud", "profit of the country's vendors, at home and abroad"
    ),
    Account(
        "partner_income",
        "partners' income",
        1,
        "cloud",
        "income of licensed partners and co-owners in the country",
    ),
    Account(
        "customer_surplus", "cloud customers' surplus", 1, "cloud", "the surplus of cloud customers in the country"
    ),
    Account("services_tax", "taxes on cloud services", 1, "cloud", "revenue from taxes on cloud services"),
)
"""A country's accounts, in the order of columns. Welfare is the sum of those with a sign (equation 8.1)."""

BLOCKS = ("cloud", "goods")
"""Parts of welfare, in the order in which they are added up."""
WELFARE = "welfare"
"""Name of the sum."""


def welfare_accounts() -> tuple[Account, ...]:
    """Accounts that count in welfare, block after block."""
    return tuple(held for block in BLOCKS for held in ACCOUNTS if held.block == block and held.sign)


def weighed_accounts() -> tuple[Account, ...]:
    """Accounts that governments may weigh, those of the clouds first."""
    return tuple(held for block in BLOCKS for held in ACCOUNTS if held.block == block and held.weighed)


def follows_vendors_home(account: str) -> bool:
    """Whether what an account holds belongs to the country of the vendor, and not to that of the market."""
    return any(flow.account == account and flow.dims == BY_CHANNEL for flow in FLOWS)
