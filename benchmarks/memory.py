"""Peak memory of many draws, each count in processes of its own; by `benchmarks/run.py`, which watches them.

Peers keep what their collectors keep, in one process. `sim` writes to a folder with two workers.
"""

from __future__ import annotations

import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.children import watched_module
from benchmarks.peers import TITLES

SIM = "sim"
SIM_DRAWS, QUICK_SIM_DRAWS = (1000, 10_000, 100_000), (250, 1000)
PEER_DRAWS, QUICK_PEER_DRAWS = (250, 1000), (10, 40)
WORKERS = 2
AT_ONCE = 2
"""Peers watched at the same time: what they hold does not depend on how fast they are."""
NOTHING = 0


def measure(starts: str, *, quick: bool) -> dict[str, Any]:
    """Measure everything; zero draws are what the imports take."""
    sim, others = (QUICK_SIM_DRAWS, QUICK_PEER_DRAWS) if quick else (SIM_DRAWS, PEER_DRAWS)
    counts = {SIM: sim} | dict.fromkeys(TITLES, others)
    asked = [(name, draws) for name, all_draws in counts.items() for draws in (NOTHING, *all_draws)]

    def watched(one: tuple[str, int]) -> dict[str, Any]:
        return watched_module("benchmarks.memory", one[0], starts, one[1])

    alone = [watched(one) for one in asked if one[0] == SIM]  # its seconds count, too
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rest = list(pool.map(watched, [one for one in asked if one[0] != SIM]))
    found: dict[str, Any] = {name: [] for name in counts}
    for (name, _), run in zip(asked, alone + rest, strict=True):
        found[name].append(run)
    return found


def main(name: str, starts: str, draws: str) -> None:
    """Play some draws, hold the result, and say what was written."""
    found = {"draws": int(draws)} | play(name, starts, int(draws))
    json.dump(found, sys.stdout)


def play(name: str, starts: str, draws: int) -> dict[str, int]:
    """Play some draws."""
    if name in TITLES:
        from benchmarks.peers import peer  # noqa: PLC0415

        module = peer(name)
        _held = module.play_many(starts, draws, 1) if draws else None
        return {}
    return play_sim(draws)


def play_sim(draws: int) -> dict[str, int]:
    """Run the status quo into a folder, and count what was written."""
    from benchmarks.cores import play_sim as run_sim  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "result")
        if draws == NOTHING:
            import_module("sim.runs.run_many")
        else:
            run_sim(draws, WORKERS, out)
        written = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    return {"files": len(written), "bytes": sum(written)}


if __name__ == "__main__":
    main(*sys.argv[1:])
