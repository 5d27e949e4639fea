"""Hands out batches, takes in what comes back, and tries once more what failed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from sim.errors import ScenarioError
from sim.runs.batch_task import Part, Task
from sim.runs.executors import Workers

ATTEMPTS = 2
AHEAD = 2
"""Batches in the hands of each worker, so that none waits for the next one."""
SECONDS_BETWEEN_LOOKS = 0.25


@dataclass(frozen=True)
class Failure:
    """A batch that could not be computed.

    Attributes
    ----------
    draws
        Its draw numbers.
    reason
        What went wrong the last time.
    """

    draws: range
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Lay out for the manifest."""
        return {"first": self.draws.start, "last": self.draws.stop - 1, "reason": self.reason}


@dataclass
class Dispatch:
    """The work of one run.

    Attributes
    ----------
    workers
        Who does it.
    look
        Called several times a second while waiting.
    failures
        Batches given up so far.
    """

    workers: Workers
    look: Callable[[], None] = lambda: None
    failures: list[Failure] = field(default_factory=list)
    _waiting: deque[Task] = field(default_factory=deque)
    _suspects: deque[Task] = field(default_factory=deque)
    _running: dict[Future[Part], Task] = field(default_factory=dict)
    _attempts: dict[int, int] = field(default_factory=dict)

    def parts(self, tasks: Iterable[Task]) -> Iterator[Part]:
        """Give the parts as they come in.

        When a worker dies, nobody can tell which of the batches under way killed it. All of them are run again, each
        alone, so that only the guilty one is given up.

        Raises
        ------
        ScenarioError
            If a batch shows that the user has to mend something.
        """
        self._waiting.extend(tasks)
        while self._waiting or self._suspects or self._running:
            self._hand_out()
            self.look()
            done = wait(self._running, timeout=SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED).done
            if not done:
                self.workers.notice_dead()
            dead = [self._running.pop(future) for future in done if isinstance(_problem(future), BrokenExecutor)]
            yield from self._taken_in(future for future in done if future in self._running)
            if dead:
                self._replace(dead)

    def _hand_out(self) -> None:
        if self._suspects:
            if not self._running:
                self._submit(self._suspects.popleft())
            return
        while self._waiting and len(self._running) < AHEAD * self.workers.count:
            self._submit(self._waiting.popleft())
            if self.workers.count == 1:
                return

    def _submit(self, task: Task) -> None:
        try:
            self._running[self.workers.submit(task)] = task
        except BrokenExecutor:
            self._waiting.appendleft(task)
            self._replace([])

    def _taken_in(self, done: Iterable[Future[Part]]) -> Iterator[Part]:
        for future in done:
            task, problem = self._running.pop(future), _problem(future)
            if problem is None:
                yield future.result()
            elif isinstance(problem, ScenarioError):
                raise problem
            else:
                self._try_again(task, f"{type(problem).__name__}: {problem}", self._waiting)

    def _replace(self, dead: list[Task]) -> None:
        """Start workers anew; a batch that was alone with one that died has killed it."""
        alone = len(dead) == 1 and not self._running and task_number(dead[0]) in self._attempts
        under_way = dead + list(self._running.values())
        self._running.clear()
        self.workers.replace_dead()
        for task in under_way:
            if alone:
                self._try_again(task, "the process that ran it died, perhaps for want of memory", self._suspects)
            else:
                self._attempts.setdefault(task_number(task), 1)
                self._suspects.append(task)

    def _try_again(self, task: Task, reason: str, queue: deque[Task]) -> None:
        attempts = self._attempts.get(task_number(task), 0) + 1
        self._attempts[task_number(task)] = attempts
        if attempts < ATTEMPTS:
            queue.append(task)
        else:
            self.failures.append(Failure(task.draws, reason))


def _problem(future: Future[Part]) -> BaseException | None:
    """What went wrong in a batch that has come back."""
    if future.cancelled():
        return ScenarioError("the workers were lost; finished batches are kept: run the same command again to go on")
    return future.exception()


def task_number(task: Task) -> int:
    """Number that tells a run's tasks apart: its first draw."""
    return task.draws.start
