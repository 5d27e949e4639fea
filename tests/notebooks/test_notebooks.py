"""The notebooks run, use public names only, and are kept with what they show when they run now."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

import sim
from notebooks.execute import METADATA, NOTEBOOKS, cleaned, executed
from tests.depth import depth, usual

ROOT = Path(__file__).parents[2]
MOST_BYTES = 400_000
ALLOWED = {"sim", "pandas", "numpy", "matplotlib"} | sys.stdlib_module_names
ABSOLUTE_PATH = re.compile(r"(?<![\w:/.<])/(?:home|root|tmp|usr|var|work|opt|Users|private|mnt)/|[A-Z]:\\")
CONTENT_HASH = re.compile(r"content hash [0-9a-f]+")
"""Says that the bits are the same, which another processor need not give to the last one."""

IN_FULL = [path for path in NOTEBOOKS if path.stem[:2] in {"01", "02"}]
"""Executed with all draws: runs without zones, with a zone and an opening."""
FEW_DRAWS = 20
SHORT = {"status_quo": 48, "nationwide_opening": 48, "bargain_spring_2019": 48, "talks_2018_2020": 30}
"""Months that are enough to see what each notebook that is executed in few draws asks about."""

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def kept(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_of(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def outputs_of(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (output for cell in notebook.cells for output in cell.get("outputs", ()))


def texts_of(output: NotebookNode) -> dict[str, str]:
    """All that an output says in words, by kind; a picture says only that it is there."""
    if output.output_type == "stream":
        return {output.name: output.text}
    if "image/png" in output.data:
        return {"image/png": ""}
    return dict(output.data)


def said_by(notebook: NotebookNode) -> list[list[dict[str, str]]]:
    """What each cell says, without the hashes of the bits."""
    return [
        [{kind: CONTENT_HASH.sub("", text) for kind, text in texts_of(output).items()} for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def names_of_sim(tree: ast.Module) -> Iterator[str]:
    """Names that are taken from `sim`: by attribute, or by import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sim":
            yield node.attr
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sim":
            yield from (alias.name if node.module == "sim" else f"{node.module}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("sim."))


def imported_by(tree: ast.Module) -> Iterator[str]:
    """Libraries that are imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_the_five_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_first_run",
        "02_compare_policies",
        "03_uncertainty",
        "04_the_talks",
        "05_write_your_own_scenario",
    ]


def in_short(path: Path, folder: Path) -> Path:
    """The same notebook with fewer draws, and with fewer months of the scenarios of the library."""
    notebook = nbformat.read(path, as_version=4)
    library = re.compile(rf'(sim\.load\()?"({"|".join(SHORT)})"(?(1)\))')
    for cell in notebook.cells:
        if cell.cell_type == "code":
            fewer = re.sub(r"^DRAWS = \d+$|\bdraws=\d+", _few, cell.source, flags=re.MULTILINE)
            cell.source = library.sub(lambda found: f'sim.load("{found[2]}", {{"months": {SHORT[found[2]]}}})', fewer)
    assert f"DRAWS = {FEW_DRAWS}" in "".join(code_of(notebook))
    nbformat.write(notebook, folder / path.name)
    return folder / path.name


def _few(found: re.Match[str]) -> str:
    return re.sub(r"\d+", str(FEW_DRAWS), found[0])


@pytest.mark.parametrize("path", usual(IN_FULL, NOTEBOOKS[0]), ids=lambda path: path.stem)
@pytest.mark.depth
def test_a_notebook_runs_and_shows_what_is_kept(path: Path) -> None:
    assert said_by(executed(path)) == said_by(kept(path)), "run `make notebooks-run` and look at what changed"


@pytest.mark.long
@depth
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path not in IN_FULL], ids=lambda path: path.stem)
def test_a_notebook_runs_in_short_and_shows_as_much_as_is_kept(path: Path, tmp_path: Path) -> None:
    """Its figures are of what others show in full, and get out of date with theirs: each cell shows what it did."""
    now, then = said_by(executed(in_short(path, tmp_path))), said_by(kept(path))

    assert [list(map(sorted, cell)) for cell in now] == [list(map(sorted, cell)) for cell in then]


@each
def test_cells_were_run_in_their_order(path: Path) -> None:
    counts = [cell.execution_count for cell in kept(path).cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


@each
def test_a_notebook_uses_public_names_only(path: Path) -> None:
    trees = [ast.parse(source) for source in code_of(kept(path))]
    names = {name for tree in trees for name in names_of_sim(tree)}
    attributes = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert names
    assert names <= set(sim.__all__)
    assert not [name for name in attributes if name.startswith("_")]
    assert {name for tree in trees for name in imported_by(tree)} <= ALLOWED


@each
def test_kept_outputs_hold_neither_errors_nor_warnings_nor_paths_of_a_machine(path: Path) -> None:
    outputs = list(outputs_of(kept(path)))
    text = "\n".join(text for output in outputs for text in texts_of(output).values())

    assert outputs
    assert {output.output_type for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert "stderr" not in {output.get("name") for output in outputs}
    assert not re.search(r"Warning\b|Traceback", text)
    assert not ABSOLUTE_PATH.search(text)
    assert str(ROOT) not in text


@each
def test_a_notebook_is_kept_clean_and_small(path: Path) -> None:
    notebook = kept(path)

    assert path.stat().st_size < MOST_BYTES
    assert all(cell.source.strip() for cell in notebook.cells)
    assert notebook.metadata == METADATA
    assert notebook == cleaned(nbformat.read(path, as_version=4))
    assert not any(cell.metadata for cell in notebook.cells)


@each
def test_a_notebook_asks_a_question_first_and_says_how_to_check_a_number(path: Path) -> None:
    words = [cell.source for cell in kept(path).cells if cell.cell_type == "markdown"]

    assert words[0].startswith(f"# {int(path.stem[:2])}. ")
    assert "**Question.**" in words[0]
    assert any(re.search(r"^## Check ", text, re.MULTILINE) for text in words)


@each
def test_links_of_a_notebook_lead_somewhere(path: Path) -> None:
    words = "\n".join(cell.source for cell in kept(path).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", words)

    assert links
    assert not [link for link in links if not (path.parent / link).exists()]


@each
def test_words_hold_no_results(path: Path) -> None:
    """Figures of a run stand in outputs, which are made again, and not in words, which are not."""
    words = "\n".join(cell.source for cell in kept(path).cells if cell.cell_type == "markdown")
    figures = re.findall(r"[-+]?\d[\d.,]*(?= (?:bn|billion|points)\b)|\d+[.]\d+ ?%", words)

    assert not figures
