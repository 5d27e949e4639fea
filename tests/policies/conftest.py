"""Instruments from YAML values, levers of the compact world, and the months in which instruments write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from sim.policies import Levers, Policy, Turn
from sim.policies.levers import DECLARED
from sim.timeline import Calendar
from sim.values import Number, Schedule

DRAWS = 3
CALENDAR = Calendar(dt.date(2018, 7, 1), 36)


@pytest.fixture
def levers(build, compact) -> Levers:
    """Rules of the compact world at the base date, three draws."""
    return build(compact(), range(DRAWS)).levers


@pytest.fixture(scope="session")
def instrument(compact) -> Callable[..., Policy]:
    """An instrument with the settings that a scenario gives it."""

    def made(**settings: Any) -> Policy:
        return compact({"policies.this": settings | {"source": "made up"}}).policies["this"]

    return made


def number(value: Number) -> Any:
    return np.full(DRAWS, value.parameters[0])


@pytest.fixture(scope="session")
def turn() -> Callable[..., Turn]:
    """One month's turn: in force in all draws, or in those named; nationwide in none, or in those named."""

    def made(month: int = 0, active: Any = True, nationwide: Any = False) -> Turn:
        def step(schedule: Schedule) -> Number | None:
            begun = [value for date, value in schedule.steps if date is None or CALENDAR.month_of(date) <= month]
            return begun[-1] if begun else None

        masks = (np.broadcast_to(np.asarray(mask, dtype=np.bool_), DRAWS) for mask in (active, nationwide))
        active, nationwide = masks
        return Turn(month=month, active=active, number=number, step=step, nationwide=nationwide)

    return made


@pytest.fixture
def changed(levers) -> Callable[..., Mapping[str, np.ndarray]]:
    """Levers that an instrument has changed, by name."""
    before = levers.copy()

    def compare() -> dict[str, np.ndarray]:
        return {
            name: getattr(levers, name)
            for name in DECLARED
            if not np.array_equal(getattr(levers, name), getattr(before, name))
        }

    return compare
