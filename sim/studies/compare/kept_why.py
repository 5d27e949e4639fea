"""What `cloudtrade why` has found of the same scenarios, taken into a comparison where its folder is at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from sim.errors import ScenarioError
from sim.report.kept_table import Kept, Sentence, joined
from sim.report.kpi_names import uncapitalised
from sim.report.statistics import whole_percent
from sim.runs.address import Address, Place
from sim.runs.fingerprints import scenario_hash
from sim.runs.manifest import WHY, manifest_of
from sim.runs.parquet import from_parquet
from sim.runs.run_data import RunData
from sim.studies.one_run.drivers import stacked
from sim.studies.one_run.main_kpis import label
from sim.studies.why import KINDS

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.studies.compare.compared_runs import ComparedRuns

GROUPS, SWITCHING = "groups", "switching"
"""Tables of the study that a comparison takes over."""
_REMEDY = "ask `cloudtrade why` again"
Compared = TypeVar("Compared", bound="ComparedRuns")


def with_kept_why(compared: Compared, place_of: Callable[[str, str], Address]) -> Compared:
    """Add what is kept of why the other runs differ from the reference.

    Parameters
    ----------
    compared
        Runs against a reference.
    place_of
        Gives the folder of the study, by the names of the reference and of the other scenario.
    """
    found: dict[str, list[pd.DataFrame]] = {GROUPS: [], SWITCHING: []}
    for name_of_run, run in compared.by_label.items():
        place = Place.of(place_of(compared.reference.scenario.name, run.scenario.name))
        manifest = _said(place, compared.reference, run)
        for name, tables in found.items() if manifest is not None else ():
            table = _kept(place, name)
            if table is not None:
                table.insert(0, "scenario", name_of_run)
                table.insert(1, "kpi", str(manifest["kpi"]) if manifest else "")
                tables.append(table)
    if not found[GROUPS] or not found[SWITCHING]:
        return compared
    return replace(compared, groups=stacked(found[GROUPS]), switching=stacked(found[SWITCHING]))


def _said(place: Place, reference: RunData, other: RunData) -> dict[str, object] | None:
    """Give the manifest of a study if it was about these very scenarios."""
    said = manifest_of(place)
    hashes = {"reference": scenario_hash(reference.scenario), "other": scenario_hash(other.scenario)}
    return said if said and said.get("kind") == WHY and said.get("scenario_hashes") == hashes else None


def _kept(place: Place, name: str) -> pd.DataFrame | None:
    """Read one of its tables; none where the folder is damaged, for the comparison does without it."""
    try:
        return from_parquet(place / f"{name}.parquet", _REMEDY)
    except (OSError, ScenarioError):
        return None


def parts_by_kind(groups: Kept, other: str, reference: Scenario) -> Sentence:
    """Say how much of the variance would go if estimates, assumptions or luck alone were known; nothing if unknown.

    Parameters
    ----------
    groups
        `ComparedRuns.groups`, as the folder keeps it.
    other
        Name of the run.
    reference
        The scenario that it is compared with.
    """
    whole: dict[str, int] = {}
    for row in [*groups.rows(scenario=other, whole=True), *groups.rows(scenario=other, whole=False)]:
        whole.setdefault(groups.value(row, "kind"), row)
    parts: list[Sentence] = [
        (words, " ", groups.cell(whole[kind], "first", _at_least_none))
        for kind, words in KINDS.items()
        if kind in whole
    ]
    if not parts:
        return ()
    figure = _figure(groups, next(iter(whole.values())), reference)
    return (f"Part of the variance of {figure} that would go if they alone were known: ", *joined(parts, ", "), ".")


def most_by_group(groups: Kept, switching: Kept, other: str, reference: Scenario) -> Sentence:
    """Name the groups that decide most, and where the sign turns; nothing where that is not known.

    Parameters
    ----------
    groups, switching
        The tables of `ComparedRuns`, as the folder keeps them.
    other
        Name of the run.
    reference
        The scenario that it is compared with.
    """
    rows = [row for row in groups.rows(scenario=other, whole=False) if groups.value(row, "total") > 0.0][:MOST_NAMED]
    if not rows:
        return ()
    leaders: list[Sentence] = [
        (groups.cell(row, "title", uncapitalised), " (", groups.cell(row, "total", whole_percent), ")") for row in rows
    ]
    turns: Sentence = ()
    for row in [row for row in switching.rows(scenario=other) if not pd.isna(switching.value(row, "turns_at"))][:1]:
        at, low, high, least, most = (
            switching.cell(row, name, "{:.3g}".format) for name in ("turns_at", "turns_low", "turns_high", "p5", "p95")
        )
        number = switching.cell(row, "title", uncapitalised)
        turns = (
            " The sign turns with ", number, " at ", at, " (90 % interval ", low, " to ", high, "; drawn ", least,
            " to ", most, " ", switching.cell(row, "unit"), ").",
        )  # fmt: skip
    figure = _figure(groups, rows[0], reference)
    return (f"Of {figure}, most of all: ", *joined(leaders, ", "), ", each with all that it does together with others.",
            *turns)  # fmt: skip


MOST_NAMED = 3
"""Groups that the answer names."""


def _figure(groups: Kept, row: int, reference: Scenario) -> str:
    return uncapitalised(label(str(groups.value(row, "kpi")), reference))


def _at_least_none(share: float) -> str:
    return whole_percent(max(share, 0.0))
