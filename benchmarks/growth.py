"""How time grows with draws, months, vendors and segments; prints JSON. One core, processor time, best of a few."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import plain_simpy
from benchmarks.larger import with_segments_split, with_vendors_split
from benchmarks.peers import peer
from benchmarks.start import Start, starts
from benchmarks.tasks import FIXED, SEED, bound_work, part_work, peer_work
from benchmarks.timing import Work, seconds_per_draw
from sim.scenario.loading import changed, load
from sim.scenario.schema import Scenario

Play = Callable[[Start], object]


@dataclass(frozen=True)
class Sizes:
    """How much is tried."""

    sim_draws: tuple[int, ...] = (125, 250, 500, 1000, 2000, 4000)
    peer_draws: tuple[int, ...] = (125, 250, 500)
    bound_draws: tuple[int, ...] = (125, 250, 500)
    months: tuple[int, ...] = (24, 48, 84, 120)
    parts: tuple[int, ...] = (1, 2, 4)
    """Parts into which vendors and segments are split."""
    repetitions: int = 3
    beside: tuple[int, int, int] = (1024, 128, 5)
    """Draws of `sim`, of the bound and of a peer while other things grow."""


QUICK = Sizes((125, 250), (5, 10), (125, 250), (24, 48), (1, 2), 1, (256, 64, 2))


def main(*options: str) -> None:
    """Measure and print."""
    sizes = QUICK if "--quick" in options else Sizes()
    fixed = load(FIXED)
    found = {"draws": with_draws(fixed, sizes)}
    found["months"] = [
        {"months": months} | at_one_size(changed(fixed, {"months": months}), sizes) for months in sizes.months
    ]
    for name, split in (("vendors", with_vendors_split), ("segments", with_segments_split)):
        larger = [split(fixed, parts) for parts in sizes.parts]
        found[name] = [{name: len(getattr(scenario, name))} | at_one_size(scenario, sizes) for scenario in larger]
    json.dump(found, sys.stdout)


def with_draws(fixed: Scenario, sizes: Sizes) -> list[dict[str, Any]]:
    """Milliseconds per draw when more draws are asked for; peers play the same few starts over and over."""
    begins = list(starts(fixed, SEED, range(max(sizes.bound_draws))))
    found = []
    for draws in sizes.sim_draws:
        works = {"part": part_work(fixed, draws), "part_fast": part_work(fixed, draws, fast=True)}
        if draws in sizes.bound_draws:
            works |= bound_works(begins[:draws])
        found.append({"draws": draws} | best(works, sizes.repetitions))
    for draws in sizes.peer_draws:
        works = {name: peer_work(play, begins[:draws]) for name, play in plays().items()}
        found.append({"draws": draws} | best(works, 1))
    return found


def at_one_size(scenario: Scenario, sizes: Sizes) -> dict[str, float]:
    """Milliseconds per draw of everything, for one scenario."""
    sim, bound, few = sizes.beside
    begins = list(starts(scenario, SEED, range(bound)))
    works = {"part": part_work(scenario, sim), "part_fast": part_work(scenario, sim, fast=True)}
    works |= bound_works(begins) | {name: peer_work(play, begins[:few]) for name, play in plays().items()}
    return best(works, sizes.repetitions)


def plays() -> dict[str, Play]:
    """The peers whose growth is looked at."""
    return {"plain_simpy": plain_simpy.play, "in_mesa": peer("in_mesa").play}


def bound_works(begins: list[Start]) -> dict[str, Work]:
    """The compiled bound in its better shape, played once so that it is compiled."""
    work = bound_work(begins, blocks=True)
    seconds_per_draw(work)
    return {"bound": work}


def best(works: dict[str, Work], repetitions: int) -> dict[str, float]:
    """Fewest milliseconds per draw of each work, the works taking turns."""
    rounds = [{name: 1e3 * seconds_per_draw(work)["cpu"] for name, work in works.items()} for _ in range(repetitions)]
    return {name: min(spent[name] for spent in rounds) for name in works}


if __name__ == "__main__":
    main(*sys.argv[1:])
