"""Mistakes planted in the program: one function exchanged wherever it is known."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest


def plant(patch: pytest.MonkeyPatch, original: Callable[..., Any], wrong: Callable[..., Any]) -> None:
    """Put another function in place of one, in every module of the program that has it."""
    places = 0
    for name, module in list(sys.modules.items()):
        if name == "sim" or name.startswith("sim."):
            for key, value in list(vars(module).items()):
                if value is original:
                    patch.setattr(module, key, wrong)
                    places += 1
    assert places, f"{original.__name__} is known nowhere"
