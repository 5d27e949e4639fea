"""Groups of what may decide a difference: estimates, assumptions by what they are about, and luck."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sim.errors import ScenarioError
from sim.model.batch import run_batch
from sim.model.luck import Luck
from sim.quantities import FloatArray, IntArray
from sim.scenario.describing import numbers_of
from sim.scenario.schema import Scenario
from sim.values import TOGETHER, Number

Kind = Literal["estimate", "assumption", "luck"]
KINDS: tuple[Kind, ...] = ("estimate", "assumption", "luck")
ALL: dict[Kind, str] = {"estimate": "All estimates", "assumption": "All assumptions", "luck": "All luck"}
"""Titles of the groups that hold all groups of a kind."""
LOOKED_AT = range(32)
"""Draws in which streams of luck are looked for; some begin only where something happens."""


@dataclass(frozen=True)
class InputGroup:
    """Inputs that are exchanged together.

    Attributes
    ----------
    name, title
        Its key, and what people call it.
    kind
        Whether data tell of the inputs, somebody assumed them, or nobody can know them.
    streams
        Names of streams of luck; those of numbers are their dotted paths.
    whole
        Whether it holds all groups of its kind.
    """

    name: str
    title: str
    kind: Kind
    streams: tuple[str, ...]
    whole: bool = False


class Rule(BaseModel):
    """One entry of a file of groups."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    names: tuple[str, ...]

    def holds(self, stream: str) -> bool:
        """Whether a stream belongs to it."""
        return any(fnmatchcase(stream, pattern) for pattern in self.names)


class Rules(BaseModel):
    """A file of groups; see `groups.yaml` beside this module."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    estimate: tuple[Rule, ...] = ()
    assumption: tuple[Rule, ...] = ()
    luck: tuple[Rule, ...] = ()


def read_rules(file: str | Path | None = None) -> Rules:
    """Read a file of groups; that of the package if none is named.

    Raises
    ------
    ScenarioError
        If the file cannot be read, or is none of groups.
    """
    try:
        text = (Path(file) if file else resources.files(__package__) / "groups.yaml").read_text(encoding="utf-8")
        return Rules.model_validate(yaml.safe_load(text) or {})
    except (OSError, UnicodeDecodeError) as problem:
        raise ScenarioError(f"{file}: cannot be read: {problem}") from problem
    except yaml.YAMLError as problem:
        raise ScenarioError(f"{file}: no YAML: {' '.join(str(problem).split())}") from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        wanted = f"lists of {{name, title, names}} under {', '.join(KINDS)}"
        raise ScenarioError(f"{file}: {where}: {first['msg'].lower()}; expected {wanted}") from problem


@dataclass(frozen=True, eq=False)
class _Noting(Luck):
    """Luck that notes which streams are asked for."""

    noted: set[str] = field(default_factory=set)

    def uniforms(self, name: str, length: int, draws: Sequence[int] | IntArray) -> FloatArray:
        self.noted.add(name)
        return super().uniforms(name, length, draws)


def groups_of(scenarios: Iterable[Scenario], seed: int, rules: Rules) -> tuple[InputGroup, ...]:
    """Divide all streams that scenarios ask for into groups, by kind and in the order of the rules.

    Where a kind has several groups, one more at the end holds all of them.

    Parameters
    ----------
    scenarios
        Those that are compared.
    seed
        Seed of the runs in which streams are looked for.
    rules
        Which names belong together.
    """
    noting, held = _Noting(seed), list(scenarios)
    for scenario in held:
        run_batch(scenario, LOOKED_AT, noting)
    return grouped(noting.noted, numbers_of(*held), rules)


def grouped(names: Collection[str], numbers: Mapping[str, Number], rules: Rules) -> tuple[InputGroup, ...]:
    """Divide streams into groups, as `groups_of` does.

    Parameters
    ----------
    names
        Of the streams.
    numbers
        All numbers of the scenarios, by path.
    rules
        Which names belong together.
    """
    found: dict[tuple[Kind, str, str], list[str]] = {}
    for kind in KINDS:
        known: tuple[Rule, ...] = getattr(rules, kind)
        mine = sorted(name for name in names if _kind(name, numbers) == kind)
        held = {name: next((rule for rule in known if rule.holds(name)), None) for name in mine}
        for rule in (*known, None):
            for name in mine:
                if held[name] is rule:
                    found.setdefault(_key(kind, rule, name), []).append(name)
    groups = [InputGroup(name, title, kind, tuple(names)) for (kind, name, title), names in found.items()]
    for kind in KINDS:
        alike = [group for group in groups if group.kind == kind]
        if len(alike) > 1:
            streams = tuple(name for group in alike for name in group.streams)
            groups.append(InputGroup(f"all_{kind}", ALL[kind], kind, streams, whole=True))
    return tuple(groups)


def _kind(name: str, numbers: Mapping[str, Number]) -> Kind:
    if name in numbers:
        return "assumption" if numbers[name].estimate is None else "estimate"
    return "assumption" if name.startswith(f"{TOGETHER}.") else "luck"


def _key(kind: Kind, rule: Rule | None, name: str) -> tuple[Kind, str, str]:
    if rule is not None:
        return kind, rule.name, rule.title
    first = name.partition(".")[0]
    return kind, f"{kind}_{first}", f"{kind.capitalize()}: {first}"


def exchanged(groups: Sequence[InputGroup], chosen: InputGroup, seed: int, other: int) -> Luck:
    """Luck of one seed, but for one group, which has that of another seed; no other stream moves."""
    seeds = {name: other if name in chosen.streams else seed for group in groups for name in group.streams}
    return Luck(seed, seeds)
