"""What was known on a day: the tree of a scenario without what was announced, published or decided later.

A run as of a day is the run of files from which the lines that became known later are deleted. Nothing else in the
program knows of it.

- A policy is known from the day that it `announced`, else from the day it begins; one that waits for a deal all along.
- A dated value is known from its date, or from the day that it says is `announced`; the first one of a policy with the
  policy. Facts that it cites must be known too.
- A value may say what was known when, `known: {2019-01-01: ..., 2022-01-01: ...}`; the last one that was known holds.
- A posterior gives way to the last one known, or to the priors.
- A span of the `history` of talks is known from its last day, what a script signs at a round from the day of that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.errors import ScenarioError
from sim.facts import Fact, find_fact, month_ended, posterior, posteriors
from sim.scenario.citing import FACT, POSTERIOR, PRIOR, VALUE
from sim.scenario.layers import is_number
from sim.scenario.source_tree import ANNOUNCED, AS_OF, DATE, Key, Problem, Steps, Tree, date_of, dotted

KNOWN = "known"
"""Key of scenario files: what was known when."""
POLICIES, TALKS = "policies", "talks"
_ALWAYS, _NEVER = dt.date.min, dt.date.max
_MOST_NAMED = 5


@dataclass(frozen=True)
class Known:
    """What was known of a scenario on a day.

    Attributes
    ----------
    tree
        The scenario without all that became known later, and without what says when that was; policies keep it.
    gone
        Paths of what is left out, and the day on which each became known.
    problems
        What cannot be left out, and what cannot be.
    """

    tree: Tree
    gone: Mapping[Steps, dt.date]
    problems: tuple[Problem, ...]


class _Term(NamedTuple):
    """What the values of a policy share.

    Attributes
    ----------
    announced
        Day on which it was announced, if that is given.
    starts
        Day it begins, if that is given.
    by_deal
        Whether it waits for a deal.
    """

    announced: dt.date | None = None
    starts: dt.date | None = None
    by_deal: bool = False


def known_on(whole: Tree, own: Mapping[str, Fact]) -> Known:
    """Leave out of a scenario what became known after the day of its `as_of`; nothing if it gives none.

    Parameters
    ----------
    whole
        The scenario as its files and arguments give it.
    own
        Facts of the user's own folders, by key.
    """
    day, start = _day(whole.step(AS_OF)), _day(whole.step("start"))
    if day is not None and start is not None and day < start:
        text = f"{day} is before the start of the run ({start}); expected that day or a later one"
        return Known(whole, {}, (Problem((AS_OF,), text),))
    cut = _Cut(day or _NEVER, own)
    tree = cut.left(whole, ()) or whole
    tree = cut.of_posterior(tree)
    return Known(cut.of_talks(tree), cut.gone, tuple(cut.problems))


def told(known: Known) -> Iterator[Problem]:
    """Say in a line what is left out."""
    names = [str(path[-1]) for path in known.gone if path[:-1] == (POLICIES,)]
    values = len(known.gone) - len(names)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    said = [f"the polic{'ies' if len(names) > 1 else 'y'} {', '.join(names[:_MOST_NAMED])}{more}"] if names else []
    said += [f"{values} value{'s' * (values > 1)}"] if values else []
    if said:
        yield Problem((AS_OF,), f"not known yet, and left out: {' and '.join(said)}")


def explained(problem: Problem, known: Known) -> Problem:
    """Add to a problem what it may have to do with what is left out."""
    day, words = known.tree.step(AS_OF), _words(problem.text)
    places = (problem.path, (POLICIES,))
    inside = [path for path in known.gone if path[:-1] in places and path[-1] in words]
    if day is None or not inside:
        return problem
    when = "; ".join(f"{dotted(path)} is known from {known.gone[path]} on" for path in inside)
    return Problem(problem.path, f"{problem.text}; as of {day.content}: {when}", problem.others)


def _words(text: str) -> list[str]:
    return [word.strip("'.,;:()") for word in text.split()]


@dataclass
class _Cut:
    day: dt.date
    own: Mapping[str, Fact]
    gone: dict[Steps, dt.date] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def left(self, tree: Tree, path: Steps, term: _Term | None = None) -> Tree | None:
        """Give what is left of a part; None if nothing is."""
        if isinstance(tree.content, tuple):
            items = (self.left(item, (*path, number), term) for number, item in enumerate(tree.content))
            return Tree(tuple(item for item in items if item is not None), tree.place)
        if not tree.entries:
            return tree
        if _says_what_was_known(tree):
            return self._last_known(tree, path, term)
        if is_number(tree):
            return self._number(tree, path, term)
        if _is_dated(tree):
            return self._schedule(tree, path, term)
        if path[:-1] == (POLICIES,):
            return self._policy(tree, path)
        return self._entries(tree, path, term)

    def _entries(self, tree: Tree, path: Steps, term: _Term | None) -> Tree | None:
        inner = {key: self.left(entry, (*path, key), term) for key, entry in tree.entries.items()}
        entries = {key: entry for key, entry in inner.items() if entry is not None}
        return Tree(entries, tree.place) if entries else None

    def _policy(self, tree: Tree, path: Steps) -> Tree | None:
        """Leave out a policy not known yet; of one that waits for a deal nothing may be unknown."""
        starts = tree.step("starts")
        term = _Term(_day(tree.step(ANNOUNCED)), _day(starts), bool(starts and starts.entries))
        self._check_order(tree, path)
        said = [day for day in (term.announced, term.starts) if day is not None]
        since = min(said) if said else self._first_known(tree, term)
        if since is not None and since > self.day:
            self.gone[path] = since
            return None
        ends, entries = _day(tree.step("ends")), dict(tree.entries)
        if ends is not None and ends > self.day:
            self.gone[*path, "ends"] = ends
            del entries["ends"]
        before = dict(self.gone)
        held = self._entries(Tree(entries, tree.place), path, term)
        lost = [
            day for inside, day in self.gone.items() if inside not in before and not isinstance(inside[-1], dt.date)
        ]
        if term.by_deal and lost:
            self.gone = {**before, path: max(lost)}
            return None
        return held

    def _check_order(self, tree: Tree, path: Steps) -> None:
        for inside, date, number in _steps_in(tree, path):
            said = _day(number.step(ANNOUNCED))
            if said is not None and said > date:
                text = f"is announced on {said}, after it holds from {date} on"
                self.problems.append(Problem((*path, *inside, date), text))

    def _first_known(self, tree: Tree, term: _Term) -> dt.date | None:
        """Day on which the first value of a policy that gives no other day became known; None if none is dated."""
        if term.by_deal:
            return None
        return min((self._known_from(number, date, term) for _, date, number in _steps_in(tree, ())), default=None)

    def _last_known(self, tree: Tree, path: Steps, term: _Term | None) -> Tree | None:
        """Of what was known when, take the last, if the facts that it cites were known too."""
        dated = {date: entry for date, entry in tree.entries[KNOWN].entries.items() if isinstance(date, dt.date)}
        known = {date: max(date, self._facts_known(entry)) for date, entry in dated.items()}
        last = max((date for date in dated if known[date] <= self.day), default=None)
        if last is None:
            self.gone[path] = min(known.values())
            return None
        chosen = dated[last]
        return _plain(chosen) if is_number(chosen) else self.left(chosen, path, term)

    def _schedule(self, tree: Tree, path: Steps, term: _Term | None) -> Tree | None:
        """Leave out later dates; what a policy says when it is announced does not reach values after its first."""
        dated = {date: number for date, number in tree.entries.items() if isinstance(date, dt.date)}
        first, later = min(dated), None if term is None else term._replace(announced=None)
        known = {date: self._known_from(held, date, term if date == first else later) for date, held in dated.items()}
        kept: dict[Key, Tree] = {date: _plain(held) for date, held in dated.items() if known[date] <= self.day}
        if not kept:
            self.gone[path] = min(known.values())
            return None
        self.gone |= {(*path, date): day for date, day in known.items() if day > self.day}
        return Tree(kept, tree.place)

    def _known_from(self, number: Tree, date: dt.date, term: _Term | None) -> dt.date:
        """Day on which a dated value became known."""
        said = _day(number.step(ANNOUNCED))
        if said is not None:
            return said
        facts = list(self._facts(number))
        of_the_day = max((fact.known for fact in facts if fact.dated == date and fact.known), default=date)
        others = max((fact.known for fact in facts if fact.dated != date and fact.known), default=_ALWAYS)
        if term is not None and term.by_deal:
            return max(others, of_the_day if any(fact.dated == date for fact in facts) else _ALWAYS)
        return max(others, term.announced if term is not None and term.announced is not None else of_the_day)

    def _number(self, tree: Tree, path: Steps, term: _Term | None) -> Tree | None:
        """Refuse what has no date, so that nothing can take its place, and was not known."""
        said = _day(tree.step(ANNOUNCED))
        facts = [] if said is not None else [fact for fact in self._facts(tree) if (fact.known or _ALWAYS) > self.day]
        if term is not None and term.announced is not None:
            facts = [fact for fact in facts if fact.dated is None or fact.dated != term.starts]
        known = max((fact.known for fact in facts if fact.known), default=said or _ALWAYS)
        if known <= self.day:
            return _plain(tree)
        if term is not None and term.by_deal:
            self.gone[path] = known
            return None
        what = f"the fact {facts[0].key}" if facts else "this value"
        text = (
            f"{what} was not known on {self.day}, only from {known} on; write under `{KNOWN}` what was known before, "
            f"or by `{ANNOUNCED}` since when it was"
        )
        self.problems.append(Problem(path, text))
        return _plain(tree)

    def _facts(self, number: Tree) -> Iterator[Fact]:
        for steps, leaf in number.leaves():
            if steps and steps[-1] == FACT:
                try:
                    yield find_fact(str(leaf.content), self.own)
                except ScenarioError:
                    continue  # citing says so

    def _facts_known(self, tree: Tree) -> dt.date:
        return max((fact.known for fact in self._facts(tree) if fact.known), default=_ALWAYS)

    def of_posterior(self, tree: Tree) -> Tree:
        """Put the last posterior known in the place of a later one; what it does not know has its prior."""
        named = tree.step(POSTERIOR)
        known = None if named is None else month_ended(str(named.content))
        if named is None or known is None or known <= self.day:
            return tree
        self.gone[POSTERIOR,] = known
        last = next((name for name in reversed(posteriors()) if (month_ended(name) or _NEVER) <= self.day), None)
        tree = tree if last is None else _with_priors(tree, posterior(last))
        return Tree({**tree.entries, POSTERIOR: Tree(last, named.place)}, tree.place)

    def of_talks(self, tree: Tree) -> Tree:
        """Leave out of the talks what happened later, and the names of policies that are gone."""
        talks = tree.step(TALKS)
        if talks is None or not talks.entries:
            return tree
        entries: dict[Key, Tree] = dict(talks.entries)
        scripted = "mode" in entries and entries["mode"].content == "scripted"
        rounds = entries.get("rounds")
        if rounds is not None and isinstance(rounds.content, tuple):
            held = [self._round(item, number, scripted) for number, item in enumerate(rounds.content)]
            entries["rounds"] = Tree(tuple(held), rounds.place)
        history = entries.get("history")
        if history is not None and isinstance(history.content, tuple):
            entries["history"] = Tree(self._spans_known(history.content), history.place)
        names = {str(path[1]) for path in self.gone if path[:-1] == (POLICIES,)}
        for key in ("agenda", "if_no_deal", "escalation") if names else ():
            if key in entries:
                entries[key] = _without_names(entries[key], names)
        ladder = entries.get("escalation")
        if names and ladder is not None and not ladder.entries.get("rungs", ladder).content:
            del entries["escalation"]
        return Tree({**tree.entries, TALKS: Tree(entries, talks.place)}, tree.place)

    def _spans_known(self, spans: tuple[Tree, ...]) -> tuple[Tree, ...]:
        """Keep the spans of history that have ended."""
        ends = [_day(span.step("until")) or _ALWAYS for span in spans]
        self.gone |= {(TALKS, "history", number): end for number, end in enumerate(ends) if end > self.day}
        return tuple(span for span, end in zip(spans, ends, strict=True) if end <= self.day)

    def _round(self, tree: Tree, number: int, scripted: bool) -> Tree:
        date = _day(tree.step("date"))
        if date is None or date <= self.day:
            return tree
        later = {*(["signs"] if scripted else [])} & tree.entries.keys()
        self.gone |= {(TALKS, "rounds", number, key): date for key in sorted(map(str, later))}
        return Tree({key: entry for key, entry in tree.entries.items() if key not in later}, tree.place)


def _says_what_was_known(tree: Tree) -> bool:
    inner = tree.entries.get(KNOWN)
    return len(tree.entries) == 1 and inner is not None and _is_dated(inner)


def _is_dated(tree: Tree) -> bool:
    return bool(tree.entries) and all(isinstance(key, dt.date) for key in tree.entries)


def _steps_in(tree: Tree, path: Steps) -> Iterator[tuple[Steps, dt.date, Tree]]:
    """Give the dated values of a policy: where the schedule stands in it, the date and the value."""
    for key, entry in tree.entries.items():
        if isinstance(key, dt.date):
            yield (), key, entry
        elif not _says_what_was_known(entry):
            yield from (((key, *inside), date, number) for inside, date, number in _steps_in(entry, path))


def _plain(number: Tree) -> Tree:
    """Leave out of a number since when it was known."""
    if ANNOUNCED not in number.entries:
        return number
    return Tree({key: entry for key, entry in number.entries.items() if key != ANNOUNCED}, number.place)


def _without_names(tree: Tree, names: set[str]) -> Tree:
    """Leave names out of lists, and lists that are empty for it out of lists of lists."""
    if isinstance(tree.content, tuple):
        kept = [_without_names(item, names) for item in tree.content if not _is_one_of(item, names)]
        return Tree(tuple(item for item in kept if item.content != ()), tree.place)
    if tree.entries:
        return Tree({key: _without_names(entry, names) for key, entry in tree.entries.items()}, tree.place)
    return tree


def _with_priors(tree: Tree, estimated: Collection[str], path: Steps = ()) -> Tree:
    """Write numbers that are not among the estimated ones as their priors."""
    entries = tree.entries
    if PRIOR in entries and is_number(tree):
        known = dotted(path) in estimated
        return (
            tree if known else Tree({VALUE if key == PRIOR else key: held for key, held in entries.items()}, tree.place)
        )
    if entries:
        return Tree({key: _with_priors(entry, estimated, (*path, key)) for key, entry in entries.items()}, tree.place)
    return tree


def _is_one_of(tree: Tree, names: set[str]) -> bool:
    return isinstance(tree.content, str) and tree.content in names


def _day(tree: Tree | None) -> dt.date | None:
    """Read a date; None for anything else, which the schema refuses."""
    content = None if tree is None else tree.content
    if isinstance(content, str) and tree is not None and DATE.fullmatch(content):
        return date_of(content, tree.place)
    return content if isinstance(content, dt.date) else None
