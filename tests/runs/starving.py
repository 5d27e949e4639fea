"""The command in a system that gives out after so many threads or processes: `starving.py FILE OUT DRAWS`.

Cases come as lines of JSON; for each comes back how the run ended, what it said, and how the same one ended without
workers. All runs are copies of this process, so that none has to import anything, and end as any process does.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from sim.cli import main

ERRORS = {
    "thread": (threading.Thread, "start", RuntimeError("can't start new thread")),
    "fork": (os, "fork", BlockingIOError(11, "no")),
}


def starve(what: str, left: int, in_workers: bool) -> None:
    """Let nothing of a kind start any more after so many, in workers or in this process itself."""
    holder, name, error = ERRORS[what]
    start, here = getattr(holder, name), os.getpid()

    def starved(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        if (os.getpid() != here) == in_workers:
            left -= 1
            if left < 0:
                raise error
        return start(*arguments, **named)

    setattr(holder, name, starved)


def command(file: str, out: Path, draws: str, *more: str) -> list[str]:
    return ["run", file, "--draws", draws, "--no-charts", "--out", str(out), "-q", *more]


def is_copy(log: Path) -> bool:
    """Go on twice: in a copy of this process that writes into a file, and here once the copy has ended."""
    copy = os.fork()
    if copy:
        ended.append(os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]))
        return False
    file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    return True


ended: list[int] = []
"""Exit codes of copies, in order."""

if __name__ == "__main__":
    file, folder, draws = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(None):  # imports all that a run needs
        main(command(file, folder / "first", "2", "--workers", "1"))
    for number, line in enumerate(sys.stdin):
        case, out, log = json.loads(line), folder / str(number), folder / f"{number}.log"
        if is_copy(log):
            starve(*case)
            main(command(file, out, draws, "--workers", "2", "--batch", "16"))
        finished = (out / Path(file).stem).exists()
        said = log.read_text(encoding="utf-8")
        if is_copy(log):
            main(command(file, out, draws, "--workers", "1"))
        print(json.dumps({"code": ended[-2], "said": said, "finished": finished, "again": ended[-1]}), flush=True)
