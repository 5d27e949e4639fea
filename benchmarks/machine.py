"""What was measured, where and when."""

from __future__ import annotations

import datetime as dt
import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
LIBRARIES = ("cloudtrade", "numpy", "numba", "pandas", "pyarrow", "simpy", "mesa", "agentpy", "ema-workbench")
GIB = 2**30


def machine() -> dict[str, Any]:
    """Describe this machine and the packages."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIB, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    } | {name: metadata.version(name) for name in LIBRARIES}


def moment() -> dict[str, Any]:
    """Say when a part was measured, of which commit, and how busy the machine was."""
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "commit": commit(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """Commit measured, marked where the working tree differs from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    answer = subprocess.run(
        [git, "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


def processor() -> str:
    """Name of the processor, where the system tells it."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
