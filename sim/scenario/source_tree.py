"""Values of a scenario as a tree in which each one knows the file and line that it comes from.

What is wrong with values is collected as `Problem`s, so that the user can mend them all at once.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from sim.errors import ScenarioError

EXTENDS, FACTS, NAME, KIND = "extends", "facts", "name", "kind"
"""Keys of scenario files: what a file is laid over, its own folder of facts, what it is called, what a part is."""
AS_OF, ANNOUNCED = "as_of", "announced"
"""Keys of scenario files: the day as of which it is run, and when something became known."""
MAX_DEPTH = 40
"""Number of lists and mappings that may stand inside each other."""
MAX_INTEGER = 10**18
"""Largest whole number; text with more digits is read as a real number."""
MAX_SHOWN = 60
"""Length of the longest value that a message repeats in full."""

Scalar: TypeAlias = str | int | float | bool | dt.date | None
Key: TypeAlias = str | dt.date
Steps: TypeAlias = tuple[Key | int, ...]

_INDEX = re.compile(r"[0-9]{1,6}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Place:
    """Where a value stands: a file and line, or an argument."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        """Give the place as editors understand it."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Tree:
    """A value of a scenario file with the place where it stands.

    Attributes
    ----------
    content
        A scalar, a tuple of trees (a list) or a dict of trees (a mapping).
    place
        Line of the key where the value belongs to one, otherwise the line where the value begins.
    """

    content: Scalar | tuple[Tree, ...] | dict[Key, Tree]
    place: Place

    @property
    def entries(self) -> dict[Key, Tree]:
        """Entries of a mapping; empty for anything else."""
        return self.content if isinstance(self.content, dict) else {}

    def plain(self) -> Any:
        """Give the value without places: dicts, tuples and scalars."""
        if isinstance(self.content, dict):
            return {key: entry.plain() for key, entry in self.content.items()}
        if isinstance(self.content, tuple):
            return tuple(item.plain() for item in self.content)
        return self.content

    def step(self, key: object) -> Tree | None:
        """Give the entry or item of that key, or None."""
        if isinstance(self.content, tuple):
            found = isinstance(key, int) and 0 <= key < len(self.content)
            return self.content[key] if found and isinstance(key, int) else None
        return self.entries.get(key) if isinstance(key, str | dt.date) else None

    def nearest(self, path: Sequence[object]) -> Tree:
        """Follow a path as far as it exists."""
        here = self
        for key in path:
            inner = here.step(key)
            if inner is None:
                break
            here = inner
        return here

    def at(self, place: Place) -> Tree:
        """Copy the tree as standing somewhere else (what is inside keeps its places)."""
        return Tree(self.content, place)

    def leaves(self, path: Steps = ()) -> Iterator[tuple[Steps, Tree]]:
        """Give every scalar and every empty list or mapping with its path."""
        held = self.content
        inner: Iterable[tuple[Key | int, Tree]] = enumerate(held) if isinstance(held, tuple) else self.entries.items()
        if not held or not isinstance(held, dict | tuple):
            yield path, self
        else:
            for key, tree in inner:
                yield from tree.leaves((*path, key))


def dotted(path: Sequence[object]) -> str:
    """Write a path as `markets.china.total_bn.2018-07-01`."""
    return ".".join(str(step) for step in path)


def steps_of(path: str, place: Place) -> Steps:
    """Read a dotted path; whole numbers count the items of a list."""
    return tuple(int(step) if _INDEX.fullmatch(step) else key_of(step, place) for step in path.split("."))


