"""YAML files: read as trees, and written complete.

Only the core of YAML is read: `true`/`false`, `null`, numbers, text, dates (`2018-07-01`), lists, and mappings whose
keys are names or dates. `no`, `on` and `yes` are text. Duplicate keys, tags that make objects, several documents, and
files that are too large or too deep once their aliases are written out are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sim.errors import ScenarioError
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import (
    DATE,
    KIND,
    MAX_DEPTH,
    MAX_INTEGER,
    NAME,
    Key,
    Place,
    Scalar,
    Tree,
    date_of,
    key_of,
    kind_of,
    one_line,
    shown,
)

MAX_BYTES = 1_000_000
"""Size of the largest file read; the largest scenarios are a twentieth of it."""
MAX_VALUES = 100_000
"""Number of values that a file may hold once its aliases are written out."""
LINE_WIDTH = 120
"""Column after which the text of a written file goes on in the next line."""

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_ODD_INDENTATION = re.compile(r"^ *([^\S \r\n])\s*(?:- |[\w'\"][^\s:]*:(?:\s|$))", re.MULTILINE)
"""What looks like an entry, and stands after white space that YAML does not indent by."""
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "null", "bool", "int", "float", "timestamp")}
_TEXT_TAGS = {"tag:yaml.org,2002:str", "!"}
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Writer: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The compiled ones where PyYAML has them: the same text in a third of the time."""


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


@lru_cache(maxsize=32)
def read_text(text: str, file: str, lines: bool = True) -> Tree:
    """Read one YAML document; the same text is read once, for nobody changes a tree.

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
    if (odd := _ODD_INDENTATION.search(text)) is not None:
        sign = odd.group(1)
        said = "a tab" if sign == "\t" else f"a space that is none of YAML's (U+{ord(sign):04X})"
        place = Place(file, text.count("\n", 0, odd.start(1)) + 1 if lines else None)
        raise ScenarioError(f"{place}: {said} stands before this entry; indent with plain spaces")
    try:
        return _Composer(yaml.parse(text, Loader=_Parser), file, lines).document()
    except yaml.YAMLError as error:
        raise ScenarioError(_syntax_message(error, file, text, lines)) from None


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
        tree: Tree | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if tree is not None:
                    raise self._error(event, "a second document begins here (---); expected only one in the file")
                tree = self._value(next(self._events), 0)
        return tree or Tree(None, Place(self._file, 1 if self._lines else None))

    def _place(self, event: yaml.Event) -> Place:
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        return Place(self._file, line if self._lines else None)

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
            items = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._value(event, depth + 1))
            return tuple(items)
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
        self._check_depth(depth + max(len(steps) for steps, _ in tree.leaves()), event)
        return tree

    def _mapping(self, depth: int) -> dict[Key, Tree]:
        entries: dict[Key, Tree] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._mapping_key(event)
            if key in entries:
                raise self._error(event, f"{key} stands here a second time (first in line {entries[key].place.line})")
            value = next(self._events)
            if isinstance(value, yaml.ScalarEvent) and value.implicit[0] and not value.value:
                raise self._error(event, f"nothing is written after `{key}:`; write null to remove what is inherited")
            entries[key] = self._value(value, depth + 1).at(self._place(event))
        return entries

    def _mapping_key(self, event: yaml.Event) -> Key:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event, "a key must be a name or a date, not a list, a mapping or an alias")
        if event.value == "<<" and event.implicit[0]:
            raise self._error(event, "merge keys (<<) are not read; write `extends:` or repeat the values")
        return key_of(event.value if not event.implicit[0] else self._scalar(event), self._place(event))

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
        if DATE.fullmatch(text):
            return date_of(text, self._place(event))
        return text


def dump(scenario: Scenario) -> str:
    """Write a scenario as YAML that extends nothing and loads as an equal scenario."""
    return to_yaml(plain_data(scenario))


def plain_data(scenario: Scenario) -> dict[str, Any]:
    """Give a scenario as the dicts, lists, numbers and words of which its file is made, its name first."""
    content: dict[str, Any] = _writable(scenario.model_dump(exclude_none=True))
    return {NAME: content[NAME], **content}


def to_yaml(content: dict[str, Any]) -> str:
    """Write data as YAML in the form of scenario files: short lists and mappings in one line."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None}
    text: str = yaml.dump(content, Dumper=_Dumper, width=LINE_WIDTH, **options)
    return text


class _Dumper(_Writer):  # type: ignore[misc]
    """Writer that puts text in quotes wherever this program or an older reader would take it for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the base class sets the signature)
        """Write in full what occurs twice."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write text in double quotes, with escapes, where it has signs that YAML takes for line breaks."""
    is_plain = all(letter.isprintable() or letter == "\n" for letter in text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", REAL, None)


def _writable(value: Any) -> Any:
    """Write tuples as lists, whole numbers without a decimal point, and the kind of a part first."""
    if isinstance(value, dict):
        kind = {KIND: value[KIND]} if KIND in value else {}
        return {key: _writable(item) for key, item in (kind | value).items()}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < MAX_INTEGER:
        return int(value)
    return value
