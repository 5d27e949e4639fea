"""Folders with pages, of real runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.runs.totals import inputs_table
from sim.studies.deals.deal_folder import DealReport
from sim.studies.one_run.uncertain_inputs import origins

DRAWS = 60


@pytest.fixture(scope="session")
def folders(shared) -> dict[str, Path]:
    """Folders of a run, of two runs compared, of three, and of a deal space."""
    root = shared.folder("pages", save_pages)
    return {path.name: path for path in root.iterdir() if path.is_dir()}


def save_pages(root: Path) -> None:
    runs = [sim.run(name, draws=DRAWS) for name in ("status_quo", "nationwide_opening", "guiyang_pilot")]
    runs[1].save(root / "run")
    sim.compare(runs[:2], effects=True).save(root / "pair")
    sim.compare(runs).save(root / "three")
    space = sim.deals("bargain_spring_2019", draws=DRAWS)
    inputs = inputs_table(space.scenario, space.seed, [range(DRAWS)], origins(space.scenario))
    DealReport(space, inputs).save(root / "deals")


@pytest.fixture(params=["run", "pair", "three", "deals"])
def folder(request, folders) -> Path:
    return folders[request.param]
