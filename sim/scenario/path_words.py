"""Dotted paths of a scenario as words: what the schema says of the field, and the titles of the names on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from sim.scenario.describing import title_of, titles_of, words_of
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import SCENARIO, Slot, children, slot_of_field
from sim.values import Part, Schedule, Worded

_SYMBOL = re.compile(r"\s*\([^()]*\)|(,? or)?\s*`[^`]*`")
"""What a help text has in brackets and for the keyboard: letters of equations, asides, what to type."""
_UNIT = re.compile(r", ((bn USD|compute units|share|log|as a|incidents|elasticity)\b.*|years|months)$")
"""How the help text of a number ends where it names the unit."""
_FIRST_SENTENCE = re.compile(r"[.;:](\s|$)")


def words_of_path(path: str, *scenarios: Scenario) -> str:
    """Say in words what stands at a dotted path: `share of the market (AWS, China)`.

    Parameters
    ----------
    path
        Dotted path, as `cloudtrade show` prints it.
    scenarios
        Those that may have it; the first that has counts. A path that none of them has, as that of a stream of luck, is
        given back as it is.
    """
    for scenario in scenarios:
        walked = _walked(path, scenario)
        if walked is not None:
            return walked
    return path


@dataclass(frozen=True)
class _Field:
    """A field on the way: what the schema says of it."""

    slot: Slot
    words: str
    owner: type[BaseModel]


def _walked(path: str, scenario: Scenario) -> str | None:
    """Walk down a path, and put fields and names into words; None where it leads nowhere."""
    here: Any = scenario
    slot: Slot | None = SCENARIO
    fields: list[_Field] = []
    names: list[str] = []
    for step in path.split("."):
        if isinstance(here, BaseModel):
            if step not in type(here).model_fields:
                return None
            held = type(here).model_fields[step]
            slot = slot_of_field(held)
            fields.append(_Field(slot, held.description or words_of(step), type(here)))
            here = getattr(here, step)
            continue
        if isinstance(here, Schedule):
            names.append(f"from {step} on")
            return _put_together(fields, names) if any(str(date) == step for date, _ in here.steps) else None
        found = next((key for key, _ in children(here) if str(key) == step), None)
        if found is None:
            return None
        here = dict(children(here))[found]
        names.append(f"entry {found + 1}" if isinstance(found, int) else _title(scenario, slot, step, here))
        slot = None if slot is None else slot.items
    return _put_together(fields, names) if fields else None


def _title(scenario: Scenario, slot: Slot | None, name: str, member: Any) -> str:
    """Give the title of a name on the way, by what it names."""
    keys = None if slot is None else slot.keys
    for collection in () if keys is None else keys.refers:
        if hasattr(scenario, collection):
            return title_of(scenario, collection, name)  # type: ignore[arg-type]
    own = getattr(member, "title", None) if isinstance(member, Part) else None
    return own or titles_of(scenario).get(name) or words_of(name)


def _put_together(fields: list[_Field], names: list[str]) -> str:
    *above, last = fields
    worded = next((mark for mark in last.slot.marks if isinstance(mark, Worded)), None)
    if worded is not None:
        return worded.filled(names)
    around = [_plain(field.words) for field in above if _is_one_of_several(field)]
    words = ": ".join([_plain(last.words), *around])
    return f"{words} ({', '.join(names)})" if names else words


def _is_one_of_several(field: _Field) -> bool:
    """Whether the part that holds a field has others of the same kind, so that the field must be named."""
    return len(field.slot.parts) == 1 and _kinds(field.owner).count(field.slot.parts[0]) > 1


@cache
def _kinds(owner: type[BaseModel]) -> tuple[Any, ...]:
    """Give the kinds of parts that the fields of a part hold."""
    slots = map(slot_of_field, owner.model_fields.values())
    return tuple(slot.parts[0] for slot in slots if len(slot.parts) == 1)


def _plain(words: str) -> str:
    """Take the first sentence of a help text without symbols and unit, to stand within a sentence."""
    first = _FIRST_SENTENCE.split(_SYMBOL.sub("", " ".join(words.split())), maxsplit=1)[0]
    text = _UNIT.sub("", first)
    return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"
