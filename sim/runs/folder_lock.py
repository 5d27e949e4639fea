"""One run at a time into one place."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sim.errors import ScenarioError
from sim.runs.address import Place, unwritable


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Let nobody else write to a place meanwhile; a process that dies lets go.

    Raises
    ------
    ScenarioError
        If another run is writing to it.
    """
    if place.is_local:
        with _alone_on_disk(place):
            yield
    else:
        with _alone_elsewhere(place):
            yield


@contextmanager
def _alone_on_disk(place: Place) -> Iterator[None]:
    path = place.local.parent / f".{place.name}.lock"
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise ScenarioError(_busy(place, _owner(path))) from None
    except OSError as problem:
        raise unwritable(place, problem) from problem
    try:
        path.write_text(_myself(), encoding="utf-8")
        yield
    finally:
        lock.release()


def _owner(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"


@contextmanager
def _alone_elsewhere(place: Place) -> Iterator[None]:
    """Where no lock can be had, a file says who is there; one of this machine whose process is gone does not count."""
    mark = place.parent / f".{place.name}.lock"
    owner = mark.read().decode() if mark.exists() else ""
    if owner and not _is_gone(owner):
        raise ScenarioError(
            f"{_busy(place, owner)}. If that run was killed, delete {mark} and run the same command again"
        )
    mark.write(_myself().encode())
    try:
        yield
    finally:
        mark.remove()


def _busy(place: Place, owner: str) -> str:
    return f"{place}: another run is writing to it ({owner}); wait for it, or choose another folder with --out"


def _myself() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _is_gone(owner: str) -> bool:
    words = owner.split()
    if words[-1] != socket.gethostname() or int(words[1]) == os.getpid():
        return False
    try:
        os.kill(int(words[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
