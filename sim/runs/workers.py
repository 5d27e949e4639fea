"""Who runs batches: this process, processes beside it, or a Dask cluster."""

from __future__ import annotations

import ctypes
import gc
import importlib
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from sim.arithmetic.elementary import exp
from sim.errors import ScenarioError
from sim.runs.batch_task import Found, Task, play
from sim.runs.fingerprints import differences, program


class Workers(Protocol):
    """Those who run batches."""

    @property
    def count(self) -> int:
        """How many batches can run at the same time."""

    def submit(self, task: Task) -> Future[Any]:
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

    def submit(self, task: Task) -> Future[Any]:
        """Run a batch now."""
        future: Future[Any] = Future()
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


SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_TO_END = 5
"""Longest wait for the thread of a pool whose processes have ended."""


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
        self._said_of_threads = threading.excepthook
        threading.excepthook = self._say_of_thread

    def submit(self, task: Task) -> Future[Any]:
        """Hand over a batch.

        Raises
        ------
        ScenarioError
            If the system lets no more processes or threads start, or has no memory for them.
        """
        try:
            return self._handed_over(_play, task)
        except BrokenExecutor:
            raise
        except (OSError, RuntimeError, MemoryError) as problem:
            raise _starved(problem) from problem

    def beside(self, make: Callable[[], Found]) -> Callable[[], Found]:
        """Have something made, and give a function that waits for it; what cannot be made there is made here."""
        try:
            # Packed at once: the pool packs in a thread of its own, while this one goes on with what it has in hand.
            future = self._handed_over(_Packed(make))
        except (OSError, RuntimeError, MemoryError):  # a pool that has broken is one of them
            return make

        def found() -> Found:
            while not wait([future], timeout=SECONDS_BETWEEN_LOOKS).done:
                self.notice_dead()
            try:
                return future.result()
            except BrokenExecutor:
                return make()

        return found

    def _handed_over(self, function: Callable[..., Found], *given: object) -> Future[Found]:
        with warnings.catch_warnings():
            # Python warns of forks beside threads. Ours are those of NumPy and Arrow, idle and prepared for it.
            warnings.simplefilter("ignore", DeprecationWarning)
            return self._pool.submit(function, *given)

    def replace_dead(self) -> None:
        """Start all anew: a pool that has lost one takes no more work."""
        self._end()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._start()

    def notice_dead(self) -> None:
        """End all if one has died: while it handed in a part, all others would wait for the rest of it for ever.

        Raises
        ------
        ScenarioError
            If the thread that hands out batches and takes in parts has died, for then nothing ever comes back.
        """
        pool: Any = self._pool
        if pool._executor_manager_thread is not None and not (pool._executor_manager_thread.is_alive() or pool._broken):  # noqa: SLF001
            raise _starved("a thread of the pool has died")
        if any(process.exitcode is not None for process in self._processes):
            self._end()

    def close(self) -> None:
        """End them at once; the parts that they have handed in are safe."""
        manager: Any = self._pool._executor_manager_thread  # noqa: SLF001
        self._end()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if manager is not None and manager.is_alive():
            # Python would wake it at its own end, through a pipe that it may just be closing.
            manager.join(SECONDS_TO_END)
        if threading.excepthook == self._say_of_thread:
            threading.excepthook = self._said_of_threads

    def _say_of_thread(self, problem: threading.ExceptHookArgs) -> None:
        """Say nothing of a thread of the pool, whose death `notice_dead` tells in words."""
        pool: Any = self._pool
        if problem.thread is not pool._executor_manager_thread:  # noqa: SLF001
            self._said_of_threads(problem)

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
        try_threads()
        return ProcessPoolExecutor(self.count, mp_context=_context(), initializer=_begin)


class _Packed:
    """A function as it is now; in the process to which it is handed over it is that function."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._packed = pickle.dumps(function)

    def __call__(self) -> Any:
        """Unpack it, and call it."""
        return pickle.loads(self._packed)()  # noqa: S301 (packed by this process)

    def __reduce__(self) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
        return pickle.loads, (self._packed,)


THREADS = 2
"""Threads with which a pool of processes hands out work; where the second cannot start, the first dies."""


def try_threads() -> None:
    """Start as many threads as a pool needs, and end them.

    Raises
    ------
    ScenarioError
        If the system lets none start.
    """
    enough = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(THREADS):
            thread = threading.Thread(target=enough.wait)
            thread.start()
            started.append(thread)
    except (RuntimeError, MemoryError) as problem:
        raise _starved(problem) from problem
    finally:
        enough.set()
        for thread in started:
            thread.join()


def _starved(problem: object) -> ScenarioError:
    return ScenarioError(
        f"no processes can be started beside this one ({problem}), for want of memory or because the system allows no "
        "more; finished batches are kept: run the same command again with --workers 1, which needs none"
    )


def can_fork() -> bool:
    """Whether new processes can begin as copies of this one: on Linux, from a process without threads of its own.

    A daemonic process, as the workers of `multiprocessing.Pool` are, may start none at all.
    """
    daemonic = multiprocessing.current_process().daemon
    return sys.platform == "linux" and threading.active_count() == 1 and not daemonic


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> BaseContext:
    """Fork where it is safe, since that starts at once; else start from a clean process that has imported all once."""
    if can_fork():
        exp(0.0)  # with the first compiled function comes what all need to be read, here once for all copies
        return multiprocessing.get_context("fork")
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end when it is gone, however it went."""
    gc.freeze()  # nor look for waste among what a copy of the parent begins with
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _give_memory_back()
    parent = multiprocessing.parent_process()
    if parent is not None:
        try:
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        except (RuntimeError, MemoryError):  # its parent takes it for one that died for want of memory, as it has
            os._exit(1)


