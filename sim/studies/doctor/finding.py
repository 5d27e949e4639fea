"""What a check finds: whether it passed, the worst figure, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sim.quantities import FloatArray


class Verdict(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


RELATIVE = "relative"
"""Unit of differences as a part of what was expected."""


@dataclass(frozen=True)
class Gap:
    """One figure that should be small, and where it was found."""

    size: float
    where: str


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check
        Name of the check.
    claim
        What should hold, in one sentence.
    verdict
        How it ended.
    worst
        Largest figure found; not a number where nothing could be measured.
    tolerance
        Largest figure that passes.
    unit
        Unit of both.
    where
        Where the largest figure stands, or why the check does not apply.
    """

    check: str
    claim: str
    verdict: Verdict
    worst: float
    tolerance: float
    unit: str
    where: str


@dataclass(frozen=True)
class Claim:
    """What a check says should hold, and how far it may be missed.

    Attributes
    ----------
    check
        Name of the check.
    text
        What should hold, in one sentence.
    tolerance
        Largest figure that passes.
    unit
        Unit of the figures.
    """

    check: str
    text: str
    tolerance: float
    unit: str = RELATIVE

    def judged(self, gaps: Iterable[Gap]) -> Finding:
        """Compare the largest of some figures with the tolerance; a figure that is not a number fails.

        Without any figure the check does not apply.
        """
        found = list(gaps)
        if not found:
            return self.not_applicable("there is nothing of the kind in this scenario")
        worst = max(found, key=lambda gap: np.inf if np.isnan(gap.size) else gap.size)
        verdict = Verdict.PASSED if worst.size <= self.tolerance else Verdict.FAILED
        return Finding(self.check, self.text, verdict, worst.size, self.tolerance, self.unit, worst.where)

    def not_applicable(self, reason: str) -> Finding:
        """Say why nothing can be checked."""
        return Finding(self.check, self.text, Verdict.NOT_APPLICABLE, np.nan, self.tolerance, self.unit, reason)


SMALL = 1e-3
"""Figures below this part of the largest one beside them are compared with that part, not with themselves."""


def relative(found: FloatArray, expected: FloatArray, beside: float = 0.0) -> FloatArray:
    """Differences as a part of what was expected; tiny figures are compared with the large ones beside them.

    Parameters
    ----------
    found, expected
        Figures in shapes that fit each other.
    beside
        Size of other figures of the same kind, where it is larger than all that was expected.
    """
    found, expected = np.broadcast_arrays(found, expected)
    size = np.abs(expected)
    scale = np.maximum(size, SMALL * max(size.max(initial=0.0), beside))
    apart = np.abs(found - expected)
    part: FloatArray = np.divide(apart, scale, out=np.where(apart > 0.0, np.inf, apart), where=scale > 0.0)
    return part


def largest(sizes: FloatArray, what: str, *names: Sequence[object]) -> Gap:
    """Give the largest of some figures, with the names along its axes.

    Parameters
    ----------
    sizes
        Figures that should be small; those that are no number count as the largest.
    what
        What the figures are.
    names
        Names along the first axes; further axes are not named.
    """
    if not sizes.size:
        return Gap(0.0, what)
    place = np.unravel_index(int(np.where(np.isnan(sizes), np.inf, sizes).argmax()), sizes.shape)
    words = [str(along[int(index)]) for along, index in zip(names, place, strict=False)]
    return Gap(float(sizes[place]), ", ".join([what, *words]))
