"""The main figures of an answer as HTML, the difference with its interval, and variants beside each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from markupsafe import Markup

from sim.explorer.session import Answer, Figure, Refusal
from sim.report.captions import roughly, settings_in_words
from sim.report.kept_table import Kept, as_html
from sim.report.kpi_names import UNITS, basis_in_words, format_difference, format_value, without_unit
from sim.studies.compare.comparison_answer import gains_in_words
from sim.studies.compare.differences import Difference
from sim.studies.compare.gain_tables import HOW_TO_READ, matrix, years_in_words
from sim.studies.compare.gains import gains

HEADINGS = ("figure", "reference", "now", "difference", "90 % interval", "told from zero?")
_FIRST_NUMBER = 1
_NUMBERS = 4
_EMPTY = Markup()


def table_html(answer: Answer, reference: str) -> Markup:
    """Write the main figures of an answer as a table.

    Parameters
    ----------
    answer
        What a run gave.
    reference
        What the reference is called.
    """
    settings = settings_in_words(answer.run.draws, answer.run.seed)
    caption = f"Means of {settings}; the reference is {reference}; differences draw by draw"
    head = _EMPTY.join(map(Markup('<th scope="col"{}>{}</th>').format, map(_side, range(len(HEADINGS))), HEADINGS))
    rows = _EMPTY.join(map(_row, answer.figures))
    inside = Markup("<caption><span>{}</span></caption><thead><tr>{}</tr></thead><tbody>{}</tbody>")
    return _scrolled("figures", "Main figures", Markup("<table>{}</table>").format(inside.format(caption, head, rows)))


def answer_html(answer: Answer) -> Markup:
    """Say in sentences who gains and how sure that is, as pages and screens do."""
    name = answer.run.name
    gained = gains(answer.reference.scenario, answer.differences.assign(scenario=name))
    said = gains_in_words(Kept("gains", gained), name)
    words = (Markup("<p><strong>{}.</strong> {}</p>").format(held.heading, held.text) for held in said)
    return Markup('<div class="answer">{}</div>').format(_EMPTY.join(words))


def variants_html(variants: Mapping[str, Answer], reference: str) -> Markup:
    """Write who gains by which variant; those that end at another date stand apart, since their years are others.

    Parameters
    ----------
    variants
        Answers by what people call them.
    reference
        What the reference is called.
    """
    by_end: dict[int, dict[str, Answer]] = {}
    for name, answer in variants.items():
        by_end.setdefault(answer.run.scenario.months, {})[name] = answer
    tables = [_matrix(alike, reference, len(by_end) > 1) for alike in by_end.values()]
    return _EMPTY.join([*tables, Markup('<p class="reading">{}</p>').format(HOW_TO_READ)])


def _matrix(alike: Mapping[str, Answer], reference: str, says_end: bool) -> Markup:
    """Write the matrix of variants that end at the same date."""
    differences = pd.concat([held.differences.assign(scenario=name) for name, held in alike.items()])
    scenario = next(iter(alike.values())).reference.scenario
    gained = gains(scenario, differences)
    table, years = matrix(gained, alike, reference), years_in_words(gained)
    end = f", to {scenario.calendar.date_of(scenario.months - 1):%B %Y}" if says_end else ""
    return _scrolled(
        "variants", "Variants", as_html(replace(table, caption=f"{table.caption}, average of {years}{end}"))
    )


def _scrolled(kind: str, label: str, table: Markup) -> Markup:
    """Put a table where it can be moved sideways if there is no room."""
    box = Markup('<div class="scrolled {}" tabindex="0" role="region" aria-label="{}">{}</div>')
    return box.format(kind, label, table)


def refusal_html(refusal: Refusal) -> Markup:
    """Write why there is no answer; the figures below it are those of the last one."""
    lines = _EMPTY.join(map(Markup("<p>{}</p>").format, refusal.message.splitlines()))
    head = "These values do not go together; the figures are those of the last answer."
    return Markup('<div class="refusal" role="alert"><p><strong>{}</strong></p>{}</div>').format(head, lines)


def told(difference: Difference) -> str:
    """Say in few words whether so many draws tell the mean difference from zero."""
    if difference.is_zero:
        return "no effect"
    if difference.is_distinguishable:
        return "yes"
    needed = difference.draws_needed
    why = "too few differ" if difference.rests_on_few else "no"
    return f"{why}, about {roughly(needed)} draws would do" if math.isfinite(needed) else why


def _row(figure: Figure) -> Markup:
    basis = basis_in_words(figure.kpi)
    mean, half = figure.difference.mean, figure.difference.half_width
    low, high = (without_unit(format_difference, end, figure.unit) for end in (mean - half, mean + half))
    cells = [
        without_unit(format_value, figure.reference, figure.unit),
        without_unit(format_value, figure.now, figure.unit),
        without_unit(format_difference, mean, figure.unit),
        "-" if figure.difference.is_zero or math.isnan(half) else f"{low} to {high}",
        told(figure.difference),
    ]
    written = _EMPTY.join(Markup("<td{}>{}</td>").format(_side(at), cell) for at, cell in enumerate(cells, start=1))
    return Markup('<tr data-kpi="{}"><th scope="row">{}<small>{}, {}</small></th>{}</tr>').format(
        figure.kpi, figure.words.removesuffix(f", {basis}"), UNITS[figure.unit].axis, basis, written
    )


def _side(column: int) -> Markup:
    return Markup(' class="number"') if _FIRST_NUMBER <= column < _FIRST_NUMBER + _NUMBERS else _EMPTY
