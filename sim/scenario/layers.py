"""What a scenario is made of: its file, the files that it extends below it, single values set for a run on top."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.facts import Fact, own_facts
from sim.scenario.library import find_parent, is_within_reach, library, name_of
from sim.scenario.schema_slots import slot_at
from sim.scenario.source_tree import (
    EXTENDS,
    FACTS,
    KIND,
    NAME,
    Place,
    Steps,
    Tree,
    did_you_mean,
    dotted,
    kind_of,
    one_line,
    shown,
    steps_of,
    tree_of,
)
from sim.scenario.yaml_files import read_file, read_text
from sim.values import ESTIMATED, PARAMETERS, TOGETHER

OPTION = "--set"
_WHOLE = {"value", "fact", "prior", ESTIMATED}
"""Keys of mappings that are one number."""


@dataclass(frozen=True)
class SourceFile:
    """One scenario file as it is written: only what it changes."""

    path: Path
    own: Tree

    @property
    def name(self) -> str:
        """Name of the scenario: that of the file unless it gives one (resolved files do)."""
        given = self.own.step(NAME)
        return str(given.content) if given is not None else name_of(self.path)


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
        known = [file.path.resolve() for file in files]
        if parent.resolve() in known:
            circle = files[known.index(parent.resolve()) :]
            names = " -> ".join(file.path.stem for file in [*circle, circle[0]])
            raise ScenarioError(f"{link.place}: extends: the files extend each other in a circle: {names}")
        files.append(SourceFile(parent, read_file(parent)))
    return files


def _parent(file: SourceFile, link: Tree) -> Path:
    if not isinstance(link.content, str | int | dt.date) or isinstance(link.content, bool):
        raise ScenarioError(f"{link.place}: extends: expected the name or path of a scenario, found {kind_of(link)}")
    try:
        parent = find_parent(str(link.content), file.path)
    except ScenarioError as error:
        raise ScenarioError(f"{link.place}: extends: {error}") from None
    if not parent.is_file():
        name = parent.stem
        hint = f"; write `{EXTENDS}: {name}` for the one of the library" if name in library() else ""
        raise ScenarioError(f"{link.place}: extends: there is no file {shown(parent)}{hint}")
    if not is_within_reach(parent, file.path.parent):
        raise ScenarioError(
            f"{link.place}: extends: {shown(parent)} lies outside the working folder, the folder of this file and the "
            "library, so it is not read; copy it beside this file, or run the command in a folder that holds both"
        )
    return parent


def facts_of(files: Sequence[SourceFile]) -> dict[str, Fact]:
    """Read the user's own facts: those of the folder that each file names, which starts at the folder of the file.

    Raises
    ------
    ScenarioError
        If a folder cannot be read, or two folders have a fact of the same key.
    """
    found: dict[str, Fact] = {}
    for file in reversed(files):
        link = file.own.step(FACTS)
        if link is None:
            continue
        if not isinstance(link.content, str):
            raise ScenarioError(f"{link.place}: {FACTS}: expected the path of a folder, found {kind_of(link)}")
        try:
            given = own_facts(file.path.parent / link.content)
        except ScenarioError as error:
            raise ScenarioError(f"{link.place}: {FACTS}: {error}") from None
        for key, fact in given.items():
            if found.setdefault(key, fact) != fact:
                known = f"{found[key].file}:{found[key].line}"
                raise ScenarioError(f"{link.place}: {FACTS}: {fact.file}:{fact.line}: {key} is also in {known}")
    return found


def combined(files: Sequence[SourceFile]) -> Tree:
    """Lay the files over each other, the oldest first; the scenario's name is that of the first file."""
    changes = [
        Tree({key: tree for key, tree in file.own.entries.items() if key not in {EXTENDS, FACTS, NAME}}, file.own.place)
        for file in reversed(files)
    ]
    whole, first = reduce(merged, changes), files[0]
    name = first.own.step(NAME) or Tree(first.name, first.own.place)
    return Tree({NAME: name, **whole.entries}, whole.place)


def merged(base: Tree, over: Tree, path: Steps = ()) -> Tree:
    """Lay `over` on `base`.

    Mappings are merged entry by entry; `null` removes an inherited entry. Everything else replaces: a list, a number
    (also one written as `{value, source}`, `{fact}` or a distribution), and a mapping of another `kind`.

    Raises
    ------
    ScenarioError
        If `over` removes an entry that is not there.
    """
    if not _merges(base, over):
        return over
    entries = dict(base.entries)
    for key, tree in over.entries.items():
        if tree.content is not None:
            entries[key] = merged(entries[key], tree, (*path, key)) if key in entries else tree
        elif key in entries:
            del entries[key]
        else:
            near = did_you_mean(str(key), [str(known) for known in base.entries])
            text = f"{dotted((*path, key))}: null removes an inherited entry, but there is none{near}"
            raise ScenarioError(f"{tree.place}: {one_line(text)}")
    return Tree(entries, over.place)


