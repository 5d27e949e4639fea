"""Numbers that a scenario takes from data: `{fact: KEY}` and `{prior: DISTRIBUTION}` become `{value, source}`."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sim.errors import ScenarioError
from sim.facts import Fact, find_fact, posterior
from sim.scenario.layers import is_number
from sim.scenario.schema_slots import slot_at
from sim.scenario.source_tree import Problem, Scalar, Steps, Tree, describe, did_you_mean, dotted
from sim.values import ESTIMATED, Estimate, Range, in_percent

FACT, VALUE, SOURCE, NOTE = "fact", "value", "source", "note"
POSTERIOR, PRIOR = "posterior", "prior"
_FITTING_UNITS = {
    "bn USD": ("bn USD", "bn USD a year"),
    "share": ("share of one", "share of one a year", "share of GDP"),
    "months": ("months",),
    "years": ("years",),
    "elasticity": ("elasticity", "trade elasticity"),
}
"""How a field's unit begins, and the units that a fact may have that is put there."""


@dataclass
class Citations:
    """What a scenario takes from data.

    Attributes
    ----------
    priors
        Whether numbers that were estimated have their prior, as if there were no data.
    own
        Facts of the user's own folders, by key.
    used
        Facts by the path of the number they are part of.
    estimated
        Paths of numbers that were estimated.
    problems
        What is wrong with them.
    known
        What data say of estimated numbers, by dotted path; nothing if they have their priors.
    """

    priors: bool = False
    own: Mapping[str, Fact] = field(default_factory=dict)
    used: dict[Steps, list[Fact]] = field(default_factory=dict)
    estimated: list[Steps] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    known: Mapping[str, Estimate] | None = None

    def look_up(self, scenario: Tree) -> None:
        """Read the posterior that a scenario names."""
        named = scenario.step(POSTERIOR)
        if named is None or named.content is None or self.priors:
            return
        try:
            self.known = posterior(str(named.content))
        except ScenarioError as error:
            self.problems.append(Problem((POSTERIOR,), str(error)))


def with_facts(tree: Tree, citations: Citations, path: Steps = ()) -> Tree:
    """Copy a tree with each number that cites facts, or is estimated, written as `{value, source}`.

    Parameters
    ----------
    tree
        Part of a scenario.
    citations
        Filled with the facts found and the problems met.
    path
        Where in the scenario the part stands.
    """
    if not path:
        citations.look_up(tree)
    if isinstance(tree.content, tuple):
        items = (with_facts(item, citations, (*path, index)) for index, item in enumerate(tree.content))
        return Tree(tuple(items), tree.place)
    if ESTIMATED in tree.entries:
        return tree
    if PRIOR in tree.entries and is_number(tree):
        return _estimated(tree, citations, path)
    if is_number(tree) and any(FACT in steps for steps, _ in tree.leaves()):
        return _number(tree, citations, path)
    if isinstance(tree.content, dict):
        entries = {key: with_facts(entry, citations, (*path, key)) for key, entry in tree.content.items()}
        return Tree(entries, tree.place)
    return tree


def unit_problems(citations: Citations, plain: Any) -> Iterator[Problem]:
    """Find facts that stand where another unit is wanted, given the scenario's plain data."""
    for path, facts in citations.used.items():
        unit = _unit_at(path, plain)
        fitting = next((units for start, units in _FITTING_UNITS.items() if unit.startswith(start)), None)
        for fact in facts:
            if fitting is not None and fact.unit not in fitting:
                yield Problem(path, f"expected {unit}, but the fact {fact.key} is in {fact.unit}")


def _unit_at(path: Steps, plain: Any) -> str:
    """Give the unit of a number, or of a schedule's number on one date; nothing where no number may stand."""
    slot = slot_at(path if isinstance(path[-1], str | int) else path[:-1], plain)
    return next((mark.unit for mark in (slot.marks if slot else ()) if isinstance(mark, Range)), "")


