"""What a choice costs where another would have been better."""

from __future__ import annotations

import numpy as np

from sim.quantities import FloatArray
from sim.studies.one_run.draw_figures import without_rounding

TAIL = 0.05
"""Part of the draws that is the worst tail."""


def regrets(figures: FloatArray) -> FloatArray:
    """How much less each choice brings than the best one of the draw, [choice, draw].

    Parameters
    ----------
    figures
        [choice, draw] what each brings.
    """
    return without_rounding(figures, figures.max(axis=0))


def worst_tail(regret: FloatArray) -> FloatArray:
    """Mean of the worst twentieth of the draws, [choice]; one draw at least."""
    count = max(int(np.ceil(TAIL * regret.shape[1])), 1)
    worst: FloatArray = np.sort(regret, axis=1)[:, -count:].mean(axis=1)
    return worst


def share_best(figures: FloatArray) -> FloatArray:
    """In what share of draws each choice is the best, [choice]; those that are equally good share the draw."""
    best = regrets(figures) == 0.0
    share: FloatArray = (best / best.sum(axis=0)).mean(axis=1)
    return share
