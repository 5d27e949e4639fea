"""Runs some draws of a kept result again and compares them bit by bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.ensemble.batches import LARGEST, batches
from sim.ensemble.digests import BY_DRAW, digests_table
from sim.ensemble.identity import program
from sim.ensemble.run import scenario_hash
from sim.ensemble.work import Task, differences, play
from sim.report.result import RunResult

RUNS = 8
"""Stretches of neighbouring draws that a sample is made of: a batch for each draw would take too long."""
HASH_DIGITS = 8
"""Digits of the content hash that choose the sample."""
MOST_NAMED = 5


@dataclass(frozen=True)
class Verification:
    """What came of running draws again.

    Attributes
    ----------
    agrees
        Whether all is as it was kept.
    text
        What was found, in words.
    """

    agrees: bool
    text: str


def verify(result: RunResult, sample: int) -> Verification:
    """Run a sample of draws again, and hold the tables of the result against the fingerprints kept with it.

    Parameters
    ----------
    result
        A result.
    sample
        How many draws to run again; all of them if there are no more.
    """
    stretches = list(sample_of(result, sample))
    differing = [draw for stretch in stretches for draw in _differing(result, stretch)]
    faults = [*_altered(result), *([_in_words(result, differing)] if differing else [])]
    if faults:
        return Verification(False, "\n".join(faults))
    return Verification(
        True,
        f"{result.name}: {sum(map(len, stretches)):,} of {result.draws:,} draws run again, all with the same bits; "
        f"content hash {result.manifest['content_hash']}",
    )


def sample_of(result: RunResult, size: int) -> Iterator[range]:
    """Choose draws to run again, in a few stretches, by the content hash: always the same ones of the same result."""
    draws = result.kpis["draw"].to_numpy()
    if size >= len(draws):
        yield from _stretches(draws)
        return
    runs = min(RUNS, size)
    edges, ends = (np.linspace(0, count, runs + 1).astype(np.int64) for count in (len(draws), size))
    luck = np.random.default_rng(int(str(result.manifest["content_hash"])[:HASH_DIGITS], 16))
    for start, end, length in zip(edges[:-1], edges[1:], np.diff(ends), strict=True):
        first = int(luck.integers(start, end - length + 1))
        yield from _stretches(draws[first : first + length])


def _stretches(draws: np.ndarray) -> Iterator[range]:
    """Ranges of neighbouring numbers, none larger than a batch."""
    breaks = np.flatnonzero(np.diff(draws) != 1) + 1
    neighbours = (range(int(held[0]), int(held[-1]) + 1) for held in np.split(draws, breaks))
    yield from batches(neighbours, LARGEST)


def _altered(result: RunResult) -> Iterator[str]:
    """What in the folder is not what its manifest and its fingerprints say."""
    if scenario_hash(result.scenario) != result.manifest["scenario_hash"]:
        yield f"{result.name}: scenario.yaml is not the scenario that was run"
    kept = _digests(result.tables)
    for record in result.parts.records:
        tables = {name: result.parts.frame(name, record) for name in BY_DRAW if name in record.sizes}
        found = _digests({"digests": digests_table(tables)})
        altered = found.index[found != kept.loc[found.index]]
        if len(altered):
            yield f"{result.name}: the tables of {_named(list(altered))} are not those that were written"


def _differing(result: RunResult, stretch: range) -> list[int]:
    """Draws of a stretch that come out with other bits."""
    manifest = result.manifest
    task = Task(result.scenario, result.seed, stretch, manifest["paths"], manifest["fast"], False, program())
    found = _digests(play(task).tables)
    kept = _digests(result.tables).loc[found.index]
    return [int(draw) for draw in found.index[found != kept]]


def _digests(tables: Mapping[str, Any]) -> pd.Series[str]:
    table: pd.DataFrame = tables["digests"]
    return table.set_index("draw")["digest"]


def _in_words(result: RunResult, differing: list[int]) -> str:
    other = differences(result.manifest["key"]["program"], program())
    why = (
        f"the program is another one: {other}"
        if other
        else "the program is the same, so the processor or its libraries of functions may be others"
    )
    return f"{result.name}: {_named(differing)} came out with other bits; {why}"


def _named(draws: list[int]) -> str:
    more = len(draws) - MOST_NAMED
    shown = ", ".join(map(str, draws[:MOST_NAMED])) + (f" and {more:,} more" if more > 0 else "")
    return f"draw {shown}" if len(draws) == 1 else f"draws {shown}"
