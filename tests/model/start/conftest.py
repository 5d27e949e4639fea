"""What the library's scenarios draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from pydantic import BaseModel

import sim
from sim.model.luck import Draws
from sim.scenario.library import library
from sim.values import Number, Schedule


def uncertain_numbers(part: Any) -> Iterator[str]:
    """Names of all uncertain numbers inside a part of a scenario."""
    if isinstance(part, Number):
        if part.is_uncertain:
            yield part.name
    elif isinstance(part, Schedule):
        yield from uncertain_numbers([number for _, number in part.steps])
    elif isinstance(part, BaseModel):
        yield from uncertain_numbers([getattr(part, field) for field in type(part).model_fields])
    elif isinstance(part, Mapping):
        yield from uncertain_numbers(list(part.values()))
    elif isinstance(part, list | tuple):
        for item in part:
            yield from uncertain_numbers(item)


@pytest.fixture(scope="session")
def drawn_names(play) -> set[str]:
    """Names of the random streams of all uncertain numbers in the library, and of the shocks of one run."""
    names = {name for path in library().values() for name in uncertain_numbers(sim.load(path))}
    uniform = Draws.uniform

    def noted(self, name, length):
        names.add(name)
        return uniform(self, name, length)

    with patch.object(Draws, "uniform", noted):
        play(sim.load("guiyang_pilot", {"months": 24}), range(2))
    return names
