"""What is reported of each part of a run: figures with medians and quartiles, made of seconds and bytes measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks import explorer
from benchmarks.figures import Figures, figure, ratios
from benchmarks.peers import TITLES as PEERS

Raw = Mapping[str, Any]

PLAIN = "plain_simpy"
WORKS = {
    "part": "sim, the same part, NumPy",
    "part_fast": "sim, the same part, with [fast]",
    "bound_blocks": "compiled bound, blocks of draws",
    "bound_draws": "compiled bound, one draw at a time",
    **PEERS,
    "fixed": "sim, whole batches, presence fixed, NumPy",
    "fixed_fast": "sim, whole batches, presence fixed, with [fast]",
    "status_quo": "sim, whole batches of status_quo, NumPy",
    "status_quo_fast": "sim, whole batches of status_quo, with [fast]",
}
"""What is timed on one core."""
AIMS = {
    (PLAIN, "part"): {"at_least": 60.0},
    ("in_mesa", "part"): {"at_least": 100.0},
    (PLAIN, "part_fast"): {"at_least": 120.0},
    ("in_mesa", "part_fast"): {"at_least": 200.0},
    ("part", "bound"): {"at_most": 4.0},
    ("part_fast", "bound"): {"at_most": 2.0},
}
"""What is aimed at, for ratios of time per draw."""
SHOWN_RATIOS = (
    *((over, under) for under in ("part", "part_fast") for over in PEERS),
    *((over, "bound") for over in ("part", "part_fast", PLAIN)),
    *((over, under) for under in ("status_quo", "status_quo_fast") for over in (PLAIN, "in_mesa")),
    *((over, PLAIN) for over in PEERS if over != PLAIN),
)
FASTER_ON_TWO, MOST_OVERHEAD, MOST_MIB, MOST_GROWTH = 1.7, 15.0, 1536.0, 1.2
MOST_PRICING_SECONDS = 2.0
MOST_REPORT_SECONDS, MOST_REPORT_MEGABYTES = 3.0, 3.0
AIM_DRAWS, MANY_AIM_DRAWS = 10_000, 100_000
SIMS = {"sim": "sim.run of status_quo, NumPy", "sim_fast": "sim.run of status_quo, with [fast]"}


def of_speed(raw: Raw) -> Figures:
    """Milliseconds per draw, and ratios, each by way of plain SimPy beside it in time."""
    spent = raw["seconds_per_draw"]
    relative = {name: [beside["cpu"] / beside["peer_cpu"] for beside in rounds] for name, rounds in spent.items()}
    relative[PLAIN] = [1.0] * len(relative["part"])
    bound = min(("bound_blocks", "bound_draws"), key=lambda name: median(relative[name]))
    relative["bound"] = relative[bound]
    titles = WORKS | {"bound": "compiled bound"}
    figures = {}
    for clock, name_of_clock in (("cpu", "processor time"), ("wall", "wall time")):
        for name, title in WORKS.items():
            seconds = _plain_seconds(spent, clock) if name == PLAIN else [beside[clock] for beside in spent[name]]
            milliseconds = [1e3 * value for value in seconds]
            figures[f"{clock}.{name}"] = figure(f"{title}, {name_of_clock}", milliseconds, "ms per draw")
    for over, under in SHOWN_RATIOS:
        times = ratios(relative[over], relative[under])
        aim = AIMS.get((over, under), {})
        figures[f"{over}/{under}"] = figure(f"{titles[over]} / {titles[under]}", times, "times", **aim)
    return figures


def _plain_seconds(spent: Raw, clock: str) -> list[float]:
    return [beside[f"peer_{clock}"] for rounds in spent.values() for beside in rounds]


def of_cores(raw: Raw) -> Figures:
    """Draws a second, what two cores gain, and what batches, tables and files cost."""
    figures: Figures = {}
    for name, title in (SIMS | PEERS).items():
        few, many = raw["draws"][name]
        for processes, rounds in raw["seconds"][name].items():
            pace = paces(rounds, few, many)
            start = [max(found["few"] - few / rate, 0.0) for found, rate in zip(rounds, pace, strict=True)]
            cores = "1 core" if processes == "1" else f"{processes} cores"
            figures[f"pace.{name}.{processes}"] = figure(f"{title}, {cores}", pace, "draws a second")
            figures[f"start.{name}.{processes}"] = figure(f"{title}, {cores}, to start", start, "s")
        figures[f"gain.{name}"] = _gain(raw, name, title)
    return figures | _overheads(raw)


def paces(rounds: Sequence[Mapping[str, float]], few: int, many: int) -> list[float]:
    """Draws a second after the first ones, which stand for what it takes to start; of whole runs too short to tell."""
    started = median(found["few"] for found in rounds)
    return [
        (many - few) / (found["many"] - started) if found["many"] > started else many / found["many"]
        for found in rounds
    ]


def _seconds(raw: Raw, name: str, processes: int) -> list[float]:
    return [found["many"] for found in raw["seconds"][name][str(processes)]]


def _gain(raw: Raw, name: str, title: str) -> dict[str, Any]:
    times, draws = ratios(_seconds(raw, name, 1), _seconds(raw, name, 2)), raw["draws"][name][1]
    aim = {"at_least": FASTER_ON_TWO} if name in SIMS else {}
    return figure(f"{title}, {draws:,} draws, 2 cores instead of 1", times, "times", **aim)


def _overheads(raw: Raw) -> Figures:
    """What `sim.run` takes beyond batches with their tables, and beyond batches alone, in parts of the latter."""
    few, draws = raw["draws"]["model"]
    own = [draws / pace for pace in paces(raw["seconds"]["model"]["1"], few, draws)]
    whole, run = _seconds(raw, "sim", 1), f"sim.run into a folder, {draws:,} draws, 1 core:"

    def beyond(name: str) -> list[float]:
        rounds = zip(whole, _seconds(raw, name, 1), own, strict=True)
        return [100.0 * (everything - less) / model for everything, less, model in rounds]

    unit = "% more time"
    return {
        "overhead": figure(f"{run} batching, writing and hashing", beyond("tables"), unit, at_most=MOST_OVERHEAD),
        "overhead.tables": figure(f"{run} making tables as well", beyond("model"), unit),
    }


def of_memory(raw: Raw) -> Figures:
    """Peak memory; what peers take for many draws follows the line through two counts that were measured."""
    figures: Figures = {}
    for name, title in ({"sim": "sim.run of status_quo into a folder, 2 workers"} | PEERS).items():
        peaks = {run["draws"]: run["peak_mib"] for run in raw[name]}
        for draws, peak in peaks.items():
            aim = {"at_most": MOST_MIB} if (name, draws) == ("sim", AIM_DRAWS) else {}
            what = f"{draws:,} draws" if draws else "after imports"
            figures[f"peak.{name}.{draws}"] = figure(f"{title}, {what}", [peak], "MiB", **aim)
        if name in PEERS:
            what = f"{AIM_DRAWS:,} draws, extrapolated"
            figures[f"peak.{name}.{AIM_DRAWS}"] = figure(f"{title}, {what}", [on_line(peaks, AIM_DRAWS)], "MiB")
    if {f"peak.sim.{AIM_DRAWS}", f"peak.sim.{MANY_AIM_DRAWS}"} <= set(figures):
        many, few = (figures[f"peak.sim.{draws}"]["median"] for draws in (MANY_AIM_DRAWS, AIM_DRAWS))
        title = f"sim.run, peak memory of {MANY_AIM_DRAWS:,} draws / of {AIM_DRAWS:,}"
        figures["peak_growth"] = figure(title, [many / few], "times", at_most=MOST_GROWTH)
    return figures


def on_line(peaks: Mapping[int, float], draws: int) -> float:
    """Follow the line through the last two counts."""
    (few, low), (many, high) = sorted(peaks.items())[-2:]
    return high + (high - low) / (many - few) * (draws - many)


def of_command(raw: Raw) -> Figures:
    """Time of the command line from start to charts, and its own account of the time spent simulating."""
    seconds: Iterable[tuple[str, str]] = (
        ("wall", "wall time"),
        ("cpu", "processor time"),
        ("simulating", "of it simulating"),
    )
    return {name: figure(f"{raw['command']}, {title}", raw[name], "s") for name, title in seconds}


def of_packages(raw: Raw) -> Figures:
    """Time of pricing the packages of talks, and what is saved by pricing them together."""
    what = f"{raw['packages']} packages, {raw['draws']:,} draws"
    pairs = zip(raw["one_by_one"], raw["together"], strict=True)
    return {
        "packages_together": figure(f"pricing {what}", raw["together"], "s", at_most=MOST_PRICING_SECONDS),
        "packages_one_by_one": figure(f"{what}, package by package", raw["one_by_one"], "s"),
        "packages_gain": figure(
            "package by package / together", [one / all_of_them for one, all_of_them in pairs], "times"
        ),
    }


def of_pages(raw: Raw) -> Figures:
    """Time and size of a report page, and how soon the explorer answers."""
    what = f"report page of one run, {raw['draws']:,} draws"
    return {
        "report_seconds": figure(what, raw["seconds"], "s", at_most=MOST_REPORT_SECONDS),
        "report_size": figure(f"{what}, size", raw["megabytes"], "MB", at_most=MOST_REPORT_MEGABYTES),
        **explorer.figures_of(raw["explorer"]),
    }


SUMMARIES = {
    "speed": of_speed,
    "cores": of_cores,
    "memory": of_memory,
    "packages": of_packages,
    "pages": of_pages,
    "command": of_command,
}
"""How each part of a run is summed up; growth is shown as it was measured."""