def _merges(base: Tree, over: Tree) -> bool:
    if not isinstance(base.content, dict) or not isinstance(over.content, dict):
        return False
    if is_number(base) or is_number(over):
        return False
    old, new = base.step(KIND), over.step(KIND)
    return old is None or new is None or old.content == new.content


def is_number(tree: Tree) -> bool:
    """Whether a mapping is one number: `{value, source}`, `{fact}`, `{prior}` or a distribution."""
    keys = tree.entries.keys()
    return not _WHOLE.isdisjoint(keys) or (len(keys - {TOGETHER}) == 1 and keys <= {*PARAMETERS, "sample", TOGETHER})


def parsed(assignments: Sequence[str]) -> dict[str, Tree]:
    """Read `PATH=VALUE` arguments; each value is YAML.

    Raises
    ------
    ScenarioError
        If an argument has no `=`, no value, or a value that is no YAML.
    """
    changes = {}
    for assignment in assignments:
        path, equals, value = (piece.strip() for piece in assignment.partition("="))
        if not equals or not path or not value:
            raise ScenarioError(f"{OPTION} {assignment}: expected PATH=VALUE, such as demand.market_elasticity=1.5")
        changes[path] = read_text(value, f"{OPTION} {path}", lines=False)
    return changes


def with_overrides(whole: Tree, overrides: Mapping[str, Any]) -> Tree:
    """Lay changes over a scenario, as a further file would.

    Parameters
    ----------
    whole
        The scenario as its files give it.
    overrides
        Value by dotted path, as plain data or as a tree; items of a list by number.

    Raises
    ------
    ScenarioError
        If a path leads nowhere; the message names the nearest step.
    """
    if not isinstance(overrides, Mapping):
        text = 'expected values by dotted path, such as {"demand.market_elasticity": 1.5}'
        raise ScenarioError(f"{OPTION}: {text}, found {overrides!r}")
    for path, value in overrides.items():
        place = Place(f"{OPTION} {path}")
        steps = steps_of(str(path), place)
        _check_path(whole, steps, place)
        whole = _laid(whole, steps, value if isinstance(value, Tree) else tree_of(value, place))
    return whole


def _laid(here: Tree, steps: Steps, value: Tree) -> Tree:
    """Lay a value over what stands at the end of the steps."""
    if not steps:
        return merged(here, value)
    key, rest = steps[0], steps[1:]
    inner = here.step(key)
    if isinstance(here.content, tuple):
        items = enumerate(here.content)
        return Tree(tuple(_laid(item, rest, value) if index == key else item for index, item in items), here.place)
    if rest and inner is not None:
        return Tree({**here.entries, key: _laid(inner, rest, value)}, here.place)  # type: ignore[dict-item]
    for new in reversed(steps):
        value = Tree({new: value}, value.place)  # type: ignore[dict-item]
    return merged(here, value)


def _check_path(whole: Tree, steps: Steps, place: Place) -> None:
    """Refuse a path whose steps neither exist nor could.

    A field of the schema may be added anywhere; the name of a new entry, or a new date, only as the last step.
    """
    depth = 0
    here: Tree = whole
    while (inner := here.step(steps[depth])) is not None:
        here, depth = inner, depth + 1
        if depth == len(steps):
            return
    key, plain = steps[depth], whole.plain()
    slot = slot_at(steps[:depth], plain)
    part = None if slot is None else slot.part(here.plain())
    fields = [] if part is None else list(part.model_fields)
    takes_names = slot is not None and slot.keys is not None and part is None
    takes_dates = bool(here.entries) and all(not isinstance(known, str) for known in here.entries)
    is_last = depth == len(steps) - 1
    if key in fields or (is_last and (takes_names if isinstance(key, str) else takes_dates)):
        return
    valid = map(str, range(len(here.content)) if isinstance(here.content, tuple) else (*here.entries, *fields))
    parent = dotted(steps[:depth]) or "the scenario"
    raise ScenarioError(f"{place}: {parent} has no {str(key)!r}{did_you_mean(str(key), set(valid))}")
