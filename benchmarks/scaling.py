"""What many draws cost besides the model, and what a large study costs.

`python -m benchmarks.scaling` measures on this machine, with a real Dask scheduler, and writes docs/scaling.md.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.scaling_page import PER, Costs, page
from sim.errors import ScenarioError
from sim.runs.address import Place
from sim.runs.batch_task import Batch, Tabulation, Task, play, tables_by_draw
from sim.runs.distributions import counts_of
from sim.runs.fingerprints import Digests, content_hash, program
from sim.runs.manifest import from_manifest, read_manifest
from sim.runs.parquet import Tables, to_parquet
from sim.runs.result_parts import Part, Parts, PartsInFolder
from sim.runs.run_data import COLUMNS, RunData, read, tables_of_parts, write_rest
from sim.runs.run_many import Job, Result, run_one
from sim.runs.run_plan import LARGEST, How
from sim.runs.totals import Totals
from sim.runs.unfinished import Draft
from sim.runs.workers import Cluster
from sim.scenario.loading import dump, load
from sim.studies.one_run.run_result import presentation

PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
SCENARIO = "status_quo"
SEED = 1
REPETITIONS = 5
BATCHES = 10
EMPTY_TASKS = 200
UNDER_WAY = 4
MOST_DRAWS = 1_000_000
PORT = 28786
SECONDS_TO_START = 30
MIB = 1 << 20


def main() -> None:
    """Measure, and write the page."""
    costs = measured()
    PAGE.write_text(page(costs), encoding="utf-8")
    sys.stdout.write(f"{costs}\nWrote {PAGE}\n")


def measured() -> Costs:
    """Measure everything."""
    plain = [play(_task(batch)) for batch in range(1, REPETITIONS + 1)]
    work = _work_of_a_batch()
    finishing, finishing_mebibytes, memory = _finishing()
    with _dask() as address:
        cluster = Cluster(address)
        dask, receiving = _per_task(cluster._executor), _receiving(cluster._executor, plain[0])  # noqa: SLF001
        cluster.close()
    with ProcessPoolExecutor(2) as processes:
        per_process = _per_task(processes)
    return Costs(
        **{step: _per_thousand(seconds) for step, seconds in work.items()},
        mebibytes=_per_thousand(_mebibytes(plain[0])),
        path_mebibytes=_per_thousand(_mebibytes(play(_task(0, paths=LARGEST))) - _mebibytes(plain[0])),
        receiving=_per_thousand(receiving),
        writing=_per_thousand(_writing(plain)),
        finishing=finishing,
        finishing_mebibytes=finishing_mebibytes,
        memory=memory,
        processes=_per_thousand(per_process),
        dask=_per_thousand(dask),
        batch=LARGEST,
    )


def _work_of_a_batch() -> dict[str, float]:
    """Seconds that a worker takes for each step of a batch, without paths."""
    found: dict[str, list[float]] = {}
    for batch in range(1, REPETITIONS + 1):
        task = _task(batch)
        for step, seconds in _steps(task):
            found.setdefault(step, []).append(seconds)
    return {step: median(times) for step, times in found.items()}


def _steps(task: Task) -> Iterator[tuple[str, float]]:
    clock = time.perf_counter()
    paths = task.batch.paths()
    yield "model", time.perf_counter() - clock
    clock = time.perf_counter()
    tables = dict(tables_by_draw(paths, 0))
    yield "tables", time.perf_counter() - clock
    clock = time.perf_counter()
    counts = counts_of(paths).tables()
    yield "counts", time.perf_counter() - clock
    clock = time.perf_counter()
    digests = Digests(paths.draws)
    for table in tables.values():
        digests.take_in(table)
    yield "digests", time.perf_counter() - clock
    clock = time.perf_counter()
    for name, table in (tables | counts | {"digests": digests.table}).items():
        to_parquet(table, name)
    yield "packing", time.perf_counter() - clock


def _task(batch: int, paths: int = 0) -> Task:
    draws = range(batch * LARGEST, (batch + 1) * LARGEST)
    return Task(Batch(load(SCENARIO), draws, SEED), Tabulation(paths, packed=True), program())


def _seconds(work: Callable[[], object]) -> float:
    clock = time.perf_counter()
    work()
    return time.perf_counter() - clock


def _per_thousand(of_a_batch: float) -> float:
    return of_a_batch * PER / LARGEST


def _mebibytes(part: Part) -> float:
    return sum(map(len, part.tables.values())) / MIB


def _writing(parts: list[Part]) -> float:
    """Seconds to keep a finished batch on this disk."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Draft(Place.of(Path(folder) / SCENARIO), {"run": "benchmark"})
        draft.begin(MOST_DRAWS)
        return median(_seconds(partial(draft.add, part)) for part in parts)


