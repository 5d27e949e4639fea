"""The model beside published figures: checks, and the page `docs/validation.md` that shows them.

Each module holds one or two checks: a function from what the model says (`evidence`) to comparisons with facts. This
package may use everything else; only the command line uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim.validation import average_tariffs, cloud_shares, goods_flows, goods_losses, lags, margins, page, prices
from sim.validation.comparison import Check
from sim.validation.evidence import Evidence, gather

__all__ = ["CHECKS", "Check", "Evidence", "gather", "report", "write_report"]

DRAWS = 300
SEED = 1

CHECKS: tuple[Callable[[Evidence], Check], ...] = (
    average_tariffs.against_piie,
    average_tariffs.against_other_measures,
    goods_flows.check,
    goods_losses.check,
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


def write_report(path: str | Path) -> None:
    """Run the model and write the page; it takes some seconds.

    Parameters
    ----------
    path
        File to write; its folder is made if need be.
    """
    text = report(gather(DRAWS, SEED))
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.unfinished")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
