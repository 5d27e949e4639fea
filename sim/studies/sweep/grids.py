"""Values of a scenario to go through, as people write them: `presence.hurdle=0..0.5:6`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np

from sim.errors import ScenarioError
from sim.quantities import MONTHS_PER_YEAR

OPTION = "--over"
WANTED = f"expected {OPTION} PATH=FIRST..LAST:POINTS or PATH=VALUE,VALUE, such as presence.hurdle=0..50%:6"
MOST_POINTS = 200
_WHOLE = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class Grid:
    """Values that one number or date of a scenario goes through.

    Attributes
    ----------
    path
        Dotted path.
    values
        As a scenario writes them: whole numbers stay whole, shares stay shares of one.
    """

    path: str
    values: tuple[float | str, ...]

    @property
    def places(self) -> tuple[float, ...]:
        """Where each value stands on an axis: numbers as they are, dates in years."""
        return tuple(_years(value) if isinstance(value, str) else value for value in self.values)


def grid_of(text: str) -> Grid:
    """Read what is to be swept.

    Raises
    ------
    ScenarioError
        If it is written otherwise than expected, or holds fewer than two values.
    """
    path, given, values = (part.strip() for part in text.partition("="))
    if not (path and given and values):
        raise ScenarioError(f"{OPTION} {text}: {WANTED}")
    first, ranged, rest = values.partition("..")
    last, _, points = rest.partition(":")
    found = _between(text, first, last, points) if ranged else tuple(_value(text, part) for part in values.split(","))
    if not 1 < len(set(found)) == len(found) <= MOST_POINTS:
        raise ScenarioError(f"{OPTION} {text}: expected 2 to {MOST_POINTS} different values")
    if len({isinstance(value, str) for value in found}) > 1:
        raise ScenarioError(f"{OPTION} {text}: expected either numbers or dates")
    return Grid(path, found)


def _between(text: str, first: str, last: str, points: str) -> tuple[float | str, ...]:
    """Evenly spaced values; dates are first days of months."""
    if not points.strip().isdigit() or not 1 < int(points) <= MOST_POINTS:
        raise ScenarioError(f"{OPTION} {text}: expected 2 to {MOST_POINTS} points after the colon; {WANTED}")
    low, high, count = _value(text, first), _value(text, last), int(points)
    if isinstance(low, str) and isinstance(high, str):
        return tuple(_month(round(place)) for place in np.linspace(_months(low), _months(high), count))
    if isinstance(low, str) or isinstance(high, str):
        raise ScenarioError(f"{OPTION} {text}: expected either numbers or dates")
    if isinstance(low, int) and isinstance(high, int) and (high - low) % (count - 1) == 0 and low != high:
        return (*range(low, high, (high - low) // (count - 1)), high)
    return tuple(float(f"{place:.12g}") for place in np.linspace(low, high, count))


def _value(text: str, part: str) -> float | str:
    part = part.strip()
    try:
        return dt.date.fromisoformat(part).isoformat()
    except ValueError:
        pass
    try:
        if part.endswith("%"):
            return float(part.removesuffix("%")) / 100.0
        return int(part) if _WHOLE.fullmatch(part) else float(part)
    except ValueError as problem:
        raise ScenarioError(f"{OPTION} {text}: {part!r} is no number, share or date; {WANTED}") from problem


def _months(day: str) -> int:
    date = dt.date.fromisoformat(day)
    return date.year * MONTHS_PER_YEAR + date.month - 1


def _month(months: int) -> str:
    return dt.date(months // MONTHS_PER_YEAR, months % MONTHS_PER_YEAR + 1, 1).isoformat()


def _years(day: str) -> float:
    return _months(day) / MONTHS_PER_YEAR
