"""The folder of a deal space: tables, chart, scenario and manifest, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.runs.address import Address, Place
from sim.runs.parquet import to_parquet
from sim.runs.result_folder import DEAL_SPACE, FORMAT, MANIFEST, manifest_text, replace_folder
from sim.runs.run_data import SCENARIO
from sim.scenario.loading import dump
from sim.studies.deals.deal_charts import plot_deal_space
from sim.studies.deals.deal_page import deal_page
from sim.studies.deals.deal_tables import chosen_issue, compensation, deciders, effects, long, outcomes, packages
from sim.studies.one_run.chart_numbers import numbers_of_deal_space
from sim.studies.one_run.drawn_charts import DrawnChart

if TYPE_CHECKING:
    from sim.studies.deals.deal_space import DealSpace

DEALS, CHART = "deals.parquet", "deal_space"
"""A file inside the folder, and the name of the chart, beside a CSV file for each other table."""


@dataclass(frozen=True)
class DealReport:
    """A deal space with what is needed to report it.

    Attributes
    ----------
    space
        The deal space.
    inputs
        What was drawn: `draw`, and a column per uncertain number.
    issue
        Issue to look at; that of access to the focus market if None.
    made_by
        What the manifest says of the program and of the settings of the run.
    """

    space: DealSpace
    inputs: pd.DataFrame
    issue: str | None = None
    made_by: Mapping[str, Any] | None = None

    def save(self, directory: Address) -> Address:
        """Write the folder; an older deal space there is replaced when the new one is finished.

        Raises
        ------
        ScenarioError
            If the place cannot be written or holds something else, or the issue is not on the agenda.
        """
        return replace_folder(directory, DEAL_SPACE, partial(_write, self))

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables over draws, by the name of their file."""
        return {
            "packages": packages(self.space),
            "effects": effects(self.space),
            "compensation": compensation(self.space),
            "outcomes": outcomes(self.space, self.issue),
            "deciders": deciders(self.space, self.inputs),
        }


def _write(report: DealReport, folder: Path) -> None:
    (folder / DEALS).write_bytes(to_parquet(long(report.space)))
    for name, table in report.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    chart, numbers = plot_deal_space(report.space, report.issue), numbers_of_deal_space(report.space)
    drawn = DrawnChart(CHART, chart, numbers)
    drawn.save(folder)
    manifest = _manifest(report)
    deal_page(report, manifest, drawn).write(Place.of(folder))
    (folder / SCENARIO).write_text(dump(report.space.scenario), encoding="utf-8")
    (folder / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8")


def _manifest(report: DealReport) -> dict[str, Any]:
    space = report.space
    return {
        "format": FORMAT,
        "kind": DEAL_SPACE,
        "scenario": space.scenario.name,
        "seed": space.seed,
        "draws": len(space.draws),
        "date": space.date.isoformat(),
        "countries": list(space.countries),
        "packages": len(space.packages),
        "issue": chosen_issue(space.scenario, report.issue),
        **(report.made_by or {}),
    }
