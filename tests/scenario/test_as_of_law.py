"""A run as of a day is the run of files, of scenarios and of facts, from which later lines were deleted.

Here the lines are really deleted, by code of its own, in a copy of the whole program, and the real command runs both.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.scenario.layers import combined, read_ancestry
from sim.scenario.library import find
from tests.commanding import ended
from tests.depth import usual

pytestmark = pytest.mark.depth

ROOT = Path(__file__).parents[2]
SMALL = ("--draws", "4", "--paths", "0", "--no-charts", "--quiet", "--workers", "1")
DAYS = (
    ("talks_collapse", "2019-05-20"),
    ("phase_one_2020", "2020-01-20"),
    ("talks_2018_2020", "2019-03-28"),
    ("today", "2026-06-15"),
)
"""Between announcement and force, between two answers, within the talks, with a fact announced before it holds."""


def known_from(facts: Path) -> dict[str, dt.date]:
    """Day on which each row of the files of facts became known, read off its columns."""
    announced = {row["key"]: row["announced"] for row in rows_of(facts / "announced.csv")}
    found = {}
    for file in facts.glob("*.csv"):
        for row in rows_of(file):
            year = (row.get("year") or "")[-4:]
            quarter = {"Q1": "04-01", "Q2": "07-01", "Q3": "10-01", "H1": "07-01"}.get(row.get("quarter", ""))
            ended = (f"{year}-{quarter}" if quarter else f"{int(year) + 1}-01-01") if year else ""
            day = announced.get(row["key"]) or row.get("date") or row.get("start") or ended
            found[row["key"]] = dt.date.fromisoformat(day) if day else dt.date.min
    return found


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


class InFull(yaml.SafeDumper):
    """Writes everything where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class Deleting:
    """Deletes from the plain data of a scenario what became known after a day."""

    def __init__(self, day: dt.date, known: dict[str, dt.date]) -> None:
        self.day, self.known = day, known
        self.needed: set[str] = set()

    def cited(self, held: Any) -> list[str]:
        """Rows of the facts that something cites; what says when it was announced needs them all along."""
        if isinstance(held, dict) and "fact" in held:
            row = held["fact"] if held["fact"] in self.known else held["fact"].rpartition(".")[0]
            self.needed |= {row} if "announced" in held else set()
            return [] if "announced" in held else [row]
        inner = held.values() if isinstance(held, dict) else held if isinstance(held, list) else []
        return [row for value in inner for row in self.cited(value)]

    def is_late(self, date: dt.date, held: Any, waits: bool) -> bool:
        rows = self.cited(held)
        speaks = any(row.endswith(f"{date:%Y_%m_%d}") for row in rows)
        return max([self.known[row] for row in rows] + [date] * (not speaks and not waits), default=date.min) > self.day

    def left(self, held: Any, waits: bool = False) -> Any:
        """What is left; None where nothing is."""
        if not isinstance(held, dict):
            return held
        if is_dated(held):
            return {date: value for date, value in held.items() if not self.is_late(date, value, waits)} or None
        if "fact" in held:
            return None if any(self.known[row] > self.day for row in self.cited(held)) else held
        kept = {key: self.left(value, waits and key != "known") for key, value in held.items()}
        return {key: value for key, value in kept.items() if value is not None} or ({} if not held else None)

    def policy(self, held: dict[str, Any]) -> dict[str, Any] | None:
        """What is left of a policy; None of one announced or begun later, or that is nothing without the rest."""
        starts, announced = held.get("starts"), held.get("announced")
        waits = isinstance(starts, dict)
        begins = announced or (None if waits else starts)
        if begins is not None and begins > self.day:
            return None
        if held.get("ends", dt.date.min) > self.day:
            held = {key: value for key, value in held.items() if key != "ends"}
        left = {
            field: value
            for field, value in ((field, self.left(held[field], waits)) for field in held)
            if value is not None
        }
        if announced is not None:
            for field, value in held.items():
                if is_dated(value):
                    left[field] = {min(value): value[min(value)], **left.get(field, {})}
        return left if left.keys() == held.keys() else None

    def scenario(self, held: dict[str, Any]) -> dict[str, Any]:
        policies = {name: self.policy(policy) for name, policy in held.pop("policies").items()}
        talks, posterior = held.pop("talks", {}), held.pop("posterior")
        gone = {name for name, policy in policies.items() if policy is None}
        for round_ in talks.get("rounds", []):
            if round_["date"] > self.day and talks["mode"] == "scripted":
                round_.pop("signs", None)
        if "history" in talks:
            talks["history"] = [span for span in talks["history"] if span["until"] <= self.day]
        known = [month for month in ("2021-12", "2024-12") if month <= posterior and month < f"{self.day:%Y-%m}"]
        return {
            **self.left(held),
            "posterior": known[-1] if known else None,
            "policies": {name: policy for name, policy in policies.items() if policy is not None},
            "talks": without_names(talks, gone),
        }


