"""The commands do what their help says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

import sim
from sim.cli import app, main
from sim.scenario.library import library
from sim.studies.compare.comparison_answer import GAINS, HAPPENS, TRUST
from tests.commanding import ended

COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands]
SHORT = ["--set", "months=6", "--draws", "2", "--no-charts"]
STATUS_QUO, PILOT, STRONG_IP = (f"{name}_with_months_6" for name in ("status_quo", "guiyang_pilot", "strong_ip"))
"""What such runs are called."""


@pytest.fixture
def done(capsys) -> Callable[..., str]:
    """Run a command that has to succeed, and give what it prints."""

    def run(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert ended.value.code == 0, said.err
        return said.out

    return run


@pytest.fixture
def refused(capsys) -> Callable[..., str]:
    """Run a command that has to be refused, and give what it says of the reason."""

    def run(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert ended.value.code == 2, said.err
        return said.err

    return run


def test_every_command_of_the_interface_is_there():
    assert {"run", "compare", "list", "show", "diff", "check", "schema", "new", "validate"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(done, command):
    said = done(command, "--help")
    assert f"Example: cloudtrade {command}" in said


def test_the_program_says_its_version(done):
    assert done("--version").strip() == f"cloudtrade {sim.__version__}"


def test_help_needs_none_of_the_heavy_libraries():
    code = (
        "import sys, sim.cli; print(sorted({'pandas', 'matplotlib', 'numpy', 'pydantic', 'simpy'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_runs_without_charts_do_not_wait_for_matplotlib():
    code = "import sys, sim; sim.run; print('matplotlib' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_the_list_has_every_scenario_with_its_parent(done, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")
    lines = done("list").splitlines()
    for name in library():
        assert any(line.startswith(f"{name} ") for line in lines)
    assert any(line.strip().startswith("on base_2018") for line in lines)


def test_show_gives_each_value_with_file_and_line(done):
    lines = done("show", "status_quo", "--only", "demand").splitlines()
    assert all("demand." in line for line in lines)
    place = next(line for line in lines if "demand.market_elasticity = " in line).split()[0]
    file, number = place.split(":")
    assert "market_elasticity" in Path(file).read_text(encoding="utf-8").splitlines()[int(number) - 1]


def test_show_can_print_a_file_that_loads(done, tmp_path):
    path = tmp_path / "copy.yaml"
    path.write_text(done("show", "guiyang_pilot", "--yaml", "--set", "months=6"), encoding="utf-8")
    assert sim.load(path) == sim.load("guiyang_pilot", set={"months": 6})


def test_diff_names_what_differs_and_says_so_where_nothing_does(done):
    said = done("diff", "status_quo", "guiyang_pilot")
    assert "policies.guiyang_pilot.slots" in said
    assert "demand" not in said
    assert done("diff", "status_quo", "status_quo").strip() == "status_quo and status_quo have the same values"


@pytest.mark.depth
def test_check_finds_no_problems_in_the_library(done):
    assert done("check", *library().values()).count("no problems") == len(library())


def test_the_schema_is_json(done):
    assert json.loads(done("schema"))["title"] == "Scenario"


def test_new_writes_a_file_that_runs(done, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done("new", "my_pilot", "--from", "guiyang_pilot")
    assert yaml.safe_load((tmp_path / "my_pilot.yaml").read_text(encoding="utf-8"))["extends"] == "guiyang_pilot"
    done("check", "my_pilot.yaml")
    done("run", "my_pilot", *SHORT)
    assert sim.read("results/my_pilot_with_months_6").draws == 2


def test_new_fills_in_examples_that_run_and_refuses_others(done, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "did you mean zone?" in refused("new", "mine", "--with", "vendor,zoen")
    assert list(tmp_path.iterdir()) == []
    done("new", "mine", "--with", "zone, vendor,residency,tariff")
    assert done("check", "mine.yaml").strip() == "mine.yaml: no problems"
    done("run", "mine", *SHORT)
    assert "my_vendor" in set(sim.read("results/mine_with_months_6").vendors["vendor"])


def test_a_run_keeps_its_result_and_says_where(done, tmp_path):
    said = done("run", "status_quo", *SHORT, "--out", tmp_path, "--seed", "7")
    assert f"Wrote {tmp_path / STATUS_QUO}" in said
    assert "Revenue of US vendors in China" in said
    result = sim.read(tmp_path / STATUS_QUO)
    assert (result.draws, result.seed, result.scenario.months) == (2, 7, 6)


def test_what_a_run_keeps_runs_again_as_it_is(done, tmp_path):
    done("run", "guiyang_pilot", *SHORT, "--out", tmp_path / "first")
    done(
        "run", tmp_path / "first" / PILOT / "scenario.yaml",
        "--draws", "2", "--no-charts", "--out", tmp_path / "again",
    )  # fmt: skip
    first, again = (sim.read(tmp_path / folder / PILOT) for folder in ("first", "again"))
    assert again.scenario == first.scenario
    pd.testing.assert_frame_equal(again.kpis, first.kpis)


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> tuple[str, Path]:
    """Three scenarios in one command: what it says, and the folder of its results."""
    out = tmp_path_factory.mktemp("three")
    said = ended("run", "status_quo", "guiyang_pilot", "strong_ip", *SHORT, "--no-effects", "--out", out)
    assert said.returncode == 0
    return said.stdout, out


def test_several_scenarios_are_compared_with_the_first(three):
    said, out = three
    folders = {path.name for path in out.iterdir() if not path.name.endswith(".lock")}
    assert f"All against {STATUS_QUO}" in said
    comparisons = {f"{PILOT}_vs_{STATUS_QUO}", f"{STRONG_IP}_vs_{STATUS_QUO}"}
    assert folders == {STATUS_QUO, PILOT, STRONG_IP, f"all_vs_{STATUS_QUO}", *comparisons}
    for name in (PILOT, STRONG_IP):
        assert f"{name} against {STATUS_QUO}, 2 draws" in " ".join(said.split())


def test_three_scenarios_also_get_one_comparison_of_all(three):
    said, out = three
    folder = out / f"all_vs_{STATUS_QUO}"
    assert f"Wrote {folder}" in said
    assert set(pd.read_csv(folder / "differences.csv")["scenario"]) == {PILOT, STRONG_IP}
    assert json.loads((folder / "manifest.json").read_text())["kind"] == "comparison"


def test_without_charts_no_folder_has_any(three):
    _, out = three
    assert not [path for path in out.rglob("*") if path.suffix in {".svg", ".html"}]


def test_the_place_of_the_comparison_of_all_is_checked_before_anything_runs(refused, tmp_path):
    (tmp_path / f"all_vs_{STATUS_QUO}").mkdir(parents=True)
    (tmp_path / f"all_vs_{STATUS_QUO}" / "letter.txt").write_text("mine")
    said = refused("run", "status_quo", "guiyang_pilot", "strong_ip", *SHORT, "--out", tmp_path)
    assert f"all_vs_{STATUS_QUO}" in said
    assert {path.name for path in tmp_path.iterdir()} == {f"all_vs_{STATUS_QUO}"}


@pytest.mark.parametrize("name", ["all", "all_vs_status_quo", "strong_ip_vs_status_quo"])
def test_a_scenario_named_as_a_comparison_of_the_run_is_refused(refused, tmp_path, name):
    file = tmp_path / f"{name}.yaml"
    file.write_text("extends: status_quo\n")
    said = refused("run", "status_quo", "strong_ip", file, "--draws", "2", "--out", tmp_path / "results")
    assert f"{name}: " in said
    assert "rename the file" in said
    assert not (tmp_path / "results").exists()


@pytest.mark.depth
def test_a_scenario_called_all_can_be_compared_with_one_other(done, tmp_path):
    file = tmp_path / "all.yaml"
    file.write_text("extends: status_quo\n")
    said = done("run", "status_quo", file, *SHORT, "--no-effects", "--out", tmp_path / "results")
    assert f"all_with_months_6_vs_{STATUS_QUO}" in said


@pytest.mark.depth
def test_a_comparison_says_where_runs_part_and_which_values_matter(done, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "extends: guiyang_pilot\ntitle: Mine\nmonths: 24\nzones: {guiyang: {incidents_per_year: 0}}\n", encoding="utf-8"
    )
    wanted = "--draws", "2", "--no-charts", "--full", "--set", "months=24"
    said = done("run", "status_quo", mine, *wanted, "--out", tmp_path)
    both = "mine_with_months_24", "status_quo_with_months_24"
    assert re.search(rf"{' and '.join(both)} part in January 2020: .*guiyang.* only in {both[0]}", said)
    values = pd.read_csv(tmp_path / "_vs_".join(both) / "changed_values.csv").set_index("path")
    assert not {"title", "question"} & set(values.index)
    planted = values.loc["zones.guiyang.incidents_per_year"]
    assert planted["effect"] == "changed nothing in 32 draws"
    assert "changed nothing in 32 draws" in said
    partings = pd.read_csv(tmp_path / "_vs_".join(both) / "partings.csv")
    assert partings.loc[0, "event_date"].startswith("2020-01-01")


@pytest.mark.depth
def test_values_are_not_tried_where_the_user_does_not_want_it(done, tmp_path):
    done("run", "status_quo", "strong_ip", *SHORT, "--out", tmp_path, "--no-effects")
    values = pd.read_csv(tmp_path / f"{STRONG_IP}_vs_{STATUS_QUO}" / "changed_values.csv")
    assert set(values["effect"]) == {"not tried"}


@pytest.mark.depth
def test_folders_of_other_draws_or_seeds_are_compared_and_the_loss_is_said(done, tmp_path):
    done("run", "status_quo", *SHORT, "--out", tmp_path / "two")
    done("run", "status_quo", "--set", "months=6", "--draws", "3", "--no-charts", "--out", tmp_path / "three")
    done("run", "status_quo", *SHORT, "--out", tmp_path / "seed", "--seed", "9")
    folders = [tmp_path / name / STATUS_QUO for name in ("two", "three", "seed")]
    said = " ".join(done("compare", *folders, "--full").split())
    assert "only those in both are compared, 2" in said
    assert "seed 9" in said
    assert "where they part cannot be told" in said


@pytest.mark.depth
def test_kept_results_can_be_compared_later_with_small_multiples(done, three, tmp_path):
    _, out = three
    folders = [out / name for name in (STATUS_QUO, PILOT, STRONG_IP)]
    said = done("compare", *folders, "--no-effects", "--out", tmp_path / "compared")
    assert f"{PILOT} against {STATUS_QUO}" in " ".join(said.split())
    differences = pd.read_csv(tmp_path / "compared" / "differences.csv")
    kept = pd.read_csv(out / f"all_vs_{STATUS_QUO}" / "differences.csv")
    pd.testing.assert_frame_equal(differences, kept)
    panels = pd.read_csv(tmp_path / "compared" / "charts" / "differences.csv")
    assert set(panels["scenario"]) == {PILOT, STRONG_IP}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.depth
def test_the_answer_reads_on_a_plain_screen_of_any_width(done, three, monkeypatch, columns):
    _, out = three
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": str(columns)}.items():
        monkeypatch.setenv(name, value)
    said = done("compare", out / STATUS_QUO, out / PILOT)
    lines = said.splitlines()
    assert "\x1b" not in said
    assert max(map(len, lines)) <= columns
    asked = [line.partition(": ")[0] for line in lines]
    assert asked.index(HAPPENS) < asked.index(TRUST)


def test_the_answer_can_be_had_as_json_and_nothing_beside_it(done, three):
    _, out = three
    said = json.loads(done("compare", out / STATUS_QUO, out / PILOT, "--json"))
    (other,) = said["scenarios"]
    assert (said["reference"], other["name"]) == (STATUS_QUO, PILOT)
    assert {HAPPENS, GAINS, TRUST} <= set(other["answer"])
    differences = pd.read_csv(out / f"{PILOT}_vs_{STATUS_QUO}" / "differences.csv").set_index("kpi")["mean"]
    for row in other["gains"]:
        assert row["sign"] * row["gain_bn"] == pytest.approx(differences[row["kpi"]], abs=1e-9)


def test_a_finished_result_is_replaced_by_one_of_another_seed_only_where_that_is_said(done, refused, tmp_path):
    done("run", "status_quo", *SHORT, "--out", tmp_path)
    said = refused("run", "status_quo", *SHORT, "--out", tmp_path, "--seed", "9")
    assert f"{tmp_path / STATUS_QUO}: holds a run of {STATUS_QUO} with other inputs (seed 1, here 9)" in said
    assert sim.read(tmp_path / STATUS_QUO).seed == 1
    done("run", "status_quo", *SHORT, "--out", tmp_path, "--seed", "9", "--replace")
    assert sim.read(tmp_path / STATUS_QUO).seed == 9


def test_the_module_is_the_command():
    said = subprocess.run([sys.executable, "-m", "sim", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == f"cloudtrade {sim.__version__}"


def test_a_reader_that_goes_away_is_no_error():
    command = f"{sys.executable} -m sim show base_2018 | head -n 1"
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)  # noqa: S607
    assert said.stderr == ""
    assert len(said.stdout.splitlines()) == 1


def test_an_interrupted_run_ends_without_a_traceback(monkeypatch, capsys, tmp_path):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.runs.run_many.run_many", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["run", "status_quo", "--out", str(tmp_path)])
    assert ended.value.code == 130
    assert "Traceback" not in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_one_long_value_does_not_push_the_sources_of_all_others_off_the_screen(done):
    line = next(line for line in done("show", "status_quo").splitlines() if "countries.us.gdp_bn = " in line)
    assert line.index("World Bank") < 60 + 60 + len("    ") + 60


def test_names_in_the_list_stay_whole_on_a_narrow_screen(done, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = done("list").split()
    assert set(library()) <= set(said)
