"""A small scenario with luck in it, its undisturbed results, and commands that run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
import sim.runs.batch_task
from sim.model.batch import run_batch
from sim.scenario.loading import dump
from sim.scenario.schema import Scenario
from tests.runs.commands import Commands

RESTLESS = {
    "months": 12,
    "demand.budget_shock_sd": 0.05,
    "demand.quality_shock_sd": 0.1,
    "demand.market_elasticity": {"uniform": [1.4, 1.8]},
    "pricing.adjustment_share": {"uniform": [0.3, 0.7]},
    "presence.entrant_quality_sd": 0.2,
    "presence.hurdle": {"uniform": [0, 0.5]},
    "zones.harbour.incidents_per_year": 0.5,
    "policies.pilot": {
        "kind": "pilot_zone", "by": "china", "zone": "harbour", "starts": "2018-08-01", "slots": 1,
        "reach": {"enterprise": 1, "government": 1}, "source": "made up",
    },
}  # fmt: skip
"""Changes that make the compact world differ from draw to draw, in numbers and in events."""

PATHS = 100
"""Draws whose paths are kept: not all, and no multiple of any batch size that is tried."""
TABLES = ("kpis", "events", "inputs", "bands", "frequencies", "vendors", "channels", "countries", "markets",
          "digests")  # fmt: skip

Undisturbed = Callable[..., sim.RunResult]
AssertSame = Callable[[sim.RunResult, sim.RunResult], None]


@pytest.fixture(scope="session")
def restless(compact) -> Scenario:
    """A year of the compact world in which draws differ."""
    return compact(RESTLESS).model_copy(update={"name": "restless"})


@pytest.fixture(scope="session")
def restless_file(restless, tmp_path_factory) -> Path:
    """The same scenario for commands."""
    path = tmp_path_factory.mktemp("scenario") / "restless.yaml"
    path.write_text(dump(restless), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def undisturbed(restless) -> Undisturbed:
    """What draws give in one process, in memory, in one go."""

    @cache
    def run(draws: int, paths: int = PATHS) -> sim.RunResult:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sim.runs.batch_task, "run_batch", run_batch)
            return sim.run(restless, draws=draws, paths=paths, workers=1)

    return run


@pytest.fixture
def commands(restless_file, tmp_path) -> Iterator[Commands]:
    """Commands that run the scenario into a folder of this test."""
    held = Commands(restless_file, tmp_path / "results")
    yield held
    held.close()


@pytest.fixture
def computed(monkeypatch) -> list[range]:
    """Batches that this process has computed since, in their order."""
    seen: list[range] = []

    def watched(scenario: Scenario, draws: range, *rest: Any, **how: Any) -> Any:
        seen.append(draws)
        return run_batch(scenario, draws, *rest, **how)

    monkeypatch.setattr(sim.runs.batch_task, "run_batch", watched)
    return seen


@pytest.fixture(scope="session")
def assert_same() -> AssertSame:
    """Hold two results against each other: hash, and every bit of all tables."""

    def check(one: sim.RunResult, other: sim.RunResult) -> None:
        for table in TABLES:
            assert _bits(one.tables[table]) == _bits(other.tables[table]), table
        assert one.manifest["content_hash"] == other.manifest["content_hash"]

    return check


def _bits(table: pd.DataFrame) -> dict[str, tuple[str, bytes | list[str]]]:
    """Type and bits of each column; of words, the words."""
    return {
        str(name): (str(column.dtype), np.ascontiguousarray(column.to_numpy()).tobytes())
        if column.dtype.kind in "ifbM"
        else ("words", column.astype(str).tolist())
        for name, column in table.items()
    }
