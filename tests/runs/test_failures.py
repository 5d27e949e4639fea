"""A batch that fails or kills its worker is tried again, then given up by name; all others finish."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
import sim.runs.batch_task
from sim.cli import main
from sim.errors import ScenarioError
from sim.model.batch import run_batch
from tests.depth import depth, quick
from tests.runs.commands import FAULTY, PATIENCE, Commands
from tests.runs.conftest import PATHS

DRAWS = 96
HOW = ("--workers", "2", "--batch", "16", "--paths", str(PATHS))
GUILTY = 40
"""A draw of the batch from 32 to 47."""


@pytest.fixture
def failing(monkeypatch) -> Callable[..., list[range]]:
    """Let the batches with certain draws fail, so many times each; gives the batches as they are tried."""

    def fail(*draws: int, times: int = 1000) -> list[range]:
        tried: list[range] = []

        def faulty(scenario: Any, batch: range, *rest: Any, **how: Any) -> Any:
            tried.append(batch)
            if tried.count(batch) <= times and any(draw in batch for draw in draws):
                raise FloatingPointError("a number was too large")
            return run_batch(scenario, batch, *rest, **how)

        monkeypatch.setattr(sim.runs.batch_task, "run_batch", faulty)
        return tried

    return fail


def in_process(restless, **how: Any) -> sim.RunResult:
    return sim.run(restless, DRAWS, **{"paths": PATHS, "workers": 1, "batch": 16, "charts": False} | how)


def test_a_batch_that_fails_once_leaves_no_trace(restless, failing, undisturbed, assert_same):
    tried = failing(GUILTY, times=1)
    result = in_process(restless)
    assert tried.count(range(32, 48)) == 2
    assert len(tried) == 7
    assert result.failed == []
    assert_same(result, undisturbed(DRAWS))


def test_a_batch_that_fails_twice_is_recorded_and_the_others_finish(restless, failing, undisturbed, tmp_path):
    tried = failing(GUILTY)
    result = in_process(restless, out=tmp_path / "result")
    assert tried.count(range(32, 48)) == 2
    [failed] = result.failed
    assert result.failed == result.manifest["failed"] == sim.read(tmp_path / "result").failed
    assert (failed["first"], failed["last"]) == (32, 47)
    assert re.fullmatch(
        r"FloatingPointError: a number was too large \(in sim/runs/batch_task\.py:\d+\)", failed["reason"]
    )
    told = (tmp_path / "result" / "faults.txt").read_text(encoding="utf-8")
    assert "in faulty" in told, "how it came to it, line by line"
    assert result.draws == DRAWS - 16
    whole = undisturbed(DRAWS).kpis
    assert result.kpis.equals(whole[~whole["draw"].between(32, 47)].reset_index(drop=True))
    assert (result.bands["draws"] == DRAWS - 16).all()
    assert result.manifest["content_hash"] != undisturbed(DRAWS).manifest["content_hash"]


@pytest.mark.depth
def test_a_later_run_computes_only_what_had_failed(restless, failing, undisturbed, assert_same, tmp_path):
    failing(GUILTY, 95)
    in_process(restless, out=tmp_path / "result")
    tried = failing()
    result = in_process(restless, out=tmp_path / "result")
    assert tried == [range(32, 48), range(80, 96)]
    assert result.failed == []
    assert_same(result, undisturbed(DRAWS))


@pytest.mark.depth
def test_more_draws_after_a_failure_fill_the_gap_too(restless, failing, undisturbed, assert_same, tmp_path):
    failing(GUILTY)
    in_process(restless, out=tmp_path / "result")
    failing()
    result = sim.run(restless, 150, paths=PATHS, workers=1, batch=64, out=tmp_path / "result", charts=False)
    assert_same(result, undisturbed(150))


def test_a_run_of_which_nothing_can_be_computed_is_an_error(restless, failing, tmp_path):
    failing(*range(DRAWS))
    with pytest.raises(
        ScenarioError, match=r"restless: no draw could be computed: .*a number was too large"
    ) as refused:
        in_process(restless, out=tmp_path / "result")
    assert "in faulty" in Path(str(refused.value).rpartition("see ")[2]).read_text(encoding="utf-8")
    assert not (tmp_path / "result").exists()


def test_the_command_names_the_draws_that_failed_and_ends_with_a_code_of_its_own(
    restless_file, failing, undisturbed, tmp_path, capsys
):
    command = ["run", str(restless_file), "--draws", str(DRAWS), "--no-charts", "--out", str(tmp_path)]
    command += ["--workers", "1", "--batch", "16", "--paths", str(PATHS)]
    failing(GUILTY)
    assert exit_code(command) == 3
    said = capsys.readouterr()
    assert "restless: draws 32 to 47 could not be computed (FloatingPointError: a number was too large (in" in said.err
    assert f"How it came to it: {tmp_path / 'restless' / 'faults.txt'}" in said.err
    assert f"Wrote {tmp_path / 'restless'}" in said.out
    failing()
    assert exit_code(command) == 0
    assert "could not be computed" not in capsys.readouterr().err
    assert not (tmp_path / "restless" / "faults.txt").exists()
    assert sim.read(tmp_path / "restless").manifest["content_hash"] == undisturbed(DRAWS).manifest["content_hash"]


def exit_code(command: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(command)
    return ended.value.code


# In real processes ---------------------------------------------------------------------------------------------------


def run_faulty(commands: Commands, fault: str, once: Path | None = None) -> tuple[int, str]:
    """Run the command with a fault put in, and give its exit code and what it says of errors."""
    env = {"FAULT": fault, "FAULTY_DRAW": str(GUILTY)} | ({"FAULTY_ONCE": str(once)} if once else {})
    process = commands.start(DRAWS, *HOW, env=env, program=(str(FAULTY),))
    _, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    return process.returncode, err


@pytest.mark.long
@pytest.mark.parametrize("fault", quick(("fails", "dies", "dies handing in"), "dies"))
def test_a_batch_that_fails_or_kills_its_process_once_loses_nothing(
    fault, commands, undisturbed, assert_same, tmp_path
):
    code, said = run_faulty(commands, fault, tmp_path / "once")
    assert (tmp_path / "once").exists(), "the fault was put in"
    assert code == 0, said
    assert commands.result.failed == []
    assert_same(commands.result, undisturbed(DRAWS))


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("fails", r"RuntimeError: a fault put in (in sim/runs/batch_task.py:{line})"),
        ("dies", "the process that ran it died, perhaps for want of memory"),
        pytest.param("dies handing in", "the process that ran it died, perhaps for want of memory", marks=depth),
    ],
)
def test_of_batches_that_run_together_only_the_guilty_one_is_given_up(
    fault, reason, commands, undisturbed, assert_same
):
    code, said = run_faulty(commands, fault)
    assert code == 3, said
    [failed] = commands.result.failed
    reason = reason.format(line=failed["reason"].rpartition(":")[2].rstrip(")"))
    assert failed == {"first": 32, "last": 47, "reason": reason}
    assert f"draws 32 to 47 could not be computed ({reason})" in said
    assert commands.result.draws == DRAWS - 16
    assert commands.run_here(DRAWS, *HOW).returncode == 0
    assert_same(commands.result, undisturbed(DRAWS))
