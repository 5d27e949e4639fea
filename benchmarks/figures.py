"""Figures: what is reported of each part of a run, made of seconds and bytes measured, and what is aimed at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median, quantiles
from typing import Any

from benchmarks.peers import TITLES as PEERS

Figure = dict[str, Any]
"""Title, unit, median and quartiles over repetitions; `at_least` or `at_most` where something is aimed at."""
Figures = dict[str, Figure]

DIGITS = 4
HUNDRED, TEN, ONE = 100.0, 10.0, 1.0

Raw = Mapping[str, Any]

PLAIN = "plain_simpy"
WORKS = {
    "part": "sim, the same part",
    "bound_blocks": "compiled bound, blocks of draws",
    "bound_draws": "compiled bound, one draw at a time",
    **PEERS,
    "fixed": "sim, whole batches, presence fixed",
    "status_quo": "sim, whole batches of status_quo",
}
"""What is timed on one core."""
AIMS = {
    (PLAIN, "part"): {"at_least": 150.0},
    ("in_mesa", "part"): {"at_least": 165.0},
    ("part", "bound"): {"at_most": 3.0},
}
"""What is aimed at, for ratios of time per draw."""
SHOWN_RATIOS = (
    *((over, "part") for over in PEERS),
    *((over, "bound") for over in ("part", PLAIN)),
    *((over, "status_quo") for over in (PLAIN, "in_mesa")),
    *((over, PLAIN) for over in PEERS if over != PLAIN),
)
FASTER_ON_TWO, MOST_OVERHEAD, MOST_MIB, MOST_GROWTH = 1.8, 30.0, 1536.0, 1.2
MOST_OF_PARTIAL, MOST_OF_TALKS, MOST_OF_PRICING = 1.15, 2.0, 2.0
AIM_DRAWS, MANY_AIM_DRAWS = 10_000, 100_000
SIMS = {"sim": "sim.run of status_quo"}


def figure(title: str, values: Iterable[float], unit: str, **aim: float) -> Figure:
    """Sum up one figure over repetitions; `aim` is `at_least=...` or `at_most=...`."""
    held = sorted(values)
    low, middle, high = quantiles(held, n=4, method="inclusive") if len(held) > 1 else held * 3
    numbers = {"median": middle, "low": low, "high": high}
    return {"title": title, "unit": unit} | {name: significant(value) for name, value in numbers.items()} | aim


def significant(value: float) -> float:
    """Keep as many digits as a measurement deserves."""
    return float(f"{value:.{DIGITS}g}")


def is_met(found: Figure) -> bool | None:
    """Whether the median reaches what is aimed at; None where nothing is."""
    if "at_least" in found:
        return bool(found["median"] >= found["at_least"])
    if "at_most" in found:
        return bool(found["median"] <= found["at_most"])
    return None


def aim(found: Figure) -> str:
    """Write what is aimed at."""
    if "at_least" in found:
        return f"at least {found['at_least']:g}"
    return f"at most {found['at_most']:g}" if "at_most" in found else ""


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Divide round by round."""
    return [a / b for a, b in zip(over, under, strict=True)]


def number(value: float) -> str:
    """Write a number with about three digits."""
    size = abs(value)
    if size >= HUNDRED:
        return f"{value:,.0f}".replace("-", "−")
    decimals = 1 if size >= TEN else 2 if size >= ONE else 3
    return f"{value:.{decimals}f}".replace("-", "−")


def show(figures: Figures) -> None:
    """Print a table, where there is something to show."""
    if not figures:
        return
    width = max(len(found["title"]) for found in figures.values())
    print(f"\n{'':{width}}  {'median':>9}  {'quarter':>9}  {'3 quart.':>9}  unit         aim")
    for found in figures.values():
        numbers = "  ".join(f"{found[column]:9.4g}" for column in ("median", "low", "high"))
        verdict = {True: "  met", False: "  MISSED", None: ""}[is_met(found)]
        print(f"{found['title']:{width}}  {numbers}  {found['unit']:11}  {aim(found)}{verdict}".rstrip())


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


def of_trade(raw: Raw) -> Figures:
    """What the general form of goods trade costs, what talks do, and packages priced; by processor time."""
    spent = raw["seconds_per_draw"]

    def times(name: str) -> list[float]:
        return [beside["cpu"] / beside["peer_cpu"] for beside in spent[name]]

    figures = {
        "general/partial": figure(
            "status_quo, general form of goods trade / partial form",
            [1.0 / ratio for ratio in times("partial")],
            "times",
            at_most=MOST_OF_PARTIAL,
        )
    }
    for name in spent.keys() - {"partial", "pricing"}:
        figures[f"{name}/status_quo"] = figure(f"{name} / status_quo", times(name), "times", at_most=MOST_OF_TALKS)
    seconds = [raw["draws"] * beside["cpu"] for beside in spent["pricing"]]
    title = f"{raw['packages']} packages of talks priced in {raw['draws']:,} draws"
    figures["pricing"] = figure(title, seconds, "s", at_most=MOST_OF_PRICING)
    return dict(sorted(figures.items()))


SUMMARIES = {
    "speed": of_speed,
    "cores": of_cores,
    "memory": of_memory,
    "trade": of_trade,
}
"""How each part of a run is summed up."""
