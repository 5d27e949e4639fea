"""Which draws are missing, and how they are divided into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.model.luck import BLOCK

LARGEST = 12 * BLOCK
"""Draws advanced together: enough to hide what a batch costs whatever its size; more do not fit the cache."""
SMALLEST = 2 * BLOCK
"""Below it a batch costs more than it gains by running beside others."""


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


def batches(gaps: Iterable[range], size: int) -> Iterator[range]:
    """Divide ranges of draws into batches of at most `size`."""
    for gap in gaps:
        for first in range(gap.start, gap.stop, size):
            yield range(first, min(first + size, gap.stop))


def size_for(draws: int, workers: int) -> int:
    """Draws in a batch: as many as fit the cache, fewer where that keeps all workers busy to the end.

    Whole blocks of random numbers, so that none is drawn for two batches.
    """
    if draws < 2 * SMALLEST:
        return 2 * SMALLEST
    rounds = max(1, -(-draws // (workers * LARGEST)))
    blocks = -(-draws // (workers * rounds * BLOCK))
    return min(max(blocks * BLOCK, SMALLEST), LARGEST)
