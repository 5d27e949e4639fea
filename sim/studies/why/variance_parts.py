"""What part of the variance of a figure each group of inputs makes, from runs in which one group has other luck.

All inputs of run A are drawn anew in run B; in run A_g only those of group g are. Groups are independent of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sim.quantities import FloatArray


@dataclass(frozen=True)
class VarianceParts:
    """Parts of the variance of a figure, share of one.

    Attributes
    ----------
    first
        [group] part that would go if the group were known and nothing else.
    total
        [group] part that would stay if all but the group were known: alone and by interplay.
    first_influence, total_influence
        [group, draw] what each draw adds to them; its spread gives their errors, and those of differences.
    """

    first: FloatArray
    total: FloatArray
    first_influence: FloatArray
    total_influence: FloatArray

    def of(self, chosen: Sequence[bool]) -> VarianceParts:
        """The same of some groups."""
        return VarianceParts(*(held[np.array(chosen)] for held in vars(self).values()))

    @property
    def first_error(self) -> FloatArray:
        """Standard errors of `first`."""
        return _error(self.first_influence)

    @property
    def total_error(self) -> FloatArray:
        """Standard errors of `total`."""
        return _error(self.total_influence)


def variance_parts(base: FloatArray, other: FloatArray, exchanged: FloatArray) -> VarianceParts:
    """Estimate first-order and total effects (Saltelli et al. 2010, Computer Physics Communications 181, Table 2).

    total_g = E[(Y_A - Y_Ag)^2] / 2 V,    first_g = E[Y_B (Y_Ag - Y_A)] / V

    A group that changes nothing has effects of exactly 0.

    Parameters
    ----------
    base, other
        [draw] the figure in runs A and B.
    exchanged
        [group, draw] the figure in the runs A_g.

    Returns
    -------
    VarianceParts
        Zeros where the figure does not vary.
    """
    middle = 0.5 * (base.mean() + other.mean())
    square = 0.5 * ((base - middle) ** 2 + (other - middle) ** 2)
    variance = square.mean()
    if variance <= 0.0:
        nothing = np.zeros_like(exchanged)
        return VarianceParts(nothing.mean(axis=1), nothing.mean(axis=1), nothing, nothing)
    alone, shared = 0.5 * (base - exchanged) ** 2, (other - middle) * (exchanged - base)
    total, first = alone.mean(axis=1) / variance, shared.mean(axis=1) / variance
    return VarianceParts(
        first,
        total,
        *((part - of_all[:, None] * square) / variance for part, of_all in ((shared, first), (alone, total))),
    )


def leaders_stand(parts: VarianceParts, leaders: int, chance: float) -> bool:
    """Whether the groups with the largest total effects are told apart from one another and from the rest.

    Parameters
    ----------
    parts
        What is known so far.
    leaders
        How many of the first places count.
    chance
        Chance of a mistake that is taken, over all comparisons together.
    """
    order = np.argsort(-parts.total, kind="stable")
    pairs = [(order[place], later) for place in range(min(leaders, len(order))) for later in order[place + 1 :]]
    if not pairs:
        return True
    ahead, behind = (np.array(side) for side in zip(*pairs, strict=True))
    lead = parts.total[ahead] - parts.total[behind]
    error = _error(parts.total_influence[ahead] - parts.total_influence[behind])
    return bool((lead > -NormalDist().inv_cdf(chance / len(pairs)) * error).all())


def _error(influence: FloatArray) -> FloatArray:
    """Standard error of a mean, [group]."""
    error: FloatArray = influence.std(axis=-1, ddof=1) / np.sqrt(influence.shape[-1])
    return error


def chance_at(look: int, chance: float) -> float:
    """Chance of a mistake to take at one of any number of looks, which add up to the whole."""
    return chance / (look * (look + 1))
