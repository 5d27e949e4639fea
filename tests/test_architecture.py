"""The arrows of docs/design.md: which part of the program may import which."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sim"

GROUND = {"quantities", "errors", "timeline"}
SCENARIO_SIDE = GROUND | {"values", "policies", "scenario"}
WORLD_SIDE = SCENARIO_SIDE | {"economics", "world"}
ACTING = WORLD_SIDE | {"agents", "recorder", "kpis"}
REPORTING = SCENARIO_SIDE | {"report"}
RUNNING = ACTING | REPORTING | {"batch", "distributions", "storage", "ensemble"}

MAY_IMPORT: dict[str, set[str]] = {
    "quantities": set(),
    "errors": set(),
    "timeline": {"quantities"},
    "values": GROUND,
    "policies": GROUND | {"values"},
    "facts": {"quantities", "errors"},
    "scenario": GROUND | {"values", "policies", "facts"},
    "economics": {"quantities", "errors"},
    "world": SCENARIO_SIDE | {"economics"},
    "agents": WORLD_SIDE,
    "recorder": WORLD_SIDE | {"agents"},
    "kpis": WORLD_SIDE | {"recorder"},
    "distributions": WORLD_SIDE | {"recorder", "kpis"},
    "batch": ACTING,
    "storage": {"errors"},
    "report": SCENARIO_SIDE | {"storage", "economics"},
    "ensemble": ACTING | REPORTING | {"batch", "distributions", "storage"},
    "deal_space": ACTING | {"batch", "ensemble", "report"},
    "effective": ACTING | REPORTING | {"batch"},
    "doctor": RUNNING | {"facts"},
    "explorer": RUNNING,
    "fit": ACTING | {"report", "batch", "facts", "storage"},
    "backtest": ACTING | {"report", "batch", "facts", "storage", "fit"},
    "validation": RUNNING | {"facts", "fit", "backtest"},
    "terminal": REPORTING,
    "cli": RUNNING
    | {"facts", "fit", "backtest", "validation", "terminal", "deal_space", "effective", "doctor", "explorer", "sim"},
    "__main__": {"cli"},
}
"""For each part of `sim` the other parts that it may import; `sim` stands for the public names in `sim/__init__.py`."""

NAMED_BY: dict[str, set[str]] = {"report": {"deal_space"}}
"""Parts whose types a part names and never imports when it runs: reports describe a deal space that they are given."""

OUTSIDE = {
    "economics": {"numpy"},
    "policies": {"numpy", "pydantic"},
    "world": {"numpy"},
    "agents": {"numpy", "simpy"},
    "storage": {"numpy", "pandas", "pyarrow", "fsspec", "filelock"},
}
"""Libraries that some parts are limited to; the standard library is always allowed."""

OPTIONAL = {"sim.economics.compiled": {"numba"}}
"""Libraries of an optional extra, each behind one module that is imported only when it is asked for."""

IN_BROWSERS = {"panel", "bokeh", "param", "tornado"}
"""Libraries of the extra `explore`, known to the explorer alone; the modules of it that need them are imported last."""

NEED_BROWSERS = {f"sim.explorer.{name}" for name in ("charts", "panel", "app", "serve")}
"""Modules that cannot be imported without the extra."""

KEEPS_TIME = {"timeline", "agents"}
"""Parts that know SimPy; everybody else asks them."""


@dataclass(frozen=True)
class Import:
    """One import: who imports what, and where it stands."""

    importer: str
    imported: str
    names: tuple[str, ...]
    place: str
    only_types: bool


def imports() -> Iterator[Import]:
    """All imports in the package, those inside functions and those for types alone included."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        typing_only = set(for_types_alone(tree))
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(module_of(path), alias.name, (), place, node in typing_only)
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{place}: imports go by full name"
                names = tuple(alias.name for alias in node.names)
                yield Import(module_of(path), node.module or "", names, place, node in typing_only)


