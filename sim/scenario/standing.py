"""Which policy holds when, from dates alone: warnings of what is never in force or stands in another one's shadow.

A deal brings its policies at one of its rounds, so these may begin at any of several months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sim.policies import Act, Policy
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import Problem, Steps, Tree
from sim.values import AfterDeal, Number, Schedule

LONG_AGO = -(10**6)
"""Month in which began what was always there."""


@dataclass(frozen=True)
class _Dated:
    """A policy with the months in which it may be in force.

    Attributes
    ----------
    rank
        Which of two that began in one month holds: the larger, since it writes later.
    begins
        First month in which it may begin.
    ends
        First month in which it is over, at the latest that after the run.
    """

    scenario: Scenario
    name: str
    rank: tuple[int, int, int]
    begins: int
    ends: int

    @property
    def place(self) -> int:
        """Number of the policy in the file."""
        return self.rank[-1]

    @property
    def policy(self) -> Policy:
        """The policy itself."""
        return self.scenario.policies[self.name]

    @cached_property
    def acts(self) -> dict[tuple[str, ...], Act]:
        """What it sets, by rule and place."""
        return {(act.rule, *act.place): act for act in self.policy.acts() if act.verb == "sets"}

    def works(self, act: Act) -> range:
        """Months of the run in which an act is done if the policy begins as early as it can."""
        return range(max(self.begins, _month(self.scenario, _first(act)), 0), self.ends)


def _dated(scenario: Scenario) -> dict[str, _Dated]:
    countries, calendar = [*scenario.countries, None], scenario.calendar
    rounds = [calendar.month_of(held.date) for held in scenario.talks.rounds]
    found = {}
    for index, (name, policy) in enumerate(scenario.policies.items()):
        if isinstance(policy.starts, AfterDeal):
            talks = scenario.talks.mode != "none" and rounds
            months = [month + policy.starts.after_deal for month in rounds] if talks else [calendar.months]
            begins = min(months)
        else:
            begins = _month(scenario, policy.first_day)
        ends = calendar.months if policy.ends is None else min(calendar.month_of(policy.ends), calendar.months)
        found[name] = _Dated(scenario, name, (policy.phase, countries.index(policy.by), index), begins, ends)
    return found


def _month(scenario: Scenario, date: dt.date | None) -> int:
    return LONG_AGO if date is None else scenario.calendar.month_of(date)


def _first(act: Act) -> dt.date | None:
    return act.value.steps[0][0] if isinstance(act.value, Schedule) else None


def _come_together(scenario: Scenario, one: str, other: str) -> bool:
    """Whether what brings one policy may also bring the other: not where they are levels of the same issue."""
    levels: dict[str, set[tuple[str, str]]] = {one: set(), other: set()}
    for issue, held in scenario.talks.agenda.items():
        for level, brought in held.items():
            for name in levels.keys() & set(brought):
                levels[name].add((issue, level))
    pairs = [(first, second) for first in levels[one] for second in levels[other]]
    return not pairs or any(first == second or first[0] != second[0] for first, second in pairs)


def policies_in_time(scenario: Scenario, tree: Tree) -> Iterator[Problem]:
    """Warn of policies and dated values that no month has in force, and of rules that several policies set."""
    dated = _dated(scenario)
    for policy in dated.values():
        yield from _never_in_force(policy)
    members = list(dated.values())
    for index, one in enumerate(members):
        for other in members[:index]:
            yield from _overridden(other, one, tree)


def too_late_for_the_run(scenario: Scenario) -> Iterator[Problem]:
    """Warn of policies that begin when the run is over, and of talks that are not held."""
    silent = scenario.talks.mode == "none"
    waiting = [name for name, policy in scenario.policies.items() if policy.by_deal]
    if silent and waiting:
        yield Problem(("talks",), f"mode none holds no talks, so nothing brings {', '.join(waiting)}")
    for dated in _dated(scenario).values():
        if dated.begins >= scenario.calendar.months and not (dated.policy.by_deal and silent):
            begins = (
                "no deal brings it before" if dated.policy.by_deal else f"it begins on {dated.policy.first_day}, and"
            )
            text = f"is never in force: {begins} the run ends on {scenario.calendar.end}"
            yield Problem(("policies", dated.name), text)


def _overridden(one: _Dated, other: _Dated, tree: Tree) -> Iterator[Problem]:
    """Warn of rules that two policies set in the same months, unless the later one also stands later in the file."""
    loser, winner = sorted((one, other), key=lambda held: (held.begins, held.rank))
    if winner.policy.by_deal and not (loser.policy.by_deal and _come_together(one.scenario, one.name, other.name)):
        return  # a deal is there to replace what was before it, and brings one level of an issue
    shadows: dict[range, list[str]] = {}
    for cell, act in loser.acts.items():
        if cell in winner.acts:
            ours, theirs = loser.works(act), winner.works(winner.acts[cell])
            both = range(max(ours.start, theirs.start), min(ours.stop, theirs.stop))
            if both:
                shadows.setdefault(both, []).append(" of ".join(filter(None, (cell[0], ", ".join(cell[1:])))))
    follows = winner.begins > loser.begins and winner.place > loser.place
    for both, rules in shadows.items():
        if not (follows and any(months.start < both.start for months in map(loser.works, loser.acts.values()))):
            yield Problem(("policies", loser.name), _in_words(loser, winner, both, rules, tree))


def _in_words(loser: _Dated, winner: _Dated, both: range, rules: list[str], tree: Tree) -> str:
    calendar = loser.scenario.calendar
    began = f"began later ({winner.policy.first_day})" if winner.begins > loser.begins else "stands later"
    if winner.policy.by_deal:
        began = "comes later after a deal" if winner.begins > loser.begins else "stands later"
    until = f" until {calendar.date_of(both.stop)}" if both.stop < calendar.months else " on"
    first = "if a deal brings it, " if loser.policy.by_deal else ""
    whole = all(
        both.start <= months.start and months.stop <= both.stop for months in map(loser.works, loser.acts.values())
    )
    verdict = "never takes effect" if whole and not loser.policy.by_deal else "gives way"
    place = tree.nearest(("policies", winner.name)).place
    return (
        f"{first}{verdict}: policies.{winner.name} ({place}) sets {' and '.join(rules)} too and {began}, so it holds "
        f"from {calendar.date_of(both.start)}{until}"
    )


def _never_in_force(dated: _Dated) -> Iterator[Problem]:
    policy = dated.policy
    path: Steps = ("policies", dated.name)
    acts = list(policy.acts())
    if not any(dated.works(act) for act in acts):
        if acts and dated.begins < dated.scenario.calendar.months:
            yield Problem(path, f"is never in force: {_why_never(dated)}")
        return
    for number, date, why in _lost_steps(dated, acts):
        yield Problem((*path, *number.name.split(".")[len(path) : -1], date), f"is never in force: {why}")


def _why_never(dated: _Dated) -> str:
    first, ends = dated.policy.first_day, dated.policy.ends
    if dated.policy.by_deal:
        return f"it ends on {ends}, before a deal can bring it"
    if first is not None and ends is not None and first >= ends:
        return f"its first value is of {first}, and it ends on {ends}"
    if dated.ends <= 0:
        return f"it ends on {ends}, and the run begins on {dated.scenario.start}"
    return f"it begins on {first} and ends on {ends}; a month has what is in force on its 15th"


def _lost_steps(dated: _Dated, acts: list[Act]) -> Iterator[tuple[Number, dt.date, str]]:
    """Dated values that another one replaces before the policy starts, or that come after it has ended."""
    starts, ends = dated.policy.starts, dated.policy.ends
    for schedule in {id(act.value): act.value for act in acts if isinstance(act.value, Schedule)}.values():
        for (date, number), (following, _) in zip(schedule.steps, (*schedule.steps[1:], (None, None)), strict=True):
            if date is not None and ends is not None and date >= ends:
                yield number, date, f"the policy ends on {ends}"
            elif date and following is not None and isinstance(starts, dt.date) and following <= starts:
                yield number, date, f"{following} takes its place before the policy starts ({starts})"
