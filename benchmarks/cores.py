"""Draws a second on one core and on two, and what batches and writing cost beside the model; by `benchmarks/run.py`.

Every run is a process of its own, as a user's is, and its seconds count from the first import. A few draws are run, and
many: the difference is the pace once started.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.children import from_module
from benchmarks.peers import TITLES

REPETITIONS, QUICK_REPETITIONS = 3, 1
SIM_DRAWS, QUICK_SIM_DRAWS = (2048, 10_000), (256, 2048)
PEER_DRAWS, QUICK_PEER_DRAWS = (20, 220), (5, 25)
PROCESSES = (1, 2)
MODEL, TABLES, SIM = "model", "tables", "sim"
"""Batches one after another with nothing around them; the same with their tables; all of `sim.run` into a folder."""


def measure(starts: str, *, quick: bool) -> dict[str, Any]:
    """Measure everything, in rounds."""
    sim, others = (QUICK_SIM_DRAWS, QUICK_PEER_DRAWS) if quick else (SIM_DRAWS, PEER_DRAWS)
    sizes = dict.fromkeys((MODEL, TABLES, SIM), sim) | dict.fromkeys(TITLES, others)
    seconds: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in sizes}
    for _ in range(QUICK_REPETITIONS if quick else REPETITIONS):
        for name, counts in sizes.items():
            for processes in PROCESSES[: 1 if name in {MODEL, TABLES} else None]:
                few, many = (from_module("benchmarks.cores", name, processes, starts, draws) for draws in counts)
                seconds[name].setdefault(str(processes), []).append({"few": few, "many": many})
    return {"draws": sizes, "seconds": seconds}


def play(name: str, processes: int, starts: str, draws: int) -> None:
    """Play some draws."""
    if name in TITLES:
        from benchmarks.peers import peer  # noqa: PLC0415

        peer(name).play_many(starts, draws, processes)
    elif name in {MODEL, TABLES}:
        play_model(draws, tables=name == TABLES)
    else:
        with tempfile.TemporaryDirectory() as folder:
            play_sim(draws, processes, Path(folder, "result"))


def play_sim(draws: int, workers: int, out: Path) -> None:
    """Run the status quo into a folder."""
    import sim  # noqa: PLC0415
    from benchmarks.tasks import SEED  # noqa: PLC0415

    sim.run("status_quo", draws, SEED, workers=workers, out=out, charts=False)


def play_model(draws: int, *, tables: bool) -> None:
    """Play the same batches and forget them, or first make the tables that a result is about."""
    from benchmarks.tasks import batch_work  # noqa: PLC0415
    from benchmarks.timing import seconds_per_draw  # noqa: PLC0415
    from sim.scenario.loading import load  # noqa: PLC0415

    seconds_per_draw(batch_work(load("status_quo"), draws, tables=tables))


def main(name: str, processes: str, starts: str, draws: str) -> None:
    """Play, and print the seconds, those of imports and of compiling among them."""
    clock = time.perf_counter()
    play(name, int(processes), starts, int(draws))
    json.dump(time.perf_counter() - clock, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
