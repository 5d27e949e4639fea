"""How the command ends: its exit codes, and what it says last."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import traceback
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sim.errors import fault_in_words

EXIT_DIFFERS = 1
"""Exit code where draws run again are not what was kept, or a check of the model fails."""
EXIT_REFUSED = 2
"""Exit code where something in the user's files or arguments is wrong."""
EXIT_INCOMPLETE = 3
"""Exit code where some draws could not be computed."""
EXIT_FAULT = 4
"""Exit code where the program itself is wrong."""
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


def interrupted(stop: KeyboardInterrupt) -> int:
    """Say what an interruption leaves behind."""
    said = str(stop) or "Interrupted. Finished results are kept; nothing half-done is left."
    Console(stderr=True).print(Text(said), soft_wrap=True)
    return EXIT_INTERRUPTED


def refused(message: str) -> int:
    """Say what is wrong, without markup or wrapping, on the error stream."""
    Console(stderr=True).print(Text(message), soft_wrap=True)
    return EXIT_REFUSED


def faulty(fault: Exception) -> int:
    """Say where the program is wrong, and write all that is known of it to a file."""
    said = f"A fault of the program: {fault_in_words(fault)}."
    try:
        handle, path = tempfile.mkstemp(".txt", "cloudtrade-fault-")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write("".join(traceback.format_exception(fault)))
        said += f" {path} says how it came to it; please report it with the command. Finished batches are kept."
    except OSError:
        said += "\n" + "".join(traceback.format_exception(fault))
    refused(said)
    return EXIT_FAULT


def ready() -> None:
    """Keep a command from failing by its output: a closed stream takes all, letters that a stream lacks become `?`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (for good)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def flushed(code: int) -> int:
    """Write out what is left; a reader that has gone away is no error worth a message, a full disk is one."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return EXIT_BROKEN_PIPE
        return refused(f"standard output: {error.strerror or error}")
    return code
