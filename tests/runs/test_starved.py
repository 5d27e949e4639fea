"""Where the system lets no thread or process start, a run ends in words instead of waiting for ever."""

from __future__ import annotations

import sys

import pytest

from tests.depth import quick
from tests.runs.commands import PATIENCE, Commands

STARVED = """
import os, threading
left, start, fork = {left}, {call}, os.getpid()
def starved(*arguments, **named):
    global left
    if (os.getpid() != fork) == {in_workers}:
        left -= 1
        if left < 0:
            raise {error}
    return start(*arguments, **named)
{call} = starved
from sim.cli import main
main()
"""
"""The command in a system that gives out after so many threads or processes, in workers or in the process itself."""
THREAD, FORK = (
    ("threading.Thread.start", "RuntimeError('can\\'t start new thread')"),
    ("os.fork", "BlockingIOError(11, 'no')"),
)
CASES = [
    *((THREAD, left, False) for left in range(6)),
    *((FORK, left, False) for left in range(3)),
    (THREAD, 0, True),
    (THREAD, 1, True),
]


def starved(commands: Commands, call: str, error: str, left: int, in_workers: bool) -> tuple[int, str]:
    code = STARVED.format(call=call, error=error, left=left, in_workers=in_workers)
    how = ("--workers", "2", "--batch", "16", "-q")
    process = commands.spawn([sys.executable, "-c", code, *commands.arguments(64, *how)])
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out + err


@pytest.mark.parametrize("case", quick(CASES, (THREAD, 3, False), (FORK, 1, False)))
def test_a_run_that_can_start_nothing_ends_in_words_and_can_be_gone_on_with(case, commands):
    """Threads that are tried before the pool is made do not count as those of the pool."""
    (call, error), left, in_workers = case
    code, said = starved(commands, call, error, left, in_workers)
    assert "Traceback" not in said
    assert code in {0, 2, 3}
    assert commands.folder.exists() == (code != 2), said
    if code == 2 and not in_workers:
        assert "with --workers 1, which needs none" in said
        assert commands.run(64, "--workers", "1").returncode == 0
