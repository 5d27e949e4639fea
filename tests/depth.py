"""Cases that `make test` leaves to `make test-depth`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

depth = pytest.mark.depth


def quick(cases: Iterable[Any], *chosen: Any) -> list[Any]:
    """Give all cases as parameters of a test; those that are not chosen are tried in depth only."""
    held = list(cases)
    assert set(chosen) <= set(held), "a case that is chosen is none"
    return [case if case in chosen else pytest.param(case, marks=depth) for case in held]
