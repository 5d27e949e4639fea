"""How runs are made, and how draws are divided into batches."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import index
from typing import SupportsIndex

from sim.errors import ScenarioError
from sim.model.luck import BLOCK

LARGEST = 6 * BLOCK
"""Draws advanced together: enough to hide what a batch costs whatever its size; more only take more memory."""
LARGEST_WITH_PATHS = 4 * BLOCK
"""The same where full paths are kept, whose tables take as much memory as a third more draws."""
SMALLEST = 2 * BLOCK
"""Below it a batch costs more than it gains by running beside others."""
LEAST = {"draws": 1, "seed": 0, "paths": 0, "workers": 1, "batch": 1}


@dataclass(frozen=True)
class How:
    """How runs are made; nothing of it changes what comes out.

    Attributes
    ----------
    workers
        Processes; None for as many as there are cores, where the system can fork, else one.
    cluster
        Address of a Dask scheduler, used in place of processes.
    batch
        Draws advanced together; None for what suits draws and workers.

    Raises
    ------
    ScenarioError
        If a number is too small, both processes and a cluster are asked for, or processes where none may be started.
    """

    workers: int | None = None
    cluster: str | None = None
    batch: int | None = None

    def __post_init__(self) -> None:
        given = {"workers": self.workers, "batch": self.batch}
        check_numbers(**{name: value for name, value in given.items() if value is not None})
        if self.cluster is not None and self.workers is not None:
            raise ScenarioError("workers are processes of this machine and cluster is another; give one of the two")
        if (self.workers or 1) > 1 and multiprocessing.current_process().daemon:
            raise ScenarioError(
                f"workers is {self.workers}, but this process is itself a worker of a pool and may start no others: "
                "leave workers out, or give 1"
            )


def check_numbers(**numbers: object) -> None:
    """Refuse what is no whole number, such as 2.0, text or None, and numbers that are too small.

    Raises
    ------
    ScenarioError
        If one is.
    """
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, SupportsIndex):
            raise ScenarioError(f"{name} is {value!r}; a whole number is needed")
        if index(value) < LEAST[name]:
            raise ScenarioError(f"{name} is {value}; at least {LEAST[name]} is needed")


def check_draws(draws: int, seed: int, least: int, why: str) -> None:
    """Refuse what is no number of draws or no seed, and fewer draws than a question needs.

    Parameters
    ----------
    draws, seed
        As in `sim.run`.
    least
        Fewest draws that give an answer.
    why
        What they are needed for, as the message goes on after "at least, ".

    Raises
    ------
    ScenarioError
        If one is.
    """
    check_numbers(draws=draws, seed=seed)
    if draws < least:
        raise ScenarioError(f"--draws {draws}: expected {_IN_WORDS.get(least, least)} at least, {why}")


_IN_WORDS = {2: "two", 4: "four"}


def missing(done: Iterable[range], draws: int) -> Iterator[range]:
    """Ranges of draw numbers below `draws` that are not done, in order."""
    start = 0
    for held in sorted(done, key=lambda held: held.start):
        if held.start > start:
            yield range(start, min(held.start, draws))
        start = max(start, held.stop)
        if start >= draws:
            return
    if start < draws:
        yield range(start, draws)


def batches(gaps: Iterable[range], size: int, with_paths: int = 0) -> Iterator[range]:
    """Divide ranges of draws into batches.

    Parameters
    ----------
    gaps
        What is to be done.
    size
        Most draws in a batch.
    with_paths
        Full paths are kept of draws below it, in batches of at most LARGEST_WITH_PATHS.
    """
    for gap in gaps:
        first = gap.start
        while first < gap.stop:
            end = first + (min(size, LARGEST_WITH_PATHS) if first < with_paths else size)
            yield range(first, min(end, gap.stop))
            first = end


def size_for(draws: int, workers: int) -> int:
    """Draws in a batch: as many as pay, fewer where that keeps all workers busy to the end.

    Whole blocks of random numbers, so that none is drawn for two batches.
    """
    if draws < 2 * SMALLEST:
        return 2 * SMALLEST
    rounds = max(1, -(-draws // (workers * LARGEST)))
    blocks = -(-draws // (workers * rounds * BLOCK))
    return min(max(blocks * BLOCK, SMALLEST), LARGEST)
