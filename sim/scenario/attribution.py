"""Sources of numbers that a file changes inside a part whose source another file gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.scenario.ancestry import SourceFile
from sim.scenario.citing import SOURCE, VALUE
from sim.scenario.shape import KIND, SCENARIO, Slot
from sim.scenario.source_tree import Key, Steps, Tree
from sim.values import Number, Schedule


def with_own_sources(tree: Tree, files: Sequence[SourceFile]) -> Tree:
    """Copy a scenario so that no number stands under a source that speaks of another number.

    The source of a part covers the numbers that the same file gives. A bare number from another file gets a source of
    its own: what its own file says about it, otherwise that this file gives none.

    Parameters
    ----------
    tree
        The whole scenario, facts replaced.
    files
        The files that it comes from.
    """
    return _attributed(tree, SCENARIO, _Surroundings({file.own.place.file: file.own for file in files}))


@dataclass(frozen=True)
class _Surroundings:
    """What stands around a part: its path, and the file that gives the nearest source."""

    files: Mapping[str, Tree]
    path: Steps = ()
    source_file: str | None = None

    def beside(self, source: Tree | None) -> _Surroundings:
        """Surroundings of what a part holds, given the part's own source."""
        return self if source is None else replace(self, source_file=source.place.file)

    def inside(self, key: Key | int) -> _Surroundings:
        """Surroundings one step further down."""
        return replace(self, path=(*self.path, key))

    def source_for(self, number: Tree) -> str | None:
        """Give the words that a number needs as its own source; None where the nearest one speaks of it."""
        if self.source_file in {None, number.place.file}:
            return None
        if number.place.line is None:
            return "set for this run, no source given"
        return self._nearest_in(number.place.file) or f"set in {Path(number.place.file).name}, no source given"

    def _nearest_in(self, file: str) -> str | None:
        own = self.files.get(file)
        parts = [own.nearest(self.path[:depth]) for depth in range(len(self.path))] if own is not None else []
        sources = [part.entries[SOURCE].content for part in parts if SOURCE in part.entries]
        return str(sources[-1]) if sources else None


def _attributed(tree: Tree, slot: Slot | None, around: _Surroundings) -> Tree:
    if slot is None:
        return tree
    if Number in slot.holds or Schedule in slot.holds:
        return _number(tree, around)
    around = around.beside(tree.step(SOURCE))
    if isinstance(tree.content, dict):
        kind = {KIND: tree.content[KIND].content} if KIND in tree.content else {}
        steps = {key: (entry, slot.step(key, kind)) for key, entry in tree.content.items()}
        return Tree({key: _attributed(*step, around.inside(key)) for key, step in steps.items()}, tree.place)
    if isinstance(tree.content, tuple):
        items = enumerate(tree.content)
        return Tree(tuple(_attributed(item, slot.step(n, None), around.inside(n)) for n, item in items), tree.place)
    return tree


def _number(tree: Tree, around: _Surroundings) -> Tree:
    keys = tree.entries
    if keys and not any(isinstance(key, str) for key in keys):
        return Tree({date: _number(entry, around.inside(date)) for date, entry in keys.items()}, tree.place)
    words = None if SOURCE in keys else around.source_for(tree)
    if words is None:
        return tree
    source = Tree(words, tree.place)
    return Tree({**keys, SOURCE: source} if VALUE in keys else {VALUE: tree, SOURCE: source}, tree.place)
