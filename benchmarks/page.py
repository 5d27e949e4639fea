"""docs/performance.md and its chart, made of benchmarks/results.json; by `benchmarks/run.py`.

What depends on the outcome of measurements is written with their figures.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.chart import draw_chart
from benchmarks.figures import AIM_DRAWS, MANY_AIM_DRAWS, SIMS, WORKS, Figure, Figures, aim, is_met, number
from benchmarks.peers import TITLES as PEERS

Results = Mapping[str, Any]

ORDER = ("speed", "cores", "memory", "trade")
MIB = 2**20
WIDTH = 118
"""Characters in a line of the page."""

INTRODUCTION = """# Speed and memory

How many draws can be run, in which time and in how much memory? And what would it have been with the tools that one
would otherwise take: plain SimPy, Mesa, AgentPy, the EMA Workbench? `make bench` measures it and writes this page
from `benchmarks/results.json`; do not edit it, measure again.
"""

SPEED = """## One draw on one core

The first rows are the same part of the model in every program: market, prices and capacity, 84 months, all vendors,
markets and segments, from the same starting values, so these rows compare like with like. The last rows are whole
batches of `sim`, with sampling, calibration, goods trade, partners and, in `status_quo`, reviews of presence and
the licence desk, none of which the other programs play. Processor time is the one to trust on a machine that does
other things.
"""

TWO_CORES = """## One core and two

Many draws the way each tool offers it: `sim.run(..., workers=2)` into a folder, a pool of processes around plain
SimPy, Mesa's `batch_run`, AgentPy's `Experiment`, the EMA Workbench's evaluators. `sim` plays all of `status_quo`
and writes its result; the others play the common part and keep theirs in memory. The pace is that of the draws
after the first ones; the start (imports, compiling, processes) stands beside it. What two cores gain is that of the
whole run, start included.
"""

MEMORY = """## Memory

The most that a run and all its processes held at once, looked at ten times a second; memory that processes share
is divided among them. `sim` writes to a folder, with two workers. The others keep every quarter of every draw as
their collectors do, in one process; what they would need for more draws than were played lies on the line through
two counts that were, and says so.
"""

TRADE = """## The world's trade and the talks

Whole batches over the whole horizon of a scenario, one divided by the other, taken in turns on one core. The general
form of goods trade solves the world once for each distinct vector of tariffs, at nodes of its uncertain numbers;
governments that bargain price each package of the agenda at each round.
"""

PEERS_WRITTEN = """## How the other programs are written

As somebody who knows the tool would write them, sharing one module of equations (`benchmarks/equations.py`, plain
functions of floats and lists), so that the ratios show the tools and not four ways to write a formula.

- **Plain SimPy** (`benchmarks/plain_simpy.py`): a process for supply, two for each vendor, one for the market;
  what a vendor does in a market is an object with a list of its channels.
- **Mesa** (`benchmarks/in_mesa.py`): an agent for each market and for each vendor in it, `AgentSet.do`, a step a
  month, `DataCollector` at the end of a quarter.
- **AgentPy** (`benchmarks/in_agentpy.py`): the same agents in `AgentList`s, `record` at the end of a quarter; its
  data frames are part of a run.
- **EMA Workbench** (`benchmarks/in_ema_workbench.py`): a `Model` around the function that plays plain SimPy, the
  draw as its uncertainty, quarterly paths as array outcomes, `SequentialEvaluator` and `MultiprocessingEvaluator`.

All four skip vendors in markets where they do not sell (16 of 52 pairs), which `sim` carries along. Since most of
their time goes into the common equations, the frameworks themselves cost little here; a model that keeps its
customers as agents, too, would pay more for them.

The **compiled bound** (`benchmarks/compiled_bound.py`) is the same part in numba, with nothing else around it: what
a program written for this one model, and hard to change, could do.
"""

HOW = """## How it was measured

- Times on one core: one process, numerical libraries held to one core. Plain SimPy plays before and after every
  task, and ratios are taken between neighbours in time, so that a busy machine slows both; ratios between two
  others go by way of plain SimPy in the same round. The order of tasks turns in every round. Sampling and starting
  values are not counted for the common part; compiling was done before.
- Times on two cores: every run is a process of its own, as a user's is, and its wall time counts from the first
  import; all of them in every round. Overhead is what `sim.run` into a folder takes on one core beyond the same
  batches whose tables are made and forgotten, in parts of the time of these batches alone, without their start; the
  second figure counts the tables in.
- The table gives medians and quartiles over rounds. Aims are judged by medians.
- Every program must come to the numbers of `sim` in every quarter, market and seller, to a relative 1e-9; otherwise
  `make bench` stops.
