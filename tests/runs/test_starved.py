"""Where the system lets no thread or process start, a run ends in words instead of waiting for ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.depth import depth
from tests.runs.commands import PATIENCE

pytestmark = pytest.mark.depth

STARVING = Path(__file__).with_name("starving.py")
SOME = [("thread", 3, False), ("fork", 1, False)]
CASES = [
    *(("thread", left, False) for left in (0, 2, 5)),
    *(("fork", left, False) for left in (0, 2)),
    ("thread", 1, True),
]
"""What there is no more of, how many there were, and whether it is in workers or in the process itself."""


@pytest.mark.parametrize("cases", [SOME, pytest.param(CASES, marks=[depth, pytest.mark.long])], ids=["some", "all"])
def test_a_run_that_can_start_nothing_ends_in_words_and_can_be_gone_on_with(cases, commands, tmp_path):
    """Threads that are tried before the pool is made do not count as those of the pool."""
    process = commands.spawn(
        [sys.executable, str(STARVING), str(commands.file), str(tmp_path), "64"], stdin=subprocess.PIPE
    )
    out, err = process.communicate("\n".join(map(json.dumps, cases)), timeout=PATIENCE)
    found = [json.loads(line) for line in out.splitlines()]

    assert len(found) == len(cases), err
    for (_, _, in_workers), one in zip(cases, found, strict=True):
        assert "Traceback" not in one["said"]
        assert one["code"] in {0, 2, 3}, one
        assert one["finished"] == (one["code"] != 2), one
        assert one["again"] == 0, one
        if one["code"] == 2 and not in_workers:
            assert "with --workers 1, which needs none" in one["said"]
    assert 2 in {one["code"] for one in found}
