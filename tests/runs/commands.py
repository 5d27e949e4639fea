"""Real commands in processes of their own, and what they leave on the disk."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

import sim
from tests.commanding import ended

TREE = Path(sim.__file__).parents[1]
"""Where the package that is tested stands: the processes that tests start are to import the same one."""
FAULTY = Path(__file__).with_name("faulty.py")
PATIENCE = 120.0
"""Seconds after which something that has to happen counts as not happening, on however slow a machine."""


@dataclass
class Commands:
    """Runs one scenario from a file with the command line, into one folder."""

    file: Path
    out: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def arguments(self, draws: int, *more: str | Path) -> list[str]:
        """What follows the command's name."""
        put = ["--draws", str(draws), "--no-charts", "--out", str(self.out)]
        return ["run", str(self.file), *put, *map(str, more)]

    def run(
        self, draws: int, *more: str | Path, env: dict[str, str] | None = None, before: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(draws, *more, env=env, before=before)
        out, err = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def run_here(self, draws: int, *more: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command in this process and in no other, at a fraction of the time."""
        return ended(*self.arguments(draws, *more, "--workers", "1"))

    def start(
        self,
        draws: int,
        *more: str | Path,
        env: dict[str, str] | None = None,
        before: tuple[str, ...] = (),
        program: tuple[str, ...] = ("-m", "sim"),
        **streams: Any,
    ) -> subprocess.Popen[str]:
        """Start a command in a session of its own, so that signals reach it and its workers alone."""
        command = [*before, sys.executable, *program, *self.arguments(draws, *more)]
        return self.spawn(command, env, **streams)

    def start_without_end(self, draws: int, *more: str | Path) -> subprocess.Popen[str]:
        """Start a command whose last draw takes for ever, so that nothing has to come before its end."""
        env = {"FAULT": "never ends", "FAULTY_DRAW": str(draws - 1)}
        return self.start(draws, *more, env=env, program=(str(FAULTY),))

    def spawn(
        self, command: list[str], env: dict[str, str] | None = None, cwd: Path | None = None, **streams: Any
    ) -> subprocess.Popen[str]:
        """Start any process, which ends with the test."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
        around = os.environ | {"PYTHONPATH": str(TREE), "PYTHONFAULTHANDLER": "1"} | (env or {})
        process = subprocess.Popen(command, env=around, cwd=cwd, text=True, start_new_session=True, **streams)
        self.started.append(process)
        return process

    def close(self) -> None:
        """End everything that was started."""
        for process in self.started:
            kill_all(process)
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    @property
    def result(self) -> sim.RunResult:
        """What the folder holds."""
        return sim.read(self.folder)

    @property
    def folder(self) -> Path:
        """Where the finished result is to be."""
        return self.out / self.file.stem

    @property
    def draft(self) -> Path | None:
        """The folder of the run that is not finished."""
        found = list(self.out.glob(f"{self.file.stem}.*.unfinished"))
        assert len(found) <= 1
        return found[0] if found else None

    @property
    def kept(self) -> dict[str, int]:
        """Draws by name of each part that the unfinished run has kept."""
        records = self.draft.glob("done/[0-9]*.json") if self.draft else ()
        held = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in records}
        return {name: record["last"] - record["first"] + 1 for name, record in held.items()}

    def wait_for_parts(self, process: subprocess.Popen[str], count: int) -> None:
        """Wait until an unfinished run has kept so many parts."""
        wait_until(lambda: process.poll() is not None or len(self.kept) >= count)
        assert process.poll() is None, process.communicate()


def kill_all(process: subprocess.Popen[str]) -> None:
    """Kill a process and everything that it has started and that still runs in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Processes that a process has started."""
    return psutil.Process(process.pid).children(recursive=True)


def wait_until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "this never happened"
        time.sleep(0.01)


def stopped(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl-C, once; gives output and errors, or fails with where every thread of the command hangs."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        return process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        _, err = process.communicate()
        pytest.fail(f"Ctrl-C did not end the command\n{err}")
