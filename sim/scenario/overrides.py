"""Changes of single values for one run: `--set PATH=VALUE`, or `set={PATH: VALUE}` in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.library import did_you_mean
from sim.scenario.merging import merged
from sim.scenario.reading import read_text
from sim.scenario.shape import slot_at
from sim.scenario.source_tree import Place, Steps, Tree, dotted, steps_of, tree_of

OPTION = "--set"


def parsed(assignments: Sequence[str]) -> dict[str, Tree]:
    """Read `PATH=VALUE` arguments; each value is YAML.

    Raises
    ------
    ScenarioError
        If an argument has no `=`, no value, or a value that is no YAML.
    """
    changes = {}
    for assignment in assignments:
        path, equals, value = (piece.strip() for piece in assignment.partition("="))
        if not equals or not path or not value:
            raise ScenarioError(f"{OPTION} {assignment}: expected PATH=VALUE, such as demand.market_elasticity=1.5")
        changes[path] = read_text(value, f"{OPTION} {path}", lines=False)
    return changes


def with_overrides(whole: Tree, overrides: Mapping[str, Any]) -> Tree:
    """Lay changes over a scenario, as a further file would.

    Parameters
    ----------
    whole
        The scenario as its files give it.
    overrides
        Value by dotted path, as plain data or as a tree; items of a list by number.

    Raises
    ------
    ScenarioError
        If a path leads nowhere; the message names the nearest step.
    """
    for path, value in overrides.items():
        place = Place(f"{OPTION} {path}")
        steps = steps_of(str(path), place)
        _check_path(whole, steps, place)
        whole = _laid(whole, steps, value if isinstance(value, Tree) else tree_of(value, place))
    return whole


def _laid(here: Tree, steps: Steps, value: Tree) -> Tree:
    """Lay a value over what stands at the end of the steps."""
    key, rest = steps[0], steps[1:]
    if isinstance(here.content, tuple):
        new = [_inside(item, rest, value) if place == key else item for place, item in enumerate(here.content)]
        return Tree(tuple(new), here.place)
    inner = here.step(key)
    if rest and inner is not None:
        return Tree({**here.entries, key: _laid(inner, rest, value)}, here.place)  # type: ignore[dict-item]
    return merged(here, _nested(steps, value))


def _inside(item: Tree, steps: Steps, value: Tree) -> Tree:
    return _laid(item, steps, value) if steps else merged(item, value)


def _nested(steps: Steps, value: Tree) -> Tree:
    for key in reversed(steps):
        value = Tree({key: value}, value.place)  # type: ignore[dict-item]
    return value


def _check_path(whole: Tree, steps: Steps, place: Place) -> None:
    """Refuse a path whose steps neither exist nor could."""
    for done, key in enumerate(steps):
        here = whole.nearest(steps[:done])
        if here.step(key) is not None:
            continue
        is_last = done == len(steps) - 1
        if not _may_be_added(whole, steps[:done], key, is_last):
            valid = [str(known) for known in (*here.entries, *_fields_at(whole, steps[:done]))]
            if isinstance(here.content, tuple):
                valid = [str(index) for index in range(len(here.content))]
            parent = dotted(steps[:done]) or "the scenario"
            raise ScenarioError(f"{place}: {parent} has no {str(key)!r}{did_you_mean(str(key), set(valid))}")
        return


def _fields_at(whole: Tree, steps: Steps) -> list[str]:
    slot = slot_at(steps, whole.plain())
    part = None if slot is None else slot.part(whole.nearest(steps).plain())
    return [] if part is None else list(part.model_fields)


def _may_be_added(whole: Tree, steps: Steps, key: object, is_last: bool) -> bool:
    """Whether the schema allows a new entry of that key; deeper new entries need a known field to stand in."""
    here = whole.nearest(steps)
    if key in _fields_at(whole, steps):
        return True
    slot = slot_at(steps, whole.plain())
    takes_names = slot is not None and slot.keys is not None and slot.part(here.plain()) is None
    takes_dates = bool(here.entries) and all(not isinstance(known, str) for known in here.entries)
    return is_last and (takes_dates if not isinstance(key, str) else takes_names)
