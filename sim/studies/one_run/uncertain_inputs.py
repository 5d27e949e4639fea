"""What a run drew: the values of its uncertain numbers, and what the scenario says about each number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sim.scenario.describing import values_of
from sim.values import Number

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Origin:
    """Unit of a number, and what the nearest `source` around it says."""

    unit: str = ""
    source: str = ""


def inputs_of(*results: RunData) -> pd.DataFrame:
    """Give what runs with the same luck drew, in the draws that all have: a column by dotted path, indexed by draw.

    Parameters
    ----------
    results
        Runs; where several drew a number, the values of the first one count.
    """
    tables = [result.inputs.set_index("draw") for result in results]
    joined = tables[0]
    for table in tables[1:]:
        joined = joined.join(table[table.columns.difference(joined.columns)], how="inner")
    return joined


def origins(*scenarios: Scenario) -> dict[str, Origin]:
    """Say by dotted path which unit and source each number has; the first scenario that has it counts."""
    return {
        value.name: Origin(value.unit, source)
        for scenario in reversed(scenarios)
        for _, value, source in values_of(scenario)
        if isinstance(value, Number)
    }