LARGE_BYTES = 8 * 2**20
"""Arrays of this size and more go back to the system when nobody needs them any more."""
KEPT_BYTES = 16 * 2**20
"""So much of what smaller arrays have left free stays, since they come again in every month."""
_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1


def _give_memory_back() -> None:
    """Keep glibc from holding on to ever larger arrays, as it does by itself: between batches they would lie idle."""
    _ask_glibc("mallopt", _M_MMAP_THRESHOLD, LARGE_BYTES)
    _ask_glibc("mallopt", _M_TRIM_THRESHOLD, KEPT_BYTES)


def _play(task: Task) -> Any:
    """Run a batch, and give back what it leaves free: who waits for its next one, or for the end, needs none of it."""
    try:
        return play(task)
    finally:
        _ask_glibc("malloc_trim", 0)


def _ask_glibc(name: str, *given: int) -> None:
    function: Any = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function is not None:  # other C libraries have none
        function(*given)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


# A cluster ------------------------------------------------------------------------------------------------------------

SECONDS_TO_ANSWER = 10
LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application")
"""Loggers to which Dask gives handlers of their own, so that each has to be silenced by itself."""


class Cluster:
    """Workers of a Dask cluster.

    Parameters
    ----------
    address
        Of the scheduler, such as tcp://10.0.0.5:8786.

    Raises
    ------
    ScenarioError
        If the extra `cluster` is not installed, nobody answers, there are no workers, or they have another program.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        dask = _dask()
        with ExitStack() as around:
            around.enter_context(_silent())
            self._client = around.enter_context(closing(_connected(dask, address)))
            self._check_workers()
            self._executor = self._client.get_executor(pure=False, retries=0)
            self._around = around.pop_all()

    @property
    def count(self) -> int:
        """Threads of all workers that are there now."""
        try:
            return max(1, sum(self._client.nthreads().values()))
        except OSError as problem:
            raise ScenarioError(
                f"{self.address}: the scheduler has gone ({problem}); finished batches are kept: run the same command "
                "again to go on"
            ) from problem

    def submit(self, task: Task) -> Future[Any]:
        """Hand over a batch."""
        future: Future[Any] = self._executor.submit(play, task)
        return future

    def notice_dead(self) -> None:
        """Do nothing: the scheduler sees who is gone."""

    def replace_dead(self) -> None:
        """Do nothing: the scheduler gives the batches of a lost worker to others."""

    def close(self) -> None:
        """Give up what runs, and leave the cluster as it is."""
        self._executor.shutdown(wait=False)
        self._around.close()

    def _check_workers(self) -> None:
        if not self._client.nthreads():
            raise ScenarioError(f"{self.address}: the scheduler has no workers; start some: dask worker {self.address}")
        try:
            programs = self._client.run(program)
        except Exception as problem:  # what a worker meets comes back as any kind
            raise ScenarioError(
                f"{self.address}: the workers cannot run cloudtrade ({problem}); install the same version there"
            ) from problem
        for worker, found in programs.items():
            if found != program():
                raise ScenarioError(
                    f"{self.address}: worker {worker} has another program: {differences(program(), found)}; install "
                    "the same version there"
                )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep to ourselves what Dask logs meanwhile about connections: whatever matters comes as an error too."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _dask() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as problem:
        raise ScenarioError("a cluster needs Dask: pip install 'cloudtrade[cluster]'") from problem


def _connected(dask: Any, address: str) -> Any:
    try:
        importlib.import_module("distributed.comm.addressing").get_address_host_port(address, strict=True)
        if address.startswith("tls:") and dask.Security().tls_ca_file is None:
            raise ValueError("Dask's own settings, distributed.comm.tls, name no certificates")
        return dask.Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except Exception as problem:  # whatever kind of address it is
        raise ScenarioError(
            f"{address}: no Dask scheduler answers there ({problem}); expected an address such as tcp://10.0.0.5:8786"
        ) from problem
