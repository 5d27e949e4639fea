"""Mistakes planted in the program: one function exchanged wherever it is known.

Compiled code holds what it calls; so whatever calls the function is played by its source from then on, uncompiled.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Function = Callable[..., Any]


def plant(patch: pytest.MonkeyPatch, original: Function, wrong: Function) -> None:
    """Put another function in place of one, in every module of the program that has it."""
    assert _exchanged(patch, {id(original): wrong}), f"{original.__name__} is known nowhere"
    instead = [wrong]
    while callers := [held for _, _, held in _known() if _calls(held, instead)]:
        instead = [held.py_func for held in callers]
        _exchanged(patch, {id(held): held.py_func for held in callers})


def _exchanged(patch: pytest.MonkeyPatch, others: dict[int, Function]) -> bool:
    found = [(module, key, others[id(held)]) for module, key, held in _known() if id(held) in others]
    for place in found:
        patch.setattr(*place)
    return bool(found)


def _known() -> Iterator[tuple[Any, str, Any]]:
    for name, module in list(sys.modules.items()):
        if name == "sim" or name.startswith("sim."):
            yield from ((module, key, held) for key, held in list(vars(module).items()))


def _calls(held: Any, functions: list[Function]) -> bool:
    """Whether something is compiled and its source calls one of these functions."""
    source = getattr(held, "py_func", None)
    if source is None:
        return False
    called = (source.__globals__.get(name) for name in source.__code__.co_names)
    return any(one is function for one in called for function in functions)
