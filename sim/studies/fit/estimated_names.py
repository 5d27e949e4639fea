"""Names of series for people."""

from __future__ import annotations

from sim.report.statistics import PERCENT
from sim.scenario.schema import Scenario
from sim.studies.fit.published import EXPORTS, IMPORTS, SHARE

WORLD = "world"
_FLOWS = {IMPORTS: "Goods imports from China", EXPORTS: "Goods exports to China"}


def title_of(series: str, scenario: Scenario) -> str:
    """Name a series, as `Observation.series` writes it: `Alibaba Cloud` for `share.china.alibaba`."""
    kind, where, *member = series.split(".")
    if kind in _FLOWS:
        return _FLOWS[kind]
    place = WORLD if where == WORLD else scenario.markets[where].title or where.capitalize()
    if kind == SHARE:
        return f"{scenario.vendors[member[0]].title}, {place}"
    return f"Whole market, {place}"


def unit_of(series: str) -> tuple[str, float]:
    """Give the unit in which charts show a series at yearly rates, and what figures are multiplied with."""
    return ("percent", PERCENT) if series.startswith(f"{SHARE}.") else ("bn USD a year", 1.0)
