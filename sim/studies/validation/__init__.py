"""The model beside published figures: forecasts of the past, checks, and the page `docs/validation.md` that shows them.

`forecasts` brings the scorecard of `sim.studies.backtest` and the posterior of `sim.studies.fit`. Each other module
holds one or two checks: a function from what the model says (`evidence`) to comparisons with facts. This package may
use everything else; only the command line uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sim.report.csv_files import csv_of
from sim.studies.validation import (
    average_tariffs,
    checks_page,
    cloud_shares,
    customs_revenue,
    goods_flows,
    goods_losses,
    lags,
    margins,
    model_steps,
    prices,
    published_losses,
    static_opening,
    world_trade,
)
from sim.studies.validation.checks_page import figures_of, scores_for_pages
from sim.studies.validation.comparison import Check
from sim.studies.validation.evidence import Evidence, gather
from sim.studies.validation.forecasts import Forecasts, charts, gather_forecasts, sections

__all__ = [
    "CHECKS",
    "Check",
    "Evidence",
    "Forecasts",
    "figures_of",
    "gather",
    "gather_forecasts",
    "report",
    "tables",
    "write_report",
]

DRAWS = 300
SEED = 1
NAME = "validation"
"""What the page in docs/ is called."""

CHECKS: tuple[Callable[[Evidence], Check], ...] = (
    average_tariffs.against_piie,
    average_tariffs.against_other_measures,
    goods_flows.check,
    goods_losses.check,
    world_trade.check,
    customs_revenue.check,
    published_losses.check,
    margins.check,
    static_opening.check,
    cloud_shares.of_china,
    cloud_shares.of_the_world,
    prices.check,
    lags.check,
)
"""In the order of the page."""


def report(evidence: Evidence, forecasts: Forecasts, name: str = NAME) -> str:
    """Give the page as text, from what has already been gathered.

    Parameters
    ----------
    evidence
        What the checks look at.
    forecasts
        What the scorecard and the posterior are of.
    name
        What the page's file is called without its ending; names of charts begin with it.
    """
    checks = [check(evidence) for check in CHECKS]
    before = sections(forecasts, f"{name}_")
    page = checks_page.rendered(checks, evidence.history.draws, evidence.history.seed, before)
    return f"{page}\n{model_steps.section()}"


def write_report(path: str | Path, figures: str | Path | None = None) -> dict[str, pd.DataFrame]:
    """Run the model, write the page and, beside it, its charts; it takes a minute.

    Parameters
    ----------
    path
        File to write; its folder is made if need be.
    figures
        Folder for the same as tables (CSV), from which report pages say how far to trust the model; none if absent.

    Returns
    -------
    dict[str, DataFrame]
        These tables, as `tables` gives them.
    """
    evidence, forecasts, target = gather(DRAWS, SEED), gather_forecasts(), Path(path)
    for chart in charts(forecasts):
        _write_whole(target.with_name(f"{target.stem}_{chart.name}.svg"), chart.picture.encode())
    _write_whole(target, report(evidence, forecasts, target.stem).encode())
    found = tables(evidence, forecasts)
    if figures is not None:
        for name, table in found.items():
            _write_whole(Path(figures) / f"{name}.csv", csv_of(table))
    return found


def tables(evidence: Evidence, forecasts: Forecasts) -> dict[str, pd.DataFrame]:
    """Give what report pages show: `validation`, all figures beside published ones, and `forecasts`, the scorecard."""
    return {
        "validation": figures_of([check(evidence) for check in CHECKS]),
        "forecasts": scores_for_pages(forecasts.study.scores),
    }


def _write_whole(target: Path, content: bytes) -> None:
    """Write a file beside its place, then put it there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.unfinished")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