"""


def main(results: str, folder: str) -> None:
    """Write page and chart into a folder."""
    found = json.loads(Path(results).read_text(encoding="utf-8"))
    Path(folder, "performance.md").write_text(page(found), encoding="utf-8")
    draw_chart(found, Path(folder, "performance.png"))
    json.dump({}, sys.stdout)


def page(results: Results) -> str:
    """Write the page."""
    figures = all_figures(results)
    sections = (
        INTRODUCTION,
        "## In short\n\n" + summary(results, figures),
        "![Time per draw, draws a second and peak memory, of sim and the other programs](performance.png)\n",
        "## What was aimed at\n\n" + aims_table(found for found in figures.values() if is_met(found) is not None),
        speed_section(results["speed"]["figures"]),
        cores_section(results["cores"]["figures"]),
        memory_section(results["memory"]),
        *([trade_section(results["trade"])] if "trade" in results else []),
        "## What limits speed\n\n" + limits(figures),
        PEERS_WRITTEN,
        how_section(results),
    )
    return "\n".join(sections)


def all_figures(results: Results) -> Figures:
    """Put the figures of all parts together."""
    held = [results[part] for part in ORDER if part in results]
    return {name: found for part in held for name, found in part.get("figures", {}).items()}


def speed_section(figures: Figures) -> str:
    """Time per draw and ratios."""
    rows = []
    for name, title in WORKS.items():
        cpu, wall = figures[f"cpu.{name}"], figures[f"wall.{name}"]
        spread = f"{number(cpu['low'])} to {number(cpu['high'])}"
        rows.append((title, number(cpu["median"]), spread, number(wall["median"])))
    times = table(("Milliseconds per draw", "Processor time", "Quartiles", "Wall time"), rows)
    ratios = figures_table("Time per draw, one divided by the other", with_unit(figures, "times"))
    return f"{SPEED}\n{times}\n{ratios}"


def cores_section(figures: Figures) -> str:
    """Draws a second, gain of two cores."""
    rows = []
    for name, title in (SIMS | PEERS).items():
        one, two, gain = figures[f"pace.{name}.1"], figures[f"pace.{name}.2"], figures[f"gain.{name}"]
        starts = figures[f"start.{name}.1"], figures[f"start.{name}.2"]
        rows.append((title, *(number(found["median"]) for found in (one, two, gain, *starts))))
    columns = (
        "Draws a second, once started",
        "1 core",
        "2 cores",
        "Whole run, gain of 2 cores",
        "Seconds to start, 1 core",
        "2 cores",
    )
    return f"{TWO_CORES}\n{table(columns, rows)}"


def memory_section(part: Results) -> str:
    """Peak memory and what was written."""
    written = [run for run in part["raw"]["sim"] if run["draws"]]
    rows = [
        (
            f"{run['draws']:,}",
            number(run["peak_mib"]),
            number(run["seconds"]),
            number(run["bytes"] / MIB),
            f"{run['files']:,}",
        )
        for run in written
    ]
    files = table(("sim.run, 2 workers, draws", "Peak MiB", "Seconds, start included", "MiB written", "Files"), rows)
    return f"{MEMORY}\n{figures_table('Peak memory', with_unit(part['figures'], 'MiB'))}\n{files}"


def trade_section(part: Results) -> str:
    """What the world's trade and the talks cost."""
    return f"{TRADE}\n{figures_table('Processor time', part['figures'].values())}"


def how_section(results: Results) -> str:
    """Method, machine and dates."""
    where = [(name.replace("_", " "), str(value)) for name, value in results["where"].items()]
    moments = [
        (part, held["measured"]["date"], held["measured"]["commit"], str(held["measured"]["load_average"]))
        for part, held in ((part, results[part]) for part in ORDER if part in results)
    ]
    differences = results["speed"]["raw"]["differences"]
    apart = [(WORKS.get(name, name), f"{value:.1g}") for name, value in differences.items()]
    return "\n".join(
        (
            HOW,
            table(("Largest relative difference from sim", ""), apart),
            table(("Machine and packages", ""), where),
            table(("Part", "Date", "Commit", "Load average at its end"), moments),
        )
    )


def with_unit(figures: Figures, unit: str) -> list[Any]:
    """Choose figures by their unit."""
    return [found for found in figures.values() if found["unit"] == unit]


def summary(results: Results, figures: Figures) -> str:
    """Say the main things in a few lines."""
    lines = [one_core(figures), two_cores(figures), memory(figures), aims(figures), agreement(results)]
    return "".join(wrapped(f"- {line}", indent="  ") for line in lines)


def wrapped(text: str, indent: str = "") -> str:
    """Break a paragraph into lines."""
    lines = textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def value(found: Figure) -> str:
    """Write a figure's median."""
    return number(found["median"])


