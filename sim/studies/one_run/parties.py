"""Who may gain or lose: the parties of a scenario, and the figure that holds what each of them has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.ledger import WELFARE, Account, welfare_accounts
from sim.scenario.describing import title_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

CLOUD = "cloud"
_SUM = "cum_bn"
PROFIT, PARTNER, SURPLUS = "vendor_profit", "partner_income", "customer_surplus"
"""Accounts whose holders are told apart further than by country, or go by a name of their own."""
_WHOSE: dict[str, tuple[str, str]] = {
    PARTNER: ("partners in {}", "income"),
    SURPLUS: ("cloud customers in {}", "surplus"),
    "services_tax": ("{} treasury (cloud taxes)", "revenue"),
    "tariff_revenue": ("{} treasury (tariffs)", "revenue"),
    "consumer_loss": ("{} buyers of goods", "loss from tariffs"),
    "terms_of_trade": ("{} terms of trade", "gain"),
    "licence_rent": ("{} holders of licences for goods", "rent"),
    "export_fees": ("{} treasury (fees on exports)", "revenue"),
    "rerouting_gain": ("{} traders who re-route goods", "gain"),
}
"""By account, whose it is and what they have; an account that is not here is its country's."""


@dataclass(frozen=True)
class Party:
    """Somebody who may gain or lose.

    Attributes
    ----------
    title
        Who it is: `US vendors in China`, `US overall`.
    what
        What it has: `profit`.
    stem
        Name of the figure, without time basis and unit.
    block
        Part of the model that the figure comes from: one of `sim.ledger.BLOCKS`; of a whole country empty.
    sign
        1 where more of the figure is a gain, -1 where it is a loss.
    whole
        Whether it is a country, whose welfare is the sum of others.
    has_size
        Whether a change is so many percent of what it has: not of welfare, in which losses are taken off.
    """

    title: str
    what: str
    stem: str
    block: str = CLOUD
    sign: int = 1
    whole: bool = False
    has_size: bool = True

    def kpi(self, basis: str = "cum") -> str:
        """Name of its figure as a sum over the run, or on another basis."""
        return f"{self.stem}_{basis}_bn"


def parties_of(scenario: Scenario) -> list[Party]:
    """List the parties of a scenario: those of the cloud, those of the goods, and the countries.

    Vendors of a country are two parties: those in the market that the scenario is about, and those in another place
    that matters to them, which is abroad for that market's own vendors and at home for all others.
    """
    accounts = [(account, country) for account in welfare_accounts() for country in scenario.countries]
    parts = [party for account, country in accounts for party in _of_account(account, country, scenario)]
    wholes = [
        Party(
            f"{title_of(scenario, 'countries', name)} overall",
            WELFARE,
            f"{WELFARE}_{name}",
            "",
            whole=True,
            has_size=False,
        )
        for name in scenario.countries
    ]
    return [*parts, *wholes]


def _of_account(account: Account, country: str, scenario: Scenario) -> list[Party]:
    title = title_of(scenario, "countries", country)
    if account.name == PROFIT:
        market = scenario.focus.market
        there, other = title_of(scenario, "markets", market), _other_place(country, scenario)
        stem = f"{country}_vendors_profit"
        return [
            Party(f"{title} vendors in {there}", "profit", f"{stem}_in_{market}"),
            Party(f"{title} vendors {other.replace('_', ' ')}", "profit", f"{stem}_{other}"),
        ]
    whose, what = _WHOSE.get(account.name, ("{}", account.title))
    return [
        Party(
            whose.format(title),
            what,
            f"{account.name}_{country}",
            account.block,
            account.sign,
            has_size=account.has_size,
        )
    ]


def _other_place(country: str, scenario: Scenario) -> str:
    return "abroad" if scenario.markets[scenario.focus.market].country == country else "at_home"
