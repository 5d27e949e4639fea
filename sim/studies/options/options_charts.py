"""Chart of entry as an option: what each rule brings, and when vendors go by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.report.captions import Heading, settings_in_words
from sim.report.chart_style import (
    BLUE,
    INK,
    Chart,
    Margins,
    float_days,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    plain_ticks,
    set_dates,
)
from sim.scenario.describing import title_of
from sim.studies.options.options_study import OWN, SAME

if TYPE_CHECKING:
    from sim.studies.options.options_study import EntryOption

INTERVAL = 1.645
"""Standard errors on both sides of a mean that make its 90 % interval."""
_WORDS = (
    "Full: counted over the same years; pale: over years that move with the date, as the vendor reckons. Left: mean "
    "with its 90 % interval. Right: median date of the draws that go, and 5 to 95 % of them."
)
_SHADES = ((SAME, -0.18, 1.0), (OWN, 0.18, 0.4))
"""How changes are counted, with the place of each beside the middle of its row, and how full its colour is."""


@own_style
def plot_entry_option(found: EntryOption) -> Chart:
    """Draw what each rule brings a vendor, and when it goes by it.

    Parameters
    ----------
    found
        As `sim.entry_option` gives it.
    """
    rows = numbers_of_entry_option(found)
    vendor = title_of(found.scenario, "vendors", found.vendor)
    title = f"{vendor} in {title_of(found.scenario, 'markets', found.market)}: when to go, and what it brings"
    settings = settings_in_words(len(found.draws), found.seed)
    source = f"cloudtrade option {found.scenario.name} --vendor {found.vendor}, {settings}"
    margins = Margins(left=2.4, right=0.5, between_columns=0.4)
    chart, panels = new_chart(Heading(title, _WORDS, source), panels=(1, 2), size=(11.0, 5.2), margins=margins)
    rules = list(dict.fromkeys(rows["rule"]))
    for axes in panels:
        axes.set_ylim(len(rules) - 0.5, -0.5)
        axes.set_yticks(range(len(rules)), rules if axes is panels[0] else [""] * len(rules))
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
    for counted, beside, opacity in _SHADES:
        held = rows[rows["counted"] == counted]
        places = np.arange(len(held)) + beside
        errors = INTERVAL * held["value_error"]
        panels[0].barh(places, held["value"], color=BLUE, alpha=opacity, height=0.32)
        panels[0].errorbar(held["value"], places, xerr=errors, fmt="none", ecolor=INK, elinewidth=1.0, capsize=2.5)
        _draw_dates(panels[1], held, places, opacity)
    panels[0].axvline(0.0, color=INK, linewidth=0.8)
    plain_ticks(panels[0], vertical=False)
    name_axes(panels[0], "bn USD, present value at the start of the run", "")
    calendar = found.scenario.calendar
    set_dates(panels[1], pd.DatetimeIndex(calendar.quarter_dates()))
    name_panel(panels[0], "What it brings")
    name_panel(panels[1], "When it goes")
    return chart


def _draw_dates(axes: Axes, rows: pd.DataFrame, places: object, opacity: float) -> None:
    for place, row in zip(np.asarray(places), rows.to_dict("records"), strict=True):
        if row["date_p50"]:
            low, middle, high = float_days(pd.DatetimeIndex([row["date_p5"], row["date_p50"], row["date_p95"]]))
            axes.plot([low, high], [place, place], color=BLUE, alpha=opacity, linewidth=1.8)
            axes.plot([middle], [place], color=BLUE, alpha=opacity, marker="o", markersize=5.0)


def numbers_of_entry_option(found: EntryOption) -> pd.DataFrame:
    """The figures of the chart, as `options` has them: all options together, rule by rule."""
    table = found.table()
    return table[table["option"] == found.whole].drop(columns="option").reset_index(drop=True)
