"""Chart of a ledger of instruments: stairs from the reference to the package, a panel for each figure."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from sim.report.captions import Heading, settings_in_words
from sim.report.chart_style import Chart, own_style
from sim.report.kpi_names import UNITS, basis_in_words, parse
from sim.studies.instruments.effect_channels import WHOLE
from sim.studies.instruments.instruments_study import without_rounding
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.welfare_charts import draw_stairs

if TYPE_CHECKING:
    from sim.studies.instruments.instruments_study import InstrumentLedger

MOST_STEPS = 9
"""Instruments that have a step of their own: those with the largest parts of the first figure."""
_WORDS = (
    "Steps from the reference (0) to the package: each instrument's mean part (Shapley value) starts where the last "
    "one ended; the last bar is all together. Lines: 5 to 95 % of the draws."
)
_NAME_CHARACTERS, _COLUMNS = 26, 2


@own_style
def plot_ledger(ledger: InstrumentLedger) -> Chart:
    """Draw what each instrument of a package brings, one step after the other.

    Parameters
    ----------
    ledger
        As `sim.ledger_of` gives it.
    """
    title = f"What each instrument of {ledger.package.name} brings against {ledger.reference.name}"
    settings = settings_in_words(len(ledger.draws), ledger.seed)
    source = f"cloudtrade ledger {ledger.reference.name} {ledger.package.name}, {settings}, {ledger.runs} runs"
    bases = dict.fromkeys(map(basis_in_words, ledger.kpis))
    names = [label(kpi, ledger.package).removesuffix(f", {basis_in_words(kpi)}") for kpi in ledger.kpis]
    stairs = [(name, steps_of(ledger, kpi)) for name, kpi in zip(names, ledger.kpis, strict=True)]
    rows, columns = -(-len(stairs) // _COLUMNS), min(len(stairs), _COLUMNS)
    units = dict.fromkeys(UNITS[parse(kpi).unit].difference_axis for kpi in ledger.kpis)
    return draw_stairs(
        Heading(f"{title}: {', '.join(bases)}", _WORDS, source), stairs, (rows, columns), ", ".join(units)
    )


def steps_of(ledger: InstrumentLedger, kpi: str) -> pd.DataFrame:
    """Parts of a figure as the chart has them: a column per instrument and the sum last, a row per draw."""
    first, whole = (next(held for held in ledger.of(name) if held.channel == WHOLE) for name in (ledger.kpis[0], kpi))
    means = abs(first.parts.mean(axis=1))
    ranked = sorted(range(len(means)), key=lambda k: -means[k])
    factor = UNITS[parse(kpi).unit].factor
    steps = {_name(ledger.instruments[k].title): factor * without_rounding(whole.parts[k]) for k in ranked[:MOST_STEPS]}
    if ranked[MOST_STEPS:]:
        steps["all others"] = factor * whole.parts[ranked[MOST_STEPS:]].sum(axis=0)
    return pd.DataFrame(steps | {"all together": factor * whole.total})


def _name(title: str) -> str:
    return textwrap.fill(title.replace("_", " "), _NAME_CHARACTERS, max_lines=2, placeholder=" …")


def numbers_of_ledger(ledger: InstrumentLedger) -> pd.DataFrame:
    """The figures of the chart, as `ledger` has them."""
    table = ledger.table()
    return table[table["channel"] == WHOLE].drop(columns="channel").reset_index(drop=True)
