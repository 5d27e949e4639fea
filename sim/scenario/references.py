"""Names that a scenario uses and that must exist in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.scenario.library import did_you_mean
from sim.scenario.problems import Problem
from sim.scenario.shape import SCENARIO, every_slot


def reference_problems(plain: Mapping[str, Any]) -> Iterator[Problem]:
    """Find names of markets, vendors, policies, ... that are used but not there.

    Needs no valid scenario, so that misspelt names show up together with all other problems.
    """
    for path, slot, content in every_slot(SCENARIO, plain):
        for collection in slot.refers if isinstance(content, str) else []:
            known = _names_in(plain, collection)
            if content not in known:
                part = collection.rpartition(".")[2]
                near = did_you_mean(content, known) or " (there are none)"
                yield Problem(path, f"{content!r} is not in {part}{near}")


def _names_in(plain: Mapping[str, Any], collection: str) -> list[str]:
    here: Any = plain
    for step in collection.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    return [str(name) for name in here] if isinstance(here, Mapping) else []
