"""The command to its end: in a process of its own, or by the same entry point at a fraction of the time."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import main


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own, on a wide terminal."""
    words = [sys.executable, "-m", "sim", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"})


def ended(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in this process; an error that it does not handle comes up here."""
    words, out, err = [str(argument) for argument in arguments], io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as code:
        main(words)
    return subprocess.CompletedProcess(words, int(code.value.code or 0), out.getvalue(), err.getvalue())
