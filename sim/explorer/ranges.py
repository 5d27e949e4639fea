"""How far a control goes, and in which steps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sim.values import Number

ROOM_OVER_VALUE = 2.0
"""Where a field has no bounds of its own, a control goes to so many times the larger of value and support."""
ROOM_FOR_ZERO = 1.0
"""How far a control goes whose value is zero, in the unit of its field (a share: 100 %)."""
LEAST_COUNT = 12
"""How far a control of a whole number goes at least: slots for a dozen vendors, months of a year."""
MOST_FACTOR = 2.0
"""A factor on several values goes from none of them to twice their size."""
FACTOR_STEP = 0.05
WHOLE_SHARE = 1.0
"""Bound up to which the bounds of a field are those of its control: shares."""
SHARE_STEP = 0.01
_STEPS = 50
"""A control of another number has at least so many steps."""


@dataclass(frozen=True)
class Span:
    """Ends and step of a control, in the unit of the field."""

    low: float
    high: float
    step: float


def span_of_numbers(numbers: Iterable[Number]) -> Span:
    """Give the range of the controls of one field: its own bounds for a share, else twice what is there.

    Parameters
    ----------
    numbers
        The number of the field, or all steps of a schedule, which share one range.
    """
    held = list(numbers)
    first = held[0]
    if first.low >= -WHOLE_SHARE and first.high <= WHOLE_SHARE:
        return Span(first.low, first.high, SHARE_STEP)
    ends = [end for number in held for end in (number.central, *number.support)]
    reach = ROOM_OVER_VALUE * max(map(abs, ends)) or ROOM_FOR_ZERO
    low = max(first.low, -reach if min(ends) < 0 else 0.0)
    high = min(first.high, reach)
    return Span(low, high, SHARE_STEP if is_share(first) else _round_step(high - low))


def span_of_count(value: int, marks: Iterable[Any]) -> Span:
    """Give the range of a whole number, whose field has bounds among its marks (`Ge`, `Le`)."""
    marks = list(marks)
    low = max((mark.ge for mark in marks if hasattr(mark, "ge")), default=0)
    high = min((mark.le for mark in marks if hasattr(mark, "le")), default=math.inf)
    return Span(low, min(high, max(ROOM_OVER_VALUE * value, LEAST_COUNT)), 1)


def is_share(number: Number) -> bool:
    """Whether people write a number in percent."""
    return number.unit.startswith("share")


def _round_step(width: float) -> float:
    """Give a power of ten that leaves enough steps."""
    return float(f"1e{math.floor(math.log10(width / _STEPS))}") if width > 0 else ROOM_FOR_ZERO
