"""Many runs give the bits of single ones, whoever does the work; a failure is told, and a kill loses little."""

from __future__ import annotations

import operator
import os
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import sim
import sim.runs.batch_task
from sim.errors import ModelError
from sim.model.batch import run_batch
from sim.model.recorder import Paths
from sim.runs.run_many import Crew, Interrupted, Job, Result, run_many
from sim.runs.run_plan import How
from tests.depth import quick
from tests.runs.conftest import PATHS

DRAWS = range(10, 34)


# Workers find these by name, whatever else is called `tests` where they run.
paths_of = operator.methodcaller("paths")
failing = operator.attrgetter("what_no_batch_has")
many_of = partial(np.full, 10_000)
"""Gives something of some size without running anything: the batch itself, many times."""


def own_number(survivor: int) -> int:
    """Give the number of this process, if it is the one to survive that."""
    if os.getpid() != survivor:
        os._exit(1)
    return survivor


def surplus(found: list[Paths]) -> np.ndarray:
    return np.concatenate([paths.markets["customer_surplus_bn"].sum(axis=(0, 1)) for paths in found])


@pytest.fixture(scope="module")
def scenarios(restless) -> list[sim.Scenario]:
    return [restless, *(sim.load("status_quo", {"months": months}) for months in (6, 3))]


@pytest.fixture(scope="module")
def single(scenarios) -> list[bytes]:
    """What each comes to by itself."""
    return [surplus([run_batch(scenario, DRAWS, 1)]).tobytes() for scenario in scenarios]


@pytest.mark.parametrize("workers", quick([1, 2], 1))
@pytest.mark.parametrize("size", quick([5, 24], 5))
@pytest.mark.parametrize("turned", [False, True])
def test_many_runs_give_the_bits_of_single_ones(workers, size, turned, scenarios, single):
    order = slice(None, None, -1 if turned else 1)
    jobs = (Job(scenario, DRAWS, 1, paths_of, size) for scenario in scenarios[order])
    found = [surplus(paths).tobytes() for paths in run_many(jobs, How(workers))]
    assert found == single[order]


@pytest.mark.depth
def test_results_and_reductions_run_side_by_side(restless, undisturbed, assert_same):
    jobs = [Job(restless, range(40), 1, Result(paths=PATHS)), Job(restless, DRAWS, 1, paths_of)]
    result, found = run_many(jobs, How(workers=2, batch=16))
    assert_same(result, undisturbed(40))
    assert len(surplus(found)) == len(DRAWS)


def test_processes_that_have_run_jobs_make_something_more_until_they_are_let_go(restless):
    with Crew(How(workers=2)) as crew:
        assert crew.beside(os.getpid)() == os.getpid()
        list(run_many([Job(restless, range(2), 1, paths_of, 1)], crew=crew))
        assert crew.beside(os.getpid)() != os.getpid()
        with pytest.raises(ZeroDivisionError):
            crew.beside(partial(operator.truediv, 1, 0))()
    assert crew.beside(os.getpid)() == os.getpid()


def test_what_is_made_beside_is_made_of_what_there_was_when_it_was_handed_over(restless):
    with Crew(How(workers=2)) as crew:
        list(run_many([Job(restless, range(2), 1, paths_of, 1)], crew=crew))
        held = [1, 2]
        wait = crew.beside(partial(sum, held))
        held.append(3)
        assert wait() == 1 + 2


def test_what_a_process_dies_of_is_made_here(restless):
    with Crew(How(workers=2)) as crew:
        list(run_many([Job(restless, range(2), 1, paths_of, 1)], crew=crew))
        assert crew.beside(partial(own_number, os.getpid()))() == os.getpid()
        assert crew.beside(os.getpid)() == os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_reduction_that_fails_is_told_with_its_scenario_and_draws(workers, restless):
    jobs = [Job(restless, range(3), 1, failing), Job(restless, range(3), 1, failing)]
    with pytest.raises(
        ModelError, match=r"restless: draws 0 to 2 could not be computed: AttributeError: .*what_no_batch_has"
    ):
        list(run_many(jobs, How(workers)))


def test_many_runs_that_were_stopped_go_on_where_they_were(scenarios, monkeypatch, tmp_path: Path):
    jobs, begun = [Job(scenario, DRAWS, 1, paths_of) for scenario in scenarios], []

    def stop(scenario: sim.Scenario, *rest: object, **how: object) -> object:
        begun.append(scenario)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return run_batch(scenario, *rest, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(sim.runs.batch_task, "run_batch", stop)
    with pytest.raises(Interrupted, match=f"what is done is kept in {tmp_path}"):
        list(run_many(jobs, How(workers=1), folder=tmp_path))
    again = list(run_many(jobs, How(workers=1), folder=tmp_path))
    assert begun[3:] == scenarios[2:]
    monkeypatch.undo()
    alone = list(run_many(jobs, How(workers=1)))
    assert [surplus(found).tobytes() for found in again] == [surplus(found).tobytes() for found in alone]
    (next(tmp_path.glob("*.pickle"))).write_bytes(b"half")
    assert len(list(run_many(jobs, How(workers=1), folder=tmp_path))) == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_memory_does_not_grow_with_the_number_of_jobs(workers, restless):
    size, ahead, taken = 10_000, 60, []  # one worker may be some jobs ahead of another that the system holds up

    def jobs(count: int) -> Iterator[Job]:
        for number in range(count):
            taken.append(number)
            yield Job(restless, range(number, number + 1), 1, many_of)

    def peak(count: int) -> int:
        tracemalloc.start()
        for number, [found] in enumerate(run_many(jobs(count), How(workers))):
            assert found[0].draws.start == number
            assert len(taken) <= number + ahead, "taken as workers come free"
        taken.clear()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(20)
    assert peak(200) < peak(20) + ahead * 8 * size
