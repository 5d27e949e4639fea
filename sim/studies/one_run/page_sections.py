"""Sections that pages of runs and of comparisons share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sim.report.captions import SHOWN_OF_HASH
from sim.report.page_charts import page_chart
from sim.report.page_content import (
    Column,
    Kept,
    PageTable,
    Piece,
    Section,
    Sentence,
    from_manifest,
)
from sim.runs.result_folder import MANIFEST
from sim.studies.one_run.page_tables import assumption_table, assumptions_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.studies.one_run.drawn_charts import DrawnChart

_SETTINGS = {
    "scenario": "scenario",
    "draws": "draws",
    "seed": "seed",
    "content_hash": "content hash of the results",
    "scenario_hash": "hash of the scenario",
    "started": "started",
    "seconds": "seconds of computing",
    "git_commit": "git commit",
    "versions.cloudtrade": "cloudtrade",
    "versions.numpy": "NumPy",
    "versions.python": "Python",
}
"""What a page repeats of the manifest of a run, by dotted path."""


def chart_section(charts: Iterable[DrawnChart], folder: str = "charts/") -> Section:
    """Show all charts, whose files are in a folder beside the page."""
    return Section("charts", "Charts", charts=[page_chart(chart, folder) for chart in charts])


def assumption_section(scenario: Scenario) -> tuple[Section, Kept]:
    """List all numbers of a scenario, and the table in which they stand."""
    assumptions = Kept("assumptions", assumptions_of(scenario))
    words = (
        f"Every number of {scenario.name}, its unit, and where it comes from. What nobody has published is an "
        "assumption and says so; numbers with a distribution are drawn anew in each draw, and the ranges above hold "
        "what follows from that. `cloudtrade show` gives file and line of each."
    )
    return Section("assumptions", "Assumptions", [(words,)], tables=[assumption_table(assumptions)]), assumptions


def origin_of(manifest: Mapping[str, Any], path: str = "") -> Sentence:
    """Say what made a run: scenario, draws, seed, content hash if it has one; `path` leads to it in the manifest."""
    known = from_manifest(manifest, f"{path}content_hash", lambda held: str(held)[:SHOWN_OF_HASH])
    return (
        from_manifest(manifest, f"{path}scenario"), ", ",
        from_manifest(manifest, f"{path}draws", lambda draws: f"{draws:,}"), " draws, seed ",
        from_manifest(manifest, f"{path}seed"), *((", content hash ", known) if known.value else ()),
    )  # fmt: skip


def manifest_section(manifest: Mapping[str, Any], runs: Mapping[str, str]) -> Section:
    """Lay out what a manifest says of its runs: a column each, headed by the keys, whose values lead to them."""
    columns = [Column("setting"), *map(Column, runs)]
    rows: list[list[Piece]] = [
        [words, *(from_manifest(manifest, f"{path}{setting}") for path in runs.values())]
        for setting, words in _SETTINGS.items()
    ]
    words: Sentence = ("The same scenario, seed and draw number give the same bits on this kind of machine.",)
    return Section(
        "manifest", "What made it", [words], tables=[PageTable("Settings", columns, rows, f"From: {MANIFEST}.")]
    )
