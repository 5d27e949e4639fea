"""Hands out batches, takes in what comes back, and tries once more what failed."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from sim.errors import ScenarioError, fault_in_words
from sim.runs.batch_task import Task
from sim.runs.workers import SECONDS_BETWEEN_LOOKS, Workers

ATTEMPTS = 2
AHEAD = 2
"""Batches in the hands of each worker, so that none waits for the next one."""
DIED = "the process that ran it died, perhaps for want of memory"


@dataclass(frozen=True)
class Failure:
    """A batch that could not be computed.

    Attributes
    ----------
    draws
        Its draw numbers.
    reason
        What went wrong the last time, in words.
    problem
        The same as it was raised; None where its worker died.
    """

    draws: Sequence[int]
    reason: str
    problem: BaseException | None = field(default=None, compare=False)

    @property
    def trace(self) -> str:
        """How it came to it, line by line, as Python has it; nothing where its worker died."""
        return "".join(traceback.format_exception(self.problem)) if self.problem is not None else ""

    def as_json(self) -> dict[str, Any]:
        """Lay out for the manifest."""
        return {"first": self.draws[0], "last": self.draws[-1], "reason": self.reason}


@dataclass
class Dispatch:
    """The work of one or many runs.

    Attributes
    ----------
    workers
        Who does it.
    look
        Called several times a second while waiting.
    """

    workers: Workers
    look: Callable[[], None] = lambda: None
    _coming: Iterator[Task] = field(default_factory=lambda: iter(()))
    _given_up: deque[tuple[Task, Failure]] = field(default_factory=deque)
    _waiting: deque[Task] = field(default_factory=deque)
    _suspects: deque[Task] = field(default_factory=deque)
    _running: dict[Future[Any], Task] = field(default_factory=dict)
    _attempts: dict[tuple[int, int], int] = field(default_factory=dict)

    def done(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Any]]:
        """Give each task with what came of it, a `Failure` where it was given up, as they come in.

        Tasks are taken only as workers come free. When a worker dies, nobody can tell which of the batches under way
        killed it. All of them are run again, each alone, so that only the guilty one is given up.

        Raises
        ------
        ScenarioError
            If a batch shows that the user has to mend something.
        """
        self._coming = iter(tasks)
        while self._hand_out():
            self.look()
            done = wait(self._running, timeout=SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED).done
            if not done:
                self.workers.notice_dead()
            dead = [self._running.pop(future) for future in done if isinstance(_problem(future), BrokenExecutor)]
            yield from self._taken_in(future for future in done if future in self._running)
            if dead:
                self._replace(dead)
            while self._given_up:
                yield self._given_up.popleft()

    def add(self, task: Task) -> None:
        """Take one more task, before all that are still to come."""
        self._waiting.append(task)

    def _hand_out(self) -> bool:
        """Give workers as much as they should hold; whether anything is left to wait for."""
        if self._suspects:
            if not self._running:
                self._submit(self._suspects.popleft())
            return True
        while len(self._running) < AHEAD * self.workers.count:
            task = self._waiting.popleft() if self._waiting else next(self._coming, None)
            if task is None:
                break
            self._submit(task)
            if self.workers.count == 1 or self._suspects:
                break
        return bool(self._running or self._suspects or self._waiting)

    def _submit(self, task: Task) -> None:
        try:
            self._running[self.workers.submit(task)] = task
        except BrokenExecutor:
            self._waiting.appendleft(task)
            self._replace([])

    def _taken_in(self, done: Iterable[Future[Any]]) -> Iterator[tuple[Task, Any]]:
        for future in done:
            task, problem = self._running.pop(future), _problem(future)
            if problem is None:
                yield task, future.result()
            elif isinstance(problem, ScenarioError):
                raise problem
            else:
                self._try_again(task, Failure(task.batch.draws, fault_in_words(problem), problem), self._waiting)

    def _replace(self, dead: list[Task]) -> None:
        """Start workers anew; a batch that was alone with one that died has killed it."""
        alone = len(dead) == 1 and not self._running and task_number(dead[0]) in self._attempts
        under_way = dead + list(self._running.values())
        self._running.clear()
        self.workers.replace_dead()
        for task in under_way:
            if alone:
                self._try_again(task, Failure(task.batch.draws, DIED), self._suspects)
            else:
                self._attempts.setdefault(task_number(task), 1)
                self._suspects.append(task)

    def _try_again(self, task: Task, failure: Failure, queue: deque[Task]) -> None:
        attempts = self._attempts.get(task_number(task), 0) + 1
        self._attempts[task_number(task)] = attempts
        if attempts < ATTEMPTS:
            queue.append(task)
        else:
            self._given_up.append((task, failure))


def _problem(future: Future[Any]) -> BaseException | None:
    """What went wrong in a batch that has come back."""
    if future.cancelled():
        return ScenarioError("the workers were lost; finished batches are kept: run the same command again to go on")
    return future.exception()


def task_number(task: Task) -> tuple[int, int]:
    """Number that tells tasks apart: the job, and the first draw."""
    return task.job, task.batch.draws[0]
