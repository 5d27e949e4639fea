"""The page about very large studies, from measured costs."""

# ruff: noqa: E501 (lines of the page)

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.machine import machine

PER = 1000
STUDY_DRAWS, STUDY_SCENARIOS = 1_000_000, 20
CORES = (2, 64, 1000)
SCENARIO = "status_quo"


@dataclass(frozen=True)
class Costs:
    """Measured costs per 1,000 draws, in seconds of one core where no other unit is named."""

    model: float
    tables: float
    counts: float
    digests: float
    packing: float
    mebibytes: float
    path_mebibytes: float
    receiving: float
    writing: float
    finishing: float
    finishing_mebibytes: float
    memory: float
    processes: float
    dask: float
    batch: int

    @property
    def worker(self) -> float:
        """Seconds that a worker takes in all."""
        return self.model + self.tables + self.counts + self.digests + self.packing

    @property
    def keeping(self) -> float:
        """Seconds of hashing, packing and writing, by whomever."""
        return self.digests + self.packing + self.writing + self.processes


def page(costs: Costs) -> str:
    """Write the page."""
    thousands = STUDY_DRAWS * STUDY_SCENARIOS / PER
    worker = costs.worker
    client = costs.dask + costs.receiving + costs.writing
    rows = "\n".join(_row(cores, thousands, costs) for cores in CORES)
    return f"""# What a very large study costs

Measured by `python -m benchmarks.scaling` on {machine()["processor"]}, one core for each figure, and worked out from there.
[performance.md](performance.md) compares with other programs, [running.md](running.md) says how to run.

## Per 1,000 draws of {SCENARIO}

| what | where | cost |
|---|---|---|
| the model | worker | {costs.model:.2f} s |
| main figures and events | worker | {1e3 * costs.tables:.0f} ms |
| counts for the bands | worker | {1e3 * costs.counts:.0f} ms |
| fingerprints | worker | {1e3 * costs.digests:.0f} ms |
| packing as Parquet | worker | {1e3 * costs.packing:.0f} ms |
| handing out and taking back, processes | command | {1e3 * costs.processes:.1f} ms |
| handing out and taking back, Dask | command and scheduler | {1e3 * costs.dask:.1f} ms |
| receiving tables from a Dask worker | command | {1e3 * costs.receiving:.1f} ms |
| writing a part on this disk | command | {1e3 * costs.writing:.1f} ms |
| reading back and summing up at the end | command | {1e3 * costs.finishing:.0f} ms |
| kept on disk, without paths | | {costs.mebibytes:.2f} MiB while running, {costs.finishing_mebibytes:.2f} MiB finished |
| full paths on top, for the first `--paths` draws | | {costs.path_mebibytes:.0f} MiB |
| memory of the command at the end | | {costs.memory:.1f} MiB |

Batching, hashing, packing and writing together take {costs.keeping / costs.model:.0%} of the model's own time; main figures, events,
counts and summing up, which any run needs, another {(costs.tables + costs.counts + costs.finishing) / costs.model:.0%}.
Batches of {costs.batch:,} draws. Charts, imports and loading (a few seconds a scenario) do not grow with draws.

## A million draws of twenty scenarios

| cores | workers compute | the command takes in | then sums up | in all | what limits |
|---|---|---|---|---|---|
{rows}

{STUDY_SCENARIOS * STUDY_DRAWS / 1e6:.0f} million draws keep {thousands * costs.finishing_mebibytes / 1024:.0f} GiB. While they run, the command
takes in parts while workers compute, so that the slower of the two counts; summing up comes after, scenario by scenario.

## Where the first bottleneck is, and what to do then

1. **The one command that writes.** It takes {1e3 * client:.0f} ms for each 1,000 draws that a worker computes in {worker:.2f} s, so it keeps
   up with about {worker / client:.0f} cores. Beyond, start one command per scenario, each on a machine of its own against the same
   scheduler or another one; compare the folders afterwards with `cloudtrade compare`. Twenty scenarios then keep
   {STUDY_SCENARIOS * worker / client:,.0f} cores busy.
2. **Summing up**, {costs.finishing * PER:.0f} s for a million draws of one scenario on one core, in
   {costs.memory * PER / 1024:.1f} GiB of memory. It, too, runs beside that of other scenarios when each has a command.
3. **The scheduler** is no bottleneck: a batch lasts {worker * costs.batch / PER:.1f} s, and Dask hands out one in {1e3 * costs.dask * costs.batch / PER:.1f} ms.
4. **Storage**: at 1,000 cores all workers together make {1000 / worker * costs.mebibytes:.0f} MiB/s, more than one network card
   of 1 Gbit/s carries. One command per scenario spreads that as well.

Before that, ask whether a million draws are wanted. The interval of a mean narrows with the square root of the draws:
`cloudtrade compare` says how many draws would tell a difference from zero, and differences between scenarios with the same
seed need far fewer than levels do.
"""


def _row(cores: int, thousands: float, costs: Costs) -> str:
    compute = thousands * costs.worker / cores
    taking = thousands * (costs.writing + (costs.processes if cores == CORES[0] else costs.dask + costs.receiving))
    finish = thousands * costs.finishing
    limit = "computing" if compute > taking + finish else "the one command that writes and sums up"
    cells = (_time(compute), _time(taking), _time(finish), _time(max(compute, taking) + finish))
    return f"| {cores:,} | {' | '.join(cells)} | {limit} |"


def _time(seconds: float) -> str:
    if seconds < SECONDS_PER_MINUTE:
        return f"{seconds:.0f} s"
    if seconds < SECONDS_PER_HOUR:
        return f"{seconds / SECONDS_PER_MINUTE:.0f} min"
    return f"{seconds / SECONDS_PER_HOUR:.1f} h"


SECONDS_PER_MINUTE, SECONDS_PER_HOUR = 60, 3600
