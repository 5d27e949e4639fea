"""What surrounds the program does not reach what it says and makes: output streams, pools, settings of libraries."""

from __future__ import annotations

import decimal
import io
import multiprocessing
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli import main
from tests.depth import depth, quick

WORDS = "Zölle für 中国 – „ja“"
SHORT = ["--draws", "2", "--no-charts", "--quiet"]
ENCODINGS = ("ascii", "cp1252", "latin-1", "cp437", "utf-8")


@pytest.fixture
def mine(tmp_path, monkeypatch) -> str:
    """A scenario with letters that few encodings have, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(
        f"extends: guiyang_pilot\ntitle: '{WORDS}'\nquestion: '{WORDS}?'\nmonths: 3\n", encoding="utf-8"
    )
    return "mine.yaml"


def printed(monkeypatch, encoding: str, *arguments: str) -> tuple[int, bytes, bytes]:
    """Run a command whose output and errors are written in an encoding; its exit code and what it wrote."""
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding))
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", ["list", "show mine.yaml --only title", "diff status_quo mine.yaml"])
def test_letters_that_an_output_lacks_are_replaced(mine, monkeypatch, command, encoding):
    code, out, _ = printed(monkeypatch, encoding, *command.split())
    assert code == 0
    assert out.decode(encoding)
    if command != "list":
        assert WORDS.encode(encoding, errors="replace") in out


@pytest.mark.parametrize("encoding", quick(ENCODINGS, "ascii"))
def test_a_run_whose_words_cannot_be_written_ends_well(mine, monkeypatch, encoding):
    code, out, err = printed(monkeypatch, encoding, "run", mine, *SHORT)
    assert (code, err) == (0, b"")
    assert WORDS.encode(encoding, errors="replace") in out
    assert sim.read("results/mine").draws == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_faults_are_said_in_any_encoding(mine, monkeypatch, encoding):
    code, _, err = printed(monkeypatch, encoding, "check", f"{WORDS}.yaml")
    assert code == 2
    assert b"Traceback" not in err
    assert "there is no such file" in err.decode(encoding)


def test_a_file_is_not_printed_with_other_letters(mine, monkeypatch):
    code, out, err = printed(monkeypatch, "cp1252", "show", mine, "--yaml")
    assert (code, out) == (2, b"")
    assert b"PYTHONIOENCODING=utf-8" in err
    code, out, _ = printed(monkeypatch, "utf-8", "show", mine, "--yaml")
    assert code == 0
    assert WORDS in out.decode()


@pytest.mark.parametrize(("command", "expected"), [("list", 0), ("check nothing.yaml", 2), ("--version", 0)])
@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdout", "stderr")])
def test_without_output_a_command_does_what_it_does(monkeypatch, command, expected, closed):
    for name in closed:
        monkeypatch.setattr(sys, name, None)
    with pytest.raises(SystemExit) as ended:
        main(command.split())
    for name in closed:
        getattr(sys, name).close()
    assert ended.value.code == expected


REDIRECTED = {
    "list >&-": 0, "list 2>&-": 0, "run status_quo --set months=3 --draws 2 --no-charts -q --out {out} >&- 2>&-": 0,
    "list | true": 141, "show base_2018 --yaml | true": 141, "list > /dev/full": 2,
}  # fmt: skip


@pytest.mark.parametrize("command", [pytest.param(command, marks=depth) for command in REDIRECTED])
def test_a_shell_gets_the_right_exit_code_and_no_traceback(command, tmp_path):
    shell = f"{sys.executable} -m sim {command.format(out=tmp_path)}; exit ${{PIPESTATUS[0]}}"
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    said = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, env=environment)  # noqa: S607
    assert said.returncode == REDIRECTED[command]
    assert "Traceback" not in said.stderr
    assert "Exception" not in said.stderr


# Pools ----------------------------------------------------------------------------------------------------------------


def draws_in_a_pool(seed: int) -> int:
    return len(sim.run("status_quo", draws=300, seed=seed, set={"months": 3}).kpis)


def test_inside_a_daemonic_process_one_process_is_used(monkeypatch):
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    assert draws_in_a_pool(1) == 300
    with pytest.raises(sim.ScenarioError, match="worker of a pool"):
        sim.run("status_quo", draws=4, workers=2, set={"months": 3})
    assert len(sim.run("status_quo", draws=2, workers=1, set={"months": 3}).kpis) == 2


POOL = """
import multiprocessing
import sys

import sim


def draws_of(seed):
    return len(sim.run("status_quo", draws=300, seed=seed, set={"months": 3}).kpis)


if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(pool.map(draws_of, [1, 2]))
"""


@depth
@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_runs_work_inside_a_pool(start, tmp_path):
    """In a program of its own: a pool can begin anew only from a file that it can import."""
    script = tmp_path / "pool.py"
    script.write_text(POOL, encoding="utf-8")
    said = subprocess.run([sys.executable, script, start], capture_output=True, text=True, check=True, timeout=120)
    assert said.stdout.strip() == "[300, 300]"


# Settings of libraries ------------------------------------------------------------------------------------------------


@contextmanager
def strict_numpy() -> Iterator[None]:
    with np.errstate(all="raise"):
        yield


@contextmanager
def short_numbers() -> Iterator[None]:
    with np.printoptions(legacy="1.13", precision=2), pd.option_context(
        "display.precision", 1, "display.max_rows", 2, "display.float_format", "{:.0f}".format
    ):  # fmt: skip
        yield


@contextmanager
def coarse_decimals() -> Iterator[None]:
    with decimal.localcontext() as context:
        context.prec = 3
        yield


@contextmanager
def strict_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def kept(folder) -> dict[str, bytes]:
    """All files of a run and of a comparison but those that say when it was, by name."""
    results = [sim.run(name, draws=3, set={"months": 6}, workers=1) for name in ("status_quo", "guiyang_pilot")]
    results[1].save(folder / "run")
    sim.compare(results).save(folder / "comparison")
    (folder / "shown.html").write_text(results[1]._repr_html_() + sim.compare(results)._repr_html_(), encoding="utf-8")
    said = {"manifest.json", "report.html"}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in said
    }


@depth
def test_results_are_the_same_bytes_in_any_surrounding(tmp_path):
    usual = kept(tmp_path / "usual")
    with strict_numpy(), short_numbers(), coarse_decimals(), strict_warnings():
        found = kept(tmp_path / "strange")
    assert [name for name, content in usual.items() if found.get(name) != content] == []


RANKED = """
import hashlib
import numpy as np, pandas as pd
from sim.studies.one_run.drivers import ranked
rng = np.random.default_rng(1)
inputs = pd.DataFrame(rng.random((600, 140)), columns=[f"x{k}" for k in range(140)])
values = (inputs["x1"] - 2 * inputs["x2"] + rng.random(600)).rename("y")
print(hashlib.sha256(ranked(inputs, values, {}).to_csv().encode()).hexdigest())
"""


@depth
def test_what_decides_has_the_same_bits_with_any_number_of_threads():
    """Sums of the linear algebra depend in their last bits on how many threads make them."""
    found = set()
    for threads in ("1", "2", "3"):
        around = os.environ | {"OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run([sys.executable, "-c", RANKED], capture_output=True, text=True, check=True, env=around)
        found.add(done.stdout)
    assert len(found) == 1
