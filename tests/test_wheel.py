"""The built wheel works in an empty environment, far from the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.depth

REPOSITORY = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Installation:
    """A wheel, the environment that holds it and its dependencies, and a folder to work in."""

    wheel: Path
    programs: Path
    elsewhere: Path

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run an installed program in the other folder and return what it prints."""
        return succeed(self.programs / program, *arguments, folder=self.elsewhere)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="cloudtrade-wheel-") as name:
        folder = Path(name).resolve()
        wheel = build_wheel(folder / "dist")
        programs = install(wheel, folder / "environment")
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        yield Installation(wheel, programs, elsewhere)


def build_wheel(folder: Path) -> Path:
    """Build the source distribution, and the wheel from nothing but that."""
    succeed(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, REPOSITORY, folder=REPOSITORY)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> Path:
    """Install a wheel with the tested versions of its dependencies, and return the folder of programs."""
    venv.create(environment, symlinks=os.name != "nt")
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", programs / "python", "--disable-pip-version-check")
    constraints = REPOSITORY / "constraints.txt"
    # Python compiles what the tests below import, which is little of all that is installed.
    succeed(*pip, "install", "--quiet", "--no-compile", "--constraint", constraints, wheel, folder=environment)
    return programs


def succeed(*command: str | Path, folder: Path) -> str:
    """Run a command away from this process's Python settings, and fail with all it said if it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        words = " ".join(map(str, command))
        pytest.fail(f"`{words}` ended with {done.returncode}:\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


def plain_environment() -> dict[str, str]:
    """Return this process's variables without those that could lead back to the repository."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST_"))}
    inherited.pop("VIRTUAL_ENV", None)
    return inherited | {"COLUMNS": "200", "MPLBACKEND": "Agg"}


def files_below(folder: Path, pattern: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob(pattern)}


def library_names() -> set[str]:
    return {path.stem for path in (REPOSITORY / "scenarios").glob("*.yaml")}


def test_the_wheel_holds_the_package_its_facts_and_the_scenario_library(installation):
    package = files_below(REPOSITORY / "sim", "*.py") | files_below(REPOSITORY / "sim", "*.csv") | {"py.typed"}
    library = files_below(REPOSITORY / "scenarios", "*.yaml")
    held = set(zipfile.ZipFile(installation.wheel).namelist())
    assert {f"sim/{name}" for name in package} <= held
    assert {f"sim/_scenarios/{name}" for name in library} <= held


def test_the_wheel_holds_nothing_but_the_package(installation):
    held = zipfile.ZipFile(installation.wheel).namelist()
    folders = {name.split("/")[0] for name in held if ".dist-info/" not in name}
    assert folders == {"sim"}


def test_the_installed_package_is_the_one_that_runs(installation):
    place = Path(installation.run("python", "-c", "import sim; print(sim.__file__)").strip())
    assert place.is_relative_to(installation.programs.parent)


def test_the_installed_command_lists_every_scenario(installation):
    listed = installation.run("cloudtrade", "list")
    assert {name for name in library_names() if name not in listed} == set()


def test_the_module_does_what_the_command_does(installation):
    assert installation.run("python", "-m", "sim", "list") == installation.run("cloudtrade", "list")


def test_the_installed_scenarios_have_no_problems(installation):
    files = sorted(installation.programs.parent.rglob("sim/_scenarios/*.yaml"))
    assert {path.stem for path in files} == library_names()
    installation.run("cloudtrade", "check", *files)


@pytest.mark.long
def test_a_run_outside_the_repository_leaves_a_finished_result(installation):
    installation.run("cloudtrade", "run", "status_quo", "--set", "months=12", "--draws", "3", "--out", "kept")
    result = installation.elsewhere / "kept" / "status_quo_with_months_12"
    assert json.loads((result / "manifest.json").read_text(encoding="utf-8"))["draws"] == 3
    assert len(pd.read_parquet(result / "kpis")) == 3
    assert (result / "scenario.yaml").is_file()
    assert any((result / "charts").glob("*.svg"))


def test_python_runs_a_scenario_outside_the_repository(installation):
    printed = installation.run(
        "python", "-c", "import sim; print(len(sim.run('status_quo', 3, set={'months': 12}).kpis))"
    )
    assert printed.split() == ["3"]
