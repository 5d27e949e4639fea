"""What vendors reckon at their reviews, noted by somebody who looks on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.actors.entry import describe, no_longer_allowed
from sim.model.channels import reviewed_pairs
from sim.model.minds.channel_changes import STAY, Option
from sim.model.minds.reckoning import reckon, sunk_cost
from sim.model.world import AWAY, World
from sim.quantities import NEVER, BoolArray
from sim.report.captions import settings_in_words
from sim.report.kpi_names import check_known
from sim.runs.batch_task import Batch
from sim.runs.run_many import Job
from sim.runs.run_plan import check_numbers
from sim.runs.study_runs import Making, study_runs
from sim.scenario.loading import given
from sim.scenario.schema import Scenario
from sim.studies.decisions import DRAWS
from sim.timeline import Phase, Process, Timeline

BATCH = 128
MOVES, BELOW, CLOSED, UNWILLING = "applies", "below hurdle", "nothing open", "not willing"
"""How a review ends: a change is applied for, none is worth its cost, rules leave none, the vendor does not look."""
_OPTIONS = ("draw", "date", "vendor", "market", "change", "gain_bn", "sunk_bn", "waits_months", "best")
_REVIEWS = ("draw", "date", "vendor", "market", "outcome", "change", "gain_bn")


@dataclass(frozen=True, repr=False)
class Decisions:
    """What vendors reckoned.

    Attributes
    ----------
    scenario, seed, draws
        What was run.
    options
        One row per draw, review and change that the rules allowed: draw, date, vendor, market, change (in words),
        gain_bn (present value above that of staying, less cost of setting up and hurdle), sunk_bn (cost of setting up),
        waits_months (until it is open, where it is announced), best.
    reviews
        One row per draw and review: draw, date, vendor, market, outcome, change and gain_bn of the best change (nothing
        where none was allowed).
    """

    scenario: Scenario
    seed: int
    draws: int
    options: pd.DataFrame
    reviews: pd.DataFrame

    def __repr__(self) -> str:
        return f"Decisions({self.scenario.name}: {settings_in_words(self.draws, self.seed)})"

    def summary(self) -> pd.DataFrame:
        """Say at each review how it ended, over draws.

        Returns
        -------
        DataFrame
            One row per vendor, market and date: reviews (draws that reviewed), a share of them for each outcome, change
            (the best one of most draws in which some was allowed), gain_p5_bn, gain_p50_bn, gain_p95_bn (of the best
            change).
        """
        rows = []
        for (vendor, market, date), held in self.reviews.groupby(["vendor", "market", "date"]):
            some = held[held["change"] != ""]
            most = some["change"].mode()
            low, middle, high = some["gain_bn"].quantile([0.05, 0.5, 0.95]) if len(some) else [np.nan] * 3
            ends = [float((held["outcome"] == outcome).mean()) for outcome in (MOVES, BELOW, CLOSED, UNWILLING)]
            rows.append((vendor, market, date, len(held), *ends, most.iloc[0] if len(most) else "", low, middle, high))
        columns = [
            "vendor", "market", "date", "reviews", "applies_share", "below_hurdle_share", "nothing_open_share",
            "not_willing_share", "change", "gain_p5_bn", "gain_p50_bn", "gain_p95_bn",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)


def decisions(
    scenario: Scenario | str | Path,
    vendor: str | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    **making: Unpack[Making],
) -> Decisions:
    """Run a scenario and note what vendors reckon at each review of how they sell.

    Parameters
    ----------
    scenario
        A scenario, or its name or file.
    vendor
        One vendor; all that review if None.
    draws, seed
        As in `sim.run`.
    making
        Workers, and where progress is kept and shown (`Making`).

    Raises
    ------
    ScenarioError
        If the scenario is not valid, or no such vendor reviews how it sells.
    """
    check_numbers(draws=draws, seed=seed)
    whole = given(scenario)
    names = list(whole.vendors)
    pairs = reviewed_pairs(whole)
    if not pairs:
        raise ScenarioError(f"{whole.title}: no vendor reviews how it sells (vendors.*.reviews), so nothing is decided")
    if vendor is not None:
        check_known(vendor, sorted({names[v] for v, _ in pairs}), "vendor that reviews how it sells")
    chosen = tuple(pair for pair in pairs if vendor in {None, names[pair[0]]})
    job = Job(whole, range(draws), seed, partial(_notes, pairs=chosen), batch=BATCH)
    [found] = study_runs([job], whole.name, **making)
    order = ["vendor", "market", "draw", "date"]
    options, reviews = (
        pd.concat([tables[name] for tables in found]).sort_values(order, kind="stable", ignore_index=True)
        for name in ("options", "reviews")
    )
    return Decisions(whole, seed, draws, options, reviews)


def _notes(batch: Batch, pairs: tuple[tuple[int, int], ...]) -> dict[str, pd.DataFrame]:
    """Run a batch with somebody who looks on."""
    watcher = _Watcher(pairs)
    batch.paths(guests=[watcher.watch])
    return {
        "options": pd.DataFrame(watcher.options, columns=list(_OPTIONS)),
        "reviews": pd.DataFrame(watcher.reviews, columns=list(_REVIEWS)),
    }


class _Watcher:
    """Reckons as vendors are about to, and writes it down."""

    def __init__(self, pairs: tuple[tuple[int, int], ...]) -> None:
        self.pairs = pairs
        self.options: list[tuple[Any, ...]] = []
        self.reviews: list[tuple[Any, ...]] = []

    def watch(self, timeline: Timeline, world: World) -> Process:
        """Look on in all months in which somebody reviews."""
        while True:
            month = yield timeline.turn(Phase.ENTRY)
            for v, m in self.pairs:
                due = reviewing(world, v, m, month)
                if due.any():
                    self._note(world, v, m, month, due)

    def _note(self, world: World, v: int, m: int, month: int, due: BoolArray) -> None:
        found = reckon(world, v, m, month, world.ahead, due)
        named = (world.scenario.calendar.date_of(month).isoformat(), world.axes.vendors[v], world.axes.markets[m])
        words = [in_words(world, option) for option in found.options]
        sunk = [sunk_cost(world, option.opens) for option in found.options]
        gain = found.gain
        changes = np.where(np.isfinite(gain[1:]).any(axis=0), gain[1:].argmax(axis=0) + 1, 0) if len(gain) > 1 else None
        for d in np.flatnonzero(due).tolist():
            draw, best = world.draws.draws[d], 0 if changes is None else int(changes[d])
            if not world.base.willing[v, d]:
                outcome = UNWILLING
            elif not best:
                outcome = CLOSED
            else:
                outcome = MOVES if gain[best, d] > 0.0 else BELOW
            change, worth = (words[best], float(gain[best, d])) if best else ("", np.nan)
            self.reviews.append((draw, *named, outcome, change, worth))
            self.options += [
                (draw, *named, words[k], float(gain[k, d]), float(sunk[k][d]), int(found.waits[k, d]), k == best)
                for k in range(1, len(found.options)) if np.isfinite(gain[k, d])
            ]  # fmt: skip


def reviewing(world: World, v: int, m: int, month: int) -> BoolArray:
    """Draws in which vendor `v` is about to review how it sells in market `m`, were it willing or not."""
    every = world.scenario.presence.review_every_months
    reviews = world.everywhere if month and month % every == 0 else world.rules_changed
    if not reviews.any():
        return reviews
    rows = np.array(world.channels.of(v, m))[:, None]
    lost = (world.active[rows[:, 0]] & no_longer_allowed(world, rows, np.arange(world.draws.count))).any(axis=0)
    due: BoolArray = reviews & (world.live_month[v, m] == NEVER) & ~lost  # who has lost something falls back first
    return due


def in_words(world: World, option: Option) -> str:
    """Say what a change is: `zone in guiyang beside what it has`."""
    if option == STAY:
        return "stays"
    if option.opens == AWAY:
        return f"without {describe(world, option.closes[0])}"
    return f"{describe(world, option.opens)} {'in place of all' if option.closes else 'beside what it has'}"


def step_through(found: Decisions, draw: int) -> Iterator[tuple[str, str, str, str, float]]:
    """Give the reviews of one draw in the order of time: date, vendor, outcome, best change, gain.

    Raises
    ------
    ScenarioError
        If there is no such draw.
    """
    if not 0 <= draw < found.draws:
        raise ScenarioError(f"--draw {draw}: expected 0 to {found.draws - 1}")
    held = found.reviews[found.reviews["draw"] == draw].sort_values(["date", "vendor"], kind="stable")
    columns = [held[name] for name in ("date", "vendor", "outcome", "change", "gain_bn")]
    yield from zip(*columns, strict=True)
