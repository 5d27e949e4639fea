"""Batches are handed out, taken in, and tried again, whatever the workers do and in whatever order they finish."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
import sim.runs.run_many
from sim.errors import ScenarioError
from sim.runs.batch_task import Batch, Task, play
from sim.runs.dispatch import AHEAD, Dispatch, Failure
from sim.runs.result_parts import Part
from tests.runs.conftest import PATHS

SIZE = 10


def task(number: int) -> Task:
    batch = Batch(None, range(number * SIZE, (number + 1) * SIZE), 1)  # type: ignore[arg-type]
    return Task(batch, lambda batch: batch, {})


def number_of(task: Task) -> int:
    return task.batch.draws.start // SIZE


@dataclass
class FakeWorkers:
    """Workers that finish what they hold in any order, each time somebody looks.

    Attributes
    ----------
    count
        How many.
    outcome
        What becomes of a task, given how often it was begun before: a part, an exception, or a death.
    """

    count: int
    outcome: Callable[[Task, int], Part | Exception]
    luck: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311
    held: dict[Future[Part], Task] = field(default_factory=dict)
    begun: list[int] = field(default_factory=list)
    most: int = 0
    replaced: int = 0

    def submit(self, task: Task) -> Future[Part]:
        future: Future[Part] = Future()
        self.held[future] = task
        self.most = max(self.most, len(self.held))
        return future

    def finish_some(self) -> None:
        """Finish some of what is held; a death breaks all the rest."""
        for future in self.luck.sample(list(self.held), self.luck.randint(1, len(self.held))) if self.held else ():
            task = self.held.pop(future)
            found = self.outcome(task, self.begun.count(number_of(task)))
            self.begun.append(number_of(task))
            if isinstance(found, BrokenExecutor):
                for broken in (future, *self.held):
                    broken.set_exception(found)
                self.held.clear()
                return
            future.set_result(found) if isinstance(found, Part) else future.set_exception(found)

    def notice_dead(self) -> None:
        """Who dies here is noticed at once."""

    def replace_dead(self) -> None:
        self.held.clear()
        self.replaced += 1

    def close(self) -> None:
        """Nothing to end."""


def done(task: Task) -> Part:
    return Part(task.batch.draws, {}, (), 0.0)


def dispatched(workers: FakeWorkers, tasks: int) -> tuple[list[int], dict[int, Failure]]:
    """Numbers of the tasks whose parts came, in that order, and those that were given up."""
    found = list(Dispatch(workers, workers.finish_some).done(task(number) for number in range(tasks)))
    given_up = {number_of(task): came for task, came in found if isinstance(came, Failure)}
    return [number_of(task) for task, came in found if isinstance(came, Part)], given_up


@given(st.integers(0, 40), st.integers(1, 5), st.integers(0, 1000))
def test_every_batch_comes_in_exactly_once_in_whatever_order_they_finish(tasks, count, seed):
    workers = FakeWorkers(count, lambda task, _: done(task), random.Random(seed))  # noqa: S311
    found, given_up = dispatched(workers, tasks)
    assert sorted(found) == list(range(tasks))
    assert len(workers.begun) == tasks
    assert given_up == {}
    assert workers.most <= AHEAD * count


@given(st.sets(st.integers(0, 19)), st.sets(st.integers(0, 19)), st.integers(1, 4), st.integers(0, 1000))
def test_what_fails_once_is_tried_again_and_what_fails_twice_is_given_up(flaky, broken, count, seed):
    def outcome(task: Task, before: int) -> Part | Exception:
        number = number_of(task)
        fails = number in broken or (number in flaky and before == 0)
        return ValueError(f"no luck with {number}") if fails else done(task)

    workers = FakeWorkers(count, outcome, random.Random(seed))  # noqa: S311
    found, given_up = dispatched(workers, 20)
    assert sorted(found) == sorted(set(range(20)) - broken)
    reasons = {number: failure.reason for number, failure in given_up.items()}
    assert reasons == {number: f"ValueError: no luck with {number}" for number in broken}
    assert all(workers.begun.count(number) == 2 for number in broken | flaky)


@given(st.sets(st.integers(0, 11)), st.integers(1, 4), st.integers(0, 1000))
def test_whoever_kills_its_worker_is_given_up_and_whoever_stood_beside_it_is_not(guilty, count, seed):
    def outcome(task: Task, before: int) -> Part | Exception:
        return BrokenExecutor("a process has died") if number_of(task) in guilty else done(task)

    workers = FakeWorkers(count, outcome, random.Random(seed))  # noqa: S311
    found, given_up = dispatched(workers, 12)
    assert sorted(found) == sorted(set(range(12)) - guilty)
    assert set(given_up) == guilty
    assert all("died" in failure.reason for failure in given_up.values())
    assert all(workers.begun.count(number) <= 2 for number in guilty), "retried once"


@given(st.integers(0, 11), st.integers(1, 4), st.integers(0, 1000))
def test_a_worker_that_dies_once_is_replaced_and_nothing_is_lost(unlucky, count, seed):
    def outcome(task: Task, before: int) -> Part | Exception:
        dies = number_of(task) == unlucky and before == 0
        return BrokenExecutor("a process has died") if dies else done(task)

    workers = FakeWorkers(count, outcome, random.Random(seed))  # noqa: S311
    found, given_up = dispatched(workers, 12)
    assert sorted(found) == list(range(12))
    assert given_up == {}
    assert workers.replaced == 1


def test_what_the_user_has_to_mend_ends_the_run():
    workers = FakeWorkers(2, lambda *_: ScenarioError("a worker has another program"))
    with pytest.raises(ScenarioError, match="another program"):
        dispatched(workers, 5)


def test_workers_that_are_lost_altogether_end_the_run_with_a_word():
    workers = FakeWorkers(2, lambda task, _: done(task))

    def lose_all() -> None:
        for future in workers.held:
            assert future.cancel()
            future.set_running_or_notify_cancel()
        workers.held.clear()

    dispatch = Dispatch(workers, lose_all)
    with pytest.raises(ScenarioError, match="workers were lost; finished batches are kept"):
        list(dispatch.done(task(number) for number in range(5)))


@pytest.mark.parametrize("seed", range(5))
def test_parts_that_come_in_any_order_make_the_same_result(seed, restless, undisturbed, assert_same, monkeypatch):
    workers = FakeWorkers(4, lambda task, _: play(task), random.Random(seed))  # noqa: S311
    monkeypatch.setattr("sim.runs.run_many._workers", lambda how, useful, known: workers)
    monkeypatch.setattr("sim.runs.progress.Bars.look", lambda bars: workers.finish_some())
    result = sim.run(restless, 200, paths=PATHS, batch=16)
    assert workers.begun != sorted(workers.begun)
    assert_same(result, undisturbed(200))
