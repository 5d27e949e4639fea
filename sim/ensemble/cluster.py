"""A Dask cluster as workers: the same batches, sent to a scheduler at an address."""

from __future__ import annotations

import importlib
from concurrent.futures import Future
from typing import Any

from sim.ensemble.identity import program
from sim.ensemble.work import Part, Task, differences, play
from sim.errors import ScenarioError

SECONDS_TO_ANSWER = 10


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
        self._client = _connected(address)
        try:
            self._check_workers()
        except BaseException:
            self._client.close()
            raise
        self._executor = self._client.get_executor(pure=False, retries=0)

    @property
    def count(self) -> int:
        """Threads of all workers that are there now."""
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, task: Task) -> Future[Part]:
        """Hand over a batch."""
        future: Future[Part] = self._executor.submit(play, task)
        return future

    def replace_dead(self) -> None:
        """Do nothing: the scheduler gives the batches of a lost worker to others."""

    def close(self) -> None:
        """Give up what runs, and leave the cluster as it is."""
        self._executor.shutdown(wait=False)
        self._client.close()

    def _check_workers(self) -> None:
        if not self._client.nthreads():
            raise ScenarioError(f"{self.address}: the scheduler has no workers; start some: dask worker {self.address}")
        try:
            programs = self._client.run(program)
        except (ImportError, OSError, AttributeError) as problem:
            raise ScenarioError(
                f"{self.address}: the workers cannot run cloudtrade ({problem}); install the same version there"
            ) from problem
        for worker, found in programs.items():
            if found != program():
                raise ScenarioError(
                    f"{self.address}: worker {worker} has another program: {differences(program(), found)}; install "
                    "the same version there"
                )


def _connected(address: str) -> Any:
    try:
        client: Any = importlib.import_module("distributed").Client
    except ImportError as problem:
        raise ScenarioError("a cluster needs Dask: pip install 'cloudtrade[cluster]'") from problem
    try:
        return client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (TimeoutError, OSError, ValueError) as problem:
        raise ScenarioError(
            f"{address}: no Dask scheduler answers there ({problem}); expected an address such as tcp://10.0.0.5:8786"
        ) from problem
