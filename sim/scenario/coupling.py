"""Which uncertain numbers are drawn together: those that a scenario names in `correlated`, and lists with one word."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from operator import mul

from sim.scenario.schema import Correlated, Scenario
from sim.scenario.schema_slots import everything_in
from sim.scenario.source_tree import Problem, Steps
from sim.values import TOGETHER, Loadings, Number, Schedule

DRAWN_ANEW = {"capacity.lead_months": "order", "licensing.service_months": "application"}
"""Numbers that have many values in one draw, and what each value is of."""


def loadings(scenario: Scenario) -> Loadings:
    """Give the weights of independent normals that each correlated number is made of (equation 9.9), by its path.

    A number with one value has none; all others of its group are drawn as if it still went with them.
    """
    uncertain = {number.name for _, number in _numbers(scenario) if number.is_uncertain}
    found = {}
    for group in scenario.correlated:
        for name, row in zip(group.values, _triangle(group) or (), strict=True):
            if name in uncertain:
                found[name] = tuple(zip(group.values, row, strict=False))
    return found


def _triangle(group: Correlated) -> list[list[float]] | None:
    """Factor the matrix of normal correlations (Cholesky), row by row; None where no numbers can have it.

    A normal copula has the rank correlation r where the normals correlate by 2 sin(pi r / 6) (Pearson 1907).
    """
    size = len(group.values)
    ranks = iter([group.rank] * (size * size) if isinstance(group.rank, float) else group.rank)
    normal = {(i, j): 2 * math.sin(math.pi * next(ranks) / 6) for i in range(size) for j in range(i + 1, size)}
    rows: list[list[float]] = []
    for i in range(size):
        row: list[float] = []
        for j in range(i):
            row.append((normal[j, i] - sum(map(mul, row, rows[j]))) / rows[j][j])
        left = 1 - sum(weight * weight for weight in row)
        if left < _LEAST_OF_ITS_OWN:
            return None
        rows.append([*row, math.sqrt(left)])
    return rows


_LEAST_OF_ITS_OWN = 1e-9
"""Part of a number's variance that has to be its own luck."""


def correlated_numbers_can_be_drawn(scenario: Scenario) -> Iterator[Problem]:
    """Check that correlated numbers have luck of their own, and that numbers can go together like that."""
    numbers = {number.name: number for _, number in _numbers(scenario)}
    taken: dict[str, int] = {}
    for place, group in enumerate(scenario.correlated):
        path = ("correlated", place)
        for at, name in enumerate(group.values):
            text = _why_not(name, numbers)
            if name in taken:
                text = f"{name} is in the group above too" if taken[name] != place else f"{name} stands here twice"
            if text:
                yield Problem((*path, "values", at), text)
            taken[name] = place
        size = len(group.values)
        pairs = size * (size - 1) // 2
        if isinstance(group.rank, tuple) and len(group.rank) != pairs:
            yield Problem((*path, "rank"), f"{size} values make {pairs} pairs, but {len(group.rank)} ranks stand here")
        elif _triangle(group) is None:
            text = "no numbers can go together like that: the matrix of correlations is not positive definite"
            yield Problem((*path, "rank"), text)


def _why_not(name: str, numbers: dict[str, Number]) -> str:
    number = numbers.get(name)
    if number is None:
        near = difflib.get_close_matches(name, numbers, n=1)
        return f"there is no number {name!r}" + (f"; did you mean {near[0]}?" if near else "")
    if number.estimate is not None:
        return f"{name} was estimated, together with others; give it a distribution of its own to correlate it"
    if number.together:
        return f"{name} goes with the other lists of {number.together} already"
    return f"{name} is drawn anew for each {DRAWN_ANEW[name]}" if name in DRAWN_ANEW else ""


def lists_together_are_of_one_length(scenario: Scenario) -> Iterator[Problem]:
    """Check that lists which go together have values for the same places."""
    first: dict[str, Number] = {}
    for path, number in _numbers(scenario):
        if number.together:
            other = first.setdefault(number.together, number)
            if len(number.parameters) != len(other.parameters):
                lengths = f"has {len(number.parameters)} values and {other.name} has {len(other.parameters)}"
                yield Problem(path, f"{lengths}, but both say `{TOGETHER}: {number.together}`")
            if number.name in DRAWN_ANEW:
                yield Problem(path, f"is drawn anew for each {DRAWN_ANEW[number.name]} and can go with no others")


def _numbers(scenario: Scenario) -> Iterator[tuple[Steps, Number]]:
    """Give every number of a scenario with its path."""
    for path, held in everything_in(scenario):
        if isinstance(held, Number):
            yield path, held
        elif isinstance(held, Schedule):
            yield from ((path if date is None else (*path, date), number) for date, number in held.steps)


COUPLING_CHECKS = (correlated_numbers_can_be_drawn, lists_together_are_of_one_length)
"""Checks of what goes together."""
