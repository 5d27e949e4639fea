"""Everything that `make bench` measures is tried in small first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import scaling
from benchmarks.children import ROOT
from benchmarks.scaling_page import page
from benchmarks.timing import seconds_per_draw
from benchmarks.trade import ONE_WAY_IN, PRICED, pricing_work
from sim.scenario.loading import load


def test_all_parts_are_measured_in_small_and_make_a_page(tmp_path: Path) -> None:
    pytest.importorskip("mesa", reason="`make bench` installs the peers")
    measure = [sys.executable, "benchmarks/run.py", "--quick", "--out", str(tmp_path)]
    subprocess.run(measure, cwd=ROOT, check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"results.json", "performance.md", "performance.png"}


def test_seventy_two_packages_are_priced() -> None:
    priced = load(PRICED, ONE_WAY_IN)
    assert len(priced.talks.combinations) == 72
    assert seconds_per_draw(pricing_work(priced, 4))["cpu"] > 0


def test_costs_of_many_draws_are_measured_in_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in (("REPETITIONS", 1), ("BATCHES", 1), ("EMPTY_TASKS", 5)):
        monkeypatch.setattr(scaling, name, small)
    costs = scaling.measured()
    assert costs.worker > 0
    assert page(costs).startswith("# What a very large study costs")
