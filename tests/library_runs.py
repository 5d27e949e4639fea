"""One run of a scenario of the library over its whole horizon, made once for all tests and workers."""

from __future__ import annotations

import pickle
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pandas as pd

import sim
import sim.runs.batch_task
from sim.model.recorder import Paths
from sim.scenario.schema import Scenario
from tests.conftest import Run, play
from tests.sharing import Shared

DRAWS, SEED = 12, 1
WATCHED = ("revenue", "unmet", "budget", "capacity", "price")
TABLES = ("kpis", "vendors", "channels", "countries", "markets", "events")
FILE = "run.pickle"


@dataclass(frozen=True)
class LibraryRun:
    """The same run as the model plays it, month by month, and the tables that users get of it."""

    run: Run
    tables: dict[str, pd.DataFrame]


def library_run(shared: Shared, name: str) -> LibraryRun:
    """Give the run of a scenario; nobody may change it."""
    folder = shared.folder(f"library-{name}", lambda place: _keep(played(name), place / FILE))
    held: LibraryRun = pickle.loads((folder / FILE).read_bytes())  # noqa: S301 (written by `_keep`)
    return held


def played(name: str) -> LibraryRun:
    """Run a scenario once, watched."""
    runs: list[Run] = []

    def watched(scenario: Scenario, draws: range, seed: int, **_: bool) -> Paths:
        runs.append(play(scenario, draws, seed, watch=WATCHED))
        return deepcopy(runs[-1].paths)  # which tables use up

    with patch.object(sim.runs.batch_task, "run_batch", watched):
        result = sim.run(name, DRAWS, SEED, workers=1, batch=DRAWS)
    (run,) = runs
    return LibraryRun(run, {name: result.tables[name] for name in TABLES})


def _keep(run: LibraryRun, file: Path) -> None:
    file.write_bytes(pickle.dumps(run))
