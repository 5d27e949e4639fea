"""The share that the visitor's vendors would have at the base date in an open market: a check that anyone can run."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from sim.model.luck import Draws
from sim.model.minds.settled_market import open_market
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.quantities import MONTHS_PER_QUARTER, FloatArray, ordered_sum
from sim.runs.batch_task import Batch
from sim.runs.run_many import Job, run_one
from sim.runs.run_plan import check_numbers
from sim.scenario.loading import given
from sim.scenario.schema import Scenario
from sim.studies.validation.comparison import Check, Comparison, over_draws, published
from sim.studies.validation.evidence import Evidence

ALL = "all"
"""What stands for all segments together, weighed by spending."""


def static_opening(scenario: str | Scenario, draws: int = 200, seed: int = 1) -> pd.DataFrame:
    """Open the focus market at the base date, and set shares beside those with the rules of the day.

    The visitor's vendors that sell there, or may come, have full access all along, with data centres of their own. The
    shares are those of a static equilibrium in prices in which all spending is in play. Nothing of time counts: no
    contracts, no capacity, no policy.

    Parameters
    ----------
    scenario
        Name of a scenario of the library, path of a file, or a scenario.
    draws, seed
        How many draws, and their luck.

    Returns
    -------
    DataFrame
        One row per draw, vendor and segment: draw, vendor, segment (`all` for the market), share_before, share_after.

    Raises
    ------
    ScenarioError
        If the scenario, or a number, is not valid.
    """
    check_numbers(draws=draws, seed=seed)
    held = given(scenario)
    # A short run begins as a long one does; of this one only the base date is looked at.
    short = held.model_copy(update={"months": MONTHS_PER_QUARTER})
    return pd.concat(run_one(Job(short, range(int(draws)), int(seed), _shares)), ignore_index=True)


def _shares(batch: Batch) -> pd.DataFrame:
    world = build_world(batch.scenario, Draws(batch.seed, batch.draws))
    vendors, segments = world.axes.vendors, (*world.axes.segments, ALL)
    before, after = _before_and_after(world)
    by_draw = partial(np.moveaxis, source=-1, destination=0)
    count = world.draws.count
    columns: dict[str, Any] = {
        "draw": np.repeat(np.asarray(batch.draws), len(vendors) * len(segments)),
        "vendor": np.tile(np.repeat(vendors, len(segments)), count),
        "segment": np.tile(segments, count * len(vendors)),
        "share_before": by_draw(before).reshape(-1),
        "share_after": by_draw(after).reshape(-1),
    }
    return pd.DataFrame(columns)


# Beside other markets -------------------------------------------------------------------------------------------------

TEXT = (
    "What the vendors of the visitor would have at the base date if they had had full access all along, with data "
    "centres of their own (sim.static_opening), beside their shares in open markets of Asia. No market is like "
    "China, where the largest vendor is at home and a third of spending is the state's, which buys at home: the "
    "model's figure should lie well below these, and by how much is a judgement."
)
WHY = {
    "in the rules of the day": "Put in as a judgement of 2018.",
    "in an open China": (
        "The quality that partners cost and their fee, both assumptions, say how far this is from the share with "
        "partners. The figure decides more of the answer than any other."
    ),
}


def check(evidence: Evidence) -> Check:
    """Set the share in an open China beside shares in open markets."""
    world, focus = evidence.base, evidence.history.scenario.focus
    own = world.base.home == world.axes.countries.index(focus.visitor)
    names = [f"open_market.{where}" for where in ("japan_2020_three_us", "korea_2019_2021_aws")]
    rows = tuple(
        Comparison(
            f"All US vendors {what}; {words}, {end}",
            over_draws(shares[own, -1].sum(axis=0)),
            published(f"{name}_{end}"),
            why,
        )
        for (what, why), shares in zip(WHY.items(), _before_and_after(world), strict=True)
        for name, words in zip(names, ("three in Japan", "AWS in Korea"), strict=True)
        for end in ("low", "high")
    )
    return Check("The share in an open market", TEXT, rows)


def _before_and_after(world: World) -> tuple[FloatArray, FloatArray]:
    """Shares of the focus market by the rules of the day, and if it were open, [vendor, segment and all, draw]."""
    focus = world.scenario.focus
    m = world.axes.markets.index(focus.market)
    before = world.channels.by_pair(world.base.attraction)[:, m] * world.base.start_spending[m]
    after = open_market(world, m, focus.visitor).revenue
    vendors, draws, segments = len(after), after.shape[-1], len(world.axes.segments)
    by_segment = ordered_sum(after.reshape(vendors, -1, segments, draws), axis=1)
    return _with_total(before), _with_total(by_segment)


def _with_total(revenue: FloatArray) -> FloatArray:
    """Shares of the vendors by segment and in the whole market, from revenue [vendor, segment, draw]."""
    whole = np.concatenate([revenue, ordered_sum(revenue, axis=1)[:, None]], axis=1)
    return whole / ordered_sum(whole)
