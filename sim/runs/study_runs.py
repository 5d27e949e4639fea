"""How a study has its runs made: what each of them takes beside its question, draws and seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

from sim.runs.address import Address
from sim.runs.progress import Bars
from sim.runs.run_many import Job, run_many
from sim.runs.run_plan import How


class Making(TypedDict, total=False):
    """How runs are made, as keywords of a study; nothing of it changes what comes out.

    Attributes
    ----------
    workers
        Processes; as many as there are cores if None.
    kept_in
        Folder in which what is finished is kept, so that the same call again goes on from there.
    bars
        Where progress is shown.
    """

    workers: int | None
    kept_in: Address | None
    bars: Bars | None


def study_runs(
    jobs: Iterable[Job],
    title: str = "runs",
    *,
    workers: int | None = None,
    kept_in: Address | None = None,
    bars: Bars | None = None,
) -> Iterator[Any]:
    """Run the jobs of a study, and give what comes of each in their order.

    Parameters
    ----------
    jobs
        What to run.
    title
        What the bar is called.
    workers, kept_in, bars
        As in `Making`.
    """
    return run_many(jobs, How(workers), bars, title, kept_in)
