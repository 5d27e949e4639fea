"""YAML as a tree in which every value knows the file and line that it comes from.

Only the core of YAML is read: `true`/`false`, `null`, numbers, text, dates (`2018-07-01`), lists, and mappings whose
keys are names or dates. `no`, `on` and `yes` are text. Duplicate keys, tags that make objects, several documents, and
files that are too large or too deep once their aliases are written out are refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import yaml

from sim.errors import ScenarioError

MAX_BYTES = 1_000_000
"""Size of the largest file read; the largest scenarios are a twentieth of it."""
MAX_VALUES = 100_000
"""Number of values that a file may hold once its aliases are written out."""
MAX_DEPTH = 40
"""Number of lists and mappings that may stand inside each other."""

MAX_INTEGER = 10**18
"""Largest whole number; text with more digits is read as a real number."""

Scalar: TypeAlias = str | int | float | bool | dt.date | None
Key: TypeAlias = str | dt.date
Steps: TypeAlias = tuple[Key | int, ...]

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INDEX = re.compile(r"[0-9]{1,6}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "null", "bool", "int", "float", "timestamp")}
_TEXT_TAGS = {"tag:yaml.org,2002:str", "!"}


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
        inner: Iterator[tuple[Key | int, Tree]] = iter(())
        if isinstance(self.content, dict):
            inner = iter(self.content.items())
        elif isinstance(self.content, tuple):
            inner = iter(enumerate(self.content))
        count = 0
        for key, tree in inner:
            count += 1
            yield from tree.leaves((*path, key))
        if not count:
            yield path, self


def dotted(path: Sequence[object]) -> str:
    """Write a path as `markets.china.total_bn.2018-07-01`."""
    return ".".join(str(step) for step in path)


def steps_of(path: str, place: Place) -> Steps:
    """Read a dotted path; whole numbers count the items of a list."""
    return tuple(int(step) if _INDEX.fullmatch(step) else _key(step, place) for step in path.split("."))


def shown(path: Path) -> str:
    """Write a file's path as short as it is clear: relative to the current folder where it lies inside."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)


def read_file(path: Path) -> Tree:
    """Read a scenario file, whose top must be a mapping.

    Raises
    ------
    ScenarioError
        If the file cannot be read or holds anything else; the message has file and line.
    """
    name = shown(path)
    tree = read_text(_text_of(path, name), name)
    if tree.content is None:
        raise ScenarioError(f"{name}:1: the file is empty; a scenario needs at least `extends:` and `title:`")
    if not isinstance(tree.content, dict):
        raise ScenarioError(f"{tree.place}: expected `key: value` lines at the top of the file, found {kind_of(tree)}")
    return tree


def read_text(text: str, file: str, lines: bool = True) -> Tree:
    """Read one YAML document.

    Parameters
    ----------
    text
        The document.
    file
        What to call its place in messages.
    lines
        Whether line numbers mean anything to the user.

    Raises
    ------
    ScenarioError
        If the text is no YAML or uses more than the core of it.
    """
    try:
        return _Composer(yaml.parse(text, Loader=_Parser), file, lines).document()
    except yaml.YAMLError as error:
        raise ScenarioError(_syntax_message(error, file, text, lines)) from None


_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def tree_of(value: Any, place: Place, depth: int = 0) -> Tree:
    """Turn plain Python data into a tree that stands at one place."""
    if depth > MAX_DEPTH:
        raise ScenarioError(f"{place}: more than {MAX_DEPTH} lists and mappings inside each other")
    if isinstance(value, Mapping):
        return Tree({_key(key, place): tree_of(item, place, depth + 1) for key, item in value.items()}, place)
    if isinstance(value, list | tuple):
        return Tree(tuple(tree_of(item, place, depth + 1) for item in value), place)
    return Tree(_scalar_of(value.item() if isinstance(value, np.generic) else value, place), place)


def _scalar_of(value: Any, place: Place) -> Scalar:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ScenarioError(f"{place}: {describe(value)} is too large a number")
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


MAX_SHOWN = 60
"""Length of the longest value that a message repeats in full."""


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


