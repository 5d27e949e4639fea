"""From a tree to a `Scenario`: walked once along the schema, and validated once.

The walk writes plain data, in which each number stands under a source that speaks of it, and notes the names that must
exist. What pydantic then finds wrong is said in the words of a scenario file.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.citing import SOURCE, VALUE
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import Slot, inside, kinds_of, slot_at
from sim.scenario.source_tree import EXTENDS, FACTS, KIND, Key, Problem, Steps, Tree, describe, did_you_mean

_SAID = {
    "bool_type": "expected true or false, found {found}",
    "date_type": "expected a date such as 2018-07-01, found {found}",
    "dict_type": "expected a mapping of names, found {found}",
    "int_type": "expected a whole number, found {found}",
    "model_attributes_type": "expected a mapping, found {found}",
    "model_type": "expected a mapping, found {found}",
    "string_type": "expected text, found {found}",
    "tuple_type": "expected a list, found {found}",
    "string_pattern_mismatch": "expected a name of lower-case letters, digits and underscores, found {found}",
    "greater_than_equal": "expected {ge} or more, found {found}",
    "less_than_equal": "expected {le} or less, found {found}",
    "too_short": "expected at least {min_length} in the list, found {actual_length}",
}
"""What to say of pydantic's kinds of error, given what it found and the bounds that it checked."""


@dataclass
class PlainReading:
    """One walk over a scenario's tree, which makes of it the plain data that the schema validates.

    Text is read as a date where a date is wanted: quoted in a file, or written as text in Python. The source of a part
    covers the numbers that the same file gives; a bare number from another file gets a source of its own: what its own
    file says about it, otherwise that this file gives none.

    Attributes
    ----------
    files
        What each file that the scenario is made of holds, by the name in its places.
    used
        Path of each name that must exist, the name, and the collection in which it must.
    """

    files: Mapping[str, Tree]
    used: list[tuple[Steps, str, str]] = field(default_factory=list)

    def plain(self, tree: Tree, slot: Slot | None, path: Steps = (), sourced_in: str | None = None) -> Any:
        """Write a part, which stands in a slot and under a source that a file gives, as plain data."""
        content = tree.content
        if slot is None:
            return tree.plain()
        if slot.is_number:
            return self._number(tree, path, sourced_in)
        if isinstance(content, dict):
            sourced_in = content[SOURCE].place.file if SOURCE in content else sourced_in
            kind = {KIND: content[KIND].content} if KIND in content else {}
            keys = slot.keys if slot.part(kind) is None else None
            plain = {}
            for key, entry in content.items():
                if keys is not None and isinstance(key, str):
                    self._note(key, keys, (*path, key))
                plain[key] = self.plain(entry, slot.step(key, kind), (*path, key), sourced_in)
            return plain
        if isinstance(content, tuple):
            items = slot.step(0, None)
            return tuple(self.plain(item, items, (*path, n), sourced_in) for n, item in enumerate(content))
        if isinstance(content, str):
            self._note(content, slot, path)
            return _date_or_text(content) if dt.date in slot.holds else content
        return content

    def missing_names(self, plain: Mapping[str, Any]) -> list[Problem]:
        """Find names of markets, vendors, policies, ... that are used but not there, whatever else is wrong."""
        problems = []
        for path, name, collection in self.used:
            known = inside(plain, collection.split("."))
            known = [str(key) for key in known] if isinstance(known, Mapping) else []
            if name not in known:
                near = did_you_mean(name, known) or " (there are none)"
                problems.append(Problem(path, f"{name!r} is not in {collection.rpartition('.')[2]}{near}"))
        return problems

    def _note(self, name: str, slot: Slot, path: Steps) -> None:
        self.used += [(path, name, collection) for collection in slot.refers]

    def _number(self, tree: Tree, path: Steps, sourced_in: str | None) -> Any:
        entries = tree.entries
        if entries and not any(isinstance(key, str) for key in entries):
            return {date: self._number(entry, (*path, date), sourced_in) for date, entry in entries.items()}
        plain = tree.plain()
        if sourced_in in {None, tree.place.file} or SOURCE in entries:
            return plain
        words = self._own_source(tree, path)
        return {**plain, SOURCE: words} if VALUE in entries else {VALUE: plain, SOURCE: words}

    def _own_source(self, number: Tree, path: Steps) -> str:
        """Say where a number comes from that is from another file than the nearest source."""
        file = number.place.file
        if number.place.line is None:
            return "set for this run, no source given"
        parts = [self.files[file].nearest(path[:depth]) for depth in range(len(path))] if file in self.files else []
        sources = [str(part.entries[SOURCE].content) for part in parts if SOURCE in part.entries]
        return (sources[-1] if sources else "") or f"set in {Path(file).name}, no source given"


def _date_or_text(text: str) -> dt.date | str:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def validated(plain: Mapping[str, Any]) -> tuple[Scenario | None, list[Problem]]:
    """Turn plain data into a scenario, or into the problems with it."""
    try:
        return Scenario.model_validate(plain, strict=True), []
    except ValidationError as error:
        return None, _problems(error.errors(include_url=False), plain)


