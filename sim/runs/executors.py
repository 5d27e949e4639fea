"""Who runs batches: this process, or processes beside it. `sim.runs.cluster` adds a third."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from sim.runs.batch_task import Part, Task, play


class Workers(Protocol):
    """Those who run batches."""

    @property
    def count(self) -> int:
        """How many batches can run at the same time."""

    def submit(self, task: Task) -> Future[Part]:
        """Hand over a batch."""

    def notice_dead(self) -> None:
        """Make sure that the batches of workers that have died come back as failed."""

    def replace_dead(self) -> None:
        """Bring the workers back to their number after some have died."""

    def close(self) -> None:
        """End them; batches that still run are given up."""


class InProcess:
    """One batch after the other in this very process."""

    count = 1

    def submit(self, task: Task) -> Future[Part]:
        """Run a batch now."""
        future: Future[Part] = Future()
        try:
            future.set_result(play(task))
        except Exception as problem:  # noqa: BLE001 (whoever asks for the result gets it, as from any executor)
            future.set_exception(problem)
        return future

    def notice_dead(self) -> None:
        """Nobody can die."""

    def replace_dead(self) -> None:
        """Nobody can die."""

    def close(self) -> None:
        """Nothing to end."""


class Processes:
    """Processes on this machine.

    Parameters
    ----------
    count
        How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = self._start()

    def submit(self, task: Task) -> Future[Part]:
        """Hand over a batch."""
        with warnings.catch_warnings():
            # Python warns of forks beside threads. Ours are those of NumPy and Arrow, idle and prepared for it.
            warnings.simplefilter("ignore", DeprecationWarning)
            return self._pool.submit(play, task)

    def replace_dead(self) -> None:
        """Start all anew: a pool that has lost one takes no more work."""
        self.close()
        self._pool = self._start()

    def notice_dead(self) -> None:
        """End all if one has died: while it handed in a part, all others would wait for the rest of it for ever."""
        if any(process.exitcode is not None for process in self._processes):
            self._end()

    def close(self) -> None:
        """End them at once; the parts that they have handed in are safe."""
        self._end()
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def _processes(self) -> list[BaseProcess]:
        return list((self._pool._processes or {}).values())  # noqa: SLF001 (no public way to end running work)

    def _end(self) -> None:
        processes = self._processes
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        # Half a part may be on its way. Only when nobody is left who could write, the pool stops waiting for the rest.
        results: Any = self._pool._result_queue  # noqa: SLF001
        if results is not None:
            results._writer.close()  # noqa: SLF001

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.count, mp_context=_context(), initializer=_begin)


def can_fork() -> bool:
    """Whether new processes can begin as copies of this one: on Linux, from a process without threads of its own."""
    return sys.platform == "linux" and threading.active_count() == 1


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> BaseContext:
    """Fork where it is safe, since that starts at once; else start from a clean process that has imported all once."""
    if can_fork():
        return multiprocessing.get_context("fork")
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end when it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
