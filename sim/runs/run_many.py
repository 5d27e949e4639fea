"""The one place that loops over runs: jobs are shared out among workers, and what comes of each is given in order."""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, Self

from sim.errors import ModelError, ScenarioError
from sim.model.luck import Luck
from sim.runs import DEFAULT_PATHS
from sim.runs.address import Address, Place, unwritable
from sim.runs.batch_task import Batch, Found, Reduction, Seed, Tabulation, Task
from sim.runs.dispatch import Dispatch, Failure
from sim.runs.fingerprints import content_hash, git_commit, program, scenario_hash, versions
from sim.runs.manifest import FORMAT, RESULT, in_manifest, read_manifest
from sim.runs.parquet import Tables
from sim.runs.progress import Bars
from sim.runs.result_folder import alone, check_place, clear_replaced, put_in_place
from sim.runs.result_parts import Parts, PartsInMemory
from sim.runs.run_data import FAULTS, Presentation, RunData, result_in, tables_of_parts, write_rest
from sim.runs.run_names import check_same_inputs
from sim.runs.run_plan import LARGEST, How, batches, missing, size_for
from sim.runs.totals import Totals
from sim.runs.unfinished import Draft, fingerprint
from sim.runs.workers import Cluster, InProcess, Processes, Workers, can_fork, cores
from sim.scenario.loading import dump
from sim.scenario.schema import Scenario


class Interrupted(KeyboardInterrupt):
    """Runs were stopped by their user; the message says what is kept and how to go on."""


@dataclass(frozen=True)
class Result:
    """Wanted of a job: all tables, in memory or in a folder.

    Attributes
    ----------
    out
        Folder, or an address; finished batches are kept beside it, and the same job again computes what is missing.
    presentation
        What the folder holds besides data.
    paths
        Full paths are kept of draws below this number.
    changes
        Values changed for this run, for the manifest.
    replace
        Whether the result may take the place of one of other inputs.
    """

    out: Address | None = None
    presentation: Presentation = field(default_factory=Presentation)
    paths: int = DEFAULT_PATHS
    changes: tuple[str, ...] = ()
    replace: bool = False


@dataclass(frozen=True)
class Job:
    """One run of many.

    Attributes
    ----------
    scenario, draws, seed
        What to run.
    wanted
        A `Result`, for which draws begin with 0; or a reduction, a function of a batch that workers can pickle. Of a
        reduction the job gives a list, of what comes of each batch, in the order of draws.
    batch
        Draws of each batch of a reduction, whoever does the work.
    """

    scenario: Scenario
    draws: range
    seed: Seed
    wanted: Result | Reduction = field(default_factory=Result)
    batch: int = LARGEST


def run_many(
    jobs: Iterable[Job],
    how: How | None = None,
    bars: Bars | None = None,
    title: str = "runs",
    folder: Address | None = None,
    crew: Crew | None = None,
) -> Iterator[Any]:
    """Run jobs, and give what comes of each in their order: `RunData`, or the list that a reduction gives.

    Jobs are taken from an iterator as workers come free, and what comes of one is held no longer than until it is
    given, so memory does not depend on their number. The bits depend neither on workers nor on who finishes first.

    Parameters
    ----------
    jobs
        What to run.
    how
        Workers and speed; all cores if absent.
    bars
        Where progress is shown: results have a bar each, reductions one together. Nowhere if absent.
    title
        What the bar of reductions is called.
    folder
        Where to keep what comes of each reduction, so that the same call again computes only what is missing.
    crew
        Who does it and stays for more, in place of `how`; called here and let go if absent.

    Raises
    ------
    ScenarioError
        If a folder is not valid, or no draw of a result could be computed.
    ModelError
        If a reduction fails.
    Interrupted
        If the user stops it and something is kept.
    """
    place = None if folder is None else Place.of(folder)
    many = _Many(crew or Crew(how or How()), bars or Bars(quiet=True), title, place)
    try:
        yield from many.values(jobs)
    except KeyboardInterrupt as stop:
        if kept := many.kept():
            raise Interrupted(kept) from stop
        raise
    finally:
        if crew is None or many.under_way:
            many.crew.close()
        many.close()


