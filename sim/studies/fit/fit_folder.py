"""The folder of a fit: sample, tables, charts and page, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.runs.address import Address
from sim.runs.result_folder import FIT, FORMAT, MANIFEST, manifest_text, replace_folder
from sim.studies.fit import estimating
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.fit_charts import plot_fitted, plot_prior_posterior
from sim.studies.fit.fit_page import FITTED, PRIOR_POSTERIOR, rendered
from sim.studies.fit.fit_tables import FitReport, posterior_csv
from sim.studies.one_run.drawn_charts import DrawnChart

SAMPLE, PAGE = "posterior.csv", "fit.md"
FLOATS = "%.6g"
"""How tables write numbers."""


def save(report: FitReport, directory: Address, made_by: Mapping[str, Any] | None = None) -> Address:
    """Write the folder; an older fit there is replaced when the new one is finished.

    Parameters
    ----------
    report
        The fit.
    directory
        Where to.
    made_by
        What the manifest says of the program.

    Raises
    ------
    ScenarioError
        If the place cannot be written or holds something else.
    """
    return replace_folder(directory, FIT, partial(_write, report, made_by or {}))


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with six digits and line ends that are the same everywhere."""
    table.to_csv(path, index=False, float_format=FLOATS, lineterminator="\n")


def _write(report: FitReport, made_by: Mapping[str, Any], folder: Path) -> None:
    (folder / SAMPLE).write_text(posterior_csv(report.sample), encoding="utf-8", newline="\n")
    write_csv(report.parameters, folder / "parameters.csv")
    write_csv(report.observations, folder / "observations.csv")
    DrawnChart(PRIOR_POSTERIOR, plot_prior_posterior(report), report.learned).save(folder)
    DrawnChart(FITTED, plot_fitted(report), report.observations).save(folder)
    (folder / PAGE).write_text(rendered(report), encoding="utf-8", newline="\n")
    (folder / MANIFEST).write_text(manifest_text(_manifest(report, made_by)), encoding="utf-8")


def _manifest(report: FitReport, made_by: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": FIT,
        "scenario": report.fit.scenario.name,
        "cutoff": last_month(report.fit.cutoff),
        "seed": estimating.SEED,
        "draws": estimating.DRAWS,
        "rounds": estimating.ROUNDS,
        "figures": len(report.fit.observations),
        **made_by,
    }
