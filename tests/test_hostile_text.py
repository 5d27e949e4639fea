"""Whatever stands in the text fields of a scenario, pages, notebooks and tables show it as text and no more."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

import sim
from sim.errors import ScenarioError
from sim.explorer.app import Explorer
from sim.explorer.session import open_session
from sim.report.statistics import summarise
from sim.runs.parquet import to_parquet
from sim.scenario.loading import dump
from sim.studies.compare.comparison import compare
from sim.studies.one_run.run_page import run_files
from tests.browser import browser
from tests.depth import depth, quick
from tests.explorer.served import served
from tests.report.made_up import synthetic_result, synthetic_tables

__all__ = ["browser"]

SMALL = Path(__file__).parent / "report" / "small.yaml"
HOSTILE = (
    "=HYPERLINK(\"http://e.example\") </title></script></style><script>window.hostile=1</script> "
    "<img src=x onerror='window.hostile=2'> \"'><svg onload=window.hostile=3> {{7*7}} {% raw %} "
    "[red]b[/] $\\frac{1}{2}$ &lt;"
)  # fmt: skip
"""Markup, a formula of a spreadsheet, ends of whatever it may stand in, and other languages that something may read."""
TEXTS = {"title", "question", "source", "region", "place"}
"""Fields of a scenario that hold free text, wherever they stand."""
WIDTHS = (1300, 390)
SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Text of the same length and words that nothing would read as anything else."""
    return re.sub(r"[^\w\s]", "x", text)


def with_text(content: Any, text: str, counted: Counter[str]) -> Any:
    """Put a text into all fields of free text."""
    if isinstance(content, list):
        return [with_text(held, text, counted) for held in content]
    if not isinstance(content, dict):
        return content
    changed = {}
    for name, held in content.items():
        if name in TEXTS and isinstance(held, str):
            counted[name] += 1
            changed[name] = text
        elif name in {"titles", "sources"}:
            counted[name] += 1
            changed[name] = dict.fromkeys(held, text) if isinstance(held, dict) else [text for _ in held]
        else:
            changed[name] = with_text(held, text, counted)
    return changed


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Callable[[str, str | Path], Path]:
    """Write a scenario with one text in all its text fields."""

    def write(text: str, scenario: str | Path = SMALL) -> Path:
        counted: Counter[str] = Counter()
        path = tmp_path_factory.mktemp("written") / "mine.yaml"
        content = with_text(yaml.safe_load(dump(sim.load(scenario))), text, counted)
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
        assert counted["title"] > 5
        assert counted["source"] > 0
        return path

    return write


class Parts(HTMLParser):
    """What a page is made of: its elements with the names of their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attributes)))


@pytest.fixture(scope="module")
def results(written):
    """A result with hostile text in its scenario, and one with as much harmless text."""
    scenarios = [sim.load(written(text)) for text in (HOSTILE, harmless(HOSTILE))]
    return [synthetic_result(held, synthetic_tables(held, 6, 1), draws=6, seed=1, shift=0.0) for held in scenarios]


SHOWN = {
    "page": lambda result: run_files(result, summarise(result.kpis)).page.html,
    "run": lambda result: result._repr_html_(),
    "comparison": lambda result: compare([result, result])._repr_html_(),
}


@pytest.mark.parametrize("what", quick(SHOWN, "run", "comparison"))
def test_pages_and_notebooks_are_made_of_the_same_elements_whatever_the_words(results, what):
    hostile, quiet = map(SHOWN[what], results)
    assert Parts(hostile).found == Parts(quiet).found
    assert "&lt;script&gt;window.hostile" in hostile


def test_html_and_csv_are_written_at_one_place_each():
    texts = {path.name: path.read_text(encoding="utf-8") for path in Path(sim.__file__).parent.rglob("*.py")}
    assert [name for name, text in texts.items() if ".to_csv(" in text or "csv.writer(" in text] == ["csv_files.py"]
    assert not [name for name, text in texts.items() if "html import escape" in text], "Markup escapes what it is given"


@depth
def test_no_cell_of_a_csv_file_is_a_formula(results, tmp_path):
    run_files(results[0], summarise(results[0].kpis)).write(tmp_path / "run", to_parquet)
    compare([results[1], results[0]]).save(tmp_path / "comparison")
    files = list(tmp_path.rglob("*.csv"))
    assert len(files) > 10
    for path in files:
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
            for cell in row:
                assert not cell.startswith(SPREADSHEET) or re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?|-", cell), path


@pytest.mark.parametrize("part", ["vendors", "countries", "policies", "markets", "zones"])
@pytest.mark.parametrize("name", ["<script>", "=1+1", "a b", "{{7*7}}", "-x"])
def test_names_of_members_cannot_hold_such_things(part, name):
    member = next(iter(getattr(sim.load("guiyang_pilot"), part).values()))
    with pytest.raises(ScenarioError):
        sim.load("guiyang_pilot", set={f"{part}.{name}": yaml.safe_load(member.model_dump_json())})


def test_the_explorer_escapes_what_it_writes(written, monkeypatch):
    path = written(HOSTILE)
    monkeypatch.chdir(path.parent)
    explorer = Explorer(open_session(path.name, draws=2))
    page = explorer.page()
    assert page.template.environment.autoescape
    assert page.template.environment.from_string("{{ heading }}").render(**page._render_variables) != HOSTILE
    explorer._controls.request = {"number": 1, "moved": {next(iter(explorer.session.controls)): HOSTILE}}
    for html in (explorer._table.html, *(box[0].object for box in explorer._chart_boxes().values())):
        assert "<script" not in html
        assert "<img" not in html


@pytest.mark.long
@depth
def test_in_a_browser_nothing_hostile_runs_and_nothing_leaves_the_screen(written, browser, tmp_path):
    """On a wide screen and on a narrow one."""
    long = f"{HOSTILE} {'unbroken.' * 40}"
    path = written(long, "guiyang_pilot")
    result = sim.run(path, draws=4, set={"months": 36})
    result.save(tmp_path / "saved")
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><meta charset=utf-8>{result._repr_html_()}", encoding="utf-8")
    with served(path.parent, path.name, "--draws", "2") as started:
        for address in ((tmp_path / "saved" / "report.html").as_uri(), notebook.as_uri(), started.address):
            page = browser.new_page(viewport={"width": WIDTHS[0], "height": 844})
            refused: list[str] = []
            page.on(
                "console", lambda said, refused=refused: refused.append(said.text) if said.type == "error" else None
            )
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                page.goto(address)
                page.locator("table").first.wait_for(timeout=60_000)
                assert page.evaluate("window.hostile") is None
                if address != notebook.as_uri():
                    assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            assert not refused
            page.close()
