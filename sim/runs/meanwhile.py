"""Something made by a copy of this process, while this one goes on with what does not need it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import tempfile
from collections.abc import Callable
from functools import cache
from typing import IO, TypeVar

from sim.runs.workers import can_fork, cores

Made = TypeVar("Made")


def meanwhile(make: Callable[[], Made]) -> Callable[[], Made]:
    """Begin to make something in a copy of this process, and give a function that waits for it and gives it.

    Where all cores are busy, no copy can be started, or it ends without having made it, this process makes it when it
    is asked for: so it always comes, and whatever is wrong with it is raised here.

    Parameters
    ----------
    make
        Makes it; what it changes in this process beside that is lost.
    """
    if not can_fork() or os.getloadavg()[0] > cores() - 1:  # no core is idle
        return cache(make)
    shelf = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been read)
    # a daemon is ended with this process
    copy = multiprocessing.get_context("fork").Process(target=_leave, args=(make, shelf), daemon=True)
    try:
        copy.start()
    except OSError:
        shelf.close()
        return cache(make)

    @cache
    def made() -> Made:
        copy.join()
        with shelf:
            shelf.seek(0)
            found: Made = pickle.load(shelf) if copy.exitcode == 0 else make()  # noqa: S301 (written by the copy)
        return found

    return made


def _leave(make: Callable[[], Made], shelf: IO[bytes]) -> None:
    """Make something, and leave it in a file; Ctrl-C ends a copy without a word, and so does what goes wrong."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # to look for waste would copy all memory that the two share
    try:
        pickle.dump(make(), shelf)
        shelf.flush()
    except Exception as problem:  # its parent will meet the same
        raise SystemExit(1) from problem
