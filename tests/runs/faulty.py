"""The command with a fault put in, wherever its batches run: FAULT says what happens to the batch with FAULTY_DRAW.

It `fails`, `dies`, `dies handing in` its part or `never ends`, always, or only once if FAULTY_ONCE names a file to
remember that by.
"""

from __future__ import annotations

import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sim.runs.batch_task
from sim.cli import main
from sim.model.batch import run_batch
from sim.model.recorder import Paths
from sim.scenario.schema import Scenario

LONG = 1_000
"""Bytes of what must be a part: no other message is as long."""


def faulty_batch(scenario: Scenario, draws: range, *rest: Any, **how: Any) -> Paths:
    if int(os.environ["FAULTY_DRAW"]) in draws and due():
        if os.environ["FAULT"] == "dies":
            die()
        while os.environ["FAULT"] == "never ends":
            time.sleep(0.1)
        if os.environ["FAULT"] == "dies handing in":
            Connection._send = send_half
            return run_batch(scenario, draws, *rest, **how)
        raise RuntimeError("a fault put in")
    return run_batch(scenario, draws, *rest, **how)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def send_half(connection: Connection, content: bytes, *_: Any) -> None:
    """Die in the middle of a long message."""
    whole = len(content) <= LONG
    os.write(connection.fileno(), content if whole else content[: len(content) // 2])
    if not whole:
        die()


def due() -> bool:
    once = os.environ.get("FAULTY_ONCE")
    if once is None:
        return True
    try:
        Path(once).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


sim.runs.batch_task.run_batch = faulty_batch

if __name__ == "__main__":
    main()
