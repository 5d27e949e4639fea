"""A scenario written out as one YAML file, complete and with its sources."""

from __future__ import annotations

from typing import Any

import yaml

from sim.scenario.ancestry import NAME
from sim.scenario.reading import REAL
from sim.scenario.schema import Scenario
from sim.scenario.shape import KIND
from sim.scenario.source_tree import MAX_INTEGER

LINE_WIDTH = 120
"""Column after which the text goes on in the next line."""


def dump(scenario: Scenario) -> str:
    """Write a scenario as YAML that extends nothing and loads as an equal scenario."""
    return to_yaml(plain_data(scenario))


def plain_data(scenario: Scenario) -> dict[str, Any]:
    """Give a scenario as the dicts, lists, numbers and words of which its file is made."""
    content: dict[str, Any] = _writable(scenario.model_dump(exclude_none=True))
    return _first(NAME, content)


def _first(key: str, mapping: dict[str, Any]) -> dict[str, Any]:
    """Copy a mapping with one key, if it is there, before all others."""
    return {**({key: mapping[key]} if key in mapping else {}), **mapping}


def to_yaml(content: dict[str, Any]) -> str:
    """Write data as YAML in the form of scenario files: short lists and mappings in one line."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None}
    text: str = yaml.dump(content, Dumper=_Dumper, width=LINE_WIDTH, **options)
    return text


_Writer: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The compiled writer where PyYAML has it: the same text in a third of the time."""


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
    """Write tuples as lists, and whole numbers without a decimal point."""
    if isinstance(value, dict):
        return _first(KIND, {key: _writable(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < MAX_INTEGER:
        return int(value)
    return value
