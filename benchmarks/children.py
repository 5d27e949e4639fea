"""Each measurement is a process of its own, numerical libraries held to one core; peak memory of it and its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
ONE_CORE = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "ARROW")}
MIB = 2**20
LOOK_EVERY_SECONDS = 0.1


def from_module(module: str, *arguments: object) -> Any:
    """Run a module and read the JSON that it prints."""
    answer = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT, env=os.environ | ONE_CORE, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(answer.stdout)


def watched_module(module: str, *arguments: object) -> dict[str, Any]:
    """Do the same, and add the seconds that it took and the most memory that it and all its children held at once.

    Memory that processes share is divided among them, where the system tells (Linux); elsewhere it counts for each.

    Raises
    ------
    CalledProcessError
        If it fails.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with tempfile.TemporaryFile() as answer:
        clock, peak = time.perf_counter(), 0
        process = psutil.Popen(command, cwd=ROOT, env=os.environ | ONE_CORE, stdout=answer)
        while process.poll() is None:
            peak = max(peak, resident(process))
            time.sleep(LOOK_EVERY_SECONDS)
        seconds = time.perf_counter() - clock
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        answer.seek(0)
        found: dict[str, Any] = json.loads(answer.read())
    return found | {"seconds": seconds, "peak_mib": peak / MIB}


def resident(process: psutil.Process) -> int:
    """Bytes that a process and all its children hold now."""
    total = 0
    try:
        members = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for member in members:
        try:
            held = member.memory_full_info()
            total += getattr(held, "pss", held.rss)
        except psutil.Error:  # it has just ended
            continue
    return total
