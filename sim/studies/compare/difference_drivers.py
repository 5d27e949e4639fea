"""Which of the uncertain numbers decide the difference between two runs, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from sim.studies.compare.differences import share_their_luck
from sim.studies.one_run.draw_figures import ROUNDING
from sim.studies.one_run.drivers import COLUMNS, NOTE, Inputs, no_drivers

if TYPE_CHECKING:
    from sim.runs.run_data import RunData


def drivers_of_difference(reference: RunData, other: RunData, kpi: str, inputs: Inputs) -> pd.DataFrame:
    """Rank the inputs of two runs by how strongly the draw-by-draw difference in a KPI goes with them.

    Parameters
    ----------
    reference, other
        Two runs.
    kpi
        A KPI that both have.
    inputs
        What they drew; the other one's values count, and those that only the reference has.

    Returns
    -------
    DataFrame
        Columns as in `drivers_of`.
    """
    if not share_their_luck(reference, other):
        return no_drivers("draws are not paired; run both with the same seed")
    before, after = (pd.Series(run.kpis[kpi].to_numpy(), run.kpis["draw"]) for run in (reference, other))
    values = _rounded(after - before, max(before.abs().max(), after.abs().max())).dropna()
    if values.nunique() == 1:
        return no_drivers("the difference is the same in every draw" if values.any() else "no draw differs")
    return inputs.drivers(values.rename(kpi))


def drivers_by_run(
    reference: RunData, others: Mapping[str, RunData], kpi: str, inputs: Mapping[str, Inputs]
) -> pd.DataFrame:
    """Join the drivers of several differences, with the name of the other run in the column `scenario`.

    Parameters
    ----------
    reference
        The run that the others are compared with.
    others
        Runs by name, one at least.
    kpi
        A KPI that all of them have.
    inputs
        What each and the reference drew, by name.
    """
    tables = {name: drivers_of_difference(reference, run, kpi, inputs[name]) for name, run in others.items()}
    notes = {name: str(table.attrs[NOTE]) for name, table in tables.items()}
    named = [table.assign(scenario=name)[["scenario", *COLUMNS]] for name, table in tables.items()]
    filled = [table for table in named if len(table)]
    joined = pd.concat(filled, ignore_index=True) if filled else named[0]
    together = "; ".join(f"{name}: {note}" for name, note in notes.items())
    joined.attrs = {NOTE: together if len(notes) > 1 else next(iter(notes.values()))}
    return joined


def _rounded(differences: pd.Series[float], size: float) -> pd.Series[float]:
    """Round differences between numbers of a size, so that what floating point leaves of equal ones gets no rank."""
    step = ROUNDING * size
    return (differences / step).round() * step if step > 0 else differences
