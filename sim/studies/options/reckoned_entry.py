"""What every change would be worth to a vendor that never moves, at each of its reviews, noted by one who looks on."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.model.minds.channel_changes import Option, options_of
from sim.model.minds.reckoning import reckon, sunk_cost
from sim.model.world import AWAY, World
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, ordered_sum
from sim.runs.batch_task import Batch, without_impossible
from sim.studies.decisions.reviews import in_words, reviewing
from sim.timeline import Phase, Process, Timeline

LEAST_YEARS = 1.0
"""Years that a vendor still counts where they end for all dates on the same day."""


class Noted(NamedTuple):
    """What was noted in a batch.

    Attributes
    ----------
    changes
        One row per draw, review and change that was allowed: draw, month, option, npv_bn and same_years_bn (net present
        value as of the month, without hurdle: as the vendor reckons it, and counted until the day on which it would
        stop to count had it gone when a change first paid), sunk_bn.
    reviews
        One row per draw and review: draw, month, growth (of the market, log share per year), log_size (of its
        spending), years (that are still counted in same_years_bn).
    draws
        One row per draw: draw, discount (log rate per year), hurdle.
    titles
        Options in words, by number.
    """

    changes: pd.DataFrame
    reviews: pd.DataFrame
    draws: pd.DataFrame
    titles: tuple[str, ...]


def note_batch(batch: Batch, v: int, m: int) -> Noted | None:
    """Run a batch in which vendor `v` is not willing to move, and note what it could gain in market `m`.

    Gives None where no draw of the batch can be computed.
    """
    found, _ = without_impossible(batch, partial(_noted, v=v, m=m))
    return found


def _noted(batch: Batch, v: int, m: int) -> Noted:
    watcher = Watcher(v, m)
    batch.paths(guests=[watcher.watch])
    return watcher.noted()


class Watcher:
    """Reckons for one vendor in one market as if it were willing, and changes nothing.

    Parameters
    ----------
    v, m
        The vendor and the market.
    """

    def __init__(self, v: int, m: int) -> None:
        self.v, self.m = v, m
        self._changes: list[pd.DataFrame] = []
        self._reviews: list[pd.DataFrame] = []
        self._draws = pd.DataFrame()
        self._titles: tuple[str, ...] = ()

    def watch(self, timeline: Timeline, world: World) -> Process:
        """Look on in all months in which the vendor reviews."""
        settings = world.scenario.presence
        options = [option for option in options_of(world.channels.of(self.v, self.m)) if option.opens != AWAY]
        options = list(dict.fromkeys(options))
        self._titles = tuple(in_words(world, option) for option in options)
        held = {"discount": world.value(settings.discount), "hurdle": world.value(settings.hurdle)}
        self._draws = pd.DataFrame({"draw": np.asarray(world.draws.draws), **held})
        years, first = world.value(settings.horizon_years), np.full(world.draws.count, NEVER)
        while True:
            month = yield timeline.turn(Phase.ENTRY)
            due = reviewing(world, self.v, self.m, month)
            if not due.any():
                continue
            npv = self._reckoned(world, month, due, options)
            first = np.where((first == NEVER) & (npv > 0.0).any(axis=0), month, first)
            elapsed = np.where(first == NEVER, 0, month - first) / MONTHS_PER_YEAR
            left = np.maximum(years - elapsed, np.minimum(years, LEAST_YEARS))
            same = npv
            if elapsed.any():
                shorter = copy(world)
                shorter.draws = world.draws.with_values(settings.horizon_years, left)
                same = self._reckoned(shorter, month, due, options)
            self._note(world, month, due, options, {"npv_bn": npv, "same_years_bn": same}, left)

    def _reckoned(self, world: World, month: int, due: BoolArray, options: list[Option]) -> FloatArray:
        """Net present value of each option without hurdle, [option, draw], bn; -inf where it is not allowed."""
        willing = world.base.willing.copy()
        willing[self.v] = True
        seen = copy(world)
        seen.base = replace(world.base, willing=willing)
        found = reckon(seen, self.v, self.m, month, world.ahead, due)
        hurdle = world.value(world.scenario.presence.hurdle)
        gains = {option: gain + hurdle * sunk_cost(world, option.opens)
                 for option, gain in zip(found.options, found.gain, strict=True)}  # fmt: skip
        closed = np.full(world.draws.count, -np.inf)
        return np.stack([gains.get(option, closed) for option in options])

    def _note(
        self, world: World, month: int, due: BoolArray, options: list[Option], values: dict[str, FloatArray],
        years: FloatArray,
    ) -> None:  # fmt: skip
        draws = np.asarray(world.draws.draws)
        k, d = np.nonzero(np.isfinite(values["npv_bn"]) & due)
        sunk = np.stack([sunk_cost(world, option.opens) for option in options])
        held: dict[str, Any] = {"draw": draws[d], "month": month, "option": k}
        held |= {name: value[k, d] for name, value in values.items()} | {"sunk_bn": sunk[k, d]}
        self._changes.append(pd.DataFrame(held))
        size = np.log(ordered_sum(world.budget[self.m]))
        state = {"growth": world.growth[self.m], "log_size": size, "years": years}
        self._reviews.append(pd.DataFrame(
            {"draw": draws[due], "month": month} | {name: value[due] for name, value in state.items()}
        ))  # fmt: skip

    def noted(self) -> Noted:
        """Give what was noted."""
        changes, reviews = (
            pd.concat(held, ignore_index=True) if held else pd.DataFrame() for held in (self._changes, self._reviews)
        )
        return Noted(changes, reviews, self._draws, self._titles)
