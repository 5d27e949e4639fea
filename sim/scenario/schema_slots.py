"""What may stand at each place of a scenario file, read off the schema's classes."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.schema import Scenario
from sim.scenario.source_tree import KIND, Steps
from sim.values import Number, Part, Refers, Schedule, field_names


@dataclass(frozen=True)
class Slot:
    """One place of a scenario file; those inside it are made once, when somebody steps there.

    Attributes
    ----------
    holds
        Types of what may stand here; several where the schema has a choice.
    marks
        What the schema notes beside the type, such as `Refers`.
    """

    holds: tuple[Any, ...]
    marks: tuple[Any, ...] = ()

    @cached_property
    def parts(self) -> list[type[BaseModel]]:
        """Classes of parts that may stand here."""
        return [held for held in self.holds if isinstance(held, type) and issubclass(held, BaseModel)]

    @cached_property
    def refers(self) -> list[str]:
        """Collections in which a name that stands here must exist."""
        return [mark.collection for mark in self.marks if isinstance(mark, Refers)]

    @cached_property
    def is_number(self) -> bool:
        """Whether a number, or a schedule of them, may stand here."""
        return Number in self.holds or Schedule in self.holds

    @cached_property
    def keys(self) -> Slot | None:
        """What the keys of a mapping of names are; None if no such mapping may stand here."""
        return next((slot_of(get_args(held)[0]) for held in self.holds if get_origin(held) is dict), None)

    @cached_property
    def items(self) -> Slot | None:
        """What the entries of a mapping of names are, or else the items of a list."""
        entries = [get_args(held)[1] for held in self.holds if get_origin(held) is dict]
        listed = [get_args(held)[0] for held in self.holds if get_origin(held) is tuple]
        return next((slot_of(held) for held in (*entries, *listed)), None)

    def part(self, content: object) -> type[BaseModel] | None:
        """Give the class of the part that stands here: the only one, or that of its `kind`."""
        if len(self.parts) <= 1:
            return self.parts[0] if self.parts else None
        kind = content.get(KIND) if isinstance(content, Mapping) else None
        return next((part for part in self.parts if kind in kinds_of(part)), None)

    def step(self, key: object, content: object) -> Slot | None:
        """Give what may stand inside, at a key of the present content; None where the schema knows nothing."""
        part = self.part(content)
        return self.items if part is None else _fields_of(part).get(str(key))


def slot_of(annotation: Any) -> Slot:
    """Read a type annotation."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        slot = slot_of(inner)
        return Slot(slot.holds, (*slot.marks, *marks))
    if get_origin(annotation) in {Union, types.UnionType}:
        slots = [slot_of(member) for member in get_args(annotation) if member is not type(None)]
        holds = tuple(held for slot in slots for held in slot.holds)
        return Slot(holds, tuple(mark for slot in slots for mark in slot.marks))
    return Slot((annotation,))


def slot_of_field(field: FieldInfo) -> Slot:
    """Read a field of a part."""
    slot = slot_of(field.annotation)
    return Slot(slot.holds, (*slot.marks, *field.metadata))


@cache
def _fields_of(part: type[BaseModel]) -> dict[str, Slot]:
    return {name: slot_of_field(field) for name, field in part.model_fields.items()}


@cache
def kinds_of(part: type[BaseModel]) -> tuple[str, ...]:
    """Give the words that `kind` may be in this class of part."""
    field = part.model_fields.get(KIND)
    return get_args(field.annotation) if field is not None and get_origin(field.annotation) is Literal else ()


SCENARIO = Slot((Scenario,))
"""The whole file."""


def slot_at(path: Sequence[object], content: object) -> Slot | None:
    """Give what may stand at a path of a scenario with the present content."""
    slot: Slot | None = SCENARIO
    for key in path:
        if slot is None:
            return None
        slot = slot.step(key, content)
        content = inside(content, (key,))
    return slot


def inside(content: Any, path: Sequence[Any]) -> Any:
    """Give what stands at a path of plain data; None where nothing does."""
    for key in path:
        if isinstance(content, Mapping):
            content = content.get(key)
        else:
            is_item = isinstance(content, tuple) and isinstance(key, int) and key < len(content)
            content = content[key] if is_item else None
    return content


def children(part: object) -> Iterable[tuple[Any, Any]]:
    """Give what a part of a validated scenario holds, with its field, name or number."""
    if isinstance(part, BaseModel):
        return [(field, getattr(part, field)) for field in field_names(type(part))]
    if isinstance(part, dict):
        return part.items()
    return enumerate(part) if isinstance(part, tuple) else ()


def everything_in(part: object, path: Steps = ()) -> list[tuple[Steps, Any]]:
    """Give all that a part of a validated scenario holds, at any depth, with its path; a schedule is one thing."""
    found: list[tuple[Steps, Any]] = []
    for key, inner in children(part):
        inside = (*path, key)
        found.append((inside, inner))
        if isinstance(inner, Part | dict | tuple):
            found += everything_in(inner, inside)
    return found
