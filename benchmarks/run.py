"""Measure speed and memory, print a table, and write benchmarks/results.json.

Each measurement is a process of its own, started from here with the numerical libraries held to one core. This one
imports nothing large: on Linux a new process begins with its parent's peak memory.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from statistics import quantiles
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
ONE_CORE = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "ARROW")}
SCENARIOS = ("status_quo", "guiyang_pilot")
COMMAND = ("run", *SCENARIOS, "--draws", "200")
COMMAND_REPETITIONS = 5
LIBRARIES = ("cloudtrade", "numpy", "simpy", "pandas")

Figure = dict[str, Any]
"""Median and quartiles of a figure over repetitions, its unit, and what is aimed at."""


def main() -> None:
    """Measure everything."""
    speed, memory = from_process("benchmarks.speed", *sys.argv[1:]), from_process("benchmarks.memory")
    figures = speed_figures(speed) | memory_figures(memory) | command_figures()
    details = {name: speed[name] for name in ("months", "batch", "draws", "largest_difference")}
    RESULTS.write_text(
        json.dumps({"where": machine(), **details, "figures": figures}, indent=2) + "\n", encoding="utf-8"
    )
    show(figures)
    print(f"\nLargest relative difference between sim and plain SimPy: {speed['largest_difference']:.1g}")
    print(f"Written to {RESULTS.relative_to(ROOT)}")


def from_process(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of this folder on one core and read the JSON that it prints."""
    answer = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=os.environ | ONE_CORE, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def figure(values: Iterable[float], unit: str, aim: str = "") -> Figure:
    """Sum up one figure over repetitions."""
    held = sorted(values)
    low, middle, high = quantiles(held, n=4, method="inclusive") if len(held) > 1 else held * 3
    return {"unit": unit, "median": middle, "low": low, "high": high, "aim": aim}


TITLES = {
    "same_part": "sim, the same part",
    "fixed": "sim, whole batches, presence fixed",
    "status_quo": "sim, whole batches, status_quo",
    "run": "sim.run, batches and tables",
}
"""What is timed in `sim`, by its name in `benchmarks/speed.py`."""
PLAIN = "plain SimPy"


def speed_figures(speed: dict[str, Any]) -> dict[str, Figure]:
    """Milliseconds per draw, and ratios between neighbours in time."""
    by_task, draws = speed["seconds_per_draw"], speed["draws"]

    def milliseconds(column: str, tasks: Iterable[str]) -> Figure:
        return figure([1e3 * spent[column] for task in tasks for spent in by_task[task]], "ms per draw")

    def times_faster(task: str) -> list[float]:
        return [spent["peer_cpu"] / spent["cpu"] for spent in by_task[task]]

    def growth(many: str, few: str) -> Figure:
        per_draw = [a / b for a, b in zip(times_faster(few), times_faster(many), strict=True)]
        return figure([ratio * draws[many] / draws[few] for ratio in per_draw], "times", "<= 3.7")

    growing = f"{draws['run']:,} draws / {draws['run_few']:,} draws"
    figures = {}
    for clock, clock_title in (("cpu", "processor time"), ("wall", "wall time")):
        figures[f"{PLAIN}, {clock_title}"] = milliseconds(f"peer_{clock}", by_task)
        figures |= {f"{title}, {clock_title}": milliseconds(clock, [task]) for task, title in TITLES.items()}
    return figures | {
        f"{PLAIN} / {TITLES['same_part']}": figure(times_faster("same_part"), "times", ">= 40"),
        f"{PLAIN} / {TITLES['fixed']}": figure(times_faster("fixed"), "times"),
        f"{PLAIN} / {TITLES['status_quo']}": figure(times_faster("status_quo"), "times", ">= 40"),
        f"{TITLES['status_quo']}, {growing}": growth("status_quo", "status_quo_few"),
        f"{TITLES['run']}, {growing}": growth("run", "run_few"),
    }


def memory_figures(memory: dict[str, Any]) -> dict[str, Figure]:
    """Peak memory of one run."""
    return {
        "peak memory after imports": figure([memory["before_mib"]], "MiB"),
        f"peak memory of sim.run, {memory['draws']:,} draws": figure([memory["peak_mib"]], "MiB", "< 1024"),
    }


def command_figures() -> dict[str, Figure]:
    """Time of the command line from start to charts; its own account of the time spent simulating."""
    wall, cpu, simulating = [], [], []
    for _ in range(COMMAND_REPETITIONS):
        with tempfile.TemporaryDirectory() as folder:
            before, clock = children_seconds(), time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "sim", *COMMAND, "--out", folder],
                env=os.environ | ONE_CORE, stdout=subprocess.DEVNULL, check=True,
            )  # fmt: skip
            wall.append(time.perf_counter() - clock)
            cpu.append(children_seconds() - before)
            simulating.append(sum(simulating_seconds(Path(folder, name)) for name in SCENARIOS))
    title = f"cloudtrade {' '.join(COMMAND)}"
    return {
        f"{title}, wall time": figure(wall, "s", "seconds"),
        f"{title}, processor time": figure(cpu, "s"),
        "  of it simulating, wall time": figure(simulating, "s", "the smaller part"),
    }


def simulating_seconds(result: Path) -> float:
    """Seconds that a result folder says its run took, without reading the scenario, writing and charts."""
    return float(json.loads((result / "manifest.json").read_text(encoding="utf-8"))["seconds"])


def children_seconds() -> float:
    """Processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def machine() -> dict[str, Any]:
    """What was measured, where and when."""
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "commit": commit(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    } | {name: metadata.version(name) for name in LIBRARIES}


def commit() -> str:
    """Commit measured, marked where the working tree differs from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    answer = subprocess.run(
        [git, "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


def processor() -> str:
    """Name of the processor, where the system tells it."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def show(figures: dict[str, Figure]) -> None:
    """Print a table."""
    width = max(map(len, figures))
    print(f"{'':{width}}  {'median':>9}  {'quarter':>9}  {'3 quart.':>9}  unit         aim")
    for name, found in figures.items():
        numbers = "  ".join(f"{found[column]:9.4g}" for column in ("median", "low", "high"))
        print(f"{name:{width}}  {numbers}  {found['unit']:11}  {found['aim']}".rstrip())


if __name__ == "__main__":
    main()
