"""An instrument of another installed package is used like our own, or refused in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import COMPACT

ROOT = Path(__file__).parents[2]
MODULE = '''
from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies import Act, Policy
from sim.values import ListName, RateSchedule


class Fee(Policy):
    """A fee on one list."""

    power: ClassVar[str | None] = None
    kind: Literal["{kind}"]
    goods: ListName
    """Goods list that the fee is on."""
    fee: RateSchedule
    """Fee by date, share of one."""

    def acts(self) -> Iterator[Act]:
        """Add the fee."""
        yield Act("adds", "tariff_layer", (self.goods,), self.fee)
'''
TRY = """
import json, sys
import sim
from sim.runs.fingerprints import program
from sim.scenario.describing import json_schema
terms = {"by": "us", "starts": "2018-10-01", "source": "made up"}
fee = {"kind": "border_fee", "goods": "phones", "fee": 0.2, **terms}
tariff = {"kind": "tariff", "lists": ["phones"], "rate": 0.2, **terms}
with_fee, with_tariff = (
    sim.run(sys.argv[1], draws=2, set={"months": 12, "policies.new": policy}, workers=1).countries
    for policy in (fee, tariff)
)
try:
    sim.load(sys.argv[1], {"policies.new": {**fee, "goods": "phnes"}})
except sim.ScenarioError as refused:
    print(json.dumps([with_fee.equals(with_tariff), "border_fee" in json_schema(), list(program()), str(refused)]))
"""


def installed(folder: Path, kind: str, code: str = MODULE) -> dict[str, str]:
    """Install a package with one instrument into a folder; the environment in which Python finds it."""
    (folder / "fees.py").write_text(code.replace("{kind}", kind), encoding="utf-8")
    about = folder / "my_fees-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my-fees\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[cloudtrade.instruments]\nfee = fees:Fee\n", encoding="utf-8")
    return os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


@pytest.mark.depth
def test_it_works_as_our_own_do_and_counts_in_the_fingerprint(tmp_path):
    around = installed(tmp_path, "border_fee")
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(COMPACT)], capture_output=True, text=True, check=False, env=around
    )
    assert done.returncode == 0, done.stderr
    same, in_schema, names, refused = json.loads(done.stdout)
    assert same
    assert in_schema
    assert "instrument border_fee" in names
    assert "did you mean phones?" in refused


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("tariff", MODULE, "another instrument has the kind tariff already"),
        ("fee", "import nowhere_at_all\n", "cannot be loaded (ModuleNotFoundError"),
        ("fee", "Fee = 3\n", "expected a class of sim.policies.Policy"),
    ],
)
def test_one_that_cannot_be_used_is_refused_with_the_package_it_is_of(kind, code, words, tmp_path):
    around = installed(tmp_path, kind, code)
    command = [sys.executable, "-m", "sim", "check", str(COMPACT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=around, cwd=tmp_path)
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "instrument fee of the package my-fees" in said
    assert words in said
