"""Differences on the screen and in a notebook: side by side, run by run, what decides them and what was changed."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from sim.report.captions import MOST_WORTH_NAMING, count_of_draws, roughly
from sim.report.kept_table import Column, Kept, Row, Table, as_html, difference, level, paragraph_as_html
from sim.report.kpi_names import format_value
from sim.studies.compare.compared_runs import drivers_between
from sim.studies.compare.comparison_answer import answer_of
from sim.studies.compare.differences import LEAST_DIFFERING
from sim.studies.compare.gain_tables import gain_table, tables_of_several
from sim.studies.compare.over_time import entry_table, payback_table, sums_table
from sim.studies.one_run.drivers import DRAWS_PER_INPUT, strongest_in_words
from sim.studies.one_run.main_figures import USUAL_NOTE, block, grouped, head, origin, small
from sim.studies.one_run.main_kpis import answer_kpis, label

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.compare.compared_runs import ComparedRuns

MOST_DIFFER = 0.5
"""Where fewer draws than this differ at all, the verdict says how many."""
HARDLY_NARROWER = 0.9
"""Ratio of the widths of paired and unpaired intervals from which on the gain is not worth naming a number."""
MOST_VALUES = 40
"""Differing values that the screen lists."""
SOURCE_CHARACTERS = 60
_DITTO = '"'
_SET_IN = "\u00a0\u00a0"
_STEPS_OF_PART = 2
"""Steps of a path that name what it is about: `policies.pilot`."""
_WHOLE_TIMES = 10.0
"""From so many times on no decimals are written."""
_SPREAD = (difference("difference", "mean"), difference("5 %", "p5"), difference("95 %", "p95"))


def difference_table(comparison: ComparedRuns, other: str) -> Table:
    """Lay out the main differences of another run: mean, spread over draws, and whether it is surely not zero."""
    reference, differences = comparison.reference, Kept("", comparison.differences)
    columns = [level(reference.name, "reference_mean"), *_SPREAD]
    first = differences.frame.iloc[differences.rows(scenario=other)[0]]
    how = f"{'draw by draw' if first['paired'] else 'draws not paired'}, {count_of_draws(int(first['draws']))}"

    def cells(kpi: str) -> Row:
        (row,) = differences.rows(scenario=other, kpi=kpi)
        return [*differences.cells(row, columns), _verdict(differences.frame.iloc[row])]

    rows = list(grouped(comparison.main_kpis, reference.scenario, cells))
    verdict = Column("told from zero")
    return Table(f"{other} against {reference.name}, {how}", [Column(""), *columns, verdict], rows, USUAL_NOTE)


def _verdict(row: pd.Series[Any]) -> str:
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


def money_of(compared: ComparedRuns) -> list[str]:
    """Sums over the run among the main figures that somebody may gain."""
    return [kpi for kpi in compared.main_kpis if kpi in answer_kpis(compared.reference.scenario)]


def sums_of(compared: ComparedRuns, other: str) -> Table:
    """Lay out the differences of one run by when they are counted."""
    differences = Kept("differences", compared.differences)
    return sums_table(differences, money_of(compared), compared.reference.scenario, other)


def entries_of(compared: ComparedRuns, other: str) -> Table:
    """Lay out for one run in what share of draws each foreign vendor comes, and when."""
    return entry_table(Kept("entries", _of_run(compared.entries, other)))


def paybacks_of(compared: ComparedRuns, other: str) -> Table:
    """Lay out for one run in which year the sum of what profits differ by is above zero for good."""
    return payback_table(Kept("paybacks", _of_run(compared.paybacks, other)), compared.reference.scenario)


def _of_run(rows: pd.DataFrame, other: str) -> pd.DataFrame:
    return rows[rows["scenario"] == other].reset_index(drop=True)


def driver_table(comparison: ComparedRuns, other: str) -> Table:
    """Lay out which uncertain numbers decide the headline differences of another run."""
    titles = ("What decides", "input (rank correlation with the difference)", "all inputs explain")
    rows = []
    for kpi in comparison.headline_kpis:
        drivers = drivers_between(comparison, kpi, other)
        words = label(kpi, comparison.reference.scenario).rpartition(", ")[0]
        rows.append((words, strongest_in_words(drivers), _explained(drivers)))
    note = "What all inputs leave unexplained is luck over time (shocks, lead times) and interplay"
    return Table("", list(map(Column, titles)), rows, note)


def _explained(drivers: pd.DataFrame) -> str:
    explained = float(drivers["explained_by_all"].max())
    if math.isnan(explained) and len(drivers):
        return f"needs over {DRAWS_PER_INPUT * len(drivers):,} draws"
    return format_value(explained, "share")


def narrowing_line(comparison: ComparedRuns, other: str) -> str:
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


def changed_table(comparison: ComparedRuns, other: str) -> Table | None:
    """Lay out the scenario values in which a run differs from the reference; None where there are none or too many."""
    changed = comparison.changed[comparison.changed["scenario"] == other]
    if not 0 < len(changed) <= MOST_VALUES:
        return None
    rows: list[Row] = []
    heading, above = "", ("", "")
    for row in changed.to_dict("records"):
        here = _effect(row), textwrap.shorten(row["source"], SOURCE_CHARACTERS, placeholder=" …")
        part, field = _parted(row["path"])
        if part != heading:
            rows.append((part,))
        shown = [_DITTO if words == before and words else words for words, before in zip(here, above, strict=True)]
        rows.append((f"{_SET_IN}{field}", row["reference"], row["other"], *shown))
        heading, above = part, here
    titles = ("value", comparison.reference.name, other, "effect", "source")
    return Table(f"Values that differ: {other}", list(map(Column, titles)), rows)


def _parted(path: str) -> tuple[str, str]:
    """Divide a path after the part that it is about: `policies.pilot` and `review.after_months`."""
    steps = path.split(".")
    above = min(_STEPS_OF_PART, len(steps) - 1)
    return ".".join(steps[:above]), ".".join(steps[above:])


def changed_line(comparison: ComparedRuns, other: str) -> str:
    """Say in one line how many values differ, where the table would not."""
    count = int((comparison.changed["scenario"] == other).sum())
    if count == 0:
        return f"{other}: no value of the model differs from {comparison.reference.name}"
    return f"{other}: {count:,} values differ; changed_values.csv of a saved comparison and `cloudtrade diff` list them"


def _effect(row: dict[Any, Any]) -> str:
    tried = row["tried_as"]
    return f"{row['effect']} (all of {tried})" if tried and tried != row["path"] else str(row["effect"])


def comparison_html(comparison: ComparedRuns) -> str:
    """Show a comparison in a notebook: its reference, and for each other run the answer and who gains how much.

    Parameters
    ----------
    comparison
        Runs against a reference.
    """
    reference = comparison.reference
    pieces = [small(f"Reference: {reference.scenario.title} ({origin(reference)})")]
    pieces += map(as_html, tables_of_several(comparison))
    for name, run in comparison.by_label.items():
        answer, table = map(paragraph_as_html, answer_of(comparison, name)), gain_table(comparison, name)
        pieces += [head(run.scenario), small(origin(run)), *answer, *([as_html(table)] if table.rows else [])]
    return block([*pieces, *map(small, comparison.notes)])
