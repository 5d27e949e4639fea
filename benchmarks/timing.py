"""How times are taken: every task beside the same neighbour, so that a busy machine slows both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Seconds = dict[str, float]
"""Processor time and wall time."""
Task = Callable[[Seconds], None]
"""Does its work and adds what it took."""
Work = tuple[Task, int]
"""A task, and how many draws it plays."""


@contextmanager
def timed(spent: Seconds) -> Iterator[None]:
    """Add the time of the block."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    spent["cpu"] += time.process_time() - cpu
    spent["wall"] += time.perf_counter() - wall


def seconds_per_draw(work: Work) -> Seconds:
    """Do some work once."""
    task, draws = work
    spent = {"cpu": 0.0, "wall": 0.0}
    task(spent)
    return {clock: total / draws for clock, total in spent.items()}


def measured(peer: Work, others: dict[str, Work], repetitions: int) -> dict[str, list[Seconds]]:
    """Seconds per draw of each task in each repetition, beside those of the peer right before and after it.

    The order of tasks turns by one each time; a round to warm up goes first.
    """
    names = list(others)
    seconds: dict[str, list[Seconds]] = {name: [] for name in names}
    for repetition in range(-1, repetitions):
        turn = repetition % len(names)
        before = seconds_per_draw(peer)
        for name in names[turn:] + names[:turn]:
            own, after = seconds_per_draw(others[name]), seconds_per_draw(peer)
            if repetition >= 0:
                beside = {f"peer_{clock}": (before[clock] + after[clock]) / 2 for clock in before}
                seconds[name].append(own | beside)
            before = after
    return seconds
