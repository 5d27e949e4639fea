"""Time of pricing the packages of talks, all together and package by package; prints JSON. One core, wall time."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

from benchmarks.tasks import SEED
from sim.model.luck import Draws
from sim.model.minds.stakes import Pricing
from sim.model.start.base_world import build_world
from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.timeline import Timeline

SCENARIO = "bargain_spring_2019"
LEFT_OUT = ("cloud_access", "pilot_zone")
"""A level without which 72 combinations are left."""
DRAWS, QUICK_DRAWS = 1000, 50
REPETITIONS, QUICK_REPETITIONS = 5, 1


def main(*options: str) -> None:
    """Measure and print."""
    quick = "--quick" in options
    draws, repetitions = (QUICK_DRAWS, QUICK_REPETITIONS) if quick else (DRAWS, REPETITIONS)
    scenario = load(SCENARIO)
    packages = chosen(scenario)
    found = {"draws": draws, "packages": len(packages), "together": [], "one_by_one": []}
    price(scenario, packages, draws)  # warms up
    for _ in range(repetitions):
        found["together"].append(price(scenario, packages, draws))
        found["one_by_one"].append(sum(price(scenario, [package], draws) for package in packages))
    json.dump(found, sys.stdout)


def chosen(scenario: Scenario) -> list[frozenset[str]]:
    """Policies of the packages that are priced."""
    issue, level = LEFT_OUT
    packages = scenario.talks.combinations.values()
    return [scenario.talks.policies_of(package) for package in packages if package[issue] != level]


def price(scenario: Scenario, packages: Sequence[frozenset[str]], draws: int) -> float:
    """Price packages for both governments in a world just built; give the seconds that takes."""
    world, timeline = build_world(scenario, Draws(SEED, range(draws))), Timeline(scenario.calendar)
    month = timeline.calendar.month_of(scenario.talks.rounds[0].date)
    clock = time.perf_counter()
    Pricing(timeline, world, month, packages).worth(month)
    return time.perf_counter() - clock


if __name__ == "__main__":
    main(*sys.argv[1:])
