"""One part of a scenario replaced by that of another, with the few other parts that have to go with it.

Scenarios are given as plain data, as `plain_data` makes them. Parts hang together where talks name policies and issues:
a policy that a deal brings is nothing without the level that brings it, nor a level without its policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sim.scenario.source_tree import Steps, dotted

Content = dict[Any, Any]

_MOST_COMPANIONS = 200
"""More rounds of mending than any scenario has parts."""


def with_part(content: Content, given: Any, place: Steps) -> Content:
    """Copy nested dicts with what the other ones hold at one place, or without it where they hold nothing."""
    step, rest = place[0], place[1:]
    if rest:
        inner = given.get(step) if isinstance(given, dict) else None
        return {**content, step: with_part(content.get(step, {}), inner, rest)}
    if isinstance(given, dict) and step in given:
        return {**content, step: given[step]}
    return {key: held for key, held in content.items() if key != step}


def with_parts(taker: Content, giver: Content, places: Iterable[Steps]) -> Content:
    """Exchange several parts; what comes new stands behind what it follows at the giver, whatever the order of places.

    The order of policies counts: of two that set the same rule the later one holds.
    """
    content = taker
    for place in places:
        content = with_part(content, giver, place)
    return _in_order(content, taker, giver)


def _in_order(content: Content, taker: Any, giver: Any) -> Content:
    """Put entries of nested dicts that come new behind the one that they follow at the giver."""
    if content is taker or not (isinstance(taker, dict) and isinstance(giver, dict)):
        return content
    names = [name for name in taker if name in content]
    before = None
    for name in (name for name in giver if name in content):
        if name not in taker:
            names.insert(0 if before is None else names.index(before) + 1, name)
        before = name
    return {
        name: _in_order(held, taker.get(name), giver.get(name)) if isinstance(held := content[name], dict) else held
        for name in names
    }


def smallest_part(steps: Steps, ours: Any, theirs: Any) -> Steps:
    """Find the smallest part around a value that both scenarios could have: never an item of a list, nor half a part.

    Of a policy that only one scenario has, this is the whole policy.

    Parameters
    ----------
    steps
        Where the value stands.
    ours, theirs
        Both scenarios.
    """
    for depth, step in enumerate(steps):
        if not all(isinstance(side, dict) for side in (ours, theirs)):
            return steps[:depth]
        if step not in ours or step not in theirs:
            return steps[: depth + 1]
        ours, theirs = ours[step], theirs[step]
    return steps


def in_words(part: Steps, companions: Sequence[Steps]) -> str:
    """Name a part and what goes with it: `policies.pilot with talks.agenda.cloud_access.zone`."""
    return f"{dotted(part)} with {', '.join(map(dotted, companions))}" if companions else dotted(part)


def with_companions(taker: Content, giver: Content, place: Steps) -> tuple[Content, tuple[Steps, ...]]:
    """Exchange a part, and what names it or what it names as far as one cannot stand without the other.

    Parameters
    ----------
    taker, giver
        The scenario that gets the part, and the one that it is taken from.
    place
        Where the part stands.

    Returns
    -------
    tuple
        The taker with the part, and the places of all that went with it. It need not be a valid scenario.
    """
    content = with_part(taker, giver, place)
    moved: dict[Steps, None] = {place: None}
    for _ in range(_MOST_COMPANIONS):
        companion = next((found for found in _loose_ends(content, giver, place) if found not in moved), None)
        if companion is None:
            break
        content = _mended(content, giver, companion)
        moved[companion] = None
    return content, tuple(_outermost(taker, moved, place))


def _outermost(taker: Content, moved: Iterable[Steps], place: Steps) -> Iterator[Steps]:
    """List what went with a part, a list for the names in it, and nothing that lies inside another part listed."""
    named = [found[:-1] if isinstance(_inside(taker, found[:-1]), list) else found for found in moved]
    for found in dict.fromkeys(named):
        around = {found[:depth] for depth in range(len(found))}
        if found != place and around.isdisjoint({*named, place}):
            yield found


def _loose_ends(content: Content, giver: Content, place: Steps) -> Iterator[Steps]:
    """Places at which something is named that is not there, or waits for what never comes, next to the given part."""
    yield from _policies_by_deal(content, giver, place)
    yield from _levels_of_packages(content)
    yield from _rounds(content, giver)


def _policies_by_deal(content: Content, giver: Content, place: Steps) -> Iterator[Steps]:
    """Policies and the lists of talks that name them: both wait for a deal, or neither."""
    policies, named = content.get("policies", {}), list(_named(content))
    for where, name in named:
        if not _waits(policies.get(name)):
            follows = place[0] == "talks" and _waits(giver.get("policies", {}).get(name))
            struck = where if where == _LADDER else (*where, name)
            yield ("policies", name) if follows else struck
    for name, policy in policies.items():
        if _waits(policy) and name not in {other for _, other in named}:
            at_givers = next((where for where, other in _named(giver) if other == name), None)
            follows = place[:2] == ("policies", name) and at_givers is not None
            yield at_givers[:_ISSUE] if follows and at_givers is not None else ("policies", name)


_LADDER = ("talks", "escalation")
"""Rungs of failed rounds, which are exchanged whole."""
_HISTORY = ("talks", "history")
"""What is known of the talks, of which names of issues are struck."""
_ISSUE = 3
"""Steps to an issue of the agenda, which is exchanged whole."""


def _levels_of_packages(content: Content) -> Iterator[Steps]:
    """Levels of packages that the agenda lacks, or that packages lack; what else speaks of an issue likewise."""
    talks = content.get("talks", {})
    agenda = talks.get("agenda", {})
    for package, levels in talks.get("packages", {}).items():
        for issue in dict.fromkeys((*levels, *agenda)):
            if levels.get(issue) not in agenda.get(issue, {}):
                yield ("talks", "packages", package, issue)
    for field in ("off_the_table", "titles", "promises"):
        yield from (("talks", field, issue) for issue in talks.get(field, ()) if issue not in agenda)
    for issue, levels in talks.get("promises", {}).items():
        known = agenda.get(issue)
        yield from (("talks", "promises", issue, level) for level in levels if known is not None and level not in known)
    if {issue for span in talks.get("history", ()) for issue in span.get("without", ())} - set(agenda):
        yield _HISTORY


def _rounds(content: Content, giver: Content) -> Iterator[Steps]:
    """Rounds that sign a package that is not there, and talks without rounds that have a mode."""
    talks = content.get("talks", {})
    hazard = talks.get("hazard") or {}
    signed = {"rounds": {held["signs"] for held in talks.get("rounds", []) if "signs" in held},
              "hazard": {hazard["signs"]} if hazard else set()}  # fmt: skip
    for part, names in signed.items():
        for package in sorted(names - set(talks.get("packages", {}))):
            at_giver = ("talks", "packages", package)
            yield ("talks", part) if _inside(giver, at_giver) is None else at_giver
    mode = talks.get("mode", "none")
    if (mode != "none" and not talks.get("rounds")) or (mode == "hazard" and not hazard):
        yield ("talks", "mode")


def _mended(content: Content, giver: Content, place: Steps) -> Content:
    """Exchange a companion: a name in a list is struck out, a level that the giver lacks becomes the first."""
    *inside, last = place
    held = _inside(content, tuple(inside))
    if isinstance(held, list):
        kept = [item for item in held if item != last]
        return with_part(content, _nested(tuple(inside), kept), tuple(inside))
    if inside[:2] == ["talks", "packages"] and len(inside) == _ISSUE:
        levels = content["talks"].get("agenda", {}).get(last, {})
        given = _inside(giver, place)
        level = given if given in levels else next(iter(levels), None)
        return with_part(content, {} if level is None else _nested(place, level), place)
    if place[:2] in {("talks", "titles"), ("talks", "promises")}:
        return with_part(content, {}, place)
    if place == _HISTORY:
        agenda, spans = content["talks"].get("agenda", {}), content["talks"]["history"]
        known = [span | {"without": [issue for issue in span.get("without", ()) if issue in agenda]} for span in spans]
        return with_part(content, _nested(place, known), place)
    return with_part(content, giver, place)


def _named(content: Content) -> Iterator[tuple[Steps, str]]:
    """Lists of the talks and each policy that they name; a place is that of the list and the number in it."""
    talks = content.get("talks", {})
    lists: dict[Steps, list[str]] = {("talks", "if_no_deal"): talks.get("if_no_deal", [])}
    for issue, levels in talks.get("agenda", {}).items():
        lists |= {("talks", "agenda", issue, level): held for level, held in levels.items()}
    ladder = talks.get("escalation") or {}
    lists[_LADDER] = [name for rung in ladder.get("rungs", []) for name in rung]
    for where, held in lists.items():
        yield from ((where, name) for name in held)


def _waits(policy: Mapping[str, Any] | None) -> bool:
    """Whether a policy starts after a deal."""
    return policy is not None and isinstance(policy.get("starts"), Mapping)


def _inside(content: Any, place: Steps) -> Any:
    for step in place:
        content = content.get(step) if isinstance(content, Mapping) else None
    return content


def _nested(place: Steps, content: Any) -> Any:
    for step in reversed(place):
        content = {step: content}
    return content
