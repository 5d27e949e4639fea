"""The explorer as users start it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRAWS = 20
"""Draws in which every answer of these tests is run."""
PATIENCE = 180
"""Seconds after which a start counts as failed."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sim", "explore", *arguments]


def environment() -> dict[str, str]:
    """Without a browser to be found, and with output as it comes."""
    screens = {"DISPLAY", "WAYLAND_DISPLAY"}
    held = {name: value for name, value in os.environ.items() if name not in screens}
    return held | {"PYTHONUNBUFFERED": "1", "BROWSER": "false"}


class Served:
    """A process that serves the explorer, and what it said."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.folder, self.lines = free_port(), folder, []
        arguments = command(*options, "--port", str(self.port))
        self.process = subprocess.Popen(
            arguments, cwd=folder, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._ready.wait(PATIENCE), self.said

    @property
    def said(self) -> str:
        return "".join(self.lines)

    @property
    def address(self) -> str:
        """What the user is told to open."""
        found = re.search(r"is at (http://\S+) \(", self.said)
        assert found, self.said
        return found[1]

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line)
            if re.search(r"is at http://\S+ \(", line):
                self._ready.set()
        self._ready.set()

    def interrupt(self) -> int:
        """Press Ctrl-C, and give the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        return code


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    started = Served(folder, *options)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.interrupt()
