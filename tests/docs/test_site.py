"""The documentation is built as a site in which every link leads somewhere, and what it is about can be found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from tests.depth import depth

pytest.importorskip("mkdocs", reason="the extra `docs` builds the site")

ROOT = Path(sim.__file__).parents[1]


@depth
def test_the_site_holds_every_page_and_public_name_and_can_be_searched(tmp_path):
    site = tmp_path / "site"
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "site.py", site], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")}
    assert pages <= {page.stem for page in site.glob("*.html")}
    python = (site / "python.html").read_text(encoding="utf-8")
    assert all(f'id="sim.{name}"' in python for name in ("run", "compare", "why", "Scenario"))
    found = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    assert any("pilot_zone" in entry["text"] and entry["location"].startswith("scenarios") for entry in found)