def _text_of(path: Path, name: str) -> str:
    try:
        if path.is_dir():
            raise ScenarioError(f"{name}: is a folder, expected a scenario file (.yaml)")
        if not path.is_file():
            raise ScenarioError(f"{name}: there is no such file")
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(f"{name}: the file is larger than {MAX_BYTES:,} bytes; is it a scenario?")
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"{name}: the file cannot be read: {error.strerror or error}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError(f"{name}:{line}: this is no text in UTF-8 (byte {raw[error.start]:#04x})") from None


def _syntax_message(error: yaml.YAMLError, file: str, text: str, lines: bool) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        line = mark.line + 1
        reason = ", ".join(part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    else:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position if isinstance(position, int) else 0) + 1
        reason = str(getattr(error, "reason", error))
    return f"{Place(file, line if lines else None)}: this is no valid YAML: {reason}"


def _key(key: object, place: Place) -> Key:
    if isinstance(key, dt.datetime):
        return key.date()
    if isinstance(key, str):
        return _date(key, place) if _DATE.fullmatch(key) else key
    if isinstance(key, dt.date):
        return key
    raise ScenarioError(f"{place}: {describe(key)} cannot be a key; keys are names, or dates such as 2018-07-01")


def _date(text: str, place: Place) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ScenarioError(f"{place}: {text} is no date: {error}") from None


def _height(tree: Tree) -> int:
    return max(len(steps) for steps, _ in tree.leaves())


class _Composer:
    """Builds the tree of one document from the parser's events."""

    def __init__(self, events: Iterator[yaml.Event], file: str, lines: bool) -> None:
        self._events = events
        self._file = file
        self._lines = lines
        self._anchors: dict[str, Tree | None] = {}
        self._sizes: dict[str, int] = {}
        self._count = 0

    def document(self) -> Tree:
        """Read the only document; nothing at all is None."""
        tree = Tree(None, self._place_at(1))
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error(event, "a second document begins here (---); expected only one in the file")
                tree = self._value(next(self._events), 0)
        return tree

    def _place_at(self, line: int) -> Place:
        return Place(self._file, line if self._lines else None)

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return self._place_at(1 if mark is None else mark.line + 1)

    def _error(self, event: yaml.Event, text: str) -> ScenarioError:
        return ScenarioError(f"{self._place(event)}: {one_line(text)}")

    def _value(self, event: yaml.Event, depth: int) -> Tree:
        """Read the value that begins with this event."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        before = self._count
        self._grow(1, event)
        self._check_depth(depth, event)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = None
        tree = Tree(self._content(event, depth), self._place(event))
        if anchor is not None:
            self._anchors[anchor] = tree
            self._sizes[anchor] = self._count - before
        return tree

    def _content(self, event: yaml.Event, depth: int) -> Scalar | tuple[Tree, ...] | dict[Key, Tree]:
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _PLAIN_TAGS | _TEXT_TAGS:
            written = tag.replace("tag:yaml.org,2002:", "!!")
            raise self._error(event, f"the tag {written} is not allowed; a scenario holds plain values only")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        return self._scalar(event)

    def _grow(self, size: int, event: yaml.Event) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            raise self._error(event, f"the file holds more than {MAX_VALUES:,} values once its aliases are written out")

    def _check_depth(self, depth: int, event: yaml.Event) -> None:
        if depth > MAX_DEPTH:
            raise self._error(event, f"more than {MAX_DEPTH} lists and mappings stand inside each other here")

    def _alias(self, event: yaml.AliasEvent, depth: int) -> Tree:
        if event.anchor not in self._anchors:
            raise self._error(event, f"*{event.anchor} refers to nothing: no &{event.anchor} stands before it")
        tree = self._anchors[event.anchor]
        if tree is None:
            raise self._error(event, f"*{event.anchor} stands inside what it refers to")
        self._grow(self._sizes[event.anchor], event)
        self._check_depth(depth + _height(tree), event)
        return tree

    def _sequence(self, depth: int) -> tuple[Tree, ...]:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, depth + 1))
        return tuple(items)

    def _mapping(self, depth: int) -> dict[Key, Tree]:
        entries: dict[Key, Tree] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._mapping_key(event)
            if key in entries:
                raise self._error(event, f"{key} stands here a second time (first in line {entries[key].place.line})")
            entries[key] = self._entry(key, event, depth)
        return entries

    def _entry(self, key: Key, key_event: yaml.Event, depth: int) -> Tree:
        event = next(self._events)
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and not event.value:
            raise self._error(key_event, f"nothing is written after `{key}:`; write null to remove what is inherited")
        return self._value(event, depth + 1).at(self._place(key_event))

    def _mapping_key(self, event: yaml.Event) -> Key:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event, "a key must be a name or a date, not a list, a mapping or an alias")
        if event.value == "<<" and event.implicit[0]:
            raise self._error(event, "merge keys (<<) are not read; write `extends:` or repeat the values")
        return _key(event.value if not event.implicit[0] else self._scalar(event), self._place(event))

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        plain = event.implicit[0] or event.tag in _PLAIN_TAGS
        if not plain:
            return text
        if _NULL.fullmatch(text):
            return None
        if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
            return bool(_TRUE.fullmatch(text))
        if _INTEGER.fullmatch(text):
            return int(text)
        if REAL.fullmatch(text):
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        if _DATE.fullmatch(text):
            return _date(text, self._place(event))
        return text
