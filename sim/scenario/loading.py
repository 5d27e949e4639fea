"""From a scenario file to a validated `Scenario`: read, extend, override, cite facts, check; and back to a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sim.errors import ScenarioError
from sim.scenario.ancestry import NAME, SourceFile, combined, read_ancestry
from sim.scenario.attribution import with_own_sources
from sim.scenario.checks import CHECKS
from sim.scenario.citing import Citations, unit_problems, with_facts
from sim.scenario.dates import late_dates
from sim.scenario.library import find
from sim.scenario.overrides import with_overrides
from sim.scenario.problems import Problem, refuse
from sim.scenario.schema import Scenario
from sim.scenario.shape import KIND
from sim.scenario.source_tree import MAX_INTEGER, REAL, Steps, Tree, shown
from sim.scenario.validating import reference_problems, validated
from sim.values import named


@dataclass(frozen=True)
class Loaded:
    """A scenario with the places where its values stand.

    Attributes
    ----------
    scenario
        The validated scenario.
    tree
        All values with file and line, facts replaced by their values.
    files
        The file itself first, its oldest ancestor last.
    """

    scenario: Scenario
    tree: Tree
    files: tuple[SourceFile, ...]


def load(path_or_name: str | Path, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario with all that it extends, and check it.

    Parameters
    ----------
    path_or_name
        Path of a file, or name of a scenario in the library, the current folder or `./scenarios`.
    overrides
        Values to change for this run, by dotted path, such as `{"demand.market_elasticity": 1.5}`.

    Returns
    -------
    Scenario
        Plain values; every number knows its dotted path.

    Raises
    ------
    ScenarioError
        With all problems found, one line each: file, line, path, what is wrong, what was expected.
    """
    return load_with_places(path_or_name, overrides).scenario


def load_with_places(path_or_name: str | Path, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Do what `load` does and keep the file and line of every value.

    Raises
    ------
    ScenarioError
        As `load`.
    """
    files = read_ancestry(find(path_or_name))
    citations = Citations()
    tree = with_facts(with_overrides(combined(files), overrides or {}), citations)
    tree = with_own_sources(tree, files)
    scenario = _checked(tree, citations, files)
    return Loaded(scenario, tree, tuple(files))


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


LINE_WIDTH = 120
"""Column after which dumped text goes on in the next line."""


def to_yaml(content: dict[str, Any]) -> str:
    """Write data as YAML in the form of scenario files: short lists and mappings in one line."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None}
    text: str = yaml.dump(content, Dumper=_Dumper, width=LINE_WIDTH, **options)
    return text


class _Dumper(yaml.SafeDumper):
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


def _checked(tree: Tree, citations: Citations, files: Sequence[SourceFile]) -> Scenario:
    """Validate a scenario, first each value and name, then what several parts say together."""
    plain = tree.plain()
    scenario, invalid = validated(plain)
    misused = [*citations.problems, *unit_problems(citations, plain)]
    unusable = {problem.path for problem in misused}
    invalid = [problem for problem in invalid if problem.path not in unusable]
    refuse([*misused, *invalid, *reference_problems(plain)], tree)
    if scenario is None:
        raise ScenarioError(f"{tree.place}: the scenario is not valid")
    scenario = Scenario.model_validate(named(scenario))
    problems = [problem for check in CHECKS for problem in check(scenario)]
    problems += [problem for problem in late_dates(scenario) if not _horizon_came_later(problem, tree, files)]
    refuse(problems, tree)
    return scenario


def _horizon_came_later(problem: Problem, tree: Tree, files: Sequence[SourceFile]) -> bool:
    """Whether the run was shortened in a file (or argument) that is laid over the one with the problem."""
    layers = [shown(file.path) for file in files]

    def layer(path: Steps) -> int:
        file = tree.nearest(path).place.file
        return layers.index(file) if file in layers else -1

    return min(layer(("months",)), layer(("start",))) < layer(problem.path)
