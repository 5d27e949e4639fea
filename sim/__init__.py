"""cloudtrade: a trade-policy scenario simulator.

The way of the data, and where each step lives:

1. `sim.scenario`: scenario.yaml -> validated `Scenario` (plain values with sources); `sim.facts` holds the data that it
   cites, `sim.policies` the instruments it may use, `sim.values` the kinds of value.
2. `sim.model`: a `Scenario` and draw numbers -> what happens in those draws. `start` makes the world at the base date,
   `equations` are pure functions on arrays, `minds` are what actors reckon, `actors` are SimPy processes that play
   month by month, and `batch.py` is a run of one batch in one screen.
3. `sim.runs`: many batches, in processes or on a cluster, kept as they finish, joined into one result.
4. `sim.studies`: questions put to runs, a folder each.
5. `sim.report`: how tables, charts, sentences and pages look; it knows nothing of runs.
6. `sim.explorer`: sliders and live charts in a browser; `sim.cli`: the command line.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.errors import ModelError as ModelError
    from sim.errors import ScenarioError as ScenarioError
    from sim.explorer.opening import explore as explore
    from sim.scenario.loading import load as load
    from sim.scenario.schema import Scenario as Scenario
    from sim.studies.compare.comparison import Comparison as Comparison
    from sim.studies.compare.difference_charts import plot_differences as plot_differences
    from sim.studies.compare.difference_charts import plot_welfare_differences as plot_welfare_differences
    from sim.studies.compare.driver_charts import plot_drivers as plot_drivers
    from sim.studies.compare.effects import compare as compare
    from sim.studies.deals.deal_charts import plot_deal_dates as plot_deal_dates
    from sim.studies.deals.deal_charts import plot_deal_space as plot_deal_space
    from sim.studies.deals.deal_space import DealSpace as DealSpace
    from sim.studies.deals.deal_space import deals as deals
    from sim.studies.decisions.reviews import Decisions as Decisions
    from sim.studies.decisions.reviews import decisions as decisions
    from sim.studies.discover.discover_study import Discovery as Discovery
    from sim.studies.discover.discover_study import discover as discover
    from sim.studies.instruments.instruments_charts import plot_ledger as plot_ledger
    from sim.studies.instruments.instruments_study import InstrumentLedger as InstrumentLedger
    from sim.studies.instruments.instruments_study import ledger_of as ledger_of
    from sim.studies.one_run.goods_charts import plot_goods as plot_goods
    from sim.studies.one_run.market_charts import plot_presence as plot_presence
    from sim.studies.one_run.market_charts import plot_price_index as plot_price_index
    from sim.studies.one_run.market_charts import plot_ranking as plot_ranking
    from sim.studies.one_run.market_charts import plot_shares as plot_shares
    from sim.studies.one_run.run_result import RunResult as RunResult
    from sim.studies.one_run.run_result import read as read
    from sim.studies.one_run.run_result import run as run
    from sim.studies.one_run.talks_chart import plot_talks as plot_talks
    from sim.studies.one_run.welfare_charts import plot_welfare as plot_welfare
    from sim.studies.one_run.world_charts import plot_origins as plot_origins
    from sim.studies.one_run.world_charts import plot_real_income as plot_real_income
    from sim.studies.options.options_charts import plot_entry_option as plot_entry_option
    from sim.studies.options.options_study import EntryOption as EntryOption
    from sim.studies.options.options_study import entry_option as entry_option
    from sim.studies.sweep.sweep_charts import plot_sweep as plot_sweep
    from sim.studies.sweep.sweep_study import Sweep as Sweep
    from sim.studies.sweep.sweep_study import sweep as sweep
    from sim.studies.validation.static_opening import static_opening as static_opening
    from sim.studies.why.why_charts import plot_why as plot_why
    from sim.studies.why.why_study import Why as Why
    from sim.studies.why.why_study import why as why
    from sim.studies.worth.worth_study import Worth as Worth
    from sim.studies.worth.worth_study import worth as worth

__version__ = "0.1.0"

PLACES = {
    "run": "sim.studies.one_run.run_result",
    "load": "sim.scenario.loading",
    "read": "sim.studies.one_run.run_result",
    "compare": "sim.studies.compare.effects",
    "why": "sim.studies.why.why_study",
    "sweep": "sim.studies.sweep.sweep_study",
    "decisions": "sim.studies.decisions.reviews",
    "entry_option": "sim.studies.options.options_study",
    "discover": "sim.studies.discover.discover_study",
    "worth": "sim.studies.worth.worth_study",
    "ledger_of": "sim.studies.instruments.instruments_study",
    "deals": "sim.studies.deals.deal_space",
    "static_opening": "sim.studies.validation.static_opening",
    "explore": "sim.explorer.opening",
    "Scenario": "sim.scenario.schema",
    "RunResult": "sim.studies.one_run.run_result",
    "Comparison": "sim.studies.compare.comparison",
    "DealSpace": "sim.studies.deals.deal_space",
    "Why": "sim.studies.why.why_study",
    "Sweep": "sim.studies.sweep.sweep_study",
    "Decisions": "sim.studies.decisions.reviews",
    "EntryOption": "sim.studies.options.options_study",
    "Discovery": "sim.studies.discover.discover_study",
    "Worth": "sim.studies.worth.worth_study",
    "InstrumentLedger": "sim.studies.instruments.instruments_study",
    "ScenarioError": "sim.errors",
    "ModelError": "sim.errors",
    "plot_shares": "sim.studies.one_run.market_charts",
    "plot_presence": "sim.studies.one_run.market_charts",
    "plot_price_index": "sim.studies.one_run.market_charts",
    "plot_goods": "sim.studies.one_run.goods_charts",
    "plot_origins": "sim.studies.one_run.world_charts",
    "plot_real_income": "sim.studies.one_run.world_charts",
    "plot_welfare": "sim.studies.one_run.welfare_charts",
    "plot_ranking": "sim.studies.one_run.market_charts",
    "plot_differences": "sim.studies.compare.difference_charts",
    "plot_welfare_differences": "sim.studies.compare.difference_charts",
    "plot_drivers": "sim.studies.compare.driver_charts",
    "plot_talks": "sim.studies.one_run.talks_chart",
    "plot_deal_dates": "sim.studies.deals.deal_charts",
    "plot_deal_space": "sim.studies.deals.deal_charts",
    "plot_why": "sim.studies.why.why_charts",
    "plot_sweep": "sim.studies.sweep.sweep_charts",
    "plot_ledger": "sim.studies.instruments.instruments_charts",
    "plot_entry_option": "sim.studies.options.options_charts",
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
