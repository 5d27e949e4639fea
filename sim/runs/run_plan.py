"""What is to be run and how."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import ScenarioError

DEFAULT_DRAWS = 200
DEFAULT_SEED = 1
DEFAULT_PATHS = 1000


@dataclass(frozen=True)
class Plan:
    """What is to be run and how; of these only `draws`, `seed` and `paths` can change what comes out.

    Attributes
    ----------
    draws, seed
        Number of draws, and the seed.
    paths
        Full quarterly paths are kept of so many draws, the first ones.
    fast
        Whether to use compiled forms of the hottest equations.
    workers
        Processes; None for as many as there are cores.
    cluster
        Address of a Dask scheduler, used in place of processes.
    batch
        Draws advanced together; None for what suits draws and workers.
    changes
        Values changed for this run, for the manifest.
    """

    draws: int = DEFAULT_DRAWS
    seed: int = DEFAULT_SEED
    paths: int = DEFAULT_PATHS
    fast: bool = False
    workers: int | None = None
    cluster: str | None = None
    batch: int | None = None
    changes: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuse what cannot be run.

        Raises
        ------
        ScenarioError
            If a number is too small.
        """
        least = {"draws": 1, "seed": 0, "paths": 0, "workers": 1, "batch": 1}
        for name, low in least.items():
            value = getattr(self, name)
            if value is not None and value < low:
                raise ScenarioError(f"{name} is {value}; at least {low} is needed")
        if self.cluster is not None and self.workers is not None:
            raise ScenarioError("workers are processes of this machine and cluster is another; give one of the two")
