"""Sources of numbers that a file changes inside a part whose source another file gave."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.citing import SOURCE, VALUE
from sim.scenario.shape import SCENARIO, Slot
from sim.scenario.source_tree import Place, Tree
from sim.values import Number, Schedule


def with_own_sources(tree: Tree, slot: Slot = SCENARIO, source_file: str | None = None) -> Tree:
    """Copy a scenario so that no number stands under a source that speaks of the number it replaced.

    The source of a part covers the numbers that the same file gives. A bare number from another file, laid over the
    part, gets a source of its own that names that file.

    Parameters
    ----------
    tree
        Part of a scenario, facts replaced.
    slot
        What the schema allows here.
    source_file
        File that gives the nearest source around the part.
    """
    if Number in slot.holds or Schedule in slot.holds:
        return _number(tree, source_file)
    own = tree.step(SOURCE)
    file = source_file if own is None else own.place.file
    if isinstance(tree.content, dict):
        inside = {key: (entry, slot.step(key, _kind(tree))) for key, entry in tree.content.items()}
        entries = {k: entry if s is None else with_own_sources(entry, s, file) for k, (entry, s) in inside.items()}
        return Tree(entries, tree.place)
    if isinstance(tree.content, tuple) and (item_slot := slot.step(0, None)) is not None:
        return Tree(tuple(with_own_sources(item, item_slot, file) for item in tree.content), tree.place)
    return tree


def _kind(tree: Tree) -> dict[str, object]:
    """Give as much of a part's content as tells its class."""
    kind = tree.step("kind")
    return {} if kind is None else {"kind": kind.content}


def _number(tree: Tree, source_file: str | None) -> Tree:
    keys = tree.entries
    if keys and not any(isinstance(key, str) for key in keys):
        return Tree({date: _number(entry, source_file) for date, entry in keys.items()}, tree.place)
    if source_file is None or tree.place.file == source_file or SOURCE in keys:
        return tree
    source = Tree(_words(tree.place), tree.place)
    return Tree({**keys, SOURCE: source} if VALUE in keys else {VALUE: tree, SOURCE: source}, tree.place)


def _words(place: Place) -> str:
    if place.line is None:
        return "set for this run, no source given"
    return f"set in {Path(place.file).name}, no source given"
