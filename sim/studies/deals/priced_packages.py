"""Packages and what they are worth to both governments, draw by draw, as data."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.model.world import RoundHeld
from sim.quantities import BoolArray, FloatArray, IntArray
from sim.scenario.describing import title_of
from sim.scenario.schema import Scenario


@dataclass(frozen=True, repr=False)
class PricedPackages:
    """Packages and what they are worth, draw by draw.

    Attributes
    ----------
    scenario, seed
        What was run, and with which seed.
    draws
        [draw] draw numbers.
    date
        Date of the first round, whose rules and market sizes count.
    countries
        The two governments.
    packages
        For each package its level of each issue.
    parts
        For each part of a gain an array [country, package, draw]: weight times present value of the difference to no
        deal, bn USD. They add up to the gain.
    signed
        [draw] index of the package that the run signs, -1 where none.
    outcomes
        [draw] deal_month, broken_month and no_deal_month (NEVER where it does not happen).
    rounds
        What happened at each round.
    issue
        Issue that is looked at.
    without
        [round, draw] whether something has been signed by each round where that issue is off the table, and luck and
        all else are the same; none where the issue has one level only.
    rungs
        [draw] how many rungs of the escalation were climbed.
    climbs
        [country, rung, draw] what it is worth to each country, as of the first round, that the escalation goes from the
        rung below to this one, bn USD, present value.
    point_worth
        [country, draw] what it is worth to each country that the other side's tariffs on its goods fall by a percentage
        point, on average over them, bn USD; not a number where there are none above the base rates.
    compensation
        For each level that costs a country something by itself: `acceptable_share` of draws in which the country
        accepts it if the other side cuts its tariffs on the country's goods by `cut_share`; `costly_share` of draws in
        which it costs the country something without a cut, and the share of these in which the cut makes up for it.
    """

    scenario: Scenario
    seed: int
    draws: IntArray
    date: dt.date
    countries: tuple[str, ...]
    packages: dict[str, dict[str, str]]
    parts: dict[str, FloatArray]
    signed: IntArray
    outcomes: dict[str, IntArray]
    rounds: tuple[RoundHeld, ...]
    compensation: pd.DataFrame
    issue: str
    without: BoolArray | None
    rungs: IntArray
    point_worth: FloatArray
    climbs: FloatArray

    @cached_property
    def signed_by(self) -> BoolArray:
        """Whether something has been signed by each round, also if it broke later, [round, draw]."""
        return signed_by(self.rounds)

    @cached_property
    def went_as_history(self) -> BoolArray | None:
        """Draws that went as it is known to have happened, span after span, [draw]; none where nothing is known."""
        spans = [as_it_happened for _, as_it_happened in self.spans()]
        return np.logical_and.reduce(spans) if spans else None

    def spans(self) -> Iterator[tuple[str, BoolArray]]:
        """Give what is known of the talks, and the draws in which it came about, [draw] (equation 7.12).

        A deal that left something out is told in two parts: that it was signed, and what it left.
        """
        talks, agreed = self.scenario.talks, [held.agreed for held in self.rounds]
        since = dt.date.min
        for span in talks.history:
            within = [since < talks.rounds[held.number].date <= span.until for held in self.rounds]
            nowhere = np.zeros(len(self.draws), dtype=np.bool_)
            signed = np.logical_or.reduce([nowhere, *itertools.compress(agreed, within)])
            yield f"{'a deal' if span.signed else 'no deal'} by {span.until}", signed == span.signed
            choices = list(talks.choices.values())
            package = np.full(len(self.draws), -1)
            for held in itertools.compress(self.rounds, within):
                package = np.where(held.agreed, held.package, package)
            for issue in span.without:
                first = next(iter(talks.agenda[issue]))
                leaves = np.array([*(chosen[issue] == first for chosen in choices), False])
                yield f"a deal without {title_of(self.scenario, 'agenda', issue)}", leaves[package]
            since = span.until

    @cached_property
    def gains(self) -> FloatArray:
        """Gains over no deal, [country, package, draw], bn USD."""
        gains = np.zeros_like(next(iter(self.parts.values())))
        for part in self.parts.values():
            gains += part
        return gains


def signed_by(rounds: Sequence[RoundHeld]) -> BoolArray:
    """Whether something has been signed by each round, [round, draw]."""
    signed: BoolArray = np.logical_or.accumulate([held.agreed for held in rounds], axis=0)
    return signed
