"""The pages under docs/ say what is so: their scenarios load, their equations and modules exist."""

from __future__ import annotations

import ast
import html
import importlib
import inspect
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

import sim
from sim.policies import Instrument
from sim.scenario.layers import parsed
from sim.scenario.loading import load

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted({*DOCS.glob("*.md"), *ROOT.glob("README.md")})
MODEL, DESIGN, SCENARIOS = DOCS / "model.md", DOCS / "design.md", DOCS / "scenarios.md"

FRAGMENT = "extends: status_quo\ntitle: A part of a file\nquestion: Does it load?\n"
"""What a block without `extends` is laid over: it shows only a part of a file."""

DRAWS = 4

NUMBER = r"[0-9]+\.[0-9]+"
CITATION = re.compile(rf"equations? ({NUMBER}(?:(?:,| to| and|, and) {NUMBER})*)")
DEFINITION = re.compile(rf"\*\*\(({NUMBER})\)[^*]*\*\*(?: and \*\*\(({NUMBER})\)[^*]*\*\*)? · `(sim[a-z_0-9A-Z.]*)`")
MENTION = re.compile(rf"\(({NUMBER}(?:(?:,| to| and) {NUMBER})*)[),]")

MADE = (DOCS / "validation.md", DOCS / "performance.md", ROOT / "results" / "example")
"""What commands make: pages, and a folder of tables and charts."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: Path) -> Iterator[Block]:
    """All fenced blocks of a page, in order; `language` is all that stands after the opening fence."""
    opened: tuple[int, str] | None = None
    lines: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.startswith("```"):
            lines.append(line)
        elif opened is None:
            opened, lines = (number, line.removeprefix("```").strip()), []
        else:
            yield Block(page.name, *opened, "\n".join(lines) + "\n")
            opened = None
    assert opened is None, f"{page.name}: a block is not closed"


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
YAML = [block for block in BLOCKS if block.language == "yaml"]
REFUSED = [
    (block, answer)
    for block, answer in pairwise(BLOCKS)
    if block.language == "yaml refused" and answer.language == "text"
]
COMMANDS = [
    (block, line)
    for block in BLOCKS
    if block.language == "console"
    for line in block.text.splitlines()
    if line.startswith("$ cloudtrade")
]


def written(block: Block, folder: Path) -> Path:
    """Write a block as a file; a part of a file is laid over the status quo."""
    whole = block.text.startswith("extends:") or "\nextends:" in block.text
    path = folder / f"block_{block.line}.yaml"
    path.write_text(block.text if whole else FRAGMENT + block.text, encoding="utf-8")
    return path


@pytest.mark.parametrize("block", YAML, ids=str)
def test_every_yaml_block_loads(block: Block, tmp_path: Path) -> None:
    assert sim.load(written(block, tmp_path)).title


def test_the_pages_show_whole_files_and_refused_ones() -> None:
    assert [block for block in YAML if block.page == SCENARIOS.name]
    assert REFUSED
    assert len(REFUSED) == sum(block.language == "yaml refused" for block in BLOCKS)


@pytest.mark.parametrize(("block", "answer"), REFUSED, ids=str)
def test_what_a_page_calls_refused_is_refused_in_the_words_it_shows(
    block: Block, answer: Block, tmp_path: Path
) -> None:
    with pytest.raises(sim.ScenarioError) as refusal:
        sim.load(written(block, tmp_path))

    for line in answer.text.splitlines():
        assert line in str(refusal.value)


def worked_file(tmp_path: Path) -> Path:
    """The first whole file on the page about scenarios."""
    return written(next(block for block in YAML if block.page == SCENARIOS.name), tmp_path)


def test_the_worked_file_opens_two_zones_and_runs(tmp_path: Path) -> None:
    result = sim.run(worked_file(tmp_path), draws=DRAWS)

    opened = result.events[result.events["event"] == "zone opens"]
    assert set(opened["actor"]) == {"guiyang", "lingang"}
    assert sorted(opened["date"].dt.strftime("%Y-%m").unique()) == ["2020-01", "2021-01"]


def test_the_worked_file_says_what_its_comments_say(tmp_path: Path) -> None:
    scenario = sim.load(worked_file(tmp_path))
    parent = sim.load("status_quo")

    def dates(loaded: sim.Scenario) -> list[str]:
        return [str(date) for date, _ in loaded.policies["us_list_3"].rate.steps]

    assert dates(scenario) == [*dates(parent), "2021-07-01"]
    assert scenario.zones["lingang"].capacity_units.is_uncertain
    assert scenario.policies["guiyang_first"].reach["enterprise"].central == pytest.approx(0.5)


def test_in_the_example_from_idea_to_answer_both_doors_open_are_used_and_data_rules_bind(tmp_path: Path) -> None:
    path = written(next(block for block in YAML if "\n  lakes:" in block.text), tmp_path)
    with_rules, without = (
        sim.run(path, draws=24, set={"months": 72} | changes) for changes in ({}, {"policies.data_stay": None})
    )

    events = with_rules.events
    doors = set(events.loc[(events["actor"] == "lakes") & (events["event"] == "goes live"), "detail"])
    assert {"partner in china", "zone in lingang"} <= doors
    assert events.loc[events["event"] == "zone opens", "date"].unique().tolist() == [pd.Timestamp("2021-01-01")]
    assert not with_rules.kpis.equals(without.kpis)


@pytest.mark.parametrize(("block", "line"), COMMANDS, ids=lambda item: item if isinstance(item, str) else str(item))
def test_changes_that_commands_show_can_be_made(block: Block, line: str, tmp_path: Path) -> None:
    words = shlex.split(line.removeprefix("$ "), comments=True)
    changes = [words[place + 1] for place, word in enumerate(words) if word == "--set"]
    if changes:
        name = next(word for word in words[2:] if not word.startswith("-"))
        if name.endswith(".yaml"):  # the file that the page shows before the command
            shown = [held for held in YAML if held.page == block.page and held.line < block.line]
            assert load(written(shown[-1], tmp_path), parsed(changes))
        else:
            assert load(name, parsed(changes)).name == name


def test_the_page_about_scenarios_names_every_instrument_and_its_fields() -> None:
    rows = {row.split("`")[1]: row for row in SCENARIOS.read_text("utf-8").splitlines() if row.startswith("| `")}
    shared = {"kind", "by", "starts", "ends", "until", "renews_with_chance", "announced", "source"}
    for instrument in get_args(Instrument):
        kind = get_args(instrument.model_fields["kind"].annotation)[0]
        assert kind in rows, f"docs/scenarios.md has no row for {kind}"
        named = set(re.findall(r"`([a-z_]+)`", rows[kind].split("|")[2]))
        assert named == set(instrument.model_fields) - shared, kind


def prose_of(page: Path, *, code: bool = False) -> str:
    """A page without its fenced blocks; `code` keeps what stands in backticks."""
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
    return text if code else re.sub(r"`[^`]*`", "", text)


def expanded(numbers: str) -> Iterator[str]:
    """Single numbers of `5.1 to 5.3`, or of `6.4, 6.5 and 6.7`."""
    for piece in re.split(r", and |, | and ", numbers):
        first, _, last = piece.partition(" to ")
        section, _, start = first.partition(".")
        end = last.partition(".")[2] or start
        yield from (f"{section}.{number}" for number in range(int(start), int(end) + 1))


def cited_in(text: str) -> set[str]:
    flat = re.sub(r"\s+", " ", text)
    return {number for found in CITATION.finditer(flat) for number in expanded(found.group(1))}


def docstrings() -> Iterator[tuple[str, str]]:
    """Place and docstring of every module, class and function of the program."""
    for path in sorted((ROOT / "sim").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'name', 'module')}", text


def definitions() -> dict[str, str]:
    """Where each equation of the model page is computed, by number."""
    places: dict[str, str] = {}
    for line in re.sub(r"·\s+`", "· `", MODEL.read_text(encoding="utf-8")).splitlines():
        if found := DEFINITION.match(line):
            for number in filter(None, found.groups()[:2]):
                assert number not in places, f"equation {number} is defined twice"
                places[number] = found.group(3)
    return places


def source_of(name: str) -> str:
    """Text of a module, class or function, by its full name."""
    steps = name.split(".")
    for depth in range(len(steps), 0, -1):
        try:
            held = importlib.import_module(".".join(steps[:depth]))
        except ModuleNotFoundError:
            continue
        for step in steps[depth:]:
            held = getattr(held, step)
        return inspect.getsource(held)
    raise AssertionError(f"there is no {name}")


def test_every_equation_a_docstring_cites_is_on_the_model_page() -> None:
    known = definitions()
    unknown = [
        f"{place} cites {number}" for place, text in docstrings() for number in cited_in(text) if number not in known
    ]

    assert not unknown


@pytest.mark.parametrize("number", sorted(definitions(), key=lambda number: [int(step) for step in number.split(".")]))
def test_every_equation_on_the_model_page_is_cited_where_it_is_computed(number: str) -> None:
    source = source_of(definitions()[number])

    assert number in cited_in(source)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_of_the_package_exists(page: Path) -> None:
    for name in set(re.findall(r"`(sim(?:\.\w+)+)[(`]", page.read_text(encoding="utf-8"))):
        assert source_of(name)


def test_equations_are_numbered_without_gaps() -> None:
    sections: dict[int, list[int]] = {}
    for number in definitions():
        section, place = number.split(".")
        sections.setdefault(int(section), []).append(int(place))

    assert {section: sorted(places) for section, places in sections.items()} == {
        section: list(range(1, len(places) + 1)) for section, places in sections.items()
    }


@pytest.mark.parametrize("page", [MODEL, DESIGN], ids=lambda page: page.name)
def test_equations_that_a_page_refers_to_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    mentioned = {number for found in MENTION.finditer(text) for number in expanded(found.group(1))}

    assert mentioned <= set(definitions())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_modules_that_a_page_names_exist(page: Path) -> None:
    paths = re.findall(r"`((?:sim|tests|scenarios|benchmarks|docs)/[a-z0-9_/.]*[a-z0-9_/])`", prose_of(page, code=True))
    missing = [path for path in paths if not (ROOT / path).exists()]

    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose_of(page))
    places = [page.parent / link for link in targets]
    made = [place for place in places if any(place.is_relative_to(folder) for folder in MADE)]

    assert not [place for place in places if not place.exists() and place not in made]


def test_links_to_sections_of_the_model_page_lead_somewhere() -> None:
    text = MODEL.read_text(encoding="utf-8")
    headings = {re.sub(r"[^a-z0-9 -]", "", line.strip("# ").lower()).replace(" ", "-") for line in text.splitlines()}

    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


ROOMS = sorted(path.parent for path in (ROOT / "sim").rglob("__init__.py"))


def test_the_map_has_every_room_of_the_program() -> None:
    text = DESIGN.read_text(encoding="utf-8")
    rooms = [
        room.relative_to(ROOT).as_posix() for room in ROOMS if room.parent.name != "studies" and room.name != "sim"
    ]

    assert [room for room in rooms if f"`{room}/`" not in text] == []
    assert [room.name for room in ROOMS if room.parent.name == "studies" and f"`{room.name}`" not in text] == []


def test_the_answer_on_the_first_page_is_that_of_the_kept_example() -> None:
    """Paragraph by paragraph, the small print with the path of what decides left out."""
    page = (ROOT / "results" / "example" / "report.html").read_text(encoding="utf-8")
    answer = page[page.index("Answer</h2>") :].partition("</section>")[0]
    said = [
        re.sub(r"<small>.*?</small>", "", part, flags=re.DOTALL)
        for part in re.findall(r"<p><strong>(.*?)</p>", answer, re.DOTALL)
    ]
    words = [html.unescape(re.sub(r"<[^>]+>", "", part)).split() for part in said]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^> \*\*(.*?)(?=^>$|^$)", readme, re.MULTILINE | re.DOTALL)
    assert len(words) == 6
    assert [part.replace("> ", "").replace("**", "").split() for part in quoted] == words


def test_what_decides_the_answers_of_the_library_is_what_the_kept_studies_say() -> None:
    sys.path.insert(0, str(DOCS))
    try:
        what_decides = importlib.import_module("what_decides")
    finally:
        sys.path.remove(str(DOCS))
    page = (DOCS / "why.md").read_text(encoding="utf-8")
    assert what_decides.with_table(page, what_decides.table()) == page