def _problems(errors: Sequence[ErrorDetails], plain: Mapping[str, Any]) -> list[Problem]:
    """Say each error once, all fields that a part lacks together, and no consequence beside its cause."""
    found: dict[Steps, Problem] = {}
    lacking: dict[Steps, list[str]] = {}
    for error in errors:
        path, content = _path(error["loc"], plain)
        if error["type"] == "missing":
            lacking.setdefault(path, []).append(str(error["loc"][-1]))
        elif error["type"] == "schedule":
            found |= {(*path, date): Problem((*path, date), said) for date, said in error["ctx"]["faults"]}
        elif not _is_other_branch(error, path, content, plain):
            problem = _problem(error, path, plain)
            found.setdefault(problem.path, problem)
    misspelt = {
        (*path[:-1], near)
        for path in found
        if path
        for near in difflib.get_close_matches(str(path[-1]), _fields_beside(path, plain), n=1)
    }
    for path, fields in lacking.items():
        missing = [field for field in fields if (*path, field) not in misspelt]
        if missing:
            found.setdefault(path, Problem(path, _lacks(missing, path, plain)))
    return list(found.values())


def _path(loc: Sequence[Key | int], plain: Any) -> tuple[Steps, Any]:
    """Turn pydantic's location into a path of the file, without its labels for branches of a choice."""
    path: list[Key | int] = []
    for step in loc:
        is_entry = isinstance(plain, Mapping) and step in plain
        is_item = isinstance(plain, tuple) and isinstance(step, int) and step < len(plain)
        if is_entry or is_item:
            path.append(step)
            plain = plain[step]
    return tuple(path), plain


def _is_other_branch(error: ErrorDetails, path: Steps, content: Any, plain: Any) -> bool:
    """Whether the error is about a form that the user did not choose, where the schema allows two."""
    slot = slot_at(path, plain)
    if slot is None or len(slot.holds) == 1:
        return False
    unwanted = "date_type" if isinstance(content, Mapping) else "model_type"
    return bool(slot.parts) and dt.date in slot.holds and error["type"] == unwanted


def _problem(error: ErrorDetails, path: Steps, plain: Any) -> Problem:
    kind, found, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return Problem(path, f"unknown key{did_you_mean(str(path[-1]), _fields_beside(path, plain))}")
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return _kind_problem(path, found, plain)
    if kind == "literal_error":
        slot = slot_at(path, plain)
        choices = [str(choice) for held in (slot.holds if slot else ()) for choice in get_args(held)]
        return Problem(path, f"found {describe(found)}, which is not allowed here{did_you_mean(str(found), choices)}")
    if kind == "value_error":
        text = str(context["error"])
        field, _, rest = text.partition(" ")
        is_of_scenario = not path and field in Scenario.model_fields
        return Problem((field,), rest) if is_of_scenario else Problem(path, text)
    said = _SAID.get(kind, "{message}, found {found}")
    return Problem(path, said.format(found=describe(found), message=error["msg"], **context))


def _kind_problem(path: Steps, found: Any, plain: Any) -> Problem:
    slot = slot_at(path, plain)
    kinds = [kind for part in (slot.parts if slot else []) for kind in kinds_of(part)]
    if not isinstance(found, Mapping):
        return Problem(path, f"expected a mapping with `kind`, found {describe(found)}")
    if KIND not in found:
        return Problem(path, f"lacks `kind`{_like_sibling(path, plain)} (known: {', '.join(kinds)})")
    return Problem((*path, KIND), f"unknown kind {describe(found[KIND])}{did_you_mean(str(found[KIND]), kinds)}")


def _part_at(path: Steps, plain: Any) -> type[BaseModel] | None:
    slot = slot_at(path, plain)
    return None if slot is None else slot.part(_path(path, plain)[1])


def _fields_beside(path: Steps, plain: Any) -> list[str]:
    part = _part_at(path[:-1], plain)
    fields = [] if part is None else list(part.model_fields)
    return [EXTENDS, FACTS, *fields] if part is Scenario else fields


def _lacks(missing: list[str], path: Steps, plain: Any) -> str:
    part = _part_at(path, plain)
    if part is Scenario and len(missing) > len(Scenario.model_fields) // 2:
        return f"lacks {', '.join(missing)}; to take them from another scenario write `{EXTENDS}: NAME`"
    described = part.model_fields[missing[0]].description if part is not None and len(missing) == 1 else None
    return f"lacks {', '.join(missing)}" + (f" ({described.rstrip('.')})" if described else _like_sibling(path, plain))


def _like_sibling(path: Steps, plain: Any) -> str:
    """Guess that an incomplete entry of a mapping of names is a misspelt one."""
    parent = slot_at(path[:-1], plain) if path else None
    if parent is None or parent.keys is None:
        return ""
    siblings = [str(name) for name in _path(path[:-1], plain)[1] if name != path[-1]]
    nearest = difflib.get_close_matches(str(path[-1]), siblings, n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""
