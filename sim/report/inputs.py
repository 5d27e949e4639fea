"""What a run drew: the values of its uncertain numbers, and what the scenario says about each number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.scenario.shape import children
from sim.values import Number, Part, Schedule

if TYPE_CHECKING:
    from sim.report.result import RunResult
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Origin:
    """Unit of a number, and what the nearest `source` around it says."""

    unit: str = ""
    source: str = ""


def inputs_of(*results: RunResult) -> pd.DataFrame:
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
    return {number.name: origin for scenario in reversed(scenarios) for number, origin in _numbers(scenario)}


def _numbers(part: Any, source: str = "") -> Iterator[tuple[Number, Origin]]:
    if isinstance(part, Part | Number):
        source = part.source or source
    if isinstance(part, Number):
        yield part, Origin(part.unit, source)
    elif isinstance(part, Schedule):
        for _, number in part.steps:
            yield from _numbers(number, source)
    else:
        for _, inner in children(part):
            yield from _numbers(inner, source)
