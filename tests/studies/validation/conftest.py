"""One run for all tests of this folder."""

from __future__ import annotations

import pytest

import sim
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.scenario.loading import load
from sim.studies.validation import CHECKS, DRAWS, SEED, Check, Evidence, Forecasts, gather, gather_forecasts
from sim.studies.validation.forecasts import CUTOFFS
from tests.depth import depth

FROM_MANY_RUNS = {"evidence", "alone", "forecasts"}
"""What takes many runs to gather; tests that look at it are left to `make test-depth`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and not FROM_MANY_RUNS.isdisjoint(item.fixturenames):
            item.add_marker(depth)


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    return gather(DRAWS, SEED)


@pytest.fixture(scope="session")
def alone() -> sim.RunResult:
    """History in the same draws, every list of goods standing alone, as the papers have it."""
    return sim.run("phase_one_2020", set={"goods.form": "partial"}, draws=DRAWS, seed=SEED, paths=DRAWS)


@pytest.fixture(scope="session")
def forecasts() -> Forecasts:
    """Forecasts from the first cut-off, which know least, and the fit that scenarios use."""
    return gather_forecasts(CUTOFFS[:1])


@pytest.fixture(scope="session")
def checks(evidence: Evidence) -> list[Check]:
    return [check(evidence) for check in CHECKS]


@pytest.fixture(scope="session")
def world() -> World:
    """The world of history at the base date, in a few draws."""
    return build_world(load("phase_one_2020"), Draws(1, range(5)))
