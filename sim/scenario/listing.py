"""What people ask about scenarios: which there are, where a value comes from, how two of them differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.ancestry import EXTENDS, NAME, read_ancestry
from sim.scenario.library import library, nearby
from sim.scenario.loading import Loaded
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario
from sim.scenario.shape import children
from sim.scenario.source_tree import Steps, Tree, describe, dotted
from sim.values import Number, Part, Schedule

DEFAULT = "(default)"
"""Place of a value that no file gives."""
TITLE, QUESTION, SOURCES, SOURCE = "title", "question", "sources", "source"
TITLES = ("talks", "titles")
"""Where the titles of issues stand."""
ABSENT = "-"
"""What stands for a value that a scenario does not have."""
_WORDS = {EXTENDS, NAME, TITLE, QUESTION, SOURCES, SOURCE}
"""Entries that tell about a scenario and change nothing in the model."""


@dataclass(frozen=True)
class Entry:
    """A scenario in a list: what it is called, what it is built on, and what it changes."""

    name: str
    title: str
    parent: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class ResolvedValue:
    """One value of a resolved scenario.

    Attributes
    ----------
    path
        Dotted path, as `--set` takes it.
    text
        The value for people, with its unit.
    place
        File and line where it stands.
    source
        What the nearest `source` of a number says, or nothing.
    """

    path: str
    text: str
    place: str
    source: str


@dataclass(frozen=True)
class DifferingValue:
    """A value of the model in which two scenarios differ.

    Attributes
    ----------
    steps
        Where it stands.
    reference, other
        The value in both scenarios for people, with its unit; a dash where a scenario has none.
    source
        What the nearest `source` says of it, in the other scenario if that has it.
    """

    steps: Steps
    reference: str
    other: str
    source: str

    @property
    def path(self) -> str:
        """Dotted path, as `--set` takes it."""
        return dotted(self.steps)


def entry_of(path: Path) -> Entry:
    """Describe a scenario file without checking what is in it.

    Raises
    ------
    ScenarioError
        If it or a file that it extends cannot be read.
    """
    files = read_ancestry(path)
    titles = [str(file.own.entries[TITLE].content) for file in files if TITLE in file.own.entries]
    parent = files[1].name if len(files) > 1 else ""
    return Entry(files[0].name, titles[0] if titles else "", parent, tuple(_changes(files[0].own)))


def entries_at_hand() -> list[Entry]:
    """Describe the scenarios of the library, then those of the current folder and of `./scenarios`.

    Raises
    ------
    ScenarioError
        If a file of the library cannot be read.
    """
    own = [_entry_or_fault(path) for path in nearby() if _is_scenario(path)]
    return [*(entry_of(path) for path in library().values()), *own]


def _is_scenario(path: Path) -> bool:
    """Whether a file that lies about looks like a scenario at all."""
    try:
        return not {EXTENDS, TITLE}.isdisjoint(read_file(path).entries)
    except ScenarioError:
        return False


def _entry_or_fault(path: Path) -> Entry:
    try:
        return entry_of(path)
    except ScenarioError as error:
        return Entry(path.stem, str(error), "", ())


def _changes(own: Tree) -> Iterator[str]:
    """Name what a file changes: `demand.market_elasticity`, `policies.pilot`, at most two steps deep."""
    for key, tree in own.entries.items():
        if key in _WORDS:
            continue
        named = [name for name in tree.entries if isinstance(name, str)]
        inner = [name for name in named if name != SOURCE and (key, name) != TITLES]
        yield from (dotted((key, name)) for name in inner) if inner else (str(key),)


def resolved_values(loaded: Loaded) -> list[ResolvedValue]:
    """Give every value of a scenario in the order of the schema, each with its place and source."""
    return [_resolved(path, value, source, loaded.tree) for path, value, source in values_of(loaded.scenario)]


def differing_values(ours: Scenario, theirs: Scenario) -> list[tuple[str, str, str]]:
    """Give path and both values where two resolved scenarios differ; a dash where one has no such value."""
    return [(dotted(steps), left, right) for steps, left, right in _differing(ours, theirs)]


def differing_model_values(ours: Scenario, theirs: Scenario) -> list[DifferingValue]:
    """List the values in which two scenarios differ for the model: no titles, no questions, no sources."""
    return [
        DifferingValue(steps, left, right, nearest_source(theirs if right != ABSENT else ours, steps))
        for steps, left, right in _differing(ours, theirs)
        if steps[0] != SOURCES and steps[-1] not in {TITLE, QUESTION} and steps[:-1] != TITLES
    ]


def _differing(ours: Scenario, theirs: Scenario) -> Iterator[tuple[Steps, str, str]]:
    left, right = (
        {path: value for path, value, _ in values_of(scenario) if path != (NAME,)} for scenario in (ours, theirs)
    )
    missing = object()
    for path in (*left, *(path for path in right if path not in left)):
        if _meaning(left.get(path, missing)) != _meaning(right.get(path, missing)):
            yield path, _side(left, path), _side(right, path)


def nearest_source(part: Any, steps: Steps) -> str:
    """Give the innermost source on the way to a value."""
    source = ""
    for step in (*steps, None):
        if isinstance(part, Part | Number):
            source = part.source or source
        if isinstance(part, Schedule):
            part = next((number for date, number in part.steps if date in {step, None}), None)
            if part is not None and part.source:
                return str(part.source)
        else:
            part = dict(children(part)).get(step)
    return source


def _resolved(path: Steps, value: Any, source: str, tree: Tree) -> ResolvedValue:
    here: Tree | None = tree
    for step in path:
        here = None if here is None else here.step(step)
    place = DEFAULT if here is None else str(here.place)
    return ResolvedValue(dotted(path), text_of(value), place, source)


def values_of(part: Any, path: Steps = (), source: str = "") -> Iterator[tuple[Steps, Any, str]]:
    """Give path, value and nearest source of every number, word, date and switch of a scenario."""
    if isinstance(part, Part | Number):
        source = part.source or source
    if isinstance(part, Number):
        yield path, part, source
    elif isinstance(part, Schedule):
        for date, number in part.steps:
            yield from values_of(number, path if date is None else (*path, date), source)
    elif isinstance(part, Part | dict | tuple):
        for key, inner in _children(part):
            yield from values_of(inner, (*path, key), source)
    elif part is not None:
        yield path, part, ""


def _children(part: Any) -> list[tuple[Any, Any]]:
    return [(key, inner) for key, inner in children(part) if key != SOURCE]


def _meaning(value: Any) -> Any:
    """Give what makes a value different from another: not its source, nor its name."""
    return (value.kind, value.parameters) if isinstance(value, Number) else value


def _side(values: dict[Steps, Any], path: Steps) -> str:
    return text_of(values[path]) if path in values else ABSENT


def text_of(value: Any) -> str:
    """Write a value of a scenario for people, a number with its unit."""
    if isinstance(value, Number):
        return f"{value} {value.unit}".rstrip()
    return str(value) if isinstance(value, str | dt.date) else describe(value)
