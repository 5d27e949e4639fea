"""What the model says, gathered once for all checks: two runs, and the world at the base date."""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.luck import Draws
from sim.model.recorder import Paths
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.runs.batch_task import Batch
from sim.runs.run_data import RunData
from sim.runs.run_many import Job, run_many
from sim.scenario.loading import load

HISTORY = "phase_one_2020"
"""The scenario that follows what came, as far as the data reaches."""
PILOT = "guiyang_pilot"
"""The scenario in which a zone opens early enough to watch what follows."""


@dataclass(frozen=True)
class Evidence:
    """The model's side of all comparisons.

    Attributes
    ----------
    history, pilot
        Runs of the two scenarios with the same draws.
    base
        The world of `history` at the base date, in the same draws.
    paths
        All that was recorded of `history`, of which runs keep a part.
    """

    history: RunData
    pilot: RunData
    base: World
    paths: Paths


def gather(draws: int, seed: int) -> Evidence:
    """Run the model.

    Parameters
    ----------
    draws
        Number of draws of each run.
    seed
        Seed of the draws.
    """
    scenario = load(HISTORY)
    base = build_world(scenario, Draws(seed, range(draws)))
    history, pilot = run_many([Job(held, range(draws), seed) for held in (scenario, load(PILOT))])
    return Evidence(history, pilot, base, Batch(scenario, range(draws), seed).paths())
