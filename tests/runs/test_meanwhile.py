"""What a copy of the process makes meanwhile comes in any case, and what is wrong with it is told to who wants it."""

from __future__ import annotations

import os
import signal

import pytest

import sim.runs.meanwhile
from sim.runs.meanwhile import meanwhile


@pytest.fixture(autouse=True)
def an_idle_core(monkeypatch) -> None:
    """A test run has threads of its own, which a command has not; the copies here do not touch them."""
    monkeypatch.setattr(sim.runs.meanwhile, "can_fork", lambda: True)
    monkeypatch.setattr(sim.runs.meanwhile, "cores", lambda: 1_000)


def test_a_copy_makes_it_once():
    made = meanwhile(lambda: [os.getpid(), *range(100_000)])
    assert made()[0] != os.getpid()
    assert made() is made()
    assert len(made()) == 100_001


def test_where_all_cores_are_busy_it_is_made_here_when_it_is_wanted(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (1_000.0, 0.0, 0.0))
    made = meanwhile(os.getpid)
    assert made() == os.getpid()


def test_where_no_process_can_start_it_is_made_here(monkeypatch):
    def starved() -> int:
        raise BlockingIOError(11, "no")

    monkeypatch.setattr(os, "fork", starved)
    assert meanwhile(os.getpid)() == os.getpid()


def test_what_a_dead_copy_has_not_made_is_made_here():
    here = os.getpid()

    def make() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    assert meanwhile(make)() == here


def test_what_is_wrong_with_it_is_raised_where_it_is_wanted(capfd):
    made = meanwhile(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        made()
    assert capfd.readouterr().err == ""
