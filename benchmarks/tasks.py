"""What is timed: parts of `sim`, the compiled bound, and the peers, each as a task with its number of draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers import peer
from benchmarks.same_part import play_part
from benchmarks.start import Start
from benchmarks.timing import Seconds, Work, timed
from sim.model.batch import run_batch
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.runs import DEFAULT_PATHS
from sim.runs.batch_task import tables_by_draw
from sim.runs.distributions import counts_of
from sim.runs.run_plan import LARGEST
from sim.scenario.schema import Scenario

SEED = 1
FIXED = Path(__file__).parent / "status_quo_fixed.yaml"
ONE_CHANNEL = {"vendors.aws.sales.china.presence": "cross_border"}
"""Changes `FIXED` for the compiled bound, which knows no vendors with several channels in a market."""


def batches(draws: int) -> list[range]:
    """Ranges of draw numbers that `sim.run` would advance together."""
    return [range(first, min(first + LARGEST, draws)) for first in range(0, draws, LARGEST)]


def peer_work(play: Callable[[Start], object], begins: Sequence[Start]) -> Work:
    """A peer's draws one after another, from their starts."""

    def task(spent: Seconds) -> None:
        with timed(spent):
            for start in begins:
                play(start)

    return task, len(begins)


def ensemble_work(name: str, starts: str, draws: int) -> Work:
    """A peer's draws the way it plays many of them, on one core."""

    def task(spent: Seconds) -> None:
        with timed(spent):
            peer(name).play_many(starts, draws, 1)

    return task, draws


def part_work(scenario: Scenario, draws: int) -> Work:
    """What the peers play in `sim`; sampling and calibration are not counted, as they are not in the peers."""

    def task(spent: Seconds) -> None:
        for batch in batches(draws):
            world = build_world(scenario, Draws(SEED, batch))
            with timed(spent):
                play_part(world)

    return task, draws


def batch_work(scenario: Scenario, draws: int, *, tables: bool = False) -> Work:
    """Whole batches: sampling, calibration, all agents, recording; the tables of a result, if wanted."""

    def task(spent: Seconds) -> None:
        with timed(spent):
            for batch in batches(draws):
                paths = run_batch(scenario, batch, SEED)
                if tables:
                    counts_of(paths).tables()
                    list(tables_by_draw(paths, DEFAULT_PATHS))

    return task, draws


def bound_work(begins: Sequence[Start], *, blocks: bool) -> Work:
    """The compiled bound, one draw at a time or in blocks of draws; laying out its arrays is not counted."""
    from benchmarks.compiled_bound import run  # noqa: PLC0415 (compiles)
    from benchmarks.compiled_state import laid_out  # noqa: PLC0415
    from benchmarks.lanes import WIDTH  # noqa: PLC0415

    states = laid_out(list(begins), WIDTH if blocks else None)

    def task(spent: Seconds) -> None:
        with timed(spent):
            run(states)

    return task, len(begins)
