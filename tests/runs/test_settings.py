"""Settings of a run: which are refused, and which are no more than a wish."""

from __future__ import annotations

import pytest

import sim
from sim.cli import main
from sim.errors import ScenarioError
from tests.runs.conftest import PATHS


@pytest.mark.parametrize(
    ("option", "value"), [("workers", 0), ("workers", -2), ("batch", 0), ("draws", 0), ("paths", -1)]
)
def test_numbers_that_are_too_small_are_refused(option, value, restless, restless_file, computed, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["run", str(restless_file), f"--{option}", str(value)])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err
    with pytest.raises(ScenarioError, match=f"{option} is {value}"):
        sim.run(restless, **{option: value})
    assert computed == []


@pytest.mark.depth
def test_more_workers_than_draws_work(commands, undisturbed, assert_same):
    done = commands.run(3, "--workers", "7", "--batch", "1", "--paths", str(PATHS))
    assert done.returncode == 0, done.stderr
    assert_same(commands.result, undisturbed(3))


def test_an_unknown_setting_is_refused_by_name(restless):
    with pytest.raises(TypeError, match="worker"):
        sim.run(restless, worker=2)
