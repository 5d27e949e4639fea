"""How results show themselves in a notebook: a title, where they come from, and one table, as HTML without colours."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from sim.report.captions import SHOWN_OF_HASH, settings_in_words
from sim.report.kpi_names import UNITS, format_difference, format_value, without_unit
from sim.report.statistics import summarise
from sim.scenario.describing import title_of, words_of
from sim.studies.deals.deal_tables import packages
from sim.studies.one_run.main_kpis import label, main_kpis

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario
    from sim.studies.compare.comparison import Comparison
    from sim.studies.deals.deal_space import DealSpace

MOST_PACKAGES = 12
"""Packages of a deal space that are shown, those first that most draws sign."""
VERDICT = "verdict"

Row = Mapping[Hashable, Any]

_LEFT, _RIGHT = "text-align: left", "text-align: right; white-space: nowrap"


def run_html(result: RunData) -> str:
    """Show one run: its question, where it comes from, and mean and range of the main figures.

    Parameters
    ----------
    result
        A run.
    """
    rows = {row["kpi"]: row for row in summarise(result.kpis).to_dict("records")}
    table = _table(
        f"Main figures of {result.name}, and the range that holds 90 % of the draws",
        ("figure", "unit", "mean", "5 %", "95 %"),
        [_run_row(rows[kpi], result.scenario) for kpi in main_kpis(result)],
    )
    failed = [f"draws {held['first']} to {held['last']} failed: {held['reason']}" for held in result.failed]
    return _block([_head(result.scenario), _small(_origin(result)), table, *map(_small, failed)])


def comparison_html(comparison: Comparison) -> str:
    """Show a comparison: its reference, and for each other run the main differences and what can be said of them.

    Parameters
    ----------
    comparison
        Runs against a reference.
    """
    reference = comparison.reference
    pieces = [_small(f"Reference: {reference.scenario.title} ({_origin(reference)})")]
    for name, run in zip(comparison.labels, comparison.others, strict=True):
        rows = comparison.differences[comparison.differences["scenario"] == name].set_index("kpi", drop=False)
        table = _table(
            f"{name} against {reference.name}: mean differences with their 90 % intervals",
            ("figure", "unit", reference.name, "difference", "90 % interval", VERDICT),
            [_difference_row(rows.loc[kpi].to_dict(), reference.scenario) for kpi in comparison.main_kpis],
        )
        pieces += [_head(run.scenario), _small(_origin(run)), table]
    return _block([*pieces, *map(_small, comparison.notes)])


def deal_space_html(space: DealSpace) -> str:
    """Show a deal space: its question, where it comes from, and what the packages signed most often are worth.

    Parameters
    ----------
    space
        Packages and what they are worth.
    """
    order = ["signed_share", "both_gain_share"]
    shown = packages(space).sort_values(order, ascending=False, kind="stable").head(MOST_PACKAGES)
    issues = list(space.scenario.talks.agenda)
    gains = [f"gain of {title_of(space.scenario, 'countries', country)}, bn USD" for country in space.countries]
    table = _table(
        f"{len(shown)} of {len(space.packages)} packages, the one signed most often first; mean gains over no deal",
        (*(title_of(space.scenario, "agenda", issue) for issue in issues), *gains, "both gain", "signed"),
        [_package_row(row, issues, space.countries) for row in shown.to_dict("records")],
        words=len(issues),
    )
    settings = settings_in_words(len(space.draws), space.seed)
    origin = f"{space.scenario.name}, {settings}, worth as of {space.date:%B %Y}"
    return _block([_head(space.scenario), _small(origin), table])


def _package_row(row: Row, issues: Sequence[str], countries: Sequence[str]) -> list[str]:
    gains = [without_unit(format_difference, row[f"{country}_gain_mean_bn"], "bn") for country in countries]
    shares = [format_value(row[f"{name}_share"], "share") for name in ("both_gain", "signed")]
    return [*(words_of(row[issue]) for issue in issues), *gains, *shares]


def _run_row(row: Row, scenario: Scenario) -> list[str]:
    values = (without_unit(format_value, row[column], row["unit"]) for column in ("mean", "p5", "p95"))
    return [label(row["kpi"], scenario), UNITS[row["unit"]].axis, *values]


def _difference_row(row: Row, scenario: Scenario) -> list[str]:
    unit = row["unit"]
    low, high = (without_unit(format_difference, row[column], unit) for column in ("mean_low", "mean_high"))
    level, mean = (
        without_unit(format_value, row["reference_mean"], unit),
        without_unit(format_difference, row["mean"], unit),
    )
    return [label(row["kpi"], scenario), UNITS[unit].axis, level, mean, f"{low} to {high}", row["verdict"]]


def _origin(result: RunData) -> str:
    """Say what made a result: `guiyang_pilot, 200 draws, seed 1, content hash 0123456789ab`."""
    known = result.manifest.get("content_hash")
    words = f"{result.name}, {settings_in_words(result.draws, result.seed)}"
    return f"{words}, content hash {known[:SHOWN_OF_HASH]}" if known else words


# HTML -----------------------------------------------------------------------------------------------------------------


def _head(scenario: Scenario) -> str:
    question = " ".join(scenario.question.split())
    return f"<p><strong>{escape(scenario.title)}</strong><br>{escape(question)}</p>"


def _small(text: str) -> str:
    return f"<p><small>{escape(text)}</small></p>"


def _block(pieces: Iterable[str]) -> str:
    return "\n".join(["<div>", *pieces, "</div>"])


def _table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]], words: int = 2) -> str:
    """Write a table, whose first column names the rows; the first `words` columns hold words, the others numbers."""
    styles = [_LEFT if place < words or heading == VERDICT else _RIGHT for place, heading in enumerate(headings)]
    head = "".join(map('<th scope="col" style="{}">{}</th>'.format, styles, map(escape, headings)))
    body = [
        f'<tr><th scope="row" style="{_LEFT}">{escape(name)}</th>'
        + "".join(map('<td style="{}">{}</td>'.format, styles[1:], map(escape, cells)))
        + "</tr>"
        for name, *cells in rows
    ]
    lines = [f"<caption>{escape(caption)}</caption>", f"<thead><tr>{head}</tr></thead>", "<tbody>", *body, "</tbody>"]
    return "\n".join(["<table>", *lines, "</table>"])
