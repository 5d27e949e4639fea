"""Progress is a bar where somebody looks at a terminal, plain lines where not, and nothing when it is not wanted."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

import sim
from sim.runs import progress
from tests.runs.conftest import PATHS

DRAWS = 64
HOW = ("--workers", "2", "--batch", "8")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@pytest.mark.depth
def test_a_quiet_command_says_nothing_on_the_error_stream(commands):
    done = commands.run(DRAWS, *HOW, "-q")
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_command_whose_error_stream_is_no_terminal_prints_no_control_characters(commands):
    done = commands.run(DRAWS, *HOW)
    assert done.returncode == 0
    assert not CONTROL.search(done.stderr)
    assert not CONTROL.search(done.stdout)


def test_where_no_bar_can_be_drawn_lines_say_how_far_a_run_is(restless, monkeypatch, capsys):
    monkeypatch.setattr(progress, "SECONDS_BEFORE_FIRST_LINE", 0.0)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    sim.run(restless, DRAWS, paths=PATHS, workers=1, batch=8, progress=True)
    said = capsys.readouterr()
    assert said.out == ""
    assert not CONTROL.search(said.err)
    line = re.compile(r"restless: (\d+) of 64 draws, [\d,]+ draws/s, [\d,]+ s left")
    found = [line.fullmatch(held) for held in said.err.splitlines()]
    assert len(found) >= 7
    assert all(found), said.err
    counts = [int(match.group(1)) for match in found if match]
    assert counts == sorted(counts)
    assert set(counts) == set(range(8, 64, 8))


def test_draws_that_were_there_already_count_as_done(restless, monkeypatch, capsys, tmp_path):
    how = {"paths": PATHS, "workers": 1, "batch": 8, "out": tmp_path / "result", "charts": False}
    sim.run(restless, 40, **how)
    monkeypatch.setattr(progress, "SECONDS_BEFORE_FIRST_LINE", 0.0)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    sim.run(restless, DRAWS, progress=True, **how)
    assert re.findall(r"restless: (\d+) of 64", capsys.readouterr().err)[0] == "48"


def test_a_function_call_shows_nothing_unless_asked_to(restless, capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BEFORE_FIRST_LINE", 0.0)
    sim.run(restless, DRAWS, paths=PATHS, workers=1, batch=8)
    assert capsys.readouterr() == ("", "")


def on_a_terminal(commands, *more: str) -> tuple[int, str]:
    """Run two scenarios with a pseudo-terminal as error stream, and give exit code and what it shows."""
    other = commands.out.parent / "calmer.yaml"
    text = commands.file.read_text(encoding="utf-8")
    other.write_text(text.replace("name: restless", "name: calmer"), encoding="utf-8")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "sim", *commands.arguments(DRAWS, str(other), *HOW, *more)]
    process = commands.spawn(
        command, {"TERM": "xterm-256color", "COLUMNS": "120"}, stderr=theirs, stdout=subprocess.DEVNULL
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            held = os.read(ours, 65536)
        except OSError:  # so ends a terminal to which nobody writes any more
            break
        if not held:
            break
        shown += held
    os.close(ours)
    return process.wait(), shown.decode()


@pytest.mark.depth
def test_a_terminal_shows_a_bar_for_each_scenario(commands):
    code, shown = on_a_terminal(commands)
    assert code == 0
    for name in ("restless", "calmer"):
        assert re.search(rf"{name}\S* .*\d+/64 draws", shown), shown
    assert "64/64 draws" in shown
    assert "draws/s" in shown
    assert "\x1b[" in shown


@pytest.mark.depth
def test_a_quiet_command_shows_nothing_on_a_terminal_either(commands):
    assert on_a_terminal(commands, "--quiet") == (0, "")