def run_one(job: Job, how: How | None = None, bars: Bars | None = None) -> Any:
    """Run one job and give what comes of it; parameters and errors are those of `run_many`."""
    [found] = run_many([job], how, bars)
    return found


@dataclass
class _Many:
    """Jobs under way."""

    crew: Crew
    bars: Bars
    title: str
    folder: Place | None
    under_way: dict[int, _UnderWay] = field(default_factory=dict)

    def values(self, jobs: Iterable[Job]) -> Iterator[Any]:
        """Give what comes of each, in order."""
        for task, found in self.crew.done(self._tasks(jobs), self.bars):
            self.under_way[task.job].take(task.batch.draws, found)
            yield from self._finished()
        yield from self._finished()

    def _tasks(self, jobs: Iterable[Job]) -> Iterator[Task]:
        reduced = [len(job.draws) for job in jobs if callable(job.wanted)] if isinstance(jobs, Sequence) else []
        if reduced:
            self.bars.begin(self.title, sum(reduced), 0)
        for number, job in enumerate(jobs):
            if isinstance(job.wanted, Result):
                self.under_way[number] = _Kept(job, job.wanted, self.crew, self.bars, number)
            else:
                if not reduced:
                    self.bars.begin(self.title, len(job.draws), 0)
                advance = partial(self.bars.advance, self.title)
                self.under_way[number] = _Reduced(job, job.wanted, self.folder, advance)
            reduction, waiting = self.under_way[number].open()
            for draws in waiting:
                yield Task(Batch(job.scenario, draws, job.seed), reduction, program(), number)

    def _finished(self) -> Iterator[Any]:
        while self.under_way and not self.under_way[first := min(self.under_way)].left:
            value = self.under_way[first].finish()
            self.under_way.pop(first).close()
            yield value

    def kept(self) -> str:
        """What is kept if all are stopped now, in words."""
        found = [words for held in self.under_way.values() if (words := held.kept)]
        if self.folder is not None:
            found.append(f"Interrupted: what is done is kept in {self.folder}. Run the same again to go on from there.")
        return "\n".join(found)

    def close(self) -> None:
        """Let go of folders."""
        for held in self.under_way.values():
            held.close()


