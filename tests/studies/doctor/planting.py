"""Mistakes planted in the program: one function exchanged wherever it is known."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from sim.model.equations.kernels import Kernels


def plant(patch: pytest.MonkeyPatch, original: Callable[..., Any], wrong: Callable[..., Any]) -> None:
    """Put another function in place of one, in every module of the program that has it, kernels included."""
    places = 0
    for name, module in list(sys.modules.items()):
        if name == "sim" or name.startswith("sim."):
            for key, value in list(vars(module).items()):
                if value is original:
                    patch.setattr(module, key, wrong)
                    places += 1
                elif isinstance(value, Kernels):
                    held = [field.name for field in fields(value) if getattr(value, field.name) is original]
                    if held:
                        patch.setattr(module, key, replace(value, **dict.fromkeys(held, wrong)))
    assert places, f"{original.__name__} is known nowhere"
