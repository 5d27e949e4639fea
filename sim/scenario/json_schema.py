"""JSON Schema of scenario files, with which editors complete and check them."""

from __future__ import annotations

import json
from typing import Any

from sim.scenario.ancestry import EXTENDS
from sim.scenario.schema import Scenario

UNIT = "unit"
"""Keyword that tells a number field; editors ignore it, people read it."""
_NUMBER = "Number"
_LEFT_OUT = {"required", "discriminator"}
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> str:
    """Write the schema of a file that may extend another: no field is required, and null removes an entry."""
    numbers: dict[str, Any] = {}
    schema = _relaxed(Scenario.model_json_schema(), numbers)
    link = {"type": "string", "description": "Name or path of the scenario that this one changes."}
    schema["properties"] = {EXTENDS: link, **schema["properties"]}
    schema["$defs"] |= numbers
    return json.dumps({"$schema": _DRAFT, **schema}, indent=2)


def _relaxed(schema: Any, numbers: dict[str, Any]) -> Any:
    """Copy a schema so that it holds for files that give only what they change.

    What a number may look like is the same everywhere, so it goes to `numbers` once and is referred to.
    """
    if isinstance(schema, list):
        return [_relaxed(item, numbers) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if UNIT in schema and "anyOf" in schema:
        numbers[_NUMBER] = {"anyOf": schema["anyOf"]}
        beside = {key: value for key, value in schema.items() if key != "anyOf"}
        return {"$ref": f"#/$defs/{_NUMBER}", **beside}
    relaxed = {key: _relaxed(value, numbers) for key, value in schema.items() if key not in _LEFT_OUT}
    for entries in ("patternProperties", "additionalProperties"):
        relaxed |= _nullable(entries, relaxed.get(entries))
    return {"anyOf": relaxed["oneOf"]} if "oneOf" in relaxed else relaxed


def _nullable(keyword: str, entries: Any) -> dict[str, Any]:
    """Let null stand for entries that a file removes."""
    if keyword == "patternProperties" and isinstance(entries, dict):
        return {keyword: {pattern: {"anyOf": [entry, {"type": "null"}]} for pattern, entry in entries.items()}}
    if keyword == "additionalProperties" and isinstance(entries, dict):
        return {keyword: {"anyOf": [entries, {"type": "null"}]}}
    return {}
