"""Time of the command line from start to charts; by `benchmarks/run.py`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.children import ONE_CORE

SCENARIOS = ("status_quo", "guiyang_pilot")
COMMAND = ("run", *SCENARIOS, "--draws", "200")
REPETITIONS, QUICK_REPETITIONS = 3, 1


def measure(_starts: str, *, quick: bool) -> dict[str, Any]:
    """Run the command a few times."""
    found: dict[str, Any] = {"command": f"cloudtrade {' '.join(COMMAND)}", "wall": [], "cpu": [], "simulating": []}
    for _ in range(QUICK_REPETITIONS if quick else REPETITIONS):
        with tempfile.TemporaryDirectory() as folder:
            before, clock = children_seconds(), time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "sim", *COMMAND, "--out", folder],
                env=os.environ | ONE_CORE, stdout=subprocess.DEVNULL, check=True,
            )  # fmt: skip
            found["wall"].append(time.perf_counter() - clock)
            found["cpu"].append(children_seconds() - before)
            found["simulating"].append(sum(simulating_seconds(Path(folder, name)) for name in SCENARIOS))
    return found


def simulating_seconds(result: Path) -> float:
    """Seconds that a result folder says its run took, without reading the scenario and charts."""
    return float(json.loads((result / "manifest.json").read_text(encoding="utf-8"))["seconds"])


def children_seconds() -> float:
    """Processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