def _number(tree: Tree, citations: Citations, path: Steps) -> Tree:
    inner = tree.step(VALUE)
    value = _replaced(tree if inner is None else inner, citations, path)
    beside = {} if inner is None else {key: entry for key, entry in tree.entries.items() if key != VALUE}
    sources = [fact.citation for fact in citations.used.get(path, [])]
    if SOURCE in beside:
        sources.insert(0, str(beside[SOURCE].content))
    source = Tree("; ".join(dict.fromkeys(sources)), tree.place)
    return Tree({**beside, VALUE: value, SOURCE: source}, tree.place)


def _estimated(tree: Tree, citations: Citations, path: Steps) -> Tree:
    """Write an estimated number with what data say of it, or as its prior if no posterior is named."""
    prior, source = tree.entries[PRIOR], tree.step(SOURCE)
    value = prior
    words = str(source.content) if source else ""
    try:
        _check_beside(tree, {PRIOR, SOURCE, NOTE})
        if citations.known is not None:
            estimate = _what_is_known(citations.known, dotted(path))
            value = Tree({ESTIMATED: _written(estimate, prior)}, tree.place)
            said = f"posterior of the data until {estimate.posterior}, sim/facts/posteriors; prior: "
            words = words if words.startswith(said) else f"{said}{words or 'no source'}"
        citations.estimated.append(path)
    except ScenarioError as error:
        citations.problems.append(Problem(path, str(error)))
        value = Tree(None, tree.place)
    return Tree({VALUE: value, SOURCE: Tree(words, tree.place)}, tree.place)


def _what_is_known(known: Mapping[str, Estimate], number: str) -> Estimate:
    if number not in known:
        name = next(iter(known.values())).posterior
        raise ScenarioError(f"the posterior {name} has no {number}{did_you_mean(number, set(known))}")
    return known[number]


def _written(estimate: Estimate, prior: Tree) -> Tree:
    held: dict[str | dt.date, Tree] = {
        item.name: Tree(getattr(estimate, item.name), prior.place) for item in fields(estimate)
    }
    loadings = Tree({path: Tree(weight, prior.place) for path, weight in estimate.loadings}, prior.place)
    return Tree({**held, "loadings": loadings, PRIOR: prior}, prior.place)


def _check_beside(tree: Tree, allowed: set[str]) -> None:
    others = [str(key) for key in tree.entries if key not in allowed]
    if others:
        raise ScenarioError(f"beside `prior` only source and note may stand, not {', '.join(others)}")


def _replaced(tree: Tree, citations: Citations, path: Steps) -> Tree:
    """Copy what a number is, its facts replaced by their values."""
    if FACT in tree.entries:
        return Tree(_value(tree, citations, path), tree.place)
    if isinstance(tree.content, tuple):
        return Tree(tuple(_replaced(item, citations, path) for item in tree.content), tree.place)
    if isinstance(tree.content, dict):
        return Tree({key: _replaced(entry, citations, path) for key, entry in tree.content.items()}, tree.place)
    return tree


def _value(tree: Tree, citations: Citations, path: Steps) -> Scalar:
    """Look the fact up; None where it cannot be used, with the problem noted."""
    beside = [str(key) for key in tree.entries if key not in {FACT, NOTE}]
    if beside:
        text = f"beside `fact` only `note` may stand, not {', '.join(beside)}"
        citations.problems.append(Problem(path, text))
    try:
        fact = find_fact(str(tree.entries[FACT].content), citations.own)
    except ScenarioError as error:
        citations.problems.append(Problem(path, str(error)))
        return None
    if isinstance(fact.value, str):
        text = f"expected a number, but the fact {fact.key} is a {fact.unit}: {describe(fact.value)}"
        citations.problems.append(Problem(path, text))
        return None
    citations.used.setdefault(path, []).append(fact)
    return in_percent(fact.value, math.inf) if fact.unit.startswith("share") else fact.value
