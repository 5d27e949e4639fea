"""Folders with pages, of real runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim

DRAWS = 60


@pytest.fixture(scope="session")
def runs() -> list[sim.RunResult]:
    return [sim.run(name, draws=DRAWS) for name in ("status_quo", "nationwide_opening", "guiyang_pilot")]


@pytest.fixture(scope="session")
def folders(runs, tmp_path_factory) -> dict[str, Path]:
    """Folders of a run, of two runs compared, and of three."""
    root = tmp_path_factory.mktemp("pages")
    runs[1].save(root / "run")
    sim.compare(runs[:2], effects=True).save(root / "pair")
    sim.compare(runs).save(root / "three")
    return {path.name: path for path in root.iterdir() if path.is_dir()}


@pytest.fixture(params=["run", "pair", "three"])
def folder(request, folders) -> Path:
    return folders[request.param]