def shown(path: Path) -> str:
    """Write a file's path as short as it is clear: relative to the current folder where it lies inside."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)


def tree_of(value: Any, place: Place, depth: int = 0) -> Tree:
    """Turn plain Python data into a tree that stands at one place."""
    if depth > MAX_DEPTH:
        raise ScenarioError(f"{place}: more than {MAX_DEPTH} lists and mappings inside each other")
    if isinstance(value, Mapping):
        return Tree({key_of(key, place): tree_of(item, place, depth + 1) for key, item in value.items()}, place)
    if isinstance(value, list | tuple):
        return Tree(tuple(tree_of(item, place, depth + 1) for item in value), place)
    return Tree(_scalar_of(value.item() if isinstance(value, np.generic) else value, place), place)


def _scalar_of(value: Any, place: Place) -> Scalar:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ScenarioError(f"{place}: a whole number of more than 18 digits cannot stand in a scenario")
    if value is None or isinstance(value, str | bool | int | float | dt.date):
        return value
    raise ScenarioError(f"{place}: a {type(value).__name__} cannot stand in a scenario: {value!r}")


def kind_of(tree: Tree) -> str:
    """Say what a value is, for messages."""
    if isinstance(tree.content, dict):
        return "a mapping"
    if isinstance(tree.content, tuple):
        return "a list"
    return describe(tree.content)


def describe(value: object) -> str:
    """Show a plain value in a message, shortened and as YAML has it."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return f"a mapping with {_short(', '.join(map(str, value)))}" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    return _short(repr(value) if isinstance(value, str) else str(value))


def one_line(text: str) -> str:
    """Write what cannot be printed, such as a line break inside a name, as its escape."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def key_of(key: object, place: Place) -> Key:
    """Take a name or a date as the key of a mapping; text that looks like a date is one.

    Raises
    ------
    ScenarioError
        If it is anything else.
    """
    if isinstance(key, dt.datetime):
        return key.date()
    if isinstance(key, str):
        return date_of(key, place) if DATE.fullmatch(key) else key
    if isinstance(key, dt.date):
        return key
    raise ScenarioError(f"{place}: {describe(key)} cannot be a key; keys are names, or dates such as 2018-07-01")


def date_of(text: str, place: Place) -> dt.date:
    """Read text such as 2018-07-01.

    Raises
    ------
    ScenarioError
        If there is no such day.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ScenarioError(f"{place}: {text} is no date: {error}") from None


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """Name the nearest valid word and all of them, as the end of a message."""
    known = sorted(valid)
    if not known:
        return ""
    nearest = difflib.get_close_matches(word, known, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"{hint} (known: {', '.join(known)})"


@dataclass(frozen=True)
class Problem:
    """What is wrong in a scenario.

    Attributes
    ----------
    path
        Where it is wrong.
    text
        What is wrong there, what was expected and the nearest valid name.
    others
        What else has a part in it, so that it may be there that the user wrote something.
    """

    path: Steps
    text: str
    others: tuple[Steps, ...] = ()

    def place_in(self, tree: Tree) -> Place:
        """Find the line to be mended: the user's own, in an argument or the file, if any of these places is."""
        places = [tree.nearest(path).place for path in (self.path, *self.others)]
        return next((place for place in places if place.line is None or place.file == tree.place.file), places[0])

    def located(self, tree: Tree) -> str:
        """Write the problem as one line that begins with the file and line of the value."""
        where = f"{dotted(self.path)}: " if self.path else ""
        return f"{self.place_in(tree)}: {one_line(where + self.text)}"


def in_lines(problems: Iterable[Problem], tree: Tree) -> list[str]:
    """Write problems as one line each: those of the user's own file first, in its order."""
    own = tree.place.file

    def position(problem: Problem) -> tuple[bool, str, int]:
        place = problem.place_in(tree)
        return place.file != own, place.file, place.line or 0

    return list(dict.fromkeys(problem.located(tree) for problem in sorted(problems, key=position)))


def refuse(problems: Iterable[Problem], tree: Tree) -> None:
    """Raise all problems, one line each, if there are any.

    Raises
    ------
    ScenarioError
        With one line for each problem.
    """
    lines = in_lines(problems, tree)
    if lines:
        raise ScenarioError("\n".join(lines))
