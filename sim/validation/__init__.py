"""The model beside published figures: checks, and the page `docs/validation.md` that shows them.

Each module holds one or two checks: a function from what the model says (`evidence`) to comparisons with facts. This
package may use everything else; only the command line uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim.validation import (
    average_tariffs,
    cloud_shares,
    goods_flows,
    goods_losses,
    lags,
    margins,
    page,
    prices,
    published_losses,
)
from sim.validation.comparison import Check
from sim.validation.evidence import Evidence, gather
from sim.validation.figures import figures_of

__all__ = ["CHECKS", "Check", "Evidence", "figures_of", "gather", "report", "write_report"]

DRAWS = 300
SEED = 1

CHECKS: tuple[Callable[[Evidence], Check], ...] = (
    average_tariffs.against_piie,
    average_tariffs.against_other_measures,
    goods_flows.check,
    goods_losses.check,
    published_losses.check,
    margins.check,
    cloud_shares.of_china,
    cloud_shares.of_the_world,
    prices.check,
    lags.check,
)
"""In the order of the page."""


def report(evidence: Evidence) -> str:
    """Give the page as text, from evidence already gathered."""
    checks = [check(evidence) for check in CHECKS]
    return page.rendered(checks, evidence.history.draws, evidence.history.seed)


def write_report(path: str | Path, figures: str | Path | None = None) -> None:
    """Run the model and write the page; it takes some seconds.

    Parameters
    ----------
    path
        File to write; its folder is made if need be.
    figures
        File for the same as a table (CSV), from which report pages say how far to trust the model; none if absent.
    """
    evidence = gather(DRAWS, SEED)
    _write_whole(Path(path), report(evidence))
    if figures is not None:
        table = figures_of([check(evidence) for check in CHECKS])
        _write_whole(Path(figures), table.to_csv(index=False, lineterminator="\n"))


def _write_whole(target: Path, text: str) -> None:
    """Write a file beside its place, then put it there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.unfinished")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
