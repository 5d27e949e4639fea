"""Runs some draws of a kept result again and compares them bit by bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ModelError, ScenarioError
from sim.runs.batch_task import Batch, tables_of
from sim.runs.fingerprints import BY_DRAW, content_hash, differences, digests_table, program, scenario_hash
from sim.runs.manifest import MANIFEST
from sim.runs.run_data import RunData, altered
from sim.runs.run_many import Job, run_many
from sim.runs.run_plan import LARGEST, How, batches
from sim.runs.totals import Totals

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


def verify(result: RunData, sample: int) -> Verification:
    """Run a sample of draws again, and hold the files of the result against what was kept to know them by.

    Parameters
    ----------
    result
        A result.
    sample
        How many draws to run again; all of them if there are no more.

    Raises
    ------
    ScenarioError
        If a table of the result is damaged, or the result is of an earlier layout.
    """
    if result.lacking:
        raise ScenarioError(f"{result.lacking} makes it again, and what it makes can be verified")
    faults, stretches = list(altered(result)), list(sample_of(result, sample)) if result.luck is not None else []
    try:
        faults += _altered(result)
        faults += _other_bits(result, stretches)
    except (ScenarioError, ModelError):
        raise
    except Exception as problem:  # noqa: BLE001 (tables that somebody has forged fail in any way)
        faults.append(f"{result.name}: its tables are not those of a run ({type(problem).__name__}: {problem})")
    if faults:
        return Verification(False, "\n".join(faults))
    done = f"{result.name}: {sum(map(len, stretches)):,} of {result.draws:,} draws run again, all with the same bits"
    if result.luck is None:
        done = (
            f"{result.name}: its tables are those that were written, but no draw can be run again: its uniforms come "
            "from a design, and a manifest keeps seeds alone"
        )
    return Verification(True, f"{done}; content hash {result.manifest['content_hash']}")


def _other_bits(result: RunData, stretches: Sequence[range]) -> Iterator[str]:
    """What comes out otherwise when it is run again."""
    again, kept = partial(_run_again, paths=result.manifest["paths"]), _digests(result.tables)
    jobs = [Job(result.scenario, stretch, result.luck or result.seed, again) for stretch in stretches]
    found = [digests for [digests] in run_many(jobs, How())]
    differing = [int(draw) for digests in found for draw in digests.index[digests != kept.reindex(digests.index)]]
    if differing:
        yield _in_words(result, differing)


def sample_of(result: RunData, size: int) -> Iterator[range]:
    """Choose draws to run again, in a few stretches, by the content hash: always the same ones of the same result."""
    draws = result.kpis["draw"].to_numpy()
    if size >= len(draws):
        yield from _stretches(draws)
        return
    runs = min(RUNS, size)
    ends = np.linspace(0, size, runs + 1).astype(np.int64)
    luck = np.random.default_rng(int(str(result.manifest["content_hash"])[:HASH_DIGITS], 16))
    skipped = np.sort(luck.integers(0, len(draws) - size + 1, runs))
    for before, start, end in zip(skipped, ends[:-1], ends[1:], strict=True):
        yield from _stretches(draws[before + start : before + end])


def _stretches(draws: np.ndarray) -> Iterator[range]:
    """Ranges of neighbouring numbers, none larger than a batch."""
    breaks = np.flatnonzero(np.diff(draws) != 1) + 1
    neighbours = (range(int(held[0]), int(held[-1]) + 1) for held in np.split(draws, breaks))
    yield from batches(neighbours, LARGEST)


def _altered(result: RunData) -> Iterator[str]:
    """What in the tables is not what the manifest and the fingerprints say."""
    kept = _digests(result.tables)
    as_run = scenario_hash(result.scenario) == result.manifest["scenario_hash"]
    if not as_run:
        yield f"{result.name}: scenario.yaml is not the scenario that was run"
    for record in result.parts.records:
        tables = {name: result.parts.frame(name, record) for name in BY_DRAW if name in record.files}
        found = _digests({"digests": digests_table(tables)})
        others = found.index[found != kept.reindex(found.index)]
        if len(others):
            yield f"{result.name}: the tables of {_named(list(others))} are not those that were written"
    if as_run:
        yield from _altered_totals(result)


def _altered_totals(result: RunData) -> Iterator[str]:
    """What is made of all draws, and is not what these draws give."""
    luck = result.luck
    totals = Totals(result.scenario, result.seed if luck is None else luck, result.parts)
    if content_hash(result.tables["digests"], totals.counts) != result.manifest["content_hash"]:
        yield f"{result.name}: the draws do not have the content hash that {MANIFEST} says"
    for name, make in totals.makers().items():
        if (name != "inputs" or luck is not None) and not _same_bits(make(), result.tables[name]):
            yield f"{result.name}: {name}.parquet is not what these draws give"


def _same_bits(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables are equal: numbers bit by bit, words as words."""
    return (
        one.shape == other.shape
        and list(one.columns) == list(other.columns)
        and all(_bits(one[name]) == _bits(other[name]) for name in one.columns)
    )


def _bits(column: pd.Series) -> Any:
    return column.astype(str).tolist() if column.dtype.kind == "O" else column.to_numpy().tobytes()


def _run_again(batch: Batch, paths: int) -> pd.Series[str]:
    """Fingerprints of draws."""
    return _digests(tables_of(batch.paths(), paths))


def _digests(tables: Mapping[str, Any]) -> pd.Series[str]:
    table: pd.DataFrame = tables["digests"]
    return table.set_index("draw")["digest"]


def _in_words(result: RunData, differing: list[int]) -> str:
    other = differences(result.manifest["key"]["program"], program())
    why = (
        f"the program is another one: {other}"
        if other
        else "the program is the same, so this machine or one of its libraries does not compute as it should"
    )
    return f"{result.name}: {_named(differing)} came out with other bits; {why}"


def _named(draws: list[int]) -> str:
    more = len(draws) - MOST_NAMED
    shown = ", ".join(map(str, draws[:MOST_NAMED])) + (f" and {more:,} more" if more > 0 else "")
    return f"draw {shown}" if len(draws) == 1 else f"draws {shown}"
