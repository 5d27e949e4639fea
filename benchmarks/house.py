"""The house in figures: files, lines, rooms, arrows, circles.

`python -m benchmarks.house` prints them; `python -m benchmarks.house modules` prints what every module holds.

A room is a folder of modules, or a module that stands loose in `sim/`. An arrow leads from a room to one that it
imports, imports for types and inside functions counted. A circle is a set of modules that import each other.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sim"
SAYS_NOTHING = frozenset(
    ("content", "common", "tables", "page", "folder", "screen", "work", "plan", "shape", "parts", "charts", "text")
)
"""Names of modules that say nothing outside their folder."""


@dataclass(frozen=True)
class Import:
    """One import: who imports what, and where it stands."""

    importer: str
    imported: str
    names: tuple[str, ...]
    place: str


def imports() -> Iterator[Import]:
    """All imports in the package, those inside functions and those for types alone included."""
    for path in sorted(PACKAGE.rglob("*.py")):
        importer, file = module_of(path), path.relative_to(ROOT)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            place = f"{file}:{node.lineno}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(importer, alias.name, (), place)
            else:
                if node.level:
                    raise ValueError(f"{place}: imports go by full name")
                yield Import(importer, node.module or "", tuple(alias.name for alias in node.names), place)


def module_of(path: Path) -> str:
    """Dotted name of a file."""
    steps = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
FOLDERS = {name for name, path in MODULES.items() if path.name == "__init__.py"}
IMPORTS = tuple(imports())
OURS = tuple(found for found in IMPORTS if found.imported.partition(".")[0] == "sim")


def room_of(module: str) -> str:
    """The folder that a module stands in; a module that stands loose in `sim/` is a room of its own."""
    if module in FOLDERS or module.count(".") == 1:
        return module
    return module.rpartition(".")[0]


def modules_imported(found: Import) -> set[str]:
    """The modules that an import runs: `from sim.report import screen` is one of `sim.report.terminal`."""
    inner = {f"{found.imported}.{name}" for name in found.names} & set(MODULES)
    return inner or {found.imported}


def arrows() -> set[tuple[str, str]]:
    """Pairs of rooms of which the first imports the second; the public names of `sim` itself are no room."""
    pairs = {(room_of(found.importer), room_of(module)) for found in OURS for module in modules_imported(found)}
    return {(one, other) for one, other in pairs if one != other and "sim" not in {one, other}}


def circles() -> list[list[str]]:
    """Sets of modules that import each other, the largest first."""
    graph = {module: set[str]() for module in MODULES if module != "sim"}
    for found in OURS:
        if found.importer != "sim":
            graph[found.importer] |= modules_imported(found) - {"sim", found.importer}
    return sorted((held for held in _components(graph) if len(held) > 1), key=len, reverse=True)


def _components(graph: dict[str, set[str]]) -> list[list[str]]:
    """Sets of nodes that reach each other."""
    reach = {node: _reached(graph, node) for node in graph}
    found: list[list[str]] = []
    seen: set[str] = set()
    for node in graph:
        if node not in seen:
            held = sorted(other for other in reach[node] if node in reach[other]) or [node]
            seen.update(held)
            found.append(held)
    return found


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    waiting, reached = list(graph[start]), set[str]()
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting.extend(graph.get(node, ()))
    return reached


def is_without_circle(graph: dict[str, set[str]]) -> bool:
    """Whether arrows can be put in an order."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return False
    return True


def figures() -> dict[str, int]:
    """The measures of the house by name."""
    loose = list(PACKAGE.glob("*.py"))
    return {
        "Python files in sim": len(MODULES),
        "lines in them": sum(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values()),
        "rooms": len({room_of(module) for module in MODULES} - {"sim"}),
        "arrows between rooms": len(arrows()),
        "loose files in sim's root": len(loose),
        "modules in circles, types counted": sum(map(len, circles())),
        "module names that say nothing outside their folder": sum(
            path.stem in SAYS_NOTHING for path in MODULES.values()
        ),
    }


def modules() -> Iterator[str]:
    """Each module with the first line of its text, room after room."""
    for module, path in sorted(MODULES.items(), key=lambda held: (room_of(held[0]), held[0])):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        yield f"{module:45} {said.partition(chr(10))[0]}"


def main() -> None:
    """Print the measures, and the circles if there are any; every module where asked for `modules`."""
    if sys.argv[1:] == ["modules"]:
        print(*modules(), sep="\n")
        return
    for name, value in figures().items():
        print(f"{value:7,d}  {name}")
    for circle in circles():
        print("circle:", " ".join(circle))


if __name__ == "__main__":
    main()