def is_dated(held: Any) -> bool:
    return isinstance(held, dict) and bool(held) and all(isinstance(key, dt.date) for key in held)


def without_names(held: Any, names: set[str]) -> Any:
    if isinstance(held, dict):
        return {key: without_names(value, names) for key, value in held.items()}
    if isinstance(held, list):
        kept = [without_names(item, names) for item in held if not (isinstance(item, str) and item in names)]
        return [item for item in kept if item != []]
    return held


def in_lists(held: Any) -> Any:
    """Copy plain data, lists in the place of tuples."""
    if isinstance(held, dict):
        return {key: in_lists(value) for key, value in held.items()}
    return [in_lists(item) for item in held] if isinstance(held, tuple) else held


def delete_later(root: Path, name: str, day: dt.date) -> None:
    """Delete, in a copy of the program, from a scenario and from all facts what became known after a day."""
    facts = root / "sim" / "facts"
    known = known_from(facts)
    deleting = Deleting(day, known)
    whole = in_lists(combined(read_ancestry(find(name))).plain())
    del whole["name"]
    text = yaml.dump(deleting.scenario(whole), Dumper=InFull, sort_keys=False, allow_unicode=True, width=10_000)
    (root / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for file in facts.glob("*.csv"):
        lines = rows_of(file)
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(lines[0]))
            writer.writeheader()
            writer.writerows(row for row in lines if known[row["key"]] <= day or row["key"] in deleting.needed)
    for file in (facts / "posteriors").glob("*.csv"):
        if f"{day:%Y-%m}" <= file.stem:
            file.unlink()


def content_of(out: Path) -> str:
    """Hash of all results of the one run that a folder holds."""
    (manifest,) = out.glob("*/manifest.json")
    return str(json.loads(manifest.read_text())["content_hash"])


@pytest.mark.parametrize("case", usual(DAYS, DAYS[0], DAYS[3]), ids=[f"{name}-{day}" for name, day in DAYS])
def test_a_run_as_of_a_day_is_the_run_of_files_without_later_lines(tmp_path, case):
    name, day = case
    copy = tmp_path / "copy"
    for part in ("sim", "scenarios"):
        shutil.copytree(ROOT / part, copy / part)  # with what is compiled, which would take seconds to make again
    delete_later(copy, name, dt.date.fromisoformat(day))
    done = ended("run", name, "--as-of", day, *SMALL, "--out", tmp_path / "as_of")
    assert done.returncode == 0, done.stderr
    words = [sys.executable, "-m", "sim", "run", name, *SMALL, "--out", str(tmp_path / "deleted")]
    there = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    without = subprocess.run(words, capture_output=True, text=True, check=False, env=there, cwd=tmp_path)
    assert without.returncode == 0, without.stderr
    assert content_of(tmp_path / "as_of") == content_of(tmp_path / "deleted")
