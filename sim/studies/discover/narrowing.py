"""A scenario narrowed to a box: numbers are drawn from the part of their distributions that lies in it.

No distribution of a scenario file has ends of one's own choice but the uniform. So other numbers are written as lists
of values that are equally likely (`choice`): values at even shares of what lies in the box, and of numbers that go
together (estimates, correlated numbers, lists with one word) joint draws that lie in it, which a draw takes from the
same place of each list (`together`). So what goes together still does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.quantities import FloatArray
from sim.scenario.describing import numbers_of
from sim.scenario.schema import Scenario
from sim.values import TOGETHER, Number

LISTED = 200
"""Values of a list."""
SAMPLE = 20_000
"""Draws of numbers from which those in the box are taken; nothing is run for them."""
_DIGITS = 7


class Bounds(NamedTuple):
    """Ends of a number, both inside; infinite where there is none."""

    low: float
    high: float


def narrowed(scenario: Scenario, box: Mapping[str, Bounds], word: str) -> dict[str, Any]:
    """Give the values to change in a scenario so that all its draws lie in a box.

    Parameters
    ----------
    scenario
        The scenario.
    box
        Bounds by dotted path; paths that it does not have, or where it has one value, are left out.
    word
        Begins the words that lists which go together share.

    Returns
    -------
    dict
        Values by dotted path, as a scenario file has them.

    Raises
    ------
    ScenarioError
        If none of its draws lies in the box.
    """
    numbers = {path: number for path, number in numbers_of(scenario).items() if number.is_uncertain}
    bounded = {path: bounds for path, bounds in box.items() if path in numbers}
    found: dict[str, Any] = {}
    for group in _groups(numbers):
        here = {path: bounded[path] for path in group if path in bounded}
        if len(group) > 1 and here:
            found |= _joint([numbers[path] for path in group], here, f"{word}.{min(here)}", scenario.name)
        elif here:
            found |= {path: _alone(numbers[path], bounds, scenario.name) for path, bounds in here.items()}
    kept = [held for held in scenario.correlated if found.keys().isdisjoint(held.values)]
    if len(kept) < len(scenario.correlated):
        found["correlated"] = [held.model_dump(mode="json", exclude_none=True) for held in kept]
    return found


def _groups(numbers: Mapping[str, Number]) -> Iterator[list[str]]:
    """Divide numbers into those that have luck in common, directly or by others."""
    groups: list[tuple[set[str], list[str]]] = []
    for path, number in numbers.items():
        mixed = number.loadings if number.estimate is None else number.estimate.loadings
        luck = {name for name, _ in mixed} or {f"{TOGETHER}.{number.together}" if number.together else path}
        near = [held for held in groups if not held[0].isdisjoint(luck)]
        groups = [held for held in groups if held[0].isdisjoint(luck)]
        groups.append((luck.union(*(held for held, _ in near)), [name for _, names in near for name in names] + [path]))
    yield from (sorted(names) for _, names in groups)


def _alone(number: Number, bounds: Bounds, where: str) -> Any:
    """Narrow a number that goes with no other."""
    if number.kind == "uniform":
        low, high = (min(max(end, number.parameters[0]), number.parameters[1]) for end in bounds)
        if low < high:
            return {"uniform": [_short(low, number), _short(high, number)]}
    drawn = Draws(1, range(SAMPLE)).number(number)
    held = np.sort(drawn[_inside([drawn], [bounds], number.name, where)])
    shares = (np.arange(LISTED) + 0.5) / LISTED
    return _listed(number, np.quantile(held, shares, method="inverted_cdf"))


def _joint(numbers: Sequence[Number], bounds: Mapping[str, Bounds], word: str, where: str) -> dict[str, Any]:
    """Take joint draws of numbers that go together from those that lie in the box."""
    luck = Draws(1, range(SAMPLE))
    drawn = [luck.number(number) for number in numbers]
    ends = [bounds.get(number.name, Bounds(-np.inf, np.inf)) for number in numbers]
    rows = np.flatnonzero(_inside(drawn, ends, " and ".join(bounds), where))
    chosen = rows[np.linspace(0, len(rows) - 1, min(LISTED, len(rows))).astype(np.int64)]
    return {
        number.name: _listed(number, values[chosen]) | {TOGETHER: word}
        for number, values in zip(numbers, drawn, strict=True)
    }


def _inside(drawn: Sequence[FloatArray], ends: Sequence[Bounds], what: str, where: str) -> Any:
    inside = np.all([(one >= low) & (one <= high) for one, (low, high) in zip(drawn, ends, strict=True)], axis=0)
    if not inside.any():
        raise ScenarioError(f"{where}: of {SAMPLE:,} draws of {what} none lies in the box, so it cannot be narrowed")
    return inside


def _listed(number: Number, values: FloatArray) -> dict[str, Any]:
    return {"choice": [_short(value, number) for value in values]}


def _short(value: float, number: Number) -> float | str:
    """Write a value with few digits, as its field takes it."""
    return number.plain(min(max(float(f"{value:.{_DIGITS}g}"), number.low), number.high))
