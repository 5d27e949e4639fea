"""What is made of all parts together: bands, frequencies, and what was drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import pandas as pd
import pyarrow as pa

from sim.model.luck import Draws, Luck
from sim.runs.distributions import Counts, Distributions, total
from sim.runs.result_parts import Parts
from sim.scenario.describing import numbers_of
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Totals:
    """What is made of all parts together.

    Attributes
    ----------
    scenario, seed
        What was run.
    parts
        The parts.
    """

    scenario: Scenario
    seed: int | Luck
    parts: Parts

    def makers(self) -> dict[str, Any]:
        """Tables over all draws, by name."""
        names = {name for record in self.parts.records for name in record.inputs}
        draws = [draw for record in self.parts.records for draw in record.computed]
        return {
            "bands": partial(self._of_all, Distributions.bands),
            "frequencies": partial(self._of_all, Distributions.frequencies),
            "inputs": partial(inputs_table, self.scenario, self.seed, draws, names),
        }

    def _of_all(self, table: Callable[[Distributions], pd.DataFrame]) -> pd.DataFrame:
        return table(self._distributions)

    @cached_property
    def _distributions(self) -> Distributions:
        return Distributions(self.scenario, self.counts)

    @cached_property
    def counts(self) -> Counts:
        """Counts of all draws."""
        found = total(
            Counts.from_tables({table: self.parts.frame(table, record) for table in ("counts", "extremes")})
            for record in self.parts.records
        )
        pa.default_memory_pool().release_unused()  # as much again lies idle by now
        return found


def inputs_table(scenario: Scenario, seed: int | Luck, draws: Sequence[int], names: Iterable[str]) -> pd.DataFrame:
    """Row per draw, a column per uncertain number.

    Numbers are drawn again, since a batch in which nobody needed a number has not drawn it.

    Parameters
    ----------
    scenario, seed
        What was run.
    draws
        Draw numbers, rising.
    names
        Dotted paths of the numbers that some draw needed.
    """
    numbers = numbers_of(scenario)
    luck = Draws(seed, draws)
    columns = {name: luck.number(numbers[name]) for name in sorted(set(names))}
    return pd.DataFrame({"draw": luck.numbers, **columns})
