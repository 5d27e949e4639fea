"""What may stand at a place of a scenario file, read off the schema's classes."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.schema import Scenario
from sim.values import Refers

KIND = "kind"


@dataclass(frozen=True)
class Slot:
    """One place of a scenario file.

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

    @property
    def refers(self) -> list[str]:
        """Collections in which a name that stands here must exist."""
        return [mark.collection for mark in self.marks if isinstance(mark, Refers)]

    @property
    def keys(self) -> Slot | None:
        """What the keys of a mapping of names are; None if no such mapping may stand here."""
        arguments = self._arguments(dict)
        return slot_of(arguments[0]) if arguments else None

    def part(self, content: object) -> type[BaseModel] | None:
        """Give the class of the part that stands here: the only one, or that of its `kind`."""
        if len(self.parts) <= 1:
            return self.parts[0] if self.parts else None
        kind = content.get(KIND) if isinstance(content, Mapping) else None
        return next((part for part in self.parts if kind in kinds_of(part)), None)

    def step(self, key: object, content: object) -> Slot | None:
        """Give what may stand inside, at a key of the present content; None where the schema knows nothing."""
        part = self.part(content)
        if part is not None:
            field = part.model_fields.get(str(key))
            return None if field is None else slot_of_field(field)
        if arguments := self._arguments(dict):
            return slot_of(arguments[1])
        if arguments := self._arguments(tuple):
            return slot_of(arguments[0])
        return None

    def _arguments(self, origin: type) -> tuple[Any, ...]:
        return next((get_args(held) for held in self.holds if get_origin(held) is origin), ())


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
        content = _inside(content, key)
    return slot


def _inside(content: object, key: Any) -> object:
    if isinstance(content, Mapping):
        return content.get(key)
    if isinstance(content, tuple) and isinstance(key, int) and key < len(content):
        return content[key]
    return None


def every_slot(slot: Slot, content: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Slot, Any]]:
    """Give path, slot and content of all that the schema knows about; keys that are names come by themselves."""
    yield path, slot, content
    if isinstance(content, Mapping):
        for key, value in content.items():
            if slot.keys is not None and slot.part(content) is None:
                yield (*path, key), slot.keys, key
            inner = slot.step(key, content)
            if inner is not None:
                yield from every_slot(inner, value, (*path, key))
    elif isinstance(content, tuple):
        for index, item in enumerate(content):
            inner = slot.step(index, content)
            if inner is not None:
                yield from every_slot(inner, item, (*path, index))


def children(part: object) -> Iterator[tuple[Any, Any]]:
    """Give what a part of a validated scenario holds, with its field, name or number."""
    if isinstance(part, BaseModel):
        yield from ((field, getattr(part, field)) for field in type(part).model_fields)
    elif isinstance(part, Mapping):
        yield from part.items()
    elif isinstance(part, tuple):
        yield from enumerate(part)
