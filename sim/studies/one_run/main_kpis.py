"""The dozen KPIs that say who gains, and what people call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.report.kpi_names import basis_in_words, label_from_name, parse
from sim.scenario.describing import Collection, region_titles, title_of, titles_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario

MAIN_KPIS: dict[str, str] = {
    "{visitor}_vendors_revenue_in_{market}_cum_bn": "Revenue of {visitor} vendors in {market}",
    "{visitor}_vendors_profit_in_{market}_cum_bn": "Profit of {visitor} vendors in {market}",
    "{host}_vendors_profit_at_home_cum_bn": "Profit of {host} vendors at home",
    "partners_income_cum_bn": "Income of partners",
    "customer_surplus_{market}_cum_bn": "Surplus of cloud customers in {market}",
    "welfare_{visitor}_cum_bn": "Welfare of {visitor}",
    "welfare_{host}_cum_bn": "Welfare of {host}",
    "exports_{visitor}_cum_bn": "Goods exports of {visitor}",
    "exports_{host}_cum_bn": "Goods exports of {host}",
    "foreign_share_{market}_end_share": "Share of foreign vendors in {market}",
    "price_index_{market}_end_index": "Price index of {market}",
    "{champion}_world_rank_end_rank": "World rank of {champion}",
    "deal_signed_end_share": "A deal is signed",
}
"""KPIs in the order of tables and charts, with the words for them.

`visitor` is the country whose vendors want in, `market` the one whose opening is in question, `host` its country, and
`champion` the vendor of the host that the scenario names first.
"""

HEADLINE_KPIS = (
    "{visitor}_vendors_profit_in_{market}_cum_bn",
    "customer_surplus_{market}_cum_bn",
    "partners_income_cum_bn",
)
"""Those of them of which one asks first what decides them."""

ANSWER_KPIS = (*HEADLINE_KPIS, "welfare_{visitor}_cum_bn", "welfare_{host}_cum_bn")
"""Those that a report names in its answer: who gains, in the order of the question."""

REAL_INCOME = "real_income_"
"""How the names of KPIs of regions begin."""

_ROLES: dict[str, Collection] = {
    "market": "markets",
    "visitor": "countries",
    "host": "countries",
    "champion": "vendors",
}
"""Where the names that stand for the roles are found."""


def main_kpis(result: RunData) -> list[str]:
    """Choose the KPIs that answer who gains, as far as the run has them; about a deal only if there are talks.

    Parameters
    ----------
    result
        A run; the focus of its scenario says whose gains are asked for.
    """
    has_talks = result.scenario.talks.mode != "none"
    chosen = [kpi for kpi in _labels(result.scenario) if kpi in result.kpis]
    return [kpi for kpi in chosen if has_talks or not kpi.startswith("deal_")]


def headline_kpis(scenario: Scenario) -> list[str]:
    """Name the profit of the visitor's vendors, the customers' surplus and the partners' income."""
    return [kpi.format(**_focus(scenario)) for kpi in HEADLINE_KPIS]


def answer_kpis(scenario: Scenario) -> list[str]:
    """Name the KPIs with which a report answers who gains: the headline ones and the welfare of both countries."""
    return [kpi.format(**_focus(scenario)) for kpi in ANSWER_KPIS]


def label(kpi: str, scenario: Scenario) -> str:
    """Describe a KPI in words, with its time basis: `Revenue of US vendors in China, sum over the run`."""
    return labelling(scenario)(kpi)


def labelling(scenario: Scenario) -> Callable[[str], str]:
    """Give a function that describes KPIs of a scenario as `label` does, for many of them."""
    main, regions, titles = _labels(scenario), region_titles(scenario), titles_of(scenario)

    def words(kpi: str) -> str:
        _, _, region = parse(kpi).stem.partition(REAL_INCOME)
        of_region = f"Real income from tariffs, {regions[region]}" if region in regions else ""
        return f"{main.get(kpi) or of_region or label_from_name(kpi, titles)}, {basis_in_words(kpi)}"

    return words


def _labels(scenario: Scenario) -> dict[str, str]:
    """Fill the focus of a scenario into the main KPIs: words by name."""
    names = _focus(scenario)
    words = {role: title_of(scenario, _ROLES[role], name) for role, name in names.items()}
    return {kpi.format(**names): phrase.format(**words) for kpi, phrase in MAIN_KPIS.items()}


def _focus(scenario: Scenario) -> dict[str, str]:
    """Give the names that stand for the roles in the names of the main KPIs."""
    market = scenario.focus.market
    host = scenario.markets[market].country
    champions = [vendor for vendor, held in scenario.vendors.items() if held.home == host]
    return {
        "market": market,
        "visitor": scenario.focus.visitor,
        "host": host or "",
        "champion": next(iter(champions), ""),
    }
