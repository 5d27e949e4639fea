"""Starts kept in a file, so that every process of a peer reads them for itself."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from benchmarks.start import Start, starts

KEPT = 10
"""Draws kept; peers that play more begin again with the first."""


def keep(begins: Iterable[Start], file: Path) -> None:
    """Write the starts of some draws."""
    file.write_bytes(pickle.dumps(list(begins)))


@cache
def kept(file: str) -> list[Start]:
    """Read all starts of a file, once in each process."""
    begins: list[Start] = pickle.loads(Path(file).read_bytes())  # noqa: S301 (written by `keep`)
    return begins


def start_of(file: str, draw: int) -> Start:
    """Give the start of a draw; draws beyond those kept begin again with the first."""
    begins = kept(file)
    return begins[draw % len(begins)]


def main(file: str) -> None:
    """Keep the starts that peers play over and over."""
    from benchmarks.tasks import FIXED, SEED  # noqa: PLC0415
    from sim.scenario.loading import load  # noqa: PLC0415

    keep(starts(load(FIXED), SEED, range(KEPT)), Path(file))
    json.dump({"draws": KEPT}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
