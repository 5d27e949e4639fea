"""What people ask about scenarios.

Which there are, where a value comes from and how two of them differ; what their parts are called; what editors need to
know.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sim.errors import ScenarioError
from sim.facts.world_trade import world_table
from sim.scenario.citing import SOURCE
from sim.scenario.layers import read_ancestry
from sim.scenario.library import library, nearby
from sim.scenario.loading import Loaded
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import children
from sim.scenario.source_tree import ANNOUNCED, AS_OF, EXTENDS, FACTS, NAME, Steps, Tree, describe, dotted
from sim.scenario.yaml_files import read_file
from sim.values import Number, Part, Schedule

MOST_LINES = 4
"""Lines of a text that people are shown in full."""
DEFAULT = "(default)"
"""Place of a value that no file gives."""
ABSENT = "-"
"""What stands for a value that a scenario does not have."""
TITLE, QUESTION, SOURCES = "title", "question", "sources"
ISSUE_TITLES = ("talks", "titles")
"""Where the titles of issues stand."""
_TELLING = {EXTENDS, FACTS, NAME, TITLE, QUESTION, SOURCES, SOURCE}
"""Entries that tell about a scenario and change nothing in the model."""

Collection = Literal["countries", "markets", "segments", "vendors", "partners", "zones", "agenda"]
"""Parts of a scenario whose members people read the names of; `agenda` holds the issues of the talks."""
_IN_FIGURES: tuple[Collection, ...] = ("countries", "markets", "segments", "vendors", "partners", "zones")
_LONGEST_ACRONYM = 3
_WORDS = {"hhi": "HHI"}

UNIT = "unit"
"""Keyword that tells a number field in a JSON Schema; editors ignore it, people read it."""
_NUMBER, _NULL = "Number", {"type": "null"}
_LEFT_OUT = {"required", "discriminator"}
_SCHEMA_VERSION = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Entry:
    """A scenario in a list: what it is called, what it is built on, and what it changes."""

    name: str
    title: str
    parent: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class ResolvedValue:
    """One value of a resolved scenario.

    Attributes
    ----------
    path
        Dotted path, as `--set` takes it.
    text
        The value for people, with its unit.
    place
        File and line where it stands.
    source
        What the nearest `source` of a number says, or nothing.
    """

    path: str
    text: str
    place: str
    source: str


@dataclass(frozen=True)
class DifferingValue:
    """A value of the model in which two scenarios differ.

    Attributes
    ----------
    steps
        Where it stands.
    reference, other
        The value in both scenarios for people, with its unit; a dash where a scenario has none.
    source
        What the nearest `source` says of it, in the other scenario if that has it.
    """

    steps: Steps
    reference: str
    other: str
    source: str

    @property
    def path(self) -> str:
        """Dotted path, as `--set` takes it."""
        return dotted(self.steps)


def entry_of(path: Path) -> Entry:
    """Describe a scenario file without checking what is in it.

    Raises
    ------
    ScenarioError
        If it or a file that it extends cannot be read.
    """
    files = read_ancestry(path)
    titles = [str(file.own.entries[TITLE].content) for file in files if TITLE in file.own.entries]
    parent = files[1].name if len(files) > 1 else ""
    return Entry(files[0].name, titles[0] if titles else "", parent, tuple(_changes(files[0].own)))


def entries_at_hand() -> list[Entry]:
    """Describe the scenarios of the library, then those of the current folder and of `./scenarios`.

    Raises
    ------
    ScenarioError
        If a file of the library cannot be read.
    """
    entries = [entry_of(path) for path in library().values()]
    for path in nearby():
        try:
            if {EXTENDS, TITLE}.isdisjoint(read_file(path).entries):
                continue
        except ScenarioError:
            continue
        try:
            entries.append(entry_of(path))
        except ScenarioError as error:
            entries.append(Entry(path.stem, str(error), "", ()))
    return entries


def _changes(own: Tree) -> Iterator[str]:
    """Name what a file changes: `demand.market_elasticity`, `policies.pilot`, at most two steps deep."""
    for key, tree in own.entries.items():
        if key in _TELLING:
            continue
        named = [name for name in tree.entries if isinstance(name, str)]
        inner = [name for name in named if name != SOURCE and (key, name) != ISSUE_TITLES]
        yield from (dotted((key, name)) for name in inner) if inner else (str(key),)


def resolved_values(loaded: Loaded) -> list[ResolvedValue]:
    """Give every value of a scenario in the order of the schema, each with its place and source."""
    found = []
    for path, value, source in values_of(loaded.scenario):
        here: Tree | None = loaded.tree
        for step in path:
            here = None if here is None else here.step(step)
        place = DEFAULT if here is None else str(here.place)
        found.append(ResolvedValue(dotted(path), text_of(value), place, source))
    return found


def differing_values(ours: Scenario, theirs: Scenario) -> list[tuple[str, str, str]]:
    """Give path and both values where two resolved scenarios differ; a dash where one has no such value."""
    return [(dotted(steps), left, right) for steps, left, right in _differing(ours, theirs)]


def differing_model_values(ours: Scenario, theirs: Scenario) -> list[DifferingValue]:
    """List the values in which two scenarios differ for the model: no titles, no sources, not what was known when."""
    return [
        DifferingValue(steps, left, right, nearest_source(theirs if right != ABSENT else ours, steps))
        for steps, left, right in _differing(ours, theirs)
        if steps[0] != SOURCES and steps[-1] not in {TITLE, QUESTION, AS_OF, ANNOUNCED} and steps[:-1] != ISSUE_TITLES
    ]


def _differing(ours: Scenario, theirs: Scenario) -> Iterator[tuple[Steps, str, str]]:
    """Give path and both values where two scenarios differ, be it in more than name, bounds and source of a number."""
    left, right = ({path: value for path, value, _ in values_of(one) if path != (NAME,)} for one in (ours, theirs))
    for path in dict.fromkeys((*left, *right)):
        held = [side.get(path) for side in (left, right)]
        meant = [
            (value.kind, value.parameters, value.estimate, value.together) if isinstance(value, Number) else value
            for value in held
        ]
        if meant[0] != meant[1]:
            mine, other = (ABSENT if value is None else text_of(value) for value in held)
            yield path, mine, other


def nearest_source(part: Any, steps: Steps) -> str:
    """Give the innermost source on the way to a value."""
    source = ""
    for step in (*steps, None):
        if isinstance(part, Part | Number):
            source = part.source or source
        if isinstance(part, Schedule):
            part = next((number for date, number in part.steps if date in {step, None}), None)
            if part is not None and part.source:
                return str(part.source)
        else:
            part = dict(children(part)).get(step)
    return source


def values_of(part: Any, path: Steps = (), source: str = "") -> Iterator[tuple[Steps, Any, str]]:
    """Give path, value and nearest source of every number, word, date and switch of a scenario."""
    if isinstance(part, Part | Number):
        source = part.source or source
    if isinstance(part, Number):
        yield path, part, source
    elif isinstance(part, Schedule):
        for date, number in part.steps:
            yield from values_of(number, path if date is None else (*path, date), source)
    elif isinstance(part, Part | dict | tuple):
        for key, inner in (child for child in children(part) if child[0] != SOURCE):
            yield from values_of(inner, (*path, key), source)
    elif part is not None:
        yield path, part, ""


def numbers_of(*scenarios: Scenario) -> dict[str, Number]:
    """Give all numbers of scenarios by dotted path; the last scenario that has one counts."""
    return {value.name: value for held in scenarios for _, value, _ in values_of(held) if isinstance(value, Number)}


def text_of(value: Any) -> str:
    """Write a value of a scenario for people, a number with its unit."""
    if isinstance(value, Number):
        return f"{value} {value.unit}".rstrip()
    if isinstance(value, str) and value.count("\n") > MOST_LINES:
        mark = hashlib.sha256(value.encode()).hexdigest()[:8]
        return f"{len(value.splitlines())} lines, fingerprint {mark}"
    return str(value) if isinstance(value, str | dt.date) else describe(value)


def title_of(scenario: Scenario, collection: Collection, name: str) -> str:
    """Give the title of a member of a scenario: `us` of `countries` is US unless the scenario calls it otherwise.

    Parameters
    ----------
    scenario
        The scenario.
    collection
        Where the member stands.
    name
        Its key. One that the scenario does not have is written as words too.
    """
    if collection == "agenda":
        return scenario.talks.titles.get(name) or words_of(name)
    member = getattr(scenario, collection).get(name)
    return (None if member is None else member.title) or _capitalised(name)


def package_in_words(scenario: Scenario, package: Mapping[str, str]) -> str:
    """Name a package of the talks by what it promises: `US halves its tariffs; pilot zone in Guiyang`.

    Parameters
    ----------
    scenario
        The scenario.
    package
        Its level of each issue. Levels that bring nothing, and issues with one level only, are not named.
    """
    talks = scenario.talks
    words = [
        talks.promises.get(issue, {}).get(level) or f"{title_of(scenario, 'agenda', issue)}: {words_of(level)}"
        for issue, level in package.items()
        if len(talks.agenda[issue]) > 1 and talks.agenda[issue][level]
    ]
    return "; ".join(words) or NO_PROMISE


NO_PROMISE = "only what every deal brings"


def titles_of(scenario: Scenario) -> dict[str, str]:
    """Give the titles of all names that figures are called by, by key.

    Where several members share a key, such as a country and its market, the last one that has a title of its own gives
    it.
    """
    members = [member for collection in _IN_FIGURES for member in getattr(scenario, collection).items()]
    plain = {name: _capitalised(name) for name, _ in members}
    return _WORDS | region_titles(scenario) | plain | {name: member.title for name, member in members if member.title}


def region_titles(scenario: Scenario) -> dict[str, str]:
    """Give the titles of the regions of the world's trade, by key; one that is a country is called as the country."""
    if scenario.goods.world is None:
        return {}
    titles = {row["region"]: row["title"] for row in world_table(scenario.goods.world.trade_tables, "regions")}
    return titles | {name: title_of(scenario, "countries", name) for name in scenario.countries if name in titles}


