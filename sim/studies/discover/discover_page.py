"""The folder of the study: the rule as a table, and in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.report.kept_table import Column, Kept, Sentence, Table, number
from sim.report.page_layout import Section
from sim.report.statistics import whole_percent
from sim.runs.manifest import DISCOVERY
from sim.studies.discover.discover_study import LEVEL
from sim.studies.one_run.study_folder import StudyFolder

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.discover.discover_study import Discovery


def in_words(bounds: pd.DataFrame) -> str:
    """Say a region, by the rows of what bounds it: `required return of vendors at most 0.2 and ...`."""
    parts = []
    for row in bounds.to_dict("records"):
        low, high = ("" if math.isnan(row[end]) else f"{row[end]:.3g}" for end in ("low", "high"))
        ends = f"from {low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
        parts.append(f"{row['title']} {ends} {row['unit']}".rstrip())
    return " and ".join(parts)


def answer_of(found: Discovery) -> list[Sentence]:
    """Say under which assumptions the condition holds, or that no rule was found."""
    scored = found.score
    base = (
        f"{found.when} holds in {whole_percent(scored.base_rate)} of {scored.draws:,} draws kept apart to score rules"
    )
    if not found.is_rule:
        return [(f"{base}. No rule about the inputs can be told from chance (level {whole_percent(LEVEL)}).",)]
    region = (
        f"{whole_percent(scored.support)} of all draws and {whole_percent(scored.coverage)} of those in which the "
        "condition holds"
    )
    return [
        (f"{base}; where {in_words(found.rules())}, in {whole_percent(scored.density)}.",),
        (f"That region has {region}; so much by chance: {scored.chance:.1g}.",),
    ]


def rule_table(found: Discovery, kept: Kept) -> Table:
    """Lay out the bounds, of the rule or of what came nearest to one."""
    columns = [
        Column("number", "title"), Column("unit", "unit"),
        *(number(title, name, "{:.3g}".format) for title, name in
          (("at least", "low"), ("at most", "high"), ("drawn: 5 %", "p5"), ("95 %", "p95"))),
    ]  # fmt: skip
    caption = "The rule" if found.is_rule else "No rule; what came nearest, and may be chance"
    note = f"All bounds hold together; scores stand in the answer. Numbers: {kept.file}."
    return kept.table(caption, columns, None, note)


def tree_in_words(found: Discovery) -> list[Sentence]:
    """Say what the condition comes to in each leaf of the tree, the most frequent first."""
    tree = found.tree()
    if tree.empty:
        return [("No question about one number divides the draws better than chance would.",)]
    said: list[Sentence] = []
    for _, bounds in tree.groupby("leaf"):
        scored = bounds.iloc[0]
        doubt = "" if scored["chance"] < LEVEL else ", which may be chance"
        share, part = whole_percent(scored["density"]), whole_percent(scored["support"])
        where = f"Where {in_words(bounds)}, {found.when} holds in {share} of draws{doubt}"
        said.append((f"{where}; {part} of all draws are there.",))
    return said


def folder_of(found: Discovery) -> StudyFolder:
    """Lay out what the study's folder holds."""
    kept, tree = Kept("rules", found.rules()), Kept("tree", found.tree())
    said = {
        "reference": found.reference.name, "kpi": found.kpi, "when": found.when, "seed": found.seed,
        "draws": len(found.draws), "is_rule": found.is_rule,
    }  # fmt: skip
    sections = [
        Section("rule", "The rule, if any", tables=[rule_table(found, kept)]),
        Section("tree", "All draws, by at most two questions", tree_in_words(found)),
    ]
    return StudyFolder(
        DISCOVERY, (found.reference, found.other), said, f"When {found.when}: {found.other.title}",
        found.other.question, answer_of(found), sections, [kept, tree],
    )  # fmt: skip
