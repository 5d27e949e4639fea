"""Checks of dates against the run: in order, not long before it, not after its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sim.scenario.problems import Problem
from sim.scenario.schema import Scenario
from sim.scenario.shape import children
from sim.scenario.source_tree import Steps
from sim.values import Schedule

YEARS_BEFORE = 10
"""Dates more years before the start than this are mistakes of typing."""
_OBSERVED = ("total_bn", "world_total_bn")
"""Schedules of observed figures, which may go on after the end of a run."""


def misplaced_dates(scenario: Scenario) -> Iterator[Problem]:
    """Find dates long before the run, ends before starts, rounds out of order, and sizes not known in time."""
    earliest = scenario.start.replace(year=scenario.start.year - YEARS_BEFORE)
    for path, date in _dates(scenario):
        if date < earliest:
            yield Problem(path, f"{date} is more than {YEARS_BEFORE} years before the start ({scenario.start})")
    for name, policy in scenario.policies.items():
        starts, ends = policy.starts, policy.ends
        if isinstance(starts, dt.date) and ends is not None and ends <= starts:
            yield Problem(("policies", name, "ends"), f"{ends} is not after the policy starts ({starts})")
    yield from _rounds(scenario)
    yield from _late_sizes(scenario)


def late_dates(scenario: Scenario) -> Iterator[Problem]:
    """Find dates after the end of the run; figures that were observed may go on."""
    end = scenario.calendar.end
    for path, date in _dates(scenario):
        is_round = path[:2] == ("talks", "rounds")
        if (date > end or (is_round and date == end)) and not _is_observed(path):
            yield Problem(path, f"{date} is after the end of the run ({scenario.start} to {end})")


def _rounds(scenario: Scenario) -> Iterator[Problem]:
    previous = scenario.start
    for index, held in enumerate(scenario.talks.rounds):
        path: Steps = ("talks", "rounds", index, "date")
        if held.date < scenario.start:
            yield Problem(path, f"{held.date} is before the start of the run ({scenario.start})")
        elif held.date < previous:
            yield Problem(path, f"{held.date} is before the round above it ({previous}); rounds stand in order")
        previous = max(previous, held.date)


def _late_sizes(scenario: Scenario) -> Iterator[Problem]:
    """Find markets whose size is not known from the start."""
    sizes: dict[Steps, Schedule] = {("world_total_bn",): scenario.world_total_bn}
    for name, market in scenario.markets.items():
        if market.total_bn is not None:
            sizes["markets", name, "total_bn"] = market.total_bn
    for path, schedule in sizes.items():
        first = schedule.steps[0][0]
        if first is not None and first > scenario.start:
            yield Problem(path, f"must be known from the start ({scenario.start}), but begins on {first}")


def _is_observed(path: Steps) -> bool:
    return any(step in _OBSERVED for step in path)


def _dates(part: object, path: Steps = ()) -> Iterator[tuple[Steps, dt.date]]:
    """Give every date in a part of the scenario with its path."""
    if isinstance(part, dt.date):
        yield path, part
    elif isinstance(part, Schedule):
        yield from (((*path, date), date) for date, _ in part.steps if date is not None)
    else:
        for key, inner in children(part):
            yield from _dates(inner, (*path, key))
