"""cloudtrade: a trade-policy scenario simulator.

The way of the data, and where each step lives:

1. `sim.scenario`: scenario.yaml -> validated `Scenario` (plain values with sources); `sim.facts` holds the data that it
   cites, `sim.policies` the instruments it may use, `sim.values` the kinds of value.
2. `sim.world`: `Scenario` -> arrays at the base date, last axis always draws.
3. `sim.economics`: the equations, pure functions on arrays.
4. `sim.agents`: SimPy processes that decide for all draws at once; `sim.timeline` is their order of play.
5. `sim.recorder`, `sim.kpis`, `sim.distributions`: what happened -> pandas tables, and how all draws lie.
6. `sim.batch`: one batch of draws in one screen; `sim.ensemble`: many of them, in processes or on a cluster;
   `sim.deal_space`: what packages are worth to governments that bargain; `sim.effective`: which values matter.
7. `sim.storage`: result folders in parts; `sim.report`: tables -> comparisons, charts.
8. `sim.explorer`: sliders and live charts in a browser.
9. `sim.validation`: the model beside published figures; `sim.cli`, `sim.terminal`: the command line.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.deal_space import DealSpace as DealSpace
    from sim.deal_space import deals as deals
    from sim.effective import compare as compare
    from sim.ensemble.run import run as run
    from sim.errors import ModelError as ModelError
    from sim.errors import ScenarioError as ScenarioError
    from sim.explorer.opening import explore as explore
    from sim.report.compare import Comparison as Comparison
    from sim.report.deal_charts import plot_deal_space as plot_deal_space
    from sim.report.deal_charts import plot_talks as plot_talks
    from sim.report.difference_charts import plot_differences as plot_differences
    from sim.report.driver_charts import plot_drivers as plot_drivers
    from sim.report.goods_charts import plot_goods as plot_goods
    from sim.report.market_charts import plot_presence as plot_presence
    from sim.report.market_charts import plot_price_index as plot_price_index
    from sim.report.market_charts import plot_ranking as plot_ranking
    from sim.report.market_charts import plot_shares as plot_shares
    from sim.report.result import RunResult as RunResult
    from sim.report.result import read as read
    from sim.report.welfare_charts import plot_welfare as plot_welfare
    from sim.report.welfare_charts import plot_welfare_differences as plot_welfare_differences
    from sim.scenario.loading import load as load
    from sim.scenario.schema import Scenario as Scenario

__version__ = "0.1.0"

PLACES = {
    "run": "sim.ensemble.run",
    "load": "sim.scenario.loading",
    "read": "sim.report.result",
    "compare": "sim.effective",
    "deals": "sim.deal_space",
    "explore": "sim.explorer.opening",
    "Scenario": "sim.scenario.schema",
    "RunResult": "sim.report.result",
    "Comparison": "sim.report.compare",
    "DealSpace": "sim.deal_space",
    "ScenarioError": "sim.errors",
    "ModelError": "sim.errors",
    "plot_shares": "sim.report.charts",
    "plot_presence": "sim.report.charts",
    "plot_price_index": "sim.report.charts",
    "plot_goods": "sim.report.charts",
    "plot_welfare": "sim.report.charts",
    "plot_ranking": "sim.report.charts",
    "plot_differences": "sim.report.difference_charts",
    "plot_welfare_differences": "sim.report.welfare_charts",
    "plot_drivers": "sim.report.driver_charts",
    "plot_talks": "sim.report.deal_charts",
    "plot_deal_space": "sim.report.deal_charts",
}
"""Public names and the modules that define them; each is imported when first used, so that `--help` answers at once."""

__all__ = [*PLACES, "__version__"]  # noqa: PLE0604 (the names are the keys)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in PLACES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; public names: {', '.join(PLACES)}")
    return getattr(importlib.import_module(PLACES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
