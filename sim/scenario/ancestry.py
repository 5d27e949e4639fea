"""A scenario file and the files that it extends, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from sim.errors import ScenarioError
from sim.scenario.library import find_parent
from sim.scenario.merging import merged
from sim.scenario.reading import read_file
from sim.scenario.source_tree import Tree, kind_of, shown

EXTENDS, NAME = "extends", "name"


@dataclass(frozen=True)
class SourceFile:
    """One scenario file as it is written: only what it changes."""

    path: Path
    own: Tree

    @property
    def name(self) -> str:
        """Name of the scenario: that of the file unless it gives one (resolved files do)."""
        given = self.own.step(NAME)
        return str(given.content) if given is not None else self.path.stem


def read_ancestry(path: Path) -> list[SourceFile]:
    """Read a file and all that it extends.

    Returns
    -------
    list[SourceFile]
        The file itself first, its oldest ancestor last.

    Raises
    ------
    ScenarioError
        If a file cannot be read, does not exist or extends itself, directly or by others.
    """
    files = [SourceFile(path, read_file(path))]
    while (link := files[-1].own.step(EXTENDS)) is not None:
        parent = _parent(files[-1], link)
        _check_circle(files, parent, link)
        files.append(SourceFile(parent, read_file(parent)))
    return files


def combined(files: list[SourceFile]) -> Tree:
    """Lay the files over each other, the oldest first; the scenario's name is that of the first file."""
    whole = reduce(merged, [_changes(file) for file in reversed(files)])
    first = files[0]
    given = first.own.step(NAME)
    name = given if given is not None else Tree(first.path.stem, first.own.place)
    return Tree({NAME: name, **whole.entries}, whole.place)


def _changes(file: SourceFile) -> Tree:
    kept = {key: tree for key, tree in file.own.entries.items() if key not in {EXTENDS, NAME}}
    return Tree(kept, file.own.place)


def _parent(file: SourceFile, link: Tree) -> Path:
    if not isinstance(link.content, str):
        raise ScenarioError(f"{link.place}: extends: expected the name or path of a scenario, found {kind_of(link)}")
    try:
        parent = find_parent(link.content, file.path)
    except ScenarioError as error:
        raise ScenarioError(f"{link.place}: extends: {error}") from None
    if not parent.is_file():
        raise ScenarioError(f"{link.place}: extends: there is no file {shown(parent)}")
    return parent


def _check_circle(files: list[SourceFile], parent: Path, link: Tree) -> None:
    known = [file.path.resolve() for file in files]
    if parent.resolve() in known:
        circle = [*files[known.index(parent.resolve()) :]]
        names = " -> ".join([*(file.path.stem for file in circle), circle[0].path.stem])
        raise ScenarioError(f"{link.place}: extends: the files extend each other in a circle: {names}")
