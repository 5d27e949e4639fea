"""A Dask cluster as workers: the same batches, sent to a scheduler at an address."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from sim.errors import ScenarioError
from sim.runs.batch_task import Part, Task, play
from sim.runs.identity import differences, program

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

    def submit(self, task: Task) -> Future[Part]:
        """Hand over a batch."""
        future: Future[Part] = self._executor.submit(play, task)
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
        return dask.Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (TimeoutError, OSError, ValueError) as problem:
        raise ScenarioError(
            f"{address}: no Dask scheduler answers there ({problem}); expected an address such as tcp://10.0.0.5:8786"
        ) from problem
