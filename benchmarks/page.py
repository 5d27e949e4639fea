"""docs/performance.md and its chart, made of benchmarks/results.json; by `benchmarks/run.py`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.chart import draw_chart
from benchmarks.figures import Figures, is_met
from benchmarks.page_text import (
    COMMAND,
    HOW,
    INTRODUCTION,
    MEMORY,
    PACKAGES,
    PAGES,
    PEERS_WRITTEN,
    SPEED,
    TWO_CORES,
    limits,
    summary,
)
from benchmarks.peers import TITLES as PEERS
from benchmarks.summaries import SIMS, WORKS
from benchmarks.tables import aims_table, figures_table, number, table

Results = Mapping[str, Any]

GROWTH_COLUMNS = {
    "part": "sim, NumPy",
    "part_fast": "sim, [fast]",
    "bound": "compiled bound",
    "plain_simpy": "plain SimPy",
    "in_mesa": "Mesa",
}
ORDER = ("speed", "cores", "memory", "growth", "packages", "pages", "command")
MIB = 2**20


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
        "![Time per draw, draws a second, peak memory and growth, of sim and the other programs](performance.png)\n",
        "## What was aimed at\n\n" + aims_table(found for found in figures.values() if is_met(found) is not None),
        speed_section(results["speed"]["figures"]),
        cores_section(results["cores"]["figures"]),
        packages_section(results["packages"]["figures"]),
        pages_section(results["pages"]["figures"]),
        command_section(results["command"]["figures"]),
        memory_section(results["memory"]),
        growth_section(results["growth"]["raw"]),
        "## What limits speed\n\n" + limits(figures),
        PEERS_WRITTEN,
        how_section(results),
    )
    return "\n".join(sections)


def all_figures(results: Results) -> Figures:
    """Put the figures of all parts together."""
    return {name: found for part in ORDER for name, found in results[part].get("figures", {}).items()}


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


def packages_section(figures: Figures) -> str:
    """What pricing the packages of talks takes."""
    return f"{PACKAGES}\n{figures_table('Pricing packages', figures.values())}"


def pages_section(figures: Figures) -> str:
    """What readers of reports and users of the explorer wait for."""
    return f"{PAGES}\n{figures_table('Pages', figures.values())}"


def command_section(figures: Figures) -> str:
    """The command line from start to charts."""
    return f"{COMMAND}\n{figures_table('The whole command', figures.values())}"


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


def growth_section(raw: Results) -> str:
    """Milliseconds per draw at different sizes."""
    parts = ["## Growth\n\nProcessor time per draw in milliseconds, one core, the part that all programs play.\n"]
    for name, rows in raw.items():
        joined: dict[int, dict[str, float]] = {}
        for row in rows:
            joined.setdefault(row[name], {}).update(row)
        cells = [
            (f"{size:,}", *(number(row[column]) if column in row else "" for column in GROWTH_COLUMNS))
            for size, row in sorted(joined.items())
        ]
        parts.append(table((name.capitalize(), *GROWTH_COLUMNS.values()), cells))
    return "\n".join(parts)


def how_section(results: Results) -> str:
    """Method, machine and dates."""
    where = [(name.replace("_", " "), str(value)) for name, value in results["where"].items()]
    moments = [
        (part, held["measured"]["date"], held["measured"]["commit"], str(held["measured"]["load_average"]))
        for part, held in ((part, results[part]) for part in ORDER)
    ]
    differences = results["speed"]["raw"]["differences"]
    apart = [(WORKS.get(name, name), f"{value:.1g}") for name, value in differences.items()]
    return "\n".join(
        (
            HOW,
            table(("Largest relative difference from sim with NumPy", ""), apart),
            table(("Machine and packages", ""), where),
            table(("Part", "Date", "Commit", "Load average at its end"), moments),
        )
    )


def with_unit(figures: Figures, unit: str) -> list[Any]:
    """Choose figures by their unit."""
    return [found for found in figures.values() if found["unit"] == unit]


if __name__ == "__main__":
    main(*sys.argv[1:])
