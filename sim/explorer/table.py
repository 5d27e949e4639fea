"""The main figures of an answer as HTML: in the reference, now, and the difference with its interval."""

from __future__ import annotations

import math
from html import escape

from sim.explorer.session import Answer, Figure, Refusal
from sim.report.captions import roughly, settings_in_words
from sim.report.kpi_names import UNITS, basis_in_words, format_difference, format_value, without_unit
from sim.studies.compare.differences import Difference

HEADINGS = ("figure", "reference", "now", "difference", "90 % interval", "told from zero?")
_FIRST_NUMBER = 1
_NUMBERS = 4


def table_html(answer: Answer, reference: str) -> str:
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
    head = "".join(f'<th scope="col"{_side(place)}>{escape(words)}</th>' for place, words in enumerate(HEADINGS))
    rows = "".join(map(_row, answer.figures))
    inside = f"<caption><span>{escape(caption)}</span></caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="scrolled" tabindex="0" role="region" aria-label="Main figures"><table>{inside}</table></div>'


def refusal_html(refusal: Refusal) -> str:
    """Write why there is no answer; the figures below it are those of the last one."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in refusal.message.splitlines())
    head = "These values do not go together; the figures are those of the last answer."
    return f'<div class="refusal" role="alert"><p><strong>{head}</strong></p>{lines}</div>'


def told(difference: Difference) -> str:
    """Say in few words whether so many draws tell the mean difference from zero."""
    if difference.is_zero:
        return "no effect"
    if difference.is_distinguishable:
        return "yes"
    needed = difference.draws_needed
    why = "too few differ" if difference.rests_on_few else "no"
    return f"{why}, about {roughly(needed)} draws would do" if math.isfinite(needed) else why


def _row(figure: Figure) -> str:
    basis = basis_in_words(figure.kpi)
    unit = UNITS[figure.unit].axis
    words = f"{escape(figure.words.removesuffix(f', {basis}'))}<small>{escape(unit)}, {escape(basis)}</small>"
    mean, half = figure.difference.mean, figure.difference.half_width
    low, high = (without_unit(format_difference, end, figure.unit) for end in (mean - half, mean + half))
    cells = [
        without_unit(format_value, figure.reference, figure.unit),
        without_unit(format_value, figure.now, figure.unit),
        without_unit(format_difference, mean, figure.unit),
        "-" if figure.difference.is_zero or math.isnan(half) else f"{low} to {high}",
        told(figure.difference),
    ]
    written = "".join(f"<td{_side(place)}>{escape(cell)}</td>" for place, cell in enumerate(cells, start=1))
    return f'<tr data-kpi="{escape(figure.kpi)}"><th scope="row">{words}</th>{written}</tr>'


def _side(column: int) -> str:
    return ' class="number"' if _FIRST_NUMBER <= column < _FIRST_NUMBER + _NUMBERS else ""
