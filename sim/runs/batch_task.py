"""One batch, from draw numbers to tables: all that a worker does, wherever it runs."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pandas as pd

from sim.errors import ScenarioError
from sim.model.batch import run_batch
from sim.model.kpis import kpis_table
from sim.model.recorder import Paths, events_table, first_draws, path_table
from sim.runs.digests import digests_table
from sim.runs.distributions import counts_of
from sim.runs.identity import differences, program
from sim.runs.parquet import to_parquet
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Task:
    """One batch to run.

    Attributes
    ----------
    scenario, seed, draws
        What to run.
    paths
        Full paths are kept of draws below this number.
    fast
        Whether to use compiled forms of the hottest equations.
    packed
        Whether the tables are wanted as the content of Parquet files.
    program
        What the worker's program must be.
    """

    scenario: Scenario
    seed: int
    draws: range
    paths: int
    fast: bool
    packed: bool
    program: dict[str, str]


@dataclass(frozen=True)
class Part:
    """What a batch gave.

    Attributes
    ----------
    draws
        Draw numbers.
    tables
        Table by name, or the content of its Parquet file.
    inputs
        Uncertain numbers that these draws needed.
    seconds
        Time that the model took, tables and packing not counted.
    """

    draws: range
    tables: dict[str, pd.DataFrame] | dict[str, bytes]
    inputs: tuple[str, ...]
    seconds: float


def play(task: Task) -> Part:
    """Run one batch.

    Raises
    ------
    ScenarioError
        If the worker's program is not the one that the run began with.
    """
    if task.program != program():
        raise ScenarioError(f"a worker has another program: {differences(task.program, program())}")
    clock = time.perf_counter()
    paths = run_batch(task.scenario, task.draws, task.seed, fast=task.fast)
    seconds = time.perf_counter() - clock
    tables = tables_of(paths, task.paths)
    contents = {name: to_parquet(table, name) for name, table in tables.items()} if task.packed else tables
    return Part(task.draws, contents, tuple(sorted(paths.uncertain)), seconds)


def tables_of(paths: Paths, kept: int) -> dict[str, pd.DataFrame]:
    """All tables of some draws, with their fingerprints; those of paths only of draws below `kept`."""
    tables = tables_by_draw(paths, kept)
    return tables | {"digests": digests_table(tables)} | counts_of(paths).tables()


def tables_by_draw(paths: Paths, kept: int) -> dict[str, pd.DataFrame]:
    """Tables of which each row belongs to one draw; those of paths only of draws below `kept`."""
    tables = {"kpis": kpis_table(paths), "events": events_table(paths)}
    first = first_draws(paths, kept)
    if first is not None:
        tables |= {table: path_table(first, table) for table in ("vendors", "countries", "markets")}
    return tables
