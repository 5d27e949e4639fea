"""Main results and differences as tables for the screen."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from sim.report.captions import count_of_draws
from sim.report.kpi_names import BASES, UNITS, format_difference, format_value, parse, without_unit
from sim.report.statistics import summarise
from sim.studies.compare.differences import LEAST_DIFFERING, MOST_WORTH_NAMING, roughly
from sim.studies.compare.drivers import DRAWS_PER_INPUT, NOTE
from sim.studies.one_run.main_kpis import label, main_kpis

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario
    from sim.studies.compare.comparison import Comparison

USUAL_UNIT = "bn"
"""Unit of the KPIs whose rows name none."""
VERDICT_WIDTH = 14
MOST_DIFFER = 0.5
"""Where fewer draws than this differ at all, the verdict says how many."""
HARDLY_NARROWER = 0.9
"""Ratio of the widths of paired and unpaired intervals from which on the gain is not worth naming a number."""
MOST_VALUES = 40
"""Differing values that the screen lists."""
SOURCE_CHARACTERS = 60
SIDE_BY_SIDE = 3
"""Runs whose differences stand side by side in one table."""
_DITTO = '"'
_WHOLE_TIMES = 10.0
"""From so many times on no decimals are written."""
MOST_DRIVERS = 3
"""Inputs that a row names, if so many can be told from chance."""


def result_table(result: RunData) -> Table:
    """Lay out the main results of one run: mean and the range that holds 90 % of the draws."""
    draws = count_of_draws(result.draws)
    table = _table(f"{result.scenario.title} ({result.name}, {draws}, seed {result.seed})", ["mean", "5 %", "95 %"])
    rows = _by_kpi(summarise(result.kpis))
    for kpi, words in _grouped(main_kpis(result), result.scenario, table):
        row = rows[kpi]
        table.add_row(words, *_cells(row, ("mean", "p5", "p95"), format_value))
    return table


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Lay out the main differences of each other run: mean, spread over draws, and whether it is surely not zero."""
    return [_difference_table(comparison, other) for other in comparison.labels]


def overview_tables(comparison: Comparison) -> list[Table]:
    """Lay out the mean differences of several other runs side by side, as many as fit the screen in one table."""
    labels = comparison.labels
    return [_overview(comparison, labels[n : n + SIDE_BY_SIDE]) for n in range(0, len(labels), SIDE_BY_SIDE)]


def _overview(comparison: Comparison, labels: list[str]) -> Table:
    reference = comparison.reference
    table = _table(f"All against {reference.name}: mean difference, 5 to 95 % of the draws", labels)
    table.caption = f"{table.caption}; ~ cannot be told from zero"
    rows = {(row["scenario"], row["kpi"]): row for row in comparison.differences.to_dict("records")}
    for kpi, words in _grouped(comparison.main_kpis, reference.scenario, table):
        table.add_row(words, *(_overview_cell(rows[name, kpi]) for name in labels))
    return table


def _overview_cell(row: dict[Any, Any]) -> Text:
    if row["share_differing"] == 0:
        return Text("no effect")
    mean, low, high = (cell.plain for cell in _cells(row, ("mean", "p5", "p95"), format_difference))
    return Text(f"{'' if row['distinguishable'] else '~ '}{mean}\n{low} to {high}")


def narrowing_line(comparison: Comparison, other: str) -> str:
    """Say how much the shared draws narrow the intervals of the main differences; nothing where that is no matter."""
    rows = comparison.differences
    rows = rows[(rows["scenario"] == other) & rows["kpi"].isin(comparison.main_kpis) & rows["paired"]]
    ratios = rows.loc[rows["share_differing"] * rows["draws"] >= LEAST_DIFFERING, "interval_ratio"]
    ratios = ratios[ratios > 0]
    if ratios.empty:
        return ""
    middle = float(ratios.median())
    if middle >= HARDLY_NARROWER:
        return f"{other}: the draws are shared, but that hardly narrows the intervals of the main differences"
    return (
        f"{other}: shared draws make the intervals of the main differences about {_times(middle)} times narrower than "
        f"those of unrelated runs of the same size ({_times(ratios.max())} to {_times(ratios.min())} times)"
    )


def _times(ratio: float) -> str:
    times = 1 / ratio
    return f"{times:,.0f}" if times >= _WHOLE_TIMES else f"{times:.1f}"


def changed_table(comparison: Comparison, other: str) -> Table | None:
    """Lay out the scenario values in which a run differs from the reference; None where there are none or too many."""
    rows = comparison.changed[comparison.changed["scenario"] == other]
    if not 0 < len(rows) <= MOST_VALUES:
        return None
    table = Table(title=Text(f"Values that differ: {other}"), title_justify="left", box=None, pad_edge=False)
    for heading in ("value", comparison.reference.name, other, "effect", "source"):
        table.add_column(Text(heading), overflow="fold")
    above: tuple[str, ...] = ("", "")
    for row in rows.to_dict("records"):
        here = _effect(row), textwrap.shorten(row["source"], SOURCE_CHARACTERS, placeholder=" …")
        shown = [_DITTO if words == before and words else words for words, before in zip(here, above, strict=True)]
        table.add_row(*map(Text, (row["path"], row["reference"], row["other"], *shown)))
        above = here
    return table