def _finishing() -> tuple[float, float, float]:
    """Per 1,000 draws: seconds to read back and sum up, mebibytes of the folder, mebibytes of tables then in memory."""
    with tempfile.TemporaryDirectory() as folder:
        places = {batches: Place.of(Path(folder) / str(batches)) for batches in (BATCHES, 2 * BATCHES)}
        fewer, more = (_seconds_to_finish(place, batches) for batches, place in places.items())
        place = places[2 * BATCHES]
        size = sum(path.stat().st_size for path in place.local.rglob("*") if path.is_file())
        result = read(place.address)
        tables = sum(table.memory_usage(deep=True).sum() for table in (result.kpis, result.inputs))
    thousands = 2 * BATCHES * LARGEST / PER
    return _per_thousand(max(more - fewer, 0.0) / BATCHES), size / MIB / thousands, 2 * tables / MIB / thousands


def _seconds_to_finish(place: Place, batches: int) -> float:
    """Run some batches into a folder; seconds to read them back and sum them up."""
    job = Job(
        load(SCENARIO), range(batches * LARGEST), SEED, Result(place.address, presentation(charts=False), paths=0)
    )
    run_one(job, How(workers=1))
    parts = PartsInFolder(place, from_manifest(read_manifest(place)), "", COLUMNS)
    return _seconds(lambda: _sum_up(job, parts, place))


def _sum_up(job: Job, parts: Parts, place: Place) -> None:
    totals = Totals(job.scenario, job.seed, parts)
    tables = Tables(tables_of_parts(parts) | totals.makers())
    content_hash(tables["digests"], totals.counts)
    data = RunData(job.scenario, read_manifest(place), tables, parts)
    write_rest(data, dump(job.scenario), place, presentation(charts=False))


def _per_task(executor: Executor) -> float:
    """Seconds that it costs to hand out a batch and take it back: many that only travel, some under way at a time."""
    task = _task(1)
    executor.submit(_nothing, task).result()
    return _seconds(lambda: _all_back(executor, task)) / EMPTY_TASKS


def _all_back(executor: Executor, task: Task) -> None:
    waiting = [executor.submit(_nothing, task) for _ in range(UNDER_WAY)]
    for _ in range(EMPTY_TASKS - UNDER_WAY):
        waiting.pop(0).result()
        waiting.append(executor.submit(_nothing, task))
    wait(waiting)


def _nothing(task: Task) -> int:
    return task.job


def _receiving(executor: Executor, part: Part) -> float:
    """Seconds for a finished batch to come back from a worker on this machine."""
    times = [_seconds(lambda: executor.submit(_given_back, part).result()) for _ in range(REPETITIONS)]
    return median(times) / 2


def _given_back(part: Part) -> Part:
    return part


@contextmanager
def _dask() -> Iterator[str]:
    """A scheduler and one worker, as separate programs."""
    program_of_dask = str(Path(sys.executable).parent / "dask")
    address = f"tcp://127.0.0.1:{PORT}"
    folder = tempfile.mkdtemp()
    started = [
        subprocess.Popen(
            [program_of_dask, *words, "--no-dashboard"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for words in (
            ("scheduler", "--host", "127.0.0.1", "--port", str(PORT)),
            ("worker", address, "--nthreads", "1", "--local-directory", folder),
        )
    ]
    try:
        _wait_for(address)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(address: str) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            Cluster(address).close()
            return
        except ScenarioError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


if __name__ == "__main__":
    main()
