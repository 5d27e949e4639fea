"""Peak memory of one `sim.run` in a process of its own: prints JSON for `benchmarks/run.py`."""

from __future__ import annotations

import json
import resource
import sys

from benchmarks.speed import MANY, MONTHS, SEED
from sim.ensemble.run import run
from sim.scenario.loading import load


def peak_mib() -> float:
    """Most memory that this process has held so far; the system counts in KiB, on macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main(draws: int = MANY) -> None:
    """Run and print what it took beside what the imports took."""
    scenario = load("status_quo", {"months": MONTHS})
    before = peak_mib()
    run(scenario, draws, SEED)
    json.dump({"draws": draws, "before_mib": before, "peak_mib": peak_mib()}, sys.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
