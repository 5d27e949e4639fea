"""Results made up for tests of reports."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.studies.one_run.run_result import RunResult
from tests.report.made_up import synthetic_result, synthetic_tables

MakeResult = Callable[..., RunResult]


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load(Path(__file__).parent / "small.yaml")


@pytest.fixture(scope="session")
def make_result(scenario) -> MakeResult:
    """Make a result of its own; `shift` is what the KPIs gain in every draw, `name` the scenario's name."""
    tables = cache(lambda draws, seed: synthetic_tables(scenario, draws, seed))

    def make(draws: int = 20, seed: int = 1, shift: float = 0.0, name: str = "small") -> RunResult:
        return synthetic_result(scenario.model_copy(update={"name": name}), tables(draws, seed), draws, seed, shift)

    return make


@pytest.fixture(scope="session")
def result(make_result) -> RunResult:
    return make_result()
