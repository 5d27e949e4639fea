"""Chart of what decides a difference: groups of inputs by the part of its variance that they make, luck in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.report.captions import Heading, settings_in_words
from sim.report.chart_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    Chart,
    Margins,
    name_axes,
    new_chart,
    own_style,
    plain_ticks,
)
from sim.report.statistics import PERCENT
from sim.studies.one_run.main_kpis import label

if TYPE_CHECKING:
    from sim.studies.why.why_study import Why

MOST_GROUPS = 8
"""Groups in the chart: those with the largest total effects."""
COLOURS = {"estimate": GREEN, "assumption": BLUE, "luck": GREY}
_WORDS = (
    "Pale bar: part of the variance that would stay if all else were known (total effect), with its standard error; "
    "full bar: part that would go if only this were known (first order). Green: estimated from figures; blue: assumed; "
    "grey: luck, which nobody can know. Parts overlap where inputs act together."
)
_ROW_INCHES, _AROUND_INCHES = 0.5, 2.6
_PALE = 0.35


@own_style
def plot_why(why: Why) -> Chart:
    """Draw the groups of inputs that make most of the variance of a difference.

    Parameters
    ----------
    why
        As `sim.why` gives it.
    """
    rows = numbers_of_why(why)
    title = f"What decides what {why.other.name} changes: {label(why.kpi, why.other)}"
    source = f"cloudtrade why {why.reference.name} {why.other.name}, {settings_in_words(len(why.base), why.seed)}"
    size = (11.0, _AROUND_INCHES + _ROW_INCHES * max(len(rows), 1))
    chart, [axes] = new_chart(Heading(title, _WORDS, source), size=size, margins=Margins(left=4.6, right=0.6))
    places, colours = np.arange(len(rows)), [COLOURS[kind] for kind in rows["kind"]]
    total, first = rows["total"] * PERCENT, rows["first"].clip(lower=0.0) * PERCENT
    axes.barh(places, total, color=colours, alpha=_PALE, height=0.6)
    axes.barh(places, first, color=colours, height=0.28)
    axes.errorbar(
        total, places, xerr=rows["total_error"] * PERCENT, fmt="none", ecolor=INK, elinewidth=1.0, capsize=2.5
    )
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_yticks(places, rows["title"], parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(left=0.0)
    plain_ticks(axes, vertical=False)
    name_axes(axes, "percent of the variance over draws", "")
    return chart


def numbers_of_why(why: Why) -> pd.DataFrame:
    """The groups of the chart, as `groups` has them."""
    table = why.table
    return table[~table["whole"]].head(MOST_GROUPS)
