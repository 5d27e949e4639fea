"""One batch, from draw numbers to tables: all that a worker does, wherever it runs."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import pandas as pd

from sim.errors import ImpossibleDrawsError, ModelError, ScenarioError, fault_in_words, with_place
from sim.model.batch import Guest, run_batch
from sim.model.columns import PATH_TABLES, Arrays
from sim.model.kpis import figure_tables
from sim.model.luck import Luck
from sim.model.recorder import (
    Paths,
    events_table,
    first_draws,
    path_table,
)
from sim.runs.address import Place
from sim.runs.distributions import counts_of
from sim.runs.fingerprints import Digests, differences, program
from sim.runs.manifest import Mark
from sim.runs.parquet import to_parquet
from sim.runs.result_parts import Part, write_file
from sim.scenario.schema import Scenario

Seed = int | Luck
"""Where luck comes from; handed on to the model as it is."""


@dataclass(frozen=True)
class Batch:
    """Some draws of one scenario, run together.

    Attributes
    ----------
    scenario, draws, seed
        What to run; draw numbers rise.
    """

    scenario: Scenario
    draws: Sequence[int]
    seed: Seed

    def paths(self, guests: Sequence[Guest] = (), reverse: bool = False) -> Paths:
        """Run it; `guests` look on, and `reverse` lets vendors start in reverse order."""
        return run_batch(self.scenario, self.draws, self.seed, guests=guests, reverse=reverse)


Found = TypeVar("Found")
"""What is wanted of a batch."""
Reduction = Callable[[Batch], Any]
"""Runs a batch, with guests who look on if it wants, and gives what is wanted of it; workers need to pickle both."""


@dataclass(frozen=True)
class Task:
    """One batch to run, and what is wanted of it.

    Attributes
    ----------
    batch
        What to run.
    reduction
        Runs it and gives what is wanted.
    program
        What the worker's program must be.
    job
        Number of the job that it is a part of.
    """

    batch: Batch
    reduction: Reduction
    program: dict[str, str]
    job: int = 0


def play(task: Task) -> Any:
    """Run one batch.

    Raises
    ------
    ScenarioError
        If the worker's program is not the one that the run began with.
    """
    if task.program != program():
        raise ScenarioError(f"a worker has another program: {differences(task.program, program())}")
    try:
        return task.reduction(task.batch)
    except ScenarioError:
        raise
    except Exception as fault:
        if _can_be_sent(with_place(fault)):
            raise
        raise ModelError(fault_in_words(fault)) from fault


def _can_be_sent(fault: BaseException) -> bool:
    """Whether an error comes whole to another process; one that does not would break the pool of workers there."""
    try:
        return str(pickle.loads(pickle.dumps(fault))) == str(fault)  # noqa: S301 (made here)
    except Exception:  # noqa: BLE001 (whatever it is that cannot be sent)
        return False


@dataclass(frozen=True)
class Tabulation:
    """Gives the tables of a batch.

    Attributes
    ----------
    paths
        Full paths are kept of draws below this number.
    packed
        Whether the tables are wanted as the content of Parquet files.
    shelf
        Folder on the disk that whoever does it shares, into which these are written at once: to hand them over costs
        more. Whoever takes them in writes what cannot be written there, and meets what is wrong.
    """

    paths: int
    packed: bool = False
    shelf: Place | None = None

    def __call__(self, batch: Batch) -> Part:
        """Run a batch and tabulate it without the draws that cannot be computed."""
        clock = time.perf_counter()
        found, failed = without_impossible(batch, partial(self._tabulated, partial(self._kept, batch.draws)))
        contents, inputs = found or ({}, ())
        return Part(batch.draws, contents, inputs, time.perf_counter() - clock, failed)

    def _tabulated(self, keep: Keep, batch: Batch) -> tuple[dict[str, Any], tuple[str, ...]]:
        paths = batch.paths()
        return tables_of(paths, self.paths, keep), tuple(sorted(paths.uncertain))

    def _kept(self, draws: Sequence[int], name: str, table: Arrays) -> pd.DataFrame | bytes | Mark:
        if not self.packed:
            return frame_of(name, table)
        content = to_parquet(table, name)
        with suppress(OSError):
            return content if self.shelf is None else write_file(self.shelf, name, draws, content)
        return content


def without_impossible(batch: Batch, made: Callable[[Batch], Found]) -> tuple[Found | None, dict[int, str]]:
    """Make something of a batch without the draws that cannot be computed, which leave all others as they are.

    Parameters
    ----------
    batch
        What to run.
    made
        Runs a batch, and gives what is wanted of it.

    Returns
    -------
    What is wanted of the possible draws, None without any; and why the others are not, by draw number.
    """
    failed: dict[int, str] = {}
    possible: Sequence[int] = batch.draws
    while possible:
        try:
            return made(replace(batch, draws=possible)), failed
        except ImpossibleDrawsError as problem:
            failed |= {draw: str(problem) for draw, hit in zip(possible, problem.where, strict=True) if hit}
            possible = [draw for draw in possible if draw not in failed]
    return None, failed


Keep = Callable[[str, Arrays], Any]
"""Takes the name of a table and the table, and gives what is kept of it."""


def frame_of(name: str, table: Arrays) -> pd.DataFrame:
    """Give a table as pandas has it: those of paths, which are large, as they are, others without all else around."""
    return pd.DataFrame(table, copy=name not in PATH_TABLES)


def tables_of(paths: Paths, kept: int, keep: Keep = frame_of) -> dict[str, Any]:
    """All tables of some draws, with their fingerprints; each is handed to `keep` before the next one is made.

    Parameters
    ----------
    paths
        Paths that nobody else needs.
    kept
        Tables of paths hold draws below this number.
    keep
        What to keep of a table; all of it if absent.
    """
    digests, counts = Digests(paths.draws), counts_of(paths).tables()
    found = {name: keep(name, table) for name, table in counts.items()}
    del counts
    for name, table in tables_by_draw(paths, kept):
        digests.take_in(table)
        found[name] = keep(name, table)
        del table  # before the next one is made
    return found | {"digests": keep("digests", digests.table)}


def tables_by_draw(paths: Paths, kept: int) -> Iterator[tuple[str, Arrays]]:
    """Tables of which each row belongs to one draw, as `BY_DRAW` has them; parameters are those of `tables_of`."""
    yield from figure_tables(paths).items()
    yield "events", events_table(paths)
    first = first_draws(paths, kept)
    if first is not None:
        yield from ((table, path_table(first, table)) for table in PATH_TABLES)
