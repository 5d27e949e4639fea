"""When to take what can be taken once: optimal stopping by regression on paths, pure functions on arrays.

Longstaff and Schwartz (2001), Review of Financial Studies 14(1): going back in time, what waiting brings is regressed
on what is known at each date, in the draws in which going pays. The rule is learned in one half of the draws and
followed in the other, both ways round, so that noise that was learned brings nothing. A rule that is not quite the best
makes the value too small, never too large in expectation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.quantities import BoolArray, FloatArray, IntArray
from sim.report.statistics import nine_digits

NOT_AT_ALL = -1
"""Index of the date of a draw that never goes."""
ENOUGH = 5
"""Draws for each slope that is learned; with fewer, waiting is taken to bring the same in all draws."""
SHRINKAGE = 1e-9
"""Weight against large slopes (ridge), for features of variance 1; it only keeps equal features apart."""


class Value(NamedTuple):
    """A mean over draws with its standard error."""

    value: float
    error: float


def value_of(paid: FloatArray) -> Value:
    """Mean of what draws bring, [draw], with its standard error."""
    return Value(nine_digits(paid.mean()), nine_digits(paid.std(ddof=1) / np.sqrt(paid.size)))


def halves(draws: int) -> tuple[BoolArray, BoolArray]:
    """Divide draws into two halves, every second one, [draw] each."""
    even = np.arange(draws) % 2 == 0
    return even, ~even


def first_of(where: BoolArray) -> IntArray:
    """Index of the first date at which something holds, [draw]; `NOT_AT_ALL` where it never does.

    Parameters
    ----------
    where
        [date, draw].
    """
    found: IntArray = np.where(where.any(axis=0), where.argmax(axis=0), NOT_AT_ALL)
    return found


def paid_at(payoff: FloatArray, goes: IntArray) -> FloatArray:
    """What going at some dates brings, [draw]; 0 where a draw never goes.

    Parameters
    ----------
    payoff
        [date, draw].
    goes
        [draw] index of the date.
    """
    found: FloatArray = np.where(goes == NOT_AT_ALL, 0.0, payoff[goes, np.arange(goes.size)])
    return found


def best_moment(payoff: FloatArray, discount: FloatArray, known: FloatArray) -> IntArray:
    """Give each draw the date at which the rule of the other half of the draws lets it go, [draw].

    Parameters
    ----------
    payoff
        [date, draw] what going brings, as of the date; -inf where that is not possible.
    discount
        [date, draw] value today of 1 at the date.
    known
        [date, feature, draw] what is known at the date.
    """
    goes = np.full(payoff.shape[1], NOT_AT_ALL)
    one, other = halves(payoff.shape[1])
    for learned, follows in ((one, other), (other, one)):
        rules = _learned(payoff[:, learned], discount[:, learned], known[..., learned])
        waiting = np.stack([rule.of(features) for rule, features in zip(rules, known[..., follows], strict=True)])
        goes[follows] = first_of(_pays_more(payoff[:, follows], waiting))
    return goes


def _pays_more(payoff: FloatArray, waiting: FloatArray) -> BoolArray:
    found: BoolArray = (payoff > 0.0) & (payoff >= waiting)
    return found


def _learned(payoff: FloatArray, discount: FloatArray, known: FloatArray) -> list[_Waiting]:
    """Learn at each date what waiting brings, from the last date to the first."""
    today, rules = np.zeros(payoff.shape[1]), []
    for at_date, factor, features in zip(payoff[::-1], discount[::-1], known[::-1], strict=True):
        pays = at_date > 0.0
        rule = _Waiting.fitted(features[:, pays], today[pays] / factor[pays])
        goes = _pays_more(at_date, rule.of(features))
        today = np.where(goes, np.where(goes, at_date, 0.0) * factor, today)
        rules.append(rule)
    return rules[::-1]


@dataclass(frozen=True)
class _Waiting:
    """What waiting brings by what is known: a plane, as far as it was learned and never below zero.

    Attributes
    ----------
    low, high
        [feature] ends of what was seen; what lies beyond counts as the end.
    middle, spread
        [feature] mean and standard deviation of what was seen.
    slopes
        [feature] per standard deviation.
    mean
        In the middle.
    """

    low: FloatArray
    high: FloatArray
    middle: FloatArray
    spread: FloatArray
    slopes: FloatArray
    mean: float

    @classmethod
    def fitted(cls, features: FloatArray, brings: FloatArray) -> _Waiting:
        """Fit it to draws, [feature, draw] and [draw]."""
        count, draws = features.shape
        if not draws:
            none = np.zeros(count)
            return cls(none, none, none, none, none, 0.0)
        low, high, middle = features.min(axis=1), features.max(axis=1), features.mean(axis=1)
        spread = np.where(high > low, features.std(axis=1), 0.0)
        slopes = np.zeros(count)
        if draws >= ENOUGH * (count + 1):
            place = _place(features, middle, spread)
            weights = place @ place.T + SHRINKAGE * draws * np.eye(count)
            slopes = np.linalg.solve(weights, place @ (brings - brings.mean()))
        return cls(low, high, middle, spread, slopes, float(brings.mean()))

    def of(self, features: FloatArray) -> FloatArray:
        """What waiting brings to some draws, [draw], given [feature, draw]."""
        inside = np.clip(features, self.low[:, None], self.high[:, None])
        brings: FloatArray = self.mean + self.slopes @ _place(inside, self.middle, self.spread)
        return np.maximum(brings, 0.0)


def _place(features: FloatArray, middle: FloatArray, spread: FloatArray) -> FloatArray:
    """Features of mean 0 and variance 1; 0 where all draws have the same."""
    away = features - middle[:, None]
    return np.divide(away, spread[:, None], out=np.zeros_like(away), where=spread[:, None] > 0.0)
