"""What the program itself does wrong, and a reader who goes away, end without a traceback on the screen."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import EXAMPLES
from sim.errors import ModelError
from sim.runs.batch_task import Batch, Task, play, program
from tests.commanding import ended
from tests.conftest import COMPACT
from tests.depth import quick

BROKEN_PIPE = 141
TELLING = {
    "list": (), "show": ("base_2018",), "diff": ("status_quo", "escalation_2025"), "schema": (),
    "check": ("status_quo",), "--help": (), "--version": (),
    "run": (COMPACT, "--draws", 2, "--no-charts", "-q", "--workers", 1, "--set", "months=6"),
    "doctor": (COMPACT, "--draws", 1, "--set", "months=6"),
}  # fmt: skip
"""Commands that print, with what they need."""


@pytest.mark.parametrize("command", quick(TELLING, "list", "check", "run"))
@pytest.mark.depth
def test_a_reader_that_goes_away_ends_every_command_alike(command, tmp_path):
    """Whatever prints: a table, a line, or the help."""
    words = [sys.executable, "-m", "sim", command, *map(str, TELLING[command])]
    if command == "run":
        words += ["--out", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == BROKEN_PIPE, said
    assert "Traceback" not in said
    if command == "run":
        assert (tmp_path / "compact_with_months_6" / "manifest.json").exists(), "what was computed is kept"


FAULTS = [
    KeyError("china"),
    ZeroDivisionError(),
    ModelError("a sum is no sum"),
    RecursionError("deep"),
    AttributeError(),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_fault_of_the_program_names_file_line_and_the_file_with_its_traceback(fault, monkeypatch):
    def broken(*_: object) -> None:
        raise fault

    monkeypatch.setattr("sim.scenario.describing.entries_at_hand", broken)
    done = ended("list")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert f"A fault of the program: {type(fault).__name__}" in done.stderr
    assert re.search(r"\(in sim/cli/scenarios\.py:\d+\)", done.stderr)
    told = Path(re.search(r"\S+cloudtrade-fault-\S+\.txt", done.stderr)[0])
    assert "in broken" in told.read_text(encoding="utf-8")
    told.unlink()


def test_a_fault_in_a_study_says_where_in_the_worker_it_was(monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise KeyError("china")

    monkeypatch.setattr("sim.runs.batch_task.run_batch", broken)
    done = ended("doctor", COMPACT, "--draws", 2, "--set", "months=6")
    assert done.returncode == 4
    assert "KeyError: 'china' (in sim/runs/batch_task.py:" in done.stderr


class UnsendableError(Exception):
    """An error that takes two arguments, forgets one on the way, and holds what goes to no other process.

    Either is enough for plain pickle; Dask, once some test has loaded it, makes up for the first.
    """

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one)
        self.other = lambda: other


def test_an_error_that_cannot_be_sent_to_another_process_comes_in_words(monkeypatch):
    def broken(_: Batch) -> None:
        raise UnsendableError("something", "odd")

    with pytest.raises(ModelError, match=r"UnsendableError: something \(in sim/runs/batch_task\.py:\d+\)"):
        play(Task(Batch(None, range(2), 1), broken, program()))  # type: ignore[arg-type]


def test_every_command_that_prints_is_among_those_that_are_tried():
    lasting = {
        "verify",
        "compare",
        "why",
        "sweep",
        "worth",
        "ledger",
        "option",
        "decisions",
        "discover",
        "deals",
        "new",
        "explore",
        "fit",
        "backtest",
        "validate",
        "example",
    }
    assert {example.split()[0] for example in EXAMPLES.values()} == {*TELLING, *lasting} - {"--help", "--version"}
