"""Run all draws of a scenario in this process, batch after batch, and make the result."""

from __future__ import annotations

import datetime as dt
import hashlib
import platform
import subprocess
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from sim.batch import run_batch
from sim.errors import ScenarioError
from sim.kpis import kpis_table
from sim.recorder import countries_table, events_table, inputs_table, joined, markets_table, vendors_table
from sim.report.result import RunResult
from sim.scenario.loading import changed, dump, load
from sim.scenario.schema import Scenario
from sim.world.draws import BLOCK

DEFAULT_DRAWS = 200
DEFAULT_SEED = 1
BATCH = 8 * BLOCK
"""Draws advanced together: large enough to hide NumPy's overhead; more hardly gains, and takes memory."""

LIBRARIES = ("cloudtrade", "numpy", "pandas", "simpy", "pydantic", "pyarrow", "matplotlib")


def run(
    scenario: Scenario | str | Path,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    set: Mapping[str, Any] | None = None,
    *,
    batch: int = BATCH,
) -> RunResult:
    """Run a scenario.

    Parameters
    ----------
    scenario
        A loaded scenario, the path of a file, or the name of one in the library.
    draws
        Number of Monte Carlo draws.
    seed
        Seed; the same scenario, seed and draw number give the same bits.
    set
        Values to change for this run, by dotted path, such as `{"demand.market_elasticity": 1.5}`.
    batch
        Draws advanced together; changes speed and memory, never results.

    Raises
    ------
    ScenarioError
        If the scenario, a changed value, or the number of draws is not valid.
    """
    if draws < 1:
        raise ScenarioError(f"draws is {draws}; at least 1 is needed")
    if seed < 0:
        raise ScenarioError(f"seed is {seed}; it must be 0 or more")
    if not isinstance(scenario, Scenario):
        loaded = load(scenario, set)
    elif set:
        loaded = changed(scenario, set)
    else:
        loaded = scenario
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    paths = joined(
        [run_batch(loaded, range(first, min(first + batch, draws)), seed) for first in range(0, draws, batch)]
    )
    tables = {
        "kpis": kpis_table(paths),
        "vendors": vendors_table(paths),
        "countries": countries_table(paths),
        "markets": markets_table(paths),
        "events": events_table(paths),
        "inputs": inputs_table(paths),
    }
    manifest = _manifest(loaded, draws, seed, started, time.perf_counter() - clock)
    manifest["set"] = [f"{path}={value}" for path, value in (set or {}).items()]
    return RunResult(scenario=loaded, manifest=manifest, **tables)


def scenario_hash(scenario: Scenario) -> str:
    """Fingerprint of everything in a scenario."""
    return hashlib.sha256(dump(scenario).encode()).hexdigest()


def _manifest(scenario: Scenario, draws: int, seed: int, started: dt.datetime, seconds: float) -> dict[str, Any]:
    return {
        "format": 1,
        "scenario": scenario.name,
        "scenario_hash": scenario_hash(scenario),
        "seed": seed,
        "draws": draws,
        "versions": {"python": platform.python_version()} | {name: metadata.version(name) for name in LIBRARIES},
        "git_commit": _git_commit(),
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
    }


def _git_commit() -> str | None:
    """Commit of the code, where it runs from a checkout."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (a fixed command)
    return answer.stdout.strip() or None