def words_of(name: str) -> str:
    """Write a key that has no title, such as a level of an issue, as words: `pilot_zone` is pilot zone."""
    return name.replace("_", " ")


def _capitalised(name: str) -> str:
    return " ".join(word.upper() if len(word) <= _LONGEST_ACRONYM else word.capitalize() for word in name.split("_"))


def json_schema() -> str:
    """Write the schema of a file that may extend another: no field is required, and null removes an entry."""
    numbers: dict[str, Any] = {}
    schema = _relaxed(Scenario.model_json_schema(), numbers)
    link = {"type": "string", "description": "Name or path of the scenario that this one changes."}
    folder = {"type": "string", "description": "Folder of CSV files with facts of your own, beside this file."}
    schema["properties"] = {EXTENDS: link, FACTS: folder, **schema["properties"]}
    schema["$defs"] |= numbers
    return json.dumps({"$schema": _SCHEMA_VERSION, **schema}, indent=2)


def _relaxed(schema: Any, numbers: dict[str, Any]) -> Any:
    """Copy a schema so that it holds for files that give only what they change.

    Null removes an entry. What a number may look like goes to `numbers` once and is referred to.
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
    for keyword in {"patternProperties", "additionalProperties"} & relaxed.keys():
        held = relaxed[keyword]
        if keyword == "patternProperties":
            relaxed[keyword] = {pattern: {"anyOf": [entry, _NULL]} for pattern, entry in held.items()}
        elif isinstance(held, dict):
            relaxed[keyword] = {"anyOf": [held, _NULL]}
    return {"anyOf": relaxed["oneOf"]} if "oneOf" in relaxed else relaxed
