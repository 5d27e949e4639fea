"""A few figures of a run, draw by draw, for studies that make many runs and keep no tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sim.model.kpis import figure_tables
from sim.quantities import FloatArray
from sim.report.kpi_names import check_known
from sim.runs.batch_task import Batch, without_impossible

ROUNDING = 1e-12
"""Part of a number that may be rounding."""


def draw_figures(batch: Batch, kpi: str, ending: str = "", also: Sequence[str] = ()) -> pd.DataFrame:
    """Run a batch, and keep some figures, a row for each draw that could be computed.

    Parameters
    ----------
    batch
        What to run.
    kpi
        A figure that is wanted.
    ending
        All figures whose names end so are wanted, too; none if empty.
    also
        Further figures that are wanted, as far as the run has them.

    Raises
    ------
    ScenarioError
        If there is no such figure.
    """

    def made(possible: Batch) -> pd.DataFrame:
        table = figure_tables(possible.paths())["kpis"]
        index = pd.Index(table.pop("draw"), name="draw")
        check_known(kpi, list(table), "figure of these scenarios")
        more = (name for name in table if name in also or (ending and name.endswith(ending)))
        return pd.DataFrame({name: table[name] for name in (kpi, *more)}, index)

    found, _ = without_impossible(batch, made)
    return pd.DataFrame() if found is None else found


def in_common(runs: Iterable[Sequence[pd.DataFrame]]) -> list[pd.DataFrame]:
    """Join the batches of each run, and keep the draws that could be computed in all runs, in their order."""
    tables = [pd.concat(batches) for batches in runs]
    common = sorted(set.intersection(*(set(table.index) for table in tables)))
    return [table.loc[common] for table in tables]


def without_rounding(reference: FloatArray, other: FloatArray) -> FloatArray:
    """Subtract, and give zero where the difference is no more than what rounding leaves of equal numbers.

    The same money added up in another order differs in its last bits, and would count as a gain or a loss.

    Parameters
    ----------
    reference, other
        Numbers of one kind, of shapes that go together; the largest of them says what rounding may leave. What is not
        a number stays so.
    """
    differences = other - reference
    size = max(np.abs(held).max(initial=0.0, where=np.isfinite(held)) for held in (reference, other))
    return np.where(np.abs(differences) <= ROUNDING * size, 0.0, differences)
