"""What costs much and is only read is made once for all workers: by the one that comes first, into one folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock


@dataclass(frozen=True)
class Shared:
    """A folder that belongs to this run of the tests and to all its workers."""

    root: Path

    def folder(self, name: str, fill: Callable[[Path], None]) -> Path:
        """Give a folder that is filled by whoever asks first; nobody may change it afterwards."""
        place, finished = self.root / name, self.root / f"{name}.finished"
        with FileLock(self.root / f"{name}.lock"):
            if not finished.exists():
                place.mkdir()
                fill(place)
                finished.touch()
        return place


def shared_root(basetemp: Path) -> Path:
    """Give the folder above those of the workers, or this process's own where there are no workers."""
    return basetemp.parent if "PYTEST_XDIST_WORKER" in os.environ else basetemp
