"""Cases that `make test` leaves to `make test-depth`, and those that this leaves to `make test-all`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

depth, long = pytest.mark.depth, pytest.mark.long


def quick(cases: Iterable[Any], *chosen: Any, others: pytest.MarkDecorator = depth) -> list[Any]:
    """Give all cases as parameters of a test; those that are not chosen are tried in depth only."""
    held = list(cases)
    assert set(chosen) <= set(held), "a case that is chosen is none"
    return [case if case in chosen else pytest.param(case, marks=others) for case in held]


def usual(cases: Iterable[Any], *chosen: Any) -> list[Any]:
    """Give all cases as parameters of a test; those that are not chosen are left to `make test-all`."""
    return quick(cases, *chosen, others=long)
