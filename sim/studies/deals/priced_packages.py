"""Packages and what they are worth to both governments, draw by draw, as data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.model.world import RoundHeld
from sim.quantities import FloatArray, IntArray
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
        What happened at each round (only where governments bargain).
    compensation
        For each level that costs a country something by itself: `acceptable_share` of draws in which the country
        accepts it if the other side cuts its tariffs on the country's goods by `cut_share`; `costly_share` of draws in
        which it costs the country something without a cut, and the share of these in which the cut makes up for it.
    weights
        [draw] how well a draw fits what is known to have happened; they add up to 1, or are all 0 where no draw fits.
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
    weights: FloatArray

    @property
    def is_weighed(self) -> bool:
        """Whether history weighs some draws more than others, or excludes all."""
        return bool(self.weights.min() != self.weights.max() or not self.weights.any())

    @cached_property
    def gains(self) -> FloatArray:
        """Gains over no deal, [country, package, draw], bn USD."""
        gains = np.zeros_like(next(iter(self.parts.values())))
        for part in self.parts.values():
            gains += part
        return gains
