"""Time of a report page with its charts, and of an answer of the explorer in a browser; prints JSON. One core."""

from __future__ import annotations

import json
import sys
import time

import sim
from benchmarks import explorer
from benchmarks.tasks import SEED
from sim.report.drawn_chart import drawn_charts
from sim.studies.one_run.run_page import RUN_CHARTS, run_page

SCENARIO = "guiyang_pilot"
DRAWS, QUICK_DRAWS = 1000, 50
REPETITIONS, QUICK_REPETITIONS = 5, 1
MEGABYTE = 1e6


def main(*options: str) -> None:
    """Measure and print; the first report, which waits for imports and templates, counts too."""
    quick = "--quick" in options
    found = reports(QUICK_DRAWS if quick else DRAWS, QUICK_REPETITIONS if quick else REPETITIONS)
    json.dump(found | {"explorer": explorer.measure(quick=quick)}, sys.stdout)


def reports(draws: int, repetitions: int) -> dict[str, object]:
    """Make the page of one run again and again: seconds, and the size of the file."""
    result = sim.run(SCENARIO, draws=draws, seed=SEED, workers=1)
    seconds, sizes = [], []
    for _ in range(repetitions):
        clock = time.perf_counter()
        page = run_page(result, drawn_charts(RUN_CHARTS, result))
        seconds.append(time.perf_counter() - clock)
        sizes.append(len(page.html.encode()) / MEGABYTE)
    return {"draws": draws, "seconds": seconds, "megabytes": sizes}


if __name__ == "__main__":
    main(*sys.argv[1:])
