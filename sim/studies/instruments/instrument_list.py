"""Instruments: what two scenarios differ in, divided into policies and other parts that can be exchanged alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.describing import differing_model_values, words_of
from sim.scenario.exchanging import in_words, smallest_part, with_companions, with_parts
from sim.scenario.loading import of_plain_data
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import Steps, dotted
from sim.scenario.yaml_files import plain_data

POLICIES = "policies"
"""Part of a scenario whose members are exchanged as a whole."""
ISSUES = (("talks", "agenda"), ("talks", "titles"))
"""Where issues of talks stand that only one scenario has, be it without a value."""
_NAMED = 2
"""Parts of an instrument that its title names."""
Places = tuple[Steps, ...]


@dataclass(frozen=True)
class Instrument:
    """Parts of a scenario that are exchanged together.

    Attributes
    ----------
    parts
        Where they stand: policies, then the rest, each in alphabetical order.
    """

    parts: Places

    @property
    def name(self) -> str:
        """Dotted path of the first part, which no other instrument has."""
        return dotted(self.parts[0])

    @property
    def in_full(self) -> str:
        """All parts: `policies.pilot with zones.harbour`."""
        return in_words(self.parts[0], self.parts[1:])

    @property
    def title(self) -> str:
        """What people call it: its policies, without what they need; parts are counted where they are many."""
        if len(self.parts) > _NAMED:
            lead = min(self.parts, key=lambda part: (part[0] == POLICIES, len(part)))
            return f"{dotted(lead)} with {len(self.parts) - 1} other parts"
        policies = [words_of(str(part[1])) for part in self.parts if part[0] == POLICIES]
        return " and ".join(policies or map(dotted, self.parts))


@dataclass(frozen=True)
class Exchange:
    """Two scenarios and their instruments; gives the reference with any of them.

    Attributes
    ----------
    reference, package
        The scenarios.
    instruments
        Those with policies first, each kind in alphabetical order.
    """

    reference: Scenario
    package: Scenario
    instruments: tuple[Instrument, ...]
    _made: Mapping[frozenset[Steps], Scenario | str] = field(repr=False)

    def with_subset(self, subset: int) -> Scenario:
        """Give the reference with some instruments of the package: bit `k` of the number stands for instrument `k`."""
        made = self._made[_parts_in(self.instruments, subset)]
        if isinstance(made, str):
            raise AssertionError(made)
        return made


def exchange_of(
    reference: Scenario, package: Scenario, wanted: Callable[[int], Iterable[int]]
) -> Exchange:  # fmt: skip
    """Divide what two scenarios differ in into instruments, as small as every subset that is wanted allows.

    Parts that are no valid scenario one without the other, such as a policy and the zone that it opens, or talks and
    the policies that wait for a deal, are one instrument.

    Parameters
    ----------
    reference, package
        The scenarios.
    wanted
        Gives the subsets that will be run, by the number of instruments.

    Raises
    ------
    ScenarioError
        If nothing differs.
    """
    mixing = _Mixing(reference, package)
    if not mixing.places:
        raise ScenarioError(
            f"{package.name} against {reference.name}: no value of the model differs, so there is nothing to divide"
        )
    groups = mixing.hanging_together()
    while True:
        instruments = tuple(Instrument(group) for group in sorted(groups, key=lambda group: _rank(group[0])))
        together = next(_invalid(mixing, instruments, wanted), None)
        if together is None:
            return Exchange(reference, package, instruments, mixing.made)
        groups = _united(groups, together)


def _invalid(
    mixing: _Mixing, instruments: Sequence[Instrument], wanted: Callable[[int], Iterable[int]]
) -> Iterator[frozenset[Steps]]:
    """Give sets of parts that have to be exchanged together, small ones first: each alone, each left out, all else."""
    everything = (1 << len(instruments)) - 1
    singles = [1 << k for k in range(len(instruments))]
    for subset in (*singles, *(everything & ~one for one in singles), *wanted(len(instruments))):
        inside, outside = (_parts_in(instruments, held) for held in (subset, everything & ~subset))
        if isinstance(mixing.scenario(inside), str):
            few = inside if len(inside) <= len(outside) else outside
            yield mixing.least_valid(few, [frozenset(held.parts) for held in instruments], given=few is inside)


def _parts_in(instruments: Sequence[Instrument], subset: int) -> frozenset[Steps]:
    return frozenset(part for k, held in enumerate(instruments) if subset >> k & 1 for part in held.parts)


def _united(groups: Iterable[Places], together: frozenset[Steps]) -> list[Places]:
    """Make one of all groups that have a part in a set."""
    one = {part for group in groups if not together.isdisjoint(group) for part in group}
    return [*(group for group in groups if together.isdisjoint(group)), _sorted(one)]


def _sorted(parts: Iterable[Steps]) -> Places:
    return tuple(sorted(parts, key=_rank))


def _rank(part: Steps) -> tuple[bool, tuple[str, ...]]:
    """Policies first, then by the alphabet."""
    return part[0] != POLICIES, tuple(map(str, part))


class _Mixing:
    """Scenarios that are made of two."""

    def __init__(self, reference: Scenario, package: Scenario) -> None:
        self.ours, self.theirs = plain_data(reference), plain_data(package)
        self.places = self._differing(reference, package)
        self.made: dict[frozenset[Steps], Scenario | str] = {
            frozenset(): reference, frozenset(self.places): package
        }  # fmt: skip
        self.name = reference.name

    def _differing(self, reference: Scenario, package: Scenario) -> Places:
        found = {
            value.steps[:2] if value.steps[0] == POLICIES else smallest_part(value.steps, self.ours, self.theirs)
            for value in differing_model_values(reference, package)
        }
        for place in ISSUES:
            ours, theirs = (set(_at(side, place) or ()) for side in (self.ours, self.theirs))
            found |= {(*place, issue) for issue in ours ^ theirs}
        inner = {part for part in found for depth in range(1, len(part)) if part[:depth] in found}
        return _sorted(found - inner)

    def scenario(self, parts: frozenset[Steps]) -> Scenario | str:
        """Give the reference with some parts of the package, or why it is no valid scenario."""
        if parts not in self.made:
            content = with_parts(self.ours, self.theirs, _sorted(parts))
            try:
                self.made[parts] = of_plain_data(content, self.name)
            except ScenarioError as problem:
                self.made[parts] = str(problem)
        return self.made[parts]

    def hanging_together(self) -> list[Places]:
        """Group parts that talks bind together."""
        groups: list[Places] = [(place,) for place in self.places]
        for taker, giver in ((self.ours, self.theirs), (self.theirs, self.ours)):
            for place in self.places:
                _, moved = with_companions(taker, giver, place)
                near = {held for held in self.places for found in moved if _overlap(held, found)}
                if near - {place}:
                    groups = _united(groups, frozenset({place, *near}))
        return groups

    def least_valid(self, few: frozenset[Steps], groups: Sequence[frozenset[Steps]], given: bool) -> frozenset[Steps]:
        """Find few parts around some that are valid if all of them are given to the reference, or left out."""
        held = frozenset(self.places)
        for group in groups:
            if group.isdisjoint(few) and self._is_valid(held - group, given):
                held -= group
        return held

    def _is_valid(self, parts: frozenset[Steps], given: bool) -> bool:
        return isinstance(self.scenario(parts if given else frozenset(self.places) - parts), Scenario)


def _overlap(one: Steps, other: Steps) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))


def _at(content: Any, place: Steps) -> Any:
    for step in place:
        content = content.get(step) if isinstance(content, Mapping) else None
    return content
