"""Checks of the talks: agenda, packages, rounds, and what the two governments that bargain care about."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator

from sim.scenario.schema import Scenario
from sim.scenario.source_tree import Problem, Steps, did_you_mean, dotted
from sim.scenario.talks_schema import Patience, Stakes, Talks
from sim.values import Number

MOST_COMBINATIONS = 2_000
"""Packages that governments may choose from; each is priced in every draw, for both governments."""

GOVERNMENTS = 2
"""Governments that bargain."""

MANNER = tuple(Patience.model_fields)
"""Fields of `Stakes` that say how a government decides; the others say what it cares about."""


def deals_bring_the_policies_that_wait_for_them(scenario: Scenario) -> Iterator[Problem]:
    """Check that policies wait for a deal exactly where a deal, its failure or a failed round can bring them."""
    brought = {**_by_levels(scenario.talks), **_by_failure(scenario.talks), **_by_rungs(scenario.talks)}
    for path, name in brought.items():
        if name in scenario.policies and not scenario.policies[name].by_deal:
            text = f"is brought by {dotted(path[:-1])}, so it must be {{after_deal: MONTHS}}"
            yield Problem(("policies", name, "starts"), text)
    for name, policy in scenario.policies.items():
        if policy.by_deal and name not in brought.values():
            text = (
                "waits for a deal, but neither a level of talks.agenda nor talks.if_no_deal nor a rung of "
                "talks.escalation names the policy"
            )
            yield Problem(("policies", name, "starts"), text)


def rungs_bring_policies_of_their_own(scenario: Scenario) -> Iterator[Problem]:
    """Check that each rung brings something that no package and no lower rung brings."""
    levels = {name: path for path, name in _by_levels(scenario.talks).items()}
    lower: dict[str, Steps] = {}
    for number, rung in enumerate(scenario.talks.rungs):
        if not rung:
            yield Problem(("talks", "escalation", "rungs", number), "brings no policy")
    for path, name in _by_rungs(scenario.talks).items():
        if name in levels:
            text = (
                f"{dotted(levels[name][:-1])} brings {name} too; a deal and a failed round need policies of their own"
            )
            yield Problem(path, text)
        if name in lower:
            yield Problem(path, f"{dotted(lower[name][:-1])} brings {name} already")
        lower.setdefault(name, path)


def issues_have_levels(scenario: Scenario) -> Iterator[Problem]:
    """Check that every issue has a level, and that it is about some policy where governments bargain."""
    talks = scenario.talks
    for issue, levels in talks.agenda.items():
        path = ("talks", "agenda", issue)
        if not levels:
            yield Problem(path, "has no level; give it one or more, each with the policies that it brings")
        elif talks.mode == "bargaining" and not any(levels.values()):
            yield Problem(path, "no level brings a policy, so there is nothing to bargain over")
    if talks.mode == "bargaining" and not talks.agenda:
        yield Problem(("talks", "agenda"), "mode bargaining needs at least one issue, found none")


def something_is_on_the_table(scenario: Scenario) -> Iterator[Problem]:
    """Check that some issue that is not off the table brings a policy."""
    talks = scenario.talks
    if talks.mode == "bargaining" and talks.off_the_table and all(talks.agenda.values()):
        closed = [next(iter(talks.agenda[issue].values())) for issue in talks.off_the_table if issue in talks.agenda]
        still_open = [levels for issue, levels in talks.agenda.items() if issue not in talks.off_the_table]
        if not any(closed) and not any(any(levels.values()) for levels in still_open):
            yield Problem(("talks", "off_the_table"), "leaves nothing to bargain over: no package brings a policy")


def combinations_stay_few(scenario: Scenario) -> Iterator[Problem]:
    """Check that governments can choose from no more packages than can be priced."""
    talks = scenario.talks
    open_issues = {issue: levels for issue, levels in talks.agenda.items() if issue not in talks.off_the_table}
    count = math.prod(len(levels) for levels in open_issues.values())
    if talks.mode == "bargaining" and count > MOST_COMBINATIONS:
        text = (
            f"its levels make {count:,} combinations, and governments can bargain over {MOST_COMBINATIONS:,} at most; "
            "take out levels or issues, or name issues in talks.off_the_table"
        )
        yield Problem(("talks", "agenda"), text)


def packages_decide_every_issue(scenario: Scenario) -> Iterator[Problem]:
    """Check that a package has one level for each issue on the agenda."""
    agenda = scenario.talks.agenda
    for name, package in scenario.talks.packages.items():
        path = ("talks", "packages", name)
        for issue, level in package.items():
            if issue not in agenda:
                yield _unknown_issue((*path, issue), issue, scenario.talks)
            elif level not in agenda[issue]:
                text = f"the issue has no level {level!r}{did_you_mean(level, list(agenda[issue]))}"
                yield Problem((*path, issue), text)
        missing = [issue for issue in agenda if issue not in package]
        if missing:
            yield Problem(path, f"lacks a level for {', '.join(missing)}")
    yield from _twins(scenario.talks)


def _twins(talks: Talks) -> Iterator[Problem]:
    """Packages with two names."""
    names: dict[tuple[tuple[str, str], ...], str] = {}
    for name, package in talks.packages.items():
        first = names.setdefault(tuple(sorted(package.items())), name)
        if first != name:
            yield Problem(("talks", "packages", name), f"has the same levels as {first}; give one name to a package")


def issues_named_elsewhere_are_on_the_agenda(scenario: Scenario) -> Iterator[Problem]:
    """Check that what is off the table, what a deal in history left out, and what has a title is on the agenda."""
    talks = scenario.talks
    named: dict[Steps, str] = {("talks", "off_the_table", n): issue for n, issue in enumerate(talks.off_the_table)}
    for index, span in enumerate(talks.history):
        named |= {("talks", "history", index, "without", n): issue for n, issue in enumerate(span.without)}
    for field in ("titles", "promises"):
        named |= {("talks", field, issue): issue for issue in getattr(talks, field)}
    for path, issue in named.items():
        if issue not in talks.agenda:
            yield _unknown_issue(path, issue, talks)


def promises_are_those_of_levels(scenario: Scenario) -> Iterator[Problem]:
    """Check that what a level promises in words is said of a level that there is."""
    agenda = scenario.talks.agenda
    for issue, levels in scenario.talks.promises.items():
        for level in levels if issue in agenda else ():
            if level not in agenda[issue]:
                text = f"the issue has no level {level!r}{did_you_mean(level, list(agenda[issue]))}"
                yield Problem(("talks", "promises", issue, level), text)


def history_can_have_happened(scenario: Scenario) -> Iterator[Problem]:
    """Check that spans of history follow each other, hold rounds, and that only a signed deal left something out."""
    talks = scenario.talks
    before: dt.date | None = None
    for index, span in enumerate(talks.history):
        path: Steps = ("talks", "history", index)
        if before is not None and span.until <= before:
            yield Problem((*path, "until"), f"{span.until} is not after {before}, when the span before it ends")
        elif not any((before is None or held.date > before) and held.date <= span.until for held in talks.rounds):
            yield Problem((*path, "until"), "no round is held in this span, so that nothing can have happened at one")
        if span.without and not span.signed:
            yield Problem((*path, "without"), "only a deal that was signed left something out: add `signed: true`")
        if span.signed and index + 1 < len(talks.history):
            yield Problem((*path, "signed"), "a deal is signed once: this can only be the last span")
        before = span.until


def rounds_fit_the_mode_of_talks(scenario: Scenario) -> Iterator[Problem]:
    """Check that each round says what its mode needs to know, and names packages that exist."""
    talks = scenario.talks
    for index, held in enumerate(talks.rounds):
        path = ("talks", "rounds", index)
        if held.signs is not None and held.signs not in talks.packages:
            text = f"there is no package {held.signs!r}{did_you_mean(held.signs, list(talks.packages))}"
            yield Problem((*path, "signs"), text)
        if talks.mode == "chance" and (held.probability is None or held.signs is None):
            lacking = "signs" if held.signs is None else "probability"
            yield Problem(path, f"lacks {lacking}, which every round needs in mode chance")
        if talks.mode in {"scripted", "hazard", "bargaining"} and held.probability is not None:
            yield Problem((*path, "probability"), f"only mode chance has probabilities; the mode is {talks.mode}")
        if talks.mode == "bargaining" and held.signs is not None:
            yield Problem((*path, "signs"), "governments that bargain choose the package themselves: leave it out")
        if talks.mode == "hazard" and held.signs is not None:
            yield Problem((*path, "signs"), "in mode hazard talks.hazard.signs names the package: leave it out")
    if talks.mode != "none" and not talks.rounds:
        yield Problem(("talks", "mode"), f"mode {talks.mode} needs at least one round")


def hosts_bargain(scenario: Scenario) -> Iterator[Problem]:
    """Check that one of the two governments holds each round of a bargain, for the host makes the offer."""
    talks = scenario.talks
    for index, held in enumerate(talks.rounds if talks.mode == "bargaining" else ()):
        path = ("talks", "rounds", index)
        sides = " or ".join(talks.stakes)
        if held.host is None:
            yield Problem(path, f"lacks host, which every round needs in mode bargaining{sides and f' ({sides})'}")
        elif talks.stakes and held.host not in talks.stakes:
            text = f"{held.host} has no stakes{did_you_mean(held.host, list(talks.stakes))}"
            yield Problem((*path, "host"), text)


def stakes_are_those_of_two_governments(scenario: Scenario) -> Iterator[Problem]:
    """Check that two governments have stakes, if they bargain or if any has."""
    talks = scenario.talks
    if len(talks.stakes) != GOVERNMENTS and (talks.mode == "bargaining" or talks.stakes):
        text = f"needs the stakes of two governments, found {', '.join(talks.stakes) or 'none'}"
        yield Problem(("talks", "stakes"), f"{text} (countries: {', '.join(scenario.countries)})")


def stakes_give_packages_a_worth(scenario: Scenario) -> Iterator[Problem]:
    """Check that each government cares about something."""
    for country, stakes in scenario.talks.stakes.items():
        path = ("talks", "stakes", country)
        if all(_is_zero(number) for field, number in _numbers(stakes) if field not in MANNER):
            weights = [field for field in Stakes.model_fields if field not in MANNER]
            text = "every package is worth nothing to it, as all its weights are 0; give one or more of "
            yield Problem(path, text + ", ".join(weights))


def hazards_are_those_of_the_mode(scenario: Scenario) -> Iterator[Problem]:
    """Check that mode hazard has its three numbers, and a package that there is."""
    talks = scenario.talks
    if talks.mode == "hazard" and talks.hazard is None:
        yield Problem(("talks", "mode"), "mode hazard needs talks.hazard: signs, at_once, settles_per_year and never")
    if talks.hazard is not None and talks.hazard.signs not in talks.packages:
        text = f"there is no package {talks.hazard.signs!r}{did_you_mean(talks.hazard.signs, list(talks.packages))}"
        yield Problem(("talks", "hazard", "signs"), text)


def sides_can_walk_away(scenario: Scenario) -> Iterator[Problem]:
    """Check that a chance of climbing after a side walks away comes with a way for talks to be off."""
    talks = scenario.talks
    if talks.escalation is not None and talks.escalation.after_walking is not None and talks.suspension is None:
        text = "nobody can walk away without talks.suspension, which says how talks are taken up again"
        yield Problem(("talks", "escalation", "after_walking"), text)


def failed_rounds_bring_something_only_in_a_bargain(scenario: Scenario) -> Iterator[Problem]:
    """Check that nothing is expected of failed rounds where a script or chances decide."""
    talks = scenario.talks
    if talks.mode in {"scripted", "chance"}:
        for field in ("escalation", "suspension"):
            if getattr(talks, field) is not None:
                yield Problem(("talks", field), f"only modes hazard and bargaining have it; the mode is {talks.mode}")


TALKS_CHECKS: tuple[Callable[[Scenario], Iterator[Problem]], ...] = (
    deals_bring_the_policies_that_wait_for_them,
    rungs_bring_policies_of_their_own,
    issues_have_levels,
    something_is_on_the_table,
    combinations_stay_few,
    packages_decide_every_issue,
    issues_named_elsewhere_are_on_the_agenda,
    promises_are_those_of_levels,
    history_can_have_happened,
    rounds_fit_the_mode_of_talks,
    hosts_bargain,
    stakes_are_those_of_two_governments,
    stakes_give_packages_a_worth,
    hazards_are_those_of_the_mode,
    sides_can_walk_away,
    failed_rounds_bring_something_only_in_a_bargain,
)
"""All checks of the talks; dates of rounds are checked with all other dates in `checks`."""


def _by_levels(talks: Talks) -> dict[Steps, str]:
    """Policies that levels of the agenda bring, by their path."""
    return {
        ("talks", "agenda", issue, level, index): policy
        for issue, levels in talks.agenda.items()
        for level, policies in levels.items()
        for index, policy in enumerate(policies)
    }


def _by_failure(talks: Talks) -> dict[Steps, str]:
    return {("talks", "if_no_deal", index): policy for index, policy in enumerate(talks.if_no_deal)}


def _by_rungs(talks: Talks) -> dict[Steps, str]:
    return {
        ("talks", "escalation", "rungs", number, index): policy
        for number, rung in enumerate(talks.rungs)
        for index, policy in enumerate(rung)
    }


def _unknown_issue(path: Steps, issue: str, talks: Talks) -> Problem:
    return Problem(path, f"{issue!r} is not on the agenda{did_you_mean(issue, list(talks.agenda))}")


def _numbers(stakes: Stakes) -> Iterator[tuple[str, Number]]:
    """Give the numbers of a government's stakes by field."""
    for field in type(stakes).model_fields:
        value = getattr(stakes, field)
        if isinstance(value, Number):
            yield field, value


def _is_zero(number: Number) -> bool:
    return number.support == (0.0, 0.0)
