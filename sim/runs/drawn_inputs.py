"""What was drawn: the value of each uncertain number in each draw, drawn again from the seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from sim.model.luck import Draws
from sim.scenario.describing import values_of
from sim.scenario.schema import Scenario
from sim.values import Number, Schedule


def inputs_table(scenario: Scenario, seed: int, draws: Sequence[range], names: Iterable[str]) -> pd.DataFrame:
    """Row per draw, a column per uncertain number.

    Numbers are drawn again, since a batch in which nobody needed a number has not drawn it.

    Parameters
    ----------
    scenario, seed
        What was run.
    draws
        Ranges of draw numbers.
    names
        Dotted paths of the numbers that some draw needed.
    """
    numbers = {number.name: number for number in _numbers(scenario)}
    luck = [Draws(seed, held) for held in draws]
    columns = {name: np.concatenate([held.number(numbers[name]) for held in luck]) for name in sorted(set(names))}
    return pd.DataFrame({"draw": np.concatenate([np.asarray(held, dtype=np.int64) for held in draws]), **columns})


def _numbers(scenario: Scenario) -> Iterator[Number]:
    for _, value, _ in values_of(scenario):
        if isinstance(value, Number):
            yield value
        elif isinstance(value, Schedule):
            yield from (number for _, number in value.steps)
