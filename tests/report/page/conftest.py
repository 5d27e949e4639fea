"""Folders with pages, of real runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

import sim
from sim.runs.manifest import DEAL_SPACE
from sim.runs.result_folder import replace_folder
from sim.runs.totals import inputs_table
from sim.studies.deals.deal_page import write_deal_space
from sim.studies.deals.deal_tables import deal_tables
from sim.studies.one_run.drivers import origins

DRAWS = 60
SHORTER = {"months": 48}


@pytest.fixture(scope="session")
def folders(shared) -> dict[str, Path]:
    """Folders of a run, of two runs compared, of three, and of a deal space."""
    root = shared.folder("pages", save_pages)
    return {path.name: path for path in root.iterdir() if path.is_dir()}


def save_pages(root: Path) -> None:
    names = ("status_quo", "nationwide_opening", "guiyang_pilot")
    runs = [sim.run(name, draws=DRAWS, set=SHORTER) for name in names]
    runs[1].save(root / "run")
    sim.compare(runs[:2], effects=True).save(root / "pair")
    sim.compare(runs).save(root / "three")
    space = sim.deals(sim.load("talks_2018_2020", {"months": 30}), draws=DRAWS)
    inputs = inputs_table(space.scenario, space.seed, range(DRAWS), origins(space.scenario))
    write = partial(write_deal_space, space, deal_tables(space, inputs), {})
    replace_folder(root / "deals", DEAL_SPACE, write)


@pytest.fixture(params=["run", "pair", "three", "deals"])
def folder(request, folders) -> Path:
    return folders[request.param]
