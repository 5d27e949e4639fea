"""The main figures of one run, on the screen and in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sim.report.captions import SHOWN_OF_HASH, count_of_draws, settings_in_words
from sim.report.kept_table import Column, Kept, Row, Table, as_html, level
from sim.report.kpi_names import UNITS, basis_in_words, capitalised, parse
from sim.report.statistics import summarise
from sim.studies.one_run.main_kpis import label, main_kpis

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario

USUAL_UNIT = "bn"
"""Unit of the KPIs whose rows name none."""
LEVELS = (level("mean", "mean"), level("5 %", "p5"), level("95 %", "p95"))
USUAL_NOTE = f"{UNITS[USUAL_UNIT].axis} where no other unit is named; 90 % of the draws lie between 5 % and 95 %"
"""What stands below a table whose rows name no usual unit."""


def result_table(result: RunData) -> Table:
    """Lay out the main results of one run: mean and the range that holds 90 % of the draws."""
    settings = f"{result.name}, {count_of_draws(result.draws)}, seed {result.seed}"
    summary = Kept("", summarise(result.kpis))
    rows = grouped(main_kpis(result), result.scenario, lambda kpi: summary.cells(summary.rows(kpi=kpi)[0], LEVELS))
    return Table(f"{result.scenario.title} ({settings})", [Column(""), *LEVELS], list(rows), USUAL_NOTE)


def figures_data(result: RunData) -> dict[str, Any]:
    """Give the main results of one run as plain values, for programs: name, title, draws, seed and figures."""
    summary = summarise(result.kpis)
    rows = summary[summary["kpi"].isin(main_kpis(result))].to_dict("records")
    about = {"name": result.name, "title": result.scenario.title, "draws": result.draws, "seed": result.seed}
    return {**about, "figures": [{**row, "title": label(row["kpi"], result.scenario)} for row in rows]}


def grouped(kpis: Iterable[str], scenario: Scenario, cells: Callable[[str], Row]) -> Iterator[Row]:
    """Give a row for each KPI, its words first, below a heading wherever the time basis changes.

    Parameters
    ----------
    kpis
        Names of KPIs in their order.
    scenario
        Whose members they name.
    cells
        Gives what stands beside the words of a KPI.
    """
    previous = ""
    for kpi in kpis:
        basis, unit = basis_in_words(kpi), parse(kpi).unit
        if basis != previous:
            yield (capitalised(basis),)
        previous = basis
        words = label(kpi, scenario).removesuffix(f", {basis}")
        yield (words if unit == USUAL_UNIT else f"{words} ({UNITS[unit].axis})", *cells(kpi))


# In notebooks: a title, where the results come from, and one table ----------------------------------------------------


def run_html(result: RunData) -> str:
    """Show one run: its question, where it comes from, and mean and range of the main figures.

    Parameters
    ----------
    result
        A run.
    """
    summary = Kept("", summarise(result.kpis))
    table = summary.table(
        f"Main figures of {result.name}, and the range that holds 90 % of the draws",
        [*labelled_columns(result.scenario), *LEVELS],
        [row for kpi in main_kpis(result) for row in summary.rows(kpi=kpi)],
    )
    notes = [f"{result.lacking} makes it again"] if result.lacking else []
    notes += [f"draws {held['first']} to {held['last']} failed: {held['reason']}" for held in result.failed]
    return block([head(result.scenario), small(origin(result)), as_html(table), *map(small, notes)])


def labelled_columns(scenario: Scenario) -> list[Column]:
    """Give the columns that name a KPI, its time basis and its unit."""
    unit = Column("unit", "unit", lambda unit: UNITS[unit].axis)
    return [Column("figure", "kpi", lambda kpi: label(kpi, scenario)), unit]


def origin(result: RunData) -> str:
    """Say what made a result: `guiyang_pilot, 200 draws, seed 1, content hash 0123456789ab`."""
    known = result.manifest.get("content_hash")
    words = f"{result.name}, {settings_in_words(result.draws, result.seed)}"
    return f"{words}, content hash {known[:SHOWN_OF_HASH]}" if known else words


def head(scenario: Scenario) -> Markup:
    """Write the title and question of a scenario."""
    question = " ".join(scenario.question.split())
    return Markup("<p><strong>{}</strong><br>{}</p>").format(scenario.title, question)


def small(text: str) -> Markup:
    """Write a line in small type."""
    return Markup("<p><small>{}</small></p>").format(text)


def block(pieces: Iterable[Markup]) -> Markup:
    """Put pieces of HTML together; text among them is escaped."""
    return Markup("<div>\n{}\n</div>").format(Markup("\n").join(pieces))
