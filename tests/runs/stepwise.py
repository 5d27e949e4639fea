"""Kills a run at each of its operations on the disk in turn, and lets another one go on: `stepwise.py FILE OUT DRAWS`.

Prints a line of JSON for each operation. All runs are copies of this process, so that none has to import anything.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from functools import wraps
from pathlib import Path
from typing import Any

import sim.runs.batch_task
from sim.cli import main
from sim.model.batch import run_batch
from sim.model.recorder import Paths
from sim.runs.address import Place
from sim.scenario.schema import Scenario

OPERATIONS = ((Place, "write"), (Place, "remove"), (Place, "copy_to"), (Path, "rename"), (shutil, "rmtree"))
"""All by which the package changes a disk; writing a file whole is one operation."""
OLD_SEED, NEW_SEED = 2, 1


def command(file: str, out: Path, draws: int, seed: int) -> list[str]:
    more = ["--seed", str(seed), "--workers", "1", "--no-charts", "--quiet", "--paths", "10", "--replace"]
    return ["run", file, "--draws", str(draws), "--out", str(out), *more]


def in_a_copy(work: Callable[[], None]) -> int:
    """Do something in a copy of this process, and give how that ended: exit code, or minus the number of a signal."""
    copy = os.fork()
    if copy == 0:
        sys.stdout = sys.stderr = io.StringIO()
        try:
            work()
        except SystemExit as ended:
            os._exit(int(ended.code or 0))
        os._exit(70)
    return os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])


def kill_before(step: int) -> None:
    """Make this process kill itself before its operation of that number."""
    count = 0

    def counted(operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def counting(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return operation(*arguments, **options)

        return counting

    for holder, name in OPERATIONS:
        setattr(holder, name, counted(getattr(holder, name)))


def note_batches(path: Path) -> None:
    """Make this process note each batch that it computes in a file."""

    def noted(scenario: Scenario, draws: range, *rest: Any, **how: Any) -> Paths:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{draws.start}\n")
        return run_batch(scenario, draws, *rest, **how)

    sim.runs.batch_task.run_batch = noted


def hash_in(place: Path) -> str:
    return str(sim.read(place).manifest["content_hash"])


def steps(file: str, out: Path, draws: int) -> Iterator[dict[str, Any]]:
    name = Path(file).stem
    with suppress(SystemExit), redirect_stdout(io.StringIO()):  # here, so that copies find all imported
        main(command(file, out / "old", draws, OLD_SEED))
    kept = False
    for step in range(1, 1000):
        folder, notes = out / str(step), out / f"{step}.batches"
        shutil.copytree(out / "old", folder)
        notes.touch()
        ended = in_a_copy(lambda: (kill_before(step), main(command(file, folder, draws, NEW_SEED))))  # noqa: B023
        if ended == 0:
            return
        kept = kept or any(folder.glob("*.unfinished/done/*.json"))
        between = hash_in(folder / name)
        again = in_a_copy(lambda: (note_batches(notes), main(command(file, folder, draws, NEW_SEED))))  # noqa: B023
        yield {
            "step": step,
            "killed": ended == -signal.SIGKILL,
            "between": between,
            "kept": kept,
            "computed": len(notes.read_text(encoding="utf-8").split()),
            "again": again,
            "after": hash_in(folder / name),
            "files": sorted(path.name for path in folder.iterdir()),
        }


if __name__ == "__main__":
    for held in steps(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])):
        print(json.dumps(held), flush=True)
