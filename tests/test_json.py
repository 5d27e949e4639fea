"""Every command answers programs with one JSON document that says what its folder holds; a new one must too.

What its folders hold is described for other programs by the rules of Frictionless Data Packages.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pandas as pd
import pytest
import typer

import sim
import sim.cli.compare
import sim.studies.validation
from sim.cli import EXAMPLES, app
from sim.cli.answering import answer, answering
from sim.cli.exits import EXIT_INTERRUPTED
from sim.errors import ModelError
from sim.studies.backtest import forecasts
from sim.studies.fit import estimating
from tests import later_data
from tests.commanding import ended
from tests.depth import quick, usual
from tests.frictionless import faults_of

COMMANDS = typer.main.get_command(app).commands
LONG = {"deals", "why", "validate", "fit", "backtest", "worth", "doctor"}
"""Commands that take many runs."""
MIDDLING = {"example", "compare", "ledger", "sweep"}
"""Commands that take several."""
CASES = [*quick(sorted(COMMANDS.keys() - LONG), *COMMANDS.keys() - LONG - MIDDLING), *usual(sorted(LONG))]
EXAMPLE_OF = {example.split()[0]: shlex.split(example)[1:] for example in EXAMPLES.values()}
MONTHS = 36
FEW: dict[str, Any] = {"draws": 8, "sample": 2, "pairs": 2, "port": 5391, "changes": f"months={MONTHS}"}
"""What makes a command short where it takes such an option."""


def arguments_of(name: str) -> list[str]:
    """The example of a command, without what the shell would write to, in few draws and without charts."""
    words = EXAMPLE_OF[name]
    few = [option for option in COMMANDS[name].params if option.name in FEW]
    short = [f"{held.opts[0]}={max(FEW[held.name], held.min) if held.min else FEW[held.name]}" for held in few]
    off = [option.secondary_opts[0] for option in COMMANDS[name].params if getattr(option, "secondary_opts", None)]
    return [*(words[: words.index(">")] if ">" in words else words), *short, *off]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder that holds what the examples name."""
    folder = tmp_path_factory.mktemp("commands")
    for name in ("status_quo", "guiyang_pilot"):
        sim.run(name, draws=4, set={"months": MONTHS}, out=folder / "results" / name, charts=False)
    (folder / "my_pilot.yaml").write_text("extends: guiyang_pilot\ntitle: Mine\n", encoding="utf-8")
    later_data.folder_of(folder / "later_data")
    return folder


@pytest.fixture
def short(monkeypatch, place) -> None:
    """Few draws also where no option says how many, and servers that end at once."""

    def interrupted(_loop: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(place)
    monkeypatch.setattr(sim.cli.compare, "EXAMPLE_DRAWS", 2)
    known_until = partial(sim.studies.validation.gather_forecasts, sim.studies.validation.forecasts.CUTOFFS[:1])
    monkeypatch.setattr(sim.studies.validation, "DRAWS", 4)
    monkeypatch.setattr(sim.studies.validation, "gather_forecasts", known_until)
    monkeypatch.setattr(estimating, "DRAWS", 128)
    monkeypatch.setattr(estimating, "ROUNDS", 1)
    monkeypatch.setattr(forecasts, "DRAWS", 200)
    monkeypatch.setattr("webbrowser.open", lambda _address: True)
    monkeypatch.setattr("tornado.platform.asyncio.BaseAsyncIOLoop.start", interrupted)


def parsed(done: CompletedProcess[str]) -> Any:
    return json.loads(done.stdout, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "name", [*quick(sorted(COMMANDS.keys() - LONG), *COMMANDS.keys() - LONG - MIDDLING), *usual(sorted(LONG))]
)
@pytest.mark.usefixtures("short")
def test_every_command_prints_one_document_and_nothing_beside_it(name):
    done = ended(name, *arguments_of(name), "--json")
    assert done.returncode in {0, EXIT_INTERRUPTED}, done.stderr
    said = parsed(done)
    assert isinstance(said, dict)
    assert said
    for table, rows in said.get("tables", {}).items():
        kept = pd.read_csv(Path(said["folder"]) / f"{table}.csv")
        assert len(rows) == len(kept)
        for row, held in zip(rows, kept.to_dict("records"), strict=True):
            assert list(row) == list(held)
            numbers = {column: value for column, value in held.items() if isinstance(value, float) and pd.notna(value)}
            assert {column: row[column] for column in numbers} == pytest.approx(numbers, rel=1e-5)
    if "tables" in said:
        manifest = json.loads((Path(said["folder"]) / "manifest.json").read_text(encoding="utf-8"))
        assert manifest.items() <= said.items()
    for folder in [*said.get("folders", []), *([said["folder"]] if "folder" in said else [])]:
        assert faults_of(Path(folder)) == []


def test_a_run_says_the_figures_of_its_summary(tmp_path):
    said = parsed(
        ended("run", "status_quo", "--draws=4", "--set=months=6", "--no-charts", f"--out={tmp_path}", "--json")
    )
    kept = pd.read_csv(Path(said["folders"][0]) / "summary.csv").set_index("kpi")
    assert said["figures"]
    for row in said["figures"]:
        assert row["mean"] == pytest.approx(kept.loc[row["kpi"], "mean"])


def test_exit_codes_are_those_without_it(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("extends: base_2018\ntitle: Good\n", encoding="utf-8")
    bad.write_text("extends: base_2018\ntitle: Bad\ndemand: {market_elasticty: 1}\n", encoding="utf-8")
    done = ended("check", good, bad, "--json")
    assert done.returncode == ended("check", good, bad).returncode == 2
    faults = {Path(held["file"]).name: held["fault"] for held in parsed(done)["files"]}
    assert not faults["good.yaml"]
    assert "market_elasticty" in faults["bad.yaml"]
    assert "market_elasticty" in done.stderr
    sim.run("status_quo", draws=2, set={"months": 6}, out=tmp_path / "kept", charts=False)
    (tmp_path / "kept" / "summary.csv").write_text("kpi\n", encoding="utf-8")
    done = ended("verify", tmp_path / "kept", "--json")
    assert done.returncode == ended("verify", tmp_path / "kept").returncode == 1
    assert not parsed(done)["agrees"]


def nothing() -> None:
    """Answer nothing."""


def twice() -> None:
    """Answer two times."""
    for _ in range(2):
        answer(lambda: {"found": 1}, lambda: None)


@pytest.mark.parametrize("command", [nothing, twice])
def test_a_command_that_does_not_answer_once_is_found(command: Callable[[], None], capsys):
    with pytest.raises(ModelError):
        answering(command)(as_json=True)
    answering(command)(as_json=False)
    capsys.readouterr()
