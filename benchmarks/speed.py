"""Time of peers and of `sim`, in one process, interleaved: prints JSON for `benchmarks/run.py`, which sets one core.

The peer runs before and after every task, and ratios are taken between neighbours, so that a busy machine slows both.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.agreement import largest_differences
from benchmarks.plain_simpy import play
from benchmarks.same_part import play_part
from benchmarks.start import Start, starts
from sim.batch import run_batch
from sim.ensemble.run import BATCH, run
from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.world.build import build_world
from sim.world.draws import Draws

SEED = 1
MONTHS = 84
FIXED = Path(__file__).parent / "status_quo_fixed.yaml"
PLAIN_DRAWS = 10
FEW, MANY = 300, 1000
REPETITIONS = 9

Seconds = dict[str, float]
"""Processor time and wall time."""
Task = Callable[[Seconds], None]
"""Does its work and adds what it took."""
Work = tuple[Task, int]
"""A task, and how many draws it plays."""


@contextmanager
def timed(spent: Seconds) -> Iterator[None]:
    """Add the time of the block."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    spent["cpu"] += time.process_time() - cpu
    spent["wall"] += time.perf_counter() - wall


def batches(draws: int) -> list[range]:
    """Ranges of draw numbers that `sim.run` would advance together."""
    return [range(first, min(first + BATCH, draws)) for first in range(0, draws, BATCH)]


def plain_task(begins: list[Start]) -> Task:
    """Plain SimPy; sampling and calibration not counted."""

    def task(spent: Seconds) -> None:
        with timed(spent):
            for start in begins:
                play(start)

    return task


def part_task(scenario: Scenario, draws: int) -> Task:
    """The same part in `sim`; sampling and calibration not counted either."""

    def task(spent: Seconds) -> None:
        for batch in batches(draws):
            world = build_world(scenario, Draws(SEED, batch))
            with timed(spent):
                play_part(world)

    return task


def batch_task(scenario: Scenario, draws: int) -> Task:
    """Whole batches: sampling, calibration, all agents, recording."""

    def task(spent: Seconds) -> None:
        with timed(spent):
            for batch in batches(draws):
                run_batch(scenario, batch, SEED)

    return task


def run_task(scenario: Scenario, draws: int) -> Task:
    """All of `sim.run`: batches, and tables of all draws."""

    def task(spent: Seconds) -> None:
        with timed(spent):
            run(scenario, draws, SEED)

    return task


def measured(peer: Work, others: dict[str, Work], repetitions: int) -> dict[str, list[Seconds]]:
    """Seconds per draw of each task in each repetition, beside those of the peer right before and after it.

    The order of tasks turns by one each time; a round to warm up goes first.
    """
    names = list(others)
    seconds: dict[str, list[Seconds]] = {name: [] for name in names}
    for repetition in range(-1, repetitions):
        turn = repetition % len(names)
        before = seconds_per_draw(peer)
        for name in names[turn:] + names[:turn]:
            own, after = seconds_per_draw(others[name]), seconds_per_draw(peer)
            if repetition >= 0:
                beside = {f"peer_{clock}": (before[clock] + after[clock]) / 2 for clock in before}
                seconds[name].append(own | beside)
            before = after
    return seconds


def seconds_per_draw(work: Work) -> Seconds:
    """Do some work once."""
    task, draws = work
    spent = {"cpu": 0.0, "wall": 0.0}
    task(spent)
    return {clock: total / draws for clock, total in spent.items()}


def worst_agreement(fixed: Scenario, begins: list[Start]) -> float:
    """Largest relative difference between `sim` and plain SimPy in the draws that are timed."""
    paths = run_batch(fixed, range(len(begins)), SEED)
    return max(max(largest_differences(paths, d, start, play(start)).values()) for d, start in enumerate(begins))


def main(repetitions: int = REPETITIONS) -> None:
    """Measure and print."""
    status_quo, fixed = load("status_quo", {"months": MONTHS}), load(FIXED)
    begins = list(starts(fixed, SEED, range(PLAIN_DRAWS)))
    peer: Work = (plain_task(begins), PLAIN_DRAWS)
    others: dict[str, Work] = {
        "same_part": (part_task(fixed, MANY), MANY),
        "fixed": (batch_task(fixed, MANY), MANY),
        "status_quo": (batch_task(status_quo, MANY), MANY),
        "status_quo_few": (batch_task(status_quo, FEW), FEW),
        "run": (run_task(status_quo, MANY), MANY),
        "run_few": (run_task(status_quo, FEW), FEW),
    }
    found = {
        "months": MONTHS,
        "batch": BATCH,
        "draws": {name: draws for name, (_, draws) in others.items()} | {"plain_simpy": PLAIN_DRAWS},
        "largest_difference": worst_agreement(fixed, begins),
        "seconds_per_draw": measured(peer, others, repetitions),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
