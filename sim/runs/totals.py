"""What is made of all parts together: bands, frequencies, and what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import pandas as pd

from sim.runs.distributions import Adder, Counts, Distributions
from sim.runs.drawn_inputs import inputs_table
from sim.runs.result_parts import Parts
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
    seed: int
    parts: Parts

    def makers(self) -> dict[str, Any]:
        """Tables over all draws, by name."""
        names = {name for record in self.parts.records for name in record.inputs}
        draws = [record.draws for record in self.parts.records]
        return {
            "bands": lambda: Distributions(self.scenario, self.counts).bands(),
            "frequencies": lambda: Distributions(self.scenario, self.counts).frequencies(),
            "inputs": partial(inputs_table, self.scenario, self.seed, draws, names),
        }

    @cached_property
    def counts(self) -> Counts:
        """Counts of all draws."""
        adder = Adder()
        for record in self.parts.records:
            tables: dict[str, pd.DataFrame] = {
                table: self.parts.frame(table, record) for table in ("counts", "extremes")
            }
            adder.add(Counts.from_tables(tables))
        return adder.total()
