"""The folder of a backtest: scores, scorecard, fan charts and page, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sim.runs.address import Address
from sim.runs.result_folder import BACKTEST, FORMAT, MANIFEST, manifest_text, replace_folder
from sim.studies.backtest import forecasts
from sim.studies.backtest.backtest import Study
from sim.studies.backtest.backtest_charts import fan_charts, fans_of
from sim.studies.backtest.backtest_page import rendered
from sim.studies.backtest.scorecard import scorecard
from sim.studies.fit import estimating
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.fit_folder import write_csv
from sim.studies.one_run.drawn_charts import DrawnChart

SCORES, SCORECARD, PAGE = "scores.csv", "scorecard.csv", "scorecard.md"


def save(study: Study, directory: Address, made_by: Mapping[str, Any] | None = None) -> Address:
    """Write the folder; an older backtest there is replaced when the new one is finished.

    Parameters
    ----------
    study
        The backtest.
    directory
        Where to.
    made_by
        What the manifest says of the program.

    Raises
    ------
    ScenarioError
        If the place cannot be written or holds something else.
    """
    return replace_folder(directory, BACKTEST, partial(_write, study, made_by or {}))


def _write(study: Study, made_by: Mapping[str, Any], folder: Path) -> None:
    write_csv(study.scores, folder / SCORES)
    write_csv(scorecard(study.scores), folder / SCORECARD)
    for name, chart in fan_charts(study).items():
        DrawnChart(name, chart, fans_of(study, name)).save(folder)
    (folder / PAGE).write_text(rendered(study), encoding="utf-8", newline="\n")
    (folder / MANIFEST).write_text(manifest_text(_manifest(study, made_by)), encoding="utf-8")


def _manifest(study: Study, made_by: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": BACKTEST,
        "scenario": study.fits[0].scenario.name,
        "cutoffs": list(map(last_month, study.cutoffs)),
        "seed": estimating.SEED,
        "draws": forecasts.DRAWS,
        "figures": len(study.scores),
        **made_by,
    }
