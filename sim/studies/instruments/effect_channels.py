"""Channels of effect: of which parts a figure is made, as the project's accounts add them up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.ledger import WELFARE, welfare_accounts
from sim.model.kpis import PROFIT
from sim.report.kpi_names import KpiName, parse
from sim.scenario.describing import title_of
from sim.scenario.schema import Scenario

WHOLE = "all"
"""Channel of the figure as a whole."""


@dataclass(frozen=True)
class Channel:
    """A part of a figure.

    Attributes
    ----------
    title
        What people call it.
    kpi
        The figure that holds it.
    sign
        How it counts in the whole.
    """

    title: str
    kpi: str
    sign: int = 1


def channels_of(kpi: str, *scenarios: Scenario) -> tuple[Channel, ...]:
    """Give the parts that add up to a figure: accounts of welfare, vendors of a country, partners; none of any other.

    Parameters
    ----------
    kpi
        Name of the figure, of any time basis.
    scenarios
        Whose vendors and partners count, be they in one of them only.
    """
    name = parse(kpi)
    found = [channel for scenario in scenarios for channel in _channels(name, scenario)]
    return tuple(dict.fromkeys(found))


def _channels(name: KpiName, scenario: Scenario) -> Iterator[Channel]:
    ending = f"_{name.basis}_{name.unit}"
    for country in scenario.countries:
        if name.stem == f"{WELFARE}_{country}":
            for account in welfare_accounts():
                yield Channel(account.title, f"{account.name}_{country}{ending}", account.sign)
        if name.stem == f"{country}_vendors{(earned := f'_{PROFIT}_in_{scenario.focus.market}')}":
            at_home = (vendor for vendor, held in scenario.vendors.items() if held.home == country)
            yield from (Channel(title_of(scenario, "vendors", one), f"{one}{earned}{ending}") for one in at_home)
    if name.stem == "partners_income":
        for partner in scenario.partners:
            yield Channel(title_of(scenario, "partners", partner), f"{partner}_income{ending}")