def changed_line(comparison: Comparison, other: str) -> str:
    """Say in one line how many values differ, where the table would not."""
    count = int((comparison.changed["scenario"] == other).sum())
    if count == 0:
        return f"{other}: no value of the model differs from {comparison.reference.name}"
    return f"{other}: {count:,} values differ; changed_values.csv of a saved comparison and `cloudtrade diff` list them"


def _effect(row: dict[Any, Any]) -> str:
    tried = row["tried_as"]
    return f"{row['effect']} (all of {tried})" if tried and tried != row["path"] else str(row["effect"])


def driver_tables(comparison: Comparison) -> list[Table]:
    """Lay out for each other run which uncertain numbers decide the headline differences."""
    return [_driver_table(comparison, other) for other in comparison.labels]


def _driver_table(comparison: Comparison, other: str) -> Table:
    caption = "What all inputs leave unexplained is luck over time (shocks, lead times) and interplay"
    table = Table(caption=caption, caption_justify="left", box=None, pad_edge=False)
    for heading in ("What decides", "input (rank correlation with the difference)", "all inputs explain"):
        table.add_column(heading, overflow="fold")
    for kpi in comparison.headline_kpis:
        words = label(kpi, comparison.reference.scenario).rpartition(", ")[0]
        drivers = comparison.drivers(kpi, other)
        table.add_row(Text(words), Text(_strongest(drivers)), Text(_explained(drivers)))
    return table


def _explained(drivers: pd.DataFrame) -> str:
    explained = float(drivers["explained_by_all"].max())
    if math.isnan(explained) and len(drivers):
        return f"needs over {DRAWS_PER_INPUT * len(drivers):,} draws"
    return format_value(explained, "share")


def _strongest(drivers: pd.DataFrame) -> str:
    """Name the inputs that matter most, or say why none is named."""
    if drivers.empty:
        return str(drivers.attrs[NOTE])
    told = drivers[drivers["distinguishable"]].head(MOST_DRIVERS)
    if told.empty:
        return f"none of {len(drivers)} inputs can be told from chance at {count_of_draws(int(drivers['draws'].max()))}"
    named = zip(told["input"], told["correlation"], strict=True)
    return ", ".join(f"{path} ({correlation:+.2f})" for path, correlation in named)


def _difference_table(comparison: Comparison, other: str) -> Table:
    reference = comparison.reference
    rows = _by_kpi(comparison.differences[comparison.differences["scenario"] == other])
    headings = [reference.name, "difference", "5 %", "95 %"]
    table = _table(f"{other} against {reference.name}, {_how_compared(rows)}", headings)
    table.add_column("told from zero", min_width=VERDICT_WIDTH)
    for kpi, words in _grouped(comparison.main_kpis, reference.scenario, table):
        row = rows[kpi]
        level = _cells(row, ("reference_mean",), format_value)
        table.add_row(words, *level, *_cells(row, ("mean", "p5", "p95"), format_difference), _verdict(row))
    return table


def _how_compared(rows: dict[str, Any]) -> str:
    first = next(iter(rows.values()))
    return f"{'draw by draw' if first['paired'] else 'draws not paired'}, {count_of_draws(int(first['draws']))}"


def _verdict(row: dict[str, Any]) -> str:
    """Say in few words whether so many draws can tell the mean difference from zero."""
    if row["mean"] == 0 and row["sd"] == 0:
        return "no effect"
    differ = row["share_differing"]
    where = f" ({differ:.0%} of draws differ)" if differ < MOST_DIFFER else ""
    if row["distinguishable"]:
        return f"yes{where}"
    needed = row["draws_needed"]
    sayable = math.isfinite(needed) and needed <= MOST_WORTH_NAMING
    return f"no, about {roughly(needed)} draws would" if sayable else f"no{where}"


def _grouped(kpis: Iterable[str], scenario: Scenario, table: Table) -> Iterator[tuple[str, Text]]:
    """Give each KPI with its words, after a heading in the table where the time basis changes."""
    previous = ""
    for kpi in kpis:
        basis = BASES[parse(kpi).basis]
        if basis != previous:
            table.add_row(Text(f"{basis[:1].upper()}{basis[1:]}", style="italic"))
        previous = basis
        unit = parse(kpi).unit
        words = label(kpi, scenario).removesuffix(f", {basis}")
        yield kpi, Text(words if unit == USUAL_UNIT else f"{words} ({UNITS[unit].axis})")


def _cells(row: dict[str, Any], columns: Sequence[str], written: Callable[[float, str], str]) -> list[Text]:
    """Write numbers without their unit, which the words of the row have."""
    return [Text(without_unit(written, row[column], row["unit"])) for column in columns]


def _by_kpi(table: pd.DataFrame) -> dict[str, Any]:
    return {row["kpi"]: row for row in table.to_dict("records")}


def _table(title: str, headings: Sequence[str]) -> Table:
    caption = f"{UNITS[USUAL_UNIT].axis} where no other unit is named; 90 % of the draws lie between 5 % and 95 %"
    table = Table(
        title=Text(title), title_justify="left", caption=caption, caption_justify="left", box=None, pad_edge=False
    )
    table.add_column("")
    for heading in headings:
        table.add_column(Text(heading), justify="right", no_wrap=True)
    return table
