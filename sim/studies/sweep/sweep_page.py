"""The folder of a sweep: table, chart and page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.report.drawn_chart import ChartOf
from sim.report.kept_table import Column, Kept, Sentence, Table, number
from sim.report.kpi_names import format_difference, format_value, unit_in_words
from sim.report.page_layout import Section
from sim.report.statistics import whole_percent
from sim.runs.manifest import SWEEP
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.study_folder import StudyFolder
from sim.studies.sweep.sweep_charts import plot_sweep

if TYPE_CHECKING:
    from sim.studies.sweep.sweep_study import Sweep

SIGNS = (
    "Nowhere can the mean be told from zero.",
    "Where the mean can be told from zero, its sign is the same.",
    "The mean's sign turns within the grid.",
)
"""What is said by the number of signs that the mean has where it can be told from zero."""
SWEEP_CHART = ChartOf(plot_sweep, lambda sweep: sweep.table())


def sweep_table(sweep: Sweep, kept: Kept) -> Table:
    """Lay out what the figure is at each point."""
    write = format_value if sweep.reference is None else format_difference
    figures = {"mean": "mean", "mean_low": "from", "mean_high": "to", "p5": "5 %", "p50": "median", "p95": "95 %"}
    columns = [
        *(number(sweep.words(grid), grid.path, lambda value: f"{value:.4g}" if isinstance(value, float) else str(value))
          for grid in sweep.grids),
        *(Column(title, name, write, is_number=True, by_unit=True, wraps=False) for name, title in figures.items()),
        number("above zero", "above_zero", whole_percent),
    ]  # fmt: skip
    unit = unit_in_words(sweep.kpi)
    note = f"In {unit}. From and to: 90 % interval of the mean; then levels of draws. Numbers: {kept.file}."
    return kept.table(label(sweep.kpi, sweep.scenario), columns, None, note)


def answer_of(sweep: Sweep, kept: Kept) -> list[Sentence]:
    """Say where the mean is largest and smallest, and whether its sign turns."""
    mean = kept.frame["mean"]
    ends: list[Sentence] = [
        ("The mean is ", words, " at ", *_at(sweep, kept, row), ": ", _written(sweep, kept, row), ".")
        for words, row in (("largest", int(mean.argmax())), ("smallest", int(mean.argmin())))
    ]
    told = kept.frame[(kept.frame["mean_low"] > 0.0) | (kept.frame["mean_high"] < 0.0)]
    return [*ends, (SIGNS[told["mean"].gt(0.0).nunique()],)]


def _at(sweep: Sweep, kept: Kept, row: int) -> Sentence:
    pieces: list[Any] = []
    for grid in sweep.grids:
        pieces += [" and " if pieces else "", f"{sweep.words(grid)} = ", kept.cell(row, grid.path, str)]
    return tuple(pieces)


def _written(sweep: Sweep, kept: Kept, row: int) -> Any:
    return kept.level(row, "mean") if sweep.reference is None else kept.difference(row, "mean")


def folder_of(sweep: Sweep) -> StudyFolder:
    """Lay out what the study's folder holds."""
    kept, chart = Kept("sweep", sweep.table()), SWEEP_CHART.drawn(sweep)
    said: dict[str, Any] = {
        "reference": sweep.reference.name if sweep.reference else "", "kpi": sweep.kpi, "seed": sweep.seed,
        "draws": len(sweep.draws), "over": [grid.path for grid in sweep.grids],
    }  # fmt: skip
    sections = [
        Section("charts", "Chart", charts=[chart], charts_in=""),
        Section("points", "All points", tables=[sweep_table(sweep, kept)]),
    ]
    title = f"{sweep.scenario.title}: over {' and '.join(map(sweep.words, sweep.grids))}"
    scenarios = (*([sweep.reference] if sweep.reference else []), sweep.scenario)
    return StudyFolder(
        SWEEP, scenarios, said, title, sweep.scenario.question, answer_of(sweep, kept), sections, [kept], [chart]
    )
