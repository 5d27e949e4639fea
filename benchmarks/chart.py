"""The chart of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.figures import AIM_DRAWS, number
from benchmarks.peers import TITLES as PEERS
from sim.report.captions import Heading
from sim.report.chart_style import (
    BLACK,
    BLUE,
    DPI,
    GREEN,
    INK,
    LABEL_SIZE,
    ORANGE,
    PURPLE,
    VERMILION,
    Margins,
    darkened,
    name_axes,
    name_panel,
    new_chart,
    spread_out,
)

Results = Mapping[str, Any]
Point = tuple[float, float]
Label = tuple[str, Point, str]
"""Name, place on both axes, colour."""

NAMES = {
    "part": "sim",
    "sim": "sim",
    "bound_blocks": "compiled bound",
    "bound": "compiled bound",
    "plain_simpy": "plain SimPy",
    "in_mesa": "Mesa",
    "in_agentpy": "AgentPy",
    "in_ema_workbench": "EMA Workbench",
}
COLOURS = {
    "sim": BLUE,
    "compiled bound": BLACK,
    "plain SimPy": VERMILION,
    "Mesa": GREEN,
    "AgentPy": PURPLE,
    "EMA Workbench": ORANGE,
}
SIZE = (9.0, 10.5)
MARGINS = Margins(left=1.35, right=1.3, foot=0.95, between_rows=1.0)
LINE_STEPS = 40
LABEL_GAP_POINTS, LABEL_INDENT_POINTS = 11.0, 7.0
POINTS_PER_INCH = 72
ROOM_FOR_VALUES = 3.0
"""How far an axis goes on beyond its largest value, as a multiple."""


def draw_chart(results: Results, file: Path) -> None:
    """Draw all panels into a file."""
    moment = results["speed"]["measured"]
    heading = Heading(
        title="The same model in five tools: time and memory of many draws",
        subtitle="All axes of numbers are logarithmic. Dots are medians, thin lines quartiles.",
        source=f"make bench, {moment['date']}, {results['where']['processor']}, {results['where']['cores']} cores. "
        "For pace and memory, sim plays and writes all of status_quo, the others play the common part.",
    )
    chart, (time, pace, memory) = new_chart(heading, (3, 1), SIZE, MARGINS)
    draw_times(time, results["speed"]["figures"])
    draw_paces(pace, results["cores"]["figures"])
    draw_memory(memory, results["memory"]["raw"], results["memory"]["figures"])
    chart.savefig(file, dpi=DPI)


def draw_times(axes: Axes, figures: Results) -> None:
    """Milliseconds per draw on one core, the part that all play."""
    names = ["bound_blocks", "part", *PEERS]
    name_panel(axes, "One draw of the common part on one core")
    draw_dots(axes, {NAMES[name]: [figures[f"cpu.{name}"]] for name in names})
    name_axes(axes, "milliseconds of processor time", "")


def draw_paces(axes: Axes, figures: Results) -> None:
    """Draws a second on one core and on two."""
    name_panel(axes, "Draws a second on 1 core (hollow) and 2 (full)")
    paces = {name: [figures[f"pace.{name}.{cores}"] for cores in (1, 2)] for name in ("sim", *PEERS)}
    draw_dots(axes, {NAMES[name]: found for name, found in paces.items()})
    name_axes(axes, "draws a second", "")


def draw_dots(axes: Axes, rows: Mapping[str, list[Results]]) -> None:
    """Draw a row for each name, its last dot full and with its value beside it."""
    for place, (name, found) in enumerate(rows.items()):
        colour = COLOURS[name]
        for figure in found:
            axes.plot([figure["low"], figure["high"]], [place, place], color=colour, linewidth=1.2)
            face = colour if figure is found[-1] else "white"
            axes.plot(figure["median"], place, "o", color=colour, markerfacecolor=face, markersize=7)
        last = found[-1]["median"]
        axes.annotate(
            number(last),
            (max(figure["median"] for figure in found), place), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=LABEL_SIZE, color=INK,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * ROOM_FOR_VALUES)
    write_plain(axes.xaxis)


def draw_memory(axes: Axes, raw: Results, figures: Results) -> None:
    """Peak memory by draws; dashes where it was not measured."""
    name_panel(axes, "Peak memory (dashed: extrapolated)")
    labels = []
    for name in ("sim", *PEERS):
        colour = COLOURS[NAMES[name]]
        runs: list[Point] = [(run["draws"], run["peak_mib"]) for run in raw[name] if run["draws"]]
        axes.plot(*zip(*runs, strict=True), "o-", color=colour, markersize=4, linewidth=1.8)
        if name in PEERS:
            runs = line_to(runs[-1], (AIM_DRAWS, figures[f"peak.{name}.{AIM_DRAWS}"]["median"]))
            axes.plot(*zip(*runs, strict=True), "--", color=colour, linewidth=1.4)
        labels.append((NAMES[name], runs[-1], colour))
    finish_lines(axes, labels, "draws", "MiB, all processes together")


def line_to(start: Point, end: Point) -> list[Point]:
    """Give points of a straight line, which is none on logarithmic axes."""
    parts = [step / LINE_STEPS for step in range(LINE_STEPS + 1)]
    return [(start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])) for part in parts]


def finish_lines(axes: Axes, labels: list[Label], horizontal: str, vertical: str) -> None:
    """Make both axes logarithmic, and write names at the ends of the lines."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    write_plain(axes.xaxis)
    write_plain(axes.yaxis)
    name_axes(axes, horizontal, vertical)
    write_names(axes, labels)


def write_names(axes: Axes, labels: list[Label]) -> None:
    """Write names beside the ends of lines, moved apart where they would overlap."""
    points = axes.figure.dpi / POINTS_PER_INCH
    ends = axes.transData.transform([end for _, end, _ in labels]) / points
    box = axes.get_window_extent()
    heights = spread_out(ends[:, 1], LABEL_GAP_POINTS, box.y0 / points, box.y1 / points)
    for (name, end, colour), place, height in zip(labels, ends, heights, strict=True):
        axes.annotate(
            name, end, xytext=(LABEL_INDENT_POINTS, height - place[1]), textcoords="offset points", va="center",
            fontsize=LABEL_SIZE, color=darkened(colour), annotation_clip=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0}, zorder=3,
        )  # fmt: skip


def write_plain(axis: Any) -> None:
    """Write powers of ten as numbers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_formatter(NullFormatter())
