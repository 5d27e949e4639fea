"""A small patient in good health."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.scenario.schema import Scenario
from tests.studies.doctor.healthy import HEALTHY


@pytest.fixture(scope="session")
def healthy(compact: Callable[..., Scenario]) -> Scenario:
    """Give the small patient."""
    return compact(HEALTHY)