def one_core(figures: Figures) -> str:
    """Time of a draw."""
    times = [f"{title} {value(figures[f'{name}/part'])}" for name, title in PEERS.items()]
    return (
        "**One core**: the part of the model that all programs here play takes "
        f"{value(figures['cpu.part'])} ms a draw. For each draw of `sim`, others take so many times as long: "
        f"{', '.join(times)}. A draw of all of `status_quo` takes {value(figures['cpu.status_quo'])} ms."
    )


def two_cores(figures: Figures) -> str:
    """Draws a second, and gain."""
    return (
        f"**Two cores**: {value(figures['pace.sim.2'])} draws of `status_quo` a second, written to disk, "
        f"{value(figures['gain.sim'])} times as fast as one core. "
        f"Batching, writing and hashing add {value(figures['overhead'])} % to the model's own time, and "
        f"{value(figures['overhead.tables'])} % with what it takes to make the tables that are written."
    )


def memory(figures: Figures) -> str:
    """Peak memory, measured for sim and extrapolated for others."""
    held = {draws: figures.get(f"peak.sim.{draws}") for draws in (AIM_DRAWS, MANY_AIM_DRAWS)}
    ours = [f"{value(found)} MiB for {draws:,} draws" for draws, found in held.items() if found]
    theirs = [f"{title} {value(figures[f'peak.{name}.{AIM_DRAWS}'])} MiB" for name, title in PEERS.items()]
    return (
        f"**Memory**: at most {' and '.join(ours) or '(not measured)'}, on two workers. The others keep everything; "
        f"for {AIM_DRAWS:,} draws, extrapolated from fewer, that would be {', '.join(theirs)}."
    )


def aims(figures: Figures) -> str:
    """Count the aims met, and name those missed."""
    judged = [found for found in figures.values() if is_met(found) is not None]
    missed = [found for found in judged if not is_met(found)]
    counted = f"**Aims**: {len(judged) - len(missed)} of {len(judged)} are met."
    named = [f"{found['title']} ({value(found)}, aim {aim(found)})" for found in missed]
    return counted + (f" Missed: {'; '.join(named)}." if named else "")


def agreement(results: Results) -> str:
    """Say how far programs lie apart."""
    largest = max(results["speed"]["raw"]["differences"].values())
    return f"**Same model**: no number of any program lies further than a relative {largest:.1g} from that of `sim`."


def limits(figures: Figures) -> str:
    """Say what limits speed, by the figures."""
    return "\n".join(wrapped(text) for text in (beside_bound(figures), rest_of_model(figures), second_core(figures)))


def beside_bound(figures: Figures) -> str:
    """Compare with the compiled bound."""
    return (
        f"Against the compiled bound, `sim` takes {value(figures['part/bound'])} times as long. The customers' "
        "month is compiled, eight draws at a time; elasticities, joint margins and orders are compiled loops of one "
        "pass; the rest is NumPy, which does one operation at a time on all draws of a batch: each reads its arrays "
        "from the cache and writes a new one, where a compiled loop keeps the numbers of a draw in registers until it "
        "is done with them. `sim` also counts profits, "
        "carries vendors through markets where they do not sell, and records more columns than the bound."
    )


def rest_of_model(figures: Figures) -> str:
    """Compare the common part with all of the model."""
    return (
        f"Of the {value(figures['cpu.status_quo'])} ms that a draw of `status_quo` takes, about "
        f"{value(figures['cpu.part'])} ms are the part compared here. The rest is sampling and calibration, goods "
        "trade, reviews of presence, licences and partners."
    )


def second_core(figures: Figures) -> str:
    """Say what a second core does not gain."""
    return (
        f"On two cores, `sim.run` is {value(figures['gain.sim'])} times as fast as on one. What is missing to 2 is "
        "starting processes, handing out batches, what one process does alone in the end, and the cache and memory "
        "that cores share."
    )


def quartiles(found: Figure) -> str:
    """Write the quartiles, where there are any."""
    return "" if found["low"] == found["high"] else f"{number(found['low'])} to {number(found['high'])}"


def verdict(found: Figure) -> str:
    """Say whether an aim is met."""
    return {True: "met", False: "**missed**", None: ""}[is_met(found)]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a table; the first column holds names, the others numbers."""
    lines = [columns, ["---", *(["--:"] * (len(columns) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def figures_table(name: str, figures: Iterable[Figure]) -> str:
    """Make a table of figures with their quartiles."""
    rows = [(found["title"], number(found["median"]), quartiles(found), found["unit"]) for found in figures]
    return table((name, "Median", "Quartiles", "Unit"), rows)


def aims_table(figures: Iterable[Figure]) -> str:
    """Make a table of what is aimed at."""
    rows = [
        (found["title"], aim(found), number(found["median"]), quartiles(found), found["unit"], verdict(found))
        for found in figures
    ]
    return table(("Figure", "Aim", "Median", "Quartiles", "Unit", ""), rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