class Crew:
    """Who does the work; nobody is called before there is some, and nobody else where there is but one batch.

    Parameters
    ----------
    how
        Workers and speed.
    """

    def __init__(self, how: How) -> None:
        self.how = how
        self._workers: Workers | None = None
        self._dispatch: Dispatch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def count(self) -> int:
        """How many could work at the same time."""
        if self.how.cluster is not None:
            self._workers = self._workers or Cluster(self.how.cluster)
            return self._workers.count
        return self.how.workers or (cores() if can_fork() else 1)

    def done(self, tasks: Iterator[Task], bars: Bars) -> Iterator[tuple[Task, Any]]:
        """Give each task with what comes of it."""
        first = list(islice(tasks, 1 if self.how.cluster else self.count))
        if first:
            if self.how.cluster is None:
                self.close()  # those of earlier jobs
            self._workers = workers = _workers(self.how, len(first), self._workers)
            self._dispatch = Dispatch(workers, bars.look)
            yield from self._dispatch.done(_all(first, tasks))

    def add(self, task: Task) -> bool:
        """Hand out one more task if there are processes beside this one, which share its disk; whether there are."""
        if self._dispatch is None or not isinstance(self._workers, Processes):
            return False
        self._dispatch.add(task)
        return True

    def beside(self, make: Callable[[], Found]) -> Callable[[], Found]:
        """Have something made by a process beside this one, if any is there, and give a function that waits for it.

        Parameters
        ----------
        make
            Makes it, wherever it is called; other processes need to pickle it.
        """
        return self._workers.beside(make) if isinstance(self._workers, Processes) else make

    def close(self) -> None:
        """Let them go."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None


def _all(first: list[Task], tasks: Iterator[Task]) -> Iterator[Task]:
    """Give the first tasks, which are then held no longer, and all others."""
    while first:
        yield first.pop(0)
    yield from tasks


def _workers(how: How, useful: int, known: Workers | None) -> Workers:
    """Choose who does the work."""
    if how.cluster is not None:
        return known or Cluster(how.cluster)
    return Processes(useful) if useful > 1 else InProcess()


def _day_of(scenario: Scenario) -> dict[str, str]:
    """Say as of which day a scenario is run, if it is not run with all that is known."""
    return {} if scenario.as_of is None else {"as_of": scenario.as_of.isoformat()}


class _UnderWay(Protocol):
    """A job under way."""

    @property
    def left(self) -> int:
        """How many of its batches are not back."""

    @property
    def kept(self) -> str:
        """What is kept of it if it is stopped now, in words."""

    def open(self) -> tuple[Reduction, Iterable[range]]:
        """Find what is done already, and give what is to be done."""

    def take(self, draws: Sequence[int], found: Any) -> None:
        """Take in what came of a batch, or a `Failure`."""

    def finish(self) -> Any:
        """Give what comes of the job."""

    def close(self) -> None:
        """Let go of what it holds."""


class _Reduced:
    """A job of which something small is wanted."""

    kept = ""

    def __init__(self, job: Job, reduction: Reduction, shelf: Place | None, advance: Any) -> None:
        self.job, self.reduction, self.advance = job, reduction, advance
        self.left = 0
        self._found: dict[int, Any] = {}
        self._place = None if shelf is None else shelf / f"{fingerprint(self._key())}.pickle"

    def open(self) -> tuple[Reduction, Iterable[range]]:
        """Look whether its value is kept."""
        if self._place is not None and self._place.exists():
            with suppress(Exception):  # a value that cannot be read is made again
                self._found = pickle.loads(self._place.read())  # noqa: S301 (written here, by the same program)
                self.advance(len(self.job.draws))
                return self.reduction, ()
        waiting = list(batches([self.job.draws], self.job.batch))
        self.left = len(waiting)
        return self.reduction, waiting

    def take(self, draws: Sequence[int], found: Any) -> None:
        """Take in what came of a batch."""
        if isinstance(found, Failure):
            if isinstance(found.problem, ModelError):
                raise found.problem
            what = f"{self.job.scenario.name}: draws {draws[0]:,} to {draws[-1]:,} could not be computed"
            raise ModelError(f"{what}: {found.reason}") from found.problem
        self._found[draws[0]] = found
        self.left -= 1
        self.advance(len(draws))

    def finish(self) -> list[Any]:
        """Give what came of all batches, in the order of draws, and keep it if that is wanted."""
        if self._place is not None and not self._place.exists():
            try:
                self._place.write(pickle.dumps(self._found))
            except OSError as problem:
                raise unwritable(self._place, problem) from problem
        return [self._found[start] for start in sorted(self._found)]

    def close(self) -> None:
        """Nothing is held."""

    def _key(self) -> dict[str, Any]:
        """All that decides the value; the code of reductions stands outside what `program` covers."""
        function: Any = self.reduction
        while isinstance(function, partial):
            function = function.func
        code = Path(str(sys.modules[getattr(function, "__module__", type(function).__module__)].__file__)).read_bytes()
        return {
            "scenario_hash": scenario_hash(self.job.scenario),
            "draws": [self.job.draws.start, self.job.draws.stop, self.job.batch],
            "seed": Luck.of(self.job.seed).key,
            "reduction": hashlib.sha256(pickle.dumps(self.reduction) + code).hexdigest(),
            "program": program(),
        }


class _Kept:
    """A job of which all tables are wanted."""

    def __init__(self, job: Job, wanted: Result, crew: Crew, bars: Bars, number: int) -> None:
        self.job, self.wanted, self.crew, self.bars, self.number = job, wanted, crew, bars, number
        self.draws = len(job.draws)
        self.failures: list[Failure] = []
        self.left = 0
        self._collector: PartsInMemory | Draft = PartsInMemory()
        self._there: RunData | None = None
        self._writing = self._is_written = False
        self._around = ExitStack()
        self._started, self._clock = dt.datetime.now(dt.UTC), time.perf_counter()

    @cached_property
    def key(self) -> dict[str, Any]:
        """All that decides the results, but for the number of draws."""
        return {
            "scenario_hash": scenario_hash(self.job.scenario),
            "seed": Luck.of(self.job.seed).key,
            "paths": self.wanted.paths,
            "program": program(),
        }

    @property
    def kept(self) -> str:
        """What is kept of it if it is stopped now, in words."""
        if not isinstance(self._collector, Draft):
            return ""
        return (
            f"Interrupted: {self._collector.done:,} of {self.draws:,} draws of {self.job.scenario.name} are kept in "
            f"{self._collector.place}. Run the same command again to go on from there."
        )

    def open(self) -> tuple[Reduction, Iterable[range]]:
        """Let nobody else write to its folder, find what is done already, and give what is not."""
        if self.wanted.out is not None:
            place = check_place(self.wanted.out)
            self._around.enter_context(alone(place))
            clear_replaced(place)
            if not self.wanted.replace:
                check_same_inputs(place, self.job.scenario, self.job.seed)
            self._there = self._finished(place)
            if self._there is not None:
                return Tabulation(0), ()
            self._collector = draft = Draft(place, self.key)
            draft.begin(self.draws)
        gaps = list(missing([record.draws for record in self._collector.records], self.draws))
        total = sum(map(len, gaps))
        self.bars.begin(self.job.scenario.name, self.draws, self.draws - total)
        if not total:
            return Tabulation(0), ()
        chosen = self.crew.how.batch
        waiting = list(batches(gaps, chosen or size_for(total, self.crew.count), 0 if chosen else self.wanted.paths))
        self.left = len(waiting)
        if not isinstance(self._collector, Draft):
            return Tabulation(self.wanted.paths), waiting
        place = self._collector.place
        shares_disk = place.is_local and self.crew.how.cluster is None
        return Tabulation(self.wanted.paths, packed=True, shelf=place if shares_disk else None), waiting

    def _finished(self, place: Place) -> RunData | None:
        """Give the finished result of the same run if it has all that is wanted; its draws are wanted in any case."""
        with suppress(ScenarioError):  # what is missing or damaged is made again
            finished = read_manifest(place)
            if finished["key"] == self.key:
                enough = finished["draws"] >= self.draws and not finished["failed"]
                self.draws = max(self.draws, finished["draws"])
                if enough and all((place / name).exists() for name in self.wanted.presentation.needed):
                    return result_in(place, self.job.scenario)
        return None

    def take(self, draws: Sequence[int], found: Any) -> None:
        """Take in a part."""
        self.left -= 1
        if self._writing:
            self._take_written(found)
            return
        self._take_part(draws, found)
        if not self.left:
            self._hand_on()

    def _take_part(self, draws: Sequence[int], found: Any) -> None:
        if isinstance(found, Failure):
            self.failures.append(found)
            if isinstance(self._collector, Draft):
                self._collector.tell(self.failures)
            return
        if not found.tables:
            self.failures += [Failure(range(draw, draw + 1), reason) for draw, reason in found.failed.items()]
            return
        self._collector.add(found)
        self.bars.advance(self.job.scenario.name, len(draws))

    def _hand_on(self) -> None:
        """Let a process beside this one draw the charts of a run, so that several are drawn at the same time."""
        draft, slow = self._collector, self.wanted.presentation.needed
        if slow and isinstance(draft, Draft) and draft.place.is_local and draft.records:
            told = tuple(replace(failure, problem=None) for failure in self.failures)  # some cannot be sent
            batch = Batch(self.job.scenario, range(self.draws), self.job.seed)
            writing = partial(_write, self._whole(told), draft)
            self._writing = self.crew.add(Task(batch, writing, program(), self.number))
        if self._writing:
            self.left = 1
            self.bars.say(self.job.scenario.name, "writing")

    def _take_written(self, found: Any) -> None:
        """Take in that it is written; where its process has died, this one writes it."""
        if isinstance(found, Failure) and found.problem is not None:
            raise found.problem
        self._is_written = not isinstance(found, Failure)

    def finish(self) -> RunData:
        """Write what is made of all draws, and put the folder in its place."""
        draft, name = self._collector, self.job.scenario.name
        if self._there is not None:
            return self._there
        if not isinstance(draft, Draft):
            return self._data(draft)
        self.bars.say(name, "writing")
        if not self._is_written:
            self._check_some(draft)
            _write(self._whole(self.failures), draft, beside=self.crew.beside)
        try:
            draft.close()
            put_in_place(draft.place, draft.goal)
        except OSError as problem:
            raise draft.unwritable(problem) from problem
        self.bars.say(name, "")
        return result_in(draft.goal, self.job.scenario)

    def close(self) -> None:
        """Let others write to the folder."""
        self._around.close()

    def _check_some(self, parts: PartsInMemory | Draft) -> None:
        """Refuse a run of which no draw could be computed."""
        if not parts.records:
            reasons = "; ".join(sorted({failure.reason for failure in self.failures}))
            told = f"; see {parts.place / FAULTS}" if isinstance(parts, Draft) else ""
            fault = next((failure.problem for failure in self.failures if failure.problem is not None), None)
            raise ScenarioError(f"{self.job.scenario.name}: no draw could be computed: {reasons}{told}") from fault

    def _data(self, parts: PartsInMemory) -> RunData:
        self._check_some(parts)
        return self._whole(self.failures).data(parts)

    def _whole(self, failures: Sequence[Failure]) -> _Whole:
        return _Whole(self.job, self.wanted, self.draws, self.key, failures, self._started, self._clock)


Beside = Callable[[Callable[[], Any]], Callable[[], Any]]
"""Has something made, by a process beside this one if there is any, and gives a function that waits for it."""


@dataclass(frozen=True)
class _Whole:
    """What is said of a run as a whole, beside its parts."""

    job: Job
    wanted: Result
    draws: int
    key: Mapping[str, Any]
    failures: Sequence[Failure]
    started: dt.datetime
    clock: float

    def data(self, parts: Parts, beside: Beside = lambda make: make) -> RunData:
        """Make the result of all parts, of which there are some; `beside` is that of a crew."""
        luck, totals = Luck.of(self.job.seed), Totals(self.job.scenario, self.job.seed, parts)
        makers = totals.makers()
        tables = Tables(tables_of_parts(parts) | makers | {"inputs": beside(makers["inputs"])})
        manifest = {
            "format": FORMAT,
            "kind": RESULT,
            "scenario": self.job.scenario.name,
            "scenario_hash": self.key["scenario_hash"],
            "seed": luck.seed,
            "exchanged": dict(luck.exchanged),
            "draws": self.draws,
            "paths": self.wanted.paths,
            "content_hash": content_hash(tables["digests"], totals.counts),
            "versions": versions(),
            "git_commit": git_commit(),
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self.clock, 3),
            "set": list(self.wanted.changes),
            **_day_of(self.job.scenario),
            "failed": [failure.as_json() for failure in sorted(self.failures, key=lambda held: held.draws[0])],
            "key": self.key,
        } | in_manifest(parts.records)
        return RunData(self.job.scenario, manifest, tables, parts)


def _write(whole: _Whole, draft: Draft, _: Batch | None = None, beside: Beside = lambda make: make) -> None:
    """Write what is made of all draws into the folder of an unfinished run."""
    try:
        write_rest(whole.data(draft.parts(), beside), dump(whole.job.scenario), draft.place, whole.wanted.presentation)
    except OSError as problem:
        raise draft.unwritable(problem) from problem
