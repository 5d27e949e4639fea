"""Scenarios and sessions that tests of the explorer share."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

import sim
from sim.explorer.controls import Control, sections_of
from sim.explorer.session import Session, open_session
from sim.scenario.layers import read_ancestry
from sim.scenario.library import library
from tests.explorer.served import DRAWS, Served, served

COMPACT = Path(__file__).parents[1] / "data" / "compact.yaml"
OTHER_NAMES = {"china": "ruritania", "us": "freedonia", "harbour": "old_port", "enterprise": "firms"}
"""Other words for names of the compact world."""


@pytest.fixture(scope="session")
def session() -> Session:
    """The pilot beside the status quo, in few draws."""
    return open_session("guiyang_pilot", draws=DRAWS)


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Served]:
    """The explorer in a process and a folder of its own, where there is no browser to be found."""
    with served(tmp_path_factory.mktemp("explored"), "--draws", str(DRAWS)) as started:
        yield started


@pytest.fixture(scope="session")
def controls_of() -> Callable[[str | Path], list[Control]]:
    """All controls of a scenario beside the one that it extends."""

    @cache
    def found(name: str | Path) -> list[Control]:
        path = library().get(str(name), Path(name))
        parent = read_ancestry(path)[-1 if len(read_ancestry(path)) == 1 else 1].path
        return [control for part in sections_of(sim.load(path), sim.load(parent)) for control in part.controls]

    return found


@pytest.fixture
def other_world(tmp_path) -> Path:
    """The compact world of the tests with other names for all that it holds, and a policy of its own."""
    text = COMPACT.read_text(encoding="utf-8")
    for old, new in OTHER_NAMES.items():
        text = re.sub(rf"(?<![A-Za-z_]){old}(?![A-Za-z_])", new, text)
    content = yaml.safe_load(text)
    content["name"] = "elsewhere"
    content["policies"] = {
        "ferry_dues": {
            "kind": "data_rules", "by": "ruritania", "market": "ruritania", "starts": dt.date(2019, 1, 1),
            "residency": {"firms": {dt.date(2019, 1, 1): 0.5, dt.date(2019, 7, 1): {"uniform": [0.2, 0.4]}}},
            "firewall": 2,
        }
    }  # fmt: skip
    path = tmp_path / "elsewhere.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path
