"""Rules by which a vendor goes, and what each brings: pure functions on arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.quantities import BoolArray, FloatArray, IntArray
from sim.report.statistics import nine_digits
from sim.studies.options.best_moment import NOT_AT_ALL, best_moment, first_of, halves, paid_at

NOW, NOW_OR_NEVER, PAYS, HURDLE, ONE_HURDLE, BEST = (
    "at the first chance", "at the first chance or never", "as soon as it pays", "with the model's hurdle",
    "with the best one hurdle", "at the best moment",
)  # fmt: skip
"""Rules: at the first review at which it is allowed, whatever it brings; then if it pays, and never otherwise; at the
first review at which it pays, without hurdle and with that of the model; with one hurdle for all draws, learned; and as
`best_moment` has learned it."""
TRIED = 64
"""Hurdles that are tried: none, and levels of what changes bring beyond their cost, as a share of it."""


@dataclass(frozen=True)
class Prospects:
    """What changes would bring at each date.

    Attributes
    ----------
    reckoned
        [date, option, draw] net present value as the vendor reckons it, as of the date, bn; -inf where it is not
        allowed. By it the vendor chooses among options.
    counted
        [date, option, draw] the same as the study counts it.
    sunk
        [date, option, draw] cost of setting up, bn.
    hurdle
        [draw] of the model, share of that cost.
    discount
        [date, draw] value today of 1 at the date.
    known
        [date, feature, draw] what is known at the date, beside what changes bring.
    """

    reckoned: FloatArray
    counted: FloatArray
    sunk: FloatArray
    hurdle: FloatArray
    discount: FloatArray
    known: FloatArray

    def only(self, option: int) -> Prospects:
        """Give those of one option."""
        one = slice(option, option + 1)
        return Prospects(
            self.reckoned[:, one], self.counted[:, one], self.sunk[:, one], self.hurdle, self.discount, self.known
        )


class Outcome(NamedTuple):
    """What a rule brings.

    Attributes
    ----------
    rule
        Its name.
    goes
        [draw] index of the date; `NOT_AT_ALL` where a draw never goes.
    paid
        [draw] value today, bn.
    hurdle
        Mean hurdle over draws, share of the cost of setting up; not a number where the rule has none.
    """

    rule: str
    goes: IntArray
    paid: FloatArray
    hurdle: float


def outcomes(prospects: Prospects) -> Iterator[Outcome]:
    """Give what each rule brings, in the order in which the rules are named above."""
    pays, payoff = _best_option(prospects, np.zeros_like(prospects.hurdle))
    first = first_of(np.isfinite(prospects.reckoned.max(axis=1)))
    yield Outcome(NOW, first, paid_at(payoff, first), np.nan)
    draws = np.arange(first.size)
    at_once = np.where((first != NOT_AT_ALL) & pays[first, draws], first, NOT_AT_ALL)
    yield Outcome(NOW_OR_NEVER, at_once, paid_at(payoff, at_once), np.nan)
    yield _with_hurdle(PAYS, prospects, np.zeros_like(prospects.hurdle))
    yield _with_hurdle(HURDLE, prospects, prospects.hurdle)
    yield _with_hurdle(ONE_HURDLE, prospects, _one_hurdle(prospects))
    best = prospects.counted.max(axis=1)
    seen = np.where(np.isfinite(best), best, 0.0)[:, None]
    goes = best_moment(best, prospects.discount, np.concatenate([seen, seen**2, prospects.known], axis=1))
    yield Outcome(BEST, goes, paid_at(best * prospects.discount, goes), np.nan)


def _with_hurdle(rule: str, prospects: Prospects, hurdle: FloatArray) -> Outcome:
    goes, paid = _paid_with(prospects, hurdle)
    bites = bool((prospects.sunk[np.isfinite(prospects.reckoned)] > 0.0).any())
    return Outcome(rule, goes, paid, nine_digits(hurdle.mean()) if bites and rule != PAYS else np.nan)


def _paid_with(prospects: Prospects, hurdle: FloatArray) -> tuple[IntArray, FloatArray]:
    """When a vendor with a hurdle goes, and what that brings today, [draw] each."""
    pays, payoff = _best_option(prospects, hurdle)
    goes = first_of(pays)
    return goes, paid_at(payoff, goes)


def _best_option(prospects: Prospects, hurdle: FloatArray) -> tuple[BoolArray, FloatArray]:
    """Whether the option with the largest gain gains, and its value today, [date, draw] each."""
    gain = prospects.reckoned - prospects.sunk * hurdle
    chosen = gain.argmax(axis=1)[:, None]
    pays = np.take_along_axis(gain, chosen, axis=1)[:, 0] > 0.0
    return pays, np.take_along_axis(prospects.counted, chosen, axis=1)[:, 0] * prospects.discount


def _one_hurdle(prospects: Prospects) -> FloatArray:
    """Give each draw the hurdle that brought most in the other half of the draws, [draw]."""
    pays = (prospects.reckoned > 0.0) & (prospects.sunk > 0.0)
    if not pays.any():
        return np.zeros_like(prospects.hurdle)
    levels = np.quantile(prospects.reckoned[pays] / prospects.sunk[pays], np.linspace(0.0, 1.0, TRIED))
    tried = np.unique([0.0, *levels])
    brings = np.stack([_paid_with(prospects, np.full_like(prospects.hurdle, level))[1] for level in tried])
    found = np.zeros_like(prospects.hurdle)
    one, other = halves(found.size)
    for learned, follows in ((one, other), (other, one)):
        found[follows] = tried[brings[:, learned].mean(axis=1).argmax()]
    return found