def for_types_alone(tree: ast.Module) -> Iterator[ast.AST]:
    """Everything under `if TYPE_CHECKING`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from ast.walk(node)


def module_of(path: Path) -> str:
    steps = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


def part_of(module: str) -> str:
    """The part of the program that a module belongs to: `agents` for `sim.agents.vendor`, `sim` for `sim` itself."""
    steps = module.split(".")
    return steps[1] if len(steps) > 1 else steps[0]


def root_of(module: str) -> str:
    return module.partition(".")[0]


def is_ours(module: str) -> bool:
    return root_of(module) == "sim"


def parts_imported(found: Import) -> set[str]:
    """The parts that an import reaches; `from sim import cli` reaches `cli`, other public names reach `sim`."""
    if found.imported != "sim":
        return {part_of(found.imported)}
    return {name if name in MAY_IMPORT else "sim" for name in found.names} or {"sim"}


MODULES = {module_of(path) for path in PACKAGE.rglob("*.py")}
IMPORTS = tuple(imports())
OURS = tuple(found for found in IMPORTS if is_ours(found.imported))
PARTS = sorted({part_of(found.importer) for found in IMPORTS} - {"sim"})


def test_every_part_of_the_program_has_its_arrows() -> None:
    assert set(PARTS) <= set(MAY_IMPORT), "a new part of sim/ belongs into MAY_IMPORT and into docs/design.md"


def test_the_arrows_form_no_circle() -> None:
    order = list(TopologicalSorter({part: below - {"sim"} for part, below in MAY_IMPORT.items()}).static_order())

    assert order.index("values") < order.index("policies") < order.index("scenario") < order.index("world")
    assert order.index("world") < order.index("agents") < order.index("batch") < order.index("ensemble")
    assert order.index("storage") < order.index("report") < order.index("ensemble") < order.index("cli")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_imports_only_what_lies_below_it(part: str) -> None:
    own = {part} | MAY_IMPORT.get(part, set())
    named = own | NAMED_BY.get(part, set())
    wrong = [
        f"{found.place} imports {found.imported}"
        for found in OURS
        if part_of(found.importer) == part and not parts_imported(found) <= (named if found.only_types else own)
    ]

    assert not wrong


@pytest.mark.parametrize("part", sorted(OUTSIDE))
def test_equations_rules_agents_and_storage_need_few_libraries(part: str) -> None:
    libraries = {
        root_of(found.imported)
        for found in IMPORTS
        if part_of(found.importer) == part
        and not is_ours(found.imported)
        and root_of(found.imported) not in OPTIONAL.get(found.importer, set())
    }

    assert libraries - sys.stdlib_module_names <= OUTSIDE[part]


@pytest.mark.parametrize("module", sorted(OPTIONAL))
def test_no_module_needs_an_optional_one_to_be_imported(module: str) -> None:
    assert not [found.place for found in OURS if module in modules_imported(found)]


def test_only_the_page_of_the_explorer_knows_the_libraries_of_its_extra() -> None:
    knowing = {found.importer for found in IMPORTS if root_of(found.imported) in IN_BROWSERS}

    assert knowing <= NEED_BROWSERS


def test_only_the_command_line_imports_the_explorer() -> None:
    importers = {
        part_of(found.importer) for found in OURS if "explorer" in parts_imported(found) and not found.only_types
    }

    assert importers <= {"cli", "explorer"}


def test_only_the_command_line_and_the_validation_page_import_fits_and_backtests() -> None:
    importers = {part_of(found.importer) for found in OURS if {"fit", "backtest"} & parts_imported(found)}

    assert importers <= {"fit", "backtest", "validation", "cli"}


def test_only_agents_and_the_timeline_know_simpy() -> None:
    knowing = {part_of(found.importer) for found in IMPORTS if root_of(found.imported) == "simpy"}

    assert knowing <= KEEPS_TIME


def test_no_module_imports_underscore_names_of_another() -> None:
    reaching = [
        f"{found.place}: {name}"
        for found in OURS
        for name in (*found.imported.split("."), *found.names)
        if name.startswith("_") and not name.endswith("__")
    ]

    assert not reaching


def test_nothing_but_the_entry_point_imports_the_command_line() -> None:
    importers = {
        found.importer for found in OURS if "cli" in parts_imported(found) and part_of(found.importer) != "cli"
    }

    assert importers <= {"sim.__main__"}


def test_modules_do_not_import_each_other_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for found in OURS:
        if not found.only_types and "sim" not in {found.importer, found.imported}:
            graph.setdefault(found.importer, set()).update(modules_imported(found))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def modules_imported(found: Import) -> set[str]:
    """The modules that an import runs: `from sim.report import style` is one of `sim.report.style`."""
    inner = {f"{found.imported}.{name}" for name in found.names}
    return (inner & MODULES) or {found.imported}
