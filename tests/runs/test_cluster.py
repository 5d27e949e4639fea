"""A Dask cluster gives the same bits, survives the death of a worker, and is refused where it cannot be used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import sim
from sim.errors import ScenarioError
from sim.runs.workers import SECONDS_TO_ANSWER
from tests.runs.commands import PATIENCE, TREE, Commands, kill_all, stopped, wait_until
from tests.runs.conftest import PATHS

DRAWS = 200
MANY_DRAWS = 100_000
LONGEST_REFUSAL = 30.0
"""Seconds within which a user learns that nobody answers."""
IMPATIENT = "import sim.runs.workers; sim.runs.workers.SECONDS_TO_ANSWER = 1; from sim.cli import main; main()"
"""The command, with less patience for schedulers than users are given."""
EACH_REFUSED = """
import json, sys, sim, sim.runs.workers
sim.runs.workers.SECONDS_TO_ANSWER = 1
for address in sys.argv[2:]:
    try:
        sim.run(sys.argv[1], 8, cluster=address)
    except sim.ScenarioError as refused:
        print(json.dumps(str(refused)), flush=True)
"""
"""Tries a run on one address after the other, and prints each refusal."""
REGISTERED = "Registered to"
"""What a worker writes when the scheduler knows it."""


@dataclass
class Scheduler:
    """A scheduler in a process of its own, with workers in theirs."""

    commands: Commands
    folder: Path

    def __post_init__(self) -> None:
        said = self.folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(said)]
        self.process = self.start("scheduler", *options)
        wait_until(lambda: said.exists() and said.read_text(encoding="utf-8").endswith("}"))
        self.address: str = json.loads(said.read_text(encoding="utf-8"))["address"]

    def start(self, kind: str, *arguments: str, tree: Path = TREE, log: Path | None = None) -> subprocess.Popen[str]:
        """Start a part of the cluster, which writes what it does into a file."""
        command = [sys.executable, "-c", "from dask.__main__ import main; main()", kind, *arguments]
        env = {"PYTHONPATH": str(tree), "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__GIL__ENABLED": "false"}
        with (log or self.folder / f"{kind}.log").open("w", encoding="utf-8") as said:
            return self.commands.spawn(command, env, cwd=self.folder, stdout=said, stderr=said)

    def start_worker(self, name: str, tree: Path = TREE) -> subprocess.Popen[str]:
        """Start a worker process and wait until it is there."""
        options = ["--no-nanny", "--no-dashboard", "--nthreads", "1", "--host", "127.0.0.1", "--name", name]
        place, log = ["--local-directory", str(self.folder / f"{name}.d")], self.folder / f"{name}.log"
        process = self.start("worker", self.address, *options, *place, tree=tree, log=log)
        wait_until(lambda: REGISTERED in log.read_text(encoding="utf-8"))
        return process


@pytest.fixture(scope="module")
def schedulers(tmp_path_factory) -> Iterator[Callable[[], Scheduler]]:
    """Start schedulers, which end with the module, and their workers too."""
    commands = Commands(Path(), Path())
    yield lambda: Scheduler(commands, tmp_path_factory.mktemp("cluster"))
    commands.close()


@pytest.fixture(scope="module")
def cluster(schedulers) -> Scheduler:
    """A scheduler with two workers."""
    scheduler = schedulers()
    scheduler.start_worker("one")
    scheduler.start_worker("two")
    return scheduler


def how(address: str, batch: int = 16) -> tuple[str, ...]:
    return ("--cluster", address, "--batch", str(batch), "--paths", str(PATHS))


@pytest.mark.depth
@pytest.mark.parametrize("batch", [7, pytest.param(64, marks=pytest.mark.long)])
def test_a_cluster_gives_the_same_bits(batch, cluster, commands, undisturbed, assert_same):
    done = commands.run(DRAWS, *how(cluster.address, batch))
    assert done.returncode == 0, done.stderr
    assert_same(commands.result, undisturbed(DRAWS))


@pytest.mark.depth
def test_a_run_begun_on_a_cluster_ends_with_the_same_bits_on_this_machine(cluster, commands, undisturbed, assert_same):
    """A batch size of its own choice, Ctrl-C on the way, and then no cluster any more."""
    process = commands.start(MANY_DRAWS, "--cluster", cluster.address, "--paths", str(PATHS), "--batch", "16")
    commands.wait_for_parts(process, 3)
    _, err = stopped(process)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert f"draws of restless are kept in {commands.draft}" in err
    kept = dict(commands.kept)
    parts = {name: (commands.draft / "kpis" / f"{name}.parquet").stat().st_ino for name in kept}
    assert commands.run_here(DRAWS, "--paths", str(PATHS)).returncode == 0
    for name, number in parts.items():
        path = commands.folder / "kpis" / f"{name}.parquet"
        assert not path.exists() or path.stat().st_ino == number
    assert_same(commands.result, undisturbed(DRAWS))


@pytest.mark.long
@pytest.mark.depth
def test_a_dead_worker_of_a_cluster_loses_nothing(schedulers, commands, undisturbed, assert_same):
    scheduler = schedulers()
    victim = scheduler.start_worker("victim")
    scheduler.start_worker("survivor")
    process = commands.start(DRAWS, *how(scheduler.address, 4))
    commands.wait_for_parts(process, 2)
    kill_all(victim)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert_same(commands.result, undisturbed(DRAWS))


@pytest.mark.depth
def test_a_cluster_that_goes_away_ends_the_run_with_a_word_and_nothing_is_lost(
    schedulers, commands, undisturbed, assert_same
):
    scheduler = schedulers()
    worker = scheduler.start_worker("worker")
    process = commands.start(MANY_DRAWS, *how(scheduler.address))
    commands.wait_for_parts(process, 2)
    kill_all(scheduler.process)
    _, err = process.communicate(timeout=PATIENCE)
    kill_all(worker)
    assert process.returncode == 2, err
    assert "Traceback" not in err
    assert "same command again" in err
    assert len(commands.kept) >= 2
    assert commands.run_here(DRAWS, "--paths", str(PATHS)).returncode == 0
    assert_same(commands.result, undisturbed(DRAWS))


# What cannot be used ------------------------------------------------------------------------------------------------


def says_that_nobody_answers(said: str, address: str) -> bool:
    return f"{address}: no Dask scheduler answers there" in said and "expected an address such as tcp://" in said


@pytest.mark.depth
def test_an_address_where_nobody_answers_is_refused(commands):
    address = "tcp://127.0.0.1:1"
    process = commands.start(8, "--cluster", address, program=("-c", IMPATIENT))
    _, err = process.communicate(timeout=PATIENCE)
    assert SECONDS_TO_ANSWER < LONGEST_REFUSAL
    assert process.returncode == 2
    assert "Traceback" not in err
    assert says_that_nobody_answers(err, address)


@pytest.mark.depth
def test_addresses_of_any_form_where_nobody_answers_are_refused(commands):
    """In one process."""
    addresses = (
        "127.0.0.1:1", "nonsense://127.0.0.1:1", "tls://127.0.0.1:1", "inproc://127.0.0.1:1", "",
        "tcp://no.such.host.invalid:8786",
    )  # fmt: skip
    process = commands.spawn([sys.executable, "-c", EACH_REFUSED, str(commands.file), *addresses])
    out, err = process.communicate(timeout=PATIENCE)
    said = [json.loads(line) for line in out.splitlines()]
    assert "Traceback" not in err
    assert len(said) == len(addresses), err
    assert not [pair for pair in zip(said, addresses, strict=True) if not says_that_nobody_answers(*pair)]


def test_a_cluster_and_workers_together_are_refused(commands):
    refused = commands.run_here(8, "--cluster", "tcp://127.0.0.1:1")
    assert refused.returncode == 2
    assert "give one of the two" in refused.stderr


def copy_of_the_package(folder: Path) -> Path:
    """With what is compiled, which would take seconds to make again."""
    for part in ("sim", "scenarios"):
        shutil.copytree(TREE / part, folder / part)
    return folder


@pytest.mark.long
@pytest.mark.depth
def test_a_copy_of_the_same_program_elsewhere_is_the_same_program_and_a_changed_one_is_refused_and_named(
    schedulers, commands, undisturbed, tmp_path
):
    scheduler = schedulers()
    scheduler.start_worker("copy", copy_of_the_package(tmp_path / "copy"))
    done = commands.run(40, *how(scheduler.address))
    assert done.returncode == 0, done.stderr
    assert commands.result.manifest["content_hash"] == undisturbed(40).manifest["content_hash"]
    changed = copy_of_the_package(tmp_path / "changed")
    with (changed / "sim" / "model" / "equations" / "pricing.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    scheduler.start_worker("other", changed)
    refused = commands.run(48, "--cluster", scheduler.address)
    assert refused.returncode == 2
    assert "has another program: code " in refused.stderr
    assert "install the same version there" in refused.stderr
    assert not commands.kept


@pytest.mark.depth
def test_a_cluster_without_workers_and_workers_without_the_package_are_refused(schedulers, commands, tmp_path):
    scheduler = schedulers()
    refused = commands.run(8, "--cluster", scheduler.address)
    assert refused.returncode == 2
    assert f"{scheduler.address}: the scheduler has no workers" in refused.stderr
    (tmp_path / "bare" / "sim").mkdir(parents=True)
    (tmp_path / "bare" / "sim" / "__init__.py").write_text("# another package of this name\n", encoding="utf-8")
    scheduler.start_worker("bare", tmp_path / "bare")
    refused = commands.run(8, "--cluster", scheduler.address)
    assert refused.returncode == 2
    assert f"{scheduler.address}: the workers cannot run cloudtrade" in refused.stderr
    assert not commands.kept


def test_without_dask_the_extra_is_named(restless, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ScenarioError, match="cloudtrade\\[cluster\\]"):
        sim.run(restless, 8, cluster="tcp://127.0.0.1:1")
