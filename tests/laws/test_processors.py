"""The same bits on every processor: on those with wide vectors, on those without, and where nothing is compiled."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

OLD_PROCESSOR = {
    "NUMBA_CPU_NAME": "generic",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4",
    "OPENBLAS_CORETYPE": "Nehalem",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
}
"""What libraries are told to make of this processor one of 2008, without vectors of four and fused operations."""
ELEMENTARY = """
import hashlib
import numpy as np
from sim.arithmetic.elementary import exp, expm1, log, log1p, normal_score, normal_share, power
values = np.random.default_rng(0).normal(0, 3, 5000)
shares = np.random.default_rng(1).random(5000)
found = [exp(values), expm1(values), log(shares), log1p(shares), power(shares, values), normal_score(shares)]
print(hashlib.sha256(b"".join(map(np.ndarray.tobytes, [*found, normal_share(values)]))).hexdigest())
"""
RUNS = """
import sys
from sim.runs.batch_task import Batch, tables_of
from sim.scenario.loading import load
draws, months, *names = sys.argv[1:]
for name in names:
    tables = tables_of(Batch(load(name, {"months": int(months)}), range(int(draws)), 7).paths(), 0)
    print(name, tables["digests"].to_csv())
"""
NUMPY = "import numpy; print(numpy.exp(numpy.random.default_rng(0).normal(0, 3, 5000)).tobytes().hex())"


def printed(program, *arguments, **settings):
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


@pytest.mark.depth
def test_elementary_functions_have_the_same_bits_on_old_processors_and_without_a_compiler():
    here = printed(ELEMENTARY)
    assert here == printed(ELEMENTARY, **OLD_PROCESSOR) == printed(ELEMENTARY, NUMBA_DISABLE_JIT="1")


@pytest.mark.depth
def test_runs_have_the_same_bits_on_old_processors():
    names = ("6", "102", "guiyang_pilot", "today", "talks_2018_2020")
    if printed(NUMPY) == printed(NUMPY, **OLD_PROCESSOR):
        pytest.skip("this processor has nothing that could be left out")
    assert printed(RUNS, *names) == printed(RUNS, *names, **OLD_PROCESSOR)


@pytest.mark.depth
def test_runs_have_the_same_bits_without_a_compiler():
    one = ("1", "24", "guiyang_pilot")
    assert printed(RUNS, *one) == printed(RUNS, *one, NUMBA_DISABLE_JIT="1")
