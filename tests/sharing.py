"""What costs much and is only read is made once for all workers: by the one that comes first, into one folder."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

Value = TypeVar("Value")


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

    def value(self, name: str, make: Callable[[], Value]) -> Value:
        """Give what whoever asks first has made; nobody may change it."""
        folder = self.folder(name, lambda place: _keep(make(), place / VALUE))
        held: Value = pickle.loads((folder / VALUE).read_bytes())  # noqa: S301 (written by `_keep`)
        return held


VALUE = "value.pickle"


def _keep(value: object, file: Path) -> None:
    file.write_bytes(pickle.dumps(value))


def shared_root(basetemp: Path) -> Path:
    """Give the folder above those of the workers, or this process's own where there are no workers."""
    return basetemp.parent if "PYTEST_XDIST_WORKER" in os.environ else basetemp
